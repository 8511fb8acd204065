//! `eth_subscription` notifications of logs.

use super::json::Walker;
use super::text::{hex_exact, hex_into, quantity};
use super::{once, Refused};

/// Most topics of a log; more are not read.
const TOPICS: usize = 4;
/// Blocks are below, so that one and an index fit 64 bits.
const BLOCKS: u64 = 1 << 44;
const INDEXES: u64 = 1 << 20;

/// A log as it is written; the texts are not yet checked to be hex.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Log<'a> {
    address: Option<&'a [u8]>,
    topics: Option<([&'a [u8]; TOPICS], usize)>,
    data: Option<&'a [u8]>,
    block: Option<&'a [u8]>,
    index: Option<&'a [u8]>,
    time: Option<&'a [u8]>,
    removed: Option<Option<bool>>,
}

impl<'a> Log<'a> {
    /// Read a notification's `result`; None when it is no log but a header.
    pub fn read(walker: &mut Walker<'a>) -> Result<Option<Self>, Refused> {
        let mut log = Self::default();
        walker.object(|key, inner| match key {
            b"address" => once(&mut log.address, inner.string()?),
            b"topics" => once(&mut log.topics, topics(inner)?),
            b"data" => once(&mut log.data, inner.string()?),
            b"blockNumber" => once(&mut log.block, inner.string()?),
            b"logIndex" => once(&mut log.index, inner.string()?),
            b"blockTimestamp" if inner.peek() == Some(b'"') => once(&mut log.time, inner.string()?),
            b"removed" => once(&mut log.removed, inner.word()?),
            _ => inner.skip(),
        })?;
        Ok(log.topics.map(|_| log))
    }

    /// True when the log's block is no longer part of the chain.
    pub fn removed(&self) -> Result<bool, Refused> {
        self.block()?;
        Ok(self.removed == Some(Some(true)))
    }

    /// The block's time, where the node tells it with the log.
    pub fn time(&self) -> Option<u64> {
        quantity(self.time?).ok()
    }

    /// Ordering number, `block << 20 | index`.
    pub fn seq(&self) -> Result<u64, Refused> {
        let index = quantity(self.index.ok_or(Refused::Shape)?)?;
        if index >= INDEXES {
            return Err(Refused::Range);
        }
        Ok((self.block()? << 20) | index)
    }

    /// The door, address and first topic, and into `out` the other topics and the data. No door without topics.
    pub fn decode(&self, out: &mut Vec<u8>) -> Result<Option<[u8; 52]>, Refused> {
        let mut door = [0; 52];
        let (address, topic) = door.split_at_mut(20);
        address.copy_from_slice(&hex_exact::<20>(self.address.ok_or(Refused::Shape)?)?);
        let (topics, count) = self.topics.ok_or(Refused::Shape)?;
        for (at, text) in topics.iter().take(count).enumerate() {
            let word = hex_exact::<32>(text)?;
            if at == 0 {
                topic.copy_from_slice(&word);
            } else {
                out.extend_from_slice(&word);
            }
        }
        hex_into(self.data.ok_or(Refused::Shape)?, out)?;
        Ok((count > 0).then_some(door))
    }

    /// The block's number.
    pub fn block(&self) -> Result<u64, Refused> {
        let block = quantity(self.block.ok_or(Refused::Shape)?)?;
        if block >= BLOCKS {
            return Err(Refused::Range);
        }
        Ok(block)
    }
}

fn topics<'a>(walker: &mut Walker<'a>) -> Result<([&'a [u8]; TOPICS], usize), Refused> {
    let (mut texts, mut count): ([&[u8]; TOPICS], usize) = ([b""; TOPICS], 0);
    walker.array(|index, inner| match texts.get_mut(index) {
        Some(text) => {
            *text = inner.string()?;
            count = index + 1;
            Ok(())
        }
        None => inner.skip(),
    })?;
    Ok((texts, count))
}
