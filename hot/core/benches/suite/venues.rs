//! `quote_whirlpool`: one exact quote of a venue made of accounts, asserted against the peer's answer first.

use std::collections::HashMap;
use std::hint::black_box;

use hoploop_hot::venues::address::derived;
use hoploop_hot::venues::token::TOKEN;
use hoploop_hot::venues::whirlpool::Whirlpool;
use hoploop_hot::venues::{Account, Accounts, Ask, Clock, Fill, Given, Venue};

use crate::clock::report;
use crate::workloads::lines;

const POOL: [u8; 32] = [1; 32];
const MINTS: [[u8; 32]; 2] = [[2; 32], [3; 32]];
const SLOTS: i32 = 88;
const MAGIC: [&[u8]; 2] = [b"\x3f\x95\xd1\x0c\xe1\x80\x63\x09", b"\x45\x61\xbd\xbe\x6e\x07\x42\xbb"];

type Held = Vec<([u8; 32], [u8; 32], Vec<u8>)>;

/// All figures of venues.
pub fn run() {
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
