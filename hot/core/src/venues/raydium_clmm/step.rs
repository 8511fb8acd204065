//! One step along a range of constant liquidity, and one match with the limit orders of a tick.
//!
//! Sources: raydium-clmm `libraries/swap_math.rs`, `states/tick_array.rs`.

use super::super::q64::{delta_a, delta_b, next_from_a, next_from_b};
use super::super::Given;
use super::fee::{Fees, MILLION};
use crate::error::Refusal;
use crate::wide::{ratio_down, ratio_up};

const Q64: u128 = 1 << 64;

/// What a step or a match moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Price afterwards.
    pub price: u128,
    /// Input; a fee on it comes on top.
    pub amount_in: u64,
    /// Output; a fee on it is already off.
    pub amount_out: u64,
    /// Fee on either.
    pub fee: u64,
}

/// What there is to swap, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Price now.
    pub price: u128,
    /// What is left of the given side: with its fee when both are the input, without when both are the output.
    pub left: u64,
    /// Which side that is.
    pub given: Given,
    /// Direction.
    pub zero_for_one: bool,
    /// Fee of this step.
    pub fees: Fees,
}

impl Task {
    /// Towards `target` along `liquidity`. `strict`: the build of 2024-04 fails when the given side's amount up to the
    /// target exceeds 64 bits; newer ones take the target to be out of reach.
    pub fn step(&self, target: u128, liquidity: u128, strict: bool) -> Result<Filled, Refusal> {
        let amount = self.for_the_curve()?;
        let fixed = self.amount(target, liquidity, self.given);
        if strict && fixed.is_none() {
            return Err(Refusal::Overflow);
        }
        let mut price = target;
        let near = fixed.is_some_and(|fixed| fixed <= amount);
        if !near || (!strict && self.amount(target, liquidity, self.sought()).is_none()) {
            price = self.moved(liquidity, amount)?;
        }
        if (self.zero_for_one && price < target) || (!self.zero_for_one && price > target) {
            return Err(Refusal::Overflow);
        }
        let amount_in = self.amount(price, liquidity, Given::Input).ok_or(Refusal::Overflow)?;
        let amount_out = self.amount(price, liquidity, Given::Output).ok_or(Refusal::Overflow)?;
        self.charged(Filled { price, amount_in, amount_out, fee: 0 }, price == target)
    }

    /// Against limit orders of `unfilled` output tokens at this very price.
    pub fn fill(&self, unfilled: u64) -> Result<Filled, Refusal> {
        let mut filled = Filled { price: self.price, amount_in: 0, amount_out: 0, fee: 0 };
        if self.left == 0 || unfilled == 0 {
            return Ok(filled);
        }
        let Fees { rate, on_input } = self.fees;
        let squared = if self.zero_for_one { ratio_down } else { ratio_up };
        let token_0 = squared(self.price, self.price, Q64).ok_or(Refusal::Overflow)?;
        let (top, bottom) = if self.zero_for_one { (token_0, Q64) } else { (Q64, token_0) };
        let cost = |out: u64| narrow(ratio_up(u128::from(out), bottom, top));
        if self.given == Given::Input {
            filled.fee = if on_input { share_up(self.left, rate, MILLION)? } else { 0 };
            filled.amount_in = self.left.checked_sub(filled.fee).ok_or(Refusal::Overflow)?;
            let out = ratio_down(u128::from(filled.amount_in), top, bottom).ok_or(Refusal::Overflow)?;
            filled.amount_out = u64::try_from(out).unwrap_or(u64::MAX).min(unfilled);
            if out > u128::from(unfilled) {
                filled.amount_in = cost(unfilled)?;
                filled.fee = if on_input { share_up(filled.amount_in, rate, kept(rate)?)? } else { 0 };
            }
        } else {
            let net = self.left.min(unfilled);
            filled.amount_out = if on_input { net } else { share_up(net, MILLION, kept(rate)?)?.min(unfilled) };
            filled.amount_in = cost(filled.amount_out)?;
            filled.fee = if on_input { share_up(filled.amount_in, rate, kept(rate)?)? } else { 0 };
        }
        if !on_input {
            filled.fee = share_up(filled.amount_out, rate, MILLION)?;
            filled.amount_out = filled.amount_out.checked_sub(filled.fee).ok_or(Refusal::Overflow)?;
        }
        Ok(filled)
    }

    /// What of the given side moves the price.
    fn for_the_curve(&self) -> Result<u64, Refusal> {
        let kept = kept(self.fees.rate)?;
        match (self.given, self.fees.on_input) {
            (Given::Input, true) => {
                let net = u128::from(self.left) * u128::from(kept) / u128::from(MILLION);
                u64::try_from(net).map_err(|_| Refusal::Overflow)
            }
            (Given::Output, false) => share_up(self.left, MILLION, kept),
            _ => Ok(self.left),
        }
    }

