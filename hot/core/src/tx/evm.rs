//! The template of one route shape: calldata with patched words inside an EIP-1559 envelope whose lengths change.

use std::ops::Range;

use super::envelope::{read, write, ACCESS, DATA, TO};
use super::rlp;
use super::secp::EvmKey;
use super::solana::overlap;
use super::templates::Prebuilt;
use super::{Slot, TxError};

const NONCE: usize = 1;
/// Numbers before the receiver, and the value: fields 0 to 4 and 6.
const NUMBERS: usize = 7;
/// Longest encoding of everything but calldata and access list: prefixes, six numbers, receiver.
const OVERHEAD: usize = 3 * rlp::MAX_PREFIX + 6 * 33 + 21;
/// Y parity, r and s, and the type byte.
const SIGNATURE: usize = 1 + 33 + 33 + 1;

/// A transaction of one shape: the same receiver and calldata layout.
#[derive(Clone)]
pub struct EvmTemplate {
    numbers: [[u8; 32]; NUMBERS],
    to: [u8; 20],
    calldata: Vec<u8>,
    access: Vec<u8>,
    slots: Vec<Place>,
    body: Vec<u8>,
    wire: Vec<u8>,
}

#[derive(Clone)]
enum Place {
    Number(usize),
    Data(Range<usize>),
}

impl EvmTemplate {
    /// From an unsigned transaction as a builder wrote it.
    pub fn new(unsigned: &[u8], slots: &[Slot]) -> Result<Self, TxError> {
        let found = read(unsigned)?;
        let text = |field: usize| &unsigned[found.fields[field].clone()];
        let mut numbers = [[0; 32]; NUMBERS];
        for (field, number) in numbers.iter_mut().enumerate().filter(|(field, _)| *field != TO) {
            place(number, text(field));
        }
        let mut to = [0; 20];
        to.copy_from_slice(text(TO));
        let calldata = text(DATA).to_vec();
        let places = slots.iter().map(|slot| place_of(slot, calldata.len())).collect::<Result<Vec<_>, _>>()?;
        if clash(&places) {
            return Err(TxError::Slot);
        }
        let access = text(ACCESS).to_vec();
        let most = OVERHEAD + calldata.len() + access.len();
        let (body, wire) = (Vec::with_capacity(most), Vec::with_capacity(most + SIGNATURE));
        Ok(Self { numbers, to, calldata, access, slots: places, body, wire })
    }

    /// Number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Write one slot: exactly its length in calldata, or a big-endian number of any length for a field.
    pub fn set(&mut self, slot: usize, value: &[u8]) -> Result<(), TxError> {
        match self.slots.get(slot).ok_or(TxError::Count)? {
            Place::Number(field) => number(&mut self.numbers[*field], value),
            Place::Data(range) if range.len() == value.len() => {
                self.calldata[range.clone()].copy_from_slice(value);
                Ok(())
            }
            Place::Data(_) => Err(TxError::Width),
        }
    }

    /// Write a number into a slot, zeros before it.
    pub fn set_number(&mut self, slot: usize, value: u128) -> Result<(), TxError> {
        let bytes = value.to_be_bytes();
        match self.slots.get(slot).ok_or(TxError::Count)? {
            Place::Number(field) => number(&mut self.numbers[*field], &bytes),
            Place::Data(range) => padded(&mut self.calldata[range.clone()], &bytes),
        }
    }

    /// Write the nonce, a big-endian number.
    pub fn set_nonce(&mut self, nonce: &[u8]) -> Result<(), TxError> {
        if rlp::trimmed(nonce).len() > size_of::<u64>() {
            return Err(TxError::Width);
        }
        number(&mut self.numbers[NONCE], nonce)
    }

    /// What `sign` made last; nothing sensible before.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        &self.wire
    }

    /// The calldata as it stands.
    #[must_use]
    pub fn calldata(&self) -> &[u8] {
        &self.calldata
    }

    /// The unsigned transaction as it stands.
    pub fn unsigned(&mut self) -> &[u8] {
        self.write_body();
        write(&mut self.wire, &self.body, &[]);
        &self.wire
    }

    /// Sign what stands; the whole transaction as nodes take it, and its hash.
    pub fn sign(&mut self, key: &EvmKey) -> Result<(&[u8], [u8; 32]), TxError> {
        self.write_body();
        let hash = key.sign_body(&self.body, &mut self.wire)?;
        Ok((&self.wire, hash))
    }

    fn write_body(&mut self) {
        let out = &mut self.body;
        out.clear();
        for (field, value) in self.numbers.iter().enumerate() {
            if field == TO {
                rlp::string(out, &self.to);
            } else {
                rlp::number(out, value);
            }
        }
        rlp::string(out, &self.calldata);
        let (prefix, len) = rlp::list_prefix(self.access.len());
        out.extend_from_slice(&prefix[..len]);
        out.extend_from_slice(&self.access);
    }
}

