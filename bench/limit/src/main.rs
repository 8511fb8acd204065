//! What the machine gives: the same quotes, solves and ticks over bare arrays, with the standard library only. An account
//! is found by its key, as any program must that is told of accounts. No standings, no counts of what was dropped, one
//! price list instead of searches: the least work that still ends in exact candidates.

mod amm;
mod big;
#[path = "../../../hot/core/benches/suite/clock.rs"]
#[allow(dead_code)]
mod clock;
#[path = "../../../hot/core/benches/suite/deep.rs"]
mod deep;
mod engine;
#[path = "../../../hot/core/benches/suite/graph.rs"]
#[allow(dead_code)]
mod graph;
mod quotes;

use std::hint::black_box;
use std::time::Instant;

use engine::Engine;
use graph::{Rng, World};

const UPDATES: usize = 20_000;

fn main() {
    quotes::run();
    let quick = std::env::var_os("HOPLOOP_BENCH_QUICK").is_some();
    for (name, assets, pools) in [
        ("1k", 1_000, 1_000),
        ("10k", 4_000, 10_000),
        ("100k", 30_000, 100_000),
    ] {
        if quick && pools > 10_000 {
            continue;
        }
        let world = World::generate(assets, pools, 0x0abc_def1_2345, 0.0002);
        let start = Instant::now();
        let mut engine = Engine::new(&world);
        let built = start.elapsed().as_secs_f64() * 1e3;
        println!("{{\"name\":\"limit scale_build_{name}\",\"seal_ms\":{built:.2}}}");
        for kind in ["uniform", "activity"] {
            ticks(
                &format!("limit tick_{name}_{kind}"),
                &mut engine,
                &world,
                kind,
            );
        }
    }
}

fn ticks(name: &str, engine: &mut Engine, world: &World, kind: &str) {
    let mut random = Rng(4242);
    let mut times = Vec::with_capacity(UPDATES);
    for _ in 0..UPDATES {
        let pool = world.pick(kind, &mut random);
        let shock = random.normal() * 0.003;
        let (key, moved, back) = (
            World::key(pool),
            world.account(pool, shock),
            world.account(pool, 0.0),
        );
        let start = Instant::now();
        black_box(engine.on_account(&key, &moved));
        times.push(start.elapsed().as_nanos() as u64);
        engine.on_account(&key, &back);
    }
    times.sort_unstable();
    let at = |part: usize| times[UPDATES * part / 1000];
    println!(
        "{{\"name\":\"{name}\",\"p50\":{},\"p99\":{},\"p999\":{}}}",
        at(500),
        at(990),
        at(999)
    );
}
