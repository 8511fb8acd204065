//! `quote_*` and `solve_*` over the shared workloads: exact where ours is exact, one exact evaluation a solve.

use std::hint::black_box;
use std::path::PathBuf;

use crate::amm::{ticks_best, v2_best, v2_in, v2_out, Ticks};
use crate::clock::{measure, ROUNDS};
use crate::deep;

/// All figures, or why there are none.
pub fn run() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/yardstick/workloads");
    let folder = std::env::var_os("HOPLOOP_WORKLOADS").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("{{\"skipped\":\"no workloads at {}\"}}", folder.display());
        return;
    }
    let lines = |name: &str| -> Vec<String> {
        std::fs::read_to_string(folder.join(name)).unwrap().lines().map(str::to_owned).collect()
    };
    let rows = |name: &str| -> Vec<Vec<u128>> {
        let row = |line: &String| line.split([',', ' ']).map(|part| part.parse().unwrap()).collect();
        lines(name).iter().map(row).collect()
    };
    flat(&rows("v2_pairs.csv"), &rows("v2_tri.csv"));
    let pool = Ticks::parse(&lines("v3_quote.txt")[0]);
    for row in rows("v3_quote_amounts.txt") {
        let name = format!("quote_cl_{}_{}", row[1], if row[0] == 1 { "sell0" } else { "sell1" });
        quote(&name, &pool, row[0] == 1, row[2], row[3]);
    }
    let pool = Ticks::parse(&deep::pool());
    for (down, crossed, amount, expected) in deep::QUOTES {
        quote(&deep::name(down, crossed), &pool, down, amount, expected);
    }
    let pools: Vec<Ticks> = lines("v3_pairs.txt").iter().map(|line| Ticks::parse(line)).collect();
    report("solve_v3v3", 20_000, |at| {
        let pair = &pools[at * 2 % pools.len()..][..2];
        let amount = ticks_best(&pair[0], &pair[1]) as u128;
        black_box(pair[1].quote(pair[0].quote(amount, true), false).wrapping_sub(amount));
    });
}

fn flat(pairs: &[Vec<u128>], triangles: &[Vec<u128>]) {
    let legs = |row: &[u128]| -> Vec<[u128; 2]> { row.chunks(2).map(|leg| [leg[0], leg[1]]).collect() };
    let two: Vec<[u128; 4]> = pairs.iter().map(|row| [row[0], row[1], row[3], row[2]]).collect();
    let three: Vec<Vec<[u128; 2]>> = triangles.iter().map(|row| legs(row)).collect();
    report("quote_v2", 300_000, |at| {
        let row = &two[at % two.len()];
        black_box(v2_out(black_box(10u128.pow(17) + at as u128), [row[0], row[1]]));
    });
    report("solve_v2x2", 100_000, |at| {
        let [held, given, back, home] = *black_box(&two[at % two.len()]);
        let amount = v2_best(&[[held as f64, given as f64], [back as f64, home as f64]]);
        // The whole amount between nearest to the best one, with the least input that reaches it.
        let between = 0.997 * given as f64 * amount / (held as f64 + 0.997 * amount) + 0.5;
        let input = v2_in(between as u128, [held, given]);
        black_box(v2_out(between as u128, [back, home]).wrapping_sub(input));
    });
    report("solve_v2x3", 100_000, |at| {
        let path = black_box(&three[at % three.len()]);
        let real = [path[0], path[1], path[2]].map(|leg| leg.map(|reserve| reserve as f64));
        let amount = v2_best(&real) as u128;
        black_box(path.iter().fold(amount, |amount, leg| v2_out(amount, *leg)).wrapping_sub(amount));
    });
}

fn quote(name: &str, pool: &Ticks, down: bool, amount: u128, expected: u128) {
    assert_eq!(pool.quote(amount, down), expected);
    report(name, 100_000, |at| {
        black_box(pool.quote(black_box(amount + (at as u128 & 1023)), down));
    });
}

fn report(name: &str, calls: usize, call: impl FnMut(usize)) {
    let median = measure(calls / 16, call)[ROUNDS / 2];
    println!("{{\"name\":\"limit {name}\",\"median\":{median:.2},\"exact\":true}}");
}
