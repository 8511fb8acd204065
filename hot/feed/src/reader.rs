//! The owner's side of the thread.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hoploop_hot::ingest::{Ingest, MAX_FRAME};
use rustix::event::{poll, PollFd, PollFlags, Timespec};

use crate::address::Address;
use crate::run::run;
use crate::shared::{Other, Shared};
use crate::wire::End;

/// Longest wait for a thread that was told to end; one that still connects is left to its own time limit.
const FAREWELL: Duration = Duration::from_millis(200);

/// How a connection is read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Never sleep: costs a core.
    pub busy_poll: bool,
    /// Updates are told of once the socket was quiet for so long.
    pub quiet: Duration,
    /// Longest wait to connect and for a request to be written.
    pub timeout: Duration,
    /// Largest frame.
    pub max_frame: usize,
}

impl Default for Options {
    fn default() -> Self {
        let timeout = Duration::from_secs(5);
        Self { busy_poll: false, quiet: Duration::ZERO, timeout, max_frame: MAX_FRAME }
    }
}

/// One connection and the thread that reads it. Dropping it ends both.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Start to connect; returns at once. What happens is told by the eventfd.
    pub fn start(ingest: Arc<Ingest>, address: Address, requests: Vec<String>, options: Options) -> io::Result<Self> {
        Self::spawn(ingest, move |shared| run(shared, &address, &requests, &options))
    }

    fn spawn(ingest: Arc<Ingest>, work: impl FnOnce(&Shared) -> End + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(ingest)?);
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().name("hoploop-ingest".into()).spawn(move || {
            let end = catch_unwind(AssertUnwindSafe(|| work(&theirs))).unwrap_or(End::Panic);
            theirs.end(end);
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Readable when something waits or the connection ended.
    #[must_use]
    pub fn wake(&self) -> BorrowedFd<'_> {
        self.shared.wake.as_fd()
    }

    /// Make it unreadable; call before looking at what waits.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// Wait until the eventfd is readable, for at most so long; whether it is. `spin` never sleeps.
    #[must_use]
    pub fn wait(&self, most: Duration, spin: bool) -> bool {
        let until = Instant::now() + most;
        while !self.shared.is_told() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            if spin {
                std::hint::spin_loop();
                continue;
            }
            let left = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            // Whatever ends it, the flag is looked at again.
            let _ = poll(&mut [PollFd::new(&self.shared.wake, PollFlags::IN)], Some(&left));
        }
        true
    }

    /// Take the frames that are the owner's matter, in order.
    #[must_use]
    pub fn others(&self) -> Vec<Other> {
        self.shared.others().into()
    }

    /// Why the connection ended; None while it lives.
    #[must_use]
    pub fn ended(&self) -> Option<End> {
        self.shared.ended()
    }

    /// What it reads into.
    #[must_use]
    pub fn ingest(&self) -> &Ingest {
        &self.shared.ingest
    }

    /// End the connection and wait for the thread, a moment at most.
    pub fn stop(&mut self) {
        self.shared.stop();
        let Some(thread) = self.thread.take() else { return };
        let until = Instant::now() + FAREWELL;
        while !thread.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_micros(50));
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_end_with_its_reason() {
        let ingest = Arc::new(Ingest::new(&[], 1).unwrap());
        let reader = Reader::spawn(ingest, |_| std::panic::resume_unwind(Box::new("defect"))).unwrap();
        assert!(reader.wait(Duration::from_secs(5), false));
        assert_eq!(reader.ended(), Some(End::Panic));
    }
}
