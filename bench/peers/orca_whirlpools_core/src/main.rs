//! The crate `orca_whirlpools_core` on the Whirlpool workload, every quote checked against it.
//! Its function takes the tick arrays by value, so a caller that keeps them pays for a copy with every quote.

use std::hint::black_box;

use orca_whirlpools_core::{swap_quote_by_input_token, TickArrayFacade, TickArrays, TickFacade, WhirlpoolFacade};

#[path = "../../measure.rs"]
mod measure;

const WHO: &str = "orca_whirlpools_core";
const SLOTS: usize = 88;

fn main() {
    let text = measure::workload("orca_case.txt");
    let mut lines = text.lines();
    let state: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let pool = WhirlpoolFacade {
        tick_current_index: state[0].parse().unwrap(),
        tick_spacing: state[1].parse().unwrap(),
        fee_rate: state[2].parse().unwrap(),
        liquidity: state[3].parse().unwrap(),
        sqrt_price: state[4].parse().unwrap(),
        ..WhirlpoolFacade::default()
    };
    let arrays = arrays(&pool, lines.next().unwrap());
    for line in lines.filter(|line| !line.is_empty()) {
        let row: Vec<u64> = line.split_whitespace().map(|part| part.parse().unwrap()).collect();
        let quote =
            |amount| swap_quote_by_input_token(amount, true, 0, pool, TickArrays::from(arrays), None, None).unwrap();
        assert_eq!(quote(row[0]).token_est_out, row[1]);
        measure::report(&format!("quote_whirlpool_{}", row[2]), WHO, true, |at| quote(black_box(row[0] + (at & 1023))));
    }
}

/// The five arrays around the current tick, from `tick:net` pairs.
fn arrays(pool: &WhirlpoolFacade, ticks: &str) -> [TickArrayFacade; 5] {
    let spacing = i32::from(pool.tick_spacing);
    let length = SLOTS as i32 * spacing;
    let here = pool.tick_current_index.div_euclid(length);
    let mut found = [-2, -1, 0, 1, 2].map(|step| TickArrayFacade {
        start_tick_index: (here + step) * length,
        ticks: [TickFacade::default(); SLOTS],
    });
    for pair in ticks.split_whitespace() {
        let (tick, net) = pair.split_once(':').unwrap();
        let (tick, net): (i32, i128) = (tick.parse().unwrap(), net.parse().unwrap());
        let array = found.iter_mut().find(|array| (0..length).contains(&(tick - array.start_tick_index))).unwrap();
        let slot = &mut array.ticks[((tick - array.start_tick_index) / spacing) as usize];
        *slot = TickFacade {
            initialized: true,
            liquidity_net: net,
            liquidity_gross: net.unsigned_abs(),
            ..TickFacade::default()
        };
    }
    found
}
