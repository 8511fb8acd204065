//! Exact pricing rules, one file a curve; [`Curve`] is the closed set of them.

pub mod concentrated;
pub mod constant_product;
pub mod constant_product_fee_first;
pub mod swap_step;
pub mod tick_math;

use crate::error::{wrong, Refusal, WiringError};
use concentrated::Ticks;

/// A fee as an exact ratio; `num < den < 2^32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Numerator.
    pub num: u32,
    /// Denominator.
    pub den: u32,
}

/// Both reserves of a two-sided pool, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserves {
    /// Reserve of asset 0.
    pub r0: u128,
    /// Reserve of asset 1.
    pub r1: u128,
}

impl Reserves {
    /// `(reserve_in, reserve_out)` of a direction.
    #[must_use]
    pub const fn directed(self, zero_for_one: bool) -> (u128, u128) {
        if zero_for_one {
            (self.r0, self.r1)
        } else {
            (self.r1, self.r0)
        }
    }
}

/// A pricing rule with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Uniswap V2.
    ConstantProduct(Fee),
    /// Fee taken from the input before pricing.
    ConstantProductFeeFirst(Fee),
    /// Uniswap V3; the fee is in millionths.
    Concentrated {
        /// Fee in millionths of the input.
        fee_pips: u32,
        /// Distance between usable ticks.
        tick_spacing: i32,
    },
}

/// What a curve prices from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Two reserves.
    Reserves(Reserves),
    /// Price, liquidity and ticks.
    Ticks(Box<Ticks>),
}

/// A smooth upper estimate `out(x) = a * x / (b + c * x)`, exact in real numbers near the present price.
#[derive(Clone, Copy, Debug)]
pub struct Mobius {
    /// Numerator factor.
    pub a: f64,
    /// Constant term of the denominator.
    pub b: f64,
    /// Slope of the denominator.
    pub c: f64,
}

impl Curve {
    /// The curve of this name; the wiring error names what does not fit.
    pub fn parse(name: &str, fee: Fee, tick_spacing: u32) -> Result<Self, WiringError> {
        match name {
            "constant_product" => Ok(Self::ConstantProduct(fee)),
            "constant_product_fee_first" => Ok(Self::ConstantProductFeeFirst(fee)),
            "concentrated" => {
                let millionths = u64::from(fee.num) * 1_000_000;
                if millionths % u64::from(fee.den) != 0 {
                    return wrong("the fee of a concentrated pool must be whole millionths");
                }
                let fee_pips = u32::try_from(millionths / u64::from(fee.den)).unwrap_or(u32::MAX);
                match i32::try_from(tick_spacing) {
                    Ok(spacing @ 1..=16_383) => Ok(Self::Concentrated { fee_pips, tick_spacing: spacing }),
                    _ => wrong("tick_spacing of a concentrated pool must be 1 to 16383"),
                }
            }
            other => wrong(format!("unknown curve {other:?}")),
        }
    }

    /// Exact-in quote on a state of this curve.
    pub fn quote(&self, state: &State, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        match (self, state) {
            (Self::ConstantProduct(fee), State::Reserves(r)) => {
                constant_product::quote(*r, *fee, zero_for_one, amount_in)
            }
            (Self::ConstantProductFeeFirst(fee), State::Reserves(r)) => {
                constant_product_fee_first::quote(*r, *fee, zero_for_one, amount_in)
            }
            (Self::Concentrated { fee_pips, tick_spacing }, State::Ticks(ticks)) => {
                ticks.quote(*fee_pips, *tick_spacing, zero_for_one, amount_in)
            }
            _ => Err(Refusal::Inconsistent),
        }
    }

    /// An input with at least this output: the least one, or for concentrated pools what the contract would take for it.
    ///
    /// `PartialFill` when there is none or it is beyond what the crossing index holds.
    pub fn input_for(&self, state: &State, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        match (self, state) {
            (Self::ConstantProduct(fee), State::Reserves(r)) => {
                constant_product::input_for(*r, *fee, zero_for_one, amount_out)
            }
            (Self::ConstantProductFeeFirst(fee), State::Reserves(r)) => {
                constant_product_fee_first::input_for(*r, *fee, zero_for_one, amount_out)
            }
            (Self::Concentrated { fee_pips, tick_spacing }, State::Ticks(ticks)) => {
                let index = ticks.crossing(zero_for_one);
                if !index.answers(*fee_pips, *tick_spacing) {
                    return Err(Refusal::PartialFill);
                }
                index.input_for(ticks, amount_out)
            }
            _ => Err(Refusal::Inconsistent),
        }
    }

    /// The estimate at the present price; `None` when there is nothing to trade against.
    ///
    /// `a / b` is an upper bound of the true rate for every amount, up to a relative error of 2^-44.
    #[must_use]
    pub fn estimate(&self, state: &State, zero_for_one: bool) -> Option<Mobius> {
        match (self, state) {
            (Self::ConstantProduct(fee) | Self::ConstantProductFeeFirst(fee), State::Reserves(r)) => {
                let (reserve_in, reserve_out) = r.directed(zero_for_one);
                if reserve_in == 0 || reserve_out == 0 {
                    return None;
                }
                let keep = f64::from(fee.den - fee.num) / f64::from(fee.den);
                Some(Mobius { a: keep * reserve_out as f64, b: reserve_in as f64, c: keep })
            }
            (Self::Concentrated { fee_pips, .. }, State::Ticks(ticks)) => ticks.estimate(*fee_pips, zero_for_one),
            _ => None,
        }
    }

    /// Whether the estimate is the whole curve, so that its closed-form optimum needs no search.
    #[must_use]
    pub const fn is_smooth(&self) -> bool {
        !matches!(self, Self::Concentrated { .. })
    }
}
