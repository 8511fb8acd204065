//! Markets of constant-product pools for the tests.

#![allow(dead_code)]

use hoploop_hot::decoders::uniswap_v2::SYNC;
use hoploop_hot::fees::{NetworkFee, Tip};
use hoploop_hot::{Market, PoolConfig, SearchConfig};

pub fn door(number: u32) -> Vec<u8> {
    [number.to_be_bytes().repeat(5), SYNC.to_vec()].concat()
}

pub fn word(value: u128) -> Vec<u8> {
    [vec![0; 16], value.to_be_bytes().to_vec()].concat()
}

pub fn sync(r0: u128, r1: u128) -> Vec<u8> {
    [word(r0), word(r1)].concat()
}

/// Bits 0..112 and 112..224 of one big-endian word.
pub fn slot8(r0: u128, r1: u128) -> Vec<u8> {
    [vec![0; 4], r1.to_be_bytes()[2..].to_vec(), r0.to_be_bytes()[2..].to_vec()].concat()
}

/// A search from asset 0 over the first pools, without costs.
pub fn search(pools: usize, min_hops: usize, max_hops: usize) -> SearchConfig {
    SearchConfig {
        name: "search".to_owned(),
        base: 0,
        pools: (0..pools as u32).collect(),
        lenders: vec![],
        min_hops,
        max_hops,
        max_notional: 1 << 100,
        min_net: 1,
        tip: Tip { num: 0, den: 1, min: 0, max: 0 },
        budget: 256,
    }
}

/// Pools between these assets, sealed, with own capital and free transactions.
pub fn v2_market(assets: &[[u32; 2]], searches: &[SearchConfig]) -> (Market, [usize; 3]) {
    let mut market = Market::new();
    let bases = searches.iter().map(|search| search.base);
    for asset in 0..=assets.iter().flatten().copied().chain(bases).max().unwrap_or(1) {
        market.add_asset(&format!("asset {asset}")).unwrap();
    }
    for (number, [asset0, asset1]) in assets.iter().enumerate() {
        let key = door(number as u32);
        let config = PoolConfig {
            name: "pool",
            curve: "constant_product",
            decoder: "uniswap_v2",
            asset0: *asset0,
            asset1: *asset1,
            fee_num: 3,
            fee_den: 1000,
            tick_spacing: 0,
            units: 0,
            doors: &[&key],
        };
        market.add_pool(&config).unwrap();
    }
    for search in searches {
        let number = market.add_search(search.clone()).unwrap();
        market.set_own_capital(number, u128::MAX).unwrap();
    }
    market.set_fees(NetworkFee { base_fee: 0, base_units: 0, price_num: 0, price_den: 1 }).unwrap();
    let sealed = market.seal().unwrap();
    (market, sealed)
}
