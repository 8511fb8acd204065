//! The hot paths under criterion, for people who change them: `cargo bench --bench criterion`. The figures that are
//! compared with peers come from the `suite` beside it.

// The groups are public functions of criterion's macro.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hoploop_hot::fees::{NetworkFee, Tip};
use hoploop_hot::{BatchResult, Market, PoolConfig, SearchConfig, Update};

#[path = "suite/graph.rs"]
#[allow(dead_code)]
mod graph;
use graph::{Rng, World};

const POOLS: usize = 1_000;

/// One hub's search over constant-product pools of a seeded market.
fn market(world: &World) -> Market {
    let mut market = Market::new();
    for asset in 0..world.assets {
        market.add_asset(&format!("asset {asset}")).unwrap();
    }
    for (number, [asset0, asset1]) in world.pools.iter().enumerate() {
        let key = World::key(number);
        let (curve, decoder) = ("constant_product_fee_first", "hoploop_amm");
        let pool = PoolConfig {
            name: "pool",
            curve,
            decoder,
            asset0: *asset0,
            asset1: *asset1,
            fee_num: 2500,
            fee_den: 1_000_000,
            tick_spacing: 0,
            units: 0,
            doors: &[&key],
        };
        market.add_pool(&pool).unwrap();
    }
    let search = SearchConfig {
        name: "hub".to_owned(),
        base: 0,
        pools: (0..world.pools.len() as u32).collect(),
        lenders: vec![],
        min_hops: 2,
        max_hops: 3,
        max_notional: 1 << 64,
        min_net: 1,
        tip: Tip { num: 0, den: 1, min: 0, max: 0 },
        budget: 256,
    };
    let number = market.add_search(search).unwrap();
    market.set_own_capital(number, 1 << 64).unwrap();
    market.set_fees(NetworkFee { base_fee: 0, base_units: 0, price_num: 0, price_den: 1 }).unwrap();
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
        run.iter(|| {
            let pool = world.pick("uniform", &mut random);
            let (key, data) = (World::key(pool), world.account(pool, random.normal() * 0.003));
            seq += 1;
            market.on_batch_into(&[Update { key: &key, seq, data: &data }], &mut result).unwrap();
            black_box(&result);
        });
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
