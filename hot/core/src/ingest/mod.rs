//! From the text frames of nodes to updates of the market, without Python: decode, keep the newest, hand over.
//!
//! [`Ingest::push`] may be called from the thread that reads a socket while another drains. Frames it has no business
//! with are [`Taken::Other`]; a frame that is refused changes nothing.

pub mod evm;
pub mod json;
pub mod ring;
pub mod solana;
pub mod text;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::wrong;
use crate::market::{BatchResult, Market, Update};
use crate::WiringError;

use json::Walker;
use ring::{Ring, Waiting};
use solana::Counters;

/// Longest frame that is read: Solana's largest account in base64, with room.
pub const MAX_FRAME: usize = 16 << 20;
/// Most subscriptions held.
const MAX_SUBSCRIPTIONS: usize = 1 << 16;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its update waits for the market.
    Kept,
    /// No notification of ours: an answer, a head, a subscription nobody told of.
    Other,
    /// A log of a door nobody watches.
    Unwatched,
    /// The chain took a block back; everything that waited is forgotten and every pool must be read again.
    Removed,
    /// There was no room for its update; see [`Ingest::gaps`].
    Lost,
}

impl Taken {
    /// The name that crosses to Python.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Other => "other",
            Self::Unwatched => "unwatched",
            Self::Removed => "removed",
            Self::Lost => "lost",
        }
    }
}

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Longer than [`MAX_FRAME`].
    Size,
    /// Not UTF-8.
    Utf8,
    /// Not JSON.
    Json,
    /// Nested too deep.
    Depth,
    /// An escape in text that is read; nodes write none there.
    Escape,
    /// A field twice.
    Duplicate,
    /// A field is missing or of another kind.
    Shape,
    /// A number too large to be true.
    Range,
    /// Account data in another encoding than base64 (base64+zstd among them).
    Encoding,
    /// Not base64.
    Base64,
    /// Not hex, or of another length.
    Hex,
}

impl Refused {
    /// The name that crosses to Python.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Utf8 => "utf8",
            Self::Json => "json",
            Self::Depth => "depth",
            Self::Escape => "escape",
            Self::Duplicate => "duplicate",
            Self::Shape => "shape",
            Self::Range => "range",
            Self::Encoding => "encoding",
            Self::Base64 => "base64",
            Self::Hex => "hex",
        }
    }
}

/// Decodes frames and keeps what the market has not seen.
#[derive(Debug)]
pub struct Ingest {
    doors: Vec<(Box<[u8]>, bool)>,
    by_door: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    reader: Mutex<Reader>,
    ring: Mutex<Ring>,
    drained: Mutex<Vec<Waiting>>,
}

#[derive(Debug, Default)]
struct Reader {
    subscriptions: HashMap<u64, u32, foldhash::fast::RandomState>,
    counters: Counters,
    scratch: Vec<u8>,
}

impl Ingest {
    /// For these doors, each with whether every one of its updates counts (differences) or only the newest (whole states).
    ///
    /// At most `capacity` updates of the first kind wait.
    pub fn new(doors: &[(&[u8], bool)], capacity: usize) -> Result<Self, WiringError> {
        let mut by_door = HashMap::default();
        for ((door, _), number) in doors.iter().zip(0u32..) {
            if by_door.insert(Box::from(*door), number).is_some() {
                return wrong("a door is given twice");
            }
        }
        Ok(Self {
            doors: doors.iter().map(|(door, every)| (Box::from(*door), *every)).collect(),
            by_door,
            reader: Mutex::default(),
            ring: Mutex::new(Ring::new(doors.len(), capacity)),
            drained: Mutex::default(),
        })
    }

    /// The node calls this door's notifications by this number from now on (Solana).
    pub fn subscribe(&self, subscription: u64, door: &[u8]) -> Result<(), WiringError> {
        let Some(number) = self.by_door.get(door) else {
            return wrong("unknown door");
        };
        let mut reader = held(&self.reader);
        if reader.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return wrong("too many subscriptions");
        }
        reader.subscriptions.insert(subscription, *number);
        Ok(())
    }

    /// The connection is lost: forget its subscriptions, its counts and what waits.
    pub fn reset(&self) {
        let mut reader = held(&self.reader);
        reader.subscriptions.clear();
        reader.counters = Counters::default();
        held(&self.ring).clear();
    }

    /// Take one frame.
    pub fn push(&self, frame: &[u8]) -> Result<Taken, Refused> {
        let text = head(frame)?;
        let mut reader = held(&self.reader);
        match text.method {
            b"accountNotification" => self.account(&mut reader, text.params),
            b"eth_subscription" => self.log(&mut reader, text.params),
            _ => Ok(Taken::Other),
        }
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

    /// Give everything that waits, in order, to somebody else. Refused while a gap has not been asked for.
    pub fn take<T>(&self, taker: impl FnOnce(&[Update<'_>]) -> T) -> Result<T, WiringError> {
        let mut drained = held(&self.drained);
        let count = {
            let mut ring = held(&self.ring);
            if ring.has_gap() {
                return wrong("updates were lost: ask for the gaps first");
            }
            ring.drain(&mut drained)
        };
        let updates: Vec<Update<'_>> = drained.iter().take(count).filter_map(|waiting| self.update(waiting)).collect();
        Ok(taker(&updates))
    }

    fn update<'a>(&'a self, waiting: &'a Waiting) -> Option<Update<'a>> {
        let (key, _) = self.doors.get(waiting.door as usize)?;
        Some(Update { key, seq: waiting.seq, data: &waiting.data })
    }

    fn account(&self, reader: &mut Reader, mut params: Walker<'_>) -> Result<Taken, Refused> {
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
        if account.encoding != b"base64" {
            return Err(Refused::Encoding);
        }
        reader.scratch.clear();
        text::base64_into(account.text, &mut reader.scratch)?;
        Ok(self.keep(reader, door, seq))
    }

    fn log(&self, reader: &mut Reader, mut params: Walker<'_>) -> Result<Taken, Refused> {
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
        reader.scratch.clear();
        let door = log.decode(&mut reader.scratch)?;
        let Some(number) = door.and_then(|door| self.by_door.get(door.as_slice()).copied()) else {
            return Ok(Taken::Unwatched);
        };
        let seq = log.seq()?;
        Ok(self.keep(reader, number, seq))
    }

    fn keep(&self, reader: &mut Reader, door: u32, seq: u64) -> Taken {
        let every = self.doors.get(door as usize).is_some_and(|(_, every)| *every);
        if held(&self.ring).put(door, every, seq, &mut reader.scratch) {
            Taken::Kept
        } else {
            Taken::Lost
        }
    }
}

/// What a frame's first look tells; `params` is checked to be JSON.
struct Head<'a> {
    method: &'a [u8],
    params: Walker<'a>,
}

fn head(frame: &[u8]) -> Result<Head<'_>, Refused> {
    if frame.len() > MAX_FRAME {
        return Err(Refused::Size);
    }
    std::str::from_utf8(frame).map_err(|_| Refused::Utf8)?;
    let (mut answer, mut method, mut params) = (None, None, None);
    let mut walker = Walker::new(frame);
    walker.object(|key, inner| match key {
        b"id" => {
            once(&mut answer, inner.peek() != Some(b'n'))?;
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
        (Some(true), ..) | (_, None, _) => Ok(Head { method: b"", params: walker }),
        (_, Some(method), Some(params)) => Ok(Head { method, params }),
        (_, Some(_), None) => Err(Refused::Shape),
    }
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
