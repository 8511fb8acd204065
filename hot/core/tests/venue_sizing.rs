//! Paths of pools made of accounts: sizing by their pieces finds what trying every amount finds.

#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../benches/suite/forged.rs"]
mod forged;

use forged::Forged;
use hoploop_hot::curves::{Curve, State};
use hoploop_hot::fees::FlashFee;
use hoploop_hot::sizing::{optimum, Hop, Problem};
use hoploop_hot::venues::reading::Reading;

/// Every input up to this is tried.
const MOST: u128 = 6_000;
/// Units that gains this small may differ by.
const ROUNDED: i128 = 5;

fn pool(forged: &Forged, venue: &str) -> State {
    State::Venue(Box::new(Reading::new(forged.read(venue))))
}

/// Sixteen positions around a tick, of about this much liquidity.
fn whirlpool(tick: i32, unit: i128) -> Forged {
    let marks: Vec<String> = (0..16)
        .flat_map(|at| {
            [(64 * (tick / 64 - at), unit + i128::from(at)), (64 * (tick / 64 + 1 + at), -unit - i128::from(at))]
        })
        .map(|(tick, net)| format!("{tick}:{net}"))
        .collect();
    let marks = marks.join(" ");
    forged::whirlpool(&forged::moved("0 64 3000 0 0", &marks, tick), &marks)
}

/// Small pools of every kind of piece at different prices of asset 0.
fn pools() -> Vec<(String, State)> {
    let mut pools = Vec::new();
    for size in [3_000u64, 20_000] {
        pools.push((format!("dlmm {size}"), pool(&forged::dlmm(size), "meteora_dlmm")));
        pools.push((format!("clmm {size}"), pool(&forged::clmm(i128::from(size) * 20), "raydium_clmm")));
        for tick in [130, 1400] {
            let forged = whirlpool(tick, i128::from(size) * 60);
            pools.push((format!("whirlpool {size} at {tick}"), pool(&forged, "whirlpool")));
        }
    }
    for reserves in [[100_000, 100_000], [70_000, 80_000], [1 << 30, 9 << 27], [1 << 40, 1 << 40]] {
        pools.push((format!("cpmm {reserves:?}"), pool(&forged::cpmm(reserves), "raydium_cpmm")));
    }
    pools.push(("damm2".to_owned(), pool(&forged::damm2(), "meteora_damm_v2")));
    pools
}

#[test]
fn pieces_find_what_trying_every_amount_finds() {
    let pools = pools();
    let (mut found, mut best, mut gaining) = (0i128, 0i128, 0);
    for (one, first) in &pools {
        for (other, second) in pools.iter().filter(|(other, _)| other != one) {
            let hop = |state, zero_for_one| Hop { curve: &Curve::Venue, state, zero_for_one };
            let hops = [hop(first, true), hop(second, false)];
            let problem = Problem { hops: &hops, flash: FlashFee::NONE, cap: MOST };
            assert!(optimum::best(&problem).is_some(), "{one} > {other} has no pieces");
            let most = (1..=MOST).filter_map(|amount| problem.gain(amount)).max().unwrap_or(0).max(0);
            let sized = problem.solve().unwrap().map_or(0, |sized| {
                assert_eq!(problem.gain(sized.amount), Some(sized.gain));
                sized.gain
            });
            assert!(sized <= most);
            // Every crossing may lose a unit to rounding that real numbers do not see.
            assert!(sized >= most - most / 500 - ROUNDED, "{one} > {other}: {sized} of {most}");
            (found, best, gaining) = (found + sized, best + most, gaining + u32::from(most > 0));
        }
    }
    assert!(gaining > 50, "{gaining}");
    assert!(found * 1000 >= best * 999, "{found} of {best}");
}
