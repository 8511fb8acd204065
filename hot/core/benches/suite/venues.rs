//! `quote_*` of venues made of accounts: one exact quote, asserted against the peer's answer first.

use std::cell::RefCell;
use std::hint::black_box;

use hoploop_hot::curves::coins::{Coins, Each, MAX_COINS};
use hoploop_hot::curves::stableswap::{FeeStep, Product, StableSwap, FEE_UNIT};
use hoploop_hot::curves::{Curve, State};
use hoploop_hot::venues::reading::Reading;
use hoploop_hot::venues::{AnyVenue, Ask, Fill, Given};

use ruint::aliases::U256;

use crate::clock::report;
use crate::forged;
use crate::solves::{solve, Path};
use crate::workloads::lines;

/// All figures of venues.
pub fn run() {
    whirlpool();
    stable();
    let pool = forged::dlmm(1_000_000_000).read("meteora_dlmm");
    for row in dlmm_asked() {
        asked(&format!("quote_dlmm_{}", row[0]), &pool, row[1], row[2]);
    }
    let pool = forged::clmm(10_000_000_000).read("raydium_clmm");
    for (crossed, amount, out) in [(0, 100_000_000_000, 100_692_261_502), (10, 1_350_000_000_000, 1_322_281_743_159)] {
        asked(&format!("quote_clmm_{crossed}"), &pool, amount, out);
    }
    let paid = 1_000_000_000u128 - 2_500_000;
    let out = paid * 150_000_000_000 / (800_000_000_000 + paid);
    asked(
        "quote_cpmm",
        &forged::cpmm([800_000_000_000, 150_000_000_000]).read("raydium_cpmm"),
        1_000_000_000,
        out as u64,
    );
    asked("quote_damm2", &forged::damm2().read("meteora_damm_v2"), 10_000_000_000, 9_876_237_623);
    // Twelve whole orders and a half: 12.5 SOL.
    let gross: u64 = (0..12).map(|number| (149_900 - number) * 1_000_000).sum::<u64>() + (149_900 - 12) * 500_000;
    let out = gross / 1_000 - (gross * 2).div_ceil(10_000).div_ceil(1_000);
    asked("quote_phoenix", &forged::phoenix().read("phoenix"), 12_500_000_000, out);
}

/// DAI for USDC in the 3pool of the peer.
fn stable() {
    let words = |values: &[u128]| -> Each {
        let mut each = [U256::ZERO; MAX_COINS];
        each.iter_mut().zip(values).for_each(|(word, value)| *word = U256::from(*value));
        each
    };
    let unit = 10u128.pow(18);
    let coins = Coins {
        count: 3,
        pair: [0, 1],
        balances: words(&[27_137_121_100_372_139_339_642_768, 27_662_471_158_553, 108_298_644_409_129]),
        rates: words(&[unit, unit * 10u128.pow(12), unit * 10u128.pow(12)]),
        amp: U256::from(4000),
        amp_precision: U256::ONE,
        fee: U256::from(1_500_000),
    };
    let (product, fee_step) = (Product::Plain, FeeStep::First);
    let pool = StableSwap { coins, admin_fee: FEE_UNIT, offpeg: U256::ZERO, product, fee_step };
    let amount = 10u128.pow(24);
    assert_eq!(pool.quote(true, amount), Ok(999_833_028_363));
    report("quote_stable", 20_000, |at| {
        black_box(pool.quote(true, black_box(amount + at as u128)).unwrap());
    });
}

/// Bins crossed, what goes in, what comes out.
fn dlmm_asked() -> Vec<[u64; 3]> {
    let text = lines("dlmm_case.json").concat();
    let numbers = text.split(|sign: char| !sign.is_ascii_digit()).filter_map(|part| part.parse().ok());
    numbers.collect::<Vec<u64>>().chunks(4).map(|row| [row[0], row[1], row[2]]).collect()
}

/// Asset 0 in: asserted, then timed.
fn asked(name: &str, pool: &AnyVenue, amount: u64, out: u64) {
    let ask = |amount| Ask { zero_for_one: true, given: Given::Input, amount, price_limit: 0, variant: 0 };
    assert_eq!(pool.quote(&ask(amount)), Ok(Fill { amount_in: amount, amount_out: out }), "{name}");
    report(name, 100_000, |at| {
        black_box(pool.quote(&black_box(ask(amount - (at as u64 & 1023)))).unwrap());
    });
}

fn whirlpool() {
    let lines = lines("orca_case.txt");
    let forged = forged::whirlpool(&lines[0], &lines[1]);
    let pool = forged.read("whirlpool");
    for line in &lines[2..] {
        let row: Vec<u64> = line.split(' ').map(|part| part.parse().unwrap()).collect();
        let ask = |amount| Ask { zero_for_one: true, given: Given::Input, amount, price_limit: 0, variant: 0 };
        assert_eq!(pool.quote(&ask(row[0])), Ok(Fill { amount_in: row[0], amount_out: row[1] }));
        report(&format!("quote_whirlpool_{}", row[2]), 100_000, |at| {
            black_box(pool.quote(&black_box(ask(row[0] + (at as u64 & 1023)))).unwrap());
        });
        let back = |amount| Ask { zero_for_one: false, given: Given::Output, ..ask(amount) };
        report(&format!("quote_whirlpool_{}_exact_out", row[2]), 100_000, |at| {
            black_box(pool.quote(&black_box(back(row[0] + (at as u64 & 1023)))).unwrap());
        });
    }
    solves(&lines);
    report("read_whirlpool", 200, |_| {
        black_box(forged.read("whirlpool"));
    });
    let known = RefCell::default();
    report("reread_whirlpool", 200, |_| {
        black_box(forged.read_again("whirlpool", &known));
    });
}

/// Pools of one pair at different prices: what is bought in the one is sold in the other.
fn solves(lines: &[String]) {
    let pool = |venue: AnyVenue| (Curve::Venue, State::Venue(Box::new(Reading::new(venue))));
    let whirlpool =
        |tick| pool(forged::whirlpool(&forged::moved(&lines[0], &lines[1], tick), &lines[1]).read("whirlpool"));
    let (dlmm, clmm) = (
        pool(forged::dlmm(1_000_000_000).read("meteora_dlmm")),
        pool(forged::clmm(10_000_000_000).read("raydium_clmm")),
    );
    let cpmm = |amounts| pool(forged::cpmm(amounts).read("raydium_cpmm"));
    // Token 0 costs 1.11 in the DLMM pool, 1.01 in the CLMM pool.
    let paths: [(&str, Path); 4] = [
        ("whirlpool2", vec![(whirlpool(900), true), (whirlpool(120), false)]),
        ("dlmm_whirlpool", vec![(dlmm, true), (whirlpool(120), false)]),
        ("whirlpool_clmm", vec![(whirlpool(900), true), (clmm, false)]),
        ("cpmm2", vec![(cpmm([1 << 40, 3 << 39]), true), (cpmm([3 << 40, 1 << 42]), false)]),
    ];
    for (name, path) in paths {
        solve(name, &[path], 20_000);
    }
}
