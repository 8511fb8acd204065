//! `quote_*`: one exact quote, and what keeps the index ready for it.

use std::hint::black_box;

use hoploop_hot::curves::State;

use crate::clock::report;
use crate::deep;
use crate::workloads::{rows, v2, v3, v3_pool, Pool};

/// All quote figures.
pub fn run() {
    constant_product();
    concentrated();
    across_a_hundred();
}

fn constant_product() {
    let pools: Vec<Pool> = rows("v2_pairs.csv").iter().map(|row| v2(row[0], row[1])).collect();
    report("quote_v2", 300_000, |at| {
        let (curve, state) = &pools[at % pools.len()];
        black_box(curve.quote(state, true, black_box(10u128.pow(17) + at as u128)).unwrap());
    });
}

fn concentrated() {
    let pools = v3("v3_quote.txt");
    let (curve, state) = &pools[0];
    let State::Ticks(ticks) = state else { return };
    for row in rows("v3_quote_amounts.txt") {
        let (down, crossed, amount, expected) = (row[0] == 1, row[1], row[2], row[3]);
        assert_eq!(curve.quote(state, down, amount), Ok(expected));
        assert_eq!(ticks.quote_by_steps(3000, 60, down, amount), Ok(expected));
        let side = if down { "sell0" } else { "sell1" };
        report(&format!("quote_cl_{crossed}_{side}"), 100_000, |at| {
            black_box(curve.quote(state, down, black_box(amount + (at as u128 & 1023))).unwrap());
        });
        if crossed <= 10 {
            report(&format!("quote_cl_{crossed}_{side}_by_steps"), 20_000, |at| {
                black_box(ticks.quote_by_steps(3000, 60, down, black_box(amount + (at as u128 & 1023))).unwrap());
            });
        }
    }
    let mut moved = ticks.clone();
    report("index_swap", 50_000, |_| moved.reindex(3000, 60));
    report("index_mint", 2_000, |at| {
        let delta = if at % 2 == 0 { 1_000 } else { -1_000 };
        moved.change_position(-600, 780, delta, 60).unwrap();
        moved.reindex_from(-600, 780, 3000, 60);
    });
}

fn across_a_hundred() {
    let (curve, state) = v3_pool(&deep::pool());
    let State::Ticks(ticks) = &state else { return };
    for (down, crossed, amount, expected) in deep::QUOTES {
        assert_eq!(curve.quote(&state, down, amount), Ok(expected));
        assert_eq!(ticks.quote_by_steps(3000, 60, down, amount), Ok(expected));
        report(&deep::name(down, crossed), 100_000, |at| {
            black_box(curve.quote(&state, down, black_box(amount + (at as u128 & 1023))).unwrap());
        });
    }
}
