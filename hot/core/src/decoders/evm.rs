//! The layouts of EVM venues whose parameters are state; [`EvmDecoder`] is the closed set of them.

use super::{balancer, camelot, concentrated_forks, curve as curve_pool, solidly, uniswap_v3, Change, Event};
use crate::curves::evm::{EvmCurve, EvmState};
use crate::curves::{Curve, State};
use crate::error::Refusal;

/// Which layout the bytes of a pool have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvmDecoder {
    /// Pools of Aerodrome and Velodrome V2.
    Solidly,
    /// Camelot V2 pairs.
    Camelot,
    /// Curve's plain pools.
    Curve,
    /// Balancer V2 pools, told by the Vault.
    BalancerV2,
    /// PancakeSwap V3.
    PancakeV3,
    /// Slipstream.
    Slipstream,
    /// Algebra, every version.
    Algebra,
}

impl EvmDecoder {
    /// The decoder of this name, if it is one of these.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "solidly" => Self::Solidly,
            "camelot" => Self::Camelot,
            "curve" => Self::Curve,
            "balancer_v2" => Self::BalancerV2,
            "pancake_v3" => Self::PancakeV3,
            "slipstream" => Self::Slipstream,
            "algebra" => Self::Algebra,
            _ => return None,
        })
    }

    /// Whether the curve prices from what this decoder reads.
    #[must_use]
    pub const fn feeds(self, curve: &Curve) -> bool {
        let curve = match curve {
            Curve::Evm(curve) => curve,
            Curve::Concentrated { .. } => return matches!(self, Self::PancakeV3),
            _ => return false,
        };
        match self {
            Self::Solidly => matches!(curve, EvmCurve::SolidlyVolatile(_) | EvmCurve::SolidlyStable(_)),
            Self::Camelot => matches!(
                curve,
                EvmCurve::Directional { den: camelot::FEE_UNIT } | EvmCurve::CamelotStable { den: camelot::FEE_UNIT }
            ),
            Self::Curve => matches!(curve, EvmCurve::StableSwap),
            Self::BalancerV2 => matches!(curve, EvmCurve::BalancerStable | EvmCurve::BalancerWeighted),
            Self::PancakeV3 => false,
            Self::Slipstream => matches!(curve, EvmCurve::Dynamic { rows: true, .. }),
            Self::Algebra => matches!(curve, EvmCurve::Dynamic { .. }),
        }
    }

    /// What arrives at this door.
    #[must_use]
    pub fn event(self, door: &[u8]) -> Option<Event> {
        match self {
            Self::Solidly => solidly::event(door),
            Self::Camelot => camelot::event(door),
            Self::Curve => curve_pool::event(door),
            Self::BalancerV2 => balancer::event(door),
            Self::PancakeV3 => concentrated_forks::pancake_event(door),
            Self::Slipstream => uniswap_v3::event(door),
            Self::Algebra => concentrated_forks::algebra_event(door),
        }
    }

    /// Whether each update is the whole state.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Solidly)
    }

    /// Decode an update.
    pub fn decode(self, event: Event, data: &[u8]) -> Result<Change, Refusal> {
        if event == Event::Reread {
            return Err(Refusal::Inconsistent);
        }
        match self {
            Self::Solidly => solidly::decode(data),
            Self::Camelot => camelot::decode(event, data),
            Self::Curve => curve_pool::decode(data),
            Self::BalancerV2 => balancer::decode(data),
            Self::PancakeV3 | Self::Slipstream | Self::Algebra => concentrated_forks::decode(event, data),
        }
    }

    /// Decode a snapshot into a whole state.
    pub fn snapshot(self, curve: &Curve, data: &[u8]) -> Result<State, Refusal> {
        let rule = match curve {
            Curve::Evm(rule) => rule,
            _ if self == Self::PancakeV3 => {
                return uniswap_v3::snapshot(curve, data).map(|ticks| State::Ticks(Box::new(ticks)));
            }
            _ => return Err(Refusal::Inconsistent),
        };
        let state = match (self, rule) {
            (Self::Solidly, _) => EvmState::Pair(solidly::snapshot(rule, data)?),
            (Self::Camelot, _) => EvmState::Pair(camelot::snapshot(rule, data)?),
            (Self::Curve, _) => EvmState::StableSwap(curve_pool::snapshot(data)?),
            (Self::BalancerV2, EvmCurve::BalancerStable) => EvmState::BalancerStable(balancer::stable(data)?),
            (Self::BalancerV2, _) => EvmState::Weighted(balancer::weighted(data)?),
            (_, EvmCurve::Dynamic { spacing, .. }) => EvmState::Ticks(concentrated_forks::snapshot(data, *spacing)?),
            _ => return Err(Refusal::Inconsistent),
        };
        Ok(State::Evm(Box::new(state)))
    }
}

/// The bytes that [`EvmDecoder::snapshot`] reads as this state.
pub(super) fn encode(curve: &EvmCurve, state: &EvmState) -> Vec<u8> {
    match state {
        EvmState::Pair(pair) => match curve {
            EvmCurve::Directional { .. } | EvmCurve::CamelotStable { .. } => camelot::encode(curve, pair),
            _ => solidly::encode(curve, pair),
        },
        EvmState::StableSwap(pool) => curve_pool::encode(pool),
        EvmState::BalancerStable(pool) => balancer::encode_stable(pool),
        EvmState::Weighted(pool) => balancer::encode_weighted(pool),
        EvmState::Ticks(pool) => concentrated_forks::encode(pool),
    }
}

/// Apply to a state of this family; on error the state must be considered lost.
pub(super) fn apply(change: &Change, curve: &Curve, state: &mut EvmState) -> Result<(), Refusal> {
    match (change, state) {
        (Change::Reserves(new), EvmState::Pair(pair)) => {
            pair.reserves = *new;
            Ok(())
        }
        (Change::Fees(fees), EvmState::Pair(pair)) => {
            pair.fees = *fees;
            Ok(())
        }
        (Change::Exchanged { coins: [from, to], amounts: [amount, out] }, EvmState::StableSwap(pool)) => {
            pool.apply(*from, *to, *amount, *out)
        }
        (Change::Traded { tokens: [token_in, token_out], amounts }, EvmState::Weighted(pool)) => {
            pool.apply(*token_in, *token_out, *amounts)
        }
        (Change::Traded { tokens: [token_in, token_out], amounts }, EvmState::BalancerStable(pool)) => {
            pool.apply(*token_in, *token_out, *amounts)
        }
        (change, EvmState::Ticks(pool)) => match curve {
            Curve::Evm(EvmCurve::Dynamic { spacing, .. }) => concentrated_forks::apply(change, *spacing, pool),
            _ => Err(Refusal::Inconsistent),
        },
        _ => Err(Refusal::Inconsistent),
    }
}
