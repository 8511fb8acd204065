//! The contract's own loop, step by step: what the crossing index must equal, and what goes on where it ends.

use ruint::aliases::U256;

use super::{shifted, Mark, Ticks};
use crate::curves::swap_step;
use crate::curves::tick_math::{sqrt_ratio_at_tick, MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK};
use crate::error::Refusal;

/// Where a step must stop: an initialized tick or the edge of a bitmap word, where the contract stops too.
struct Edge {
    tick: i32,
    sqrt_price: U256,
    net: Option<i128>,
}

/// An edge behind the swap, with the liquidity that is active after it.
pub(super) struct Passed {
    pub(super) tick: i32,
    pub(super) sqrt_price: U256,
    pub(super) liquidity: u128,
}

/// A swap under way.
pub(super) struct Walk<'a> {
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
    /// At the present price.
    pub(super) fn start(ticks: &'a Ticks, spacing: i32, zero_for_one: bool) -> Self {
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

    /// Just after an edge was crossed.
    pub(super) fn after(ticks: &'a Ticks, spacing: i32, zero_for_one: bool, passed: &Passed) -> Self {
        let tick = if zero_for_one { passed.tick - 1 } else { passed.tick };
        let below = ticks.marks.partition_point(|mark| mark.tick <= tick);
        let (sqrt_price, liquidity) = (passed.sqrt_price, passed.liquidity);
        Self { marks: &ticks.marks, below, spacing, zero_for_one, sqrt_price, tick, liquidity }
    }

    /// Put the rest of the input in; the output of these steps. Source: `UniswapV3Pool.swap`.
    pub(super) fn finish(mut self, offered: u128, fee_pips: u32) -> Result<U256, Refusal> {
        let (mut remaining, mut out) = (U256::from(offered), U256::ZERO);
        while !remaining.is_zero() {
            let edge = self.next_edge()?;
            let target = self.limited(edge.sqrt_price);
            if self.sqrt_price == self.limit() {
                return Err(Refusal::PartialFill);
            }
            let step = swap_step::exact_in(self.sqrt_price, target, self.liquidity, remaining, fee_pips)?;
            let paid = step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?;
            remaining = remaining.checked_sub(paid).ok_or(Refusal::Overflow)?;
            out = out.checked_add(step.amount_out).ok_or(Refusal::Overflow)?;
            self.sqrt_price = step.sqrt_next;
            if step.sqrt_next == edge.sqrt_price {
                self.cross(&edge)?;
            }
        }
        Ok(out)
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
