//! What the thread does: connect, ask, read until the end.

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

/// Until the connection ends; why it did.
pub(crate) fn run(shared: &Shared, address: &Address, requests: &[String], options: &Options) -> End {
    let mut run = Run { shared, options, pending: None, fresh: false, others: false };
    match run.open(address, requests).and_then(|mut wire| run.follow(&mut wire)) {
        Ok(never) => match never {},
        Err(_) if shared.stopped.load(Relaxed) => End::Stopped,
        Err(end) => end,
    }
}

enum Never {}

struct Run<'a> {
    shared: &'a Shared,
    options: &'a Options,
    /// First and newest frame of the updates that are held back.
    pending: Option<(Instant, Instant)>,
    /// An update was kept since last looked at.
    fresh: bool,
    /// A frame for the owner was kept since it was last told.
    others: bool,
}

impl Run<'_> {
    fn open(&mut self, address: &Address, requests: &[String]) -> Result<Wire, End> {
        let Options { max_frame, timeout, .. } = *self.options;
        let mut wire = Wire::open(address, max_frame, timeout, Arc::clone(&self.shared.stop))?;
        for group in requests.chunks(TOGETHER) {
            for request in group {
                wire.send(request, timeout)?;
            }
            self.pump(&mut wire)?;
            self.tell();
        }
        Ok(wire)
    }

    fn follow(&mut self, wire: &mut Wire) -> Result<Never, End> {
        loop {
            if self.shared.stopped.load(Relaxed) {
                return Err(End::Stopped);
            }
            let more = self.pump(wire)?;
            self.tell();
            if more {
                continue;
            }
            if self.options.busy_poll {
                std::hint::spin_loop();
            } else if wire.stream().wait(self.left()).map_err(|_| End::Gone)? == Woke::Stopped {
                return Err(End::Stopped);
            }
        }
    }

    /// Read what is there; whether there may be more.
    fn pump(&mut self, wire: &mut Wire) -> Result<bool, End> {
        let (count, more) = wire.pump(&mut |frame| self.take(frame))?;
        if count > 0 {
            wire.stream().acknowledge();
        }
        Ok(more)
    }

    fn take(&mut self, frame: &[u8]) -> Result<(), End> {
        let at_ns = now_ns();
        let what = match self.shared.ingest.push_at(frame, at_ns) {
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
        self.shared.keep(Other { what, mark: self.shared.ingest.mark(), at_ns, frame: frame.to_vec() })
    }

    /// Tell the owner, unless updates are to wait for others of their transaction.
    fn tell(&mut self) {
        if std::mem::take(&mut self.fresh) {
            let now = Instant::now();
            self.pending = Some((self.pending.map_or(now, |(first, _)| first), now));
        }
        if (self.pending.is_some() || self.others) && self.left().is_none_or(|left| left.is_zero()) {
            (self.pending, self.others) = (None, false);
            self.shared.tell();
        }
    }

    /// How long updates are still held back; None when there are none.
    fn left(&self) -> Option<Duration> {
        let (first, newest) = self.pending?;
        let quiet = self.options.quiet;
        let due = (newest + quiet).min(first + quiet * PATIENCE);
        Some(due.saturating_duration_since(Instant::now()))
    }
}
