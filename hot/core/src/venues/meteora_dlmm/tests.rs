//! Forged pools: what is refused, what damaged bytes do, and that the index changes nothing.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const POOL: [u8; 32] = [1; 32];
const MINTS: [[u8; 32]; 2] = [[2; 32], [3; 32]];
const NOW: Clock = Clock { slot: 1_000, unix_timestamp: 1_700_000_000, epoch: 500 };
const ROLES: [(&str, [u8; 32]); 3] = [("pool", POOL), ("mint_a", MINTS[0]), ("mint_b", MINTS[1])];

/// A pool with the price in bin 35 of array 0, arrays -1, 0 and 1, and the same depth in every bin.
struct Forged {
    pair: Vec<u8>,
    arrays: Vec<Vec<u8>>,
}

impl Forged {
    fn new() -> Self {
        let mut pair = vec![0; PAIR_LENGTH];
        pair[..8].copy_from_slice(&PAIR_MAGIC);
        put(&mut pair, 8, &10_000u16.to_le_bytes());
        put(&mut pair, 24, &(-1_000i32).to_le_bytes());
        put(&mut pair, 28, &1_000i32.to_le_bytes());
        put(&mut pair, 76, &35i32.to_le_bytes());
        put(&mut pair, 80, &10u16.to_le_bytes());
        put(&mut pair, 88, &MINTS[0]);
        put(&mut pair, 120, &MINTS[1]);
        put(&mut pair, 584 + 56, &(1u64 << 63).to_le_bytes());
        put(&mut pair, 584 + 64, &3u64.to_le_bytes());
        Self { pair, arrays: (-1..2).map(array).collect() }
    }

    fn read(&self) -> Result<MeteoraDlmm, Refusal> {
        let mint = vec![0; 82];
        let mut held: Vec<Account<'_>> = vec![Account { key: POOL, owner: MeteoraDlmm::PROGRAM, data: &self.pair }];
        held.extend(MINTS.map(|key| Account { key, owner: TOKEN, data: &mint }));
        let keys = [[10; 32], [11; 32], [12; 32]];
        for (key, data) in keys.into_iter().zip(&self.arrays) {
            held.push(Account { key, owner: MeteoraDlmm::PROGRAM, data });
        }
        let held = held.into_iter().map(|account| (account.key, account)).collect();
        let routes = [vec![keys[1], keys[0]], vec![keys[1], keys[2]]];
        MeteoraDlmm::read(&Accounts::new(HashMap::from(ROLES), held, routes), &NOW)
    }

    fn quote(&self, x_in: bool, given: Given, amount: u64) -> Result<Fill, Refusal> {
        self.read()?.quote(&ask(x_in, given, amount))
    }

