//! The way a swap of one direction goes, whatever its amount: from initialized tick to initialized tick, stopping at
//! every group's end where volatility changes the fee.

use super::arrays::{Edge, Span};
use super::fee::Fees;
use super::ticks::{MAX_PRICE, MIN_PRICE};
use super::Whirlpool;
use crate::error::Refusal;

/// A place on the way.
#[derive(Clone, Debug)]
pub struct Path<'a> {
    edges: &'a [Edge],
    span: Span,
    down: bool,
    limit: u128,
    fees: Fees<'a>,
    /// Number of initialized ticks at or below the price.
    below: usize,
    /// What the price is on the way to.
    ahead: Option<Edge>,
    /// Whether the last slot of the arrays was passed.
    passed: bool,
    /// Price here.
    pub price: u128,
    /// Liquidity from here on.
    pub liquidity: u128,
}

/// The next step at most.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Price not to move beyond.
    pub target: u128,
    /// Millionths of the input.
    pub fee_rate: u32,
}

impl<'a> Path<'a> {
    /// At the pool's price, with the limit that the swap was given or 0.
    pub fn new(pool: &'a Whirlpool, down: bool, limit: u128) -> Result<Self, Refusal> {
        let limit = match limit {
            0 if down => MIN_PRICE,
            0 => MAX_PRICE,
            limit => limit,
        };
        let onwards = if down { limit < pool.price } else { limit > pool.price };
        if !onwards || !(MIN_PRICE..=MAX_PRICE).contains(&limit) {
            return Err(Refusal::Range);
        }
        Ok(Self {
            edges: &pool.edges,
            span: pool.spans[usize::from(!down)]?,
            down,
            limit,
            fees: Fees::new(pool.fee_rate, pool.volatility.as_ref(), down),
            below: pool.edges.partition_point(|edge| edge.tick <= pool.tick),
            ahead: None,
            passed: false,
            price: pool.price,
            liquidity: pool.liquidity,
        })
    }

    /// Whether the limit is reached.
    #[must_use]
    pub fn done(&self) -> bool {
        self.price == self.limit
    }

    /// How far the next step may go; `PartialFill` where the arrays end.
    pub fn bound(&mut self) -> Result<Bound, Refusal> {
        let ahead = match self.ahead {
            Some(ahead) => ahead,
            None if self.passed => return Err(Refusal::PartialFill),
            None => self.next().unwrap_or(self.span.stop),
        };
        self.ahead = Some(ahead);
        let target = if self.down { ahead.price.max(self.limit) } else { ahead.price.min(self.limit) };
        Ok(Bound { target: self.fees.bound(target, self.liquidity), fee_rate: self.fees.rate() })
    }

    /// A step has come to `price`, with more to swap; crosses the tick that was ahead when it lies there.
    pub fn arrive(&mut self, price: u128) -> Result<(), Refusal> {
        self.price = price;
        let Some(ahead) = self.ahead else {
            return Ok(());
        };
        self.fees.arrive(price, ahead.tick, ahead.price);
        if price == ahead.price {
            self.ahead = None;
            self.cross(&ahead)?;
        }
        Ok(())
    }

    /// The next initialized tick; `None` when the arrays end before.
    fn next(&self) -> Option<Edge> {
        if self.down {
            self.edges.get(self.below.checked_sub(1)?).copied().filter(|edge| edge.tick >= self.span.last)
        } else {
            self.edges.get(self.below).copied().filter(|edge| edge.tick <= self.span.last)
        }
    }

    fn cross(&mut self, edge: &Edge) -> Result<(), Refusal> {
        let change = edge.net.unsigned_abs();
        let rises = (edge.net > 0) != self.down;
        let after = if rises { self.liquidity.checked_add(change) } else { self.liquidity.checked_sub(change) };
        self.liquidity = after.ok_or(Refusal::Overflow)?;
        self.below = if self.down { self.below.saturating_sub(1) } else { self.below + 1 };
        self.passed = if self.down { edge.tick <= self.span.last } else { edge.tick >= self.span.last };
        Ok(())
    }
}
