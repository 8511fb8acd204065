//! A swap over ticks as the contracts walk it, for both sides given and for every way forks fix or store their fee.

use ruint::aliases::U256;

use super::concentrated::{Mark, Ticks};
use super::swap_step::{self, amount0, amount1, Step};
use super::tick_math::{sqrt_ratio_at_tick, MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK};
use crate::error::Refusal;
use crate::wide::{mul_div_up, Q96};

/// What a fork does differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Fee in millionths of the input.
    pub fee_pips: u32,
    /// Distance between usable ticks.
    pub spacing: i32,
    /// Whether the contract stops at the end of every bitmap row, which rounds once more.
    pub rows: bool,
}

/// One swap to walk; the price limit is the end of all prices.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Asset 0 goes in.
    pub zero_for_one: bool,
    /// Whether `amount` is the input; else it is the output.
    pub exact_in: bool,
    /// Base units, below 2^255.
    pub amount: U256,
}

/// What a swap moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Input taken.
    pub amount_in: U256,
    /// Output given.
    pub amount_out: U256,
    /// Whether all of the amount asked for was moved.
    pub whole: bool,
}

/// Walk the swap. A swap the ticks cannot fill moves what they can, as the contract does. Source: `UniswapV3Pool.swap`.
pub fn swap(ticks: &Ticks, rule: Rule, ask: Ask) -> Result<Moved, Refusal> {
    if ask.amount.is_zero() {
        return Err(Refusal::Zero);
    }
    if ask.amount.bit(255) || rule.fee_pips >= 1_000_000 {
        return Err(Refusal::Range);
    }
    if ticks.sqrt_price.is_zero() {
        return Err(Refusal::Empty);
    }
    let mut walk = Walk::start(ticks, rule, ask.zero_for_one);
    let (mut left, mut other) = (ask.amount, U256::ZERO);
    while !left.is_zero() && walk.price != walk.limit {
        let step = walk.step(ask.exact_in, left)?;
        let paid = step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?;
        let (used, gained) = if ask.exact_in { (paid, step.amount_out) } else { (step.amount_out, paid) };
        left = left.checked_sub(used).ok_or(Refusal::Overflow)?;
        other = other.checked_add(gained).ok_or(Refusal::Overflow)?;
    }
    let (used, whole) = (ask.amount - left, left.is_zero());
    let (amount_in, amount_out) = if ask.exact_in { (used, other) } else { (other, used) };
    Ok(Moved { amount_in, amount_out, whole })
}

struct Walk<'a> {
    marks: &'a [Mark],
    /// Number of marks at or below the present tick.
    below: usize,
    rule: Rule,
    zero_for_one: bool,
    limit: U256,
    price: U256,
    tick: i32,
    liquidity: u128,
}

impl<'a> Walk<'a> {
    fn start(ticks: &'a Ticks, rule: Rule, zero_for_one: bool) -> Self {
        let marks = ticks.marks();
        let limit = if zero_for_one { MIN_SQRT_RATIO + U256::ONE } else { MAX_SQRT_RATIO - U256::ONE };
        Self {
            marks,
            below: marks.partition_point(|mark| mark.tick <= ticks.tick),
            rule,
            zero_for_one,
            limit,
            price: ticks.sqrt_price,
            tick: ticks.tick,
            liquidity: ticks.liquidity,
        }
    }

    fn step(&mut self, exact_in: bool, left: U256) -> Result<Step, Refusal> {
        let (tick, net) = self.edge();
        let edge = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
        let target = if self.zero_for_one { edge.max(self.limit) } else { edge.min(self.limit) };
        let step = if exact_in {
            swap_step::exact_in(self.price, target, self.liquidity, left, self.rule.fee_pips)?
        } else {
            exact_out(self.price, target, self.liquidity, left, self.rule.fee_pips)?
        };
        self.price = step.sqrt_next;
        if step.sqrt_next == edge {
            self.cross(tick, net)?;
        }
        Ok(step)
    }

    /// Where the contract stops next. Without liquidity nothing moves between ticks, so rows are not looked at.
    fn edge(&self) -> (i32, Option<i128>) {
        let at = if self.zero_for_one { self.below.checked_sub(1) } else { Some(self.below) };
        let mark = at.and_then(|at| self.marks.get(at));
        let end = if self.zero_for_one { MIN_TICK } else { MAX_TICK };
        let row = if self.rule.rows && self.liquidity > 0 { self.row_end().clamp(MIN_TICK, MAX_TICK) } else { end };
        match mark {
            Some(mark) if (self.zero_for_one && mark.tick >= row) || (!self.zero_for_one && mark.tick <= row) => {
                (mark.tick, Some(mark.net))
            }
            _ => (row, None),
        }
    }

    fn row_end(&self) -> i32 {
        let compressed = self.tick.div_euclid(self.rule.spacing);
        if self.zero_for_one {
            ((compressed >> 8) << 8) * self.rule.spacing
        } else {
            ((((compressed + 1) >> 8) << 8) + 255) * self.rule.spacing
        }
    }

