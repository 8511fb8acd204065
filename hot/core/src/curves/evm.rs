//! Curves of EVM venues that read their parameters from the chain: fees, decimals, weights and ticks are state.

use ruint::aliases::U256;

use super::balancer_stable::BalancerStable;
use super::balancer_weighted::Weighted;
use super::concentrated_dynamic::DynamicTicks;
use super::inverse::least_input;
use super::pair::{cubic_rate, Pair};
use super::stableswap::{StableSwap, FEE_UNIT};
use super::tick_walk::{Ask, Rule};
use super::{camelot_stable, constant_product, solidly, Changing, Fee, Mobius, Reserves};
use crate::error::{wrong, Refusal, WiringError};
use crate::wide::{approx, real, to_u128};

/// A pricing rule of this family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvmCurve {
    /// Uniswap V2 with a fee for each direction, over `den`.
    Directional {
        /// Denominator of both fees.
        den: u32,
    },
    /// Solidly's constant product.
    SolidlyVolatile(Fee),
    /// Solidly's `x^3 y + x y^3`.
    SolidlyStable(Fee),
    /// Camelot's `x^3 y + x y^3`, fees over `den`.
    CamelotStable {
        /// Denominator of both fees.
        den: u32,
    },
    /// Curve's plain pools.
    StableSwap,
    /// Balancer V2 stable pools.
    BalancerStable,
    /// Balancer V2 weighted pools.
    BalancerWeighted,
    /// Concentrated liquidity with the fee in the state.
    Dynamic {
        /// Distance between usable ticks.
        spacing: i32,
        /// Whether swaps stop at the end of every bitmap row.
        rows: bool,
    },
}

/// What a curve of this family prices from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvmState {
    /// Reserves, fees and decimals.
    Pair(Pair),
    /// A Curve pool.
    StableSwap(StableSwap),
    /// A Balancer stable pool.
    BalancerStable(BalancerStable),
    /// A Balancer weighted pool's pair.
    Weighted(Weighted),
    /// Ticks and fees.
    Ticks(DynamicTicks),
}

impl EvmState {
    /// What updates change of it, for the history.
    pub fn changing(&mut self) -> Changing<'_> {
        match self {
            Self::Pair(pair) => Changing::Reserves(&mut pair.reserves, Some(&mut pair.fees)),
            Self::StableSwap(pool) => Changing::Balances(&mut pool.coins.balances),
            Self::BalancerStable(pool) => Changing::Balances(&mut pool.coins.balances),
            Self::Weighted(pool) => Changing::Balances(&mut pool.balances),
            Self::Ticks(pool) => Changing::Ticks(&mut pool.ticks, Some(&mut pool.fees)),
        }
    }
}

impl EvmCurve {
    /// The curve of this name, if it is one of these; the wiring error names what does not fit.
    pub fn parse(name: &str, fee: Fee, tick_spacing: u32) -> Option<Result<Self, WiringError>> {
        let curve = match name {
            "constant_product_directional" => Self::Directional { den: fee.den },
            "solidly_volatile" => Self::SolidlyVolatile(fee),
            "solidly_stable" => Self::SolidlyStable(fee),
            "camelot_stable" => Self::CamelotStable { den: fee.den },
            "stableswap" => Self::StableSwap,
            "balancer_stable" => Self::BalancerStable,
            "balancer_weighted" => Self::BalancerWeighted,
            "concentrated_dynamic" | "concentrated_linked" => match i32::try_from(tick_spacing) {
                Ok(spacing @ 1..=16_383) => Self::Dynamic { spacing, rows: name == "concentrated_dynamic" },
                _ => return Some(wrong("tick_spacing of a concentrated pool must be 1 to 16383")),
            },
            _ => return None,
        };
        if fee.num != 0 && !curve.takes_a_fee() {
            return Some(wrong(format!("the fee of a {name} pool is read from the chain: its numerator must be 0")));
        }
        Some(Ok(curve))
    }

    /// Exact-in quote on a state of this curve.
    pub fn quote(&self, state: &EvmState, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        match (*self, state) {
            (Self::Directional { den }, EvmState::Pair(pair)) => {
                constant_product::quote(pair.reserves, directed(pair, den, zero_for_one)?, zero_for_one, amount_in)
            }
            (Self::SolidlyVolatile(fee), EvmState::Pair(pair)) => {
                solidly::volatile(pair.reserves, fee, zero_for_one, amount_in)
            }
            (Self::SolidlyStable(fee), EvmState::Pair(pair)) => solidly::stable(pair, fee, zero_for_one, amount_in),
            (Self::CamelotStable { den }, EvmState::Pair(pair)) => {
                camelot_stable::quote(pair, den, zero_for_one, amount_in)
            }
            (Self::StableSwap, EvmState::StableSwap(pool)) => pool.quote(zero_for_one, amount_in),
            (Self::BalancerStable, EvmState::BalancerStable(pool)) => pool.quote(zero_for_one, amount_in),
            (Self::BalancerWeighted, EvmState::Weighted(pool)) => pool.quote(zero_for_one, amount_in),
            (Self::Dynamic { spacing, rows }, EvmState::Ticks(pool)) => {
                pool.quote(rule(spacing, rows), zero_for_one, amount_in)
            }
            _ => Err(Refusal::Inconsistent),
        }
    }

