//! The market as a whole: bytes in, candidates out, whatever the bytes are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use hoploop_hot::decoders::uniswap_v2::SYNC;
use hoploop_hot::fees::{NetworkFee, Tip};
use hoploop_hot::wiring::Lender;
use hoploop_hot::{Market, PoolConfig, SearchConfig, Update};
use proptest::prelude::*;

const UNIT: u128 = 1_000_000_000_000_000_000;

fn door(number: u8) -> Vec<u8> {
    [vec![number; 20], SYNC.to_vec()].concat()
}

fn word(value: u128) -> Vec<u8> {
    [vec![0; 16], value.to_be_bytes().to_vec()].concat()
}

fn sync(r0: u128, r1: u128) -> Vec<u8> {
    [word(r0), word(r1)].concat()
}

/// Bits 0..112 and 112..224 of one big-endian word.
fn slot8(r0: u128, r1: u128) -> Vec<u8> {
    [vec![0; 4], r1.to_be_bytes()[2..].to_vec(), r0.to_be_bytes()[2..].to_vec()].concat()
}

fn market(reserves: &[(u128, u128)]) -> Market {
    let mut market = Market::new();
    let (a, b) = (market.add_asset("a").unwrap(), market.add_asset("b").unwrap());
    for number in 0..reserves.len() {
        let key = door(number as u8);
        let doors: [&[u8]; 1] = [&key];
        let config = PoolConfig {
            name: "pool",
            curve: "constant_product",
            decoder: "uniswap_v2",
            asset0: a,
            asset1: b,
            fee_num: 3,
            fee_den: 1000,
            tick_spacing: 0,
            units: 100,
            doors: &doors,
        };
        market.add_pool(&config).unwrap();
    }
    let lender = market.add_lender(Lender::new("lender".into(), 5, 10_000, "half_up", 0, 50).unwrap());
    market.set_fees(NetworkFee { base_fee: 7, base_units: 10, price_num: 3, price_den: 2 }).unwrap();
    let search = SearchConfig {
        name: "search".into(),
        base: a,
        pools: (0..reserves.len() as u32).collect(),
        lenders: vec![lender],
        min_hops: 2,
        max_hops: 3,
        max_notional: u128::MAX,
        min_net: 1,
        tip: Tip { num: 1, den: 10, min: 0, max: u128::MAX },
        budget: 8,
    };
    market.add_search(search).unwrap();
    market.set_available(lender, a, u128::MAX).unwrap();
    market.seal().unwrap();
    for (number, (r0, r1)) in reserves.iter().enumerate() {
        assert_eq!(market.load(number as u32, 0, &slot8(*r0, *r1)).unwrap(), Ok(true));
    }
    market
}

#[test]
fn a_price_gap_becomes_one_candidate_with_exact_costs() {
    let mut market = market(&[(1000 * UNIT, 2700 * UNIT), (1000 * UNIT, 2500 * UNIT)]);
    let (key, data) = (door(0), sync(1000 * UNIT, 2700 * UNIT));
    let batch = market.on_batch(&[Update { key: &key, seq: 1, data: &data }]).unwrap();
    let [found] = batch.candidates.as_slice() else { panic!("one candidate, not {:?}", batch.candidates) };
    assert_eq!(found.legs.iter().map(|leg| (leg.pool, leg.zero_for_one)).collect::<Vec<_>>(), [(0, true), (1, false)]);
    assert_eq!((found.units, found.network_fee, found.seq), (250, 7 + 390, 1));
    let costs = found.flash_fee + found.network_fee + found.tip;
    assert_eq!(found.net, found.gross - i128::try_from(costs).unwrap());
    assert!(found.net > 0);
}

#[test]
fn the_seal_counts_and_closes() {
    let mut market = market(&[(UNIT, UNIT), (UNIT, UNIT), (UNIT, UNIT)]);
    assert!(market.seal().is_err());
    assert!(market.add_search(search_of_nothing()).is_err());
}

fn search_of_nothing() -> SearchConfig {
    SearchConfig {
        name: String::new(),
        base: 0,
        pools: vec![],
        lenders: vec![],
        min_hops: 2,
        max_hops: 2,
        max_notional: 1,
        min_net: 0,
        tip: Tip { num: 0, den: 1, min: 0, max: 0 },
        budget: 1,
    }
}

proptest! {
    #[test]
    fn any_reserves_lead_to_candidates_that_add_up(
        reserves in prop::collection::vec((0..1u128 << 112, 0..1u128 << 112), 2..5),
    ) {
        let mut market = market(&reserves);
        let (key, data) = (door(0), sync(reserves[0].0, reserves[0].1));
        let batch = market.on_batch(&[Update { key: &key, seq: 1, data: &data }]).unwrap();
        for found in &batch.candidates {
            let mut amount = found.amount_in;
            for leg in &found.legs {
                prop_assert_eq!(leg.amount_in, amount);
                amount = market.pool(leg.pool).unwrap().quote(leg.zero_for_one, amount).unwrap();
            }
            let paid = found.amount_in + found.flash_fee + found.network_fee + found.tip;
            prop_assert_eq!(found.net, i128::try_from(amount).unwrap() - i128::try_from(paid).unwrap());
        }
    }

    #[test]
    fn any_bytes_are_answered(items in prop::collection::vec((0u8..4, any::<u64>(), prop::collection::vec(any::<u8>(), 0..80)), 0..8)) {
        let mut market = market(&[(UNIT, UNIT), (UNIT, 2 * UNIT), (UNIT, 3 * UNIT)]);
        let doors: Vec<Vec<u8>> = items.iter().map(|item| door(item.0)).collect();
        let updates: Vec<Update<'_>> =
            items.iter().zip(&doors).map(|(item, key)| Update { key, seq: item.1, data: &item.2 }).collect();
        let batch = market.on_batch(&updates).unwrap();
        prop_assert_eq!(batch.applied + batch.ignored + batch.refused.len(), items.len());
    }
}
