//! Hand-checked numbers and properties; whole pools are tested against observed swaps in `tests/golden`.

use std::collections::HashMap;

use proptest::prelude::*;

use super::curve::{floor_root, Curve, Range};
use super::limiter::Limiter;
use super::*;
use crate::venues::Account;
use ruint::aliases::U256;

const ONE_Q64: u128 = 1 << 64;
const KEYS: [(&str, [u8; 32]); 5] =
    [("pool", [1; 32]), ("mint_a", [2; 32]), ("mint_b", [3; 32]), ("vault_a", [4; 32]), ("vault_b", [5; 32])];

fn pool_bytes() -> Vec<u8> {
    let mut pool = vec![0; POOL_LENGTH];
    let mut put = |at: usize, bytes: &[u8]| pool[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &MAGIC);
    put(8, &2_500_000u64.to_le_bytes());
    for (at, key) in [(168, 2), (200, 3), (232, 4), (264, 5)] {
        put(at, &[key; 32]);
    }
    for (at, value) in [(360, 10u128.pow(12) << 64), (424, ONE_Q64 / 4), (440, ONE_Q64 * 4), (456, ONE_Q64)] {
        put(at, &value.to_le_bytes());
    }
    put(480, &[1]);
    pool
}

fn read(pool: &[u8]) -> Result<MeteoraDammV2, Refusal> {
    let mut mint = vec![0; 82];
    mint[45] = 1;
    let mut vault = vec![0; 165];
    vault[64..72].copy_from_slice(&(1u64 << 60).to_le_bytes());
    vault[108] = 1;
    let held = KEYS.map(|(role, key)| {
        let data = if role == "pool" {
            pool
        } else if role.starts_with("mint") {
            &mint
        } else {
            &vault
        };
        let owner = if role == "pool" { MeteoraDammV2::PROGRAM } else { token::TOKEN };
        (key, Account { key, owner, data })
    });
    let accounts = Accounts::new(HashMap::from(KEYS), HashMap::from(held), [vec![], vec![]]);
    MeteoraDammV2::read(&accounts, &Clock { slot: 9, unix_timestamp: 1_700_000_000, epoch: 1 })
}

fn ask(zero_for_one: bool, given: Given, amount: u64, variant: u8) -> Ask {
    Ask { zero_for_one, given, amount, price_limit: 0, variant }
}

fn limiter(cliff: u64, increment_bps: u16, most_bps: u32, reference: u64) -> Limiter {
    let mut pool = pool_bytes();
    pool[8..16].copy_from_slice(&cliff.to_le_bytes());
    pool[22..24].copy_from_slice(&increment_bps.to_le_bytes());
    pool[24..28].copy_from_slice(&1u32.to_le_bytes());
    pool[28..32].copy_from_slice(&most_bps.to_le_bytes());
    pool[32..40].copy_from_slice(&reference.to_le_bytes());
    Limiter::in_force(&pool, When { point: 0, activation: 0 }).unwrap().unwrap()
}

#[test]
fn a_quarter_of_a_percent_is_rounded_up_off_the_output() {
    let pool = read(&pool_bytes()).unwrap();
    assert_eq!(pool.quote(&ask(true, Given::Input, 1000, 0)), Ok(Fill { amount_in: 1000, amount_out: 996 }));
    assert_eq!(pool.quote(&ask(true, Given::Output, 996, 0)), Ok(Fill { amount_in: 1000, amount_out: 996 }));
}

#[test]
fn outside_the_range_only_a_partial_fill_is_answered() {
    let pool = read(&pool_bytes()).unwrap();
    let whole = 3 * 10u64.pow(12);
    assert_eq!(pool.quote(&ask(true, Given::Input, whole + 1, 0)), Err(Refusal::PartialFill));
    let fill = pool.quote(&ask(true, Given::Input, u64::MAX, PARTIAL_FILL)).unwrap();
    assert_eq!(fill, Fill { amount_in: whole, amount_out: 750_000_000_000 - 1_875_000_000 });
}

