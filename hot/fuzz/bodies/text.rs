//! Frames of nodes, and unsigned transactions that templates are made of.

use hoploop_hot::ingest::{Ingest, Kind, Taken};
use hoploop_hot::tx::{EvmTemplate, Slot, SolanaTemplate};

use super::feed::Feed;

/// Topic of Uniswap V2's `Sync`.
const SYNC: [u8; 32] = [
    0x1c, 0x41, 0x1e, 0x9a, 0x96, 0xe0, 0x71, 0x24, 0x1c, 0x2f, 0x21, 0xf7, 0x72, 0x6b, 0x17, 0xae, 0x89, 0xe3, 0xca,
    0xb4, 0xc7, 0x8b, 0xe5, 0x0e, 0x06, 0x2b, 0x03, 0xa9, 0xff, 0xfb, 0xba, 0xd1,
];

/// Two frames, so that the second meets what the first left.
pub fn frames(data: &[u8]) -> bool {
    let (mut whole, every) = ([3; 52], [3; 32]);
    whole[20..].copy_from_slice(&SYNC);
    let Ok(ingest) = Ingest::new(&[(&whole, Kind::Whole), (&every, Kind::Every)], 4) else { return false };
    if ingest.subscribe(71, &every).is_err() {
        return false;
    }
    let first = ingest.push(data);
    let _ = ingest.push(data.get(data.len() / 2..).unwrap_or_default());
    let _ = ingest.gaps();
    let _ = ingest.take(|waiting| waiting.len());
    matches!(first, Ok(Taken::Kept | Taken::Unwatched | Taken::Other | Taken::Removed))
}

/// Which chain, two slots, then the transaction.
pub fn transactions(data: &[u8]) -> bool {
    let mut feed = Feed(data);
    let solana = feed.byte() & 1 == 0;
    let slots = [0, 1].map(|_| Slot { item: usize::from(feed.byte()), at: feed.short(), len: feed.short() });
    let (value, number, unsigned) = (feed.array::<32>(), feed.wide(), feed.0);
    if solana {
        let Ok(mut made) = SolanaTemplate::new(unsigned, &slots) else { return false };
        for slot in 0..made.slots() {
            let _ = (made.set(slot, &value), made.set_number(slot, number as u64));
        }
        made.set_blockhash(&value);
        made.message().len() == unsigned.len()
    } else {
        let Ok(mut made) = EvmTemplate::new(unsigned, &slots) else { return false };
        for slot in 0..made.slots() {
            let _ = (made.set(slot, &value), made.set_number(slot, number));
        }
        let _ = made.set_nonce(&value[..8]);
        !made.unsigned().is_empty()
    }
}
