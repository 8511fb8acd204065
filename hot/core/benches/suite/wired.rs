//! A market over a seeded world: constant-product pools of Hoploop's AMM and a search from every hub.

use hoploop_hot::fees::{NetworkFee, Tip};
use hoploop_hot::{Market, PoolConfig, SearchConfig};

use crate::graph::{World, HUBS};

/// Cycles sized in one update, all searches together.
const BUDGET: usize = 256;

/// Searches from every hub over all pools, so that nearly every cycle of the graph belongs to one of them.
pub fn build(world: &World) -> Market {
    let mut market = Market::new();
    for asset in 0..world.assets {
        market.add_asset(&format!("asset {asset}")).unwrap();
    }
    for (number, [asset0, asset1]) in world.pools.iter().enumerate() {
        let key = World::key(number);
        let config = PoolConfig {
            name: "pool",
            curve: "constant_product_fee_first",
            decoder: "hoploop_amm",
            asset0: *asset0,
            asset1: *asset1,
            fee_num: 2500,
            fee_den: 1_000_000,
            tick_spacing: 0,
            units: 0,
            doors: &[&key],
        };
        market.add_pool(&config).unwrap();
    }
    for base in 0..HUBS as u32 {
        let search = SearchConfig {
            name: format!("hub {base}"),
            base,
            pools: (0..world.pools.len() as u32).collect(),
            lenders: vec![],
            min_hops: 2,
            max_hops: 3,
            max_notional: 1 << 64,
            min_net: 1,
            tip: Tip { num: 0, den: 1, min: 0, max: 0 },
            budget: BUDGET / HUBS,
        };
        let number = market.add_search(search).unwrap();
        market.set_own_capital(number, 1 << 64).unwrap();
    }
    market.set_fees(NetworkFee { base_fee: 0, base_units: 0, price_num: 0, price_den: 1 }).unwrap();
    market
}
