//! What a trade costs besides the pools: flash fee, network fee and tip, all in integers, rounded as charged.

use ruint::aliases::U256;

use crate::error::{wrong, WiringError};
use crate::wide::{ratio_down, ratio_up};

/// How a lender rounds its fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Towards the lender.
    Up,
    /// Half away from zero.
    HalfUp,
    /// Towards the borrower.
    Down,
}

impl Rounding {
    /// The rounding of this name.
    pub fn parse(name: &str) -> Result<Self, WiringError> {
        match name {
            "up" => Ok(Self::Up),
            "half_up" => Ok(Self::HalfUp),
            "down" => Ok(Self::Down),
            other => wrong(format!("unknown rounding {other:?}")),
        }
    }
}

/// Price of a flash loan: `max(min, round(amount * num / den))`, nothing for nothing.
#[derive(Clone, Copy, Debug)]
pub struct FlashFee {
    /// Numerator.
    pub num: u128,
    /// Denominator, not zero.
    pub den: u128,
    /// How the quotient is rounded.
    pub rounding: Rounding,
    /// Least fee.
    pub min: u128,
}

impl FlashFee {
    /// Own money costs nothing.
    pub const NONE: Self = Self { num: 0, den: 1, rounding: Rounding::Up, min: 0 };

    /// Whether every amount is free.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.num == 0 && self.min == 0
    }

    /// The fee for an amount; `None` when it does not fit.
    #[inline]
    #[must_use]
    pub fn of(&self, amount: u128) -> Option<u128> {
        if amount == 0 || self.is_none() {
            return Some(0);
        }
        self.of_something(amount)
    }

    fn of_something(&self, amount: u128) -> Option<u128> {
        let rounded = match self.rounding {
            Rounding::Up => ratio_up(amount, self.num, self.den)?,
            Rounding::Down => ratio_down(amount, self.num, self.den)?,
            Rounding::HalfUp => {
                let product: U256 = U256::from(amount).checked_mul(U256::from(self.num))?;
                let twice = product.checked_mul(U256::from(2))?.checked_add(U256::from(self.den))?;
                u128::try_from(twice / (U256::from(self.den) * U256::from(2))).ok()?
            }
        };
        Some(rounded.max(self.min))
    }
}

/// `base_fee + ceil((base_units + units) * price_num / price_den)`.
#[derive(Clone, Copy, Debug)]
pub struct NetworkFee {
    /// Flat part.
    pub base_fee: u128,
    /// Units every transaction uses.
    pub base_units: u64,
    /// Price of a unit, numerator.
    pub price_num: u128,
    /// Price of a unit, denominator, not zero.
    pub price_den: u128,
}

impl NetworkFee {
    /// The fee for these units; `None` when it does not fit.
    #[must_use]
    pub fn of(&self, units: u64) -> Option<u128> {
        let units = u128::from(self.base_units) + u128::from(units);
        ratio_up(units, self.price_num, self.price_den)?.checked_add(self.base_fee)
    }
}

/// `clamp(gain * num / den, min, max)`, rounded down.
#[derive(Clone, Copy, Debug)]
pub struct Tip {
    /// Numerator of the share, at most `den`.
    pub num: u128,
    /// Denominator of the share.
    pub den: u128,
    /// Least tip.
    pub min: u128,
    /// Most tip.
    pub max: u128,
}

impl Tip {
    /// The tip out of a gain (gross after the flash fee); `None` when it does not fit.
    #[must_use]
    pub fn of(&self, gain: u128) -> Option<u128> {
        Some(ratio_down(gain, self.num, self.den)?.clamp(self.min, self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flash_fee_rounds_as_its_lender_does() {
        let fee = |rounding, amount| FlashFee { num: 5, den: 10_000, rounding, min: 0 }.of(amount);
        assert_eq!(fee(Rounding::Up, 1_001), Some(1));
        assert_eq!(fee(Rounding::HalfUp, 999), Some(0));
        assert_eq!(fee(Rounding::HalfUp, 1_000), Some(1));
        assert_eq!(fee(Rounding::Down, 3_999), Some(1));
        assert_eq!(fee(Rounding::Up, 0), Some(0));
        assert_eq!(FlashFee { num: 5, den: 10_000, rounding: Rounding::Up, min: 7 }.of(1), Some(7));
    }

    #[test]
    fn the_network_fee_rounds_up_and_the_tip_stays_in_its_bounds() {
        let network = NetworkFee { base_fee: 5_000, base_units: 10, price_num: 1, price_den: 1_000_000 };
        assert_eq!(network.of(5), Some(5_001));
        let tip = Tip { num: 1, den: 2, min: 10, max: 100 };
        assert_eq!([tip.of(4), tip.of(101), tip.of(1_000)], [Some(10), Some(50), Some(100)]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(FlashFee { num: 2, den: 1, rounding: Rounding::Up, min: 0 }.of(u128::MAX), None);
        let network = NetworkFee { base_fee: u128::MAX, base_units: 1, price_num: 1, price_den: 1 };
        assert_eq!(network.of(0), None);
    }
}
