//! One look at the cycles through changed pools: rank by rate, estimate the best, price exactly what may be returned.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::candidate::{Candidate, DropReason, Leg};
use crate::curves::Mobius;
use crate::fees::{FlashFee, NetworkFee};
use crate::market::{BatchResult, Market};
use crate::search::{Cycle, Edge, Found, Sink, MAX_HOPS};
use crate::sizing::{optimum, Hop, Problem, Sized};
use crate::wiring::Search;

/// Most candidates a search returns from one batch.
pub const MAX_CANDIDATES: usize = 8;

/// Estimates sorted at first.
const SORTED: usize = 512;
/// An estimated net may be off by this part of the amount and of the gain.
const ESTIMATE_ERROR: f64 = 1e-9;
/// Costs from here on are left to exact integers.
const BEYOND_ESTIMATES: f64 = 1e37;

/// Lists that live from batch to batch, so that nothing is allocated once they have grown.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    kept: BinaryHeap<Reverse<Found>>,
    estimated: Vec<Estimated>,
    sources: Vec<Source>,
}

/// A cycle with what it may net at best.
#[derive(Clone, Copy, Debug)]
struct Estimated {
    net: f64,
    /// Net plus what the estimate may be off.
    most: f64,
    cycle: Cycle,
}

/// Money for a trade.
#[derive(Clone, Copy, Debug)]
struct Source {
    lender: Option<u32>,
    flash: FlashFee,
    units: u64,
    cap: u128,
}

/// Legs of a cycle as the sizing sees them.
struct Chain<'a> {
    hops: [Hop<'a>; MAX_HOPS],
    count: usize,
    seq: u64,
    units: u64,
}

impl Chain<'_> {
    fn hops(&self) -> &[Hop<'_>] {
        self.hops.get(..self.count).unwrap_or(&[])
    }
}

pub(crate) struct Hunt<'a> {
    market: &'a mut Market,
    scratch: &'a mut Scratch,
}

impl<'a> Hunt<'a> {
    pub(crate) fn new(market: &'a mut Market, scratch: &'a mut Scratch) -> Self {
        Self { market, scratch }
    }

    pub(crate) fn run(mut self, changed: &[u32], result: &mut BatchResult) {
        for search in 0..self.market.searches.len() {
            if !changed.iter().any(|pool| self.market.index.concerns(search, *pool)) {
                continue;
            }
            self.rank(search, changed, result);
            self.market.batch += 1;
            if !self.scratch.kept.is_empty() {
                self.choose(search, result);
            }
        }
        result.candidates.sort_unstable_by_key(|candidate| Reverse(candidate.net));
    }

    /// Keep the cycles of the best rates, as many as the budget allows.
    fn rank(&mut self, search: usize, changed: &[u32], result: &mut BatchResult) {
        let Market { searches, index, done, batch, .. } = &mut *self.market;
        let Some(config) = searches.get(search).map(|held| &held.config) else { return };
        let limit = config.budget.saturating_mul(changed.len());
        self.scratch.kept.clear();
        for pool in changed {
            let (kept, drops) = (&mut self.scratch.kept, &mut result.dropped);
            index.scan(search, *pool, &mut Sink { kept, limit, drops, done, batch: *batch });
            if changed.len() > 1 {
                index.hide(*pool, true);
                if let Some(held) = done.get_mut(*pool as usize) {
                    *held = *batch;
                }
            }
        }
        if changed.len() > 1 {
            changed.iter().for_each(|pool| index.hide(*pool, false));
        }
    }

    /// Price the best estimates exactly, no two sharing a pool on chain, until there are enough.
    fn choose(&mut self, number: usize, result: &mut BatchResult) {
        let (market, Scratch { kept, estimated, sources }) = (&*self.market, &mut *self.scratch);
        let Some(search) = market.searches.get(number) else { return };
        let drops = &mut result.dropped;
        market.sources(search, sources);
        let terms = market.network.and_then(|network| Some((network, Terms::new(search, sources, network)?)));
        let Some((network, terms)) = terms else {
            drops.add(DropReason::NoLender, kept.len());
            return;
        };
        estimated.clear();
        for Reverse(found) in kept.drain() {
            if market.suppressed.holds(number as u32, &found.cycle) {
                drops.add(DropReason::Suppressed, 1);
                continue;
            }
            match market.estimate(&found.cycle, search, &terms) {
                Some(estimate) => estimated.push(estimate),
                None => drops.add(DropReason::NoProfit, 1),
            }
        }
        best_first(estimated);
        let first = result.candidates.len();
        for (at, estimate) in estimated.iter().enumerate() {
            if estimate.most < search.config.min_net as f64 {
                drops.add(DropReason::MinProfit, 1);
                continue;
            }
            let chosen = result.candidates.get(first..).unwrap_or(&[]);
            if chosen.len() >= MAX_CANDIDATES {
                drops.add(DropReason::Budget, estimated.len() - at);
                break;
            }
            let legs = || chosen.iter().flat_map(|held| &held.legs);
            let taken = |pool: u32| legs().any(|leg| market.site(leg.pool) == market.site(pool));
            if market.returns(&estimate.cycle) || estimate.cycle.edges().iter().any(|edge| taken(edge.pool())) {
                drops.add(DropReason::SharesPool, 1);
                continue;
            }
            match market.price(number as u32, search, &estimate.cycle, sources, network) {
                Ok(candidate) => result.candidates.push(candidate),
                Err(reason) => drops.add(reason, 1),
            }
        }
    }
}

