//! One look at the cycles through changed pools: rank by estimate, size the best, keep what earns enough.

use std::cmp::Ordering;

use crate::candidate::{Candidate, DropReason, Drops, Leg};
use crate::fees::{FlashFee, NetworkFee};
use crate::market::{BatchResult, Market};
use crate::pool::Status;
use crate::search::{Cycle, MAX_HOPS};
use crate::sizing::{Hop, Problem, Sized};
use crate::wiring::Search;

/// Most candidates a search returns from one batch.
pub const MAX_CANDIDATES: usize = 8;

/// A rate sum of `f64` logarithms is off by less than this (four terms below 2^8, each off by a few 2^-44 at most,
/// see `Curve::estimate`), and an exact cycle never beats its marginal rate: below it a cycle cannot gain.
const RATE_ERROR: f64 = 1e-11;

/// A cycle worth sizing, with its estimated rate.
type Ranked = (f64, u32);

pub(crate) struct Hunt<'a> {
    market: &'a mut Market,
}

impl<'a> Hunt<'a> {
    pub(crate) fn new(market: &'a mut Market) -> Self {
        Self { market }
    }

    pub(crate) fn run(mut self, changed: &[u32], result: &mut BatchResult) {
        let ranked = self.rank(changed, &mut result.dropped);
        for (search, mut cycles) in ranked.into_iter().enumerate() {
            let Some(config) = self.market.searches.get(search).map(|held| &held.config) else {
                continue;
            };
            cycles.sort_unstable_by(best_rate_first);
            let budget = config.budget.saturating_mul(changed.len());
            if cycles.len() > budget {
                result.dropped.add(DropReason::Budget, cycles.len() - budget);
                cycles.truncate(budget);
            }
            let mut found = Vec::new();
            for (_, number) in cycles {
                match self.market.index.cycle(number).map_or(Err(DropReason::NoProfit), |cycle| self.price(cycle)) {
                    Ok(candidate) => found.push(candidate),
                    Err(reason) => result.dropped.add(reason, 1),
                }
            }
            choose(found, result);
        }
        result.candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.net));
    }

    /// Cycles that may gain, for each search.
    fn rank(&mut self, changed: &[u32], dropped: &mut Drops) -> Vec<Vec<Ranked>> {
        let mut ranked = vec![Vec::new(); self.market.searches.len()];
        for pool in changed {
            for &number in self.market.index.through(*pool) {
                let (Some(seen), Some(cycle)) =
                    (self.market.seen.get_mut(number as usize), self.market.index.cycle(number))
                else {
                    continue;
                };
                if std::mem::replace(seen, self.market.batch) == self.market.batch {
                    continue;
                }
                if let Some(reason) = self.unusable(cycle) {
                    dropped.add(reason, 1);
                    continue;
                }
                let rate: f64 = cycle.edges().iter().filter_map(|edge| self.market.rates.get(edge.index())).sum();
                if rate <= -RATE_ERROR {
                    dropped.add(DropReason::NoProfit, 1);
                } else if let Some(cycles) = ranked.get_mut(cycle.search as usize) {
                    cycles.push((rate, number));
                }
            }
        }
        ranked
    }

    fn unusable(&self, cycle: &Cycle) -> Option<DropReason> {
        let mut worst = None;
        for edge in cycle.edges() {
            match self.market.pools.get(edge.pool() as usize)?.status() {
                Status::Fresh => {}
                Status::Stale => worst = worst.or(Some(DropReason::Stale)),
                Status::Refused(_) => worst = Some(DropReason::Refused),
            }
        }
        worst
    }

    /// Size a cycle with every source of money and keep the best net.
    fn price(&self, cycle: &Cycle) -> Result<Candidate, DropReason> {
        let (hops, seq) = self.hops(cycle)?;
        let search = self.market.searches.get(cycle.search as usize).ok_or(DropReason::NoProfit)?;
        let network = self.market.network.ok_or(DropReason::NoLender)?;
        let swaps: u64 = cycle.edges().iter().map(|edge| self.units(edge.pool())).fold(0, u64::saturating_add);
        let (mut best, mut supplied, mut overflowed) = (None::<Candidate>, false, false);
        for source in self.sources(search) {
            supplied = true;
            let problem = Problem { hops: &hops, flash: source.flash, cap: source.cap.min(search.config.max_notional) };
            let sized = match problem.solve() {
                Ok(Some(sized)) => sized,
                Ok(None) => continue,
                Err(_) => {
                    overflowed = true;
                    continue;
                }
            };
            match bill(cycle, search, &problem, sized, &source, swaps, network, seq) {
                Some(priced) if best.as_ref().is_none_or(|held| priced.net > held.net) => best = Some(priced),
                Some(_) => {}
                None => overflowed = true,
            }
        }
        match best {
            Some(candidate) if candidate.net >= search.config.min_net => Ok(candidate),
            Some(_) => Err(DropReason::MinProfit),
            None if !supplied => Err(DropReason::NoLender),
            None if overflowed => Err(DropReason::Overflow),
            None => Err(DropReason::NoProfit),
        }
    }

    fn hops(&self, cycle: &Cycle) -> Result<(Vec<Hop<'_>>, u64), DropReason> {
        let (mut hops, mut seq) = (Vec::with_capacity(MAX_HOPS), 0);
        for edge in cycle.edges() {
            let pool = self.market.pools.get(edge.pool() as usize).ok_or(DropReason::Stale)?;
            let state = pool.usable().ok_or(DropReason::Stale)?;
            seq = pool.seq().max(seq);
            hops.push(Hop { curve: &pool.curve, state, zero_for_one: edge.zero_for_one() });
        }
        Ok((hops, seq))
    }

    fn units(&self, pool: u32) -> u64 {
        self.market.pools.get(pool as usize).map_or(0, |pool| pool.units)
    }

    fn sources(&self, search: &'a Search) -> Vec<Source>
    where
        Self: 'a,
    {
        let own = Source { lender: None, flash: FlashFee::NONE, units: 0, cap: search.own_capital };
        let lent = search.config.lenders.iter().filter_map(|handle| {
            let lender = self.market.lenders.get(*handle as usize)?;
            let cap = lender.available(search.config.base);
            Some(Source { lender: Some(*handle), flash: lender.fee, units: lender.units, cap })
        });
        std::iter::once(own).chain(lent).filter(|source| source.cap > 0).collect()
    }
}

