//! Two reserves with what some venues keep beside them: fees that may change, and how many units one token has.

use ruint::aliases::U256;

use super::checked::{div, mul, mul_over, WAD};
use super::Reserves;
use crate::error::Refusal;

/// State of a pair that tells its own fees or decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// Reserves, base units.
    pub reserves: Reserves,
    /// Fee numerator by input asset; the denominator is the curve's.
    pub fees: [u32; 2],
    /// Units of one whole token, `10^decimals`.
    pub scale: [u128; 2],
}

impl Pair {
    /// Fee numerator of a direction.
    #[must_use]
    pub const fn fee(&self, zero_for_one: bool) -> u32 {
        self.fees[!zero_for_one as usize]
    }

    /// `(input, output)` units of one whole token.
    #[must_use]
    pub fn scales(&self, zero_for_one: bool) -> (U256, U256) {
        let (zero, one) = (U256::from(self.scale[0]), U256::from(self.scale[1]));
        if zero_for_one {
            (zero, one)
        } else {
            (one, zero)
        }
    }

    /// Both reserves of a direction in 18 decimals, rounded down.
    pub fn scaled(&self, zero_for_one: bool) -> Result<(U256, U256), Refusal> {
        let (reserve_in, reserve_out) = self.reserves.directed(zero_for_one);
        let (unit_in, unit_out) = self.scales(zero_for_one);
        Ok((mul_over(U256::from(reserve_in), WAD, unit_in)?, mul_over(U256::from(reserve_out), WAD, unit_out)?))
    }
}

/// `x^3 y + x y^3` in 18 decimals, rounded as `_k` of the Solidly family rounds.
pub fn cubic_k(x: U256, y: U256) -> Result<U256, Refusal> {
    let a = mul_over(x, y, WAD)?;
    let b = super::checked::add(mul_over(x, x, WAD)?, mul_over(y, y, WAD)?)?;
    mul_over(a, b, WAD)
}

/// Derivative of [`cubic_k`] by `y`.
pub fn cubic_slope(x: U256, y: U256) -> Result<U256, Refusal> {
    let three = mul(U256::from(3), x)?;
    let left = mul_over(three, mul_over(y, y, WAD)?, WAD)?;
    super::checked::add(left, mul_over(mul_over(x, x, WAD)?, x, WAD)?)
}

/// Newton's step: `gap * 10^18 / slope`.
pub fn cubic_step(gap: U256, slope: U256) -> Result<U256, Refusal> {
    div(mul(gap, WAD)?, slope)
}

/// Marginal output for input of `x^3 y + x y^3 = k`, in whole tokens and then in base units.
#[must_use]
pub fn cubic_rate(pair: &Pair, zero_for_one: bool) -> Option<f64> {
    let (reserve_in, reserve_out) = pair.reserves.directed(zero_for_one);
    if reserve_in == 0 || reserve_out == 0 {
        return None;
    }
    let (unit_in, unit_out) =
        if zero_for_one { (pair.scale[0], pair.scale[1]) } else { (pair.scale[1], pair.scale[0]) };
    let (unit_in, unit_out) = (unit_in as f64, unit_out as f64);
    let (x, y) = (reserve_in as f64 / unit_in, reserve_out as f64 / unit_out);
    // Divided by y^3, so that no power leaves the range of the type.
    let ratio = x / y;
    Some((3.0 * ratio * ratio + 1.0) / (ratio * ratio * ratio + 3.0 * ratio) * unit_out / unit_in)
}