impl Prebuilt for EvmTemplate {
    fn prebuild(unsigned: &[u8], slots: &[Slot]) -> Result<Self, TxError> {
        Self::new(unsigned, slots)
    }

    fn put(&mut self, slot: usize, value: u128) -> Result<(), TxError> {
        self.set_number(slot, value)
    }

    fn renew(&mut self, fresh: &[u8]) -> Result<(), TxError> {
        self.set_nonce(fresh)
    }

    fn bytes(&mut self) -> &[u8] {
        self.unsigned()
    }
}

fn place_of(slot: &Slot, calldata: usize) -> Result<Place, TxError> {
    match slot.item {
        // Chain, nonce and receiver have no slot: the first and the last never change, the nonce is set apart.
        2..=4 | 6 if slot.at == 0 && slot.len == 0 => Ok(Place::Number(slot.item)),
        DATA if slot.len > 0 => {
            let end = slot.at.checked_add(slot.len).filter(|end| *end <= calldata).ok_or(TxError::Slot)?;
            Ok(Place::Data(slot.at..end))
        }
        _ => Err(TxError::Slot),
    }
}

fn clash(places: &[Place]) -> bool {
    let mut seen = [false; NUMBERS];
    let mut ranges = Vec::with_capacity(places.len());
    for place in places {
        match place {
            Place::Number(field) if std::mem::replace(&mut seen[*field], true) => return true,
            Place::Number(_) => {}
            Place::Data(range) => ranges.push(range.clone()),
        }
    }
    overlap(&ranges)
}

fn number(target: &mut [u8; 32], big_endian: &[u8]) -> Result<(), TxError> {
    let digits = rlp::trimmed(big_endian);
    if digits.len() > target.len() {
        return Err(TxError::Width);
    }
    place(target, digits);
    Ok(())
}

fn place(target: &mut [u8; 32], digits: &[u8]) {
    target.fill(0);
    target[32 - digits.len()..].copy_from_slice(digits);
}