/// What the estimates of a search have in common.
struct Terms {
    flash: FlashFee,
    price: f64,
    cap: u128,
    /// Network fee without the pools' units, and the price of a unit.
    fee: f64,
    unit: f64,
}

impl Terms {
    /// With the cheapest money, as much as the largest source has; `None` without any.
    fn new(search: &Search, sources: &[Source], network: NetworkFee) -> Option<Self> {
        let ratio = |source: &Source| source.flash.num as f64 / source.flash.den as f64;
        let flash = sources.iter().min_by(|one, other| ratio(one).total_cmp(&ratio(other)))?.flash;
        let cap = sources.iter().map(|source| source.cap).max()?.min(search.config.max_notional);
        let units = sources.iter().map(|source| source.units).min()?;
        let unit = network.price_num as f64 / network.price_den as f64;
        let fee = network.base_fee as f64 + (network.base_units as f64 + units as f64) * unit;
        Some(Self { flash, price: 1.0 + flash.num as f64 / flash.den as f64, cap, fee, unit })
    }
}

impl Market {
    /// What a cycle nets in real numbers; `None` when it gains nothing at any size.
    fn estimate(&self, cycle: &Cycle, search: &Search, terms: &Terms) -> Option<Estimated> {
        let shapes = cycle.edges().iter().map(|edge| self.shapes.get(edge.index()).copied().unwrap_or(Mobius::PIECES));
        let whole = optimum::of_whole(shapes, terms.price, terms.cap as f64);
        let mut searched = false;
        let [amount, gain] = match whole {
            Some(found) => found,
            None => {
                let chain = self.chain(cycle)?;
                let problem = Problem { hops: chain.hops(), flash: terms.flash, cap: terms.cap };
                match optimum::best(&problem) {
                    Some(best) => [best.amounts[0], best.gain],
                    // No pieces to walk: exact quotes rank the cycle, or say later why they cannot.
                    None => {
                        searched = true;
                        match problem.solve() {
                            Ok(found) => found.map(|found| [found.amount as f64, found.gain as f64])?,
                            Err(_) => [f64::INFINITY; 2],
                        }
                    }
                }
            }
        };
        if amount <= 0.0 {
            return None;
        }
        let units = cycle.edges().iter().filter_map(|edge| self.pools.get(edge.pool() as usize)).map(|pool| pool.units);
        let fee = if terms.unit > 0.0 {
            terms.fee + terms.unit * units.fold(0, u64::saturating_add) as f64
        } else {
            terms.fee
        };
        let tip = search.config.tip;
        let share = gain * (tip.num as f64 / tip.den as f64);
        let net = gain - share.max(tip.min as f64).min(tip.max as f64) - fee;
        let off = (amount + gain.abs() + fee) * ESTIMATE_ERROR + 4.0;
        let most = if fee < BEYOND_ESTIMATES && !searched { net + off } else { f64::INFINITY };
        Some(Estimated { net, most, cycle: *cycle })
    }

