//! The crate `uniswap_v3_math` in the swap loop of the pool contract, every quote checked against the workload.

use std::collections::HashMap;
use std::hint::black_box;

use alloy_primitives::{I256, U256};
use uniswap_v3_math::error::UniswapV3MathError;
use uniswap_v3_math::liquidity_math::add_delta;
use uniswap_v3_math::swap_math::compute_swap_step;
use uniswap_v3_math::tick_bitmap::{flip_tick, next_initialized_tick_within_one_word};
use uniswap_v3_math::tick_math::{
    get_sqrt_ratio_at_tick, get_tick_at_sqrt_ratio, MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK,
};

#[path = "../../../../hot/core/benches/suite/deep.rs"]
mod deep;
#[path = "../../measure.rs"]
mod measure;

const WHO: &str = "uniswap_v3_math";

struct Pool {
    sqrt_price: U256,
    tick: i32,
    liquidity: u128,
    spacing: i32,
    fee: u32,
    bitmap: HashMap<i16, U256>,
    net: HashMap<i32, i128>,
}

impl Pool {
    /// Price, tick, liquidity, spacing, fee, count of ticks, then tick, gross and net of each.
    fn parse(line: &str) -> Self {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let mut pool = Self {
            sqrt_price: parts[0].parse().unwrap(),
            tick: parts[1].parse().unwrap(),
            liquidity: parts[2].parse().unwrap(),
            spacing: parts[3].parse().unwrap(),
            fee: parts[4].parse().unwrap(),
            bitmap: HashMap::new(),
            net: HashMap::new(),
        };
        for mark in parts[6..].chunks(3) {
            let tick = mark[0].parse().unwrap();
            flip_tick(&mut pool.bitmap, tick, pool.spacing).unwrap();
            pool.net.insert(tick, mark[2].parse().unwrap());
        }
        pool
    }

    /// `UniswapV3Pool.swap` with an exact input and no price limit; what comes out.
    fn quote(&self, zero_for_one: bool, amount: U256) -> Result<U256, UniswapV3MathError> {
        let limit = if zero_for_one { MIN_SQRT_RATIO + U256::from(1) } else { MAX_SQRT_RATIO - U256::from(1) };
        let (mut price, mut tick, mut liquidity) = (self.sqrt_price, self.tick, self.liquidity);
        let (mut left, mut out) = (amount, U256::ZERO);
        while !left.is_zero() && price != limit {
            let (next, initialized) =
                next_initialized_tick_within_one_word(&self.bitmap, tick, self.spacing, zero_for_one)?;
            let next = next.clamp(MIN_TICK, MAX_TICK);
            let edge = get_sqrt_ratio_at_tick(next)?;
            let target = if zero_for_one { edge.max(limit) } else { edge.min(limit) };
            let (reached, paid, got, fee) =
                compute_swap_step(price, target, liquidity, I256::from_raw(left), self.fee)?;
            left -= paid + fee;
            out += got;
            if reached == edge {
                if initialized {
                    let net = self.net[&next];
                    liquidity = add_delta(liquidity, if zero_for_one { -net } else { net })?;
                }
                tick = if zero_for_one { next - 1 } else { next };
            } else if reached != price {
                tick = get_tick_at_sqrt_ratio(reached)?;
            }
            price = reached;
        }
        black_box(tick);
        Ok(out)
    }
}

fn main() {
    let pool = Pool::parse(&measure::workload("v3_quote.txt"));
    for line in measure::workload("v3_quote_amounts.txt").lines().filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let (down, amount, expected): (bool, U256, U256) =
            (parts[0] == "1", parts[2].parse().unwrap(), parts[3].parse().unwrap());
        assert_eq!(pool.quote(down, amount).unwrap(), expected);
        let side = if down { "sell0" } else { "sell1" };
        measure::report(&format!("quote_cl_{}_{side}", parts[1]), WHO, true, |at| {
            pool.quote(down, black_box(amount + U256::from(at & 1023))).unwrap()
        });
    }
    let pool = Pool::parse(&deep::pool());
    for (down, crossed, amount, expected) in deep::QUOTES {
        let amount = U256::from(amount);
        assert_eq!(pool.quote(down, amount).unwrap(), U256::from(expected));
        measure::report(&deep::name(down, crossed), WHO, true, |at| {
            pool.quote(down, black_box(amount + U256::from(at & 1023))).unwrap()
        });
    }
}
