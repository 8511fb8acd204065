//! Uniswap V3 `TickMath`: the square-root price of a tick, Q64.96, bit-exact.

use ruint::aliases::U256;

use crate::wide::{div_down, mul_high};

/// Lowest tick of any pool.
pub const MIN_TICK: i32 = -887_272;
/// Highest tick of any pool.
pub const MAX_TICK: i32 = 887_272;
/// Price of [`MIN_TICK`].
pub const MIN_SQRT_RATIO: U256 = U256::from_limbs([4_295_128_739, 0, 0, 0]);
/// Price of [`MAX_TICK`]: 1461446703485210103287273052203988822378723970342.
pub const MAX_SQRT_RATIO: U256 = U256::from_limbs([0x5d95_1d52_6398_8d26, 0xefd1_fc6a_5064_8849, 0xfffd_8963, 0]);

/// `sqrt(1.0001^-(2^i))` in Q128, for bit `i` of `|tick|`.
const FACTORS: [u128; 20] = [
    0xfffc_b933_bd6f_ad37_aa2d_162d_1a59_4001,
    0xfff9_7272_373d_4132_59a4_6990_580e_213a,
    0xfff2_e50f_5f65_6932_ef12_357c_f3c7_fdcc,
    0xffe5_caca_7e10_e4e6_1c36_24ea_a094_1cd0,
    0xffcb_9843_d60f_6159_c9db_5883_5c92_6644,
    0xff97_3b41_fa98_c081_472e_6896_dfb2_54c0,
    0xff2e_a164_66c9_6a38_43ec_78b3_26b5_2861,
    0xfe5d_ee04_6a99_a2a8_11c4_61f1_969c_3053,
    0xfcbe_86c7_900a_88ae_dcff_c83b_479a_a3a4,
    0xf987_a725_3ac4_1317_6f2b_074c_f781_5e54,
    0xf339_2b08_22b7_0005_940c_7a39_8e4b_70f3,
    0xe715_9475_a2c2_9b74_43b2_9c7f_a6e8_89d9,
    0xd097_f3bd_fd20_22b8_845a_d8f7_92aa_5825,
    0xa9f7_4646_2d87_0fdf_8a65_dc1f_90e0_61e5,
    0x70d8_69a1_56d2_a1b8_90bb_3df6_2baf_32f7,
    0x31be_135f_97d0_8fd9_8123_1505_542f_cfa6,
    0x09aa_508b_5b7a_84e1_c677_de54_f3e9_9bc9,
    0x005d_6af8_dedb_8119_6699_c329_225e_e604,
    0x0000_2216_e584_f5fa_1ea9_2604_1bed_fe98,
    0x0000_0000_048a_1703_91f7_dc42_444e_8fa2,
];

/// `sqrt(1.0001^tick) * 2^96`, rounded up; `None` outside the tick range.
#[must_use]
pub fn sqrt_ratio_at_tick(tick: i32) -> Option<U256> {
    if !(MIN_TICK..=MAX_TICK).contains(&tick) {
        return None;
    }
    let distance = tick.unsigned_abs();
    // `None` is 2^128, which only the empty product is.
    let mut below_one = None;
    for (bit, factor) in FACTORS.iter().enumerate() {
        if distance & (1 << bit) != 0 {
            below_one = Some(below_one.map_or(*factor, |ratio| mul_high(ratio, *factor)));
        }
    }
    let mut ratio: U256 = below_one.map_or(U256::ONE << 128, U256::from);
    if tick > 0 {
        ratio = div_down(U256::MAX, ratio).ok()?;
    }
    let floor: U256 = ratio >> 32;
    let exact = floor << 32 == ratio;
    Some(if exact { floor } else { floor + U256::ONE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_middle_are_the_published_constants() {
        assert_eq!(sqrt_ratio_at_tick(MIN_TICK), Some(MIN_SQRT_RATIO));
        assert_eq!(sqrt_ratio_at_tick(MAX_TICK), Some(MAX_SQRT_RATIO));
        assert_eq!(sqrt_ratio_at_tick(0), Some(crate::wide::Q96));
        assert_eq!(sqrt_ratio_at_tick(MAX_TICK + 1), None);
        assert_eq!(MAX_SQRT_RATIO.to_string(), "1461446703485210103287273052203988822378723970342");
    }

    #[test]
    fn prices_grow_with_ticks() {
        let mut last = U256::ZERO;
        for tick in (MIN_TICK..=MAX_TICK).step_by(997) {
            let price = sqrt_ratio_at_tick(tick).unwrap();
            assert!(price > last);
            last = price;
        }
    }
}
