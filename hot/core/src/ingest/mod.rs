//! From the text frames of nodes to updates of the market, without Python: decode, keep the newest, hand over.
//!
//! [`Ingest::push`] may be called from the thread that reads a socket while another drains. Frames it has no business
//! with are [`Taken::Other`]; a frame that is refused changes nothing.

pub mod base58;
pub mod codes;
pub mod evm;
pub mod json;
pub mod ring;
pub mod solana;
pub mod text;
pub mod zstd;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::wrong;
use crate::market::{BatchResult, Market, Update};
use crate::WiringError;

pub use codes::{Refused, Taken};

use json::Walker;
use ring::{Arrival, Ring, Waiting};
use solana::Counters;
use zstd::Unpacker;

/// Longest frame that is read: Solana's largest account in base64, with room.
pub const MAX_FRAME: usize = 16 << 20;
/// Most subscriptions held.
const MAX_SUBSCRIPTIONS: usize = 1 << 16;

/// What the updates of a door are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole states: the newest wins.
    Whole,
    /// Whole states that begin with the 32 bytes of the account's owner, for pools made of accounts.
    Owned,
    /// Differences: every one counts.
    Every,
}

/// The block the last log told of, and its time where the node says it with the log.
pub type Newest = (u64, Option<u64>);

/// What [`Ingest::drain_until`] gave the market.
#[derive(Debug, Default)]
pub struct Drained {
    /// What the market made of it.
    pub result: BatchResult,
    /// When the oldest frame among them was read; 0 when nothing waited.
    pub at_ns: u64,
    /// Their doors by number, in order, one for each update.
    pub doors: Vec<u32>,
}

/// Decodes frames and keeps what the market has not seen.
#[derive(Debug)]
pub struct Ingest {
    doors: Vec<(Box<[u8]>, Kind)>,
    by_door: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    reader: Mutex<Reader>,
    ring: Mutex<Ring>,
    drained: Mutex<Vec<Waiting>>,
}

#[derive(Debug, Default)]
struct Reader {
    subscriptions: HashMap<u64, u32, foldhash::fast::RandomState>,
    expected: HashMap<u64, u32, foldhash::fast::RandomState>,
    counters: Counters,
    newest: Option<Newest>,
    unpacker: Unpacker,
    scratch: Vec<u8>,
}

impl Ingest {
    /// For these doors. At most `capacity` updates of doors where every one counts wait.
    pub fn new(doors: &[(&[u8], Kind)], capacity: usize) -> Result<Self, WiringError> {
        let mut by_door = HashMap::default();
        for ((door, _), number) in doors.iter().zip(0u32..) {
            if by_door.insert(Box::from(*door), number).is_some() {
                return wrong("a door is given twice");
            }
        }
        Ok(Self {
            doors: doors.iter().map(|(door, kind)| (Box::from(*door), *kind)).collect(),
            by_door,
            reader: Mutex::default(),
            ring: Mutex::new(Ring::new(doors.len(), capacity)),
            drained: Mutex::default(),
        })
    }

    /// The node calls this door's notifications by this number from now on (Solana).
    pub fn subscribe(&self, subscription: u64, door: &[u8]) -> Result<(), WiringError> {
        let number = self.number(door)?;
        bounded(&mut held(&self.reader).subscriptions, subscription, number)
    }

    /// The answer to the request of this id will say by which number the node calls the door's notifications (Solana).
    ///
    /// So no notification that follows the answer is missed. The answer itself is [`Taken::Other`] as well.
    pub fn expect(&self, request: u64, door: &[u8]) -> Result<(), WiringError> {
        let number = self.number(door)?;
        bounded(&mut held(&self.reader).expected, request, number)
    }

    /// The connection is lost: forget its subscriptions, its counts and what waits.
    pub fn reset(&self) {
        let mut reader = held(&self.reader);
        reader.subscriptions.clear();
        reader.expected.clear();
        reader.counters = Counters::default();
        reader.newest = None;
        held(&self.ring).clear();
    }

    /// Take one frame that was read just now, by a clock nobody asks for.
    pub fn push(&self, frame: &[u8]) -> Result<Taken, Refused> {
        self.push_at(frame, 0)
    }

    /// Take one frame and remember when it was read.
    pub fn push_at(&self, frame: &[u8], at_ns: u64) -> Result<Taken, Refused> {
        let text = head(frame)?;
        let mut reader = held(&self.reader);
        match text.method {
            b"accountNotification" => self.account(&mut reader, text.params, at_ns),
            b"eth_subscription" => self.log(&mut reader, text.params, at_ns),
            _ => {
                reader.confirm(&text);
                Ok(Taken::Other)
            }
        }
    }

