//! Uniswap V3 `SwapMath.computeSwapStep` for exact input, with the `SqrtPriceMath` it needs.

use ruint::aliases::U256;

use crate::error::Refusal;
use crate::wide::{div_down, div_up, mul_div, mul_div_up, mul_shift_96, ratio_up, Q96};

const MILLION: u32 = 1_000_000;

/// What one step within one liquidity range does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Price afterwards.
    pub sqrt_next: U256,
    /// Input that went to the curve, without the fee.
    pub amount_in: U256,
    /// Output.
    pub amount_out: U256,
    /// Fee taken from the input.
    pub fee: U256,
}

/// Move from `current` towards `target` with at most `remaining` input. The side follows from the prices.
pub fn exact_in(current: U256, target: U256, liquidity: u128, remaining: U256, fee_pips: u32) -> Result<Step, Refusal> {
    let zero_for_one = current >= target;
    let kept = U256::from(MILLION - fee_pips);
    let usable = mul_div(remaining, kept, U256::from(MILLION))?;
    let whole = input_between(current, target, liquidity, zero_for_one)?;
    let reached = usable >= whole;
    let sqrt_next = if reached { target } else { next_price(current, liquidity, usable, zero_for_one)? };
    // The target may be hit exactly with less than `whole` rounds to: the contract then keeps `whole` as input.
    let amount_in =
        if sqrt_next == target { whole } else { input_between(current, sqrt_next, liquidity, zero_for_one)? };
    let amount_out = output_between(current, sqrt_next, liquidity, zero_for_one)?;
    let fee = if sqrt_next == target {
        mul_div_up(amount_in, U256::from(fee_pips), kept)?
    } else {
        remaining.checked_sub(amount_in).ok_or(Refusal::Overflow)?
    };
    Ok(Step { sqrt_next, amount_in, amount_out, fee })
}

/// Fee on an input that reaches the target; `None` when it does not fit.
#[must_use]
pub fn fee_on(amount_in: u128, fee_pips: u32) -> Option<u128> {
    let kept = MILLION - fee_pips;
    match amount_in.checked_mul(fee_pips.into()) {
        Some(product) => Some(product.div_ceil(kept.into())),
        None => ratio_up(amount_in, fee_pips.into(), kept.into()),
    }
}

/// What of an input goes to the curve; `None` when it takes more than 128 bits to say.
#[inline]
#[must_use]
pub fn after_fee(offered: u128, fee_pips: u32) -> Option<u128> {
    // Below 2^108 times less than 2^20.
    let product = (offered >> 108 == 0).then(|| offered.wrapping_mul((MILLION - fee_pips).into()))?;
    Some(product / u128::from(MILLION))
}

/// The least input of which at least `usable` goes to the curve.
#[inline]
#[must_use]
pub fn before_fee(usable: u128, fee_pips: u32) -> Option<u128> {
    let product = (usable >> 108 == 0).then(|| usable.wrapping_mul(MILLION.into()))?;
    Some(product.div_ceil(u128::from(MILLION - fee_pips)))
}

/// Output of `offered` input that is known not to reach the next edge: what [`exact_in`] pays then.
#[inline]
pub fn partial(current: U256, liquidity: u128, offered: u128, fee_pips: u32, down: bool) -> Result<U256, Refusal> {
    let usable = match after_fee(offered, fee_pips) {
        Some(usable) => U256::from(usable),
        None => mul_div(U256::from(offered), U256::from(MILLION - fee_pips), U256::from(MILLION))?,
    };
    let next = next_price(current, liquidity, usable, down)?;
    output_between(current, next, liquidity, down)
}

/// Input, fee included, that pays `wanted` within one range: what the contract takes for exactly that output.
pub fn input_for(current: U256, liquidity: u128, wanted: u128, fee_pips: u32, down: bool) -> Result<U256, Refusal> {
    if liquidity == 0 {
        return Err(Refusal::PartialFill);
    }
    let (wanted, active) = (U256::from(wanted), U256::from(liquidity));
    let next = if down {
        let gap = mul_div_up(wanted, Q96, active)?;
        current.checked_sub(gap).filter(|next| !next.is_zero()).ok_or(Refusal::PartialFill)?
    } else {
        let scaled: U256 = active << 96;
        let taken = wanted.checked_mul(current).ok_or(Refusal::PartialFill)?;
        let left = scaled.checked_sub(taken).filter(|left| !left.is_zero()).ok_or(Refusal::PartialFill)?;
        mul_div_up(scaled, current, left)?
    };
    let amount_in = input_between(current, next, liquidity, down)?;
    let fee = mul_div_up(amount_in, U256::from(fee_pips), U256::from(MILLION - fee_pips))?;
    amount_in.checked_add(fee).ok_or(Refusal::Overflow)
}

