//! Uniswap V3 pools: price, active liquidity and ticks; exact-in quotes stepped exactly like the contract.

use ruint::aliases::U256;

use super::swap_step;
use super::tick_math::{sqrt_ratio_at_tick, MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK};
use super::Mobius;
use crate::error::Refusal;
use crate::wide::{approx, to_u128};

/// One initialized tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The tick, a multiple of the pool's spacing.
    pub tick: i32,
    /// Liquidity that references it; never zero.
    pub gross: u128,
    /// Liquidity added when crossed upwards.
    pub net: i128,
    /// Its price, computed once.
    sqrt_price: U256,
}

/// State of a concentrated pool. A price of zero means: not initialized.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    /// Present price, Q64.96.
    pub sqrt_price: U256,
    /// Present tick as the contract holds it.
    pub tick: i32,
    /// Active liquidity.
    pub liquidity: u128,
    marks: Vec<Mark>,
}

impl Ticks {
    /// A state without any tick; `Range` or `Inconsistent` when price and tick cannot belong together.
    pub fn at(sqrt_price: U256, tick: i32, liquidity: u128) -> Result<Self, Refusal> {
        let mut ticks = Self::default();
        if sqrt_price.is_zero() {
            return if liquidity == 0 { Ok(ticks) } else { Err(Refusal::Inconsistent) };
        }
        ticks.move_to(sqrt_price, tick, liquidity)?;
        Ok(ticks)
    }

    /// Initialized ticks, ascending.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Append an initialized tick; ticks must come in ascending order.
    pub fn push(&mut self, tick: i32, gross: u128, net: i128, spacing: i32) -> Result<(), Refusal> {
        if gross == 0 || tick % spacing != 0 || net.unsigned_abs() > gross {
            return Err(Refusal::Range);
        }
        if self.marks.last().is_some_and(|last| last.tick >= tick) {
            return Err(Refusal::Range);
        }
        let sqrt_price = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
        self.marks.push(Mark { tick, gross, net, sqrt_price });
        Ok(())
    }

    /// Set price, tick and liquidity, as a swap or the initialization leaves them.
    pub fn move_to(&mut self, sqrt_price: U256, tick: i32, liquidity: u128) -> Result<(), Refusal> {
        let low = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
        let high = tick.checked_add(1).and_then(sqrt_ratio_at_tick).ok_or(Refusal::Range)?;
        // A swap that ends exactly on a tick downwards leaves the tick below with the price of the tick above.
        if sqrt_price < low || sqrt_price > high {
            return Err(Refusal::Inconsistent);
        }
        (self.sqrt_price, self.tick, self.liquidity) = (sqrt_price, tick, liquidity);
        Ok(())
    }

    /// Add (or take) the liquidity of a position; `Inconsistent` when the held ticks cannot carry it.
    pub fn change_position(&mut self, lower: i32, upper: i32, delta: i128, spacing: i32) -> Result<(), Refusal> {
        if lower >= upper || lower % spacing != 0 || upper % spacing != 0 {
            return Err(Refusal::Range);
        }
        if self.sqrt_price.is_zero() {
            return Err(Refusal::Inconsistent);
        }
        self.change_mark(lower, delta, delta)?;
        self.change_mark(upper, delta, delta.checked_neg().ok_or(Refusal::Overflow)?)?;
        if lower <= self.tick && self.tick < upper {
            self.liquidity = shifted(self.liquidity, delta)?;
        }
        Ok(())
    }

    /// The contract's own invariant: active liquidity is the sum of `net` up to the tick, all of them cancel out.
    /// A pool that breaks it was not followed completely and must not be traded on.
    pub fn check(&self) -> Result<(), Refusal> {
        let (mut active, mut at_tick) = (0i128, 0i128);
        for mark in &self.marks {
            active = active.checked_add(mark.net).ok_or(Refusal::Overflow)?;
            if mark.tick <= self.tick {
                at_tick = active;
            }
        }
        if active != 0 || u128::try_from(at_tick) != Ok(self.liquidity) {
            return Err(Refusal::Inconsistent);
        }
        Ok(())
    }

