//! Bytes in any pieces become the same updates, and bytes that are no frames end the connection with a reason.
#![allow(clippy::unwrap_used, missing_docs)]

mod kit;

use std::io::Write;

use hoploop_hot_feed::{End, Mode};
use kit::*;
use proptest::prelude::*;

/// What the texts become when they are pushed one by one.
fn pushed(texts: &[String]) -> (Vec<(u64, Vec<u8>)>, usize) {
    let ingest = ingest(64);
    let others = texts.iter().filter(|text| {
        let code = ingest.push(text.as_bytes()).map_or_else(|refused| refused.code(), |taken| taken.code());
        code != "kept" && code != "unwatched"
    });
    let others = others.count();
    (waiting(&ingest), others)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let one = prop_oneof![
        (1u64..9).prop_map(account),
        (1u64..9).prop_map(log),
        Just(r#"{"jsonrpc":"2.0","id":1,"result":9}"#.to_owned()),
        Just(r#"{"broken":"#.to_owned()),
        (1usize..70_000).prop_map(|size| format!(r#"{{"pad":"{}"}}"#, "x".repeat(size % 60_000))),
    ];
    proptest::collection::vec(one, 0..12)
}

fn modes() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Caller), Just(Mode::Thread), Just(Mode::Busy)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages_in_any_pieces(texts in texts(), cuts in proptest::collection::vec(1usize..300, 0..40), split in any::<bool>(), mode in modes()) {
        let expected = pushed(&texts);
        let mut bytes = Vec::new();
        for text in &texts {
            if split && text.len() > 2 {
                let (front, back) = text.as_bytes().split_at(text.len() / 2);
                bytes.extend(frame(0x01, front));
                bytes.extend(frame(0x89, b"ping"));
                bytes.extend(frame(0x80, back));
            } else {
                bytes.extend(kit::text(text));
            }
        }
        let (address, server) = websocket(move |socket| pieces(socket, &bytes, &cuts));
        let ingest = ingest(64);
        let reader = start(&ingest, address, mode);
        prop_assert_eq!(ended(&reader), End::Gone);
        server.join().unwrap();
        prop_assert_eq!((waiting(&ingest), reader.others().len()), expected);
    }

    #[test]
    fn lines_in_any_pieces(texts in texts(), cuts in proptest::collection::vec(1usize..300, 0..40), mode in modes()) {
        let expected = pushed(&texts);
        let bytes: Vec<u8> = texts.iter().flat_map(|text| [text.as_bytes(), b"\n"].concat()).collect();
        let (address, server) = ipc(move |socket| pieces(socket, &bytes, &cuts));
        let ingest = ingest(64);
        let reader = start(&ingest, address, mode);
        prop_assert_eq!(ended(&reader), End::Gone);
        server.join().unwrap();
        prop_assert_eq!((waiting(&ingest), reader.others().len()), expected);
    }

    #[test]
    fn no_bytes_after_the_handshake_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), mode in modes()) {
        let (address, server) = websocket(move |socket| socket.write_all(&bytes).unwrap());
        let reader = start(&ingest(64), address, mode);
        let end = ended(&reader);
        prop_assert!(matches!(end, End::Gone | End::Protocol | End::Size), "{end:?}");
        server.join().unwrap();
    }
}

fn end_of(bytes: &[u8], mode: Mode) -> End {
    let bytes = bytes.to_vec();
    let (address, server) = websocket(move |socket| socket.write_all(&bytes).unwrap());
    let reader = start(&ingest(64), address, mode);
    let end = ended(&reader);
    drop(reader);
    server.join().unwrap();
    end
}

#[test]
fn a_length_beyond_the_limit_ends_before_it_is_read() {
    for length in [1u64 << 17, 1 << 40, u64::MAX >> 1] {
        let head = [&[0x81, 127], length.to_be_bytes().as_slice()].concat();
        both(|mode| assert_eq!(end_of(&head, mode), End::Size, "{length}"));
    }
    let parts = [frame(0x01, &[b' '; 40_000]), frame(0x80, &[b' '; 40_000])].concat();
    both(|mode| assert_eq!(end_of(&parts, mode), End::Size, "together"));
}

#[test]
fn what_no_server_may_send_ends() {
    let masked = [0x81, 0x82, 1, 2, 3, 4, b'{' ^ 1, b'}' ^ 2].to_vec();
    let cases = [
        ("masked", masked),
        ("reserved bits", frame(0xc1, b"{}")),
        ("reserved kind", frame(0x83, b"{}")),
        ("part of nothing", frame(0x80, b"{}")),
        ("long ping", frame(0x89, &[0; 126])),
        ("not utf-8", frame(0x81, &[0xff, 0xfe])),
    ];
    for (name, bytes) in cases {
        both(|mode| assert_eq!(end_of(&bytes, mode), End::Protocol, "{name}"));
    }
}

#[test]
fn a_line_without_an_end_ends() {
    both(|mode| {
        let (address, server) = ipc(|socket| {
            // The reader hangs up half-way.
            let _ = socket.write_all(&vec![b'{'; 1 << 20]);
            linger(socket);
        });
        let reader = start(&ingest(64), address, mode);
        assert_eq!(ended(&reader), End::Size);
        drop(reader);
        server.join().unwrap();
    });
}
