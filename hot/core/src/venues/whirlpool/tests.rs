//! A forged pool in the on-chain layout, whole and damaged.

use std::collections::HashMap;

use proptest::prelude::*;

use super::ticks::price_at;
use super::walk::Swap;
use super::Whirlpool;
use crate::error::Refusal;
use crate::venues::address::derived;
use crate::venues::token::TOKEN;
use crate::venues::{Account, Accounts, Ask, Clock, Fill, Given, Venue};

const POOL: [u8; 32] = [1; 32];
const MINTS: [[u8; 32]; 2] = [[2; 32], [3; 32]];
const SPACING: i32 = 8;
const LENGTH: i32 = 88 * SPACING;
const CLOCK: Clock = Clock { slot: 1, unix_timestamp: 1_700_000_000, epoch: 1 };

const ASKED: [(bool, Given); 4] =
    [(true, Given::Input), (true, Given::Output), (false, Given::Input), (false, Given::Output)];

type Held = Vec<([u8; 32], [u8; 32], Vec<u8>)>;

fn array_key(start: i32) -> [u8; 32] {
    derived(&[b"tick_array", &POOL, start.to_string().as_bytes()], &Whirlpool::PROGRAM).unwrap()
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Tick 100, one position from -400 (slot 38 of the array below) to 400 (slot 50), a volatile fee.
fn forged() -> Held {
    let mut pool = vec![0; 653];
    put(&mut pool, 0, &super::POOL);
    put(&mut pool, 41, &8u16.to_le_bytes());
    put(&mut pool, 43, &1032u16.to_le_bytes());
    put(&mut pool, 45, &3000u16.to_le_bytes());
    put(&mut pool, 49, &10u128.pow(12).to_le_bytes());
    put(&mut pool, 65, &price_at(100).to_le_bytes());
    put(&mut pool, 81, &100i32.to_le_bytes());
    put(&mut pool, 101, &MINTS[0]);
    put(&mut pool, 181, &MINTS[1]);
    let mut above = vec![0; 9988];
    put(&mut above, 0, &super::arrays::FIXED);
    put(&mut above, 12 + 50 * 113, &[1]);
    put(&mut above, 13 + 50 * 113, &(-10i128.pow(12)).to_le_bytes());
    put(&mut above, 9956, &POOL);
    let mut below = vec![0; 148 + 112];
    put(&mut below, 0, &super::arrays::DYNAMIC);
    put(&mut below, 8, &(-LENGTH).to_le_bytes());
    put(&mut below, 12, &POOL);
    put(&mut below, 44, &(1u128 << 38).to_le_bytes());
    put(&mut below, 60 + 38, &[1]);
    put(&mut below, 61 + 38, &10i128.pow(12).to_le_bytes());
    let mut oracle = vec![0; 254];
    put(&mut oracle, 0, &super::fee::ORACLE);
    put(&mut oracle, 8, &POOL);
    put(&mut oracle, 48, &30u16.to_le_bytes());
    put(&mut oracle, 50, &600u16.to_le_bytes());
    put(&mut oracle, 54, &4000u32.to_le_bytes());
    put(&mut oracle, 58, &350_000u32.to_le_bytes());
    put(&mut oracle, 62, &8u16.to_le_bytes());
    let oracle_key = derived(&[b"oracle", &POOL], &Whirlpool::PROGRAM).unwrap();
    let program = Whirlpool::PROGRAM;
    vec![
        (POOL, program, pool),
        (array_key(0), program, above),
        (array_key(-LENGTH), program, below),
        (oracle_key, program, oracle),
        (MINTS[0], TOKEN, vec![0; 82]),
        (MINTS[1], TOKEN, vec![0; 82]),
    ]
}

fn read(held: &Held) -> Result<Whirlpool, Refusal> {
    let roles = HashMap::from([("pool", POOL), ("mint_a", MINTS[0]), ("mint_b", MINTS[1])]);
    let held = held.iter().map(|(key, owner, data)| (*key, Account { key: *key, owner: *owner, data })).collect();
    let route = |step: i32| (0..3).map(|count| array_key(count * step)).collect();
    Whirlpool::read(&Accounts::new(roles, held, [route(-LENGTH), route(LENGTH)]), &CLOCK)
}

fn ask(zero_for_one: bool, given: Given, amount: u64) -> Ask {
    Ask { zero_for_one, given, amount, price_limit: 0, variant: 0 }
}

#[test]
fn what_is_asked_for_is_delivered_for_what_that_costs() {
    let pool = read(&forged()).unwrap();
    for down in [true, false] {
        let sold = pool.quote(&ask(down, Given::Input, 1_000_000_000)).unwrap();
        let bought = pool.quote(&ask(down, Given::Output, sold.amount_out)).unwrap();
        assert_eq!((sold.amount_in, bought.amount_out), (1_000_000_000, sold.amount_out));
        assert!(bought.amount_in <= sold.amount_in && bought.amount_in + 5 > sold.amount_in);
    }
}

#[test]
fn beyond_the_last_position_nothing_is_left_to_buy() {
    let pool = read(&forged()).unwrap();
    assert_eq!(pool.quote(&ask(true, Given::Input, u64::MAX)), Err(Refusal::PartialFill));
    let cut = Ask { price_limit: price_at(-500), ..ask(true, Given::Input, u64::MAX) };
    let more = Ask { price_limit: price_at(-900), ..cut };
    assert_eq!(pool.quote(&cut), pool.quote(&more));
    assert!(pool.quote(&cut).unwrap().amount_in < u64::MAX);
}

#[test]
fn a_direction_without_its_first_array_is_refused_by_itself() {
    let held = forged();
    let roles = HashMap::from([("pool", POOL), ("mint_a", MINTS[0]), ("mint_b", MINTS[1])]);
    let known = held.iter().map(|(key, owner, data)| (*key, Account { key: *key, owner: *owner, data })).collect();
    let accounts = Accounts::new(roles, known, [vec![array_key(-LENGTH)], vec![array_key(0)]]);
    let pool = Whirlpool::read(&accounts, &CLOCK).unwrap();
    assert_eq!(pool.quote(&ask(true, Given::Input, 10)), Err(Refusal::Empty));
    assert!(pool.quote(&ask(false, Given::Input, 10)).is_ok());
}

proptest! {
    #[test]
    fn more_in_is_never_less_out(one in 1u64..1 << 45, another in 1u64..1 << 45, down: bool) {
        let pool = read(&forged()).unwrap();
        let out = |amount| pool.quote(&ask(down, Given::Input, amount)).map_or(u64::MAX, |fill: Fill| fill.amount_out);
        prop_assert!(out(one.min(another)) <= out(one.max(another)));
    }

    #[test]
    fn the_index_answers_what_the_steps_do(
        liquidity in prop_oneof![1u128..1_000_000, 1u128..1 << 60, any::<u128>()],
        fee in prop_oneof![Just(0u16), Just(3000), any::<u16>()],
        control in prop_oneof![Just(0u32), 1u32..100_000],
        amounts in proptest::collection::vec((0u32..64, any::<u64>()), 8),
    ) {
        let mut held = forged();
        put(&mut held[0].2, 45, &fee.to_le_bytes());
        put(&mut held[0].2, 49, &liquidity.to_le_bytes());
        put(&mut held[3].2, 54, &control.to_le_bytes());
        let pool = read(&held).unwrap();
        for (down, given) in ASKED {
            for (shift, amount) in &amounts {
                let swap = Swap { down, given, amount: (amount >> shift).max(1), limit: 0 };
                if let Some(known) = pool.crossings[usize::from(!down)].quote(&swap) {
                    prop_assert_eq!(known.is_ok(), swap.by_steps(&pool).is_ok());
                    prop_assert_eq!(known.ok(), swap.by_steps(&pool).ok());
                }
            }
        }
    }

    #[test]
    fn damaged_bytes_are_read_and_quoted_without_a_panic(
        which in 0usize..4,
        changes in proptest::collection::vec((0usize..10_000, any::<u8>()), 1..6),
        length in proptest::option::of(0usize..10_000),
        amount: u64,
        limit in prop_oneof![Just(0u128), any::<u128>()],
    ) {
        let mut held = forged();
        let data = &mut held[which].2;
        for (at, byte) in changes {
            // Most of an array is padding: aim at its head as often.
            let place = if at % 2 == 0 { at % data.len() } else { at % data.len().min(120) };
            data[place] = byte;
        }
        data.truncate(length.unwrap_or(usize::MAX));
        if let Ok(pool) = read(&held) {
            for (down, given) in ASKED {
                let _ = pool.quote(&Ask { price_limit: limit, ..ask(down, given, amount) });
            }
        }
    }
}