fn padded(target: &mut [u8], big_endian: &[u8]) -> Result<(), TxError> {
    let digits = rlp::trimmed(big_endian);
    let zeros = target.len().checked_sub(digits.len()).ok_or(TxError::Width)?;
    target[..zeros].fill(0);
    target[zeros..].copy_from_slice(digits);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn built(nonce: u64, fees: [u128; 3], value: u128, calldata: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        rlp::number(&mut body, &31337u32.to_be_bytes());
        rlp::number(&mut body, &nonce.to_be_bytes());
        for fee in fees {
            rlp::number(&mut body, &fee.to_be_bytes());
        }
        rlp::string(&mut body, &[6; 20]);
        rlp::number(&mut body, &value.to_be_bytes());
        rlp::string(&mut body, calldata);
        body.push(0xc0);
        let mut out = Vec::new();
        write(&mut out, &body, &[]);
        out
    }

    const SLOTS: [Slot; 6] = [
        Slot { item: 2, at: 0, len: 0 },
        Slot { item: 3, at: 0, len: 0 },
        Slot { item: 4, at: 0, len: 0 },
        Slot { item: 6, at: 0, len: 0 },
        Slot { item: 7, at: 4, len: 32 },
        Slot { item: 7, at: 36, len: 20 },
    ];

    fn key() -> EvmKey {
        EvmKey::new(&[9; 32]).unwrap()
    }

    proptest! {
        #[test]
        fn patched_bytes_are_the_builders(
            nonce: u64, fees: [u128; 3], value: u128, word: [u8; 32], address: [u8; 20], small in 0u128..300,
        ) {
            let mut template = EvmTemplate::new(&built(0, [1, small, 2], 0, &[3; 60]), &SLOTS).unwrap();
            template.set_nonce(&nonce.to_be_bytes()).unwrap();
            for (slot, fee) in fees.iter().chain([&value]).enumerate() {
                template.set_number(slot, *fee).unwrap();
            }
            template.set(4, &word).unwrap();
            template.set(5, &address).unwrap();
            let mut calldata = [3; 60];
            calldata[4..36].copy_from_slice(&word);
            calldata[36..56].copy_from_slice(&address);
            let wanted = built(nonce, fees, value, &calldata);
            prop_assert_eq!(template.unsigned(), &wanted[..]);
            let mut raw = Vec::new();
            let hash = key().sign_transaction(&wanted, &mut raw).unwrap();
            prop_assert_eq!(template.sign(&key()).unwrap(), (&raw[..], hash));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = EvmTemplate::new(&[&[2][..], &bytes].concat(), &SLOTS);
            let _ = key().sign_transaction(&bytes, &mut Vec::new());
        }

        #[test]
        fn no_mutation_makes_it_panic(changes in proptest::collection::vec((0usize..120, any::<u8>()), 1..5)) {
            let mut bytes = built(7, [1, 2, 3], 0, &[3; 60]);
            for (at, value) in changes {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            if let Ok(mut template) = EvmTemplate::new(&bytes, &[]) {
                prop_assert_eq!(template.unsigned(), &bytes[..]);
            }
        }
    }

    #[test]
    fn a_template_without_changes_is_what_it_was_made_from() {
        for calldata in [&[][..], &[0], &[5], &[0x80], &[1; 55], &[1; 56], &[1; 300]] {
            let unsigned = built(1, [2, 3, 4], 0, calldata);
            assert_eq!(EvmTemplate::new(&unsigned, &[]).unwrap().unsigned(), unsigned);
        }
    }

    #[test]
    fn slots_that_cannot_change_are_refused() {
        let unsigned = built(1, [2, 3, 4], 0, &[3; 60]);
        let of = |item, at, len| EvmTemplate::new(&unsigned, &[Slot { item, at, len }]).err();
        assert_eq!(of(7, 28, 32), None);
        let bad = [(0, 0, 0), (1, 0, 0), (5, 0, 20), (8, 0, 1), (9, 0, 0), (2, 0, 1), (7, 29, 32), (7, usize::MAX, 2)];
        for (item, at, len) in bad {
            assert_eq!(of(item, at, len), Some(TxError::Slot), "{item} {at} {len}");
        }
        assert!(EvmTemplate::new(&unsigned, &[SLOTS[0], SLOTS[0]]).is_err());
        assert!(EvmTemplate::new(&unsigned, &[SLOTS[4], SLOTS[4]]).is_err());
    }

    #[test]
    fn values_that_do_not_fit_change_nothing() {
        let unsigned = built(1, [2, 3, 4], 0, &[3; 60]);
        let mut template = EvmTemplate::new(&unsigned, &SLOTS).unwrap();
        assert_eq!(template.set(4, &[1; 31]), Err(TxError::Width));
        assert_eq!(template.set(0, &[1; 33]), Err(TxError::Width));
        assert_eq!(template.set(6, &[]), Err(TxError::Count));
        assert_eq!(template.set_nonce(&[1; 9]), Err(TxError::Width));
        assert_eq!(template.unsigned(), unsigned);
    }

    #[test]
    fn other_types_missing_fields_and_leading_zeros_are_refused() {
        let good = built(1, [2, 3, 4], 0, &[3; 60]);
        let mut other = good.clone();
        other[0] = 1;
        let mut zero = good.clone();
        zero[6] = 0;
        for bad in [&other[..], &zero, &good[..good.len() - 1], &[&good[..], &[0]].concat(), &[]] {
            assert_eq!(EvmTemplate::new(bad, &[]).err(), Some(TxError::Layout));
        }
    }

    #[test]
    fn filling_and_signing_allocate_no_larger_buffers() {
        let mut template = EvmTemplate::new(&built(0, [1, 1, 1], 0, &[3; 60]), &SLOTS).unwrap();
        let before = (template.body.capacity(), template.wire.capacity());
        for slot in 0..4 {
            template.set(slot, &[255; 32]).unwrap();
        }
        template.set_nonce(&[255; 8]).unwrap();
        template.sign(&key()).unwrap();
        assert_eq!((template.body.capacity(), template.wire.capacity()), before);
    }
}
