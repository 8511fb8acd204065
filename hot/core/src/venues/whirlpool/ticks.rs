//! Prices of ticks and ticks of prices, bit for bit as the program has them.
//!
//! Positive ticks multiply factors in Q96, negative ones in Q64; the table is Orca's own and differs from Raydium's in
//! the last digits.

use ruint::aliases::U256;

/// Lowest tick of any pool.
pub const MIN_TICK: i32 = -443_636;
/// Highest tick of any pool.
pub const MAX_TICK: i32 = 443_636;
/// Price of [`MIN_TICK`].
pub const MIN_PRICE: u128 = 4_295_048_016;
/// Price of [`MAX_TICK`].
pub const MAX_PRICE: u128 = 79_226_673_515_401_279_992_447_579_055;

/// `sqrt(1.0001^(2^i))` in Q96, for bit `i` of a positive tick.
const RISING: [u128; 19] = [
    79_232_123_823_359_799_118_286_999_567,
    79_236_085_330_515_764_027_303_304_731,
    79_244_008_939_048_815_603_706_035_061,
    79_259_858_533_276_714_757_314_932_305,
    79_291_567_232_598_584_799_939_703_904,
    79_355_022_692_464_371_645_785_046_466,
    79_482_085_999_252_804_386_437_311_141,
    79_736_823_300_114_093_921_829_183_326,
    80_248_749_790_819_932_309_965_073_892,
    81_282_483_887_344_747_381_513_967_011,
    83_390_072_131_320_151_908_154_831_281,
    87_770_609_709_833_776_024_991_924_138,
    97_234_110_755_111_693_312_479_820_773,
    119_332_217_159_966_728_226_237_229_890,
    179_736_315_981_702_064_433_883_588_727,
    407_748_233_172_238_350_107_850_275_304,
    2_098_478_828_474_011_932_436_660_412_517,
    55_581_415_166_113_811_149_459_800_483_533,
    38_992_368_544_603_139_932_233_054_999_993_551,
];

/// `sqrt(1.0001^-(2^i))` in Q64, for bit `i` of a negative tick's distance from zero.
const FALLING: [u128; 19] = [
    18_445_821_805_675_392_311,
    18_444_899_583_751_176_498,
    18_443_055_278_223_354_162,
    18_439_367_220_385_604_838,
    18_431_993_317_065_449_817,
    18_417_254_355_718_160_513,
    18_387_811_781_193_591_352,
    18_329_067_761_203_520_168,
    18_212_142_134_806_087_854,
    17_980_523_815_641_551_639,
    17_526_086_738_831_147_013,
    16_651_378_430_235_024_244,
    15_030_750_278_693_429_944,
    12_247_334_978_882_834_399,
    8_131_365_268_884_726_200,
    3_584_323_654_723_342_297,
    696_457_651_847_595_233,
    26_294_789_957_452_057,
    37_481_735_321_082,
];

const LOG_2_OF_BASE: i128 = 59_543_866_431_248;
const LOG_BITS: u32 = 14;
const ERROR_BELOW: i128 = 184_467_440_737_095_516;
const ERROR_ABOVE: i128 = 15_793_534_762_490_258_745;

/// Square-root price of a tick, Q64.64; ticks beyond the ends have the price of the end.
#[must_use]
pub fn price_at(tick: i32) -> u128 {
    let tick = tick.clamp(MIN_TICK, MAX_TICK);
    let distance = tick.unsigned_abs();
    if tick < 0 {
        // Both factors are at most 2^64: the product fits.
        return product(distance, &FALLING, 1 << 64, |ratio, factor| (ratio * factor) >> 64);
    }
    product(distance, &RISING, 1 << 96, shifted_96) >> 32
}

/// Greatest tick whose price is not above `price`, which lies between the two ends.
#[must_use]
pub fn tick_at(price: u128) -> i32 {
    let price = price.clamp(MIN_PRICE, MAX_PRICE);
    let log = log_2(price) * LOG_2_OF_BASE;
    let (low, high) = (tick_of(log - ERROR_BELOW), tick_of(log + ERROR_ABOVE));
    if low != high && price_at(high) <= price {
        high
    } else {
        low
    }
}

fn product(distance: u32, factors: &[u128; 19], one: u128, multiply: impl Fn(u128, u128) -> u128) -> u128 {
    let taken = factors.iter().enumerate().filter(|(bit, _)| distance & (1 << bit) != 0);
    taken.fold(one, |ratio, (_, factor)| multiply(ratio, *factor))
}

/// `a * b >> 96`; the ratio of the highest tick still has 128 bits.
fn shifted_96(a: u128, b: u128) -> u128 {
    let wide: U256 = U256::from(a).wrapping_mul(U256::from(b)) >> 96usize;
    let limbs = wide.as_limbs();
    u128::from(limbs[1]) << 64 | u128::from(limbs[0])
}

/// Binary logarithm of a Q64.64 number, Q32.32 with [`LOG_BITS`] fractional bits.
fn log_2(price: u128) -> i128 {
    let top = 127 - price.leading_zeros();
    let mut rest = if top >= 64 { price >> (top - 63) } else { price << (63 - top) };
    let mut log = (i128::from(top) - 64) << 32;
    for bit in (32 - LOG_BITS..32).rev() {
        rest *= rest;
        let carry = rest >> 127;
        rest >>= 63 + carry;
        log |= i128::from(carry as u8) << bit;
    }
    log
}

/// Whole part of a Q64.64 tick, which is below 2^20.
const fn tick_of(log: i128) -> i32 {
    (log >> 64) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_are_the_published_ones() {
        for (tick, price) in [
            (-443_636, 4_295_048_016),
            (-200_000, 837_899_702_510_258),
            (-12_345, 9_950_957_148_631_419_635),
            (-100, 18_354_745_142_194_483_561),
            (-1, 18_445_821_805_675_392_311),
            (0, 18_446_744_073_709_551_616),
            (1, 18_447_666_387_855_959_850),
            (2, 18_448_588_748_116_922_571),
            (64, 18_505_865_242_158_250_041),
            (5_632, 24_446_176_000_275_556_722),
            (12_345, 34_195_943_348_800_206_620),
            (200_000, 406_113_483_393_643_373_014_939),
            (443_635, 79_222_712_478_800_779_441_888_593_664),
            (443_636, 79_226_673_515_401_279_992_447_579_055),
        ] {
            assert_eq!(price_at(tick), price, "{tick}");
            assert_eq!(tick_at(price), tick);
        }
    }

    #[test]
    fn beyond_the_ends_prices_stay_at_the_ends() {
        assert_eq!((price_at(i32::MIN), price_at(i32::MAX)), (MIN_PRICE, MAX_PRICE));
    }

    proptest! {
        #[test]
        fn a_price_belongs_to_the_tick_at_or_below_it(tick in MIN_TICK..MAX_TICK, part in 0u128..1_000_000) {
            let (low, high) = (price_at(tick), price_at(tick + 1));
            prop_assert!(low < high);
            prop_assert_eq!(tick_at(low), tick);
            prop_assert_eq!(tick_at(high - 1), tick);
            prop_assert_eq!(tick_at(low + (high - low - 1) * part / 1_000_000), tick);
        }
    }
}