    /// Size a cycle with every source of money that may be the best one and keep the best net.
    fn price(
        &self,
        number: u32,
        search: &Search,
        cycle: &Cycle,
        sources: &[Source],
        network: NetworkFee,
    ) -> Result<Candidate, DropReason> {
        let chain = self.chain(cycle).ok_or(DropReason::Stale)?;
        let (mut best, mut overflowed) = (None::<Candidate>, false);
        // Money that costs nothing and is not used up leaves nothing to gain for dearer money.
        let mut free: Option<u64> = None;
        for source in sources.iter().filter(|source| source.cap > 0) {
            if free.is_some_and(|units| source.units >= units) {
                continue;
            }
            let cap = source.cap.min(search.config.max_notional);
            let problem = Problem { hops: chain.hops(), flash: source.flash, cap };
            match problem.solve() {
                Ok(Some(sized)) => {
                    let binds = source.cap < search.config.max_notional && sized.amount >= cap - cap / 1024;
                    if source.flash.is_none() && !binds {
                        free = Some(free.map_or(source.units, |units| units.min(source.units)));
                    }
                    match bill(number, search, cycle, &chain, &sized, source, network) {
                        Some(priced) if best.as_ref().is_none_or(|held| priced.net > held.net) => best = Some(priced),
                        Some(_) => {}
                        None => overflowed = true,
                    }
                }
                Ok(None) => {}
                Err(_) => overflowed = true,
            }
        }
        match best {
            Some(candidate) if candidate.net >= search.config.min_net => Ok(candidate),
            Some(_) => Err(DropReason::MinProfit),
            None if overflowed => Err(DropReason::Overflow),
            None => Err(DropReason::NoProfit),
        }
    }

    /// Whether two legs are pairs of one pool on chain: the first would change what the second is priced on.
    fn returns(&self, cycle: &Cycle) -> bool {
        let site = |edge: &Edge| self.site(edge.pool());
        let edges = cycle.edges();
        edges.iter().enumerate().any(|(at, edge)| edges.iter().take(at).any(|used| site(used) == site(edge)))
    }

    fn chain(&self, cycle: &Cycle) -> Option<Chain<'_>> {
        let (mut hops, mut count, mut seq, mut units) = ([None; MAX_HOPS], 0, 0, 0u64);
        for (slot, edge) in hops.iter_mut().zip(cycle.edges()) {
            let pool = self.pools.get(edge.pool() as usize)?;
            *slot = Some(Hop { curve: &pool.curve, state: pool.usable()?, zero_for_one: edge.zero_for_one() });
            (count, seq, units) = (count + 1, pool.seq().max(seq), units.saturating_add(pool.units));
        }
        let first = hops[0]?;
        Some(Chain { hops: hops.map(|hop| hop.unwrap_or(first)), count, seq, units })
    }

    /// Money a search may use now: its own first, then its lenders'.
    fn sources(&self, search: &Search, found: &mut Vec<Source>) {
        found.clear();
        let own = Source { lender: None, flash: FlashFee::NONE, units: 0, cap: search.own_capital };
        let lent = search.config.lenders.iter().filter_map(|handle| {
            let lender = self.lenders.get(*handle as usize)?;
            let cap = lender.available(search.config.base);
            Some(Source { lender: Some(*handle), flash: lender.fee, units: lender.units, cap })
        });
        found.extend(std::iter::once(own).chain(lent).filter(|source| source.cap > 0));
    }
}

/// Sort the first [`SORTED`] to the front: rarely is more of a long list looked at.
fn best_first(estimated: &mut [Estimated]) {
    if estimated.len() > SORTED {
        estimated.select_nth_unstable(SORTED);
        estimated[..SORTED].sort_unstable();
    } else {
        estimated.sort_unstable();
    }
}

/// Best net first.
impl Ord for Estimated {
    fn cmp(&self, other: &Self) -> Ordering {
        other.net.total_cmp(&self.net).then_with(|| self.cycle.cmp(&other.cycle))
    }
}

impl PartialOrd for Estimated {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Estimated {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Estimated {}

/// Put every cost on a sized cycle; `None` when a number does not fit.
fn bill(
    number: u32,
    search: &Search,
    cycle: &Cycle,
    chain: &Chain<'_>,
    sized: &Sized,
    source: &Source,
    network: NetworkFee,
) -> Option<Candidate> {
    let flash_fee = source.flash.of(sized.amount)?;
    let gross = sized.gain.checked_add(i128::try_from(flash_fee).ok()?)?;
    let units = chain.units.checked_add(source.units)?;
    let network_fee = network.of(units)?;
    let tip = search.config.tip.of(u128::try_from(sized.gain).ok()?)?;
    let net = sized.gain.checked_sub(i128::try_from(network_fee.checked_add(tip)?).ok()?)?;
    let pairs = cycle.edges().iter().zip(sized.amounts.windows(2));
    let leg = |edge: &Edge, amounts: &[u128]| Leg {
        pool: edge.pool(),
        zero_for_one: edge.zero_for_one(),
        amount_in: amounts[0],
        amount_out: amounts[1],
    };
    Some(Candidate {
        search: number,
        legs: pairs.map(|(edge, amounts)| leg(edge, amounts)).collect(),
        amount_in: sized.amount,
        gross,
        lender: source.lender,
        flash_fee,
        units,
        network_fee,
        tip,
        net,
        seq: chain.seq,
    })
}
