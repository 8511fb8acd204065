//! `accountNotification` of the Solana JSON-RPC PubSub, and the numbers that put its updates in order.

use super::json::Walker;
use super::{once, Refused};

/// Counters of the newest slots are enough: an update for an older slot loses against the state held anyway.
const SLOTS_COUNTED: usize = 64;
const MAX_INDEX: u64 = (1 << 20) - 1;
/// Slots are below, so that one and an index fit 64 bits.
const SLOTS: u64 = 1 << 44;

/// What a notification says of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// Slot it speaks of.
    pub slot: u64,
    /// The account's bytes as text.
    pub text: &'a [u8],
    /// How the text is encoded.
    pub encoding: &'a [u8],
    /// The program it belongs to, as text.
    pub owner: &'a [u8],
}

/// Read a notification's `result`.
pub fn account<'a>(walker: &mut Walker<'a>) -> Result<Account<'a>, Refused> {
    let (mut slot, mut value) = (None, None);
    walker.object(|key, inner| match key {
        b"context" => once(&mut slot, context(inner)?),
        b"value" => once(&mut value, held(inner)?),
        _ => inner.skip(),
    })?;
    let [text, encoding, owner] = value.ok_or(Refused::Shape)?;
    let slot = slot.ok_or(Refused::Shape)?;
    if slot >= SLOTS {
        return Err(Refused::Range);
    }
    Ok(Account { slot, text, encoding, owner })
}

fn context(walker: &mut Walker<'_>) -> Result<u64, Refused> {
    let mut slot = None;
    walker.object(|key, inner| match key {
        b"slot" => once(&mut slot, inner.integer()?),
        _ => inner.skip(),
    })?;
    slot.ok_or(Refused::Shape)
}

fn held<'a>(walker: &mut Walker<'a>) -> Result<[&'a [u8]; 3], Refused> {
    let (mut data, mut owner, mut lamports) = (None, None, None);
    walker.object(|key, inner| match key {
        b"data" => once(&mut data, pair(inner)?),
        b"owner" => once(&mut owner, inner.string()?),
        b"lamports" => once(&mut lamports, inner.integer()?),
        _ => inner.skip(),
    })?;
    let (text, encoding) = data.ok_or(Refused::Shape)?;
    Ok([text, encoding, owner.ok_or(Refused::Shape)?])
}

/// `[text, encoding]`.
fn pair<'a>(walker: &mut Walker<'a>) -> Result<(&'a [u8], &'a [u8]), Refused> {
    let (mut parts, mut count): ([&[u8]; 2], usize) = ([b"", b""], 0);
    walker.array(|index, inner| {
        let part = parts.get_mut(index).ok_or(Refused::Shape)?;
        *part = inner.string()?;
        count = index + 1;
        Ok(())
    })?;
    if count != 2 {
        return Err(Refused::Shape);
    }
    Ok((parts[0], parts[1]))
}

/// How many notifications each of the newest slots brought.
#[derive(Debug, Default)]
pub struct Counters {
    held: Vec<(u64, u64)>,
}

impl Counters {
    /// Ordering number of the next update of a slot: `slot << 20 | index`, the index counted from 1.
    pub fn seq(&mut self, slot: u64) -> u64 {
        let index = match self.held.iter_mut().rev().find(|(held, _)| *held == slot) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.insert(slot);
                1
            }
        };
        (slot << 20) | index.min(MAX_INDEX)
    }

    fn insert(&mut self, slot: u64) {
        self.held.push((slot, 1));
        if self.held.len() > SLOTS_COUNTED {
            let oldest = self.held.iter().zip(0..).min().map_or(0, |(_, at)| at);
            self.held.remove(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Account<'_>, Refused> {
        account(&mut Walker::new(text.as_bytes()))
    }

    #[test]
    fn reads_slot_and_data_in_any_order_of_keys() {
        let wanted = Account { slot: 7, text: b"AAEC", encoding: b"base64", owner: b"x" };
        for text in [
            r#"{"context":{"apiVersion":"3.1","slot":7},"value":{"data":["AAEC","base64"],"owner":"x","space":3}}"#,
            r#"{"value":{"lamports":1,"owner":"x","data":["AAEC","base64"]},"context":{"slot":7}}"#,
        ] {
            assert_eq!(read(text), Ok(wanted));
        }
    }

    #[test]
    fn refuses_what_is_missing_twice_or_of_another_kind() {
        for text in [
            r#"{"context":{"slot":7},"value":null}"#,
            r#"{"context":{"slot":7},"value":{"data":["AAEC"],"owner":"x"}}"#,
            r#"{"context":{"slot":7},"value":{"data":["AAEC","base64","x"],"owner":"x"}}"#,
            r#"{"context":{"slot":7},"value":{"data":"AAEC","owner":"x"}}"#,
            r#"{"context":{"slot":7},"value":{"data":["AAEC","base64"]}}"#,
            r#"{"context":{"slot":-7},"value":{"data":["AAEC","base64"],"owner":"x"}}"#,
            r#"{"value":{"data":["AAEC","base64"],"owner":"x"}}"#,
        ] {
            assert_eq!(read(text), Err(Refused::Shape), "{text}");
        }
        assert_eq!(read(r#"{"context":{"slot":7},"context":{"slot":7}}"#), Err(Refused::Duplicate));
    }

    #[test]
    fn counts_within_slots_and_forgets_the_oldest() {
        let mut counters = Counters::default();
        assert_eq!([counters.seq(5), counters.seq(5), counters.seq(4)], [5 << 20 | 1, 5 << 20 | 2, 4 << 20 | 1]);
        for slot in 6..6 + SLOTS_COUNTED as u64 {
            counters.seq(slot);
        }
        assert_eq!(counters.seq(10), 10 << 20 | 2);
        assert_eq!(counters.seq(5), 5 << 20 | 1);
    }
}
