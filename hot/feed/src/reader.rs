//! The owner's side of the thread.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hoploop_hot::ingest::{Ingest, MAX_FRAME};
use rustix::event::{poll, PollFd, PollFlags, Timespec};

use crate::address::Address;
#[cfg(target_os = "linux")]
use crate::caller::Caller;
use crate::run::{follow, open};
use crate::shared::{Other, Shared};
use crate::wire::End;

/// Longest wait for a thread that was told to end; one that still connects is left to its own time limit.
const FAREWELL: Duration = Duration::from_millis(200);

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The owner, whenever the file is readable: one wake-up between a frame and the owner. A thread only connects. Where
    /// there is no epoll this is `Thread`.
    Caller,
    /// A thread that sleeps: the socket is read even while the owner is busy, for a second wake-up.
    Thread,
    /// A thread that never sleeps: costs a core.
    Busy,
}

/// How a connection is read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Who reads.
    pub mode: Mode,
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
        Self { mode: Mode::Thread, quiet: Duration::ZERO, timeout, max_frame: MAX_FRAME }
    }
}

/// One connection, from connecting to its loss. Dropping it ends it.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    #[cfg(target_os = "linux")]
    caller: Option<Arc<Caller>>,
}

impl Reader {
    /// Start to connect; returns at once. What happens is told by the file.
    pub fn start(ingest: Arc<Ingest>, address: Address, requests: Vec<String>, options: Options) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(ingest)?);
        #[cfg(target_os = "linux")]
        if options.mode == Mode::Caller {
            let caller = Arc::new(Caller::new(&shared.wake)?);
            let theirs = Arc::clone(&caller);
            let thread = spawn(&shared, move |shared| {
                let (wire, pace) = open(shared, &address, &requests, &options)?;
                theirs.park(wire, pace).map_err(|_| End::Gone)?;
                // What was read ahead with the handshake is not seen by the file.
                shared.wake.raise();
                Ok(())
            })?;
            return Ok(Self { shared, thread: Some(thread), caller: Some(caller) });
        }
        let thread = spawn(&shared, move |shared| {
            let (mut wire, mut pace) = open(shared, &address, &requests, &options)?;
            Err(follow(shared, &mut wire, &mut pace, options.mode == Mode::Busy))
        })?;
        Ok(Self {
            shared,
            thread: Some(thread),
            #[cfg(target_os = "linux")]
            caller: None,
        })
    }

    /// Readable when there is something to look at.
    #[must_use]
    pub fn file(&self) -> BorrowedFd<'_> {
        #[cfg(target_os = "linux")]
        if let Some(caller) = &self.caller {
            return caller.as_fd();
        }
        self.shared.wake.as_fd()
    }

    /// Look, and make the file unreadable: whether updates or frames wait or the connection ended since the last look.
    pub fn look(&self) -> bool {
        let told = self.shared.clear();
        self.read();
        self.shared.take_told() || told
    }

    /// Wait until `look` would find something, for at most so long; whether it would. `spin` never sleeps.
    #[must_use]
    pub fn wait(&self, most: Duration, spin: bool) -> bool {
        let until = Instant::now() + most;
        loop {
            self.read();
            if self.shared.is_told() {
                return true;
            }
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
            let _ = poll(&mut [PollFd::from_borrowed_fd(self.file(), PollFlags::IN)], Some(&left));
            #[cfg(target_os = "linux")]
            if self.caller.is_some() {
                self.shared.wake.lower();
            }
        }
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
        #[cfg(target_os = "linux")]
        if let Some(caller) = &self.caller {
            caller.drop_wire();
            self.shared.end(End::Stopped);
        }
    }

    fn read(&self) {
        #[cfg(target_os = "linux")]
        if let Some(caller) = &self.caller {
            caller.look(&self.shared);
        }
    }
}

/// The thread; it has an end to tell unless it leaves the connection to somebody else.
fn spawn(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Shared) -> Result<(), End> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    thread::Builder::new().name("hoploop-ingest".into()).spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(&shared))).unwrap_or(Err(End::Panic));
        if let Err(end) = done {
            shared.end(if shared.stopped.load(Relaxed) { End::Stopped } else { end });
        }
    })
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
        let shared = Arc::new(Shared::new(Arc::new(Ingest::new(&[], 1).unwrap())).unwrap());
        let thread = spawn(&shared, |_| std::panic::resume_unwind(Box::new("defect"))).unwrap();
        thread.join().unwrap();
        assert!(shared.clear());
        assert_eq!(shared.ended(), Some(End::Panic));
    }
}