#[test]
fn an_instruction_that_does_not_exist_is_unsupported() {
    let pool = read(&pool_bytes()).unwrap();
    assert_eq!(pool.quote(&ask(true, Given::Output, 5, OLD_SWAP)), Err(Refusal::Unsupported));
    assert_eq!(pool.quote(&ask(true, Given::Input, 5, 9)), Err(Refusal::Unsupported));
}

#[test]
fn a_limiters_parts_pay_ever_more_until_the_cap() {
    let limiter = limiter(10_000_000, 100, 300, 1000);
    // 1 % of 1000, 2 % of 1000, 3 % of the rest; the share of the whole is rounded up.
    for (amount, fee) in [(1000, 10), (1500, 20), (2000, 30), (3000, 60), (10_000, 270)] {
        assert_eq!(limiter.of_included(amount), Ok((fee * u128::from(fees::ONE)).div_ceil(u128::from(amount)) as u64));
    }
}

proptest! {
    #[test]
    fn a_limiter_adds_at_least_the_fee_it_would_take(
        cliff in 100_000u64..10_000_000, increment in 1u16..500, most in 100u32..9_900, reference in 1u64..1 << 40, amount in 1u64..1 << 50,
    ) {
        let limiter = limiter(cliff, increment, most, reference);
        if let Ok(rate) = limiter.of_excluded(amount) {
            let (gross, _) = fees::with(rate, amount).unwrap();
            prop_assert!(gross > amount);
            prop_assert!(rate >= cliff);
        }
    }

    #[test]
    fn a_floor_root_is_one(value: u128, scale in 0usize..128) {
        let value = U256::from(value) << scale;
        let root = floor_root(value);
        prop_assert!(root * root <= value);
        prop_assert!((root + U256::ONE).checked_mul(root + U256::ONE).is_none_or(|more| more > value));
    }

    #[test]
    fn taking_what_was_given_costs_no_less(liquidity in 1u128 << 80..1 << 120, price in 1u128 << 60..1 << 68, amount: u64, a_to_b: bool) {
        let curve = Curve::Range(Range { least: 1 << 50, most: 1 << 80, price, liquidity });
        if let Ok(step) = curve.exact_in(amount, a_to_b) {
            if let Ok(back) = curve.exact_out(step.output, a_to_b) {
                prop_assert!(back.input <= amount);
            }
        }
    }

    #[test]
    fn damaged_pools_never_panic(
        damage in prop::collection::vec((8..POOL_LENGTH, any::<u8>()), 0..12), amount: u64, a_to_b: bool, variant in 0u8..5, exact_in: bool,
    ) {
        let mut pool = pool_bytes();
        for (at, byte) in damage {
            pool[at] = byte;
        }
        if let Ok(state) = read(&pool) {
            let given = if exact_in { Given::Input } else { Given::Output };
            let _ = state.quote(&ask(a_to_b, given, amount, variant));
        }
    }

    #[test]
    fn pools_of_any_numbers_never_panic(
        words in prop::collection::vec(any::<u128>(), 4), head in prop::collection::vec(any::<u8>(), 144), counted: [u64; 2],
        modes in (0u8..3, 0u8..5, 0u8..2, 0u8..2), amount: u64, a_to_b: bool, variant in prop::sample::select(vec![0u8, PARTIAL_FILL]),
    ) {
        let mut pool = pool_bytes();
        pool[8..152].copy_from_slice(&head);
        for (at, word) in [360, 424, 440, 456].into_iter().zip(words) {
            pool[at..at + 16].copy_from_slice(&word.to_le_bytes());
        }
        pool[680..688].copy_from_slice(&counted[0].to_le_bytes());
        pool[688..696].copy_from_slice(&counted[1].to_le_bytes());
        (pool[484], pool[16], pool[486], pool[696]) = modes;
        if let Ok(state) = read(&pool) {
            for given in [Given::Input, Given::Output] {
                let _ = state.quote(&ask(a_to_b, given, amount, variant));
            }
        }
    }
}
