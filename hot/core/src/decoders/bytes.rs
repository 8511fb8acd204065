//! Bounds-checked reading of fixed layouts.

use ruint::aliases::U256;

use crate::error::Refusal;

/// `N` bytes at an offset; `Length` when they are not there.
pub fn array<const N: usize>(data: &[u8], at: usize) -> Result<[u8; N], Refusal> {
    let end = at.checked_add(N).ok_or(Refusal::Length)?;
    let slice = data.get(at..end).ok_or(Refusal::Length)?;
    slice.try_into().map_err(|_| Refusal::Length)
}

/// The `index`-th 32-byte word, big-endian.
pub fn word(data: &[u8], index: usize) -> Result<U256, Refusal> {
    let at = index.checked_mul(32).ok_or(Refusal::Length)?;
    Ok(U256::from_be_bytes(array::<32>(data, at)?))
}

/// Words one after the other, big-endian.
#[must_use]
pub fn words(values: &[U256]) -> Vec<u8> {
    values.iter().flat_map(U256::to_be_bytes::<32>).collect()
}

/// A word that must fit `bits` bits, at most 128.
pub fn unsigned(value: U256, bits: usize) -> Result<u128, Refusal> {
    if value.bit_len() > bits {
        return Err(Refusal::Range);
    }
    u128::try_from(value).map_err(|_| Refusal::Range)
}

/// A sign-extended ABI word that must be an `int24`.
pub fn int24(value: U256) -> Result<i32, Refusal> {
    let low = value.as_limbs()[0] as u32 as i32;
    let extension = if low < 0 { U256::MAX } else { U256::ZERO };
    if value >> 23 != extension >> 23 {
        return Err(Refusal::Range);
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_signed_ticks_and_refuses_wider_ones() {
        assert_eq!(int24(U256::MAX), Ok(-1));
        assert_eq!(int24(U256::from(8_388_607)), Ok(8_388_607));
        assert_eq!(int24(U256::from(8_388_608)), Err(Refusal::Range));
        assert_eq!(int24(U256::MAX - U256::from(8_388_607)), Ok(-8_388_608));
        assert_eq!(int24(U256::MAX - U256::from(8_388_608)), Err(Refusal::Range));
    }
}