/// Money for a trade.
struct Source {
    lender: Option<u32>,
    flash: FlashFee,
    units: u64,
    cap: u128,
}

/// Put every cost on a sized cycle; `None` when a number does not fit.
#[allow(clippy::too_many_arguments)]
fn bill(
    cycle: &Cycle,
    search: &Search,
    problem: &Problem<'_>,
    sized: Sized,
    source: &Source,
    swaps: u64,
    network: NetworkFee,
    seq: u64,
) -> Option<Candidate> {
    let flash_fee = problem.flash.of(sized.amount)?;
    let gross = sized.gain.checked_add(i128::try_from(flash_fee).ok()?)?;
    let units = swaps.checked_add(source.units)?;
    let network_fee = network.of(units)?;
    let tip = search.config.tip.of(u128::try_from(sized.gain).ok()?)?;
    let net = sized.gain.checked_sub(i128::try_from(network_fee.checked_add(tip)?).ok()?)?;
    let legs = legs(cycle, &sized);
    let (amount_in, lender) = (sized.amount, source.lender);
    Some(Candidate {
        search: cycle.search,
        legs,
        amount_in,
        gross,
        lender,
        flash_fee,
        units,
        network_fee,
        tip,
        net,
        seq,
    })
}

fn legs(cycle: &Cycle, sized: &Sized) -> Vec<Leg> {
    let pairs = cycle.edges().iter().zip(sized.amounts.windows(2));
    pairs
        .map(|(edge, pair)| Leg {
            pool: edge.pool(),
            zero_for_one: edge.zero_for_one(),
            amount_in: pair[0],
            amount_out: pair[1],
        })
        .collect()
}

fn best_rate_first(one: &Ranked, other: &Ranked) -> Ordering {
    other.0.total_cmp(&one.0).then(one.1.cmp(&other.1))
}

/// Best net first, no two sharing a pool, at most `MAX_CANDIDATES`.
fn choose(mut found: Vec<Candidate>, result: &mut BatchResult) {
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.net));
    let mut chosen: Vec<Candidate> = Vec::new();
    for candidate in found {
        let taken = |leg: &Leg| chosen.iter().flat_map(|held| &held.legs).any(|held| held.pool == leg.pool);
        if candidate.legs.iter().any(taken) {
            result.dropped.add(DropReason::SharesPool, 1);
        } else if chosen.len() >= MAX_CANDIDATES {
            result.dropped.add(DropReason::Budget, 1);
        } else {
            chosen.push(candidate);
        }
    }
    result.candidates.append(&mut chosen);
}
