//! From connecting to the loss of a connection: what is told, when, and what is bounded.
#![allow(clippy::unwrap_used, missing_docs)]

mod kit;

use std::io::Write;
use std::sync::mpsc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoploop_hot::Market;
use hoploop_hot_feed::{now_ns, Address, End, Mode, Options, Reader};
use kit::*;

fn with(address: Address, options: Options) -> (Arc<hoploop_hot::ingest::Ingest>, Reader) {
    let ingest = ingest(4);
    let reader = Reader::start(Arc::clone(&ingest), address, Vec::new(), options).unwrap();
    (ingest, reader)
}

#[test]
fn the_newest_state_wins_and_what_it_overtook_is_counted() {
    both(|mode| {
        let (address, server) = websocket(|socket| {
            let all: Vec<u8> = (1..=100).flat_map(|slot| text(&account(slot))).collect();
            socket.write_all(&all).unwrap();
        });
        let ingest = ingest(4);
        let reader = start(&ingest, address, mode);
        assert_eq!(ended(&reader), End::Gone);
        server.join().unwrap();
        assert_eq!(waiting(&ingest), [(100 << 20 | 1, vec![0, 1, 2])]);
        assert_eq!(ingest.counts(), (0, 99));
    });
}

#[test]
fn a_difference_too_many_ends_the_connection() {
    both(|mode| {
        let (address, server) = websocket(|socket| {
            let all: Vec<u8> = (1..=5).flat_map(|block| text(&log(block))).collect();
            socket.write_all(&all).unwrap();
        });
        let ingest = ingest(4);
        let reader = start(&ingest, address, mode);
        assert_eq!(ended(&reader), End::Full);
        assert!(ingest.has_gap());
        drop(reader);
        server.join().unwrap();
    });
}

#[test]
fn frames_for_the_owner_are_bounded() {
    both(|mode| {
        let (address, server) = websocket(|socket| {
            let all = text("{}").repeat((1 << 14) + 1);
            let _ = socket.write_all(&all);
            linger(socket);
        });
        let reader = start(&ingest(4), address, mode);
        assert_eq!(ended(&reader), End::Full);
        assert_eq!(reader.others().len(), 1 << 14);
        drop(reader);
        server.join().unwrap();
    });
}

#[test]
fn a_frame_for_the_owner_says_what_came_before_it() {
    both(|mode| {
        let (address, server) = websocket(|socket| {
            let removed = log(2).replace("false", "true");
            let all = [text(&account(1)), text("{}"), text(&account(2)), text(&removed), text("{")].concat();
            socket.write_all(&all).unwrap();
        });
        let before = now_ns();
        let (ingest, reader) = with(address, Options { mode, ..Options::default() });
        assert_eq!(ended(&reader), End::Gone);
        server.join().unwrap();
        let others = reader.others();
        let told: Vec<_> = others.iter().map(|other| (other.what, other.mark)).collect();
        assert_eq!(told, [("other", 1), ("removed", 2), ("json", 2)]);
        assert!(others.iter().all(|other| (before..=now_ns()).contains(&other.at_ns)));
        assert_eq!((others[0].frame.as_slice(), reader.others()), (b"{}".as_slice(), Vec::new()));
        let mut market = Market::new();
        market.seal().unwrap();
        assert_eq!(ingest.drain_until(&mut market, u64::MAX).unwrap().doors, [], "the block was taken back");
    });
}

