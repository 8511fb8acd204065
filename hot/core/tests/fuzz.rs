//! The bodies of the fuzz targets over their seeds and mutations of them, as a plain test that needs no fuzzer.
//!
//! `HOPLOOP_MUTANTS` is the number of mutations a target.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../../fuzz/bodies/mod.rs"]
mod bodies;

use std::path::Path;

/// Marsaglia's xorshift: the same mutations on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
        .collect();
    found.sort();
    found
}

fn mutate(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const BYTES: [u8; 6] = [0, 1, 127, 128, 254, 255];
    let mut data = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(data.len());
        match random.below(12) {
            0 => data.truncate(at),
            1 => data.splice(at..at, other[random.below(other.len())..].iter().take(16).copied()).for_each(drop),
            2 if at + 8 <= data.len() => data[at..at + 8].fill(BYTES[random.below(6)]),
            3 if !data.is_empty() => drop(data.remove(at)),
            4 | 5 if !data.is_empty() => data[at] ^= 1 << random.below(8),
            6..=8 if !data.is_empty() => data[at] = BYTES[random.below(6)],
            _ if !data.is_empty() => data[at] = random.below(256) as u8,
            _ => {}
        }
    }
    data
}

fn run(target: &str, body: fn(&[u8]) -> bool) {
    let seeds = seeds(target);
    for (name, seed) in &seeds {
        assert!(body(seed), "the seed {target}/{name} is not accepted: write it again with tests/support/seeds.py");
    }
    let count = std::env::var("HOPLOOP_MUTANTS").map_or(2_000, |text| text.parse().unwrap());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..count {
        let (seed, other) = (&seeds[random.below(seeds.len())].1, &seeds[random.below(seeds.len())].1);
        body(&mutate(seed, other, &mut random));
    }
}

#[test]
fn no_accounts_of_a_pool_make_it_panic() {
    run("venues", bodies::venues);
}

#[test]
fn no_words_or_logs_make_it_panic() {
    run("evm", bodies::evm);
}

#[test]
fn no_accounts_of_a_reserve_make_it_panic() {
    run("loans", bodies::loans);
}

#[test]
fn no_frame_makes_it_panic() {
    run("frames", bodies::frames);
}

#[test]
fn no_transaction_makes_it_panic() {
    run("transactions", bodies::transactions);
}
