//! One swap: from tick to tick until the amount, the price limit or the arrays are used up.

use super::arrays::Edge;
use super::fee::Fees;
use super::ticks::{MAX_PRICE, MIN_PRICE};
use super::Whirlpool;
use crate::error::Refusal;
use crate::venues::q64::{Leg, Step};
use crate::venues::{Fill, Given};

/// Steps the program cannot take within the compute units of a transaction: each costs it over a thousand of 1.4
/// million. Only a volatile pool with tiny groups comes near.
const MOST_STEPS: u32 = 1400;

/// One swap inside the pool: amounts after and before transfer fees.
#[derive(Clone, Copy, Debug)]
pub struct Swap {
    /// Direction: the price falls when true.
    pub down: bool,
    /// Which side `amount` is.
    pub given: Given,
    /// Amount to swap, positive.
    pub amount: u64,
    /// Q64.64 price not to move beyond; 0 for none.
    pub limit: u128,
}

/// A swap under way.
struct Walk {
    price: u128,
    liquidity: u128,
    remaining: u64,
    /// Amount of the side that is not given.
    other: u64,
    steps: u32,
}

impl Swap {
    /// What the pool takes and gives.
    pub fn run(&self, pool: &Whirlpool) -> Result<Fill, Refusal> {
        let limit = self.limit(pool.price)?;
        if self.amount == 0 {
            return Err(Refusal::Zero);
        }
        let span = pool.spans[usize::from(!self.down)]?;
        let mut fees = Fees::new(pool.fee_rate, pool.volatility.as_ref(), self.down);
        let mut walk =
            Walk { price: pool.price, liquidity: pool.liquidity, remaining: self.amount, other: 0, steps: 0 };
        let mut below = pool.edges.partition_point(|edge| edge.tick <= pool.tick);
        let mut ended = false;
        while walk.remaining > 0 && walk.price != limit {
            if ended {
                return Err(Refusal::PartialFill);
            }
            let edge = self.next(&pool.edges, below, span.last).unwrap_or(span.stop);
            walk.approach(self, &edge, limit, &mut fees)?;
            if walk.price == edge.price {
                walk.cross(edge.net, self.down)?;
                below = if self.down { below.saturating_sub(1) } else { below + 1 };
                ended = if self.down { edge.tick <= span.last } else { edge.tick >= span.last };
            }
        }
        self.fill(&walk)
    }

    /// The limit in force: the end of all prices when none was given.
    fn limit(&self, price: u128) -> Result<u128, Refusal> {
        let limit = match self.limit {
            0 if self.down => MIN_PRICE,
            0 => MAX_PRICE,
            limit => limit,
        };
        let onwards = if self.down { limit < price } else { limit > price };
        if !onwards || !(MIN_PRICE..=MAX_PRICE).contains(&limit) {
            return Err(Refusal::Range);
        }
        Ok(limit)
    }

    /// The next initialized tick when `below` of all are at or below the price; `None` when the arrays end before.
    fn next(&self, edges: &[Edge], below: usize, last: i32) -> Option<Edge> {
        if self.down {
            edges.get(below.checked_sub(1)?).copied().filter(|edge| edge.tick >= last)
        } else {
            edges.get(below).copied().filter(|edge| edge.tick <= last)
        }
    }

    /// Less than asked is fine for an input, and for an output when a limit was given.
    fn fill(&self, walk: &Walk) -> Result<Fill, Refusal> {
        let done = self.amount - walk.remaining;
        match self.given {
            Given::Input => Ok(Fill { amount_in: done, amount_out: walk.other }),
            Given::Output if walk.remaining > 0 && self.limit == 0 => Err(Refusal::PartialFill),
            Given::Output => Ok(Fill { amount_in: walk.other, amount_out: done }),
        }
    }
}

impl Walk {
    /// Moves towards a tick, in one step or, while volatility changes the fee, in one for each group.
    fn approach(&mut self, swap: &Swap, edge: &Edge, limit: u128, fees: &mut Fees<'_>) -> Result<(), Refusal> {
        let target = if swap.down { edge.price.max(limit) } else { edge.price.min(limit) };
        loop {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(Refusal::PartialFill);
            }
            let leg = Leg {
                price: self.price,
                target: fees.bound(target, self.liquidity),
                liquidity: self.liquidity,
                remaining: self.remaining,
                fee_rate: fees.rate(),
                given: swap.given,
                zero_for_one: swap.down,
                narrow: true,
            };
            self.take(&leg.step()?, swap.given)?;
            if self.remaining == 0 {
                return Ok(());
            }
            fees.arrive(self.price, edge.tick, edge.price);
            if self.price == target {
                return Ok(());
            }
        }
    }

    fn take(&mut self, step: &Step, given: Given) -> Result<(), Refusal> {
        let paid = step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?;
        let (done, other) = match given {
            Given::Input => (paid, step.amount_out),
            Given::Output => (step.amount_out, paid),
        };
        self.remaining = self.remaining.checked_sub(done).ok_or(Refusal::Overflow)?;
        self.other = self.other.checked_add(other).ok_or(Refusal::Overflow)?;
        self.price = step.price;
        Ok(())
    }

    fn cross(&mut self, net: i128, down: bool) -> Result<(), Refusal> {
        let rises = (net > 0) != down;
        let change = net.unsigned_abs();
        let after = if rises { self.liquidity.checked_add(change) } else { self.liquidity.checked_sub(change) };
        self.liquidity = after.ok_or(Refusal::Overflow)?;
        Ok(())
    }
}
