//! `tick_*`: bytes of one update to ranked exact candidates, on a hub-and-tail graph of constant-product pools.

use std::hint::black_box;
use std::time::Instant;

use hoploop_hot::{BatchResult, Market, Update};

use crate::clock::{calibrate, line};
use crate::graph::{Rng, World};
use crate::wired;

const UPDATES: usize = 20_000;
const BURST: usize = 256;

/// Name, assets and pools of each graph.
pub const SIZES: &[(&str, usize, usize)] = &[("1k", 1_000, 1_000), ("10k", 4_000, 10_000), ("100k", 30_000, 100_000)];

/// All tick figures; the largest graph only in the long form.
pub fn run() {
    let quick = std::env::var_os("HOPLOOP_BENCH_QUICK").is_some();
    for (name, assets, pools) in SIZES.iter().copied() {
        if quick && pools > 10_000 {
            continue;
        }
        let world = World::generate(assets, pools, 0x0abc_def1_2345, 0.0002);
        let start = Instant::now();
        let mut market = wired::build(&world);
        let wired = start.elapsed();
        let start = Instant::now();
        market.seal().unwrap();
        let sealed = start.elapsed();
        for pool in 0..pools {
            market.load(pool as u32, 0, &world.account(pool, 0.0)).unwrap().unwrap();
        }
        let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        let rate = calibrate();
        line(
            &format!("scale_build_{name}"),
            rate,
            rate,
            &[("wire_ms", milliseconds(wired)), ("seal_ms", milliseconds(sealed))],
        );
        for kind in ["uniform", "activity"] {
            ticks(&format!("tick_{name}_{kind}"), &mut market, &world, kind);
        }
        burst(&format!("burst_{name}"), &mut market, &world);
    }
}

/// One update at a time: a shock (timed), then the correction (not timed).
fn ticks(name: &str, market: &mut Market, world: &World, kind: &str) {
    let mut random = Rng(4242);
    let (before, mut found) = (calibrate(), 0);
    let mut times = Vec::with_capacity(UPDATES);
    let mut result = BatchResult::default();
    let mut seq = market.pool(0).map_or(0, |pool| pool.seq()) + 1_000_000;
    for _ in 0..UPDATES {
        let pool = world.pick(kind, &mut random);
        let (key, shock) = (World::key(pool), random.normal() * 0.003);
        let (moved, back) = (world.account(pool, shock), world.account(pool, 0.0));
        seq += 2;
        let start = Instant::now();
        market.on_batch_into(&[Update { key: &key, seq, data: &moved }], &mut result).unwrap();
        times.push(start.elapsed().as_nanos() as u64);
        assert_eq!(result.applied, 1);
        found += black_box(&result).candidates.len();
        market.on_batch_into(&[Update { key: &key, seq: seq + 1, data: &back }], &mut result).unwrap();
    }
    times.sort_unstable();
    let at = |part: usize| times[UPDATES * part / 1000] as f64;
    let mean = times.iter().sum::<u64>() as f64 / UPDATES as f64;
    let each = found as f64 / UPDATES as f64;
    line(
        name,
        before,
        calibrate(),
        &[("p50", at(500)), ("p99", at(990)), ("p999", at(999)), ("mean", mean), ("candidates", each)],
    );
}

/// Many updates in one call.
fn burst(name: &str, market: &mut Market, world: &World) {
    let mut random = Rng(77);
    let before = calibrate();
    let mut result = BatchResult::default();
    let mut seq = 1u64 << 40;
    let (mut spent, mut count) = (0u128, 0u64);
    for round in 0..16 {
        let mut items = Vec::new();
        for _ in 0..BURST {
            let pool = world.pick("activity", &mut random);
            items.push((World::key(pool), world.account(pool, random.normal() * 0.0005)));
        }
        let updates: Vec<Update<'_>> = items
            .iter()
            .map(|(key, data)| {
                seq += 1;
                Update { key, seq, data }
            })
            .collect();
        let start = Instant::now();
        market.on_batch_into(&updates, &mut result).unwrap();
        if round > 1 {
            spent += start.elapsed().as_nanos();
            count += BURST as u64;
        }
    }
    line(name, before, calibrate(), &[("per_update", spent as f64 / count as f64)]);
}
