//! The EIP-1559 envelope: `0x02 || rlp([chain id, nonce, max priority fee, max fee, gas, to, value, data, access list])`,
//! and with y parity, r and s appended once it is signed.

use std::ops::Range;

use sha3::{Digest, Keccak256};

use super::rlp;
use super::TxError;

/// The transaction type byte.
pub(super) const TYPE: u8 = 2;
/// Items of an unsigned transaction.
pub(super) const FIELDS: usize = 9;
/// Receiver.
pub(super) const TO: usize = 5;
/// Calldata.
pub(super) const DATA: usize = 7;
/// Access list, the only field that is a list.
pub(super) const ACCESS: usize = 8;
/// Largest transaction that public pools take (geth: `txMaxSize`).
const MAX_TRANSACTION: usize = 128 * 1024;

/// The hash Ethereum uses, over the parts in a row.
#[must_use]
pub fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Keccak256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Where an unsigned transaction's list begins, and the content of each field.
pub(super) struct Unsigned {
    pub(super) body: usize,
    pub(super) fields: [Range<usize>; FIELDS],
}

/// Read an unsigned transaction to its last byte: numbers without leading zeros, one receiver.
pub(super) fn read(unsigned: &[u8]) -> Result<Unsigned, TxError> {
    if unsigned.len() > MAX_TRANSACTION {
        return Err(TxError::Size);
    }
    if unsigned.first() != Some(&TYPE) {
        return Err(TxError::Layout);
    }
    let (list, content) = rlp::item(unsigned, 1)?;
    if !list || content.end != unsigned.len() {
        return Err(TxError::Layout);
    }
    let mut at = content.start;
    let mut fields = [const { 0..0 }; FIELDS];
    for (index, field) in fields.iter_mut().enumerate() {
        let (list, range) = rlp::item(unsigned, at)?;
        at = range.end;
        let text = &unsigned[range.clone()];
        let right = match index {
            ACCESS => list,
            DATA => !list,
            TO => !list && text.len() == 20,
            _ => !list && text.len() <= 32 && text.first() != Some(&0),
        };
        if !right {
            return Err(TxError::Layout);
        }
        *field = range;
    }
    if at != unsigned.len() {
        return Err(TxError::Layout);
    }
    Ok(Unsigned { body: content.start, fields })
}

/// Write `0x02 || list(body || tail)`; `out` is cleared first.
pub(super) fn write(out: &mut Vec<u8>, body: &[u8], tail: &[u8]) {
    let (prefix, len) = rlp::list_prefix(body.len() + tail.len());
    out.clear();
    out.push(TYPE);
    out.extend_from_slice(&prefix[..len]);
    out.extend_from_slice(body);
    out.extend_from_slice(tail);
}

/// The hash that is signed.
pub(super) fn digest(body: &[u8]) -> [u8; 32] {
    let (prefix, len) = rlp::list_prefix(body.len());
    keccak(&[&[TYPE], &prefix[..len], body])
}
