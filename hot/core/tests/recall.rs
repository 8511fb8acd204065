//! The search against listing every cycle: the same counts, and nothing worth having is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit;

use hoploop_hot::fees::FlashFee;
use hoploop_hot::sizing::{Hop, Problem};
use hoploop_hot::{Market, SearchConfig, Update};
use kit::{door, search, slot8, sync, v2_market};
use proptest::prelude::*;

const UNIT: f64 = 1e18;

type Path = Vec<(u32, bool)>;

/// Every cycle from an asset as pools with directions, by depth-first search.
fn cycles(assets: &[[u32; 2]], base: u32, min_hops: usize, max_hops: usize) -> Vec<Path> {
    fn extend(assets: &[[u32; 2]], hops: [usize; 2], path: &mut Path, seen: &mut Vec<u32>, found: &mut Vec<Path>) {
        let here = *seen.last().unwrap();
        for (pool, pair) in assets.iter().enumerate() {
            let pool = pool as u32;
            let forward = pair[0] == here;
            if (!forward && pair[1] != here) || path.iter().any(|used| used.0 == pool) {
                continue;
            }
            let next = pair[usize::from(forward)];
            path.push((pool, forward));
            if next == seen[0] {
                if path.len() >= hops[0] {
                    found.push(path.clone());
                }
            } else if path.len() < hops[1] && !seen.contains(&next) {
                seen.push(next);
                extend(assets, hops, path, seen, found);
                seen.pop();
            }
            path.pop();
        }
    }
    let mut found = Vec::new();
    extend(assets, [min_hops, max_hops], &mut Vec::new(), &mut vec![base], &mut found);
    found
}

