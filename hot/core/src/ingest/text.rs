//! Base64 and hex as nodes write them, decoded into buffers that are used again.

use super::Refused;

const NONE: u8 = 0xff;
const BASE64: [u8; 256] = table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const HEX: [u8; 256] = hex_table();

/// Append the bytes of padded standard base64; the unused bits of the last sign are not looked at, as in Python.
pub fn base64_into(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let signs = text.get(..text.len() - padding).unwrap_or_default();
    if text.len() % 4 != 0 || signs.iter().any(|sign| BASE64[usize::from(*sign)] == NONE) {
        return Err(Refused::Base64);
    }
    out.reserve(text.len() / 4 * 3);
    let mut groups = signs.chunks_exact(4);
    for group in groups.by_ref() {
        out.extend_from_slice(&bits(group).to_be_bytes()[1..]);
    }
    let rest = groups.remainder();
    if !rest.is_empty() {
        let last = (bits(rest) << (6 * padding)).to_be_bytes();
        out.extend_from_slice(last.get(1..4 - padding).unwrap_or_default());
    }
    Ok(())
}

/// Append the bytes of `0x…` text.
pub fn hex_into(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
    let digits = text.strip_prefix(b"0x").ok_or(Refused::Hex)?;
    if digits.len() % 2 != 0 {
        return Err(Refused::Hex);
    }
    out.reserve(digits.len() / 2);
    let mut seen = 0;
    for pair in digits.chunks_exact(2) {
        let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
        seen |= high | low;
        out.push((high << 4) | (low & 15));
    }
    if seen == NONE {
        return Err(Refused::Hex);
    }
    Ok(())
}

/// Fill an array from `0x…` text of exactly its length.
pub fn hex_exact<const N: usize>(text: &[u8]) -> Result<[u8; N], Refused> {
    let digits = text.strip_prefix(b"0x").ok_or(Refused::Hex)?;
    if digits.len() != 2 * N {
        return Err(Refused::Hex);
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
        if high == NONE || low == NONE {
            return Err(Refused::Hex);
        }
        *byte = (high << 4) | low;
    }
    Ok(out)
}

/// A `0x…` number; more than 64 bits is `Range`.
pub fn quantity(text: &[u8]) -> Result<u64, Refused> {
    let digits = text.strip_prefix(b"0x").ok_or(Refused::Hex)?;
    if digits.is_empty() || digits.len() > 64 || digits.iter().any(|digit| HEX[usize::from(*digit)] == NONE) {
        return Err(Refused::Hex);
    }
    digits
        .iter()
        .try_fold(0u64, |sum, digit| Some(sum.checked_mul(16)? | u64::from(HEX[usize::from(*digit)])))
        .ok_or(Refused::Range)
}

fn bits(signs: &[u8]) -> u32 {
    signs.iter().fold(0, |sum, sign| (sum << 6) | u32::from(BASE64[usize::from(*sign)]))
}

const fn table(alphabet: &[u8]) -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut at = 0;
    while at < alphabet.len() {
        values[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    values
}

const fn hex_table() -> [u8; 256] {
    let mut values = table(b"0123456789abcdef");
    let mut at = 10;
    while at < 16 {
        values[b"ABCDEF"[at - 10] as usize] = at as u8;
        at += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(text: &str) -> Result<Vec<u8>, Refused> {
        let mut out = Vec::new();
        base64_into(text.as_bytes(), &mut out).map(|()| out)
    }

    #[test]
    fn base64_of_every_length() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")] {
            assert_eq!(base64(text).as_deref(), Ok(bytes.as_bytes()));
        }
        assert_eq!(base64("+/+/"), Ok(vec![0xfb, 0xff, 0xbf]));
    }

    #[test]
    fn base64_that_is_none() {
        for text in ["A", "AA", "AAA", "A===", "====", "AA=A", "=AAA", "AA==AAAA", "AA-_", "AA A", "AAAA\n"] {
            assert_eq!(base64(text), Err(Refused::Base64), "{text}");
        }
    }

    #[test]
    fn hex_that_is_and_is_none() {
        let mut out = Vec::new();
        assert_eq!(hex_into(b"0x00fFAb", &mut out), Ok(()));
        assert_eq!(out, [0, 255, 0xab]);
        for text in ["", "00", "0x0", "0xg0", "0x0g", "0X00", "0x "] {
            assert_eq!(hex_into(text.as_bytes(), &mut out), Err(Refused::Hex), "{text}");
            assert_eq!(hex_exact::<1>(text.as_bytes()), Err(Refused::Hex), "{text}");
        }
        assert_eq!(hex_exact::<2>(b"0x0aB1"), Ok([0x0a, 0xb1]));
    }

    #[test]
    fn quantities_have_64_bits() {
        assert_eq!(quantity(b"0xffffffffffffffff"), Ok(u64::MAX));
        assert_eq!(quantity(b"0x10000000000000000"), Err(Refused::Range));
        assert_eq!(quantity(b"0x"), Err(Refused::Hex));
        assert_eq!(quantity(b"12"), Err(Refused::Hex));
    }
}
