//! Byte layouts, one file each; [`Decoder`] is the closed set of them. Layouts: `docs/connectors/decoders.md`.

pub mod balancer;
pub mod bytes;
pub mod camelot;
pub mod concentrated_forks;
pub mod curve;
pub mod evm;
pub mod hoploop_amm;
pub mod solidly;
pub mod uniswap_v2;
pub mod uniswap_v3;

use ruint::aliases::U256;

use crate::curves::{Curve, Reserves, State};
use crate::error::{wrong, Refusal, WiringError};
use evm::EvmDecoder;

/// Which layout the bytes of a pool have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// `Sync` logs of a Uniswap V2 pair.
    UniswapV2,
    /// Logs of a Uniswap V3 pool.
    UniswapV3,
    /// The whole account of Hoploop's own Solana AMM.
    HoploopAmm,
    /// A layout of the other EVM venues.
    Evm(EvmDecoder),
    /// Accounts of a venue: its pool's book reads them, see [`crate::venues::book`].
    Accounts,
}

/// What arrives at a door, found once when the door is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The bytes are the whole account.
    Account,
    /// Uniswap V2 `Sync`.
    Sync,
    /// Uniswap V3 `Swap`.
    Swap,
    /// Uniswap V3 `Mint`.
    Mint,
    /// Uniswap V3 `Burn`.
    Burn,
    /// Uniswap V3 `Initialize`.
    Initialize,
    /// `Swap` with two words more than Uniswap's.
    WideSwap,
    /// `Burn` with one word more than Uniswap's.
    WideBurn,
    /// New fee of both directions.
    Fee,
    /// New fee of each direction.
    Fees,
    /// An exchange between two coins.
    Exchange,
    /// Anything that changes more than is told: the pool must be read again.
    Reread,
}

/// A decoded update, not yet applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Both reserves, absolute.
    Reserves(Reserves),
    /// Price, tick and active liquidity after a swap.
    Swapped {
        /// Q64.96.
        sqrt_price: U256,
        /// Tick afterwards.
        tick: i32,
        /// Active liquidity afterwards.
        liquidity: u128,
    },
    /// First price of a pool.
    Initialized {
        /// Q64.96.
        sqrt_price: U256,
        /// Tick of that price.
        tick: i32,
    },
    /// Liquidity of a position, a difference.
    Position {
        /// Lower tick.
        lower: i32,
        /// Upper tick.
        upper: i32,
        /// Positive when added.
        delta: i128,
    },
    /// Fee of each direction, over the curve's denominator.
    Fees([u32; 2]),
    /// An exchange between coins by position.
    Exchanged {
        /// Positions of input and output.
        coins: [usize; 2],
        /// Input and output.
        amounts: [U256; 2],
    },
    /// A swap between tokens by address.
    Traded {
        /// Addresses of input and output, as words.
        tokens: [U256; 2],
        /// Input and output.
        amounts: [U256; 2],
    },
    /// Nothing that matters for prices.
    Nothing,
}

impl Decoder {
    /// The decoder of this name, when it can feed this curve.
    pub fn parse(name: &str, curve: &Curve) -> Result<Self, WiringError> {
        let decoder = match name {
            "uniswap_v2" => Self::UniswapV2,
            "uniswap_v3" => Self::UniswapV3,
            "hoploop_amm" => Self::HoploopAmm,
            other => match EvmDecoder::parse(other) {
                Some(decoder) => Self::Evm(decoder),
                None => return wrong(format!("unknown decoder {other:?}")),
            },
        };
        if !decoder.feeds(curve) {
            return wrong(format!("decoder {name:?} does not feed this curve"));
        }
        Ok(decoder)
    }

    /// What arrives at this door; wrong when the decoder does not know it.
    pub fn event(self, door: &[u8]) -> Result<Event, WiringError> {
        let event = match self {
            Self::UniswapV2 => uniswap_v2::event(door),
            Self::UniswapV3 => uniswap_v3::event(door),
            Self::HoploopAmm => (door.len() == 32).then_some(Event::Account),
            Self::Evm(decoder) => decoder.event(door),
            Self::Accounts => None,
        };
        event.map_or_else(|| wrong("a door is not one this decoder knows"), Ok)
    }

