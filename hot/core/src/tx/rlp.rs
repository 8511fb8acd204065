//! Recursive-length-prefix encoding (Ethereum yellow paper, appendix B), as far as a typed transaction needs it.

use std::ops::Range;

use super::TxError;

const STRING: u8 = 0x80;
const LIST: u8 = 0xc0;
const SHORT: usize = 55;

/// Most bytes of a prefix.
pub(super) const MAX_PREFIX: usize = 9;

/// Append bytes as a string.
pub(super) fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes {
        [byte] if *byte < STRING => out.push(*byte),
        _ => {
            let (prefix, len) = prefix(STRING, bytes.len());
            out.extend_from_slice(&prefix[..len]);
            out.extend_from_slice(bytes);
        }
    }
}

/// Append a number: its big-endian bytes without leading zeros.
pub(super) fn number(out: &mut Vec<u8>, big_endian: &[u8]) {
    string(out, trimmed(big_endian));
}

/// The prefix of a list whose items have `len` bytes together, and the prefix's length.
pub(super) fn list_prefix(len: usize) -> ([u8; MAX_PREFIX], usize) {
    prefix(LIST, len)
}

/// Without leading zeros.
pub(super) fn trimmed(big_endian: &[u8]) -> &[u8] {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    &big_endian[zeros..]
}

fn prefix(kind: u8, len: usize) -> ([u8; MAX_PREFIX], usize) {
    let mut out = [0; MAX_PREFIX];
    if len <= SHORT {
        out[0] = kind + len as u8;
        return (out, 1);
    }
    let bytes = len.to_be_bytes();
    let digits = trimmed(&bytes);
    out[0] = kind + SHORT as u8 + digits.len() as u8;
    out[1..=digits.len()].copy_from_slice(digits);
    (out, 1 + digits.len())
}

/// One item at `at`: whether it is a list, and where its content is. Only the shortest encoding is one.
pub(super) fn item(bytes: &[u8], at: usize) -> Result<(bool, Range<usize>), TxError> {
    let first = *bytes.get(at).ok_or(TxError::Layout)?;
    if first < STRING {
        return Ok((false, at..at + 1));
    }
    let (list, base) = if first < LIST { (false, STRING) } else { (true, LIST) };
    let short = usize::from(first - base);
    let (start, len) = if short <= SHORT { (at + 1, short) } else { long(bytes, at + 1, short - SHORT)? };
    let end = start.checked_add(len).filter(|end| *end <= bytes.len()).ok_or(TxError::Layout)?;
    if !list && len == 1 && bytes[start] < STRING {
        return Err(TxError::Layout);
    }
    Ok((list, start..end))
}

fn long(bytes: &[u8], at: usize, digits: usize) -> Result<(usize, usize), TxError> {
    let start = at + digits;
    let text = bytes.get(at..start).ok_or(TxError::Layout)?;
    if text.first() == Some(&0) || digits > size_of::<u32>() {
        return Err(TxError::Layout);
    }
    let len = text.iter().fold(0, |len, digit| (len << 8) | usize::from(*digit));
    if len <= SHORT {
        return Err(TxError::Layout);
    }
    Ok((start, len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        string(&mut out, bytes);
        out
    }

    #[test]
    fn strings_are_those_of_the_specification() {
        assert_eq!(encoded(b"dog"), b"\x83dog");
        assert_eq!(encoded(b""), [0x80]);
        assert_eq!(encoded(&[0]), [0]);
        assert_eq!(encoded(&[0x0f]), [0x0f]);
        assert_eq!(encoded(&[0x80]), [0x81, 0x80]);
        assert_eq!(encoded(&[1; 56])[..3], [0xb8, 56, 1]);
        assert_eq!(encoded(&[1; 1024])[..4], [0xb9, 4, 0, 1]);
    }

    #[test]
    fn numbers_have_no_leading_zeros() {
        let mut out = Vec::new();
        number(&mut out, &[0, 0, 4, 0]);
        number(&mut out, &[0; 32]);
        assert_eq!(out, [0x82, 4, 0, 0x80]);
    }

    #[test]
    fn lists_are_those_of_the_specification() {
        assert_eq!(list_prefix(0).0[..1], [0xc0]);
        assert_eq!((list_prefix(55).0[0], list_prefix(55).1), (0xf7, 1));
        assert_eq!((list_prefix(1000).0[..3].to_vec(), list_prefix(1000).1), (vec![0xf9, 3, 0xe8], 3));
    }

    #[test]
    fn longer_encodings_than_needed_are_refused() {
        for bad in [&[0x81, 5][..], &[0xb8, 1, 9], &[0xb9, 0, 60], &[0xbf, 255, 255, 255, 255, 255, 255, 255, 255], &[]]
        {
            assert_eq!(item(bad, 0), Err(TxError::Layout), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let out = encoded(&bytes);
            let (list, range) = item(&out, 0).unwrap();
            prop_assert!(!list);
            prop_assert_eq!(range.end, out.len());
            prop_assert_eq!(&out[range], &bytes[..]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), at in 0usize..50) {
            if let Ok((_, range)) = item(&bytes, at) {
                prop_assert!(range.end <= bytes.len());
            }
        }
    }
}
