//! Tick arrays: their bytes, and which of them a swap of each direction walks through.
//!
//! An array holds 88 ticks, all of them (fixed layout) or the initialized ones (dynamic layout). A program given the
//! address of an array that does not exist takes it as one without initialized ticks.

use super::ticks::{price_at, MAX_PRICE, MAX_TICK, MIN_PRICE, MIN_TICK};
use crate::error::Refusal;
use crate::venues::accounts::{Account, Accounts, Fields};

/// Ticks in an array.
const SLOTS: i32 = 88;
/// Most arrays a swap walks through.
const LONGEST: i32 = 3;

pub(super) const FIXED: [u8; 8] = [0x45, 0x61, 0xbd, 0xbe, 0x6e, 0x07, 0x42, 0xbb];
const FIXED_LENGTH: usize = 9988;
pub(super) const DYNAMIC: [u8; 8] = [0x11, 0xd8, 0xf6, 0x8e, 0xe1, 0xc7, 0xda, 0x38];
const DYNAMIC_LENGTH: usize = 148;
const TICK_LENGTH: usize = 113;
const SYSTEM_PROGRAM: [u8; 32] = [0; 32];

/// An initialized tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Index.
    pub tick: i32,
    /// Its price.
    pub price: u128,
    /// Liquidity added when it is crossed upwards.
    pub net: i128,
}

/// How far the arrays of one direction reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Last slot of the arrays: no initialized tick is looked for beyond, and having arrived there is the end.
    pub last: i32,
    /// Where a swap that finds no initialized tick goes.
    pub stop: Edge,
}

/// What the pool account says that decides which arrays a swap needs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Address of the pool.
    pub pool: &'a [u8; 32],
    /// Its program.
    pub program: &'a [u8; 32],
    /// Current tick.
    pub tick: i32,
    /// Ticks between slots.
    pub spacing: i32,
}

/// How far a swap gets, down and up; a direction whose arrays do not do is refused by itself.
pub type Spans = [Result<Span, Refusal>; 2];

/// All initialized ticks of the arrays given, ascending, and how far each direction gets.
pub fn read(accounts: &Accounts<'_>, place: &Place<'_>) -> (Vec<Edge>, Spans) {
    let mut edges = Vec::new();
    let mut seen = Vec::new();
    let spans = [true, false].map(|down| place.route(accounts, down, &mut seen, &mut edges));
    edges.sort_unstable_by_key(|edge| edge.tick);
    (edges, spans)
}

