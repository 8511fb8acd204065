//! Concentrated liquidity in Q64.64: amounts between prices, prices after amounts, and one step of a swap.
//!
//! Shared by the venues whose programs compute alike (Orca Whirlpool, Raydium CLMM); their tick tables differ and stay
//! with them. Prices are square roots in Q64.64 and lie below 2^96, fees are millionths of the input.

#[cfg(test)]
mod tests;

use ruint::aliases::U256;

use super::Given;
use crate::error::Refusal;
use crate::wide::{mul_div_up, ratio_down, ratio_up};

/// What a fee rate is a fraction of.
pub const MILLION: u32 = 1_000_000;

/// One step to take: from one price towards another within one range of constant liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Price now.
    pub price: u128,
    /// Price not to move beyond.
    pub target: u128,
    /// Liquidity between the two.
    pub liquidity: u128,
    /// What is left of the given side, fee included when it is the input.
    pub remaining: u64,
    /// Millionths of the input.
    pub fee_rate: u32,
    /// Which side `remaining` is.
    pub given: Given,
    /// Direction: token A (0) in when true, the price falls.
    pub zero_for_one: bool,
    /// Refuse intermediate numbers over 256 bits, as a program without wider ones does.
    pub narrow: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Price afterwards.
    pub price: u128,
    /// Input that went to the curve, without the fee.
    pub amount_in: u64,
    /// Output.
    pub amount_out: u64,
    /// Fee on the input.
    pub fee: u64,
}

impl Leg {
    /// Take the step.
    pub fn step(&self) -> Result<Step, Refusal> {
        let kept = self.kept()?;
        let exact_in = self.given == Given::Input;
        let offered = if exact_in { share(self.remaining, kept) } else { self.remaining };
        // More than 64 bits to reach the target is no error here: it only means that it is out of reach.
        let whole = self.fixed(self.target)?;
        let price = if whole.is_some_and(|whole| whole <= offered) { self.target } else { self.after(offered)? };
        let reached = price == self.target;
        let fixed = if reached { whole } else { self.fixed(price)? }.ok_or(Refusal::Overflow)?;
        let other = self.other(price)?.ok_or(Refusal::Overflow)?;
        let (amount_in, amount_out) = if exact_in { (fixed, other) } else { (other, fixed.min(self.remaining)) };
        let fee = if exact_in && !reached {
            self.remaining.checked_sub(amount_in).ok_or(Refusal::Overflow)?
        } else {
            fee_on(amount_in, self.fee_rate, kept)?
        };
        Ok(Step { price, amount_in, amount_out, fee })
    }

    /// The whole step, whatever is left; `None` when its amounts do not fit in 64 bits.
    pub fn whole(&self) -> Result<Option<Step>, Refusal> {
        let kept = self.kept()?;
        let input = self.between(self.target, self.zero_for_one, true)?;
        let output = self.between(self.target, !self.zero_for_one, false)?;
        let (Some(amount_in), Some(amount_out)) = (input, output) else {
            return Ok(None);
        };
        let fee = fee_on(amount_in, self.fee_rate, kept)?;
        Ok(Some(Step { price: self.target, amount_in, amount_out, fee }))
    }

    /// The step when `remaining` is known to be less than the whole step moves. Then all of an input goes, and all of
    /// an output comes: the price is rounded so that what is given is not exceeded.
    pub fn partial(&self) -> Result<Step, Refusal> {
        let kept = self.kept()?;
        if self.given == Given::Input {
            let offered = share(self.remaining, kept);
            let price = self.after(offered)?;
            let amount_out = self.other(price)?.ok_or(Refusal::Overflow)?;
            return Ok(Step { price, amount_in: offered, amount_out, fee: self.remaining - offered });
        }
        let price = self.after(self.remaining)?;
        let amount_in = self.other(price)?.ok_or(Refusal::Overflow)?;
        Ok(Step { price, amount_in, amount_out: self.remaining, fee: fee_on(amount_in, self.fee_rate, kept)? })
    }

    /// Millionths of an input that are swapped.
    fn kept(&self) -> Result<u32, Refusal> {
        MILLION.checked_sub(self.fee_rate).filter(|kept| *kept > 0).ok_or(Refusal::Range)
    }

    /// Whether token A is the side that is given.
    const fn given_is_a(&self) -> bool {
        matches!(self.given, Given::Input) == self.zero_for_one
    }

    /// Amount of the given side between the price now and `price`; `None` over 64 bits.
    fn fixed(&self, price: u128) -> Result<Option<u64>, Refusal> {
        self.between(price, self.given_is_a(), self.given == Given::Input)
    }

    /// Amount of the other side.
    fn other(&self, price: u128) -> Result<Option<u64>, Refusal> {
        self.between(price, !self.given_is_a(), self.given == Given::Output)
    }

    fn between(&self, price: u128, of_a: bool, up: bool) -> Result<Option<u64>, Refusal> {
        if !of_a {
            return Ok(delta_b(self.price, price, self.liquidity, up));
        }
        if self.narrow && over_192_bits(self.liquidity, self.price.abs_diff(price)) {
            return Err(Refusal::Overflow);
        }
        Ok(delta_a(self.price, price, self.liquidity, up))
    }

    fn after(&self, amount: u64) -> Result<u128, Refusal> {
        if !self.given_is_a() {
            return next_from_b(self.price, self.liquidity, amount, self.given);
        }
        if self.narrow && amount > 0 && over_192_bits(self.liquidity, self.price) {
            return Err(Refusal::Overflow);
        }
        next_from_a(self.price, self.liquidity, amount, self.given)
    }
}

