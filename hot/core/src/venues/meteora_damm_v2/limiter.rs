//! The rate limiter: the more B comes in at once shortly after opening, the higher the rate of its last parts.
//!
//! The first `reference` units pay the cliff rate, each further `reference` units `increment` more, up to `most`.

use ruint::aliases::U256;

use super::curve::floor_root;
use super::fees::{with, without, When, ONE};
use crate::error::Refusal;
use crate::venues::accounts::Fields;

const BASE: usize = 8;
const PER_BPS: u64 = 100_000;
const MOST_BPS: u32 = 9_900;

/// A limiter in force.
#[derive(Clone, Debug)]
pub struct Limiter {
    cliff: u64,
    increment: u64,
    most: u64,
    reference: u64,
}

impl Limiter {
    /// `None` when the pool has an empty one or its time is over. `Range` for caps the program never stores.
    pub fn in_force(pool: &[u8], when: When) -> Result<Option<Self>, Refusal> {
        let (increment, duration, most) = (pool.u16(BASE + 14)?, pool.u32(BASE + 16)?, pool.u32(BASE + 20)?);
        let reference = pool.u64(BASE + 24)?;
        let empty = increment == 0 && duration == 0 && most == 0 && reference == 0;
        let open = when.point.checked_sub(when.activation).is_some_and(|passed| passed <= u64::from(duration));
        if empty || !open {
            return Ok(None);
        }
        if most > MOST_BPS {
            return Err(Refusal::Range);
        }
        Ok(Some(Self {
            cliff: pool.u64(BASE)?,
            increment: u64::from(increment) * PER_BPS,
            most: u64::from(most) * PER_BPS,
            reference,
        }))
    }

    /// Rate of an amount that has the fee in it, rounded up.
    pub fn of_included(&self, amount: u64) -> Result<u64, Refusal> {
        if amount <= self.reference {
            return Ok(self.cliff);
        }
        let steps = self.steps()?;
        let beyond = amount - self.reference;
        let whole = beyond.checked_div(self.reference).ok_or(Refusal::Range)?;
        let rest = u128::from(beyond - whole * self.reference);
        let (cliff, increment) = (u128::from(self.cliff), u128::from(self.increment));
        let index = u128::from(whole.min(steps));
        let first = cliff + cliff * index + increment * index * (index + 1) / 2;
        let last = if whole < steps {
            rest * (cliff + increment * (index + 1))
        } else {
            (u128::from(whole - steps) * u128::from(self.reference) + rest) * u128::from(self.most)
        };
        let fee = (u128::from(self.reference) * first + last).div_ceil(u128::from(ONE));
        share(u64::try_from(fee).map_err(|_| Refusal::Overflow)?, amount)
    }

    /// Rate of an amount the fee has to be added to, rounded up.
    pub fn of_excluded(&self, amount: u64) -> Result<u64, Refusal> {
        if amount <= self.net(self.reference)? {
            return Ok(self.cliff);
        }
        let top = (u128::from(self.steps()?) + 1) * u128::from(self.reference);
        let (gross, beyond) = u64::try_from(top).map_or((u64::MAX, true), |top| (top, false));
        let net = self.net(gross)?;
        if amount == net {
            return self.of_included(gross);
        }
        let included = if amount < net {
            self.solve(amount)?
        } else if beyond {
            return Err(Refusal::Overflow);
        } else {
            let (more, _) = with(self.most, amount - net)?;
            more.checked_add(gross).ok_or(Refusal::Overflow)?
        };
        let rate = share(included.checked_sub(amount).ok_or(Refusal::Overflow)?, included)?;
        if rate < self.cliff {
            return Err(Refusal::Inconsistent);
        }
        Ok(rate)
    }

    /// The included amount of an excluded one below the cap: the root of the smooth curve, then the rest at its rate.
    fn solve(&self, amount: u64) -> Result<u64, Refusal> {
        let (one, two) = (U256::from(ONE), U256::from(2));
        let (x, reference) = (U256::from(self.increment), U256::from(self.reference));
        let y = (two * one + x).checked_sub(two * U256::from(self.cliff)).ok_or(Refusal::Range)? * reference;
        let z = two * U256::from(amount) * one * reference;
        let square = (y * y).checked_sub(U256::from(4) * x * z).ok_or(Refusal::Overflow)?;
        let root = (y - floor_root(square)).checked_div(two * x).ok_or(Refusal::Range)?;
        let root = u64::try_from(root).map_err(|_| Refusal::Overflow)?;
        let index = root.checked_div(self.reference).ok_or(Refusal::Range)?;
        let rest = amount.checked_sub(self.net(root)?).ok_or(Refusal::Overflow)?;
        let step = self.increment.checked_mul(index).ok_or(Refusal::Overflow)?;
        let (more, _) = with(self.cliff.checked_add(step).ok_or(Refusal::Overflow)?, rest)?;
        root.checked_add(more).ok_or(Refusal::Overflow)
    }

    fn net(&self, included: u64) -> Result<u64, Refusal> {
        Ok(without(self.of_included(included)?, included)?.0)
    }

    fn steps(&self) -> Result<u64, Refusal> {
        let room = self.most.checked_sub(self.cliff).ok_or(Refusal::Range)?;
        room.checked_div(self.increment).ok_or(Refusal::Range)
    }
}

/// `ceil(part * 1e9 / whole)`.
fn share(part: u64, whole: u64) -> Result<u64, Refusal> {
    if whole == 0 {
        return Err(Refusal::Zero);
    }
    let share = (u128::from(part) * u128::from(ONE)).div_ceil(u128::from(whole));
    u64::try_from(share).map_err(|_| Refusal::Overflow)
}
