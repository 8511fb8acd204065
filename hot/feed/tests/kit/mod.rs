//! A node on loopback that says what a test wants.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hoploop_hot::ingest::{Ingest, Kind};
use hoploop_hot_feed::{Address, End, Mode, Options, Reader};

pub const ACCOUNT: [u8; 32] = [7; 32];
pub const PAIR: [u8; 52] = [0x11; 52];
pub const LONG: Duration = Duration::from_secs(10);

/// Knows one account, called 9, and one log.
pub fn ingest(capacity: usize) -> Arc<Ingest> {
    let made = Ingest::new(&[(&ACCOUNT, Kind::Whole), (&PAIR, Kind::Every)], capacity).unwrap();
    made.subscribe(9, &ACCOUNT).unwrap();
    Arc::new(made)
}

pub fn account(slot: u64) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"accountNotification","params":{{"result":{{"context":{{"slot":{slot}}},"value":{{"lamports":1,"data":["AAEC","base64"],"owner":"x","executable":false}}}},"subscription":9}}}}"#
    )
}

pub fn log(block: u64) -> String {
    let (address, topic) = ("11".repeat(20), "11".repeat(32));
    format!(
        r#"{{"jsonrpc":"2.0","method":"eth_subscription","params":{{"subscription":"0x1","result":{{"address":"0x{address}","topics":["0x{topic}"],"data":"0x0a0b","blockNumber":"{block:#x}","logIndex":"0x0","removed":false}}}}}}"#
    )
}

/// A WebSocket server for one client; `act` has the bare socket after the handshake.
pub fn websocket(act: impl FnOnce(&mut TcpStream) + Send + 'static) -> (Address, JoinHandle<()>) {
    tcp(move |socket| {
        let mut opened = tungstenite::accept(socket).unwrap();
        act(opened.get_mut());
        // Hanging up on what the client still says would take back what it has not read.
        let _ = opened.get_ref().shutdown(Shutdown::Write);
        linger(opened.get_mut());
    })
}

/// A TCP server for one client.
pub fn tcp(act: impl FnOnce(TcpStream) + Send + 'static) -> (Address, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::parse(&format!("ws://{}/", listener.local_addr().unwrap())).unwrap();
    let server = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_nodelay(true).unwrap();
        act(socket);
    });
    (address, server)
}

/// A server on a Unix socket for one client.
pub fn ipc(act: impl FnOnce(&mut UnixStream) + Send + 'static) -> (Address, JoinHandle<()>) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("hoploop-feed-{}-{}.ipc", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path: PathBuf = std::env::temp_dir().join(name);
    let listener = UnixListener::bind(&path).unwrap();
    let address = Address::parse(&format!("ipc:{}", path.display())).unwrap();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        std::fs::remove_file(path).unwrap();
        act(&mut socket);
    });
    (address, server)
}

/// A WebSocket frame as servers write it: not masked.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        length @ ..=125 => out.push(length as u8),
        length @ ..=0xffff => {
            out.push(126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(payload);
    out
}

pub fn text(payload: &str) -> Vec<u8> {
    frame(0x81, payload.as_bytes())
}

/// Write in pieces that end where `cuts` say, each one of its own as far as the system lets it.
pub fn pieces(socket: &mut impl Write, bytes: &[u8], cuts: &[usize]) {
    let mut at = 0;
    for cut in cuts.iter().map(|cut| cut % (bytes.len() + 1)).filter(|cut| *cut > 0) {
        let end = (at + cut).min(bytes.len());
        socket.write_all(&bytes[at..end]).unwrap();
        thread::yield_now();
        at = end;
    }
    socket.write_all(&bytes[at..]).unwrap();
}

/// Until the client hangs up.
pub fn linger(socket: &mut impl Read) {
    let mut rest = [0; 1024];
    while socket.read(&mut rest).is_ok_and(|read| read > 0) {}
}

pub fn start(ingest: &Arc<Ingest>, address: Address, mode: Mode) -> Reader {
    let options = Options { mode, max_frame: 1 << 16, ..Options::default() };
    Reader::start(Arc::clone(ingest), address, Vec::new(), options).unwrap()
}

/// The same in every mode that sleeps.
pub fn both(test: impl Fn(Mode)) {
    test(Mode::Caller);
    test(Mode::Thread);
}

/// Why the connection ended, once it did.
pub fn ended(reader: &Reader) -> End {
    loop {
        assert!(reader.wait(LONG, false), "the connection lives on");
        reader.look();
        if let Some(end) = reader.ended() {
            return end;
        }
    }
}

/// What waits in the ring, as (sequence, bytes), in order.
pub fn waiting(ingest: &Ingest) -> Vec<(u64, Vec<u8>)> {
    ingest.take(|updates| updates.iter().map(|update| (update.seq, update.data.to_vec())).collect()).unwrap()
}
