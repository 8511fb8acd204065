//! Hoploop's own Solana AMM: the whole 176-byte pool account, little-endian. Layout: `contracts/solana/README.md`.

use super::bytes::array;
use crate::curves::{Curve, Fee, Reserves};
use crate::error::Refusal;

const SIZE: usize = 176;
const MAGIC: [u8; 8] = *b"HOPAMM01";

/// Reserves of the account; `Fee` when the account charges another fee than the recipe says.
pub(super) fn decode(curve: &Curve, data: &[u8]) -> Result<Reserves, Refusal> {
    if data.len() != SIZE {
        return Err(Refusal::Length);
    }
    if array::<8>(data, 0)? != MAGIC {
        return Err(Refusal::Magic);
    }
    let num = u64::from(u32::from_le_bytes(array(data, 8)?));
    let den = u64::from(u32::from_le_bytes(array(data, 12)?));
    let (Curve::ConstantProduct(fee) | Curve::ConstantProductFeeFirst(fee)) = curve else {
        return Err(Refusal::Fee);
    };
    if den == 0 || num * u64::from(fee.den) != u64::from(fee.num) * den {
        return Err(Refusal::Fee);
    }
    let reserve = |at| array(data, at).map(|bytes| u128::from(u64::from_le_bytes(bytes)));
    Ok(Reserves { r0: reserve(152)?, r1: reserve(160)? })
}

/// An account that [`decode`] reads as these reserves; `None` when one is too large for the program.
pub(super) fn encode(fee: Fee, reserves: &Reserves) -> Option<Vec<u8>> {
    let mut data = vec![0; SIZE];
    let fields = [
        (0, u64::from_le_bytes(MAGIC)),
        (8, u64::from(fee.den) << 32 | u64::from(fee.num)),
        (152, u64::try_from(reserves.r0).ok()?),
        (160, u64::try_from(reserves.r1).ok()?),
    ];
    for (at, value) in fields {
        data.get_mut(at..at + 8)?.copy_from_slice(&value.to_le_bytes());
    }
    Some(data)
}
