//! State of a pool of up to eight coins, seen from one pair of them.

use ruint::aliases::U256;

use super::checked::{add, mul_wad};
use crate::error::Refusal;

/// Most coins of a pool.
pub const MAX_COINS: usize = 8;

/// One value a coin; those past the count are zero.
pub type Each = [U256; MAX_COINS];

/// A pool of several coins. Two handles on pairs of the same pool hold a copy each and are fed by the same doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coins {
    /// Number of coins.
    pub count: usize,
    /// Positions of asset 0 and asset 1; different and below `count`.
    pub pair: [usize; 2],
    /// Balances, base units.
    pub balances: Each,
    /// Factors to the common unit, over 10^18.
    pub rates: Each,
    /// Amplification times its precision.
    pub amp: U256,
    /// Precision of the amplification; not zero.
    pub amp_precision: U256,
    /// Fee over the venue's denominator.
    pub fee: U256,
}

impl Coins {
    /// `(input, output)` positions of a direction.
    #[must_use]
    pub const fn directed(&self, zero_for_one: bool) -> (usize, usize) {
        if zero_for_one {
            (self.pair[0], self.pair[1])
        } else {
            (self.pair[1], self.pair[0])
        }
    }

    /// Whether the pair and the count make sense.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        let [zero, one] = self.pair;
        self.count >= 2 && self.count <= MAX_COINS && zero != one && zero < self.count && one < self.count
    }

    /// Balances in the common unit, rounded down.
    pub fn scaled(&self) -> Result<Each, Refusal> {
        let mut scaled = [U256::ZERO; MAX_COINS];
        for ((to, balance), rate) in scaled.iter_mut().zip(self.balances).zip(self.rates).take(self.count) {
            *to = mul_wad(balance, rate)?;
        }
        Ok(scaled)
    }

    /// The count as a word.
    #[must_use]
    pub fn n(&self) -> U256 {
        U256::from(self.count)
    }

    /// Marginal output for input of a stable invariant, in base units, without the fee.
    ///
    /// From `A n S + D = A n D + D^(n+1) / (n^n P)` with `A n` over the amplification's precision.
    #[must_use]
    pub fn rate(&self, invariant: U256, zero_for_one: bool) -> Option<f64> {
        let scaled = self.scaled().ok()?;
        let (at_in, at_out) = self.directed(zero_for_one);
        let d = crate::wide::approx(invariant);
        let mut product = d;
        for x in scaled.iter().take(self.count) {
            product *= d / (crate::wide::approx(*x) * self.count as f64);
        }
        let amp = crate::wide::approx(self.amp) / crate::wide::approx(self.amp_precision) * self.count as f64;
        let slope = |at: usize| amp + product / crate::wide::approx(scaled[at]);
        let unit = |at: usize| crate::wide::approx(self.rates[at]);
        let rate = slope(at_in) / slope(at_out) * unit(at_in) / unit(at_out);
        rate.is_finite().then_some(rate)
    }
}

/// Sum of the first values.
pub fn sum(values: &Each, count: usize) -> Result<U256, Refusal> {
    values.iter().take(count).try_fold(U256::ZERO, |held, value| add(held, *value))
}
