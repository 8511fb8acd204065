//! The program's own tick prices: like everybody's, with fewer digits, and reciprocals above zero.

/// Lowest tick.
pub const MIN_TICK: i32 = -443_636;
/// Highest tick.
pub const MAX_TICK: i32 = 443_636;
/// Price of [`MIN_TICK`], Q64.64 square root.
pub const MIN_SQRT_PRICE: u128 = 4_295_048_016;
/// Price of [`MAX_TICK`].
pub const MAX_SQRT_PRICE: u128 = 79_226_673_521_066_979_257_578_248_091;

/// `sqrt(1.0001^-(2^i))` in Q64 for bit `i` of `|tick|`. Source: raydium-clmm `libraries/tick_math.rs`.
const FACTORS: [u64; 19] = [
    0xfffc_b933_bd6f_b800,
    0xfff9_7272_373d_4000,
    0xfff2_e50f_5f65_7000,
    0xffe5_caca_7e10_f000,
    0xffcb_9843_d60f_7000,
    0xff97_3b41_fa98_e800,
    0xff2e_a164_66c9_b000,
    0xfe5d_ee04_6a9a_3800,
    0xfcbe_86c7_900b_b000,
    0xf987_a725_3ac6_5800,
    0xf339_2b08_22bb_6000,
    0xe715_9475_a2ca_f000,
    0xd097_f3bd_fd2f_2000,
    0xa9f7_4646_2d9f_8000,
    0x70d8_69a1_56f3_1c00,
    0x31be_135f_97ed_3200,
    0x09aa_508b_5b85_a500,
    0x005d_6af8_dedc_582c,
    0x0000_2216_e584_f5fa,
];

/// Q64.64 square root of the price at a tick, which is taken to lie within the bounds.
#[must_use]
pub fn sqrt_price_at(tick: i32) -> u128 {
    let tick = tick.clamp(MIN_TICK, MAX_TICK);
    let mut ratio = 1u128 << 64;
    let mut bits = tick.unsigned_abs();
    for factor in FACTORS {
        if bits & 1 != 0 {
            ratio = (ratio * u128::from(factor)) >> 64;
        }
        bits >>= 1;
    }
    if tick > 0 {
        u128::MAX / ratio
    } else {
        ratio
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_those_of_the_program() {
        let known = [
            (MIN_TICK, MIN_SQRT_PRICE),
            (-200_000, 837_899_702_512_935),
            (-12_345, 9_950_957_148_633_381_772),
            (-1, 18_445_821_805_675_395_072),
            (0, 1 << 64),
            (1, 18_447_666_387_855_957_090),
            (64, 18_505_865_242_158_232_063),
            (12_345, 34_195_943_348_793_463_849),
            (200_000, 406_113_483_392_345_977_776_134),
            (443_635, 79_222_712_485_061_176_096_288_712_065),
            (MAX_TICK, MAX_SQRT_PRICE),
        ];
        for (tick, price) in known {
            assert_eq!(sqrt_price_at(tick), price, "{tick}");
        }
    }

    #[test]
    fn prices_rise_from_tick_to_tick() {
        let mut last = 0;
        for tick in (MIN_TICK..=MAX_TICK).step_by(7) {
            assert!(sqrt_price_at(tick) > last, "{tick}");
            last = sqrt_price_at(tick);
        }
    }
}
