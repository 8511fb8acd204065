//! The seeded inputs shared with the peers: `../shared/yardstick/workloads` beside the repository.

use std::fs;
use std::path::PathBuf;

use hoploop_hot::curves::concentrated::Ticks;
use hoploop_hot::curves::{Curve, Fee, Reserves, State};
use ruint::aliases::U256;

/// A pool ready to quote.
pub type Pool = (Curve, State);

/// The folder of workloads, or why it cannot be read.
pub fn folder() -> Result<PathBuf, String> {
    let given = std::env::var_os("HOPLOOP_WORKLOADS").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/yardstick/workloads");
    let folder = given.unwrap_or(beside);
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(format!("no workloads at {}", folder.display()))
    }
}

/// Lines of a workload file.
pub fn lines(name: &str) -> Vec<String> {
    let text = fs::read_to_string(folder().unwrap().join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Rows of integers.
pub fn rows(name: &str) -> Vec<Vec<u128>> {
    let row = |line: &String| line.split([',', ' ']).map(|part| part.parse().unwrap()).collect();
    lines(name).iter().map(row).collect()
}

/// A Uniswap V2 pool with 0.3 % fee.
pub fn v2(r0: u128, r1: u128) -> Pool {
    (Curve::ConstantProduct(Fee { num: 3, den: 1000 }), State::Reserves(Reserves { r0, r1 }))
}

/// Uniswap V3 pools: price, tick, liquidity, spacing, fee, count, then tick, gross and net of each.
pub fn v3(name: &str) -> Vec<Pool> {
    lines(name).iter().map(|line| v3_pool(line)).collect()
}

/// One of them.
pub fn v3_pool(line: &str) -> Pool {
    let parts: Vec<&str> = line.split(' ').collect();
    let tick_spacing: i32 = parts[3].parse().unwrap();
    let fee_pips: u32 = parts[4].parse().unwrap();
    let price = U256::from_str_radix(parts[0], 10).unwrap();
    let mut ticks = Ticks::at(price, parts[1].parse().unwrap(), parts[2].parse().unwrap()).unwrap();
    for mark in parts[6..].chunks(3) {
        let (gross, net) = (mark[1].parse().unwrap(), mark[2].parse().unwrap());
        ticks.push(mark[0].parse().unwrap(), gross, net, tick_spacing).unwrap();
    }
    ticks.check().unwrap();
    ticks.reindex(fee_pips, tick_spacing);
    (Curve::Concentrated { fee_pips, tick_spacing }, State::Ticks(Box::new(ticks)))
}
