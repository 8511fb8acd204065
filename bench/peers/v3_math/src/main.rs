//! Quotes of the shared workload by the crate `uniswap_v3_math`: its step function in the contract's own loop.
//! Usage: `bench-peer-v3-math WORKLOADS`; one JSON line a measurement.

use std::hint::black_box;
use std::time::Instant;

use alloy_primitives::{I256, U256};
use uniswap_v3_math::swap_math::compute_swap_step;
use uniswap_v3_math::tick_math::get_sqrt_ratio_at_tick;

struct Pool {
    price: U256,
    tick: i32,
    liquidity: u128,
    spacing: i32,
    fee: u32,
    marks: Vec<(i32, i128)>,
}

impl Pool {
    fn read(line: &str) -> Self {
        let parts: Vec<&str> = line.split(' ').collect();
        let marks = parts[6..].chunks(3).map(|mark| (mark[0].parse().unwrap(), mark[2].parse().unwrap())).collect();
        Self {
            price: U256::from_str_radix(parts[0], 10).unwrap(),
            tick: parts[1].parse().unwrap(),
            liquidity: parts[2].parse().unwrap(),
            spacing: parts[3].parse().unwrap(),
            fee: parts[4].parse().unwrap(),
            marks,
        }
    }

    /// Next initialized tick or edge of the bitmap word, with what crossing it adds upwards.
    fn next(&self, tick: i32, down: bool) -> (i32, i128) {
        let compressed = tick.div_euclid(self.spacing);
        let (edge, at) = if down {
            let at = self.marks.partition_point(|mark| mark.0 <= tick).checked_sub(1);
            ((compressed >> 8 << 8) * self.spacing, at)
        } else {
            let at = self.marks.partition_point(|mark| mark.0 <= tick);
            ((((compressed + 1) >> 8 << 8) + 255) * self.spacing, Some(at))
        };
        match at.and_then(|at| self.marks.get(at)) {
            Some(mark) if (down && mark.0 >= edge) || (!down && mark.0 <= edge) => *mark,
            _ => (edge, 0),
        }
    }

    fn quote(&self, down: bool, amount: u128) -> U256 {
        let (mut price, mut tick, mut liquidity) = (self.price, self.tick, self.liquidity);
        let (mut remaining, mut out) = (I256::from_raw(U256::from(amount)), U256::ZERO);
        while remaining > I256::ZERO {
            let (edge, net) = self.next(tick, down);
            let target = get_sqrt_ratio_at_tick(edge).unwrap();
            let (next, taken, paid, fee) = compute_swap_step(price, target, liquidity, remaining, self.fee).unwrap();
            remaining -= I256::from_raw(taken + fee);
            out += paid;
            price = next;
            if next == target {
                liquidity = liquidity.checked_add_signed(if down { -net } else { net }).unwrap();
                tick = if down { edge - 1 } else { edge };
            }
        }
        out
    }
}

fn main() {
    let folder = std::env::args().nth(1).expect("a folder of workloads");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let pool = Pool::read(read("v3_quote.txt").lines().next().unwrap());
    for line in read("v3_quote_amounts.txt").lines() {
        let row: Vec<u128> = line.split(' ').map(|part| part.parse().unwrap()).collect();
        let down = row[0] == 1;
        assert_eq!(pool.quote(down, row[2]), U256::from(row[3]));
        let mut rounds: Vec<f64> = (0..11)
            .map(|_| {
                let start = Instant::now();
                for at in 0..5_000u128 {
                    black_box(pool.quote(down, black_box(row[2] + (at & 1023))));
                }
                start.elapsed().as_nanos() as f64 / 5_000.0
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        let side = if down { "sell0" } else { "sell1" };
        println!("{{\"name\":\"v3_math quote_cl_{}_{side}\",\"median\":{:.2},\"min\":{:.2}}}", row[1], rounds[5], rounds[0]);
    }
}
