//! Concentrated pools whose fee is part of the state: Algebra, by row or by linked ticks, and Slipstream.

use ruint::aliases::U256;

use super::concentrated::Ticks;
use super::tick_walk::{self, Ask, Moved, Rule};
use super::Mobius;
use crate::error::Refusal;
use crate::wide::to_u128;

const MILLION: u32 = 1_000_000;

/// Ticks with the fee of each direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DynamicTicks {
    /// Price, liquidity and ticks.
    pub ticks: Ticks,
    /// Fee in millionths of the input: asset 0 in, asset 1 in.
    pub fees: [u32; 2],
}

impl DynamicTicks {
    /// Exact-in quote; `PartialFill` when the ticks end before the input does. The fee of the rule is not read.
    pub fn quote(&self, rule: Rule, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        let fee = self.fee(zero_for_one);
        if fee >= MILLION {
            return Err(Refusal::Fee);
        }
        if rule.rows {
            return self.ticks.quote(fee, rule.spacing, zero_for_one, amount_in);
        }
        let moved = self.swap(rule, Ask { zero_for_one, exact_in: true, amount: U256::from(amount_in) })?;
        if !moved.whole {
            return Err(Refusal::PartialFill);
        }
        to_u128(moved.amount_out)
    }

    /// What the contract moves; the fee of the rule is not read.
    pub fn swap(&self, rule: Rule, ask: Ask) -> Result<Moved, Refusal> {
        tick_walk::swap(&self.ticks, Rule { fee_pips: self.fee(ask.zero_for_one), ..rule }, ask)
    }

    /// See [`super::Curve::estimate`].
    #[must_use]
    pub fn estimate(&self, zero_for_one: bool) -> Option<Mobius> {
        self.ticks.estimate(self.fee(zero_for_one).min(MILLION), zero_for_one)
    }

    /// Fee of a direction, millionths.
    #[must_use]
    pub const fn fee(&self, zero_for_one: bool) -> u32 {
        self.fees[!zero_for_one as usize]
    }
}