    /// Exact-in quote; `PartialFill` when the ticks end before the input does. Source: `UniswapV3Pool.swap`.
    pub fn quote(&self, fee_pips: u32, spacing: i32, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        if amount_in == 0 {
            return Err(Refusal::Zero);
        }
        if self.sqrt_price.is_zero() {
            return Err(Refusal::Empty);
        }
        let mut walk = Walk::start(self, spacing, zero_for_one);
        let (mut remaining, mut out) = (U256::from(amount_in), U256::ZERO);
        while !remaining.is_zero() {
            let edge = walk.next_edge()?;
            let target = walk.limited(edge.sqrt_price);
            if walk.sqrt_price == walk.limit() {
                return Err(Refusal::PartialFill);
            }
            let step = swap_step::exact_in(walk.sqrt_price, target, walk.liquidity, remaining, fee_pips)?;
            let paid = step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?;
            remaining = remaining.checked_sub(paid).ok_or(Refusal::Overflow)?;
            out = out.checked_add(step.amount_out).ok_or(Refusal::Overflow)?;
            walk.sqrt_price = step.sqrt_next;
            if step.sqrt_next == edge.sqrt_price {
                walk.cross(&edge)?;
            }
        }
        to_u128(out)
    }

    /// Virtual reserves at the present price; see [`super::Curve::estimate`].
    #[must_use]
    pub fn estimate(&self, fee_pips: u32, zero_for_one: bool) -> Option<Mobius> {
        if self.sqrt_price.is_zero() || self.marks.is_empty() {
            return None;
        }
        let root = approx(self.sqrt_price) / 79_228_162_514_264_337_593_543_950_336.0;
        let price = if zero_for_one { root * root } else { 1.0 / (root * root) };
        let keep = f64::from(1_000_000 - fee_pips) / 1_000_000.0;
        if self.liquidity == 0 {
            return Some(Mobius { a: keep * price, b: 1.0, c: 0.0 });
        }
        let liquidity = self.liquidity as f64;
        let reserve_in = if zero_for_one { liquidity / root } else { liquidity * root };
        Some(Mobius { a: keep * reserve_in * price, b: reserve_in, c: keep })
    }

    fn change_mark(&mut self, tick: i32, gross: i128, net: i128) -> Result<(), Refusal> {
        match self.marks.binary_search_by_key(&tick, |mark| mark.tick) {
            Ok(at) => {
                let mark = &mut self.marks[at];
                mark.gross = shifted(mark.gross, gross)?;
                mark.net = mark.net.checked_add(net).ok_or(Refusal::Overflow)?;
                if mark.net.unsigned_abs() > mark.gross {
                    return Err(Refusal::Inconsistent);
                }
                if mark.gross == 0 {
                    self.marks.remove(at);
                }
            }
            Err(at) => {
                let sqrt_price = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
                let gross = u128::try_from(gross).map_err(|_| Refusal::Inconsistent)?;
                self.marks.insert(at, Mark { tick, gross, net, sqrt_price });
            }
        }
        Ok(())
    }
}

/// Where a step must stop: an initialized tick or the edge of a bitmap word, where the contract stops too.
struct Edge {
    tick: i32,
    sqrt_price: U256,
    net: Option<i128>,
}

/// A swap under way.
struct Walk<'a> {
    marks: &'a [Mark],
    /// Number of marks at or below the present tick.
    below: usize,
    spacing: i32,
    zero_for_one: bool,
    sqrt_price: U256,
    tick: i32,
    liquidity: u128,
}

impl<'a> Walk<'a> {
    fn start(ticks: &'a Ticks, spacing: i32, zero_for_one: bool) -> Self {
        Self {
            marks: &ticks.marks,
            below: ticks.marks.partition_point(|mark| mark.tick <= ticks.tick),
            spacing,
            zero_for_one,
            sqrt_price: ticks.sqrt_price,
            tick: ticks.tick,
            liquidity: ticks.liquidity,
        }
    }

    fn limit(&self) -> U256 {
        if self.zero_for_one {
            MIN_SQRT_RATIO + U256::ONE
        } else {
            MAX_SQRT_RATIO - U256::ONE
        }
    }

    fn limited(&self, price: U256) -> U256 {
        if self.zero_for_one {
            price.max(self.limit())
        } else {
            price.min(self.limit())
        }
    }

