//! Exact pricing rules, one file a curve; [`Curve`] is the closed set of them.

pub mod balancer_stable;
pub mod balancer_weighted;
pub mod camelot_stable;
pub mod checked;
pub mod coins;
pub mod concentrated;
pub mod concentrated_dynamic;
pub mod constant_product;
pub mod constant_product_fee_first;
pub mod evm;
pub mod inverse;
pub mod log_exp;
pub mod pair;
pub mod solidly;
pub mod stableswap;
pub mod swap_step;
pub mod tick_math;
pub mod tick_walk;

use ruint::aliases::U256;

use crate::error::{wrong, Refusal, WiringError};
use crate::venues::reading::Reading;
use crate::wide::to_u128;
use concentrated::Ticks;
use evm::{EvmCurve, EvmState};
use tick_walk::{Ask, Rule};

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
    /// A rule that reads its parameters from the chain.
    Evm(EvmCurve),
    /// The rule of a venue whose state is made of accounts.
    Venue,
}

/// What a curve prices from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Two reserves.
    Reserves(Reserves),
    /// Price, liquidity and ticks.
    Ticks(Box<Ticks>),
    /// State of a rule that reads its parameters from the chain.
    Evm(Box<EvmState>),
    /// State read from the accounts of a venue.
    Venue(Box<Reading>),
}

/// What updates change of a state, with the fees where they are part of it.
#[derive(Debug)]
pub enum Changing<'a> {
    /// Two reserves.
    Reserves(&'a mut Reserves, Option<&'a mut [u32; 2]>),
    /// Price, liquidity and ticks.
    Ticks(&'a mut Ticks, Option<&'a mut [u32; 2]>),
    /// Balances by coin.
    Balances(&'a mut [U256]),
    /// Nothing that is kept here.
    Accounts,
}

impl State {
    /// What updates change of it, for the history.
    pub fn changing(&mut self) -> Changing<'_> {
        match self {
            Self::Reserves(reserves) => Changing::Reserves(reserves, None),
            Self::Ticks(ticks) => Changing::Ticks(ticks, None),
            Self::Evm(held) => held.changing(),
            Self::Venue(_) => Changing::Accounts,
        }
    }
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

impl Mobius {
    /// Stands for a curve that is no single map.
    pub const PIECES: Self = Self { a: f64::NAN, b: f64::NAN, c: f64::NAN };
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
            other => match EvmCurve::parse(other, fee, tick_spacing) {
                Some(curve) => curve.map(Self::Evm),
                None => wrong(format!("unknown curve {other:?}")),
            },
        }
    }

    /// Exact-in quote on a state of this curve.
    #[inline]
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
            (Self::Evm(curve), State::Evm(held)) => curve.quote(held, zero_for_one, amount_in),
            (Self::Venue, State::Venue(held)) => held.quote(zero_for_one, amount_in),
            _ => Err(Refusal::Inconsistent),
        }
    }

    /// An input with at least this output: the least one, or for concentrated pools what the contract would take for it.
    ///
    /// `PartialFill` when there is none or it is beyond what the crossing index holds.
    #[inline]
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
            (Self::Evm(curve), State::Evm(held)) => curve.input_for(held, zero_for_one, amount_out),
            (Self::Venue, State::Venue(held)) => held.input_for(zero_for_one, amount_out),
            _ => Err(Refusal::Inconsistent),
        }
    }

    /// Whether an input from [`Curve::input_for`] is known to pay exactly the output it was asked for.
    #[inline]
    #[must_use]
    pub fn is_fine(&self, state: &State, zero_for_one: bool) -> bool {
        match (self, state) {
            (Self::ConstantProduct(fee), State::Reserves(r)) => constant_product::is_fine(*r, *fee, zero_for_one),
            _ => false,
        }
    }

    /// Input for an exact output; `Unsupported` where the venue has no such swap.
    pub fn quote_out(&self, state: &State, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        let amount = U256::from(amount_out);
        let (paid, given) = self.fill(state, Ask { zero_for_one, exact_in: false, amount })?;
        if given != amount {
            return Err(Refusal::PartialFill);
        }
        to_u128(paid)
    }

    /// What the pool moves for a given side, `(input, output)`, with the price limit at the end of all prices.
    ///
    /// Concentrated pools fill what they can, as their contracts do; the others fill all or refuse.
    pub fn fill(&self, state: &State, ask: Ask) -> Result<(U256, U256), Refusal> {
        match (self, state) {
            (Self::Evm(curve), State::Evm(held)) => curve.fill(held, ask),
            (Self::Venue, State::Venue(held)) => held.fill(ask),
            (Self::Concentrated { fee_pips, tick_spacing }, State::Ticks(ticks)) => {
                let rule = Rule { fee_pips: *fee_pips, spacing: *tick_spacing, rows: true };
                let moved = tick_walk::swap(ticks, rule, ask)?;
                Ok((moved.amount_in, moved.amount_out))
            }
            (Self::ConstantProduct(fee), State::Reserves(r)) if !ask.exact_in => {
                let paid = constant_product::quote_out(*r, *fee, ask.zero_for_one, to_u128(ask.amount)?)?;
                Ok((U256::from(paid), ask.amount))
            }
            _ if ask.exact_in => {
                Ok((ask.amount, U256::from(self.quote(state, ask.zero_for_one, to_u128(ask.amount)?)?)))
            }
            _ => Err(Refusal::Unsupported),
        }
    }

    /// The estimate at the present price; `None` when there is nothing to trade against.
    ///
    /// `a / b` is an upper bound of the true rate for every amount, up to a relative error of 2^-44; of venues made of
    /// accounts for every amount worth sending, see [`Reading::estimate`].
    #[inline]
    #[must_use]
    pub fn estimate(&self, state: &State, zero_for_one: bool) -> Option<Mobius> {
        match (self, state) {
            (Self::ConstantProduct(fee) | Self::ConstantProductFeeFirst(fee), State::Reserves(r)) => {
                evm::product(*r, *fee, zero_for_one)
            }
            (Self::Evm(curve), State::Evm(held)) => curve.estimate(held, zero_for_one),
            (Self::Venue, State::Venue(held)) => held.estimate(zero_for_one),
            (Self::Concentrated { fee_pips, .. }, State::Ticks(ticks)) => ticks.estimate(*fee_pips, zero_for_one),
            _ => None,
        }
    }

    /// The estimates with asset 0 in and with asset 1 in.
    #[inline]
    #[must_use]
    pub fn estimates(&self, state: &State) -> [Option<Mobius>; 2] {
        match (self, state) {
            (Self::ConstantProduct(fee) | Self::ConstantProductFeeFirst(fee), State::Reserves(r)) => {
                evm::products(*r, *fee)
            }
            _ => [true, false].map(|zero_for_one| self.estimate(state, zero_for_one)),
        }
    }

    /// Fee and spacing where the state is made of ticks; `held` is the fee in the state, for those that have it there.
    #[must_use]
    pub const fn tick_rule(&self, held: u32) -> Option<(u32, i32)> {
        match self {
            Self::Concentrated { fee_pips, tick_spacing } => Some((*fee_pips, *tick_spacing)),
            Self::Evm(EvmCurve::Dynamic { spacing, .. }) => Some((held, *spacing)),
            _ => None,
        }
    }

    /// Whether the estimate is the whole curve, so that its closed-form optimum needs no search.
    #[inline]
    #[must_use]
    pub const fn is_smooth(&self) -> bool {
        match self {
            Self::Concentrated { .. } | Self::Venue => false,
            Self::Evm(curve) => curve.is_smooth(),
            _ => true,
        }
    }
}
