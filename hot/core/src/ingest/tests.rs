//! Frames against what they must become, and bytes that are none.

use proptest::prelude::*;

use super::*;

const POOL: [u8; 52] = [0x11; 52];
const ACCOUNT: [u8; 32] = [7; 32];

fn ingest(capacity: usize) -> Ingest {
    let made = Ingest::new(&[(&POOL, Kind::Every), (&ACCOUNT, Kind::Whole)], capacity).unwrap();
    made.subscribe(9, &ACCOUNT).unwrap();
    made
}

fn account(subscription: u64, slot: u64, data: &str, encoding: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"accountNotification","params":{{"result":{{"context":{{"slot":{slot}}},"value":{{"lamports":1,"data":["{data}","{encoding}"],"owner":"x","executable":false,"rentEpoch":18446744073709551615,"space":3}}}},"subscription":{subscription}}}}}"#
    )
}

fn log(block: &str, index: &str, removed: bool) -> String {
    let (address, topic) = ("11".repeat(20), "11".repeat(32));
    format!(
        r#"{{"jsonrpc":"2.0","method":"eth_subscription","params":{{"subscription":"0x1","result":{{"address":"0x{address}","topics":["0x{topic}","0x{}"],"data":"0x0a0b","blockNumber":"{block}","logIndex":"{index}","removed":{removed}}}}}}}"#,
        "22".repeat(32)
    )
}

fn waiting(made: &Ingest) -> Vec<(u32, u64, Vec<u8>)> {
    let mut out = Vec::new();
    let count = held(&made.ring).drain(&mut out, u64::MAX);
    out.into_iter().take(count).map(|item| (item.door, item.seq, item.data)).collect()
}

#[test]
fn both_kinds_become_updates_in_order() {
    let made = ingest(4);
    assert_eq!(made.push(log("0x3", "0x2", false).as_bytes()), Ok(Taken::Kept));
    assert_eq!(made.push(account(9, 2, "AAEC", "base64").as_bytes()), Ok(Taken::Kept));
    let bytes = [[0x22; 32].as_slice(), &[10, 11]].concat();
    assert_eq!(waiting(&made), [(1, 2 << 20 | 1, vec![0, 1, 2]), (0, 3 << 20 | 2, bytes)]);
}

#[test]
fn what_is_not_ours_is_left_to_the_caller() {
    let made = ingest(4);
    for text in [
        r#"{"jsonrpc":"2.0","id":1,"result":9}"#,
        r#"{"method":"slotNotification","params":{"subscription":1,"result":{"slot":2}}}"#,
        r#"{"method":"eth_subscription","params":{"subscription":"0x1","result":{"number":"0x1"}}}"#,
        r#"{"method":"accountNotification","params":{"subscription":8,"result":5}}"#,
        "{}",
    ] {
        assert_eq!(made.push(text.as_bytes()), Ok(Taken::Other), "{text}");
    }
    assert_eq!(waiting(&made), []);
}

#[test]
fn refusals_have_their_reasons() {
    let made = ingest(4);
    let cases = [
        (account(9, 2, "AAEC", "jsonParsed"), Refused::Encoding),
        (account(9, 2, "AAE", "base64"), Refused::Base64),
        (account(9, 1 << 44, "AAEC", "base64"), Refused::Range),
        (account(9, 2, r"AA\/C", "base64"), Refused::Escape),
        (log("3", "0x2", false), Refused::Hex),
        (log("0x3", "0x100000", false), Refused::Range),
        (log("0x3", "0x2", false).replace("0a0b", "0a0"), Refused::Hex),
        ("[]".into(), Refused::Shape),
        ("{} {}".into(), Refused::Json),
    ];
    for (text, reason) in cases {
        assert_eq!(made.push(text.as_bytes()), Err(reason), "{text}");
    }
    assert_eq!(made.push(&[0xff]), Err(Refused::Utf8));
    assert_eq!(made.push(&vec![b' '; MAX_FRAME + 1]), Err(Refused::Size));
    assert_eq!(waiting(&made), []);
}

#[test]
fn a_block_taken_back_takes_what_waits_with_it() {
    let made = ingest(4);
    made.push(log("0x3", "0x2", false).as_bytes()).unwrap();
    assert_eq!(made.push(log("0x3", "0x2", true).as_bytes()), Ok(Taken::Removed));
    assert_eq!(waiting(&made), []);
}

