//! The newest bytes of every account of one pool, and which updates may replace them.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::accounts::{Account, Accounts, Clock, Fields};
use super::address::Derived;
use super::reading::Reading;
use super::AnyVenue;
use crate::error::{wrong, Refusal, WiringError};
use crate::history::{block, Back, DEPTH};

/// Most accounts of one pool.
pub const MAX_ACCOUNTS: usize = 64;
/// Most bytes of one account that are kept.
pub const MAX_BYTES: usize = 4 << 20;
/// Most earlier bytes of one account that are kept for blocks that are taken back.
pub const MAX_PAST: usize = 128 << 10;
/// An update begins with the account's owner.
const OWNER: usize = 32;
/// Key, owner and length come before an account's bytes in a snapshot.
const HEAD: usize = 68;

type Key = [u8; 32];

/// What is known of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Newer bytes came that could not be kept.
    Lost,
    /// Its newest bytes; the system program's and empty when there is no such account.
    Bytes,
}

#[derive(Debug, Default)]
struct Slot {
    key: Key,
    known: Known,
    seq: u64,
    owner: Key,
    data: Vec<u8>,
    /// How it stood at the end of earlier slots.
    past: VecDeque<Version>,
}

#[derive(Debug)]
struct Version {
    seq: u64,
    owner: Key,
    data: Vec<u8>,
}

/// The accounts of one pool of a venue. Each account has its own order: an update replaces only older bytes of it.
#[derive(Debug)]
pub struct Book {
    venue: &'static str,
    roles: Vec<(String, Key)>,
    routes: [Vec<Key>; 2],
    slots: Vec<Slot>,
    /// Numbers of accounts, and of those that are written with each.
    together: Vec<(usize, Vec<usize>)>,
    loaded: bool,
    derived: Derived,
}

impl Book {
    /// A book that waits for its first snapshot; `routes[0]` is walked when asset 0 goes in.
    pub fn new(venue: &str, roles: Vec<(String, Key)>, routes: [Vec<Key>; 2]) -> Result<Self, WiringError> {
        let Some(venue) = AnyVenue::KEYS.iter().find(|known| **known == venue) else {
            return wrong(format!("unknown venue {venue:?}"));
        };
        let mut keys: Vec<Key> = roles.iter().map(|role| role.1).chain(routes.iter().flatten().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() || keys.len() > MAX_ACCOUNTS {
            return wrong(format!("a pool needs 1 to {MAX_ACCOUNTS} accounts"));
        }
        let number = |role: &str| {
            let key = roles.iter().find(|held| held.0 == role)?.1;
            keys.binary_search(&key).ok()
        };
        let others = |others: &[&str]| others.iter().filter_map(|other| number(other)).collect();
        let together = AnyVenue::together(venue);
        let together = together.iter().filter_map(|(role, with)| Some((number(role)?, others(with)))).collect();
        let slots = keys.into_iter().map(|key| Slot { key, ..Slot::default() }).collect();
        Ok(Self { venue, roles, routes, slots, together, loaded: false, derived: Derived::default() })
    }

    /// Word for its venue.
    #[must_use]
    pub const fn venue(&self) -> &'static str {
        self.venue
    }

