//! `solve_*`: the best input of one path and its exact profit.

use std::hint::black_box;

use hoploop_hot::fees::FlashFee;
use hoploop_hot::sizing::{optimum, Hop, Problem};

use crate::clock::report;
use crate::workloads::{rows, v2, v3, Pool};

/// Pools and directions.
pub type Path = Vec<(Pool, bool)>;

/// All solve figures.
pub fn run() {
    let pairs: Vec<Path> =
        rows("v2_pairs.csv").iter().map(|row| vec![(v2(row[0], row[1]), true), (v2(row[2], row[3]), false)]).collect();
    let triangles: Vec<Path> =
        rows("v2_tri.csv").iter().map(|row| row.chunks(2).map(|pool| (v2(pool[0], pool[1]), true)).collect()).collect();
    let deep = v3("v3_pairs.txt");
    let concentrated: Vec<Path> =
        deep.chunks(2).map(|pair| vec![(pair[0].clone(), true), (pair[1].clone(), false)]).collect();
    for (name, paths, count) in
        [("v2x2", &pairs, 100_000), ("v2x3", &triangles, 100_000), ("v3v3", &concentrated, 20_000)]
    {
        solve(name, paths, count);
    }
    let mixed: Vec<Path> = concentrated.iter().zip(&triangles).map(|(deep, flat)| mix(deep, flat)).collect();
    solve("mixed3", &mixed, 20_000);
    let longer: Vec<Path> = mixed.iter().map(|path| path.iter().chain(&path[..1]).cloned().collect()).collect();
    solve("mixed4", &longer, 20_000);
}

/// A constant-product pool at price one before a path of two concentrated ones.
fn mix(deep: &Path, flat: &Path) -> Path {
    let mut path = vec![flat[0].clone()];
    path[0].0 = v2(1 << 90, 1 << 90);
    path.extend(deep.iter().cloned());
    path
}

/// One figure of solves, and one of their estimates.
pub fn solve(name: &str, paths: &[Path], count: usize) {
    let hops: Vec<Vec<Hop<'_>>> = paths
        .iter()
        .map(|path| {
            path.iter()
                .map(|((curve, state), zero_for_one)| Hop { curve, state, zero_for_one: *zero_for_one })
                .collect()
        })
        .collect();
    let problems: Vec<Problem<'_>> =
        hops.iter().map(|hops| Problem { hops, flash: FlashFee::NONE, cap: 1 << 100 }).collect();
    let profits: Vec<String> = problems
        .iter()
        .map(|problem| {
            let found = problem.solve().unwrap().unwrap();
            assert_eq!(problem.gain(found.amount), Some(found.gain));
            found.gain.to_string()
        })
        .collect();
    if let Some(folder) = std::env::var_os("HOPLOOP_BENCH_OUT") {
        std::fs::write(std::path::Path::new(&folder).join(format!("native_{name}.txt")), profits.join("\n")).unwrap();
    }
    report(&format!("optimum_{name}"), count, |at| {
        black_box(optimum::best(black_box(&problems[at % problems.len()])));
    });
    report(&format!("solve_{name}"), count, |at| {
        black_box(black_box(&problems[at % problems.len()]).solve().unwrap());
    });
}
