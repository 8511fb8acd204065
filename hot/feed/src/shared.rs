//! What the thread and its owner share.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hoploop_hot::ingest::Ingest;
use rustix::time::{clock_gettime, ClockId};

use crate::signal::Signal;
use crate::wire::End;

/// Most frames that wait for the owner, and most of their bytes.
const MAX_OTHERS: usize = 1 << 14;
const MAX_OTHER_BYTES: usize = 64 << 20;

/// A frame that is the owner's matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// `other`, `removed`, or why it was refused.
    pub what: &'static str,
    /// Updates until this mark came before it; see [`Ingest::mark`].
    pub mark: u64,
    /// When it was read.
    pub at_ns: u64,
    /// As it came.
    pub frame: Vec<u8>,
}

#[derive(Debug, Default)]
struct Others {
    waiting: VecDeque<Other>,
    bytes: usize,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub ingest: Arc<Ingest>,
    pub stop: Arc<Signal>,
    pub wake: Signal,
    pub stopped: AtomicBool,
    told: AtomicBool,
    others: Mutex<Others>,
    ended: OnceLock<End>,
}

impl Shared {
    pub fn new(ingest: Arc<Ingest>) -> io::Result<Self> {
        Ok(Self {
            ingest,
            stop: Arc::new(Signal::new()?),
            wake: Signal::new()?,
            stopped: AtomicBool::new(false),
            told: AtomicBool::new(false),
            others: Mutex::default(),
            ended: OnceLock::new(),
        })
    }

    pub fn keep(&self, other: Other) -> Result<(), End> {
        let mut others = held(&self.others);
        if others.waiting.len() >= MAX_OTHERS || others.bytes + other.frame.len() > MAX_OTHER_BYTES {
            return Err(End::Full);
        }
        others.bytes += other.frame.len();
        others.waiting.push_back(other);
        Ok(())
    }

    pub fn others(&self) -> VecDeque<Other> {
        mem::take(&mut *held(&self.others)).waiting
    }

    /// Make the file readable, once until it is looked at.
    pub fn tell(&self) {
        if !self.told.swap(true, SeqCst) {
            self.wake.raise();
        }
    }

    /// Something is due; the owner is looking already.
    pub fn found(&self) {
        self.told.store(true, SeqCst);
    }

    pub fn is_told(&self) -> bool {
        self.told.load(SeqCst)
    }

    /// Not readable any more; call before looking, so that nothing later is missed. Whether there is anything.
    pub fn clear(&self) -> bool {
        self.wake.lower();
        self.take_told()
    }

    pub fn take_told(&self) -> bool {
        self.told.swap(false, SeqCst)
    }

    pub fn end(&self, why: End) {
        let _ = self.ended.set(why);
        self.tell();
    }

    pub fn ended(&self) -> Option<End> {
        self.ended.get().copied()
    }

    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
        self.stop.raise();
    }
}

/// Nanoseconds of the monotonic clock, the same that Python reads.
#[must_use]
pub fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(now.tv_nsec).unwrap_or(0))
}

/// What is kept is whole even when its holder panicked.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