    /// Next initialized tick within the bitmap word, else the word's edge. Without liquidity the contract's steps
    /// move nothing, so the walk goes straight to the next initialized tick; none left means nothing more can fill.
    fn next_edge(&self) -> Result<Edge, Refusal> {
        let mark = if self.zero_for_one {
            self.below.checked_sub(1).and_then(|at| self.marks.get(at))
        } else {
            self.marks.get(self.below)
        };
        if self.liquidity == 0 {
            return mark.map(Edge::at).ok_or(Refusal::PartialFill);
        }
        let compressed = self.tick.div_euclid(self.spacing);
        let edge = if self.zero_for_one {
            ((compressed >> 8) << 8) * self.spacing
        } else {
            ((((compressed + 1) >> 8) << 8) + 255) * self.spacing
        };
        if let Some(mark) = mark {
            if (self.zero_for_one && mark.tick >= edge) || (!self.zero_for_one && mark.tick <= edge) {
                return Ok(Edge::at(mark));
            }
        }
        let tick = edge.clamp(MIN_TICK, MAX_TICK);
        Ok(Edge { tick, sqrt_price: sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?, net: None })
    }

    fn cross(&mut self, edge: &Edge) -> Result<(), Refusal> {
        if let Some(net) = edge.net {
            let delta = if self.zero_for_one { net.checked_neg().ok_or(Refusal::Overflow)? } else { net };
            self.liquidity = shifted(self.liquidity, delta)?;
            self.below = if self.zero_for_one { self.below.saturating_sub(1) } else { self.below + 1 };
        }
        self.tick = if self.zero_for_one { edge.tick - 1 } else { edge.tick };
        Ok(())
    }
}

impl Edge {
    fn at(mark: &Mark) -> Self {
        Self { tick: mark.tick, sqrt_price: mark.sqrt_price, net: Some(mark.net) }
    }
}

fn shifted(value: u128, delta: i128) -> Result<u128, Refusal> {
    value.checked_add_signed(delta).ok_or(Refusal::Inconsistent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pool() -> Ticks {
        let mut ticks = Ticks::at(crate::wide::Q96, 0, 0).unwrap();
        ticks.change_position(-887_220, 887_220, 10i128.pow(21), 60).unwrap();
        ticks.change_position(-600, 600, 5 * 10i128.pow(22), 60).unwrap();
        ticks.change_position(-120, 60, 2 * 10i128.pow(22), 60).unwrap();
        ticks.change_position(1200, 1260, 7 * 10i128.pow(21), 60).unwrap();
        ticks.check().unwrap();
        ticks
    }

    #[test]
    fn quotes_what_the_published_bytecode_paid() {
        let unit = 10u128.pow(18);
        assert_eq!(pool().quote(3000, 60, true, unit), Ok(996_986_000_069_830_005));
    }

    #[test]
    fn minting_and_burning_the_same_position_leaves_no_trace() {
        let mut changed = pool();
        changed.change_position(-180, 1260, 123, 60).unwrap();
        assert_ne!(changed, pool());
        changed.change_position(-180, 1260, -123, 60).unwrap();
        assert_eq!(changed, pool());
    }

    #[test]
    fn burning_what_was_never_minted_is_inconsistent() {
        assert_eq!(pool().change_position(-240, 600, -1, 60), Err(Refusal::Inconsistent));
    }

    #[test]
    fn a_burn_that_would_leave_net_without_gross_is_inconsistent() {
        let mut ticks = pool();
        ticks.change_position(60, 120, 2 * 10i128.pow(22), 60).unwrap();
        assert_eq!(ticks.change_position(60, 180, -4 * 10i128.pow(22), 60), Err(Refusal::Inconsistent));
    }

    #[test]
    fn thin_liquidity_is_a_partial_fill_not_a_bad_price() {
        let mut ticks = Ticks::at(crate::wide::Q96, 0, 0).unwrap();
        ticks.change_position(-60, 60, 1_000_000, 60).unwrap();
        assert_eq!(ticks.quote(3000, 60, true, 10u128.pow(18)), Err(Refusal::PartialFill));
    }

    proptest! {
        #[test]
        fn more_input_never_gives_less(amount in 2u128..10u128.pow(22), zero_for_one: bool) {
            let ticks = pool();
            let less = ticks.quote(3000, 60, zero_for_one, amount - 1).unwrap();
            prop_assert!(less <= ticks.quote(3000, 60, zero_for_one, amount).unwrap());
        }

        #[test]
        fn no_rate_beats_the_estimate(amount in 1u128..10u128.pow(22), zero_for_one: bool) {
            let ticks = pool();
            let estimate = ticks.estimate(3000, zero_for_one).unwrap();
            let out = ticks.quote(3000, 60, zero_for_one, amount).unwrap();
            prop_assert!(out as f64 <= amount as f64 * estimate.a / estimate.b * (1.0 + 1e-13));
        }
    }
}