/// How many cycles go through changed pools, and what the best of them gains; pools without a state gain nothing.
fn best_of(market: &Market, cycles: &[Path], changed: &[u32]) -> (usize, i128) {
    let (mut through, mut best) = (0, 0);
    for cycle in cycles.iter().filter(|cycle| cycle.iter().any(|leg| changed.contains(&leg.0))) {
        through += 1;
        let hops: Option<Vec<Hop<'_>>> = cycle
            .iter()
            .map(|(pool, zero_for_one)| {
                let held = market.pool(*pool).unwrap();
                Some(Hop { curve: &held.curve, state: held.usable()?, zero_for_one: *zero_for_one })
            })
            .collect();
        let Some(hops) = hops else { continue };
        let problem = Problem { hops: &hops, flash: FlashFee::NONE, cap: 1 << 100 };
        if let Ok(Some(sized)) = problem.solve() {
            best = best.max(sized.gain);
        }
    }
    (through, best)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_search_counts_every_cycle_and_finds_the_best(
        pools in prop::collection::vec((0u32..7, 1u32..7, 0.0f64..3.0, -0.03f64..0.03), 4..26),
        updates in prop::collection::vec((any::<prop::sample::Index>(), -0.05f64..0.05), 1..10),
        burst: bool, min_hops in 2usize..4, max_hops in 3usize..5,
    ) {
        let assets: Vec<[u32; 2]> = pools.iter().map(|pool| [pool.0, (pool.0 + pool.1) % 7]).collect();
        let reserves: Vec<(u128, u128)> = pools
            .iter()
            .map(|pool| ((UNIT * 10f64.powf(pool.2)) as u128, (UNIT * 10f64.powf(pool.2) * pool.3.exp()) as u128))
            .collect();
        let all = cycles(&assets, 0, min_hops, max_hops);
        let (mut market, sealed) = v2_market(&assets, &[search(assets.len(), min_hops, max_hops)]);
        prop_assert_eq!(sealed[2], all.len());
        for (pool, (r0, r1)) in reserves.iter().enumerate() {
            prop_assert_eq!(market.load(pool as u32, 0, &slot8(*r0, *r1)).unwrap(), Ok(true));
        }
        let changes: Vec<(u32, Vec<u8>, Vec<u8>)> = updates
            .iter()
            .map(|(at, shift)| {
                let pool = at.index(assets.len());
                let (r0, r1) = reserves[pool];
                let shifted = (r1 as f64 * shift.exp()) as u128;
                (pool as u32, door(pool as u32), sync(r0, shifted))
            })
            .collect();
        let together = if burst { changes.len() } else { 1 };
        for (seq, batch) in changes.chunks(together).enumerate() {
            let items: Vec<Update<'_>> = batch
                .iter()
                .enumerate()
                .map(|(at, (_, key, data))| Update { key, seq: (seq * 100 + at) as u64 + 1, data })
                .collect();
            let answer = market.on_batch(&items).unwrap();
            let changed: Vec<u32> = batch.iter().map(|change| change.0).collect();
            let (through, best) = best_of(&market, &all, &changed);
            let found = answer.candidates.first().map_or(0, |candidate| candidate.net);
            prop_assert!(found as f64 >= best as f64 * 0.999, "{found} of {best}");
            let dropped: u64 = answer.dropped.occurred().map(|(_, count)| count).sum();
            if max_hops < 4 || changed.len() == 1 {
                prop_assert_eq!(dropped as usize + answer.candidates.len(), through);
            }
        }
    }

    #[test]
    fn searches_that_share_pools_find_and_count_what_each_would_by_itself(
        pools in prop::collection::vec((0u32..7, 1u32..7, 0.0f64..3.0, -0.03f64..0.03), 4..26),
        scopes in prop::collection::vec((0u32..4, 2usize..4, 0usize..2), 1..5),
        updates in prop::collection::vec((any::<prop::sample::Index>(), -0.05f64..0.05), 2..12),
        absent in prop::collection::vec(any::<prop::sample::Index>(), 0..4), burst in 1usize..7,
    ) {
        let assets: Vec<[u32; 2]> = pools.iter().map(|pool| [pool.0, (pool.0 + pool.1) % 7]).collect();
        let amounts = |pool: usize, shift: f64| {
            let (_, _, depth, off) = pools[pool];
            ((UNIT * 10f64.powf(depth)) as u128, (UNIT * 10f64.powf(depth) * (off + shift).exp()) as u128)
        };
        let searches: Vec<_> = scopes
            .iter()
            .map(|(base, min, more)| SearchConfig { base: *base, ..search(assets.len(), *min, (*min + *more).min(3)) })
            .collect();
        let all: Vec<Vec<Path>> =
            searches.iter().map(|search| cycles(&assets, search.base, search.min_hops, search.max_hops)).collect();
        let (mut market, sealed) = v2_market(&assets, &searches);
        prop_assert_eq!(sealed[2], all.iter().map(Vec::len).sum::<usize>());
        let absent: Vec<usize> = absent.iter().map(|at| at.index(assets.len())).collect();
        for pool in (0..assets.len()).filter(|pool| !absent.contains(pool)) {
            let (r0, r1) = amounts(pool, 0.0);
            prop_assert_eq!(market.load(pool as u32, 0, &slot8(r0, r1)).unwrap(), Ok(true));
        }
        let present: Vec<_> = updates.iter().map(|(at, shift)| (at.index(assets.len()), *shift)).collect();
        let present: Vec<_> = present.into_iter().filter(|(pool, _)| !absent.contains(pool)).collect();
        for (seq, batch) in present.chunks(burst).enumerate() {
            let items: Vec<(Vec<u8>, Vec<u8>)> = batch
                .iter()
                .map(|(pool, shift)| {
                    let (r0, r1) = amounts(*pool, *shift);
                    (door(*pool as u32), sync(r0, r1))
                })
                .collect();
            let number = |at: usize| (seq * 100 + at) as u64 + 1;
            let items: Vec<Update<'_>> =
                items.iter().enumerate().map(|(at, (key, data))| Update { key, seq: number(at), data }).collect();
            let answer = market.on_batch(&items).unwrap();
            let changed: Vec<u32> = batch.iter().map(|change| change.0 as u32).collect();
            let (mut through, mut waiting) = (0, 0);
            for (number, cycles) in all.iter().enumerate() {
                let (here, best) = best_of(&market, cycles, &changed);
                let found = answer.candidates.iter().filter(|held| held.search == number as u32).map(|held| held.net);
                let found = found.max().unwrap_or(0);
                prop_assert!(found as f64 >= best as f64 * 0.999, "search {number}: {found} of {best}");
                through += here;
                let passes = |cycle: &&Path| cycle.iter().any(|leg| changed.contains(&leg.0));
                let stale = |cycle: &&Path| cycle.iter().any(|leg| absent.contains(&(leg.0 as usize)));
                waiting += cycles.iter().filter(passes).filter(stale).count() as u64;
            }
            let dropped: u64 = answer.dropped.occurred().map(|(_, count)| count).sum();
            prop_assert_eq!(dropped as usize + answer.candidates.len(), through);
            let stale = answer.dropped.occurred().find(|(reason, _)| *reason == "stale").map_or(0, |(_, count)| count);
            prop_assert_eq!(stale, waiting);
        }
    }
}
