//! Forks of Uniswap V3: other `Swap` and `Burn` words, other words for price and tick, fees that change.

use ruint::aliases::U256;

use super::bytes::{unsigned, word};
use super::{uniswap_v3, Change, Event};
use crate::curves::concentrated_dynamic::DynamicTicks;
use crate::error::Refusal;

/// First bytes of PancakeSwap V3's `Swap`, which adds two protocol fees.
const PANCAKE_SWAP: [u8; 8] = [0x19, 0xb4, 0x72, 0x79, 0x25, 0x6b, 0x2a, 0x23];
/// First bytes of the topics only Algebra has.
const ALGEBRA: [([u8; 8], Event); 4] = [
    ([0x12, 0x1c, 0xb4, 0x4e, 0xe5, 0x40, 0x98, 0xb1], Event::WideSwap),
    ([0x93, 0x22, 0x14, 0xd4, 0xa6, 0x9c, 0x27, 0xc0], Event::WideBurn),
    ([0x59, 0x8b, 0x9f, 0x04, 0x3c, 0x81, 0x3a, 0xa6], Event::Fee),
    ([0x8a, 0x89, 0xde, 0x70, 0x85, 0x6b, 0xcc, 0xec], Event::Fees),
];

/// Words before the ticks: price and tick, liquidity, fees.
const HEAD: usize = 3;

pub(super) fn pancake_event(door: &[u8]) -> Option<Event> {
    if door.len() == 52 && door[20..28] == PANCAKE_SWAP {
        return Some(Event::WideSwap);
    }
    uniswap_v3::event(door).filter(|event| *event != Event::Swap)
}

pub(super) fn algebra_event(door: &[u8]) -> Option<Event> {
    let own = (door.len() == 52).then(|| ALGEBRA.iter().find(|(topic, _)| door[20..28] == *topic)).flatten();
    own.map(|(_, event)| *event).or_else(|| uniswap_v3::event(door))
}

/// As Uniswap's, with the words that forks append left out.
pub(super) fn decode(event: Event, data: &[u8]) -> Result<Change, Refusal> {
    match event {
        Event::WideSwap => uniswap_v3::decode(Event::Swap, shorter(data, 9, 7)?),
        Event::WideBurn => uniswap_v3::decode(Event::Burn, shorter(data, 7, 6)?),
        Event::Fee => {
            let fee = unsigned(word(shorter(data, 1, 1)?, 0)?, 16)? as u32;
            Ok(Change::Fees([fee; 2]))
        }
        Event::Fees => {
            let data = shorter(data, 2, 2)?;
            Ok(Change::Fees([unsigned(word(data, 0)?, 16)? as u32, unsigned(word(data, 1)?, 16)? as u32]))
        }
        event => uniswap_v3::decode(event, data),
    }
}

/// The word with price (160 bits) and tick (24), the liquidity word, the fee word (asset 0 in: low 24 bits; asset 1 in:
/// the 24 above), then ticks as Uniswap's.
pub(super) fn snapshot(data: &[u8], spacing: i32) -> Result<DynamicTicks, Refusal> {
    let (slot0, liquidity) = (word(data, 0)?, word(data, 1)?);
    let packed = unsigned(word(data, 2)?, 48)?;
    let fees = [(packed & 0xff_ffff) as u32, (packed >> 24) as u32];
    if fees.iter().any(|fee| *fee >= 1_000_000) {
        return Err(Refusal::Range);
    }
    // The index is kept for the fee of asset 0; a swap with another fee walks.
    let tail = data.get(HEAD * 32..).unwrap_or(&[]);
    Ok(DynamicTicks { ticks: uniswap_v3::snapshot_at(slot0, liquidity, tail, fees[0], spacing)?, fees })
}

/// The bytes that [`snapshot`] reads.
pub(super) fn encode(pool: &DynamicTicks) -> Vec<u8> {
    let [zero, one] = pool.fees.map(u64::from);
    uniswap_v3::encode(&pool.ticks, &[U256::from(one << 24 | zero)])
}

pub(super) fn apply(change: &Change, spacing: i32, pool: &mut DynamicTicks) -> Result<(), Refusal> {
    if let Change::Fees(fees) = *change {
        pool.fees = fees;
        pool.ticks.reindex(fees[0], spacing);
        return Ok(());
    }
    uniswap_v3::apply_at(change, pool.fees[0], spacing, &mut pool.ticks)
}

fn shorter(data: &[u8], words: usize, kept: usize) -> Result<&[u8], Refusal> {
    if data.len() != words * 32 {
        return Err(Refusal::Length);
    }
    data.get(..kept * 32).ok_or(Refusal::Length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_swap_with_appended_words() {
        let mut data = vec![0; 9 * 32];
        data[5 * 32 - 1] = 7;
        let Ok(Change::Swapped { sqrt_price, tick, .. }) = decode(Event::WideSwap, &data) else {
            panic!("not a swap");
        };
        assert_eq!((sqrt_price, tick), (U256::from(7), 0));
        assert_eq!(decode(Event::WideSwap, &data[32..]), Err(Refusal::Length));
    }

    #[test]
    fn a_pancake_pool_never_emits_uniswaps_swap() {
        let door = [vec![1; 20], vec![0xc4, 0x20, 0x79, 0xf9, 0x4a, 0x63, 0x50, 0xd7], vec![0; 24]].concat();
        assert_eq!(pancake_event(&door), None);
        assert_eq!(algebra_event(&door), Some(Event::Swap));
    }
}
