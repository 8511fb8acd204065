//! The native half of the benchmark suite: one JSON line a measurement, exactness asserted before each.
//! `cargo bench --bench suite -- quotes` runs one part.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clock;
mod deep;
mod forged;
mod graph;
mod payload;
mod quotes;
mod scale;
mod signing;
mod solves;
mod ticks;
mod venues;
mod wired;
mod workloads;

#[global_allocator]
static ALLOCATOR: scale::Weighing = scale::Weighing;

fn main() {
    if let Err(reason) = workloads::folder() {
        println!("{{\"skipped\":\"{reason}\"}}");
        return;
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let parts: [(&str, fn()); 7] = [
        ("payload", payload::run),
        ("quotes", quotes::run),
        ("scale", scale::run),
        ("signing", signing::run),
        ("solves", solves::run),
        ("ticks", ticks::run),
        ("venues", venues::run),
    ];
    for (name, run) in parts {
        if wanted.is_empty() || wanted.iter().any(|part| part == name) {
            run();
        }
    }
}
