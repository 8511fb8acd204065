//! Ed25519 over v0 messages, and the template of one route shape and set of lookup tables.

use std::ops::Range;

use ed25519_dalek::hazmat::{raw_sign, ExpandedSecretKey};
use ed25519_dalek::{VerifyingKey, PUBLIC_KEY_LENGTH, SECRET_KEY_LENGTH, SIGNATURE_LENGTH};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::message::{payer, places, MESSAGE_AT};
use super::templates::Prebuilt;
use super::vault::Vault;
use super::{Slot, TxError};

/// A wallet's key (RFC 8032), kept expanded: signing hashes the seed no more.
pub struct SolanaKey {
    expanded: Vault,
    public: VerifyingKey,
}

impl SolanaKey {
    /// From a 32-byte seed, or a 64-byte pair of seed and public key.
    pub fn new(secret: &[u8]) -> Result<Self, TxError> {
        let (seed, claimed) = match secret.len() {
            SECRET_KEY_LENGTH => (secret, None),
            64 => (&secret[..SECRET_KEY_LENGTH], Some(&secret[SECRET_KEY_LENGTH..])),
            _ => return Err(TxError::Key),
        };
        let mut expanded = Vault::new(64)?;
        Sha512::new_with_prefix(seed).finalize_into(expanded.bytes_mut().into());
        let key = Self { public: VerifyingKey::from(&open(&expanded)?), expanded };
        match claimed {
            Some(public) if public != key.public.as_bytes() => Err(TxError::Pair),
            _ => Ok(key),
        }
    }

    /// The address.
    #[must_use]
    pub fn public(&self) -> &[u8; PUBLIC_KEY_LENGTH] {
        self.public.as_bytes()
    }

    /// True when the system keeps the key out of swap.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.expanded.is_locked()
    }

    /// The signature of any bytes.
    pub fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], TxError> {
        Ok(raw_sign::<Sha512>(&open(&self.expanded)?, bytes, &self.public).to_bytes())
    }

    /// Sign a v0 message whose only signer is this key into `wire` (cleared first); returns the signature.
    pub fn sign_message(&self, message: &[u8], wire: &mut Vec<u8>) -> Result<[u8; SIGNATURE_LENGTH], TxError> {
        if payer(message)? != self.public() {
            return Err(TxError::Payer);
        }
        let signature = self.sign(message)?;
        wire.clear();
        wire.push(1);
        wire.extend_from_slice(&signature);
        wire.extend_from_slice(message);
        Ok(signature)
    }
}

/// Wiped when it is dropped.
fn open(vault: &Vault) -> Result<ExpandedSecretKey, TxError> {
    let mut bytes = Zeroizing::new([0; 64]);
    bytes.copy_from_slice(vault.bytes());
    Ok(ExpandedSecretKey::from_bytes(&bytes))
}

/// A transaction of one shape: the same accounts in the same places, other data of the same lengths.
#[derive(Clone)]
pub struct SolanaTemplate {
    wire: Vec<u8>,
    payer: usize,
    blockhash: usize,
    slots: Vec<Range<usize>>,
}

impl SolanaTemplate {
    /// From a message as a builder wrote it (with its version byte).
    pub fn new(message: &[u8], slots: &[Slot]) -> Result<Self, TxError> {
        let found = places(message)?;
        let mut ranges = Vec::with_capacity(slots.len());
        for slot in slots {
            let data = found.data.get(slot.item).ok_or(TxError::Slot)?;
            let start = data.start.checked_add(slot.at).ok_or(TxError::Slot)?;
            let end = start.checked_add(slot.len).filter(|end| *end <= data.end).ok_or(TxError::Slot)?;
            ranges.push(start + MESSAGE_AT..end + MESSAGE_AT);
        }
        if overlap(&ranges) {
            return Err(TxError::Slot);
        }
        let mut wire = vec![0; MESSAGE_AT];
        wire[0] = 1;
        wire.extend_from_slice(message);
        Ok(Self { wire, payer: found.payer + MESSAGE_AT, blockhash: found.blockhash + MESSAGE_AT, slots: ranges })
    }

    /// Number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Write one slot; the value has exactly its length.
    pub fn set(&mut self, slot: usize, value: &[u8]) -> Result<(), TxError> {
        let range = self.slots.get(slot).ok_or(TxError::Count)?.clone();
        if range.len() != value.len() {
            return Err(TxError::Width);
        }
        self.wire[range].copy_from_slice(value);
        Ok(())
    }

    /// Write a number, low byte first, into a slot of one to eight bytes.
    pub fn set_number(&mut self, slot: usize, value: u64) -> Result<(), TxError> {
        let len = self.slots.get(slot).ok_or(TxError::Count)?.len();
        let bytes = value.to_le_bytes();
        let (low, high) = bytes.split_at_checked(len).ok_or(TxError::Width)?;
        if high.iter().any(|byte| *byte != 0) {
            return Err(TxError::Width);
        }
        self.set(slot, low)
    }

    /// Write the blockhash.
    pub fn set_blockhash(&mut self, blockhash: &[u8; 32]) {
        self.wire[self.blockhash..self.blockhash + 32].copy_from_slice(blockhash);
    }

