//! One swap step by step, as the program takes it: what the crossing index must equal.

use super::path::Path;
use super::Whirlpool;
use crate::error::Refusal;
use crate::venues::q64::Leg;
use crate::venues::{Fill, Given};

/// Steps the program cannot take within the compute units of a transaction: each costs it over a thousand of 1.4
/// million. Only a volatile pool with tiny groups comes near.
const MOST_STEPS: u32 = 1400;

/// One swap inside the pool: amounts after and before transfer fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swap {
    /// Direction: the price falls when true.
    pub down: bool,
    /// Which side `amount` is.
    pub given: Given,
    /// Amount to swap.
    pub amount: u64,
    /// Q64.64 price not to move beyond; 0 for none.
    pub limit: u128,
}

impl Swap {
    /// What the pool takes and gives.
    pub fn by_steps(&self, pool: &Whirlpool) -> Result<Fill, Refusal> {
        let mut path = Path::new(pool, self.down, self.limit)?;
        if self.amount == 0 {
            return Err(Refusal::Zero);
        }
        let (mut remaining, mut other, mut steps) = (self.amount, 0u64, 0);
        while remaining > 0 && !path.done() {
            steps += 1;
            if steps > MOST_STEPS {
                return Err(Refusal::PartialFill);
            }
            let step = self.leg(&mut path, remaining)?.step()?;
            let paid = step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?;
            let (done, more) = match self.given {
                Given::Input => (paid, step.amount_out),
                Given::Output => (step.amount_out, paid),
            };
            remaining = remaining.checked_sub(done).ok_or(Refusal::Overflow)?;
            other = other.checked_add(more).ok_or(Refusal::Overflow)?;
            path.arrive(step.price)?;
        }
        self.fill(remaining, other)
    }

    fn leg(&self, path: &mut Path<'_>, remaining: u64) -> Result<Leg, Refusal> {
        let bound = path.bound()?;
        Ok(Leg {
            price: path.price,
            target: bound.target,
            liquidity: path.liquidity,
            remaining,
            fee_rate: bound.fee_rate,
            given: self.given,
            zero_for_one: self.down,
            narrow: true,
        })
    }

    /// Less than asked is fine for an input, and for an output when a limit was given.
    pub fn fill(&self, remaining: u64, other: u64) -> Result<Fill, Refusal> {
        let done = self.amount.checked_sub(remaining).ok_or(Refusal::Overflow)?;
        match self.given {
            Given::Input => Ok(Fill { amount_in: done, amount_out: other }),
            Given::Output if remaining > 0 && self.limit == 0 => Err(Refusal::PartialFill),
            Given::Output => Ok(Fill { amount_in: other, amount_out: done }),
        }
    }
}
