//! A range of constant liquidity as the constant product that it is: `out = u * given / (held + u)` in real numbers.
//!
//! The contract's output is that real number less a rounding of known size, cut to whole units. Both reserves are held
//! to 125 bits, so whenever the answer does not lie within the errors of a whole number it is certain, for the price of
//! one short division. Otherwise the caller takes the contract's own steps.

use ruint::aliases::U256;

use crate::curves::swap_step::{amount0, amount1, fee_on};
use crate::wide::{mul_high, ratio_down, ratio_up, to_u128, widening};

/// Most by which the division below falls short, with the errors of both reserves.
const ABOVE: u128 = 1 << 10;
/// Most by which the errors of both reserves make it exceed.
const BELOW: u128 = 1 << 8;
/// More than the error of a difference of two amounts.
const CLOSE: u128 = 64;
/// Bits of fraction with which an answer may be certain.
const FRACTION: std::ops::RangeInclusive<i32> = 12..=120;
/// A range that answers nothing.
const NOWHERE: Range = Range { held: 0, given: 0, below: u128::MAX, shift: 125, point: 0 };

/// The virtual reserves of a range at the price where a swap enters it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// Input reserve times `2^shift`, from 2^124 to 2^125.
    held: u128,
    /// Output reserve times `2^point`, from 2^127 on.
    given: u128,
    /// By how much the contract's output may lie below the quotient, times `2^point`.
    below: u128,
    shift: u8,
    point: u8,
}

impl Default for Range {
    fn default() -> Self {
        NOWHERE
    }
}

impl Range {
    /// Reserves at a price in the direction of a swap.
    pub(super) fn at(price: &Price, liquidity: u128, down: bool) -> Self {
        Self::fitting(price, liquidity, down).unwrap_or(NOWHERE)
    }

    fn fitting(price: &Price, liquidity: u128, down: bool) -> Option<Self> {
        let active = Real::of(U256::from(liquidity))?;
        let (zero, one) = (active.times(price.inverse), active.times(price.root));
        let (held, given) = if down { (zero, one) } else { (one, zero) };
        // The price after the swap is off by less than one unit. That costs L / 2^96 of token 1, or L / (p^2 * 2^96) of
        // token 0 where p is the price.
        let rounding = if down { active } else { zero.times(price.inverse) }.scaled(-96);
        let (shift, point) = (held.exponent.checked_neg()? - 3, given.exponent.checked_neg()?);
        // Above 2^95 the contract may take another formula; below 12 bits of fraction hardly any answer is certain.
        if !(30..=124).contains(&shift) || !FRACTION.contains(&point) {
            return None;
        }
        let below = rounding.scaled(point).ceil()?.checked_add(BELOW)?;
        Some(Self { held: held.mantissa >> 3, given: given.mantissa, below, shift: shift as u8, point: point as u8 })
    }

    /// Output of an input after the fee that ends within the range; `None` when it is not certain.
    #[inline]
    pub(super) fn out(&self, usable: u128) -> Option<u128> {
        if usable >> (125 - self.shift) != 0 {
            return None;
        }
        // Wrapping, because nothing can wrap: `whole` lies from 2^124 to 2^126, and at most 2/3 of it is `scaled`. The
        // quotients are below 2^64 each. `first` falls short by less than 12, so that the rest is below
        // (2/3 * 2^128 + 2^126) * 2^64; then `second << 8` falls short by 2^8 for its floor and 2^8 for `top`.
        let scaled = usable << self.shift;
        let whole = self.held.wrapping_add(scaled);
        let (low, high) = widening(scaled, self.given);
        let top = (whole >> 64).wrapping_add(1);
        let first = high / top;
        let rest = (high << 64 | low >> 64).wrapping_sub(first.wrapping_mul(whole));
        let second = (rest >> 8) / top;
        let real = (first << 64).wrapping_add(second << 8);
        let least = real.checked_sub(self.below)? >> self.point;
        (real.checked_add(ABOVE)? >> self.point == least).then_some(least)
    }