    fn cross(&mut self, tick: i32, net: Option<i128>) -> Result<(), Refusal> {
        if let Some(net) = net {
            let delta = if self.zero_for_one { net.checked_neg().ok_or(Refusal::Overflow)? } else { net };
            self.liquidity = self.liquidity.checked_add_signed(delta).ok_or(Refusal::Inconsistent)?;
            self.below = if self.zero_for_one { self.below.saturating_sub(1) } else { self.below + 1 };
        }
        self.tick = if self.zero_for_one { tick - 1 } else { tick };
        Ok(())
    }
}

/// `computeSwapStep` for a given output. Source: `SwapMath.sol`.
pub fn exact_out(current: U256, target: U256, liquidity: u128, left: U256, fee_pips: u32) -> Result<Step, Refusal> {
    let zero_for_one = current >= target;
    let whole = output_between(current, target, liquidity, zero_for_one)?;
    let reached = left >= whole;
    let sqrt_next = if reached { target } else { price_after(current, liquidity, left, zero_for_one)? };
    let out = if sqrt_next == target { whole } else { output_between(current, sqrt_next, liquidity, zero_for_one)? };
    let amount_in = if zero_for_one {
        amount0(sqrt_next, current, liquidity, true)?
    } else {
        amount1(current, sqrt_next, liquidity, true)?
    };
    let kept = U256::from(1_000_000u32.checked_sub(fee_pips).ok_or(Refusal::Range)?);
    let fee = mul_div_up(amount_in, U256::from(fee_pips), kept)?;
    Ok(Step { sqrt_next, amount_in, amount_out: out.min(left), fee })
}

fn output_between(from: U256, to: U256, liquidity: u128, zero_for_one: bool) -> Result<U256, Refusal> {
    if zero_for_one {
        amount1(to, from, liquidity, false)
    } else {
        amount0(from, to, liquidity, false)
    }
}

/// Price after `amount` of output, rounded against the trader. Source: `SqrtPriceMath.getNextSqrtPriceFromOutput`.
fn price_after(price: U256, liquidity: u128, amount: U256, zero_for_one: bool) -> Result<U256, Refusal> {
    if liquidity == 0 {
        return Err(Refusal::Empty);
    }
    if zero_for_one {
        let drop = mul_div_up(amount, Q96, U256::from(liquidity))?;
        return price.checked_sub(drop).filter(|next| !next.is_zero()).ok_or(Refusal::Overflow);
    }
    let scaled: U256 = U256::from(liquidity) << 96;
    let product = amount.checked_mul(price).ok_or(Refusal::Overflow)?;
    let below = scaled.checked_sub(product).ok_or(Refusal::Overflow)?;
    mul_div_up(scaled, price, below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule { fee_pips: 3000, spacing: 60, rows: true };

    fn pool() -> Ticks {
        let mut ticks = Ticks::at(Q96, 0, 0).unwrap();
        ticks.change_position(-887_220, 887_220, 10i128.pow(21), 60).unwrap();
        ticks.change_position(-600, 600, 5 * 10i128.pow(22), 60).unwrap();
        ticks.change_position(-120, 60, 2 * 10i128.pow(22), 60).unwrap();
        ticks.change_position(1200, 1260, 7 * 10i128.pow(21), 60).unwrap();
        ticks
    }

    fn walk(zero_for_one: bool, exact_in: bool, amount: u128) -> Moved {
        swap(&pool(), RULE, Ask { zero_for_one, exact_in, amount: U256::from(amount) }).unwrap()
    }

    #[test]
    fn takes_the_published_step_for_a_given_output() {
        let number = |text| U256::from_str_radix(text, 10).unwrap();
        let (from, to) = (number("79228162514264337593543950336"), number("79623317895830914510639640423"));
        let step = exact_out(from, to, 2 * 10u128.pow(18), U256::from(10u128.pow(18)), 600).unwrap();
        assert_eq!(step.sqrt_next, to);
        assert_eq!(step.amount_in, number("9975124224178055"));
        assert_eq!(step.amount_out, number("9925619580021728"));
        assert_eq!(step.fee, number("5988667735148"));
    }

    #[test]
    fn moves_what_it_can_when_the_ticks_end() {
        let amount = U256::ONE << 254;
        let moved = swap(&pool(), RULE, Ask { zero_for_one: true, exact_in: true, amount }).unwrap();
        assert!(!moved.whole && moved.amount_in < amount && !moved.amount_out.is_zero());
        let all = swap(&pool(), RULE, Ask { zero_for_one: true, exact_in: false, amount }).unwrap();
        assert_eq!((all.amount_in, all.amount_out), (moved.amount_in, moved.amount_out));
    }

    proptest! {
        #[test]
        fn walks_like_the_market_does(amount in 1u128..10u128.pow(24), zero_for_one: bool) {
            let quoted = pool().quote(3000, 60, zero_for_one, amount);
            let moved = walk(zero_for_one, true, amount);
            prop_assert_eq!(quoted.ok().map(U256::from), moved.whole.then_some(moved.amount_out));
        }

        #[test]
        fn paying_for_an_output_gives_at_least_that_output(amount in 1u128..10u128.pow(22), zero_for_one: bool) {
            let bought = walk(zero_for_one, false, amount);
            if bought.whole {
                let paid = u128::try_from(bought.amount_in).unwrap();
                prop_assert!(walk(zero_for_one, true, paid).amount_out >= bought.amount_out);
            }
        }
    }
}
