//! From a socket's bytes to frames: WebSocket messages, or lines.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use crate::address::Address;
use crate::signal::Signal;
use crate::stream::Stream;

/// Most frames that are read in one go, so that what was read is told.
const BURST: usize = 512;
const CHUNK: usize = 64 << 10;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its owner wanted it.
    Stopped,
    /// Nobody answered in time.
    Unreachable,
    /// Somebody answered who does not speak WebSocket.
    Handshake,
    /// The node is gone.
    Gone,
    /// A frame is larger than allowed.
    Size,
    /// Bytes that are no frames.
    Protocol,
    /// More waits than may: updates or frames would be lost.
    Full,
    /// A defect of this module.
    Panic,
}

impl End {
    /// The name that crosses to Python.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Unreachable => "unreachable",
            Self::Handshake => "handshake",
            Self::Gone => "gone",
            Self::Size => "size",
            Self::Protocol => "protocol",
            Self::Full => "full",
            Self::Panic => "panic",
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub enum Wire {
    /// One frame a message.
    WebSocket(Box<WebSocket<Stream>>),
    /// One frame a line.
    Lines(Lines),
}

impl Wire {
    /// Connect, within `most`.
    pub fn open(address: &Address, max_frame: usize, most: Duration, stop: Arc<Signal>) -> Result<Self, End> {
        let until = Instant::now() + most;
        match address {
            Address::Ipc(path) => {
                let stream = Stream::unix(path, stop).map_err(|_| End::Unreachable)?;
                Ok(Self::Lines(Lines::new(stream, max_frame)))
            }
            Address::WebSocket { url, host, port } => {
                let mut stream = Stream::tcp(host, *port, until, stop).map_err(|_| End::Unreachable)?;
                stream.be_patient(Some(until));
                let config = WebSocketConfig::default()
                    .read_buffer_size(CHUNK)
                    .write_buffer_size(0)
                    .max_write_buffer_size(max_frame.max(CHUNK))
                    .max_message_size(Some(max_frame))
                    .max_frame_size(Some(max_frame));
                let opened = tungstenite::client::client_with_config(url.as_str(), stream, Some(config));
                let (mut socket, _) = opened.map_err(|_| End::Handshake)?;
                socket.get_mut().be_patient(None);
                Ok(Self::WebSocket(Box::new(socket)))
            }
        }
    }

    /// Write a frame, within `most`.
    pub fn send(&mut self, frame: &str, most: Duration) -> Result<(), End> {
        self.stream_mut().be_patient(Some(Instant::now() + most));
        let sent = match self {
            Self::WebSocket(socket) => socket.send(Message::text(frame)).map_err(|error| end_of(&error)),
            Self::Lines(lines) => lines.send(frame).map_err(|_| End::Gone),
        };
        self.stream_mut().be_patient(None);
        sent
    }

    /// Hand every frame that is there to `take`; how many, and whether there may be more.
    pub fn pump(&mut self, take: &mut impl FnMut(&[u8]) -> Result<(), End>) -> Result<(usize, bool), End> {
        match self {
            Self::WebSocket(socket) => messages(socket, take),
            Self::Lines(lines) => lines.pump(take),
        }
    }

    /// The socket under it.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        match self {
            Self::WebSocket(socket) => socket.get_ref(),
            Self::Lines(lines) => &lines.stream,
        }
    }

    fn stream_mut(&mut self) -> &mut Stream {
        match self {
            Self::WebSocket(socket) => socket.get_mut(),
            Self::Lines(lines) => &mut lines.stream,
        }
    }
}

fn messages(
    socket: &mut WebSocket<Stream>,
    take: &mut impl FnMut(&[u8]) -> Result<(), End>,
) -> Result<(usize, bool), End> {
    for count in 0..BURST {
        match socket.read() {
            Ok(Message::Text(text)) => take(text.as_bytes())?,
            Ok(Message::Binary(bytes)) => take(&bytes)?,
            Ok(Message::Close(_)) => return Err(End::Gone),
            Ok(_) => {}
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Ok((count, false)),
            Err(error) => return Err(end_of(&error)),
        }
    }
    Ok((BURST, true))
}

fn end_of(error: &Error) -> End {
    use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
    match error {
        Error::Capacity(_) => End::Size,
        Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_) => End::Gone,
        Error::Protocol(ResetWithoutClosingHandshake) => End::Gone,
        _ => End::Protocol,
    }
}

/// One JSON text a line, as geth, reth and anvil write them.
#[derive(Debug)]
pub struct Lines {
    stream: Stream,
    held: Vec<u8>,
    filled: usize,
    max_frame: usize,
}

impl Lines {
    fn new(stream: Stream, max_frame: usize) -> Self {
        Self { stream, held: vec![0; CHUNK], filled: 0, max_frame }
    }

    fn send(&mut self, frame: &str) -> io::Result<()> {
        self.stream.write_all(frame.as_bytes())?;
        self.stream.write_all(b"\n")
    }

    fn pump(&mut self, take: &mut impl FnMut(&[u8]) -> Result<(), End>) -> Result<(usize, bool), End> {
        let mut count = 0;
        while count < BURST {
            let Some(room) = self.held.get_mut(self.filled..) else { return Err(End::Size) };
            let read = match self.stream.read(room) {
                Ok(0) => return Err(End::Gone),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok((count, false)),
                Err(_) => return Err(End::Gone),
            };
            let fresh = self.filled;
            self.filled += read;
            count += self.cut(fresh, take)?;
        }
        Ok((count, true))
    }

    /// Hand on the whole lines, keep the rest at the front; what was there before `fresh` has no end of a line.
    fn cut(&mut self, fresh: usize, take: &mut impl FnMut(&[u8]) -> Result<(), End>) -> Result<usize, End> {
        let (mut start, mut from, mut count) = (0, fresh, 0);
        while let Some(found) = self.held.get(from..self.filled).and_then(|rest| rest.iter().position(|b| *b == b'\n'))
        {
            let end = from + found;
            let line = self.held.get(start..end).unwrap_or_default();
            if line.len() > self.max_frame {
                return Err(End::Size);
            }
            if !line.is_empty() {
                take(line)?;
                count += 1;
            }
            (start, from) = (end + 1, end + 1);
        }
        self.held.copy_within(start..self.filled, 0);
        self.filled -= start;
        if self.filled > self.max_frame {
            return Err(End::Size);
        }
        if self.filled == self.held.len() {
            self.held.resize(self.held.len() * 2, 0);
        }
        Ok(count)
    }
}
