//! `quote_*` of venues made of accounts: one exact quote, asserted against the peer's answer first.

use std::collections::HashMap;
use std::hint::black_box;

use hoploop_hot::venues::address::derived;
use hoploop_hot::venues::token::TOKEN;
use hoploop_hot::venues::whirlpool::Whirlpool;
use hoploop_hot::venues::{Account, Accounts, AnyVenue, Ask, Clock, Fill, Given, Venue};

use crate::clock::report;
use crate::forged;
use crate::workloads::lines;

const POOL: [u8; 32] = [1; 32];
const MINTS: [[u8; 32]; 2] = [[2; 32], [3; 32]];
const SLOTS: i32 = 88;
const MAGIC: [&[u8]; 2] = [b"\x3f\x95\xd1\x0c\xe1\x80\x63\x09", b"\x45\x61\xbd\xbe\x6e\x07\x42\xbb"];

type Held = Vec<([u8; 32], [u8; 32], Vec<u8>)>;

/// All figures of venues.
pub fn run() {
    whirlpool();
    let pool = forged::dlmm().read("meteora_dlmm");
    for row in dlmm_asked() {
        asked(&format!("quote_dlmm_{}", row[0]), &pool, row[1], row[2]);
    }
    let pool = forged::clmm().read("raydium_clmm");
    for (crossed, amount, out) in [(0, 100_000_000_000, 100_692_261_502), (10, 1_350_000_000_000, 1_322_281_743_159)] {
        asked(&format!("quote_clmm_{crossed}"), &pool, amount, out);
    }
    let paid = 1_000_000_000u128 - 2_500_000;
    let out = paid * 150_000_000_000 / (800_000_000_000 + paid);
    asked("quote_cpmm", &forged::cpmm().read("raydium_cpmm"), 1_000_000_000, out as u64);
    asked("quote_damm2", &forged::damm2().read("meteora_damm_v2"), 10_000_000_000, 9_876_237_623);
    // Twelve whole orders and a half: 12.5 SOL.
    let gross: u64 = (0..12).map(|number| (149_900 - number) * 1_000_000).sum::<u64>() + (149_900 - 12) * 500_000;
    let out = gross / 1_000 - (gross * 2).div_ceil(10_000).div_ceil(1_000);
    asked("quote_phoenix", &forged::phoenix().read("phoenix"), 12_500_000_000, out);
}

/// Bins crossed, what goes in, what comes out.
fn dlmm_asked() -> Vec<[u64; 3]> {
    let text = lines("dlmm_case.json").concat();
    let numbers = text.split(|sign: char| !sign.is_ascii_digit()).filter_map(|part| part.parse().ok());
    numbers.collect::<Vec<u64>>().chunks(4).map(|row| [row[0], row[1], row[2]]).collect()
}

/// Asset 0 in: asserted, then timed.
fn asked(name: &str, pool: &AnyVenue, amount: u64, out: u64) {
    let ask = |amount| Ask { zero_for_one: true, given: Given::Input, amount, price_limit: 0, variant: 0 };
    assert_eq!(pool.quote(&ask(amount)), Ok(Fill { amount_in: amount, amount_out: out }), "{name}");
    report(name, 100_000, |at| {
        black_box(pool.quote(&black_box(ask(amount - (at as u64 & 1023)))).unwrap());
    });
}

fn whirlpool() {
    let lines = lines("orca_case.txt");
    let (held, spacing) = forged(&lines[0], &lines[1]);
    let pool = read(&held, spacing);
    for line in &lines[2..] {
        let row: Vec<u64> = line.split(' ').map(|part| part.parse().unwrap()).collect();
        let ask = |amount| Ask { zero_for_one: true, given: Given::Input, amount, price_limit: 0, variant: 0 };
        assert_eq!(pool.quote(&ask(row[0])), Ok(Fill { amount_in: row[0], amount_out: row[1] }));
        report(&format!("quote_whirlpool_{}", row[2]), 100_000, |at| {
            black_box(pool.quote(&black_box(ask(row[0] + (at as u64 & 1023)))).unwrap());
        });
        let back = |amount| Ask { zero_for_one: false, given: Given::Output, ..ask(amount) };
        report(&format!("quote_whirlpool_{}_exact_out", row[2]), 100_000, |at| {
            black_box(pool.quote(&black_box(back(row[0] + (at as u64 & 1023)))).unwrap());
        });
    }
    report("read_whirlpool", 200, |_| {
        black_box(read(&held, spacing));
    });
}

/// Accounts of a pool: tick, spacing, fee, liquidity and price; then `tick:net` of every initialized tick.
fn forged(state: &str, ticks: &str) -> (Held, i32) {
    let state: Vec<&str> = state.split(' ').collect();
    let spacing: i32 = state[1].parse().unwrap();
    let mut pool = vec![0; 653];
    put(&mut pool, 0, MAGIC[0]);
    put(&mut pool, 41, &(spacing as u16).to_le_bytes());
    put(&mut pool, 43, &(spacing as u16).to_le_bytes());
    put(&mut pool, 45, &state[2].parse::<u16>().unwrap().to_le_bytes());
    put(&mut pool, 49, &state[3].parse::<u128>().unwrap().to_le_bytes());
    put(&mut pool, 65, &state[4].parse::<u128>().unwrap().to_le_bytes());
    put(&mut pool, 81, &state[0].parse::<i32>().unwrap().to_le_bytes());
    put(&mut pool, 101, &MINTS[0]);
    put(&mut pool, 181, &MINTS[1]);
    let mut arrays: HashMap<i32, Vec<u8>> = HashMap::new();
    for pair in ticks.split(' ') {
        let (tick, net) = pair.split_once(':').unwrap();
        let (tick, net): (i32, i128) = (tick.parse().unwrap(), net.parse().unwrap());
        let start = tick.div_euclid(SLOTS * spacing) * SLOTS * spacing;
        let array = arrays.entry(start).or_insert_with(|| {
            let mut array = vec![0; 9988];
            put(&mut array, 0, MAGIC[1]);
            put(&mut array, 8, &start.to_le_bytes());
            put(&mut array, 9956, &POOL);
            array
        });
        let at = 12 + ((tick - start) / spacing) as usize * 113;
        array[at] = 1;
        put(array, at + 1, &net.to_le_bytes());
    }
    let program = Whirlpool::PROGRAM;
    let mut held: Held = arrays.into_iter().map(|(start, data)| (array_key(start), program, data)).collect();
    held.extend([(POOL, program, pool), (MINTS[0], TOKEN, vec![0; 82]), (MINTS[1], TOKEN, vec![0; 82])]);
    (held, spacing)
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

fn array_key(start: i32) -> [u8; 32] {
    derived(&[b"tick_array", &POOL, start.to_string().as_bytes()], &Whirlpool::PROGRAM).unwrap()
}

fn read(held: &Held, spacing: i32) -> Whirlpool {
    let roles = HashMap::from([("pool", POOL), ("mint_a", MINTS[0]), ("mint_b", MINTS[1])]);
    let known = held.iter().map(|(key, owner, data)| (*key, Account { key: *key, owner: *owner, data })).collect();
    let route = |step: i32| (0..3).map(|count| array_key(count * step * SLOTS * spacing)).collect();
    let accounts = Accounts::new(roles, known, [route(-1), route(1)]);
    Whirlpool::read(&accounts, &Clock::default()).unwrap()
}
