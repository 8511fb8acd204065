//! The venue as a whole: a pool by hand, and bytes that make no sense.

use super::*;
use proptest::prelude::*;

const KEYS: [(&str, u8); 6] =
    [("pool", 1), ("config", 2), ("mint_a", 3), ("mint_b", 4), ("bitmap_extension", 5), ("observation", 6)];
const ARRAYS: [(u8, i32); 2] = [(7, -600), (8, 0)];
const ROOM: u128 = 1 << 50;

/// Accounts of a pool at tick 5, spacing 10, by the first byte of their address.
fn accounts() -> Vec<(u8, [u8; 32], Vec<u8>)> {
    let mut pool = blank(&POOL);
    for (at, key) in [(9, 2), (73, 3), (105, 4)] {
        put(&mut pool, at, &[key; 32]);
    }
    put(&mut pool, 235, &10u16.to_le_bytes());
    put(&mut pool, 237, &ROOM.to_le_bytes());
    put(&mut pool, 253, &ticks::sqrt_price_at(5).to_le_bytes());
    put(&mut pool, 269, &5i32.to_le_bytes());
    // Arrays -1 and 0.
    put(&mut pool, 904 + 63, &[0x80, 1]);
    let mut config = blank(&CONFIG);
    put(&mut config, 47, &2_500u32.to_le_bytes());
    let mut extension = blank(&EXTENSION);
    put(&mut extension, 8, &[1; 32]);
    let mut observation = blank(&OBSERVATION);
    put(&mut observation, 19, &[1; 32]);
    let mut all = vec![
        (1, RaydiumClmm::PROGRAM, pool),
        (2, RaydiumClmm::PROGRAM, config),
        (3, TOKEN, vec![0; 82]),
        (4, TOKEN, vec![0; 82]),
        (5, RaydiumClmm::PROGRAM, extension),
        (6, RaydiumClmm::PROGRAM, observation),
    ];
    for (key, start) in ARRAYS {
        let mut array = blank(&ARRAY);
        put(&mut array, 8, &[1; 32]);
        put(&mut array, 40, &start.to_le_bytes());
        // A position from -100 to 100, orders at -20 and at 20.
        for (tick, net, unfilled) in
            [(-100, ROOM as i128, 0u64), (-20, 0, 900), (20, 0, 900), (100, -(ROOM as i128), 0)]
        {
            if let Some(at) = usize::try_from(tick - start).ok().filter(|at| *at < 600).map(|at| 44 + at / 10 * 168) {
                put(&mut array, at, &tick.to_le_bytes());
                put(&mut array, at + 4, &net.to_le_bytes());
                put(&mut array, at + 20, &net.unsigned_abs().to_le_bytes());
                put(&mut array, at + 124, &unfilled.to_le_bytes());
            }
        }
        array[10_124] = 2;
        all.push((key, RaydiumClmm::PROGRAM, array));
    }
    all
}

fn blank((magic, length): &Kind) -> Vec<u8> {
    let mut data = magic.to_vec();
    data.resize((*length).max(60), 0);
    data
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

fn read(all: &[(u8, [u8; 32], Vec<u8>)]) -> Result<RaydiumClmm, Refusal> {
    let held = all.iter().map(|(key, owner, data)| ([*key; 32], Account { key: [*key; 32], owner: *owner, data }));
    let roles = KEYS.iter().map(|(role, key)| (*role, [*key; 32])).collect();
    let accounts = Accounts::new(roles, held.collect(), [vec![[7; 32]], vec![[8; 32]]]);
    RaydiumClmm::read(&accounts, &Clock { slot: 1, unix_timestamp: 1_700_000_000, epoch: 500 })
}

fn ask(zero_for_one: bool, given: Given, amount: u64) -> Ask {
    Ask { zero_for_one, given, amount, price_limit: 0, variant: USUAL }
}

#[test]
fn the_ladders_list_what_is_ahead_and_why_it_ends() {
    let pool = read(&accounts()).unwrap();
    let ticks = |side: usize| pool.ladders[side].rungs.iter().map(|rung| rung.tick).collect::<Vec<_>>();
    assert_eq!(ticks(0), [-20, -100]);
    assert_eq!(ticks(1), [20, 100]);
    assert_eq!(pool.ladders[0].end, Refusal::Empty);
}

#[test]
fn a_swap_within_the_range_pays_as_the_formulas_say() {
    let pool = read(&accounts()).unwrap();
    // 1000 less the fee of 3 at 1.0001^5 is 997.49; the price rounds against the taker.
    let fill = pool.quote(&ask(true, Given::Input, 1_000)).unwrap();
    assert_eq!(fill, Fill { amount_in: 1_000, amount_out: 997 });
    let back = pool.quote(&ask(true, Given::Output, 997)).unwrap();
    assert_eq!(back.amount_out, 997);
    assert!(back.amount_in <= 1_000);
}

#[test]
fn more_than_there_is_is_refused() {
    let pool = read(&accounts()).unwrap();
    assert!(pool.quote(&ask(true, Given::Input, u64::MAX)).is_err());
    assert!(pool.quote(&ask(false, Given::Output, u64::MAX)).is_err());
}

proptest! {
    #[test]
    fn bytes_that_make_no_sense_are_refused_or_quoted_without_a_panic(
        changes in proptest::collection::vec((0usize..8, 0usize..2_000, any::<u8>()), 1..12),
        ends: bool, dynamic in any::<[u8; 34]>(),
        (zero_for_one, exact_in, amount, price_limit) in any::<(bool, bool, u64, u128)>(),
        variant in 0u8..4,
    ) {
        let mut all = accounts();
        if ends {
            put(&mut all[0].2, 1096, &dynamic);
        }
        for (index, at, byte) in changes {
            let data = &mut all[index].2;
            let length = data.len();
            data[at % length] = byte;
        }
        let given = if exact_in { Given::Input } else { Given::Output };
        if let Ok(pool) = read(&all) {
            let _ = pool.quote(&Ask { zero_for_one, given, amount, price_limit, variant });
            let _ = pool.quote(&Ask { zero_for_one, given, amount: amount >> 30, price_limit: 0, variant });
        }
    }
}
