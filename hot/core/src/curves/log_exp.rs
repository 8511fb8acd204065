//! Balancer's `LogExpMath`: powers of 18-decimal numbers, to the unit.
//!
//! The contract's signed divisions round towards zero, so every step works on magnitudes and the sign is kept aside.

use ruint::aliases::U256;

use super::checked::{add, div, mul, mul_over, sub, WAD};
use crate::error::Refusal;

const WAD_20: U256 = U256::from_limbs([7_766_279_631_452_241_920, 5, 0, 0]);
const WAD_36: U256 = U256::from_limbs([12_919_594_847_110_692_864, 54_210_108_624_275_221, 0, 0]);
/// `130e18` and `41e18`: the exponents the contract takes.
const MAX_EXPONENT: u128 = 130_000_000_000_000_000_000;
const MIN_EXPONENT: u128 = 41_000_000_000_000_000_000;
/// Logarithms this near one have 36 digits.
const NEAR_LOW: u128 = 900_000_000_000_000_000;
const NEAR_HIGH: u128 = 1_100_000_000_000_000_000;

/// `e^128` and `e^64` as whole numbers, by exponents of 18 decimals.
const WHOLE: [(u128, U256); 2] = [
    (
        128_000_000_000_000_000_000,
        U256::from_limbs([171_843_153_341_448_192, 17_670_479_068_478_958_691, 114_249_481_722_274_167, 0]),
    ),
    (64_000_000_000_000_000_000, U256::from_limbs([17_696_838_799_657_497_472, 338_008_108, 0, 0])),
];
/// `(x, e^x)` with 20 decimals.
const PARTS: [(u128, u128); 10] = [
    (3_200_000_000_000_000_000_000, 7_896_296_018_268_069_516_100_000_000_000_000),
    (1_600_000_000_000_000_000_000, 888_611_052_050_787_263_676_000_000),
    (800_000_000_000_000_000_000, 298_095_798_704_172_827_474_000),
    (400_000_000_000_000_000_000, 5_459_815_003_314_423_907_810),
    (200_000_000_000_000_000_000, 738_905_609_893_065_022_723),
    (100_000_000_000_000_000_000, 271_828_182_845_904_523_536),
    (50_000_000_000_000_000_000, 164_872_127_070_012_814_685),
    (25_000_000_000_000_000_000, 128_402_541_668_774_148_407),
    (12_500_000_000_000_000_000, 113_314_845_306_682_631_683),
    (6_250_000_000_000_000_000, 106_449_445_891_785_942_956),
];

/// A number and whether it is negative; zero counts as positive.
type Signed = (bool, U256);

/// `x^y` in 18 decimals. `Overflow` where the contract reverts.
pub fn pow(x: U256, y: U256) -> Result<U256, Refusal> {
    if y.is_zero() {
        return Ok(WAD);
    }
    if x.is_zero() {
        return Ok(U256::ZERO);
    }
    if x.bit(255) || y >= (U256::ONE << 254) / WAD_20 {
        return Err(Refusal::Overflow);
    }
    let (negative, product) = if x > U256::from(NEAR_LOW) && x < U256::from(NEAR_HIGH) {
        let (negative, log) = ln_36(x)?;
        let (whole, rest) = log.div_rem(WAD);
        (negative, add(mul(whole, y)?, mul_over(rest, y, WAD)?)?)
    } else {
        let (negative, log) = ln(x)?;
        (negative, mul(log, y)?)
    };
    exp(negative, product / WAD)
}

/// `e^x` in 18 decimals.
fn exp(negative: bool, x: U256) -> Result<U256, Refusal> {
    if x > U256::from(if negative { MIN_EXPONENT } else { MAX_EXPONENT }) {
        return Err(Refusal::Overflow);
    }
    if negative && !x.is_zero() {
        return div(WAD_36, exp(false, x)?);
    }
    let (mut x, mut first) = (x, U256::ONE);
    if let Some((power, value)) = WHOLE.iter().find(|(power, _)| x >= U256::from(*power)) {
        x -= U256::from(*power);
        first = *value;
    }
    x = mul(x, U256::from(100))?;
    let mut product = WAD_20;
    // The series takes what is left below the eighth part.
    for (power, value) in PARTS.iter().take(8) {
        if x >= U256::from(*power) {
            x -= U256::from(*power);
            product = mul_over(product, U256::from(*value), WAD_20)?;
        }
    }
    let (mut term, mut series) = (x, add(WAD_20, x)?);
    for n in 2..=12u64 {
        term = mul_over(term, x, WAD_20)? / U256::from(n);
        series = add(series, term)?;
    }
    div(mul(mul_over(product, series, WAD_20)?, first)?, U256::from(100))
}

