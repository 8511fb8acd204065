//! From the key of an update to what it is for: one lookup, keys of the usual lengths in place.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;

use crate::decoders::Event;

/// Where an update goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// To the pools behind the same doors, the first of them named here.
    Site(u32, Event),
    /// To every pool that has this account.
    Account(u32),
    /// To the clock.
    Clock,
}

/// All doors of a market.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    /// By account.
    accounts: HashMap<Key<4>, Door, RandomState>,
    /// By address and topic of a log.
    logs: HashMap<Key<7>, Door, RandomState>,
    others: HashMap<Box<[u8]>, Door, RandomState>,
}

impl Doors {
    /// The door with this key.
    #[inline]
    pub(crate) fn get(&self, key: &[u8]) -> Option<Door> {
        match key.len() {
            32 => self.accounts.get(&Key::of(key)),
            52 => self.logs.get(&Key::of(key)),
            _ => self.others.get(key),
        }
        .copied()
    }

    /// Put a door there, in place of what was.
    pub(crate) fn insert(&mut self, key: &[u8], door: Door) {
        match key.len() {
            32 => self.accounts.insert(Key::of(key), door),
            52 => self.logs.insert(Key::of(key), door),
            _ => self.others.insert(Box::from(key), door),
        };
    }

    /// Keep these doors, which may lead elsewhere afterwards.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&mut Door) -> bool) {
        self.accounts.retain(|_, door| keep(door));
        self.logs.retain(|_, door| keep(door));
        self.others.retain(|_, door| keep(door));
    }

    /// Every door.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Door> {
        self.accounts.values().chain(self.logs.values()).chain(self.others.values())
    }
}

/// The bytes of a key as words, the last one filled up with zeros: only keys of one length are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Key<WORDS> {
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let mut words = [0; WORDS];
        let (whole, rest) = bytes.split_at(bytes.len() & !7);
        for (word, part) in words.iter_mut().zip(whole.chunks_exact(8)) {
            *word = part.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        if let Some(last) = words.get_mut(whole.len() / 8) {
            *last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        Self(words)
    }
}

impl<const WORDS: usize> Hash for Key<WORDS> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for pair in self.0.chunks(2) {
            let high = pair.get(1).copied().unwrap_or(0);
            state.write_u128(u128::from(pair[0]) | u128::from(high) << 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_length_lead_to_their_own_doors() {
        let keys: Vec<Vec<u8>> = (0..80u8).map(|length| (1..=length).collect()).collect();
        let mut doors = Doors::default();
        for (number, key) in keys.iter().enumerate() {
            doors.insert(key, Door::Account(number as u32));
        }
        let number = |key: &[u8]| match doors.get(key) {
            Some(Door::Account(number)) => Some(number as usize),
            _ => None,
        };
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(number(key), Some(at));
            let mut other = key.clone();
            if let Some(last) = other.last_mut() {
                *last ^= 0x80;
                assert_eq!(number(&other), None);
            }
        }
        assert_eq!(doors.values().count(), 80);
    }
}