#[test]
fn an_answer_tells_by_which_number_notifications_come() {
    let made = Ingest::new(&[(&ACCOUNT, Kind::Whole)], 1).unwrap();
    made.expect(3, &ACCOUNT).unwrap();
    for text in
        [r#"{"id":2,"result":5}"#, r#"{"id":3,"error":{}}"#, r#"{"id":3,"result":"5"}"#, r#"{"id":"3","result":5}"#]
    {
        assert_eq!(made.push(text.as_bytes()), Ok(Taken::Other));
    }
    assert_eq!(made.push(account(5, 2, "AAEC", "base64").as_bytes()), Ok(Taken::Other));
    assert_eq!(made.push(br#"{"jsonrpc":"2.0","result":5,"id":3}"#), Ok(Taken::Other), "the answer is told on");
    assert_eq!(made.push(account(5, 2, "AAEC", "base64").as_bytes()), Ok(Taken::Kept));
    assert!(made.expect(4, b"nobody").is_err());
}

#[test]
fn an_owned_account_begins_with_its_owner() {
    let made = Ingest::new(&[(&ACCOUNT, Kind::Owned)], 1).unwrap();
    made.subscribe(9, &ACCOUNT).unwrap();
    let frame = account(9, 2, "AAEC", "base64");
    assert_eq!(made.push(frame.as_bytes()), Err(Refused::Base58));
    let owner = "SysvarC1ock11111111111111111111111111111111";
    made.push(frame.replace(r#""owner":"x""#, &format!(r#""owner":"{owner}""#)).as_bytes()).unwrap();
    let bytes = [crate::account_pools::CLOCK.as_slice(), &[0, 1, 2]].concat();
    assert_eq!(waiting(&made), [(0, 2 << 20 | 2, bytes)]);
}

#[test]
fn the_last_block_is_known_with_its_time() {
    let made = ingest(4);
    assert_eq!(made.newest(), None);
    made.push(log("0x3", "0x2", false).as_bytes()).unwrap();
    assert_eq!(made.newest(), Some((3, None)));
    let timed = log("0x5", "0x2", false).replace(r#""logIndex""#, r#""blockTimestamp":"0x68","logIndex""#);
    made.push(timed.as_bytes()).unwrap();
    assert_eq!(made.newest(), Some((5, Some(0x68))));
    made.push(log("0x4", "0x2", false).as_bytes()).unwrap();
    assert_eq!(made.newest(), Some((4, None)), "another branch may be shorter");
}

#[test]
fn the_market_gets_what_was_kept_until_a_mark() {
    let (made, mut market) = (ingest(4), Market::new());
    market.seal().unwrap();
    made.push_at(log("0x3", "0x2", false).as_bytes(), 70).unwrap();
    made.push_at(log("0x2", "0x2", false).as_bytes(), 80).unwrap();
    let mark = made.mark();
    made.push_at(account(9, 2, "AAEC", "base64").as_bytes(), 90).unwrap();
    let drained = made.drain_until(&mut market, mark).unwrap();
    assert_eq!((drained.at_ns, drained.doors, drained.result.ignored), (70, vec![0, 0], 2));
    let rest = made.drain_until(&mut market, u64::MAX).unwrap();
    assert_eq!((rest.at_ns, rest.doors), (90, vec![1]));
    let none = made.drain_until(&mut market, u64::MAX).unwrap();
    assert_eq!((none.at_ns, none.doors), (0, vec![]));
}

#[test]
fn a_gap_must_be_asked_for_before_the_market_goes_on() {
    let (made, mut market) = (ingest(1), Market::new());
    market.seal().unwrap();
    assert_eq!(made.push(log("0x3", "0x1", false).as_bytes()), Ok(Taken::Kept));
    assert_eq!(made.push(log("0x3", "0x2", false).as_bytes()), Ok(Taken::Lost));
    assert!(made.drain(&mut market).is_err());
    assert_eq!(made.drain_until(&mut market, u64::MAX).unwrap().doors, []);
    assert_eq!(made.gaps(), [POOL.as_slice()]);
    assert_eq!(made.drain(&mut market).unwrap().ignored, 1);
    assert_eq!(made.counts(), (1, 0));
}

#[test]
fn a_lost_connection_leaves_nothing_behind() {
    let made = ingest(4);
    made.push(account(9, 2, "AAEC", "base64").as_bytes()).unwrap();
    made.reset();
    assert_eq!(made.push(account(9, 2, "AAEC", "base64").as_bytes()), Ok(Taken::Other));
    assert_eq!(waiting(&made), []);
}

#[test]
fn wrong_doors_are_wrong_use() {
    assert!(Ingest::new(&[(&POOL, Kind::Every), (&POOL, Kind::Whole)], 1).is_err());
    assert!(ingest(1).subscribe(1, b"nobody").is_err());
}

#[test]
fn a_reader_and_a_market_work_at_the_same_time() {
    let (made, mut market) = (ingest(1 << 10), Market::new());
    market.seal().unwrap();
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            for block in 1..=500 {
                made.push(log(&format!("{block:#x}"), "0x0", false).as_bytes()).unwrap();
            }
        });
        let mut seen = 0;
        while !reader.is_finished() {
            seen += made.drain(&mut market).unwrap().ignored;
        }
        seen + made.drain(&mut market).unwrap().ignored
    });
    assert_eq!(seen, 500);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ingest(2).push(&bytes);
    }

    #[test]
    fn no_mutation_makes_it_panic(
        which in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let text = if which { account(9, 2, "AAEC", "base64") } else { log("0x3", "0x2", false) };
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        let made = ingest(2);
        let kept = made.push(&bytes) == Ok(Taken::Kept);
        prop_assert_eq!(waiting(&made).len(), usize::from(kept));
    }
}
