//! A file that becomes readable: an eventfd where there is one, else a pair of sockets.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Readable from `raise` to `lower`.
#[derive(Debug)]
pub struct Signal {
    reading: OwnedFd,
    /// The other end, where one file cannot be both.
    writing: Option<OwnedFd>,
    /// Whether there is something to read away.
    raised: AtomicBool,
}

impl Signal {
    /// Not readable yet.
    pub fn new() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            use rustix::event::{eventfd, EventfdFlags};
            Ok(Self {
                reading: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?,
                writing: None,
                raised: AtomicBool::new(false),
            })
        }
        #[cfg(not(target_os = "linux"))]
        {
            let (reading, writing) = std::os::unix::net::UnixStream::pair()?;
            reading.set_nonblocking(true)?;
            writing.set_nonblocking(true)?;
            Ok(Self { reading: reading.into(), writing: Some(writing.into()), raised: AtomicBool::new(false) })
        }
    }

    /// Make it readable.
    pub fn raise(&self) {
        // What cannot be written because it is full is readable already.
        let _ = rustix::io::write(self.writing.as_ref().unwrap_or(&self.reading), &1u64.to_ne_bytes());
        // After it: what is readable must never be taken for unreadable.
        self.raised.store(true, SeqCst);
    }

    /// Make it unreadable.
    pub fn lower(&self) {
        if self.raised.swap(false, SeqCst) {
            let _ = rustix::io::read(&self.reading, &mut [0u8; 8]);
        }
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reading.as_fd()
    }
}