    /// What was kept until now is what `drain_until` this mark gives to the market.
    pub fn mark(&self) -> u64 {
        held(&self.ring).mark()
    }

    /// The block the last log told of, watched or not.
    pub fn newest(&self) -> Option<Newest> {
        held(&self.reader).newest
    }

    /// True while a door lost an update and [`Ingest::gaps`] has not been asked.
    pub fn has_gap(&self) -> bool {
        held(&self.ring).has_gap()
    }

    /// The doors, by number.
    pub fn doors(&self) -> impl Iterator<Item = &[u8]> {
        self.doors.iter().map(|(door, _)| &**door)
    }

    /// Doors that lost an update since the last call: mark their pools stale, then drain, then load them again.
    pub fn gaps(&self) -> Vec<&[u8]> {
        let lost = held(&self.ring).gaps();
        lost.into_iter().filter_map(|door| self.doors.get(door as usize)).map(|(door, _)| &**door).collect()
    }

    /// Updates lost, and updates overtaken by a newer one of their door, ever.
    pub fn counts(&self) -> (u64, u64) {
        let ring = held(&self.ring);
        (ring.lost(), ring.replaced())
    }

    /// Give the market everything that waits, in order. Refused while a gap has not been asked for.
    pub fn drain(&self, market: &mut Market) -> Result<BatchResult, WiringError> {
        self.take(|updates| market.on_batch(updates))?
    }

    /// Give the market what was kept until `mark` and was not overtaken since, in order. Nothing while there is a gap:
    /// whoever drains one connection after the other drops this one then.
    pub fn drain_until(&self, market: &mut Market, mark: u64) -> Result<Drained, WiringError> {
        let drained = self.hand(mark, |waiting, updates| {
            Ok(Drained {
                result: market.on_batch(updates)?,
                at_ns: waiting.iter().map(|held| held.at_ns).min().unwrap_or(0),
                doors: waiting.iter().map(|held| held.door).collect(),
            })
        });
        drained.unwrap_or_else(|| Ok(Drained::default()))
    }

