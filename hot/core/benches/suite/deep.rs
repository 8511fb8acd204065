//! A pool with three hundred initialized ticks, for swaps across a hundred of them; shared with the limit and the peers.

const POSITIONS: i64 = 150;
const SPACING: i64 = 60;
const SEED: u64 = 20_251_120;

/// Whether asset 0 goes in, ticks crossed, input, and what the contract's own loop pays, found with exact integers.
pub const QUOTES: [(bool, u32, u128, u128); 6] = [
    (true, 0, 149_995_051_845_718_531, 150_902_560_366_122_968),
    (true, 100, 33_721_952_300_108_782_831, 26_444_836_734_323_280_392),
    (true, 120, 37_004_715_997_314_992_799, 28_160_012_323_863_790_157),
    (false, 0, 72_910_941_386_675_221, 71_930_265_423_394_987),
    (false, 100, 33_869_924_223_511_193_572, 26_052_904_565_810_160_219),
    (false, 120, 37_182_364_655_177_664_978, 27_752_713_596_593_292_375),
];

/// One line as in `v3_quote.txt`: positions of seeded liquidity around tick 100, each one spacing wider than the last.
pub fn pool() -> String {
    let mut seed = SEED;
    let (mut below, mut above, mut active) = (Vec::new(), Vec::new(), 0u128);
    for number in 1..=POSITIONS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let liquidity = 10u128.pow(17) * u128::from(5 + (seed >> 33) % 11);
        below.push(format!("{} {liquidity} {liquidity}", SPACING * (2 - number)));
        above.push(format!("{} {liquidity} -{liquidity}", SPACING * (1 + number)));
        active += liquidity;
    }
    below.reverse();
    below.extend(above);
    let ticks = below.join(" ");
    format!("79627266008647102907822344676 100 {active} {SPACING} 3000 {} {ticks}", 2 * POSITIONS)
}

/// What a quote of this pool is called.
pub fn name(down: bool, crossed: u32) -> String {
    format!("quote_cl_deep_{crossed}_{}", if down { "sell0" } else { "sell1" })
}
