//! Hand-checked numbers and properties; whole pools are tested against observed swaps in `tests/golden`.

use std::collections::HashMap;

use proptest::prelude::*;

use super::share::VAULT_PROGRAM;
use super::*;
use crate::venues::{token, Account};

const ROLES: [&str; 9] = [
    "pool",
    "vault_a",
    "vault_b",
    "vault_lp_a",
    "vault_lp_b",
    "token_vault_a",
    "token_vault_b",
    "lp_mint_a",
    "lp_mint_b",
];

fn key(role: &str) -> [u8; 32] {
    let at = ROLES.iter().position(|one| *one == role).unwrap();
    [u8::try_from(at).unwrap() + 1; 32]
}

fn put(data: &mut [u8], at: usize, value: u64) {
    data[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

/// A pool that owns half of two vaults with a million each; 0.25 % fee, of which a fifth is the protocol's.
fn accounts() -> HashMap<&'static str, ([u8; 32], Vec<u8>)> {
    let mut pool = vec![0; STABLE_LENGTH];
    pool[..8].copy_from_slice(&MAGIC);
    for (at, role) in [(104, "vault_a"), (136, "vault_b"), (168, "vault_lp_a"), (200, "vault_lp_b")] {
        pool[at..at + 32].copy_from_slice(&key(role));
    }
    pool[233] = 1;
    for (at, value) in [(330, 250), (338, 100_000), (346, 20_000), (354, 100_000)] {
        put(&mut pool, at, value);
    }
    let mut all = HashMap::from([("pool", (MeteoraDammV1::PROGRAM, pool))]);
    for (vault_role, lp, tokens, mint) in [
        ("vault_a", "vault_lp_a", "token_vault_a", "lp_mint_a"),
        ("vault_b", "vault_lp_b", "token_vault_b", "lp_mint_b"),
    ] {
        let mut vault = vec![0; 1227];
        vault[..8].copy_from_slice(&[211, 8, 232, 43, 2, 152, 117, 119]);
        vault[8] = 1;
        put(&mut vault, 11, 1_000_000);
        vault[19..51].copy_from_slice(&key(tokens));
        vault[115..147].copy_from_slice(&key(mint));
        let mut supply = vec![0; 82];
        put(&mut supply, 36, 1_000_000);
        let balance = |amount: u64| {
            let mut data = vec![0; 165];
            put(&mut data, 64, amount);
            data[108] = 1;
            (token::TOKEN, data)
        };
        all.extend([(vault_role, (VAULT_PROGRAM, vault)), (mint, (token::TOKEN, supply))]);
        all.extend([(lp, balance(500_000)), (tokens, balance(1_000_000))]);
    }
    all
}

fn read(all: &HashMap<&'static str, ([u8; 32], Vec<u8>)>) -> Result<MeteoraDammV1, Refusal> {
    let roles = ROLES.iter().map(|role| (*role, key(role))).collect();
    let held = all.iter().map(|(role, (owner, data))| (key(role), Account { key: key(role), owner: *owner, data }));
    let accounts = Accounts::new(roles, held.collect(), [vec![], vec![]]);
    MeteoraDammV1::read(&accounts, &Clock { slot: 9, unix_timestamp: 1_700_000_000, epoch: 1 })
}

fn give(pool: &MeteoraDammV1, amount: u64) -> Result<u64, Refusal> {
    let ask = Ask { zero_for_one: true, given: Given::Input, amount, price_limit: 0, variant: 0 };
    pool.quote(&ask).map(|fill| fill.amount_out)
}

#[test]
fn fees_are_floored_and_the_rest_trades_against_the_pools_share() {
    let pool = read(&accounts()).unwrap();
    // 25 of 10000 are the fee, 5 of them the protocol's. What is deposited lifts the worth of all LP tokens alike.
    let net: u64 = 9_995 - 20;
    assert_eq!(give(&pool, 10_000), Ok(500_000 - (500_000u64 * 500_000).div_ceil(500_000 + net)));
}

#[test]
fn profit_of_the_vault_counts_as_it_unlocks() {
    let mut all = accounts();
    let vault = &mut all.get_mut("vault_b").unwrap().1;
    put(vault, 1203, 400_000);
    put(vault, 1211, 1_700_000_000 - 50);
    put(vault, 1219, 10_000_000_000);
    // Half of it after 50 of 100 seconds: 800000 are unlocked, 400000 of them the pool's.
    let pool = read(&all).unwrap();
    assert_eq!(pool.shares[1].amount, 400_000);
}

#[test]
fn what_is_lent_out_cannot_be_paid() {
    let mut all = accounts();
    put(&mut all.get_mut("token_vault_b").unwrap().1, 64, 4_000);
    let pool = read(&all).unwrap();
    assert_eq!(give(&pool, 10_000), Err(Refusal::Empty));
    assert!(give(&pool, 1_000).is_ok());
}

#[test]
fn a_swap_of_nothing_pays_nothing() {
    assert_eq!(give(&read(&accounts()).unwrap(), 0), Ok(0));
}

proptest! {
    #[test]
    fn damaged_accounts_never_panic(
        role in prop::sample::select(ROLES.to_vec()), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        stable: bool, peg in 0u8..4, amount: u64,
    ) {
        let mut all = accounts();
        let pool = &mut all.get_mut("pool").unwrap().1;
        (pool[874], pool[916]) = (u8::from(stable), peg);
        let data = &mut all.get_mut(role).unwrap().1;
        for (at, byte) in damage {
            let at = at.index(data.len());
            data[at] = byte;
        }
        if let Ok(pool) = read(&all) {
            let _ = give(&pool, amount);
        }
    }

    #[test]
    fn no_pool_pays_more_than_its_share(totals: [u64; 2], supplies: [u64; 2], held: [u64; 2], amount: u64, amp in 0u64..20_000, stable: bool) {
        let mut all = accounts();
        let pool = &mut all.get_mut("pool").unwrap().1;
        pool[874] = u8::from(stable);
        for (at, value) in [(875, amp), (883, 1), (891, 1)] {
            put(pool, at, value);
        }
        for (side, (vault, lp, mint)) in [("vault_a", "vault_lp_a", "lp_mint_a"), ("vault_b", "vault_lp_b", "lp_mint_b")].into_iter().enumerate() {
            put(&mut all.get_mut(vault).unwrap().1, 11, totals[side]);
            put(&mut all.get_mut(mint).unwrap().1, 36, supplies[side]);
            put(&mut all.get_mut(lp).unwrap().1, 64, held[side]);
        }
        if let Ok(pool) = read(&all) {
            if let Ok(paid) = give(&pool, amount) {
                prop_assert!(paid <= pool.shares[1].amount);
            }
        }
    }
}
