//! The crossing index: sums of what the full steps ahead take and pay, so that a quote without a price limit costs one
//! search and one partial step.
//!
//! A full step takes and pays the same whether input or output is given, and an amount passes it exactly when it
//! covers the step: `need <= floor(rest * (1e6 - fee) / 1e6)` is `need + fee on need <= rest`. What lies beyond the
//! index, or does not fit it, is left to the steps.

use super::path::Path;
use super::walk::Swap;
use super::Whirlpool;
use crate::error::Refusal;
use crate::venues::piece::{Kept, Piece};
use crate::venues::q64::{Leg, MILLION};
use crate::venues::{Fill, Given};

/// Most steps held for a direction.
const MOST: usize = 160;

/// The steps of one direction from the pool's price on.
#[derive(Clone, Debug, Default)]
pub struct Crossing {
    steps: Vec<Segment>,
    /// Input and output up to and including a step; the first entry is nothing, before the first step.
    sums_in: Vec<u64>,
    sums_out: Vec<u64>,
    end: End,
}

/// A step that can be taken in full.
#[derive(Clone, Copy, Debug)]
struct Segment {
    price: u128,
    target: u128,
    liquidity: u128,
    fee_rate: u32,
}

/// What comes after the last step held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    /// More steps, or one that cannot be taken.
    #[default]
    Open,
    /// The arrays end: a swap that gets there is refused.
    Arrays,
    /// Prices end: a swap that gets there takes no more.
    Prices,
}

impl Crossing {
    /// The steps ahead of the pool's price.
    #[must_use]
    pub fn build(pool: &Whirlpool, down: bool) -> Self {
        let mut index = Self { sums_in: vec![0], sums_out: vec![0], ..Self::default() };
        if let Ok(path) = Path::new(pool, down, 0) {
            index.extend(path, down);
        }
        index
    }

    fn extend(&mut self, mut path: Path<'_>, down: bool) {
        while self.steps.len() < MOST {
            if path.done() {
                self.end = End::Prices;
                return;
            }
            let bound = match path.bound() {
                Ok(bound) => bound,
                Err(Refusal::PartialFill) => {
                    self.end = End::Arrays;
                    return;
                }
                Err(_) => return,
            };
            let (price, liquidity) = (path.price, path.liquidity);
            let segment = Segment { price, target: bound.target, liquidity, fee_rate: bound.fee_rate };
            let Some((sum_in, sum_out)) = self.after(&segment, down) else { return };
            if path.arrive(bound.target).is_err() {
                return;
            }
            self.steps.push(segment);
            self.sums_in.push(sum_in);
            self.sums_out.push(sum_out);
        }
    }

    /// Sums after one more step; `None` when it cannot be taken in full.
    fn after(&self, segment: &Segment, down: bool) -> Option<(u64, u64)> {
        let swap = Swap { down, given: Given::Input, amount: u64::MAX, limit: 0 };
        let step = segment.leg(&swap, u64::MAX).whole().ok()??;
        let sum_in = self.sums_in.last()?.checked_add(step.amount_in)?.checked_add(step.fee)?;
        Some((sum_in, self.sums_out.last()?.checked_add(step.amount_out)?))
    }

    /// A step in real numbers.
    #[must_use]
    pub fn piece(&self, number: usize) -> Option<Piece> {
        let step = self.steps.get(number)?;
        let kept = Kept::of(f64::from(step.fee_rate), f64::from(MILLION), true);
        Some(Piece::range(step.price, step.target, step.liquidity as f64, kept))
    }

    /// What the pool takes and gives; `None` when the index cannot say.
    #[inline]
    #[must_use]
    pub fn quote(&self, swap: &Swap) -> Option<Result<Fill, Refusal>> {
        match swap.given {
            Given::Input => self.sold(swap),
            Given::Output => self.bought(swap),
        }
    }

    fn sold(&self, swap: &Swap) -> Option<Result<Fill, Refusal>> {
        let taken = self.sums_in.partition_point(|sum| *sum <= swap.amount).checked_sub(1)?;
        let (remaining, out) = (swap.amount - self.sums_in.get(taken)?, *self.sums_out.get(taken)?);
        if remaining == 0 {
            return Some(swap.fill(0, out));
        }
        let Some(segment) = self.steps.get(taken) else {
            return self.ended(swap, remaining, out);
        };
        let rest = segment.leg(swap, remaining).partial();
        Some(rest.and_then(|step| swap.fill(0, out.checked_add(step.amount_out).ok_or(Refusal::Overflow)?)))
    }

    fn bought(&self, swap: &Swap) -> Option<Result<Fill, Refusal>> {
        // A step that pays nothing is not taken any more once all is paid: stop at the first sum that covers it.
        let covering = self.sums_out.partition_point(|sum| *sum < swap.amount);
        if let (Some(sum), Some(paid)) = (self.sums_out.get(covering), self.sums_in.get(covering)) {
            if *sum == swap.amount {
                return Some(swap.fill(0, *paid));
            }
        }
        let taken = covering.checked_sub(1)?;
        let (remaining, paid) = (swap.amount - self.sums_out.get(taken)?, *self.sums_in.get(taken)?);
        let Some(segment) = self.steps.get(taken) else {
            return self.ended(swap, remaining, paid);
        };
        let rest = segment.leg(swap, remaining).partial();
        Some(rest.and_then(|step| {
            let more = step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?;
            swap.fill(0, paid.checked_add(more).ok_or(Refusal::Overflow)?)
        }))
    }

    fn ended(&self, swap: &Swap, remaining: u64, other: u64) -> Option<Result<Fill, Refusal>> {
        match self.end {
            End::Open => None,
            End::Arrays => Some(Err(Refusal::PartialFill)),
            End::Prices => Some(swap.fill(remaining, other)),
        }
    }
}

impl Segment {
    #[inline]
    fn leg(&self, swap: &Swap, remaining: u64) -> Leg {
        Leg {
            price: self.price,
            target: self.target,
            liquidity: self.liquidity,
            remaining,
            fee_rate: self.fee_rate,
            given: swap.given,
            zero_for_one: swap.down,
            narrow: true,
        }
    }
}