/// Amount of token 0 between two prices `low <= high`: `L * 2^96 * (high - low) / high / low`.
pub fn amount0(low: U256, high: U256, liquidity: u128, up: bool) -> Result<U256, Refusal> {
    let scaled: U256 = U256::from(liquidity) << 96;
    let gap = high.checked_sub(low).ok_or(Refusal::Overflow)?;
    if low.is_zero() {
        return Err(Refusal::Empty);
    }
    if up {
        div_up(mul_div_up(scaled, gap, high)?, low)
    } else {
        div_down(mul_div(scaled, gap, high)?, low)
    }
}

/// Amount of token 1 between two prices `low <= high`: `L * (high - low) / 2^96`.
pub fn amount1(low: U256, high: U256, liquidity: u128, up: bool) -> Result<U256, Refusal> {
    let gap = high.checked_sub(low).ok_or(Refusal::Overflow)?;
    let (amount, exact) = mul_shift_96(U256::from(liquidity), gap)?;
    if up && !exact {
        return amount.checked_add(U256::ONE).ok_or(Refusal::Overflow);
    }
    Ok(amount)
}

fn input_between(from: U256, to: U256, liquidity: u128, zero_for_one: bool) -> Result<U256, Refusal> {
    if zero_for_one {
        amount0(to, from, liquidity, true)
    } else {
        amount1(from, to, liquidity, true)
    }
}

fn output_between(from: U256, to: U256, liquidity: u128, zero_for_one: bool) -> Result<U256, Refusal> {
    if zero_for_one {
        amount1(to, from, liquidity, false)
    } else {
        amount0(from, to, liquidity, false)
    }
}

/// Price after `amount` of input, rounded so that the pool never gives too much.
fn next_price(price: U256, liquidity: u128, amount: U256, zero_for_one: bool) -> Result<U256, Refusal> {
    if liquidity == 0 {
        return Err(Refusal::Empty);
    }
    if amount.is_zero() {
        return Ok(price);
    }
    if zero_for_one {
        let scaled: U256 = U256::from(liquidity) << 96;
        if let Some(denominator) = amount.checked_mul(price).and_then(|product| scaled.checked_add(product)) {
            return mul_div_up(scaled, price, denominator);
        }
        return div_up(scaled, div_down(scaled, price)?.checked_add(amount).ok_or(Refusal::Overflow)?);
    }
    let lift = if amount.bit_len() <= 160 {
        div_down(amount << 96, U256::from(liquidity))?
    } else {
        mul_div(amount, Q96, U256::from(liquidity))?
    };
    let next = price.checked_add(lift).ok_or(Refusal::Overflow)?;
    if next.bit_len() > 160 {
        return Err(Refusal::Overflow);
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> U256 {
        U256::from_str_radix(text, 10).unwrap()
    }

    #[test]
    fn takes_the_published_step() {
        let step = exact_in(
            number("79228162514264337593543950336"),
            number("79623317895830914510639640423"),
            2 * 10u128.pow(18),
            U256::from(10u128.pow(18)),
            600,
        )
        .unwrap();
        assert_eq!(step.sqrt_next, number("79623317895830914510639640423"));
        assert_eq!(step.amount_in, number("9975124224178055"));
        assert_eq!(step.amount_out, number("9925619580021728"));
        assert_eq!(step.fee, number("5988667735148"));
    }

    proptest! {
        #[test]
        fn a_step_never_takes_more_than_is_offered(
            from in 4_295_128_739u128.., to in 4_295_128_739u128.., liquidity in 1u128.., amount in 1u128.., fee in 0u32..100_000,
        ) {
            if let Ok(step) = exact_in(U256::from(from), U256::from(to), liquidity, U256::from(amount), fee) {
                prop_assert!(step.amount_in + step.fee <= U256::from(amount));
            }
        }
    }
}