    /// Its accounts, ascending; an account's number is its place here.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.slots.iter().map(|slot| &slot.key)
    }

    /// Accounts that a swap writes, as far as another pool may hold them too: a pool itself and whatever it has in a
    /// vault.
    pub fn written(&self) -> impl Iterator<Item = &Key> {
        let book = AnyVenue::pool_role(self.venue);
        let holds = move |role: &str| role == book || role.starts_with("vault_") || role.starts_with("token_vault_");
        self.roles.iter().filter(move |(role, _)| holds(role)).map(|(_, key)| key)
    }

    /// Whether a snapshot was loaded and not forgotten.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether the newest bytes of every account are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.slots.iter().all(|slot| slot.known == Known::Bytes)
    }

    /// Ordering number of the newest bytes of any account.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.slots.iter().map(|slot| slot.seq).max().unwrap_or(0)
    }

    /// The newest slot of which an account is held while another one that is written with it is older; `None` when
    /// there is none.
    #[must_use]
    pub fn torn(&self) -> Option<u64> {
        let of = |number: &usize| self.slots.get(*number).map_or(0, |slot| block(slot.seq));
        let newest = |(one, with): &(usize, Vec<usize>)| {
            let slot = of(one);
            with.iter().any(|other| of(other) < slot).then_some(slot)
        };
        self.together.iter().filter_map(newest).max()
    }

    /// Take an account's owner and bytes; false when not newer than what is known. `Length` when they cannot be kept:
    /// the pool cannot be read until newer bytes of this account come.
    pub fn take(&mut self, number: u32, seq: u64, update: &[u8]) -> Result<bool, Refusal> {
        let Some(slot) = self.slots.get_mut(number as usize) else { return Ok(false) };
        if slot.known != Known::Nothing && seq <= slot.seq {
            return Ok(false);
        }
        slot.remember(seq);
        slot.seq = seq;
        match (update.take(0), update.get(OWNER..)) {
            (Ok(owner), Some(data)) if data.len() <= MAX_BYTES => slot.hold(owner, data),
            _ => {
                slot.known = Known::Lost;
                return Err(Refusal::Length);
            }
        }
        Ok(true)
    }

    /// Put a snapshot below what is newer than it. A snapshot that is not one changes nothing.
    ///
    /// Layout: number of accounts (u32), then for each key (32), owner (32), length (u32) and bytes; little-endian.
    /// Accounts of the pool that are not in it did not exist.
    pub fn load(&mut self, seq: u64, snapshot: &[u8]) -> Result<(), Refusal> {
        let mut found: Vec<Option<(Key, &[u8])>> = vec![None; self.slots.len()];
        let (count, mut at) = (snapshot.u32(0)?, 4);
        for _ in 0..count {
            let (key, owner, length) = (snapshot.key(at)?, snapshot.key(at + 32)?, snapshot.u32(at + 64)? as usize);
            let data = snapshot.get(at + HEAD..).and_then(|rest| rest.get(..length)).ok_or(Refusal::Length)?;
            if length > MAX_BYTES {
                return Err(Refusal::Length);
            }
            let number = self.slots.binary_search_by_key(&key, |slot| slot.key).map_err(|_| Refusal::Inconsistent)?;
            match found.get_mut(number) {
                Some(place @ None) => *place = Some((owner, data)),
                _ => return Err(Refusal::Inconsistent),
            }
            at += HEAD + length;
        }
        if at != snapshot.len() {
            return Err(Refusal::Length);
        }
        for (slot, found) in self.slots.iter_mut().zip(found) {
            if slot.known == Known::Nothing || slot.seq <= seq {
                let (owner, data) = found.unwrap_or(([0; 32], &[]));
                slot.hold(owner, data);
                slot.seq = seq;
                slot.past = VecDeque::new();
            }
        }
        self.loaded = true;
        Ok(())
    }

    /// Forget everything.
    pub fn forget(&mut self) {
        self.loaded = false;
        for slot in &mut self.slots {
            (slot.known, slot.seq, slot.past) = (Known::Nothing, 0, VecDeque::new());
        }
    }

    /// All accounts as bytes that [`Book::load`] takes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let size = self.slots.iter().map(|slot| HEAD + slot.data.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(4 + size);
        bytes.extend((self.slots.len() as u32).to_le_bytes());
        for slot in &self.slots {
            bytes.extend(slot.key);
            bytes.extend(slot.owner);
            bytes.extend((slot.data.len() as u32).to_le_bytes());
            bytes.extend(&slot.data);
        }
        bytes
    }

    /// Put the accounts back to how they stood at the end of a slot. `Stale` when one's bytes of then are not kept:
    /// what is held is of several forks, so the caller must make the book forget it.
    pub fn roll_back(&mut self, to: u64) -> Back {
        let mut back = Back::Untouched;
        for slot in self.slots.iter_mut().filter(|slot| slot.known != Known::Nothing && block(slot.seq) > to) {
            if slot.go_back(to) {
                back = Back::Restored;
            } else if self.loaded {
                return Back::Stale;
            } else {
                (slot.known, slot.seq) = (Known::Nothing, 0);
            }
        }
        if self.loaded {
            back
        } else {
            Back::Untouched
        }
    }

    /// The state of the venue from the newest bytes of every account; `Length` while one is missing.
    pub fn read(&mut self, clock: &Clock) -> Result<AnyVenue, Refusal> {
        self.complete()?;
        let venue = self.venue;
        self.remembering(|accounts| AnyVenue::read(venue, accounts, clock).unwrap_or(Err(Refusal::Unsupported)))
    }

    /// The same in the place of an earlier reading, which an error leaves as it is.
    pub fn read_into(&mut self, reading: &mut Reading, clock: &Clock) -> Result<(), Refusal> {
        self.complete()?;
        self.remembering(|accounts| reading.read_again(accounts, clock))
    }

    /// Read with the addresses that were derived before.
    fn remembering<T>(&mut self, read: impl FnOnce(&Accounts<'_>) -> T) -> T {
        let known = RefCell::new(std::mem::take(&mut self.derived));
        let found = read(&Accounts::from(&*self).knowing(&known));
        self.derived = known.into_inner();
        found
    }

    fn complete(&self) -> Result<(), Refusal> {
        if self.is_complete() {
            Ok(())
        } else {
            Err(Refusal::Length)
        }
    }

    /// Address of a role.
    pub(super) fn role(&self, role: &str) -> Option<Key> {
        self.roles.iter().find(|held| held.0 == role).map(|held| held.1)
    }

    /// The account at an address, if there is one.
    pub(super) fn account(&self, key: &Key) -> Option<Account<'_>> {
        let at = self.slots.binary_search_by(|slot| slot.key.cmp(key)).ok()?;
        let slot = self.slots.get(at).filter(|slot| slot.owner != [0; 32] || !slot.data.is_empty())?;
        Some(Account { key: slot.key, owner: slot.owner, data: &slot.data })
    }

    pub(super) const fn routes(&self) -> &[Vec<Key>; 2] {
        &self.routes
    }
}