/// `ln(a)` in 18 decimals.
fn ln(a: U256) -> Result<Signed, Refusal> {
    if a < WAD {
        return Ok((true, ln_above_one(div(WAD_36, a)?)?));
    }
    Ok((false, ln_above_one(a)?))
}

fn ln_above_one(a: U256) -> Result<U256, Refusal> {
    let (mut a, mut total) = (a, U256::ZERO);
    for (power, value) in WHOLE {
        if a >= mul(value, WAD)? {
            a /= value;
            total = add(total, U256::from(power))?;
        }
    }
    total = mul(total, U256::from(100))?;
    a = mul(a, U256::from(100))?;
    for (power, value) in PARTS {
        if a >= U256::from(value) {
            a = mul_over(a, WAD_20, U256::from(value))?;
            total = add(total, U256::from(power))?;
        }
    }
    let z = mul_over(sub(a, WAD_20)?, WAD_20, add(a, WAD_20)?)?;
    let series = odd_series(z, WAD_20, 11)?;
    Ok(add(total, mul(series, U256::from(2))?)? / U256::from(100))
}

/// `ln(x)` in 36 decimals for `x` near one.
fn ln_36(x: U256) -> Result<Signed, Refusal> {
    let x = mul(x, WAD)?;
    let negative = x < WAD_36;
    let z = mul_over(x.abs_diff(WAD_36), WAD_36, add(x, WAD_36)?)?;
    Ok((negative, mul(odd_series(z, WAD_36, 15)?, U256::from(2))?))
}

/// `z + z^3/3 + z^5/5 …` up to the power `last`.
fn odd_series(z: U256, unit: U256, last: u64) -> Result<U256, Refusal> {
    let square = mul_over(z, z, unit)?;
    let (mut power, mut series) = (z, z);
    for n in (3..=last).step_by(2) {
        power = mul_over(power, square, unit)?;
        series = add(series, power / U256::from(n))?;
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wad(value: f64) -> U256 {
        U256::from((value * 1e18) as u128)
    }

    #[test]
    fn holds_the_contracts_constants() {
        assert_eq!(WHOLE[0].1.to_string(), "38877084059945950922200000000000000000000000000000000000");
        assert_eq!(WHOLE[1].1.to_string(), "6235149080811616882910000000");
        assert_eq!(WAD_20.to_string(), "100000000000000000000");
        assert_eq!(WAD_36.to_string(), "1000000000000000000000000000000000000");
    }

    #[test]
    fn knows_the_edges() {
        assert_eq!(pow(wad(3.0), U256::ZERO), Ok(WAD));
        assert_eq!(pow(U256::ZERO, wad(2.0)), Ok(U256::ZERO));
        assert_eq!(pow(WAD, wad(7.0)), Ok(WAD));
        assert_eq!(pow(wad(10.0), wad(100.0)), Err(Refusal::Overflow));
        assert_eq!(pow(wad(1e-10), wad(2.0)), Err(Refusal::Overflow));
        assert_eq!(pow(U256::MAX, WAD), Err(Refusal::Overflow));
    }

    proptest! {
        #[test]
        fn is_the_power_to_twelve_digits(x in 0.01f64..100.0, y in 0.01f64..5.0) {
            let found = crate::wide::approx(pow(wad(x), wad(y)).unwrap()) / 1e18;
            prop_assert!((found / x.powf(y) - 1.0).abs() < 1e-7);
        }

        #[test]
        fn never_panics(x: [u64; 4], y: [u64; 4]) {
            let _ = pow(U256::from_limbs(x), U256::from_limbs(y));
        }
    }
}