    /// What the pool moves for a given side, `(input, output)`; `Unsupported` where the venue has no exact output.
    ///
    /// Concentrated pools fill what they can, as their contracts do; the others fill all or refuse.
    pub fn fill(&self, state: &EvmState, ask: Ask) -> Result<(U256, U256), Refusal> {
        if let (Self::Dynamic { spacing, rows }, EvmState::Ticks(pool)) = (*self, state) {
            let moved = pool.swap(rule(spacing, rows), ask)?;
            return Ok((moved.amount_in, moved.amount_out));
        }
        let amount = to_u128(ask.amount)?;
        if ask.exact_in {
            return Ok((ask.amount, U256::from(self.quote(state, ask.zero_for_one, amount)?)));
        }
        let paid = match (*self, state) {
            (Self::Directional { den }, EvmState::Pair(pair)) => {
                let fee = directed(pair, den, ask.zero_for_one)?;
                constant_product::quote_out(pair.reserves, fee, ask.zero_for_one, amount)
            }
            (Self::BalancerStable, EvmState::BalancerStable(pool)) => pool.quote_out(ask.zero_for_one, amount),
            (Self::BalancerWeighted, EvmState::Weighted(pool)) => pool.quote_out(ask.zero_for_one, amount),
            _ => Err(Refusal::Unsupported),
        }?;
        Ok((U256::from(paid), ask.amount))
    }

    /// The least input with at least this output; `PartialFill` when there is none.
    pub fn input_for(&self, state: &EvmState, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        let rate = self.estimate(state, zero_for_one).map_or(0.0, |curve| curve.a / curve.b);
        least_input(|amount| self.quote(state, zero_for_one, amount), rate, amount_out)
    }

    /// See [`super::Curve::estimate`].
    #[must_use]
    pub fn estimate(&self, state: &EvmState, zero_for_one: bool) -> Option<Mobius> {
        match (*self, state) {
            (Self::Directional { den }, EvmState::Pair(pair)) => {
                product(pair.reserves, directed(pair, den, zero_for_one).ok()?, zero_for_one)
            }
            (Self::SolidlyVolatile(fee), EvmState::Pair(pair)) => product(pair.reserves, fee, zero_for_one),
            (Self::SolidlyStable(fee), EvmState::Pair(pair)) => flat(pair, fee, zero_for_one),
            (Self::CamelotStable { den }, EvmState::Pair(pair)) => {
                flat(pair, directed(pair, den, zero_for_one).ok()?, zero_for_one)
            }
            (Self::StableSwap, EvmState::StableSwap(pool)) => {
                let invariant = pool.invariant(&pool.coins.scaled().ok()?).ok()?;
                let keep = 1.0 - approx(pool.coins.fee) / approx(FEE_UNIT);
                let from = pool.coins.directed(zero_for_one).0;
                around(keep * pool.coins.rate(invariant, zero_for_one)?, pool.coins.balances[from])
            }
            (Self::BalancerStable, EvmState::BalancerStable(pool)) => {
                let invariant = pool.invariant(&pool.coins.scaled().ok()?).ok()?;
                let keep = 1.0 - approx(pool.coins.fee) / 1e18;
                let from = pool.coins.directed(zero_for_one).0;
                around(keep * pool.coins.rate(invariant, zero_for_one)?, pool.coins.balances[from])
            }
            (Self::BalancerWeighted, EvmState::Weighted(pool)) => {
                around(pool.rate(zero_for_one)?, pool.balances[usize::from(!zero_for_one)])
            }
            (Self::Dynamic { .. }, EvmState::Ticks(pool)) => pool.estimate(zero_for_one),
            _ => None,
        }
    }

    /// Whether the estimate is the whole curve.
    #[must_use]
    pub const fn is_smooth(&self) -> bool {
        matches!(self, Self::Directional { .. } | Self::SolidlyVolatile(_))
    }

    const fn takes_a_fee(&self) -> bool {
        matches!(self, Self::SolidlyVolatile(_) | Self::SolidlyStable(_))
    }
}

const fn rule(spacing: i32, rows: bool) -> Rule {
    Rule { fee_pips: 0, spacing, rows }
}

fn directed(pair: &Pair, den: u32, zero_for_one: bool) -> Result<Fee, Refusal> {
    let num = pair.fee(zero_for_one);
    if num >= den {
        return Err(Refusal::Fee);
    }
    Ok(Fee { num, den })
}

fn keep(fee: Fee) -> f64 {
    f64::from(fee.den - fee.num) / f64::from(fee.den)
}

#[inline]
pub(super) fn product(reserves: Reserves, fee: Fee, zero_for_one: bool) -> Option<Mobius> {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    if reserve_in == 0 || reserve_out == 0 {
        return None;
    }
    let keep = keep(fee);
    Some(Mobius { a: keep * real(reserve_out), b: real(reserve_in), c: keep })
}