impl Slot {
    /// Call before bytes with a newer number come: the first of a slot put aside what was there.
    fn remember(&mut self, seq: u64) {
        match self.known {
            Known::Nothing => {}
            // What stood at the end of that slot is not known.
            Known::Lost => self.past.clear(),
            Known::Bytes if block(seq) == block(self.seq) => {}
            Known::Bytes => {
                let mut spare = Vec::new();
                let held = |past: &VecDeque<Version>| past.iter().map(|version| version.data.len()).sum::<usize>();
                while self.past.len() >= DEPTH || held(&self.past) + self.data.len() > MAX_PAST {
                    match self.past.pop_front() {
                        Some(oldest) => spare = oldest.data,
                        None => return,
                    }
                }
                let data = std::mem::replace(&mut self.data, spare);
                self.past.push_back(Version { seq: self.seq, owner: self.owner, data });
            }
        }
    }

    fn go_back(&mut self, to: u64) -> bool {
        while let Some(Version { seq, owner, data }) = self.past.pop_back() {
            if block(seq) <= to {
                (self.known, self.seq, self.owner, self.data) = (Known::Bytes, seq, owner, data);
                return true;
            }
        }
        false
    }

    fn hold(&mut self, owner: Key, data: &[u8]) {
        self.known = Known::Bytes;
        self.owner = owner;
        self.data.clear();
        self.data.extend_from_slice(data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: Key = [1; 32];
    const VAULT: Key = [2; 32];

    fn book() -> Book {
        let roles = vec![("pool".to_owned(), POOL), ("vault_a".to_owned(), VAULT)];
        Book::new("raydium_cpmm", roles, [vec![], vec![POOL]]).unwrap()
    }

    fn snapshot(accounts: &[(Key, &[u8])]) -> Vec<u8> {
        let mut bytes = (accounts.len() as u32).to_le_bytes().to_vec();
        for (key, data) in accounts {
            bytes.extend([*key, [9; 32]].concat());
            bytes.extend((data.len() as u32).to_le_bytes());
            bytes.extend(*data);
        }
        bytes
    }

    fn data(book: &Book, number: usize) -> &[u8] {
        &book.slots[number].data
    }

    #[test]
    fn an_account_in_two_places_is_held_once() {
        assert_eq!(book().keys().collect::<Vec<_>>(), [&POOL, &VAULT]);
    }

    #[test]
    fn each_account_has_its_own_order() {
        let mut book = book();
        book.load(10, &snapshot(&[(POOL, b"old"), (VAULT, b"old")])).unwrap();
        assert_eq!(book.take(0, 12, &[[9; 32].as_slice(), b"new"].concat()), Ok(true));
        assert_eq!(book.take(1, 11, &[[9; 32].as_slice(), b"new"].concat()), Ok(true));
        assert_eq!(book.take(1, 11, &[9; 32]), Ok(false));
        assert_eq!((data(&book, 0), data(&book, 1), book.newest()), (b"new".as_slice(), b"new".as_slice(), 12));
    }

    #[test]
    fn a_snapshot_goes_below_what_is_newer_and_empties_what_it_does_not_name() {
        let mut book = book();
        book.take(0, 12, &[[9; 32].as_slice(), b"new"].concat()).unwrap();
        book.load(11, &snapshot(&[(POOL, b"old")])).unwrap();
        assert_eq!((data(&book, 0), data(&book, 1)), (b"new".as_slice(), b"".as_slice()));
    }

    #[test]
    fn what_could_not_be_kept_is_healed_by_newer_bytes_only() {
        let mut book = book();
        book.load(10, &snapshot(&[])).unwrap();
        assert_eq!(book.take(0, 12, &[0; 31]), Err(Refusal::Length));
        book.load(11, &snapshot(&[])).unwrap();
        assert_eq!(book.read(&Clock::default()).unwrap_err(), Refusal::Length);
        book.load(12, &snapshot(&[])).unwrap();
        assert_eq!(book.read(&Clock::default()).unwrap_err(), Refusal::Empty);
    }

    #[test]
    fn a_snapshot_that_is_not_one_changes_nothing() {
        let mut book = book();
        let good = snapshot(&[(POOL, b"bytes"), (VAULT, b"bytes")]);
        for end in 0..good.len() {
            assert_eq!(book.load(1, &good[..end]), Err(Refusal::Length));
        }
        assert_eq!(book.load(1, &[good.as_slice(), b"."].concat()), Err(Refusal::Length));
        assert_eq!(book.load(1, &snapshot(&[(POOL, b""), (POOL, b"")])), Err(Refusal::Inconsistent));
        assert_eq!(book.load(1, &snapshot(&[([7; 32], b"")])), Err(Refusal::Inconsistent));
        assert_eq!(book.load(1, &u32::MAX.to_le_bytes()), Err(Refusal::Length));
        assert!(!book.is_loaded() && book.newest() == 0);
    }
}