    /// The unsigned message as it stands.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.wire[MESSAGE_AT..]
    }

    /// Sign what stands; the whole transaction as nodes take it, its id being bytes 1 to 64.
    pub fn sign(&mut self, key: &SolanaKey) -> Result<&[u8], TxError> {
        if self.wire[self.payer..self.payer + 32] != key.public()[..] {
            return Err(TxError::Payer);
        }
        let signature = key.sign(&self.wire[MESSAGE_AT..])?;
        self.wire[1..MESSAGE_AT].copy_from_slice(&signature);
        Ok(&self.wire)
    }
}

impl Prebuilt for SolanaTemplate {
    fn prebuild(unsigned: &[u8], slots: &[Slot]) -> Result<Self, TxError> {
        Self::new(unsigned, slots)
    }

    fn put(&mut self, slot: usize, value: u128) -> Result<(), TxError> {
        self.set_number(slot, u64::try_from(value).map_err(|_| TxError::Width)?)
    }

    fn renew(&mut self, fresh: &[u8]) -> Result<(), TxError> {
        self.set_blockhash(fresh.try_into().map_err(|_| TxError::Width)?);
        Ok(())
    }

    fn bytes(&mut self) -> &[u8] {
        self.message()
    }
}

/// True when two ranges share a byte.
pub(super) fn overlap(ranges: &[Range<usize>]) -> bool {
    let mut sorted: Vec<_> = ranges.iter().filter(|range| !range.is_empty()).collect();
    sorted.sort_unstable_by_key(|range| range.start);
    sorted.windows(2).any(|pair| pair[0].end > pair[1].start)
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::sample;
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
    const VECTORS: [[&str; 4]; 3] = [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
    ];

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        for [seed, public, message, signature] in VECTORS {
            let key = SolanaKey::new(&unhex(seed)).unwrap();
            assert_eq!(key.public()[..], unhex(public));
            assert_eq!(key.sign(&unhex(message)).unwrap()[..], unhex(signature));
        }
    }

    #[test]
    fn a_pair_must_belong_together() {
        let pair = unhex(&format!("{}{}", VECTORS[0][0], VECTORS[0][1]));
        assert!(SolanaKey::new(&pair).is_ok());
        let torn = unhex(&format!("{}{}", VECTORS[0][0], VECTORS[1][1]));
        assert_eq!(SolanaKey::new(&torn).err(), Some(TxError::Pair));
        for len in [0, 31, 33, 63, 65] {
            assert_eq!(SolanaKey::new(&vec![1; len]).err(), Some(TxError::Key));
        }
    }

    #[test]
    fn patched_bytes_are_the_builders() {
        let key = SolanaKey::new(&[1; 32]).unwrap();
        let slots = [Slot { item: 0, at: 1, len: 2 }];
        let mut template = SolanaTemplate::new(&sample(*key.public()), &slots).unwrap();
        template.set_number(0, 0x0605).unwrap();
        template.set_blockhash(&[4; 32]);
        let mut wanted = sample(*key.public());
        let data = places(&wanted).unwrap().data[0].clone();
        wanted[data].copy_from_slice(&[1, 5, 6]);
        wanted[69..101].copy_from_slice(&[4; 32]);
        assert_eq!(template.message(), wanted);
        let mut wire = Vec::new();
        key.sign_message(&wanted, &mut wire).unwrap();
        assert_eq!(template.sign(&key).unwrap(), wire);
    }

    #[test]
    fn slots_that_do_not_fit_are_refused() {
        let of = |slots: &[(usize, usize, usize)]| {
            let slots: Vec<_> = slots.iter().map(|(item, at, len)| Slot { item: *item, at: *at, len: *len }).collect();
            SolanaTemplate::new(&sample([7; 32]), &slots).err()
        };
        assert_eq!(of(&[(0, 0, 3), (1, 0, 0)]), None);
        for bad in [&[(2, 0, 1)][..], &[(0, 0, 4)], &[(0, usize::MAX, 1)], &[(0, 0, 2), (0, 1, 1)], &[(1, 0, 1)]] {
            assert_eq!(of(bad), Some(TxError::Slot), "{bad:?}");
        }
    }

    #[test]
    fn values_that_do_not_fit_change_nothing() {
        let mut template = SolanaTemplate::new(&sample([7; 32]), &[Slot { item: 0, at: 0, len: 2 }]).unwrap();
        let before = template.message().to_vec();
        assert_eq!(template.set(0, &[1]), Err(TxError::Width));
        assert_eq!(template.set(1, &[1, 2]), Err(TxError::Count));
        assert_eq!(template.set_number(0, 1 << 16), Err(TxError::Width));
        assert_eq!(template.message(), before);
    }

    #[test]
    fn the_key_of_another_wallet_does_not_sign() {
        let key = SolanaKey::new(&[1; 32]).unwrap();
        let mut template = SolanaTemplate::new(&sample([7; 32]), &[]).unwrap();
        assert_eq!(template.sign(&key).err(), Some(TxError::Payer));
        assert_eq!(key.sign_message(&sample([7; 32]), &mut Vec::new()), Err(TxError::Payer));
    }
}
