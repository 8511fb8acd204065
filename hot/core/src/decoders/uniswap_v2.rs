//! Uniswap V2 pairs: `Sync(uint112,uint112)` logs, snapshots from storage slot 8.

use ruint::aliases::U256;

use super::bytes::{unsigned, word, words};
use super::{Change, Event};
use crate::curves::Reserves;
use crate::error::Refusal;

/// `keccak("Sync(uint112,uint112)")`.
pub const SYNC: [u8; 32] = [
    0x1c, 0x41, 0x1e, 0x9a, 0x96, 0xe0, 0x71, 0x24, 0x1c, 0x2f, 0x21, 0xf7, 0x72, 0x6b, 0x17, 0xae, //
    0x89, 0xe3, 0xca, 0xb4, 0xc7, 0x8b, 0xe5, 0x0e, 0x06, 0x2b, 0x03, 0xa9, 0xff, 0xfb, 0xba, 0xd1,
];

/// Door: 20 bytes of address, then the topic.
pub(super) fn event(door: &[u8]) -> Option<Event> {
    (door.len() == 52 && door[20..] == SYNC).then_some(Event::Sync)
}

/// Log data: two words.
pub(super) fn decode(data: &[u8]) -> Result<Change, Refusal> {
    if data.len() != 64 {
        return Err(Refusal::Length);
    }
    let (r0, r1) = (unsigned(word(data, 0)?, 112)?, unsigned(word(data, 1)?, 112)?);
    Ok(Change::Reserves(Reserves { r0, r1 }))
}

/// One packed word: bits 0..112 reserve 0, 112..224 reserve 1, the rest a timestamp.
pub(super) fn snapshot(data: &[u8]) -> Result<Reserves, Refusal> {
    if data.len() != 32 {
        return Err(Refusal::Length);
    }
    let packed = word(data, 0)?;
    let mask = (U256::ONE << 112) - U256::ONE;
    Ok(Reserves { r0: unsigned(packed & mask, 112)?, r1: unsigned((packed >> 112) & mask, 112)? })
}

/// The word that [`snapshot`] reads, without a timestamp.
pub(super) fn encode(reserves: &Reserves) -> Vec<u8> {
    words(&[U256::from(reserves.r0) | U256::from(reserves.r1) << 112])
}