    /// Give everything that waits, in order, to somebody else. Refused while a gap has not been asked for.
    pub fn take<T>(&self, taker: impl FnOnce(&[Update<'_>]) -> T) -> Result<T, WiringError> {
        let taken = self.hand(u64::MAX, |_, updates| taker(updates));
        taken.map_or_else(|| wrong("updates were lost: ask for the gaps first"), Ok)
    }

    /// None while there is a gap.
    fn hand<T>(&self, mark: u64, taker: impl FnOnce(&[Waiting], &[Update<'_>]) -> T) -> Option<T> {
        let mut drained = held(&self.drained);
        let count = {
            let mut ring = held(&self.ring);
            if ring.has_gap() {
                return None;
            }
            ring.drain(&mut drained, mark)
        };
        let waiting = drained.get(..count).unwrap_or_default();
        let updates: Vec<Update<'_>> = waiting.iter().filter_map(|one| self.update(one)).collect();
        Some(taker(waiting, &updates))
    }

    fn number(&self, door: &[u8]) -> Result<u32, WiringError> {
        self.by_door.get(door).copied().map_or_else(|| wrong("unknown door"), Ok)
    }

    fn update<'a>(&'a self, waiting: &'a Waiting) -> Option<Update<'a>> {
        let (key, _) = self.doors.get(waiting.door as usize)?;
        Some(Update { key, seq: waiting.seq, data: &waiting.data })
    }

    fn account(&self, reader: &mut Reader, mut params: Walker<'_>, at_ns: u64) -> Result<Taken, Refused> {
        let (mut subscription, mut result) = (None, None);
        params.object(|key, inner| match key {
            b"subscription" => once(&mut subscription, inner.integer()?),
            b"result" => {
                once(&mut result, *inner)?;
                inner.skip()
            }
            _ => inner.skip(),
        })?;
        let mut result = result.ok_or(Refused::Shape)?;
        let Some(door) = reader.subscriptions.get(&subscription.ok_or(Refused::Shape)?).copied() else {
            return Ok(Taken::Other);
        };
        let account = solana::account(&mut result)?;
        let seq = reader.counters.seq(account.slot);
        reader.scratch.clear();
        if self.kind(door) == Kind::Owned {
            reader.scratch.extend_from_slice(&base58::key(account.owner)?);
        }
        match account.encoding {
            b"base64" => text::base64_into(account.text, &mut reader.scratch)?,
            b"base64+zstd" => reader.unpacker.unpack_into(account.text, &mut reader.scratch)?,
            _ => return Err(Refused::Encoding),
        }
        Ok(self.keep(reader, door, seq, at_ns))
    }

    fn log(&self, reader: &mut Reader, mut params: Walker<'_>, at_ns: u64) -> Result<Taken, Refused> {
        let mut log = None;
        params.object(|key, inner| match key {
            b"result" => once(&mut log, evm::Log::read(inner)?),
            _ => inner.skip(),
        })?;
        let Some(log) = log.ok_or(Refused::Shape)? else {
            return Ok(Taken::Other);
        };
        if log.removed()? {
            held(&self.ring).clear();
            return Ok(Taken::Removed);
        }
        let block = log.block()?;
        if reader.newest.is_none_or(|(newest, _)| newest != block) {
            reader.newest = Some((block, log.time()));
        }
        reader.scratch.clear();
        let door = log.decode(&mut reader.scratch)?;
        let Some(number) = door.and_then(|door| self.by_door.get(door.as_slice()).copied()) else {
            return Ok(Taken::Unwatched);
        };
        let seq = log.seq()?;
        Ok(self.keep(reader, number, seq, at_ns))
    }

    fn kind(&self, door: u32) -> Kind {
        self.doors.get(door as usize).map_or(Kind::Every, |(_, kind)| *kind)
    }

    fn keep(&self, reader: &mut Reader, door: u32, seq: u64, at_ns: u64) -> Taken {
        let arrival = Arrival { door, every: self.kind(door) == Kind::Every, seq, at_ns };
        if held(&self.ring).put(arrival, &mut reader.scratch) {
            Taken::Kept
        } else {
            Taken::Lost
        }
    }
}

impl Reader {
    /// An answer that names a subscription somebody waits for.
    fn confirm(&mut self, text: &Head<'_>) {
        let Some((number, mut result)) = text.answer else { return };
        let Ok(subscription) = result.integer() else { return };
        if self.subscriptions.len() < MAX_SUBSCRIPTIONS {
            if let Some(door) = self.expected.remove(&number) {
                self.subscriptions.insert(subscription, door);
            }
        }
    }
}

/// What a frame's first look tells; `params` is checked to be JSON.
struct Head<'a> {
    method: &'a [u8],
    params: Walker<'a>,
    /// Id and result of an answer.
    answer: Option<(u64, Walker<'a>)>,
}

fn head(frame: &[u8]) -> Result<Head<'_>, Refused> {
    if frame.len() > MAX_FRAME {
        return Err(Refused::Size);
    }
    std::str::from_utf8(frame).map_err(|_| Refused::Utf8)?;
    let (mut answer, mut method, mut params, mut result) = (None, None, None, None);
    let mut walker = Walker::new(frame);
    walker.object(|key, inner| match key {
        b"id" => {
            let mut number = *inner;
            once(&mut answer, (inner.peek() != Some(b'n')).then(|| number.integer().ok()))?;
            inner.skip()
        }
        b"result" => {
            once(&mut result, *inner)?;
            inner.skip()
        }
        b"method" => once(&mut method, inner.string()?),
        b"params" => {
            once(&mut params, *inner)?;
            inner.skip()
        }
        _ => inner.skip(),
    })?;
    walker.end()?;
    match (answer, method, params) {
        (Some(Some(number)), ..) => Ok(Head { method: b"", params: walker, answer: number.zip(result) }),
        (_, None, _) => Ok(Head { method: b"", params: walker, answer: None }),
        (_, Some(method), Some(params)) => Ok(Head { method, params, answer: None }),
        (_, Some(_), None) => Err(Refused::Shape),
    }
}

fn bounded<S: std::hash::BuildHasher>(
    map: &mut HashMap<u64, u32, S>,
    number: u64,
    door: u32,
) -> Result<(), WiringError> {
    if map.len() >= MAX_SUBSCRIPTIONS {
        return wrong("too many subscriptions");
    }
    map.insert(number, door);
    Ok(())
}

/// Set what must come once.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Refused> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Refused::Duplicate),
    }
}

/// No thread panics while it holds one of these, and if it did, what is kept would still be whole updates.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