    /// Amounts of the curve with the fee put where it belongs.
    fn charged(&self, mut filled: Filled, arrived: bool) -> Result<Filled, Refusal> {
        let Fees { rate, on_input } = self.fees;
        match (self.given, on_input) {
            (Given::Input, true) if !arrived => {
                filled.fee = self.left.checked_sub(filled.amount_in).ok_or(Refusal::Overflow)?;
            }
            (given, true) => {
                if given == Given::Output {
                    filled.amount_out = filled.amount_out.min(self.left);
                }
                filled.fee = share_up(filled.amount_in, rate, kept(rate)?)?;
            }
            (given, false) => {
                let gross = filled.amount_out;
                let net = gross.checked_sub(share_up(gross, rate, MILLION)?).ok_or(Refusal::Overflow)?;
                filled.amount_out = if given == Given::Output { net.min(self.left) } else { net };
                filled.fee = gross - filled.amount_out;
                if given == Given::Input && !arrived {
                    filled.amount_in = self.left;
                }
            }
        }
        Ok(filled)
    }

    /// Amount of one side between here and `price`, input rounded up; `None` over 64 bits.
    fn amount(&self, price: u128, liquidity: u128, side: Given) -> Option<u64> {
        let up = side == Given::Input;
        if up == self.zero_for_one {
            delta_a(self.price, price, liquidity, up)
        } else {
            delta_b(self.price, price, liquidity, up)
        }
    }

    fn moved(&self, liquidity: u128, amount: u64) -> Result<u128, Refusal> {
        if liquidity == 0 {
            return Err(Refusal::Empty);
        }
        if (self.given == Given::Input) == self.zero_for_one {
            next_from_a(self.price, liquidity, amount, self.given)
        } else {
            next_from_b(self.price, liquidity, amount, self.given)
        }
    }

    const fn sought(&self) -> Given {
        match self.given {
            Given::Input => Given::Output,
            Given::Output => Given::Input,
        }
    }
}

/// What a fee leaves of a million.
pub fn kept(rate: u32) -> Result<u32, Refusal> {
    MILLION.checked_sub(rate).filter(|kept| *kept > 0).ok_or(Refusal::Range)
}

/// `ceil(amount * part / whole)`.
pub fn share_up(amount: u64, part: u32, whole: u32) -> Result<u64, Refusal> {
    narrow(Some((u128::from(amount) * u128::from(part)).div_ceil(u128::from(whole))))
}

fn narrow(value: Option<u128>) -> Result<u64, Refusal> {
    value.and_then(|value| u64::try_from(value).ok()).ok_or(Refusal::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONE: u128 = Q64;

    fn task(left: u64, given: Given, rate: u32, on_input: bool) -> Task {
        Task { price: AT_ONE, left, given, zero_for_one: true, fees: Fees { rate, on_input } }
    }

    #[test]
    fn orders_at_price_one_take_what_the_fee_leaves_of_the_input() {
        let filled = task(1_000, Given::Input, 2_500, true).fill(5_000).unwrap();
        assert_eq!((filled.amount_in, filled.amount_out, filled.fee), (997, 997, 3));
    }

    #[test]
    fn orders_that_run_out_take_the_fee_on_top_of_their_cost() {
        let filled = task(1_000, Given::Input, 2_500, true).fill(400).unwrap();
        assert_eq!((filled.amount_in, filled.amount_out, filled.fee), (400, 400, 2));
    }

    #[test]
    fn a_fee_on_the_output_comes_off_what_orders_give() {
        let filled = task(1_000, Given::Input, 2_500, false).fill(5_000).unwrap();
        assert_eq!((filled.amount_in, filled.amount_out, filled.fee), (1_000, 997, 3));
        let filled = task(1_000, Given::Output, 2_500, false).fill(5_000).unwrap();
        assert_eq!((filled.amount_in, filled.amount_out, filled.fee), (1_003, 1_000, 3));
    }

    #[test]
    fn a_price_between_units_rounds_against_the_taker() {
        let half = Task { price: Q64 / 2, ..task(1_003, Given::Input, 0, true) };
        let filled = half.fill(5_000).unwrap();
        assert_eq!((filled.amount_in, filled.amount_out), (1_003, 250));
        let back = Task { zero_for_one: false, given: Given::Output, ..half };
        assert_eq!(back.fill(5_000).unwrap().amount_in, 251);
    }

    #[test]
    fn a_partial_step_with_the_fee_on_the_output_charges_the_whole_input() {
        // One unit of price is worth 8 tokens here: of 20, the 4 beyond two units buy nothing.
        let filled = task(20, Given::Input, 2_500, false).step(Q64 / 2, 1 << 67, false).unwrap();
        assert_eq!((filled.amount_in, filled.amount_out, filled.fee), (20, 15, 1));
    }

    #[test]
    fn an_exact_output_with_the_fee_on_it_delivers_that_output() {
        let filled = task(1_000_000, Given::Output, 2_500, false).step(Q64 / 2, 1 << 60, false).unwrap();
        assert_eq!(filled.amount_out, 1_000_000);
        assert_eq!(filled.fee, 2_507);
    }

    #[test]
    fn a_target_beyond_64_bits_is_out_of_reach_and_only_the_first_build_fails() {
        let huge = task(1_000, Given::Input, 0, true);
        assert_eq!(huge.step(1 << 33, 1 << 100, true), Err(Refusal::Overflow));
        assert!(huge.step(1 << 33, 1 << 100, false).is_ok());
    }

    #[test]
    fn no_liquidity_is_walked_through_for_nothing() {
        let filled = task(1_000, Given::Input, 2_500, true).step(Q64 / 2, 0, false).unwrap();
        assert_eq!(filled, Filled { price: Q64 / 2, amount_in: 0, amount_out: 0, fee: 0 });
    }
}
