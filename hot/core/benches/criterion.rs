//! The hot paths under criterion, for people who change them: `cargo bench --bench criterion`. The figures that are
//! compared with peers come from the `suite` beside it.

// The groups are public functions of criterion's macro.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use hoploop_hot::{BatchResult, Market, Update};

#[path = "suite/graph.rs"]
#[allow(dead_code)]
mod graph;
#[path = "suite/wired.rs"]
mod wired;
use graph::{Rng, World};

const POOLS: usize = 1_000;

fn market(world: &World) -> Market {
    let mut market = wired::build(world);
    market.seal().unwrap();
    for pool in 0..world.pools.len() {
        market.load(pool as u32, 0, &world.account(pool, 0.0)).unwrap().unwrap();
    }
    market
}

fn tick(bench: &mut Criterion) {
    let world = World::generate(1_000, POOLS, 0x0abc_def1_2345, 0.0002);
    let (mut market, mut random, mut result) = (market(&world), Rng(4242), BatchResult::default());
    let mut seq = 1 << 40;
    bench.bench_function("tick_1k_uniform", |run| {
        let update = || {
            let pool = world.pick("uniform", &mut random);
            (World::key(pool), world.account(pool, random.normal() * 0.003))
        };
        let take = |(key, data): ([u8; 32], [u8; 176])| {
            seq += 1;
            market.on_batch_into(&[Update { key: &key, seq, data: &data }], &mut result).unwrap();
            black_box(&result);
        };
        // Making the update costs more than taking it: only the latter is timed.
        run.iter_batched(update, take, BatchSize::SmallInput);
    });
}

fn quote(bench: &mut Criterion) {
    let world = World::generate(1_000, POOLS, 0x0abc_def1_2345, 0.0002);
    let market = market(&world);
    let pool = market.pool(0).unwrap();
    let state = pool.usable().unwrap();
    bench.bench_function("quote_constant_product", |run| {
        run.iter(|| pool.curve.quote(state, true, black_box(1_000)).unwrap());
    });
}

criterion_group!(hot_paths, quote, tick);
criterion_main!(hot_paths);