impl Place<'_> {
    /// The span that the arrays of one direction cover without a gap; their ticks go to `edges`, once.
    fn route(
        &self,
        accounts: &Accounts<'_>,
        down: bool,
        seen: &mut Vec<([u8; 32], i32)>,
        edges: &mut Vec<Edge>,
    ) -> Result<Span, Refusal> {
        let route = accounts.route(down);
        let known = |seen: &[([u8; 32], i32)], key: &[u8; 32]| seen.iter().any(|(other, _)| other == key);
        for key in route {
            let held = accounts.at(key).filter(|account| account.owner != SYSTEM_PROGRAM || !account.data.is_empty());
            if let Some(account) = held.filter(|_| !known(seen, key)) {
                edges.extend(self.array(accounts, &account)?);
                seen.push((*key, account.data.i32(8)?));
            }
        }
        let absent: Vec<_> = route.iter().filter(|key| !known(seen, key)).collect();
        let given = |start: &i32| match seen.iter().find(|(_, other)| other == start) {
            Some((key, _)) => route.contains(key),
            None => {
                !absent.is_empty() && self.address(accounts, *start).is_some_and(|address| absent.contains(&&address))
            }
        };
        let last = self.wanted(down).take_while(given).last();
        last.map(|last| self.span(last, down)).ok_or(Refusal::Empty)
    }

    /// Where the array starting there is kept.
    fn address(&self, accounts: &Accounts<'_>, start: i32) -> Option<[u8; 32]> {
        accounts.derived(&[b"tick_array", self.pool, start.to_string().as_bytes()], self.program)
    }

    /// First ticks of the arrays that a swap looks for, in its order.
    fn wanted(&self, down: bool) -> impl Iterator<Item = i32> {
        let length = SLOTS * self.spacing;
        let here = self.tick.div_euclid(length) * length;
        let shifted = !down && self.tick + self.spacing >= here + length;
        let step = if down { -length } else { length };
        let first = if shifted { here + length } else { here };
        (0..LONGEST).map(move |count| first + count * step).filter(move |start| is_start(*start, length))
    }

    /// The span that ends with the array starting at `start`.
    fn span(&self, start: i32, down: bool) -> Span {
        let length = SLOTS * self.spacing;
        let (last, stop) = if down {
            (start, start.max(MIN_TICK))
        } else {
            (start + length - self.spacing, (start + length - 1).min(MAX_TICK))
        };
        Span { last, stop: Edge { tick: stop, price: price_at(stop), net: 0 } }
    }

    /// The initialized ticks of an array.
    fn array(&self, accounts: &Accounts<'_>, account: &Account<'_>) -> Result<Vec<Edge>, Refusal> {
        if account.owner != *self.program {
            return Err(Refusal::Owner);
        }
        let data = account.data;
        let (whirlpool, ticks) = match data.take::<8>(0)? {
            FIXED if data.len() == FIXED_LENGTH => (data.key(9956)?, self.fixed(data)?),
            DYNAMIC if data.len() >= DYNAMIC_LENGTH => (data.key(12)?, self.dynamic(data)?),
            FIXED | DYNAMIC => return Err(Refusal::Length),
            _ => return Err(Refusal::Magic),
        };
        if whirlpool != *self.pool || self.address(accounts, data.i32(8)?) != Some(account.key) {
            return Err(Refusal::Inconsistent);
        }
        Ok(ticks)
    }

    /// 88 ticks of 113 bytes each.
    fn fixed(&self, data: &[u8]) -> Result<Vec<Edge>, Refusal> {
        let mut edges = Vec::new();
        for slot in 0..SLOTS {
            let at = 12 + slot as usize * TICK_LENGTH;
            match data.u8(at)? {
                0 => {}
                1 => edges.push(self.edge(data, slot, at + 1)?),
                _ => return Err(Refusal::Range),
            }
        }
        Ok(edges)
    }

    /// A bitmap, then a byte for a tick that is not initialized and 113 for one that is.
    fn dynamic(&self, data: &[u8]) -> Result<Vec<Edge>, Refusal> {
        let bitmap = data.u128(44)?;
        if bitmap >> SLOTS != 0 {
            return Err(Refusal::Range);
        }
        let mut edges = Vec::new();
        let mut at = 60;
        for slot in 0..SLOTS {
            let initialized = bitmap >> slot & 1 == 1;
            if data.u8(at)? != u8::from(initialized) {
                return Err(Refusal::Inconsistent);
            }
            if initialized {
                edges.push(self.edge(data, slot, at + 1)?);
            }
            at += if initialized { TICK_LENGTH } else { 1 };
        }
        Ok(edges)
    }

    /// The tick of a slot; its liquidity begins at `at`.
    fn edge(&self, data: &[u8], slot: i32, at: usize) -> Result<Edge, Refusal> {
        let tick = data.i32(8)?.checked_add(slot * self.spacing).ok_or(Refusal::Range)?;
        let net = data.i128(at)?;
        if !(MIN_TICK..=MAX_TICK).contains(&tick) || tick % self.spacing != 0 || net == i128::MIN {
            return Err(Refusal::Range);
        }
        Ok(Edge { tick, price: price_at(tick), net })
    }
}

/// Whether an array of `length` ticks can start there; the lowest one starts below the lowest tick.
fn is_start(tick: i32, length: i32) -> bool {
    tick <= MAX_TICK && tick % length == 0 && tick + length > MIN_TICK
}

/// Whether a price can be that of a pool at this tick: a swap that stopped on a tick from above stays one below it.
#[must_use]
pub fn agrees(price: u128, tick: i32) -> bool {
    (MIN_PRICE..=MAX_PRICE).contains(&price)
        && (MIN_TICK - 1..=MAX_TICK).contains(&tick)
        && (price_at(tick)..=price_at(tick + 1)).contains(&price)
}
