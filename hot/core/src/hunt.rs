//! One look at the cycles through changed pools: rank by rate, estimate the best, price exactly what may be returned.

use std::cmp::Reverse;

use crate::candidate::{Candidate, DropReason, Leg};
use crate::estimate::{BestFirst, Estimated};
use crate::fees::NetworkFee;
use crate::market::{BatchResult, Market};
use crate::money::Source;
use crate::search::{Cycle, Edge, Shelf, MAX_HOPS};
use crate::sizing::{Hop, Problem, Sized};
use crate::wiring::Search;

/// Most candidates a search returns from one batch.
pub const MAX_CANDIDATES: usize = 8;

/// Lists that live from batch to batch, so that nothing is allocated once they have grown.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Empty between batches.
    shelves: Vec<Shelf>,
    /// Changed pools that the shelves have room for.
    together: usize,
    estimated: Vec<Estimated>,
}

/// Legs of a cycle as the sizing sees them.
pub(crate) struct Chain<'a> {
    hops: [Hop<'a>; MAX_HOPS],
    count: usize,
    seq: u64,
    units: u64,
}

impl Chain<'_> {
    pub(crate) fn hops(&self) -> &[Hop<'_>] {
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

    pub(crate) fn run(self, changed: &[u32], result: &mut BatchResult) {
        if changed.is_empty() {
            return;
        }
        let Self { market, scratch: Scratch { shelves, together, estimated } } = self;
        if *together != changed.len() || shelves.len() != market.searches.len() {
            *together = changed.len();
            shelves.resize_with(market.searches.len(), Shelf::default);
            for (shelf, search) in shelves.iter_mut().zip(&market.searches) {
                shelf.set_limit(search.config.budget.saturating_mul(changed.len()));
            }
        }
        market.index.look(changed, shelves, &mut result.dropped);
        if shelves.iter().all(Shelf::is_empty) {
            return;
        }
        market.count_money();
        for (number, shelf) in shelves.iter_mut().enumerate().filter(|(_, shelf)| !shelf.is_empty()) {
            choose(market, number, changed.len(), (shelf, estimated), result);
        }
        result.candidates.sort_unstable_by_key(|candidate| Reverse(candidate.net));
    }
}

/// Price the best estimates of a search exactly, no two sharing a pool on chain, until there are enough.
fn choose(
    market: &Market,
    number: usize,
    changed: usize,
    scratch: (&mut Shelf, &mut Vec<Estimated>),
    result: &mut BatchResult,
) {
    let (shelf, estimated) = scratch;
    let drops = &mut result.dropped;
    let purse = market.searches.get(number).zip(market.purses.get(number));
    let purse = purse.and_then(|(search, purse)| Some((search, &purse.sources, purse.costs.as_ref()?)));
    let Some((search, sources, (network, terms))) = purse else {
        drops.add(DropReason::NoLender, shelf.drain().count());
        return;
    };
    estimated.clear();
    for found in shelf.drain() {
        if market.suppressed.holds(number as u32, &found.cycle) {
            drops.add(DropReason::Suppressed, 1);
            continue;
        }
        match market.estimate(&found.cycle, terms) {
            Some(estimate) if estimate.most >= terms.min_net => estimated.push(estimate),
            Some(_) => drops.add(DropReason::MinProfit, 1),
            None => drops.add(DropReason::NoProfit, 1),
        }
    }
    let first = result.candidates.len();
    let mut best = BestFirst::of(estimated);
    while let Some(estimate) = best.next() {
        let chosen = result.candidates.get(first..).unwrap_or(&[]);
        let legs = || chosen.iter().flat_map(|held| &held.legs);
        let taken = |pool: u32| legs().any(|leg| market.site(leg.pool) == market.site(pool));
        if market.returns(&estimate.cycle) || estimate.cycle.edges().iter().any(|edge| taken(edge.pool())) {
            drops.add(DropReason::SharesPool, 1);
            continue;
        }
        match market.price(number as u32, search, &estimate.cycle, sources, *network) {
            Ok(candidate) => result.candidates.push(candidate),
            Err(reason) => drops.add(reason, 1),
        }
        let chosen = result.candidates.len() - first;
        if chosen >= changed.min(MAX_CANDIDATES) {
            // Every cycle goes through a changed pool, and so do the chosen: maybe there is none left.
            let reason = if chosen >= changed { DropReason::SharesPool } else { DropReason::Budget };
            drops.add(reason, best.left());
            break;
        }
    }
}

impl Market {
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
        for source in sources {
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

    pub(crate) fn chain(&self, cycle: &Cycle) -> Option<Chain<'_>> {
        let (mut hops, mut count, mut seq, mut units) = ([None; MAX_HOPS], 0, 0, 0u64);
        for (slot, edge) in hops.iter_mut().zip(cycle.edges()) {
            let pool = self.pools.get(edge.pool() as usize)?;
            *slot = Some(Hop { curve: &pool.curve, state: pool.usable()?, zero_for_one: edge.zero_for_one() });
            (count, seq, units) = (count + 1, pool.seq().max(seq), units.saturating_add(pool.units));
        }
        let first = hops[0]?;
        Some(Chain { hops: hops.map(|hop| hop.unwrap_or(first)), count, seq, units })
    }
}

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
