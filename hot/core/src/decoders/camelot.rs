//! Camelot V2 pairs: `Sync(uint112,uint112)` and `FeePercentUpdated` logs, snapshots from four storage words.

use ruint::aliases::U256;

use super::bytes::{unsigned, word, words};
use super::{uniswap_v2, Change, Event};
use crate::curves::evm::EvmCurve;
use crate::curves::pair::Pair;
use crate::curves::Reserves;
use crate::error::Refusal;

/// Fees are over 100000.
pub const FEE_UNIT: u32 = 100_000;

/// First bytes of `keccak("FeePercentUpdated(uint16,uint16)")`.
const FEES: [u8; 8] = [0xa4, 0x87, 0x7b, 0x8e, 0xcb, 0x5a, 0x00, 0xba];
/// First bytes of `keccak("SetStableSwap(bool,bool)")`.
const STABLE: [u8; 8] = [0xb6, 0xa8, 0x67, 0x10, 0xbd, 0xe5, 0x3a, 0xa7];

/// Door: 20 bytes of address, then the topic.
pub(super) fn event(door: &[u8]) -> Option<Event> {
    if door.len() != 52 {
        return None;
    }
    if door[20..28] == FEES {
        return Some(Event::Fees);
    }
    if door[20..28] == STABLE {
        return Some(Event::Reread);
    }
    uniswap_v2::event(door)
}

/// Log data: two words.
pub(super) fn decode(event: Event, data: &[u8]) -> Result<Change, Refusal> {
    if event == Event::Sync {
        return uniswap_v2::decode(data);
    }
    if data.len() != 64 {
        return Err(Refusal::Length);
    }
    let fee = |at| unsigned(word(data, at)?, 16).map(|fee| fee as u32);
    Ok(Change::Fees([fee(0)?, fee(1)?]))
}

/// Storage words 8 (reserves and fees), 9 and 10 (units of one token), 12 (kind). `Unsupported` when the recipe names
/// the other kind of pair.
pub(super) fn snapshot(curve: &EvmCurve, data: &[u8]) -> Result<Pair, Refusal> {
    if data.len() != 4 * 32 {
        return Err(Refusal::Length);
    }
    let packed = word(data, 0)?;
    let part = |from: usize, bits: usize| unsigned((packed >> from) & ((U256::ONE << bits) - U256::ONE), bits);
    let stable = word(data, 3)? & U256::from(0xff);
    if stable.is_zero() == matches!(curve, EvmCurve::CamelotStable { .. }) {
        return Err(Refusal::Unsupported);
    }
    let scale = [unsigned(word(data, 1)?, 128)?, unsigned(word(data, 2)?, 128)?];
    if scale.contains(&0) {
        return Err(Refusal::Range);
    }
    let fees = [part(224, 16)? as u32, part(240, 16)? as u32];
    Ok(Pair { reserves: Reserves { r0: part(0, 112)?, r1: part(112, 112)? }, fees, scale })
}

/// The words that [`snapshot`] reads.
pub(super) fn encode(curve: &EvmCurve, pair: &Pair) -> Vec<u8> {
    let [fee0, fee1] = pair.fees.map(U256::from);
    let packed = U256::from(pair.reserves.r0) | U256::from(pair.reserves.r1) << 112 | fee0 << 224 | fee1 << 240;
    let stable = U256::from(matches!(curve, EvmCurve::CamelotStable { .. }) as u8);
    words(&[packed, U256::from(pair.scale[0]), U256::from(pair.scale[1]), stable])
}
