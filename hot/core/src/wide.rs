//! Products wider than 128 bits, rounded the way the contracts round.

use ruint::aliases::{U256, U512};

use crate::error::Refusal;

/// 2^96, the unit of Q64.96 prices.
pub const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);

/// `floor(a * b / d)` with a 512-bit product; `Overflow` when it does not fit or `d` is zero.
pub fn mul_div(a: U256, b: U256, d: U256) -> Result<U256, Refusal> {
    Ok(mul_div_rem(a, b, d)?.0)
}

/// `ceil(a * b / d)`, otherwise as [`mul_div`].
pub fn mul_div_up(a: U256, b: U256, d: U256) -> Result<U256, Refusal> {
    let (quotient, exact) = mul_div_rem(a, b, d)?;
    if exact {
        return Ok(quotient);
    }
    quotient.checked_add(U256::ONE).ok_or(Refusal::Overflow)
}

/// `ceil(a / d)`; `Overflow` when `d` is zero.
pub fn div_up(a: U256, d: U256) -> Result<U256, Refusal> {
    if d.is_zero() {
        return Err(Refusal::Overflow);
    }
    let (quotient, rest) = a.div_rem(d);
    Ok(if rest.is_zero() { quotient } else { quotient + U256::ONE })
}

/// The value as `u128`, or `Overflow`.
pub fn to_u128(value: U256) -> Result<u128, Refusal> {
    u128::try_from(value).map_err(|_| Refusal::Overflow)
}

/// `ceil(a * b / d)` of `u128` values; `None` when it does not fit or `d` is zero.
#[must_use]
pub fn ratio_up(a: u128, b: u128, d: u128) -> Option<u128> {
    let up = mul_div_up(U256::from(a), U256::from(b), U256::from(d)).ok()?;
    u128::try_from(up).ok()
}

/// `floor(a * b / d)` of `u128` values; `None` when it does not fit or `d` is zero.
#[must_use]
pub fn ratio_down(a: u128, b: u128, d: u128) -> Option<u128> {
    if let Some(product) = a.checked_mul(b) {
        return product.checked_div(d);
    }
    u128::try_from(mul_div(U256::from(a), U256::from(b), U256::from(d)).ok()?).ok()
}

/// The nearest `f64`, for estimates only; relative error below 2^-50.
#[must_use]
pub fn approx(value: U256) -> f64 {
    let limbs = value.as_limbs();
    let mut sum = 0.0;
    for limb in limbs.iter().rev() {
        sum = sum * 18_446_744_073_709_551_616.0 + *limb as f64;
    }
    sum
}

fn mul_div_rem(a: U256, b: U256, d: U256) -> Result<(U256, bool), Refusal> {
    if d.is_zero() {
        return Err(Refusal::Overflow);
    }
    if let Some(product) = a.checked_mul(b) {
        let (quotient, rest) = product.div_rem(d);
        return Ok((quotient, rest.is_zero()));
    }
    let product: U512 = a.widening_mul(b);
    let (quotient, rest) = product.div_rem(U512::from(d));
    if quotient.bit_len() > 256 {
        return Err(Refusal::Overflow);
    }
    let limbs = quotient.as_limbs();
    Ok((U256::from_limbs([limbs[0], limbs[1], limbs[2], limbs[3]]), rest.is_zero()))
}