    /// Whether each update is the whole state, so that only the newest counts.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        match self {
            Self::UniswapV2 | Self::HoploopAmm | Self::Accounts => true,
            Self::UniswapV3 => false,
            Self::Evm(decoder) => decoder.is_whole(),
        }
    }

    /// Whether its pools have more than two coins, so that several pairs may share one.
    #[must_use]
    pub const fn is_of_coins(self) -> bool {
        matches!(self, Self::Evm(EvmDecoder::Curve | EvmDecoder::BalancerV2))
    }

    const fn feeds(self, curve: &Curve) -> bool {
        match self {
            Self::UniswapV2 | Self::HoploopAmm => {
                matches!(curve, Curve::ConstantProduct(_) | Curve::ConstantProductFeeFirst(_))
            }
            Self::UniswapV3 => matches!(curve, Curve::Concentrated { .. }),
            Self::Evm(decoder) => decoder.feeds(curve),
            Self::Accounts => matches!(curve, Curve::Venue),
        }
    }

    /// Decode an update; no state is needed or touched.
    #[inline]
    pub fn decode(self, event: Event, curve: &Curve, data: &[u8]) -> Result<Change, Refusal> {
        match self {
            Self::UniswapV2 => uniswap_v2::decode(data),
            Self::UniswapV3 => uniswap_v3::decode(event, data),
            Self::HoploopAmm => hoploop_amm::decode(curve, data).map(Change::Reserves),
            Self::Evm(decoder) => decoder.decode(event, data),
            Self::Accounts => Err(Refusal::Unsupported),
        }
    }

    /// Decode a snapshot into a whole state.
    pub fn snapshot(self, curve: &Curve, data: &[u8]) -> Result<State, Refusal> {
        match self {
            Self::UniswapV2 => uniswap_v2::snapshot(data).map(State::Reserves),
            Self::UniswapV3 => uniswap_v3::snapshot(curve, data).map(|ticks| State::Ticks(Box::new(ticks))),
            Self::HoploopAmm => hoploop_amm::decode(curve, data).map(State::Reserves),
            Self::Evm(decoder) => decoder.snapshot(curve, data),
            Self::Accounts => Err(Refusal::Unsupported),
        }
    }

    /// The bytes that [`Decoder::snapshot`] reads as this state; `None` when it is not one of this decoder's.
    #[must_use]
    pub fn encode(self, curve: &Curve, state: &State) -> Option<Vec<u8>> {
        match (self, curve, state) {
            (Self::UniswapV2, _, State::Reserves(reserves)) => Some(uniswap_v2::encode(reserves)),
            (
                Self::HoploopAmm,
                Curve::ConstantProduct(fee) | Curve::ConstantProductFeeFirst(fee),
                State::Reserves(reserves),
            ) => hoploop_amm::encode(*fee, reserves),
            (_, _, State::Ticks(ticks)) => Some(uniswap_v3::encode(ticks, &[])),
            (Self::Evm(_), Curve::Evm(curve), State::Evm(held)) => Some(evm::encode(curve, held)),
            _ => None,
        }
    }
}

impl Change {
    /// Apply to a state; on error the state must be considered lost.
    pub fn apply(&self, curve: &Curve, state: &mut State) -> Result<(), Refusal> {
        match (self, state) {
            (Self::Nothing, _) => Ok(()),
            (Self::Reserves(new), State::Reserves(held)) => {
                *held = *new;
                Ok(())
            }
            (change, State::Evm(held)) => evm::apply(change, curve, held),
            (change, State::Ticks(ticks)) => uniswap_v3::apply(change, curve, ticks),
            _ => Err(Refusal::Inconsistent),
        }
    }
}
