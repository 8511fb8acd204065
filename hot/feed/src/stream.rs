//! A socket that never blocks for longer than its owner wants to live.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{poll, PollFd, PollFlags, Timespec};

use crate::signal::Signal;

/// A nonblocking socket.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    /// Readable once the owner wants the thread to end.
    stop: Arc<Signal>,
    /// Until then reads and writes wait; afterwards they say `WouldBlock`.
    patience: Option<Instant>,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// What a wait ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woke {
    /// The socket is ready.
    Ready,
    /// The time is over.
    Late,
    /// The owner wants an end.
    Stopped,
}

impl Stream {
    /// Connect over TCP, to the first address of the name that answers.
    pub fn tcp(host: &str, port: u16, until: Instant, stop: Arc<Signal>) -> io::Result<Self> {
        let mut failed = io::Error::from(io::ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs()? {
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&address, left) {
                Ok(socket) => {
                    socket.set_nodelay(true)?;
                    socket.set_nonblocking(true)?;
                    return Ok(Self { socket: Socket::Tcp(socket), stop, patience: None });
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// Connect to a Unix socket.
    pub fn unix(path: &Path, stop: Arc<Signal>) -> io::Result<Self> {
        let socket = UnixStream::connect(path)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket: Socket::Unix(socket), stop, patience: None })
    }

    /// Wait in reads and writes until then; None never waits.
    pub fn be_patient(&mut self, until: Option<Instant>) {
        self.patience = until;
    }

    /// Acknowledge what was read now. Without it, a node that gathers small writes and the delayed acknowledgement here
    /// cost 40 ms a notification.
    pub fn acknowledge(&self) {
        #[cfg(target_os = "linux")]
        if let Socket::Tcp(socket) = &self.socket {
            // Only faster: what fails here is slow, not wrong.
            let _ = rustix::net::sockopt::set_tcp_quickack(socket, true);
        }
    }

    /// Wait until there is something to read, for at most so long; None waits for ever.
    pub fn wait(&self, most: Option<Duration>) -> io::Result<Woke> {
        self.ready(PollFlags::IN, most)
    }

    fn ready(&self, what: PollFlags, most: Option<Duration>) -> io::Result<Woke> {
        let most = most.map(|most| Timespec {
            tv_sec: i64::try_from(most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(most.subsec_nanos()),
        });
        let mut waited = [PollFd::new(self, what), PollFd::new(&*self.stop, PollFlags::IN)];
        match poll(&mut waited, most.as_ref()) {
            Ok(0) => Ok(Woke::Late),
            Ok(_) if !waited[1].revents().is_empty() => Ok(Woke::Stopped),
            Ok(_) => Ok(Woke::Ready),
            Err(rustix::io::Errno::INTR) => Ok(Woke::Late),
            Err(error) => Err(error.into()),
        }
    }

    fn patiently<T>(&mut self, what: PollFlags, mut act: impl FnMut(&mut Socket) -> io::Result<T>) -> io::Result<T> {
        loop {
            match act(&mut self.socket) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let Some(until) = self.patience else { return Err(error) };
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() || self.ready(what, Some(left))? == Woke::Stopped {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                done => return done,
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(PollFlags::IN, |socket| match socket {
            Socket::Tcp(socket) => socket.read(buffer),
            Socket::Unix(socket) => socket.read(buffer),
        })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(PollFlags::OUT, |socket| match socket {
            Socket::Tcp(socket) => socket.write(bytes),
            Socket::Unix(socket) => socket.write(bytes),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Tcp(socket) => socket.as_fd(),
            Socket::Unix(socket) => socket.as_fd(),
        }
    }
}