    fn bin(&mut self, number: i64) -> &mut [u8] {
        let array = usize::try_from(number.div_euclid(BINS) + 1).unwrap();
        let at = FIRST_BIN + BIN_LENGTH * usize::try_from(number.rem_euclid(BINS)).unwrap();
        &mut self.arrays[array][at..at + BIN_LENGTH]
    }
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

fn array(index: i64) -> Vec<u8> {
    let mut data = vec![0; ARRAY_LENGTH];
    data[..8].copy_from_slice(&ARRAY_MAGIC);
    put(&mut data, 8, &index.to_le_bytes());
    put(&mut data, 24, &POOL);
    for place in 0..BINS {
        let (number, at) = (index * BINS + place, FIRST_BIN + BIN_LENGTH * place as usize);
        let (x, y) = (u64::from(number >= 35) * 1_000_000, u64::from(number <= 35) * 1_000_000);
        put(&mut data, at, &x.to_le_bytes());
        put(&mut data, at + 8, &y.to_le_bytes());
        let price = (1u128 << 64) + (1u128 << 54) * u128::try_from(number + 200).unwrap();
        put(&mut data, at + 16, &price.to_le_bytes());
    }
    data
}

fn ask(x_in: bool, given: Given, amount: u64) -> Ask {
    Ask { zero_for_one: x_in, given, amount, price_limit: 0, variant: 0 }
}

#[test]
fn an_exact_output_costs_what_gives_it() {
    let pool = Forged::new();
    for x_in in [true, false] {
        for amount in [1, 1_000, 1_000_000, 1_000_001, 30_000_000] {
            let bought = pool.quote(x_in, Given::Output, amount).unwrap();
            let sold = pool.quote(x_in, Given::Input, bought.amount_in).unwrap();
            assert_eq!(bought.amount_out, amount);
            assert!(sold.amount_out >= amount);
        }
    }
}

#[test]
fn modes_the_program_rejects_are_refused() {
    for (at, value, reason) in [
        (35, 3, Refusal::Range),
        (36, 2, Refusal::Range),
        (75, 4, Refusal::Range),
        (86, 2, Refusal::Range),
        (82, 1, Refusal::Disabled),
        (34, 39, Refusal::Overflow),
        (0, 0, Refusal::Magic),
        (88, 9, Refusal::Inconsistent),
    ] {
        let mut pool = Forged::new();
        pool.pair[at] = value;
        assert_eq!(pool.read().err(), Some(reason), "byte {at}");
    }
}

#[test]
fn a_permissioned_pool_waits_for_its_point() {
    let mut pool = Forged::new();
    put(&mut pool.pair, 816, &(NOW.slot + 1).to_le_bytes());
    assert!(pool.read().is_ok());
    for kind in [1, 2] {
        pool.pair[75] = kind;
        assert_eq!(pool.read().err(), Some(Refusal::Disabled));
    }
}

#[test]
fn the_end_of_the_route_or_of_the_allowed_bins_is_the_end() {
    let mut pool = Forged::new();
    assert_eq!(pool.quote(true, Given::Input, u64::MAX / 2), Err(Refusal::Empty));
    let deep = pool.quote(true, Given::Output, 36_500_000);
    assert!(deep.is_ok());
    put(&mut pool.pair, 24, &0i32.to_le_bytes());
    assert_eq!(pool.quote(true, Given::Output, 36_500_000), Err(Refusal::Empty));
    assert!(pool.quote(true, Given::Output, 35_500_000).is_ok());
}

#[test]
fn limit_orders_are_sold_after_the_makers_amount() {
    let mut pool = Forged::new();
    let without = pool.quote(true, Given::Input, 1_500_000).unwrap();
    put(pool.bin(35), 128, &1_000_000u64.to_le_bytes());
    let with = pool.quote(true, Given::Input, 1_500_000).unwrap();
    assert!(with.amount_out > without.amount_out);
    pool.bin(35)[140] = 1;
    assert_eq!(pool.quote(true, Given::Input, 1_500_000), Ok(without));
    pool.bin(35)[140] = 0;
    pool.pair[35] = 1;
    assert_eq!(pool.quote(true, Given::Input, 1_500_000), Ok(without));
}

#[test]
fn an_output_that_rounding_between_layers_misses_is_refused() {
    let mut pool = Forged::new();
    put(pool.bin(35), 8, &1_001u64.to_le_bytes());
    put(pool.bin(35), 128, &1_000_000u64.to_le_bytes());
    let state = pool.read().unwrap();
    let refused = (2_000..3_000).filter(|out| state.quote(&ask(true, Given::Output, *out)).is_err()).count();
    assert!(refused > 0 && refused < 1_000);
}

#[test]
fn a_fee_on_the_output_leaves_the_input_whole() {
    let mut pool = Forged::new();
    let on_input = pool.quote(false, Given::Input, 500_000).unwrap();
    pool.pair[36] = 1;
    assert_eq!(pool.quote(false, Given::Input, 500_000), Ok(on_input));
    let with = pool.quote(true, Given::Input, 1_000).unwrap();
    put(&mut pool.pair, 8, &0u16.to_le_bytes());
    assert!(pool.quote(true, Given::Input, 1_000).unwrap().amount_out > with.amount_out);
}

#[test]
fn volatility_is_kept_then_decayed_then_forgotten() {
    let fee_of = |ago: i64| {
        let mut pool = Forged::new();
        for (at, period) in [(10, 30u16), (12, 600), (14, 5_000)] {
            put(&mut pool.pair, at, &period.to_le_bytes());
        }
        for (at, value) in [(16, 2_000_000u32), (20, 350_000), (40, 100_000), (44, 80_000), (48, 35)] {
            put(&mut pool.pair, at, &value.to_le_bytes());
        }
        put(&mut pool.pair, 56, &(NOW.unix_timestamp - ago).to_le_bytes());
        Pair::read(&pool.pair, &NOW).unwrap().fee(35).unwrap()
    };
    // 0.1 % and ceil(2e6 * (volatility * 10)^2 / 1e11).
    assert_eq!(fee_of(29), 1_000_000 + 12_800_000);
    assert_eq!(fee_of(30), 1_000_000 + 5_000_000);
    assert_eq!(fee_of(599), 1_000_000 + 5_000_000);
    assert_eq!(fee_of(600), 1_000_000);
}

#[test]
fn the_older_instructions_know_only_spl_tokens() {
    let state = Forged::new().read().unwrap();
    let mut asked = ask(true, Given::Input, 1_000);
    let usual = state.quote(&asked);
    asked.variant = V1;
    assert_eq!(state.quote(&asked), usual);
    assert_eq!(MeteoraDlmm { plain_tokens: false, ..state.clone() }.quote(&asked), Err(Refusal::Owner));
    asked.variant = 2;
    assert_eq!(state.quote(&asked), Err(Refusal::Unsupported));
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        changes in proptest::collection::vec((0usize..4, 0usize..ARRAY_LENGTH, any::<u8>()), 1..12),
        cut in proptest::option::of((0usize..4, 0usize..ARRAY_LENGTH)), x_in: bool, output: bool, amount: u64,
    ) {
        let mut pool = Forged::new();
        for (account, at, value) in changes {
            let data = if account == 3 { &mut pool.pair } else { &mut pool.arrays[account] };
            let at = at % data.len();
            data[at] = value;
        }
        if let Some((account, at)) = cut {
            let data = if account == 3 { &mut pool.pair } else { &mut pool.arrays[account] };
            data.truncate(at);
        }
        let given = if output { Given::Output } else { Given::Input };
        if let Ok(fill) = pool.quote(x_in, given, amount) {
            prop_assert!(fill.amount_in > 0 && fill.amount_out > 0);
        }
    }

    #[test]
    fn any_pair_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), PAIR_LENGTH - 8)) {
        let mut pool = Forged::new();
        pool.pair[8..].copy_from_slice(&bytes);
        for (at, byte) in [(35, 0), (36, 0), (75, 0), (82, 0), (86, 0)] {
            pool.pair[at] = byte;
        }
        put(&mut pool.pair, 88, &MINTS[0]);
        put(&mut pool.pair, 120, &MINTS[1]);
        if let Ok(state) = pool.read() {
            let _ = state.quote(&ask(true, Given::Input, 1_000_000));
        }
    }
}