    /// An input after the fee that pays `wanted`, usually the least one; `None` when the range cannot say.
    #[inline]
    pub(super) fn usable_for(&self, wanted: u128) -> Option<u128> {
        if wanted >> (127 - self.point) != 0 {
            return None;
        }
        let target = (wanted << self.point).checked_add(self.below)?.checked_add(ABOVE)?;
        let scaled = ratio_up(target, self.held, self.given.checked_sub(target)?)?;
        // Up to here `given` is at least a third of what it was, so the reserves' errors move this by less than 2^8.
        let usable = (scaled.checked_add(1 << 8)? >> self.shift).checked_add(1)?;
        (usable >> (125 - self.shift) == 0).then_some(usable)
    }
}

/// A price and its inverse, to 124 bits, so that amounts at it cost products instead of divisions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    /// Q64.96, exact.
    pub(super) sqrt_price: U256,
    root: Real,
    inverse: Real,
}

impl Price {
    /// `None` for zero.
    pub(super) fn at(sqrt_price: U256) -> Option<Self> {
        let root = Real::of(sqrt_price)?.scaled(-96);
        Some(Self { sqrt_price, root, inverse: Real::of(U256::ONE)?.over(root)? })
    }

    /// What the step of a swap that ends at `to` takes, fee included, and pays; `None` when it takes more than fits.
    pub(super) fn step(&self, to: &Self, liquidity: u128, fee_pips: u32) -> Option<(u128, u128)> {
        let down = to.sqrt_price < self.sqrt_price;
        let (low, high) = if down { (to, self) } else { (self, to) };
        let zero = match low.zero_up_to(high, liquidity) {
            Some(floor) => floor + u128::from(down),
            None => to_u128(amount0(low.sqrt_price, high.sqrt_price, liquidity, down).ok()?).ok()?,
        };
        let one = to_u128(amount1(low.sqrt_price, high.sqrt_price, liquidity, !down).ok()?).ok()?;
        let (taken, paid) = if down { (zero, one) } else { (one, zero) };
        Some((taken.checked_add(fee_on(taken, fee_pips)?)?, paid))
    }

    /// The whole units of token 0 between two prices; `None` unless it is certain, and certainly no whole number.
    fn zero_up_to(&self, high: &Self, liquidity: u128) -> Option<u128> {
        let active = Real::of(U256::from(liquidity))?;
        let (more, less) = (active.times(self.inverse), active.times(high.inverse));
        let (point, apart) = (more.exponent.checked_neg()?, more.exponent.checked_sub(less.exponent)?);
        if !FRACTION.contains(&point) {
            return None;
        }
        // Each is off by less than 16 units, and the cut-off part of the second is less than one.
        let between = more.mantissa.checked_sub(less.mantissa.checked_shr(apart.try_into().ok()?).unwrap_or(0))?;
        let least = between.checked_sub(CLOSE)? >> point;
        (between.checked_add(CLOSE)? >> point == least).then_some(least)
    }
}

/// `mantissa * 2^exponent` with the top bit of the mantissa set; two operations are off by less than 16 units in it.
#[derive(Clone, Copy, Debug)]
struct Real {
    mantissa: u128,
    exponent: i32,
}

impl Real {
    /// `None` for zero, or above 2^192.
    fn of(value: U256) -> Option<Self> {
        let limbs = value.as_limbs();
        let (top, low) = (u128::from(limbs[2]) << 64 | u128::from(limbs[1]), limbs[0]);
        match top >> 64 {
            0 if value.is_zero() => None,
            _ if limbs[3] != 0 => None,
            0 => Some(Self::normal(top << 64 | u128::from(low), 0)),
            _ => {
                let zeros = top.leading_zeros();
                // Two shifts so that a shift of zero takes nothing from below.
                let mantissa = top << zeros | u128::from(low >> 1 >> (63 - zeros));
                Some(Self { mantissa, exponent: 64 - zeros as i32 })
            }
        }
    }

