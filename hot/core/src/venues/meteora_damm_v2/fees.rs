//! What a swap of a DAMM v2 pool costs: base fee in its five modes, plus the variable part, up to the version's cap.
//!
//! Numerators are billionths. Everything that depends on the pool and the clock alone is worked out when the pool is
//! read; only a rate limiter in force depends on the amount.

use super::limiter::Limiter;
use crate::error::Refusal;
use crate::venues::accounts::Fields;
use crate::wide::{mul_div, to_u128};
use ruint::aliases::U256;

/// One, in billionths.
pub const ONE: u64 = 1_000_000_000;
const BPS: u64 = 10_000;
const ONE_Q64: u128 = 1 << 64;
const BASE: usize = 8;

/// When the pool is asked.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Slot or second, as the pool counts.
    pub point: u64,
    /// Slot or second trading opened.
    pub activation: u64,
}

/// What one direction costs.
#[derive(Clone, Debug)]
pub enum Rate {
    /// The same for every amount.
    Fixed(u64),
    /// By amount: limiter, variable part, cap.
    Limited(Limiter, u128, u64),
}

impl Rate {
    /// Rate for an amount that has the fee in it.
    pub fn of_included(&self, amount: u64) -> Result<u64, Refusal> {
        match self {
            Self::Fixed(rate) => Ok(*rate),
            Self::Limited(limiter, variable, cap) => capped(limiter.of_included(amount)?, *variable, *cap),
        }
    }

    /// Rate for an amount the fee has to be added to.
    pub fn of_excluded(&self, amount: u64) -> Result<u64, Refusal> {
        match self {
            Self::Fixed(rate) => Ok(*rate),
            Self::Limited(limiter, variable, cap) => capped(limiter.of_excluded(amount)?, *variable, *cap),
        }
    }
}

/// Rates of both directions, A to B first.
pub fn rates(pool: &[u8], when: When, variable: u128) -> Result<[Rate; 2], Refusal> {
    let cap = match pool.u8(486)? {
        0 => 500_000_000,
        1 => 990_000_000,
        _ => return Err(Refusal::Unsupported),
    };
    let cliff = pool.u64(BASE)?;
    let base = match pool.u8(BASE + 8)? {
        mode @ (0 | 1) => by_time(pool, when, cliff, mode == 1)?,
        mode @ (3 | 4) => by_price(pool, when, cliff, mode == 4)?,
        2 => cliff,
        _ => return Err(Refusal::Unsupported),
    };
    let fixed = Rate::Fixed(capped(base, variable, cap)?);
    let limiter = if pool.u8(BASE + 8)? == 2 { Limiter::in_force(pool, when)? } else { None };
    let back = limiter.map_or_else(|| fixed.clone(), |limiter| Rate::Limited(limiter, variable, cap));
    Ok([fixed, back])
}

/// `(amount - ceil(amount * rate), ceil(amount * rate))`.
pub fn without(rate: u64, amount: u64) -> Result<(u64, u64), Refusal> {
    let fee = (u128::from(amount) * u128::from(rate)).div_ceil(u128::from(ONE));
    let fee = u64::try_from(fee).map_err(|_| Refusal::Overflow)?;
    Ok((amount.checked_sub(fee).ok_or(Refusal::Overflow)?, fee))
}

/// `(gross, gross - net)` where `gross = ceil(net / (1 - rate))`.
pub fn with(rate: u64, net: u64) -> Result<(u64, u64), Refusal> {
    let left = ONE.checked_sub(rate).filter(|left| *left > 0).ok_or(Refusal::Range)?;
    let gross = (u128::from(net) * u128::from(ONE)).div_ceil(u128::from(left));
    let gross = u64::try_from(gross).map_err(|_| Refusal::Overflow)?;
    Ok((gross, gross.checked_sub(net).ok_or(Refusal::Overflow)?))
}

fn capped(base: u64, variable: u128, cap: u64) -> Result<u64, Refusal> {
    let total = variable.checked_add(u128::from(base)).ok_or(Refusal::Overflow)?;
    Ok(u64::try_from(total).map_err(|_| Refusal::Overflow)?.min(cap))
}

fn by_time(pool: &[u8], when: When, cliff: u64, exponential: bool) -> Result<u64, Refusal> {
    let (periods, length, reduction) = (pool.u16(BASE + 14)?, pool.u64(BASE + 16)?, pool.u64(BASE + 24)?);
    if length == 0 {
        return Ok(cliff);
    }
    let passed = when.point.checked_sub(when.activation).map(|points| points / length);
    reduced(cliff, reduction, fewest(passed.unwrap_or(u64::MAX), periods), exponential)
}

