//! Uniswap V3 pools: `Swap`, `Mint`, `Burn` and `Initialize` logs; snapshots from storage words.
//!
//! Log bytes are the indexed topics (without the first) and the data, one after the other, all words.

use ruint::aliases::U256;

use super::bytes::{array, int24, unsigned, word, words};
use super::{Change, Event};
use crate::curves::concentrated::Ticks;
use crate::curves::Curve;
use crate::error::Refusal;

const TOPICS: [([u8; 8], Event); 4] = [
    ([0xc4, 0x20, 0x79, 0xf9, 0x4a, 0x63, 0x50, 0xd7], Event::Swap),
    ([0x7a, 0x53, 0x08, 0x0b, 0xa4, 0x14, 0x15, 0x8b], Event::Mint),
    ([0x0c, 0x39, 0x6c, 0xd9, 0x89, 0xa3, 0x9f, 0x44], Event::Burn),
    ([0x98, 0x63, 0x60, 0x36, 0xcb, 0x66, 0xa9, 0xc1], Event::Initialize),
];

const HEAD: usize = 64;
const TICK: usize = 36;
const MAX_TICKS: usize = 65_536;

/// Door: 20 bytes of address, then the topic. Eight bytes of a topic tell the four events apart.
pub(super) fn event(door: &[u8]) -> Option<Event> {
    if door.len() != 52 {
        return None;
    }
    TOPICS.iter().find(|(topic, _)| door[20..28] == *topic).map(|(_, event)| *event)
}

pub(super) fn decode(event: Event, data: &[u8]) -> Result<Change, Refusal> {
    let words = match event {
        Event::Swap | Event::Mint => 7,
        Event::Burn => 6,
        Event::Initialize => 2,
        _ => return Err(Refusal::Inconsistent),
    };
    if data.len() != words * 32 {
        return Err(Refusal::Length);
    }
    match event {
        Event::Swap => Ok(Change::Swapped {
            sqrt_price: price(word(data, 4)?)?,
            liquidity: unsigned(word(data, 5)?, 128)?,
            tick: int24(word(data, 6)?)?,
        }),
        Event::Mint => position(data, unsigned(word(data, 4)?, 127)?, false),
        Event::Burn => position(data, unsigned(word(data, 3)?, 127)?, true),
        _ => Ok(Change::Initialized { sqrt_price: price(word(data, 0)?)?, tick: int24(word(data, 1)?)? }),
    }
}

pub(super) fn apply(change: &Change, curve: &Curve, ticks: &mut Ticks) -> Result<(), Refusal> {
    let Curve::Concentrated { fee_pips, tick_spacing } = *curve else {
        return Err(Refusal::Inconsistent);
    };
    apply_at(change, fee_pips, tick_spacing, ticks)
}

/// The same with the fee and spacing told; forks keep them elsewhere.
pub(super) fn apply_at(change: &Change, fee_pips: u32, tick_spacing: i32, ticks: &mut Ticks) -> Result<(), Refusal> {
    match *change {
        Change::Swapped { sqrt_price, tick, liquidity } => {
            ticks.move_to(sqrt_price, tick, liquidity)?;
            ticks.reindex(fee_pips, tick_spacing);
            // An index that fits has found the same liquidity in the ticks.
            if ticks.crossing(true).is_sound() {
                return Ok(());
            }
            ticks.check()
        }
        Change::Initialized { sqrt_price, tick } => {
            if !ticks.sqrt_price.is_zero() {
                return Err(Refusal::Inconsistent);
            }
            ticks.move_to(sqrt_price, tick, 0)
        }
        Change::Position { lower, upper, delta } => {
            if ticks.marks().len() >= MAX_TICKS {
                return Err(Refusal::Range);
            }
            ticks.change_position(lower, upper, delta, tick_spacing)?;
            ticks.reindex_from(lower, upper, fee_pips, tick_spacing);
            Ok(())
        }
        Change::Nothing => Ok(()),
        _ => Err(Refusal::Inconsistent),
    }
}

/// `slot0` word, liquidity word, then `(i32 tick, first word of ticks[tick])` in any order.
pub(super) fn snapshot(curve: &Curve, data: &[u8]) -> Result<Ticks, Refusal> {
    let Curve::Concentrated { fee_pips, tick_spacing } = *curve else {
        return Err(Refusal::Inconsistent);
    };
    snapshot_at(word(data, 0)?, word(data, 1)?, data.get(HEAD..).unwrap_or(&[]), fee_pips, tick_spacing)
}

/// Ticks from the word that holds price and tick, the liquidity word, and the ticks' bytes.
pub(super) fn snapshot_at(
    slot0: U256,
    liquidity: U256,
    data: &[u8],
    fee_pips: u32,
    tick_spacing: i32,
) -> Result<Ticks, Refusal> {
    if data.len() % TICK != 0 || data.len() / TICK > MAX_TICKS {
        return Err(Refusal::Length);
    }
    let sqrt_price = slot0 & ((U256::ONE << 160) - U256::ONE);
    // Shift the 24 bits up to the sign of an i32 and back down, which extends the sign.
    let upper: U256 = slot0 >> 160;
    let tick = (((upper.as_limbs()[0] as u32) << 8) as i32) >> 8;
    let liquidity = unsigned(liquidity, 128)?;
    let mut marks = Vec::with_capacity(data.len() / TICK);
    for at in (0..data.len()).step_by(TICK) {
        let mark = i32::from_be_bytes(array(data, at)?);
        let net = i128::from_be_bytes(array(data, at + 4)?);
        let gross = u128::from_be_bytes(array(data, at + 20)?);
        if gross != 0 {
            marks.push((mark, gross, net));
        }
    }
    marks.sort_unstable_by_key(|mark| mark.0);
    let mut ticks = Ticks::at(sqrt_price, tick, liquidity)?;
    for (mark, gross, net) in marks {
        ticks.push(mark, gross, net, tick_spacing)?;
    }
    ticks.check()?;
    ticks.reindex(fee_pips, tick_spacing);
    Ok(ticks)
}

/// The bytes that [`snapshot`] reads, with these words between the liquidity and the ticks.
pub(super) fn encode(ticks: &Ticks, between: &[U256]) -> Vec<u8> {
    let tick = U256::from(ticks.tick as u32 & 0xff_ffff) << 160;
    let mut bytes = words(&[&[ticks.sqrt_price | tick, U256::from(ticks.liquidity)], between].concat());
    for mark in ticks.marks() {
        bytes.extend(mark.tick.to_be_bytes());
        bytes.extend(mark.net.to_be_bytes());
        bytes.extend(mark.gross.to_be_bytes());
    }
    bytes
}

fn position(data: &[u8], amount: u128, taken: bool) -> Result<Change, Refusal> {
    let (lower, upper) = (int24(word(data, 1)?)?, int24(word(data, 2)?)?);
    let amount = i128::try_from(amount).map_err(|_| Refusal::Range)?;
    if amount == 0 {
        // A burn of zero only collects fees.
        return Ok(Change::Nothing);
    }
    Ok(Change::Position { lower, upper, delta: if taken { -amount } else { amount } })
}

fn price(value: U256) -> Result<U256, Refusal> {
    if value.is_zero() || value.bit_len() > 160 {
        return Err(Refusal::Range);
    }
    Ok(value)
}
