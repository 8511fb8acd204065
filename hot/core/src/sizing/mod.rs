//! How much to put into a cycle: estimates propose, exact integers decide.

pub mod optimum;
pub mod polish;
pub mod scan;

use crate::curves::{Curve, State};
use crate::error::Refusal;
use crate::fees::FlashFee;
use crate::search::MAX_HOPS;

/// One leg of a cycle with the state it is priced on.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// Pricing rule.
    pub curve: &'a Curve,
    /// Present state.
    pub state: &'a State,
    /// Direction.
    pub zero_for_one: bool,
}

/// A cycle to size with money of one price.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// Legs in order.
    pub hops: &'a [Hop<'a>],
    /// Price of the money.
    pub flash: FlashFee,
    /// Most that may go in; not zero.
    pub cap: u128,
}

/// An amount and what it gains after the flash fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sized {
    /// Input.
    pub amount: u128,
    /// `out - amount - flash_fee`.
    pub gain: i128,
    /// Exact amounts along the chain.
    pub amounts: Amounts,
}

/// What goes into the first leg, then what each leg gives; zero beyond the last.
pub type Amounts = [u128; MAX_HOPS + 1];

impl Problem<'_> {
    /// Exact output of the whole cycle.
    pub fn out(&self, amount: u128) -> Result<u128, Refusal> {
        let mut amount = amount;
        for hop in self.hops {
            amount = hop.curve.quote(hop.state, hop.zero_for_one, amount)?;
        }
        Ok(amount)
    }

    /// Exact amounts along the chain.
    pub fn amounts(&self, amount: u128) -> Result<Amounts, Refusal> {
        let mut amounts = [amount, 0, 0, 0, 0];
        for (leg, hop) in self.hops.iter().enumerate().take(MAX_HOPS) {
            amounts[leg + 1] = hop.curve.quote(hop.state, hop.zero_for_one, amounts[leg])?;
        }
        Ok(amounts)
    }

    /// Gain of amounts along the chain; `None` when a number does not fit.
    #[inline]
    #[must_use]
    pub fn gain_of(&self, amounts: &Amounts) -> Option<i128> {
        let (out, cost) = (*amounts.get(self.hops.len())?, amounts[0].checked_add(self.flash.of(amounts[0])?)?);
        // Below 2^127 both are what they are as signed numbers, and their difference fits.
        ((out | cost) >> 127 == 0).then_some((out as i128).wrapping_sub(cost as i128))
    }

    /// Exact gain; `None` when a pool refuses the amount or a number does not fit.
    #[must_use]
    pub fn gain(&self, amount: u128) -> Option<i128> {
        self.gain_of(&self.amounts(amount).ok()?)
    }

    /// The best amount found; `Overflow` when nothing gains and some amount tried did not fit.
    ///
    /// The optimum in real numbers comes first; the exact gain is that concave curve less rounding, so what remains is
    /// which rounding step to stand on: `polish`. Where the real numbers lead nowhere, `scan` searches exact gains.
    pub fn solve(&self) -> Result<Option<Sized>, Refusal> {
        let optimum = optimum::best(self);
        if let Some(found) = optimum.and_then(|found| polish::best(self, &found.amounts)) {
            return Ok((found.gain > 0).then_some(found));
        }
        let guess = optimum.map_or(self.cap, |found| found.amounts[0] as u128).clamp(1, self.cap.max(1));
        let start = scan::best(self, guess);
        let near = self.amounts(start).map(|amounts| amounts.map(|amount| amount as f64));
        match near.ok().and_then(|near| polish::best(self, &near)) {
            Some(found) if found.gain > 0 => Ok(Some(found)),
            Some(_) => Ok(None),
            None if self.out(start) == Err(Refusal::Overflow) => Err(Refusal::Overflow),
            None => Ok(None),
        }
    }
}
