//! What is done with a connection: open it, ask, read, and say when the owner should look.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoploop_hot::ingest::Taken;

use crate::address::Address;
use crate::reader::Options;
use crate::shared::{now_ns, Other, Shared};
use crate::stream::Woke;
use crate::wire::{End, Wire};

/// Requests written before answers are read, so that neither side waits for the other with full buffers.
const TOGETHER: usize = 64;
/// An unbroken stream of updates is told of after so many times `quiet`.
const PATIENCE: u32 = 8;

/// Connect and write the requests; what comes meanwhile is read.
pub(crate) fn open(
    shared: &Shared,
    address: &Address,
    requests: &[String],
    options: &Options,
) -> Result<(Wire, Pace), End> {
    let mut wire = Wire::open(address, options.max_frame, options.timeout, Arc::clone(&shared.stop))?;
    let mut pace = Pace::new(options.quiet);
    for group in requests.chunks(TOGETHER) {
        for request in group {
            wire.send(request, options.timeout)?;
        }
        while pace.read(&mut wire, shared)? {}
        if pace.is_due() {
            shared.tell();
        }
    }
    Ok((wire, pace))
}

/// Read until the connection ends; why it did.
pub(crate) fn follow(shared: &Shared, wire: &mut Wire, pace: &mut Pace, busy_poll: bool) -> End {
    loop {
        if shared.stopped.load(Relaxed) {
            return End::Stopped;
        }
        let more = match pace.read(wire, shared) {
            Ok(more) => more,
            Err(end) => return end,
        };
        if pace.is_due() {
            shared.tell();
        }
        if more {
            continue;
        }
        if busy_poll {
            std::hint::spin_loop();
            continue;
        }
        match wire.stream().wait(pace.left()) {
            Ok(Woke::Stopped) => return End::Stopped,
            Ok(_) => {}
            Err(_) => return End::Gone,
        }
    }
}

/// Reads, and knows whether what was read should be told.
#[derive(Debug)]
pub(crate) struct Pace {
    quiet: Duration,
    /// First and newest frame of the updates that are held back.
    pending: Option<(Instant, Instant)>,
    /// An update was kept since last looked at.
    fresh: bool,
    /// A frame for the owner was kept since it was last told.
    others: bool,
}

impl Pace {
    fn new(quiet: Duration) -> Self {
        Self { quiet, pending: None, fresh: false, others: false }
    }

    /// Read what is there; whether there may be more.
    pub fn read(&mut self, wire: &mut Wire, shared: &Shared) -> Result<bool, End> {
        let (count, more) = wire.pump(&mut |frame| self.take(frame, shared))?;
        if count > 0 {
            wire.stream().acknowledge();
        }
        Ok(more)
    }

    /// Whether the owner should look now, once for everything read so far: updates may have to wait for others of their
    /// transaction.
    pub fn is_due(&mut self) -> bool {
        if std::mem::take(&mut self.fresh) {
            let now = Instant::now();
            self.pending = Some((self.pending.map_or(now, |(first, _)| first), now));
        }
        let due = (self.pending.is_some() || self.others) && self.left().is_none_or(|left| left.is_zero());
        if due {
            (self.pending, self.others) = (None, false);
        }
        due
    }

    /// How long updates are still held back; None when there are none.
    pub fn left(&self) -> Option<Duration> {
        let (first, newest) = self.pending?;
        let due = (newest + self.quiet).min(first + self.quiet * PATIENCE);
        Some(due.saturating_duration_since(Instant::now()))
    }

    fn take(&mut self, frame: &[u8], shared: &Shared) -> Result<(), End> {
        let at_ns = now_ns();
        let what = match shared.ingest.push_at(frame, at_ns) {
            Ok(Taken::Kept) => {
                self.fresh = true;
                return Ok(());
            }
            Ok(Taken::Unwatched) => return Ok(()),
            Ok(Taken::Lost) => return Err(End::Full),
            Ok(taken @ (Taken::Other | Taken::Removed)) => taken.code(),
            Err(refused) => refused.code(),
        };
        self.others = true;
        shared.keep(Other { what, mark: shared.ingest.mark(), at_ns, frame: frame.to_vec() })
    }
}