fn by_price(pool: &[u8], when: When, cliff: u64, exponential: bool) -> Result<u64, Refusal> {
    let (periods, step, reduction) = (pool.u16(BASE + 14)?, pool.u32(BASE + 16)?, pool.u64(BASE + 24)?);
    let end = when.activation.checked_add(u64::from(pool.u32(BASE + 20)?)).ok_or(Refusal::Overflow)?;
    let (first, now) = (pool.u128(152)?, pool.u128(456)?);
    let passed = if when.point > end || when.point < when.activation {
        periods
    } else if now <= first {
        0
    } else if first == 0 || step == 0 {
        return Err(Refusal::Range);
    } else {
        let gained = U256::from(now - first) * U256::from(BPS) / U256::from(first);
        fewest(u64::try_from(gained / U256::from(step)).unwrap_or(u64::MAX), periods)
    };
    reduced(cliff, reduction, passed, exponential)
}

fn fewest(passed: u64, periods: u16) -> u16 {
    u16::try_from(passed).map_or(periods, |passed| passed.min(periods))
}

/// `cliff - n * reduction`, or `cliff * (1 - reduction / 10000)^n` in Q64.64 by squaring.
fn reduced(cliff: u64, reduction: u64, periods: u16, exponential: bool) -> Result<u64, Refusal> {
    if !exponential {
        let less = reduction.checked_mul(u64::from(periods)).ok_or(Refusal::Overflow)?;
        return cliff.checked_sub(less).ok_or(Refusal::Overflow);
    }
    if reduction == 0 {
        return Ok(cliff);
    }
    let less = (u128::from(reduction) << 64) / u128::from(BPS);
    let base = ONE_Q64.checked_sub(less).ok_or(Refusal::Overflow)?;
    let factor = power(base, periods);
    if factor == 0 {
        return Err(Refusal::Overflow);
    }
    u64::try_from((factor * u128::from(cliff)) >> 64).map_err(|_| Refusal::Overflow)
}

/// `base^exponent` of Q64.64 numbers below one, each product floored.
fn power(base: u128, exponent: u16) -> u128 {
    let (mut result, mut square, mut left) = (ONE_Q64, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result = (result * square) >> 64;
        }
        square = (square * square) >> 64;
        left >>= 1;
    }
    result
}

/// The part that follows volatility. The program charges by what earlier swaps left behind and updates it afterwards,
/// so a quote needs the stored accumulator; the rest only decides whether that update can fail.
#[derive(Clone, Debug)]
pub struct Dynamic {
    bin_step: u128,
    reference_price: u128,
    reference: u128,
}

impl Dynamic {
    /// `None` when the pool has no variable part.
    pub fn read(pool: &[u8], now: u64) -> Result<Option<Self>, Refusal> {
        if pool.u8(56)? == 0 {
            return Ok(None);
        }
        let mut state = Self { bin_step: pool.u128(88)?, reference_price: pool.u128(104)?, reference: pool.u128(136)? };
        let elapsed = now.saturating_sub(pool.u64(80)?);
        if elapsed >= u64::from(pool.u16(74)?) {
            state.reference_price = pool.u128(456)?;
            state.reference = if elapsed < u64::from(pool.u16(76)?) {
                let kept = pool.u128(120)?.checked_mul(u128::from(pool.u16(78)?)).ok_or(Refusal::Overflow)?;
                kept / u128::from(BPS)
            } else {
                0
            };
        }
        Ok(Some(state))
    }

    /// `ceil((accumulator * bin step)^2 * control / 1e11)`, in billionths.
    pub fn rate(pool: &[u8]) -> Result<u128, Refusal> {
        if pool.u8(56)? == 0 {
            return Ok(0);
        }
        let product = pool.u128(120)?.checked_mul(u128::from(pool.u16(72)?));
        let square = product.and_then(|product| product.checked_mul(product));
        let scaled = square.and_then(|square| square.checked_mul(u128::from(pool.u32(68).ok()?)));
        let rounded = scaled.and_then(|scaled| scaled.checked_add(99_999_999_999));
        rounded.map(|rounded| rounded / 100_000_000_000).ok_or(Refusal::Overflow)
    }

    /// Refuse a move to `price` after which the program could not store the new volatility.
    pub fn allow(&self, before: u128, price: u128) -> Result<(), Refusal> {
        let near = |one: u128, other: u128| one.max(other) >> 32 < one.min(other);
        // Moves below 2^32-fold in steps of 2^-48 and more cannot overflow: 2^33 * 2^48 * 2 * 10^4 < 2^97.
        if self.bin_step >= 1 << 16
            && self.reference < 1 << 127
            && near(price, self.reference_price)
            && near(before, price)
        {
            return Ok(());
        }
        let moved = self.bins(price, self.reference_price)?;
        let gained = moved.checked_mul(u128::from(BPS)).ok_or(Refusal::Overflow)?;
        self.reference.checked_add(gained).ok_or(Refusal::Overflow)?;
        self.bins(before, price).map(|_| ())
    }

    fn bins(&self, one: u128, other: u128) -> Result<u128, Refusal> {
        let (lower, upper) = (one.min(other), one.max(other));
        let ratio = to_u128(mul_div(U256::from(upper), U256::from(ONE_Q64), U256::from(lower))?)?;
        let bins = (ratio - ONE_Q64).checked_div(self.bin_step).ok_or(Refusal::Range)?;
        bins.checked_mul(2).ok_or(Refusal::Overflow)
    }
}