#[test]
fn requests_go_out_and_answers_come_back_in_any_number() {
    both(|mode| {
        let (address, server) = tcp(|socket| {
            let mut socket = tungstenite::accept(socket).unwrap();
            for number in 0..2_000u32 {
                let asked = socket.read().unwrap();
                socket.send(asked).unwrap();
                if number == 1_999 {
                    socket.send(tungstenite::Message::text(account(1))).unwrap();
                }
            }
            linger(socket.get_mut());
        });
        let requests = (0..2_000).map(|number| format!(r#"{{"id":{number},"result":{number}}}"#)).collect();
        let ingest = ingest(4);
        ingest.reset();
        ingest.expect(77, &ACCOUNT).unwrap();
        ingest.expect(9, &ACCOUNT).unwrap();
        let mut reader =
            Reader::start(Arc::clone(&ingest), address, requests, Options { mode, ..Options::default() }).unwrap();
        let (mut others, mut updates) = (0, 0);
        while updates == 0 {
            assert!(reader.wait(LONG, false));
            reader.look();
            others += reader.others().len();
            updates += waiting(&ingest).len();
        }
        assert_eq!(others, 2_000);
        reader.stop();
        assert_eq!(reader.ended(), Some(End::Stopped));
        server.join().unwrap();
    });
}

#[test]
fn what_belongs_together_is_told_together() {
    both(|mode| {
        let quiet = Duration::from_millis(60);
        let (address, server) = websocket(move |socket| {
            for slot in 1..=3 {
                socket.write_all(&text(&log(slot))).unwrap();
                std::thread::sleep(quiet / 6);
            }
            linger(socket);
        });
        let (ingest, reader) = with(address, Options { mode, quiet, ..Options::default() });
        assert!(reader.wait(LONG, false));
        reader.look();
        assert_eq!(waiting(&ingest).len(), 3);
        assert!(!reader.wait(quiet * 2, false), "told once");
        drop(reader);
        server.join().unwrap();
    });
}

#[test]
fn a_stream_without_a_pause_is_told_all_the_same() {
    both(|mode| {
        let quiet = Duration::from_millis(20);
        let (done, stop) = mpsc::channel();
        let (address, server) = websocket(move |socket| {
            let mut slot = 1;
            while stop.try_recv().is_err() {
                socket.write_all(&text(&account(slot))).unwrap();
                slot += 1;
                std::thread::sleep(quiet / 20);
            }
        });
        let (ingest, reader) = with(address, Options { mode, quiet, ..Options::default() });
        assert!(reader.wait(LONG, false));
        assert_eq!(waiting(&ingest).len(), 1);
        done.send(()).unwrap();
        drop(reader);
        server.join().unwrap();
    });
}

#[test]
fn busy_polling_reads_the_same() {
    let (address, server) = ipc(|socket| {
        socket.write_all((log(1) + "\n" + &log(2) + "\n").as_bytes()).unwrap();
        linger(socket);
    });
    let (ingest, mut reader) = with(address, Options { mode: Mode::Busy, ..Options::default() });
    let mut seen = 0;
    while seen < 2 {
        assert!(reader.wait(LONG, true));
        reader.look();
        seen += waiting(&ingest).len();
    }
    reader.stop();
    assert_eq!(reader.ended(), Some(End::Stopped));
    server.join().unwrap();
}

#[test]
fn a_node_that_accepts_and_is_silent_holds_nobody_up() {
    both(|mode| {
        let (address, server) = tcp(|mut socket| linger(&mut socket));
        let (_, mut reader) = with(address.clone(), Options { mode, ..Options::default() });
        std::thread::sleep(Duration::from_millis(20));
        let started = Instant::now();
        reader.stop();
        assert_eq!(reader.ended(), Some(End::Stopped));
        assert!(started.elapsed() < Duration::from_secs(1));
        server.join().unwrap();
        let (address, server) = tcp(|mut socket| linger(&mut socket));
        let (_, reader) = with(address, Options { mode, timeout: Duration::from_millis(30), ..Options::default() });
        assert_eq!(ended(&reader), End::Handshake);
        drop(reader);
        server.join().unwrap();
    });
}

#[test]
fn who_is_not_there_and_who_speaks_otherwise_have_their_reasons() {
    both(|mode| {
        let (address, server) = tcp(drop);
        let (_, reader) = with(address.clone(), Options { mode, ..Options::default() });
        assert_eq!(ended(&reader), End::Handshake);
        server.join().unwrap();
        let (_, reader) = with(address, Options { mode, ..Options::default() });
        assert_eq!(ended(&reader), End::Unreachable);
        let (_, reader) =
            with(Address::parse("ipc:/nonexistent/node.ipc").unwrap(), Options { mode, ..Options::default() });
        assert_eq!(ended(&reader), End::Unreachable);
        let (address, server) = tcp(|mut socket| {
            let _ = socket.write_all(b"HTTP/1.1 429 Too Many Requests\r\n\r\n");
            linger(&mut socket);
        });
        let (_, reader) = with(address, Options { mode, ..Options::default() });
        assert_eq!(ended(&reader), End::Handshake);
        drop(reader);
        server.join().unwrap();
    });
}
