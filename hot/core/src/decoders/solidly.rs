//! Solidly pools: `Sync(uint256,uint256)` logs, snapshots from the answer of `metadata()`.

use ruint::aliases::U256;

use super::bytes::{unsigned, word, words};
use super::{Change, Event};
use crate::curves::evm::EvmCurve;
use crate::curves::pair::Pair;
use crate::curves::Reserves;
use crate::error::Refusal;

/// First bytes of `keccak("Sync(uint256,uint256)")`.
const SYNC: [u8; 8] = [0xcf, 0x2a, 0xa5, 0x08, 0x76, 0xcd, 0xfb, 0xb5];

/// Door: 20 bytes of address, then the topic.
pub(super) fn event(door: &[u8]) -> Option<Event> {
    (door.len() == 52 && door[20..28] == SYNC).then_some(Event::Sync)
}

/// Log data: two words.
pub(super) fn decode(data: &[u8]) -> Result<Change, Refusal> {
    if data.len() != 64 {
        return Err(Refusal::Length);
    }
    Ok(Change::Reserves(Reserves { r0: unsigned(word(data, 0)?, 128)?, r1: unsigned(word(data, 1)?, 128)? }))
}

/// Seven words: units of one token 0 and token 1, reserves, `stable`, tokens. `Unsupported` when the recipe names the
/// other kind of pool.
pub(super) fn snapshot(curve: &EvmCurve, data: &[u8]) -> Result<Pair, Refusal> {
    if data.len() != 7 * 32 {
        return Err(Refusal::Length);
    }
    let number = |at| unsigned(word(data, at)?, 128);
    let stable = match number(4)? {
        0 => false,
        1 => true,
        _ => return Err(Refusal::Range),
    };
    if stable != matches!(curve, EvmCurve::SolidlyStable(_)) {
        return Err(Refusal::Unsupported);
    }
    let scale = [number(0)?, number(1)?];
    if scale.contains(&0) {
        return Err(Refusal::Range);
    }
    Ok(Pair { reserves: Reserves { r0: number(2)?, r1: number(3)? }, fees: [0; 2], scale })
}

/// The words that [`snapshot`] reads, without the tokens.
pub(super) fn encode(curve: &EvmCurve, pair: &Pair) -> Vec<u8> {
    let stable = u128::from(matches!(curve, EvmCurve::SolidlyStable(_)));
    words(&[pair.scale[0], pair.scale[1], pair.reserves.r0, pair.reserves.r1, stable, 0, 0].map(U256::from))
}
