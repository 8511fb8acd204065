//! How much to put into a cycle: estimates propose, exact integers decide.

pub mod polish;
pub mod scan;

use crate::curves::{Curve, Mobius, State};
use crate::error::Refusal;
use crate::fees::FlashFee;

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
}

impl Problem<'_> {
    /// Exact output of the whole cycle.
    pub fn out(&self, amount: u128) -> Result<u128, Refusal> {
        let mut amount = amount;
        for hop in self.hops {
            amount = hop.curve.quote(hop.state, hop.zero_for_one, amount)?;
        }
        Ok(amount)
    }

    /// Exact gain; `None` when a pool refuses the amount or a number does not fit.
    #[must_use]
    pub fn gain(&self, amount: u128) -> Option<i128> {
        let out = i128::try_from(self.out(amount).ok()?).ok()?;
        let cost = amount.checked_add(self.flash.of(amount)?)?;
        out.checked_sub(i128::try_from(cost).ok()?)
    }

    /// The best amount found; `Overflow` when nothing gains and some amount tried did not fit.
    ///
    /// Constant-product cycles start from the closed form, others from a search around it. The exact gain is the
    /// concave curve of real numbers less rounding, so what remains is which rounding step to stand on: `polish`.
    pub fn solve(&self) -> Result<Option<Sized>, Refusal> {
        let guess = self.guess().clamp(1, self.cap.max(1));
        let smooth = self.hops.iter().all(|hop| hop.curve.is_smooth());
        let start = if smooth && self.gain(guess).is_some() { guess } else { scan::best(self, guess) };
        match polish::best(self, start) {
            Some(found) if found.gain > 0 => Ok(Some(found)),
            Some(_) => Ok(None),
            None if self.out(start) == Err(Refusal::Overflow) => Err(Refusal::Overflow),
            None => Ok(None),
        }
    }

    /// Optimum of the composed estimate: `out(x) = a x / (b + c x)` earns most where `a b = (1 + f) (b + c x)^2`.
    fn guess(&self) -> u128 {
        let mut whole = Mobius { a: 1.0, b: 1.0, c: 0.0 };
        for hop in self.hops {
            let Some(next) = hop.curve.estimate(hop.state, hop.zero_for_one) else {
                return self.cap;
            };
            // Scaled by `b` so that long cycles of large reserves stay finite.
            whole =
                Mobius { a: whole.a / whole.b * next.a, b: next.b, c: (next.b * whole.c + next.c * whole.a) / whole.b };
        }
        let price = 1.0 + self.flash.num as f64 / self.flash.den as f64;
        let best = ((whole.a * whole.b / price).sqrt() - whole.b) / whole.c;
        if best.is_nan() || best >= u128::MAX as f64 {
            return self.cap;
        }
        best.max(0.0) as u128
    }
}
