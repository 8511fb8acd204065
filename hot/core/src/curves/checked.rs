//! 256-bit arithmetic that refuses where a checked contract reverts.

use ruint::aliases::U256;

use crate::error::Refusal;

/// 10^18, the unit of most fixed-point contracts.
pub const WAD: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// `a + b`.
pub fn add(a: U256, b: U256) -> Result<U256, Refusal> {
    a.checked_add(b).ok_or(Refusal::Overflow)
}

/// `a - b`.
pub fn sub(a: U256, b: U256) -> Result<U256, Refusal> {
    a.checked_sub(b).ok_or(Refusal::Overflow)
}

/// `a * b`.
pub fn mul(a: U256, b: U256) -> Result<U256, Refusal> {
    a.checked_mul(b).ok_or(Refusal::Overflow)
}

/// `floor(a / b)`.
pub fn div(a: U256, b: U256) -> Result<U256, Refusal> {
    a.checked_div(b).ok_or(Refusal::Overflow)
}

/// `ceil(a / b)`.
pub fn div_up(a: U256, b: U256) -> Result<U256, Refusal> {
    if a.is_zero() && !b.is_zero() {
        return Ok(U256::ZERO);
    }
    add(div(sub(a, U256::ONE)?, b)?, U256::ONE)
}

/// `floor(a * b / d)` whose product must fit 256 bits.
pub fn mul_over(a: U256, b: U256, d: U256) -> Result<U256, Refusal> {
    div(mul(a, b)?, d)
}

/// `floor(a * b / 10^18)`.
pub fn mul_wad(a: U256, b: U256) -> Result<U256, Refusal> {
    mul_over(a, b, WAD)
}

/// `ceil(a * b / 10^18)`.
pub fn mul_wad_up(a: U256, b: U256) -> Result<U256, Refusal> {
    div_up(mul(a, b)?, WAD)
}

/// `floor(a * 10^18 / b)`.
pub fn div_wad(a: U256, b: U256) -> Result<U256, Refusal> {
    mul_over(a, WAD, b)
}

/// `ceil(a * 10^18 / b)`.
pub fn div_wad_up(a: U256, b: U256) -> Result<U256, Refusal> {
    div_up(mul(a, WAD)?, b)
}

/// Whether two Newton steps are at most one apart.
#[must_use]
pub fn settled(a: U256, b: U256) -> bool {
    a.abs_diff(b) <= U256::ONE
}
