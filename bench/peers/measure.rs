//! Timing shared by the Rust peers: one JSON line a measurement, as `bench/peers/README.md` says.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Many short chunks: on a shared machine most of them are not interrupted, so the median is steady.
const CHUNKS: usize = 61;
const SEED: u32 = 20_251_120;

/// The file of this name in the folder of workloads.
pub fn workload(name: &str) -> String {
    let folder = PathBuf::from(std::env::var_os("HOPLOOP_WORKLOADS").expect("HOPLOOP_WORKLOADS names a folder"));
    std::fs::read_to_string(folder.join(name)).expect("the workload is readable")
}

/// Prints the median and the quartiles' distance of one call; `exact` is what the caller found when it compared answers.
pub fn report<T>(name: &str, who: &str, exact: bool, mut call: impl FnMut(u64) -> T) {
    let budget = std::env::var("HOPLOOP_BENCH_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(70);
    let chunk = Duration::from_millis(budget) / CHUNKS as u32;
    warm(budget, &mut call);
    let mut count = 1;
    while timed(count, &mut call) < chunk {
        count *= 2;
    }
    let mut samples: Vec<f64> = (0..CHUNKS).map(|_| timed(count, &mut call).as_nanos() as f64 / count as f64).collect();
    samples.sort_by(f64::total_cmp);
    let (median, spread) = (samples[CHUNKS / 2], samples[CHUNKS * 3 / 4] - samples[CHUNKS / 4]);
    println!(
        "{{\"name\":\"{name}\",\"who\":\"{who}\",\"ns_median\":{median:.2},\"ns_spread\":{spread:.2},\
         \"n\":{},\"exact\":{exact},\"seed\":{SEED}}}",
        count * CHUNKS as u64
    );
}

fn warm<T>(budget: u64, call: &mut impl FnMut(u64) -> T) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(budget / 4) {
        timed(1, call);
    }
}

fn timed<T>(count: u64, call: &mut impl FnMut(u64) -> T) -> Duration {
    let start = Instant::now();
    for at in 0..count {
        black_box(call(at));
    }
    start.elapsed()
}