/// Token A between two prices in any order, `L * 2^64 * (hi - lo) / (lo * hi)`; `None` when it exceeds 64 bits.
#[must_use]
pub fn delta_a(one: u128, another: u128, liquidity: u128, up: bool) -> Option<u64> {
    let (low, high) = (one.min(another), one.max(another));
    if let Some(amount) = small_delta_a(low, high, liquidity, up) {
        return u64::try_from(amount).ok();
    }
    let amount = product(liquidity, high - low);
    // The denominator stays below 2^192, so a numerator of 2^256 and more exceeds 64 bits by itself.
    if low == 0 || amount.bit_len() > 192 {
        return None;
    }
    let (quotient, rest) = (amount << 64usize).div_rem(product(low, high));
    let whole = u64::try_from(quotient).ok()?;
    whole.checked_add(u64::from(up && !rest.is_zero()))
}

/// [`delta_a`] in 128-bit divisions, one after the other; `None` where numbers are too large for them.
#[inline]
fn small_delta_a(low: u128, high: u128, liquidity: u128, up: bool) -> Option<u128> {
    let scaled = shifted_64(liquidity)?;
    let divide = if up { ratio_up } else { ratio_down };
    let once = divide(scaled, high - low, high)?;
    Some(if up { ceiling(once, low)? } else { once.checked_div(low)? })
}

/// Token B between two prices in any order, `L * (hi - lo) / 2^64`; `None` when it exceeds 64 bits.
#[must_use]
pub fn delta_b(one: u128, another: u128, liquidity: u128, up: bool) -> Option<u64> {
    let amount = liquidity.checked_mul(one.abs_diff(another))?;
    let (whole, rest) = ((amount >> 64) as u64, amount as u64);
    whole.checked_add(u64::from(up && rest != 0))
}

/// Price after `amount` of token A went in (`given` is the input) or out, rounded up.
pub fn next_from_a(price: u128, liquidity: u128, amount: u64, given: Given) -> Result<u128, Refusal> {
    if amount == 0 {
        return Ok(price);
    }
    if let Some(next) = small_next_from_a(price, liquidity, amount, given) {
        return Ok(next);
    }
    let scaled: U256 = U256::from(liquidity) << 64usize;
    let moved = product(price, u128::from(amount));
    let denominator = match given {
        Given::Input => scaled.checked_add(moved),
        Given::Output => scaled.checked_sub(moved).filter(|left| !left.is_zero()),
    };
    let next = mul_div_up(scaled, U256::from(price), denominator.ok_or(Refusal::Overflow)?)?;
    u128::try_from(next).map_err(|_| Refusal::Overflow)
}

/// [`next_from_a`] in 128-bit numbers; `None` where they do not do.
#[inline]
fn small_next_from_a(price: u128, liquidity: u128, amount: u64, given: Given) -> Option<u128> {
    let scaled = shifted_64(liquidity)?;
    let moved = price.checked_mul(u128::from(amount))?;
    let denominator = match given {
        Given::Input => scaled.checked_add(moved)?,
        Given::Output => scaled.checked_sub(moved)?,
    };
    ratio_up(scaled, price, denominator)
}

/// Price after `amount` of token B went in (`given` is the input) or out, rounded down.
pub fn next_from_b(price: u128, liquidity: u128, amount: u64, given: Given) -> Result<u128, Refusal> {
    let scaled = u128::from(amount) << 64;
    let moved = match given {
        Given::Input => scaled.checked_div(liquidity).and_then(|up| price.checked_add(up)),
        Given::Output if liquidity == 0 => None,
        Given::Output => price.checked_sub(scaled.div_ceil(liquidity)),
    };
    moved.ok_or(Refusal::Overflow)
}

/// `ceil(amount * rate / kept)`: the fee on top of an input.
fn fee_on(amount: u64, rate: u32, kept: u32) -> Result<u64, Refusal> {
    let fee = (u128::from(amount) * u128::from(rate)).div_ceil(u128::from(kept));
    u64::try_from(fee).map_err(|_| Refusal::Overflow)
}

/// `floor(amount * kept / 1e6)`: what of an input is left to swap. In parts, for 64-bit divisions are quick.
fn share(amount: u64, kept: u32) -> u64 {
    let (kept, million) = (u64::from(kept), u64::from(MILLION));
    // At most the amount, for kept is at most a million; so are both parts.
    (amount / million).wrapping_mul(kept).wrapping_add((amount % million).wrapping_mul(kept) / million)
}

/// `value * 2^64` when it fits.
#[inline]
const fn shifted_64(value: u128) -> Option<u128> {
    if value >> 64 == 0 {
        Some(value << 64)
    } else {
        None
    }
}

/// `ceil(value / divisor)`; `None` for a divisor of zero.
#[inline]
fn ceiling(value: u128, divisor: u128) -> Option<u128> {
    let whole = value.checked_div(divisor)?;
    whole.checked_add(u128::from(whole * divisor != value))
}

/// The 256-bit product, which always fits.
fn product(a: u128, b: u128) -> U256 {
    a.checked_mul(b).map_or_else(|| U256::from(a).wrapping_mul(U256::from(b)), U256::from)
}

fn over_192_bits(a: u128, b: u128) -> bool {
    product(a, b).bit_len() > 192
}
