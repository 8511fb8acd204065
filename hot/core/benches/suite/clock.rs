//! Timing: medians over rounds, a calibration loop beside every figure, one JSON line a measurement.

use std::hint::black_box;
use std::time::Instant;

/// Rounds of one measurement: many short ones, so that on a shared machine most are not interrupted.
pub const ROUNDS: usize = 61;
const SEED: u32 = 20_251_120;

/// Nanoseconds of one call, least first, over rounds of `count` calls.
pub fn measure(count: usize, mut call: impl FnMut(usize)) -> Vec<f64> {
    (0..count * 4).for_each(&mut call);
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..count).for_each(&mut call);
            start.elapsed().as_nanos() as f64 / count as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds
}

/// Nanoseconds of one step of a dependent multiply-add chain: how fast the machine is right now.
pub fn calibrate() -> f64 {
    let start = Instant::now();
    let mut value = 1u64;
    for step in 0..4_000_000u64 {
        value = (value ^ step).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    black_box(value);
    start.elapsed().as_nanos() as f64 / 4e6
}

/// Measure about `calls` calls of an answer that was asserted, and print the line that `bench/peers/README.md` describes.
pub fn report(name: &str, calls: usize, call: impl FnMut(usize)) {
    let before = calibrate();
    let count = (calls / 16).max(1);
    let rounds = measure(count, call);
    let (median, spread) = (rounds[ROUNDS / 2], rounds[ROUNDS * 3 / 4] - rounds[ROUNDS / 4]);
    let asserted = format!("\"who\":\"hoploop\",\"exact\":true,\"seed\":{SEED},\"n\":{},", count * ROUNDS);
    let figures = [("ns_median", median), ("ns_spread", spread), ("min", rounds[0])];
    print(name, &asserted, before, calibrate(), &figures);
}

/// Print one measurement as a JSON line; all figures are nanoseconds unless their name says otherwise.
#[allow(dead_code)]
pub fn line(name: &str, before: f64, after: f64, figures: &[(&str, f64)]) {
    print(name, "", before, after, figures);
}

fn print(name: &str, asserted: &str, before: f64, after: f64, figures: &[(&str, f64)]) {
    let drift = (after / before - 1.0).abs();
    let figures: Vec<String> = figures.iter().map(|(key, value)| format!("\"{key}\":{value:.2}")).collect();
    println!("{{\"name\":\"{name}\",{asserted}{},\"calibration\":{after:.4},\"drift\":{drift:.3}}}", figures.join(","));
}
