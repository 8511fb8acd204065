//! Products wider than 128 bits, rounded the way the contracts round.

use ruint::aliases::U256;

use crate::error::Refusal;
use crate::limbs;

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
    let (quotient, exact) = div_rem(a, d);
    // A quotient that is not exact was divided by two or more.
    Ok(if exact { quotient } else { quotient + U256::ONE })
}

/// `floor(a / d)`; `Overflow` when `d` is zero.
#[inline]
pub fn div_down(a: U256, d: U256) -> Result<U256, Refusal> {
    if d.is_zero() {
        return Err(Refusal::Overflow);
    }
    Ok(div_rem(a, d).0)
}

/// The value as `u128`, or `Overflow`.
pub fn to_u128(value: U256) -> Result<u128, Refusal> {
    u128::try_from(value).map_err(|_| Refusal::Overflow)
}

/// Close to the value, for estimates only; relative error below 2^-51.
#[inline]
#[must_use]
pub fn real(value: u128) -> f64 {
    (value >> 64) as u64 as f64 * 18_446_744_073_709_551_616.0 + value as u64 as f64
}

/// `ceil(a * b / d)` of `u128` values; `None` when it does not fit or `d` is zero.
#[inline]
#[must_use]
pub fn ratio_up(a: u128, b: u128, d: u128) -> Option<u128> {
    let (low, high) = widening(a, b);
    let (quotient, exact) = if high == 0 {
        let quotient = low.checked_div(d)?;
        (quotient, quotient.wrapping_mul(d) == low)
    } else if high < d {
        let (quotient, rest) = limbs::div_halves(high, low, d);
        (quotient, rest == 0)
    } else {
        return None;
    };
    if exact {
        Some(quotient)
    } else {
        quotient.checked_add(1)
    }
}

/// `floor(a * b / 2^128)`.
#[inline]
#[must_use]
pub const fn mul_high(a: u128, b: u128) -> u128 {
    widening(a, b).1
}

/// `a * b` as low and high half.
#[inline]
#[must_use]
pub const fn widening(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    // No sum below leaves 128 bits: (2^64-1)^2 + 2 * (2^64-1) = 2^128 - 1.
    let low = (a & LOW).wrapping_mul(b & LOW);
    let left = (a >> 64).wrapping_mul(b & LOW).wrapping_add(low >> 64);
    let right = (a & LOW).wrapping_mul(b >> 64).wrapping_add(left & LOW);
    let high = (a >> 64).wrapping_mul(b >> 64).wrapping_add(left >> 64).wrapping_add(right >> 64);
    (right << 64 | low & LOW, high)
}

/// `floor(a * b / d)` of `u128` values; `None` when it does not fit or `d` is zero.
#[inline]
#[must_use]
pub fn ratio_down(a: u128, b: u128, d: u128) -> Option<u128> {
    let (low, high) = widening(a, b);
    if high == 0 {
        return low.checked_div(d);
    }
    (high < d).then(|| limbs::div_halves(high, low, d).0)
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

#[inline]
fn div_rem(a: U256, d: U256) -> (U256, bool) {
    let a = a.as_limbs();
    let (q, exact) = limbs::div(&[a[0], a[1], a[2], a[3], 0, 0, 0, 0], d.as_limbs());
    (U256::from_limbs([q[0], q[1], q[2], q[3]]), exact)
}

/// `floor(a * b / 2^96)`, otherwise as [`mul_div`]; whether nothing was cut off comes second.
#[inline]
pub fn mul_shift_96(a: U256, b: U256) -> Result<(U256, bool), Refusal> {
    let p = limbs::mul(a.as_limbs(), b.as_limbs());
    if p[7] != 0 || p[6] != 0 || p[5] >> 32 != 0 {
        return Err(Refusal::Overflow);
    }
    let limb = |at: usize| p[at] >> 32 | p[at + 1] << 32;
    Ok((U256::from_limbs([limb(1), limb(2), limb(3), limb(4)]), p[0] == 0 && p[1] as u32 == 0))
}

#[inline]
fn mul_div_rem(a: U256, b: U256, d: U256) -> Result<(U256, bool), Refusal> {
    if d.is_zero() {
        return Err(Refusal::Overflow);
    }
    let (q, exact) = limbs::div(&limbs::mul(a.as_limbs(), b.as_limbs()), d.as_limbs());
    if q[4..] != [0; 4] {
        return Err(Refusal::Overflow);
    }
    Ok((U256::from_limbs([q[0], q[1], q[2], q[3]]), exact))
}