    const fn scaled(self, by: i32) -> Self {
        Self { exponent: self.exponent + by, ..self }
    }

    fn normal(mantissa: u128, exponent: i32) -> Self {
        let zeros = mantissa.leading_zeros();
        Self { mantissa: mantissa << zeros, exponent: exponent - zeros as i32 }
    }

    fn times(self, by: Self) -> Self {
        Self::normal(mul_high(self.mantissa, by.mantissa), self.exponent + by.exponent + 128)
    }

    fn over(self, by: Self) -> Option<Self> {
        let quotient = ratio_down(self.mantissa, 1 << 127, by.mantissa)?;
        Some(Self::normal(quotient, self.exponent - by.exponent - 127))
    }

    /// A whole number not below it; `None` when it does not fit.
    fn ceil(self) -> Option<u128> {
        match self.exponent {
            ..=-128 => Some(1),
            -127..=-1 => (self.mantissa >> self.exponent.unsigned_abs()).checked_add(1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::swap_step;
    use crate::curves::tick_math::sqrt_ratio_at_tick;
    use proptest::prelude::*;

    fn amount() -> impl Strategy<Value = u128> {
        (0u32..110, any::<u128>()).prop_map(|(bits, noise)| 1 << bits | noise & ((1 << bits) - 1))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn what_is_certain_is_what_the_contract_pays(
            tick in -700_000i32..700_000, above in any::<u64>(), liquidity in amount(), usable in amount(), down: bool,
        ) {
            let price = sqrt_ratio_at_tick(tick).unwrap() + U256::from(above);
            let range = Range::at(&Price::at(price).unwrap(), liquidity, down);
            if let (Some(out), Ok(paid)) = (range.out(usable), swap_step::partial(price, liquidity, usable, 0, down)) {
                prop_assert_eq!(U256::from(out), paid);
            }
        }

        #[test]
        fn what_is_asked_for_is_paid(
            tick in -300_000i32..300_000, liquidity in amount(), wanted in amount(), down: bool,
        ) {
            let price = sqrt_ratio_at_tick(tick).unwrap();
            if let Some(usable) = Range::at(&Price::at(price).unwrap(), liquidity, down).usable_for(wanted) {
                prop_assert!(swap_step::partial(price, liquidity, usable, 0, down).unwrap() >= U256::from(wanted));
            }
        }

        #[test]
        fn steps_between_prices_are_the_contracts(
            ticks in (-700_000i32..700_000, 1i32..20_000), liquidity in amount(), fee in 0u32..100_000, down: bool,
        ) {
            let (low, high) = (sqrt_ratio_at_tick(ticks.0).unwrap(), sqrt_ratio_at_tick(ticks.0 + ticks.1).unwrap());
            let (from, to) = if down { (high, low) } else { (low, high) };
            let step = swap_step::exact_in(from, to, liquidity, U256::MAX >> 32, fee).unwrap();
            let (taken, paid) = (to_u128(step.amount_in + step.fee), to_u128(step.amount_out));
            let expected = taken.ok().zip(paid.ok());
            prop_assert_eq!(Price::at(from).unwrap().step(&Price::at(to).unwrap(), liquidity, fee), expected);
        }

        #[test]
        fn usual_pools_are_certain(tick in -200_000i32..200_000, part in 1u64..1 << 20, down: bool) {
            let price = sqrt_ratio_at_tick(tick).unwrap();
            let liquidity = 10u128.pow(18);
            let held = if down { (U256::from(liquidity) << 96) / price } else { (U256::from(liquidity) * price) >> 96 };
            let usable = u128::try_from((held * U256::from(part)) >> 20).unwrap();
            let range = Range::at(&Price::at(price).unwrap(), liquidity, down);
            if range.below < 1 << (range.point - 20) {
                let near = (0..8).filter(|more| range.out(usable + more).is_some()).count();
                let paid = swap_step::partial(price, liquidity, usable, 0, down).unwrap();
                prop_assert!(near > 0 || paid.is_zero());
            }
        }
    }
}