/// [`product`] of both directions.
#[inline]
pub(super) fn products(reserves: Reserves, fee: Fee) -> [Option<Mobius>; 2] {
    let Reserves { r0, r1 } = reserves;
    if r0 == 0 || r1 == 0 {
        return [None; 2];
    }
    let (r0, r1, c) = (real(r0), real(r1), keep(fee));
    [Some(Mobius { a: c * r1, b: r0, c }), Some(Mobius { a: c * r0, b: r1, c })]
}

fn flat(pair: &Pair, fee: Fee, zero_for_one: bool) -> Option<Mobius> {
    let (reserve_in, _) = pair.reserves.directed(zero_for_one);
    around(keep(fee) * cubic_rate(pair, zero_for_one)?, U256::from(reserve_in))
}

/// The marginal rate with the bend of a constant product: the search corrects the guess, the rate must be right.
fn around(rate: f64, reserve_in: U256) -> Option<Mobius> {
    let b = approx(reserve_in);
    (rate.is_finite() && b > 0.0).then_some(Mobius { a: rate * b, b, c: 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::balancer_stable::{Version, AMP_PRECISION};
    use crate::curves::checked::WAD;
    use crate::curves::coins::Coins;
    use crate::curves::stableswap::{FeeStep, Product};
    use proptest::prelude::*;

    fn coins(r0: u128, r1: u128, amp: u64, amp_precision: U256, fee: u64) -> Coins {
        let mut coins = Coins {
            count: 2,
            pair: [0, 1],
            balances: [U256::ZERO; 8],
            rates: [U256::ZERO; 8],
            amp: U256::from(amp) * amp_precision,
            amp_precision,
            fee: U256::from(fee),
        };
        coins.balances[..2].copy_from_slice(&[U256::from(r0), U256::from(r1)]);
        coins.rates[..2].copy_from_slice(&[WAD, WAD]);
        coins
    }

    fn pools(r0: u128, r1: u128, amp: u64) -> [(EvmCurve, EvmState); 5] {
        let pair = Pair { reserves: Reserves { r0, r1 }, fees: [40, 40], scale: [10u128.pow(18); 2] };
        let stable = StableSwap {
            coins: coins(r0, r1, amp, U256::from(100), 4_000_000),
            admin_fee: U256::ZERO,
            offpeg: U256::ZERO,
            product: Product::Last,
            fee_step: FeeStep::First,
        };
        let coins = coins(r0, r1, amp, AMP_PRECISION, 400_000_000_000_000);
        let tokens = [U256::ZERO; 8];
        let weighted = Weighted {
            tokens: [U256::ZERO; 2],
            balances: [U256::from(r0), U256::from(r1)],
            weights: [WAD / U256::from(5), WAD - WAD / U256::from(5)],
            scale: [WAD; 2],
            fee: U256::from(1_000_000_000_000_000u64),
            exact_powers: true,
        };
        [
            (EvmCurve::SolidlyStable(Fee { num: 5, den: 10_000 }), EvmState::Pair(pair)),
            (EvmCurve::CamelotStable { den: 100_000 }, EvmState::Pair(pair)),
            (EvmCurve::StableSwap, EvmState::StableSwap(stable)),
            (
                EvmCurve::BalancerStable,
                EvmState::BalancerStable(BalancerStable { coins, tokens, version: Version::Up }),
            ),
            (EvmCurve::BalancerWeighted, EvmState::Weighted(weighted)),
        ]
    }

    proptest! {
        #[test]
        fn no_rate_beats_the_estimate_by_more_than_rounding(
            r0 in 10u128.pow(18)..10u128.pow(26), tilt in 1u128..20, amp in 1u64..5000, part in 1u128..1_000_000,
        ) {
            for (curve, state) in pools(r0, r0 / 4 * tilt, amp) {
                for zero_for_one in [true, false] {
                    let estimate = curve.estimate(&state, zero_for_one).unwrap();
                    let amount = r0 / 1_000_000 * part;
                    if let Ok(out) = curve.quote(&state, zero_for_one, amount) {
                        let most = amount as f64 * estimate.a / estimate.b;
                        prop_assert!(out as f64 <= most * (1.0 + 1e-9) + 2.0, "{curve:?}: {out} of {most}");
                        // And it is the marginal rate: a millionth of the pool pays nearly that.
                        if part < 10 {
                            prop_assert!(out as f64 >= most * 0.999, "{curve:?}: {out} of {most}");
                        }
                    }
                }
            }
        }

        #[test]
        fn finds_the_least_input_for_an_output(r0 in 10u128.pow(18)..10u128.pow(24), part in 1u128..60) {
            for (curve, state) in pools(r0, r0, 200) {
                let wanted = r0 / 1000 * part;
                let amount = curve.input_for(&state, true, wanted).unwrap();
                prop_assert!(curve.quote(&state, true, amount).unwrap() >= wanted);
                prop_assert!(curve.quote(&state, true, amount - 1).unwrap() < wanted);
            }
        }
    }
}
