//! Where things are in a Solana v0 message (agave: `solana-message`, versions/v0), read with every bound checked.

use std::ops::Range;

use super::TxError;

/// Bytes of a whole transaction at most (agave: `PACKET_DATA_SIZE`).
pub(super) const MAX_TRANSACTION: usize = 1232;
/// One signature: its count as a compact number, then 64 bytes.
pub(super) const MESSAGE_AT: usize = 65;

const VERSION_0: u8 = 0x80;
const KEY: usize = 32;

/// Offsets from the start of the message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) payer: usize,
    pub(super) blockhash: usize,
    /// Data of each instruction.
    pub(super) data: Vec<Range<usize>>,
}

/// Read a message that one key signs; it must be a v0 message to its last byte.
pub(super) fn places(message: &[u8]) -> Result<Places, TxError> {
    let mut data = Vec::new();
    let (payer, blockhash) = walk(message, |range| data.push(range))?;
    Ok(Places { payer, blockhash, data })
}

/// The payer of a message that one key signs. Allocates nothing.
pub(super) fn payer(message: &[u8]) -> Result<&[u8], TxError> {
    let (at, _) = walk(message, |_| ())?;
    message.get(at..at + KEY).ok_or(TxError::Layout)
}

fn walk(message: &[u8], mut on_data: impl FnMut(Range<usize>)) -> Result<(usize, usize), TxError> {
    if message.len() > MAX_TRANSACTION - MESSAGE_AT {
        return Err(TxError::Size);
    }
    let mut reader = Reader { bytes: message, at: 0 };
    if reader.byte()? != VERSION_0 {
        return Err(TxError::Layout);
    }
    let header = reader.take(3)?;
    match message[header.start] {
        0 => return Err(TxError::Layout),
        1 => {}
        _ => return Err(TxError::Signers),
    }
    let keys = reader.compact()?;
    let payer = reader.take(keys * KEY)?;
    if keys == 0 {
        return Err(TxError::Layout);
    }
    let blockhash = reader.take(KEY)?.start;
    for _ in 0..reader.compact()? {
        if usize::from(reader.byte()?) >= keys {
            return Err(TxError::Layout);
        }
        reader.list()?;
        on_data(reader.list()?);
    }
    for _ in 0..reader.compact()? {
        reader.take(KEY)?;
        reader.list()?;
        reader.list()?;
    }
    if reader.at != message.len() {
        return Err(TxError::Layout);
    }
    Ok((payer.start, blockhash))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, len: usize) -> Result<Range<usize>, TxError> {
        let end = self.at + len;
        if end > self.bytes.len() {
            return Err(TxError::Layout);
        }
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn byte(&mut self) -> Result<u8, TxError> {
        Ok(self.bytes[self.take(1)?.start])
    }

    /// A count in one to three bytes, seven bits each, low first; only the shortest form is one.
    fn compact(&mut self) -> Result<usize, TxError> {
        let mut value = 0;
        for shift in [0, 7, 14] {
            let byte = self.byte()?;
            if byte == 0 && shift > 0 {
                break;
            }
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if value <= usize::from(u16::MAX) { Ok(value) } else { Err(TxError::Layout) };
            }
        }
        Err(TxError::Layout)
    }

    fn list(&mut self) -> Result<Range<usize>, TxError> {
        let len = self.compact()?;
        self.take(len)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two instructions with data `[1, 2, 3]` and none, one lookup table.
    pub(in crate::tx) fn sample(payer: [u8; 32]) -> Vec<u8> {
        let mut message = vec![0x80, 1, 0, 1, 2];
        message.extend(payer);
        message.extend([8; 32]);
        message.extend([9; 32]);
        message.extend([2, 1, 2, 0, 2, 3, 1, 2, 3, 1, 0, 0]);
        message.push(1);
        message.extend([5; 32]);
        message.extend([1, 4, 0]);
        message
    }

    #[test]
    fn the_data_of_every_instruction_is_found() {
        let message = sample([7; 32]);
        let found = places(&message).unwrap();
        assert_eq!((found.payer, found.blockhash), (5, 69));
        assert_eq!(found.data.len(), 2);
        assert_eq!(message[found.data[0].clone()], [1, 2, 3]);
        assert!(found.data[1].is_empty());
        assert_eq!(payer(&message), Ok(&[7; 32][..]));
    }

    #[test]
    fn every_cut_and_every_addition_is_refused() {
        let message = sample([7; 32]);
        for len in 0..message.len() {
            assert!(places(&message[..len]).is_err(), "{len}");
        }
        assert_eq!(places(&[message, vec![0]].concat()), Err(TxError::Layout));
    }

    #[test]
    fn other_versions_signers_sizes_and_long_counts_are_refused() {
        let with = |at: usize, value: u8| {
            let mut message = sample([7; 32]);
            message[at] = value;
            places(&message)
        };
        assert_eq!(with(0, 1), Err(TxError::Layout));
        assert_eq!(with(1, 2), Err(TxError::Signers));
        assert_eq!(with(1, 0), Err(TxError::Layout));
        assert_eq!(places(&[0x80; 1168]), Err(TxError::Size));
        let mut padded = sample([7; 32]);
        padded.splice(4..5, [0x82, 0]);
        assert_eq!(places(&padded), Err(TxError::Layout));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..1300)) {
            let _ = places(&bytes);
        }

        #[test]
        fn no_mutation_makes_it_panic(changes in proptest::collection::vec((0usize..150, any::<u8>()), 1..6)) {
            let mut message = sample([7; 32]);
            for (at, value) in changes {
                if let Some(byte) = message.get_mut(at) {
                    *byte = value;
                }
            }
            if let Ok(found) = places(&message) {
                prop_assert!(found.data.iter().all(|range| range.end <= message.len()));
            }
        }
    }
}
