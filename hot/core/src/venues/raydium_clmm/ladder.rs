//! Which initialised ticks a swap meets, in order: the bitmap, its extension and the tick arrays, walked once a read.
//!
//! Source: raydium-clmm `states/{tick_array,tickarray_bitmap_extension}.rs`, `libraries/tick_array_bit_map.rs`.

use std::collections::HashMap;

use super::super::accounts::Fields;
use super::ticks::{sqrt_price_at, MAX_TICK, MIN_TICK};
use crate::error::Refusal;

/// Ticks of one array.
pub const TICKS: i32 = 60;
/// Bytes of a tick array.
pub const ARRAY_LENGTH: usize = 10_240;
/// Bytes of the bitmap extension.
pub const EXTENSION_LENGTH: usize = 1_832;
const FIRST_TICK_AT: usize = 44;
const TICK_LENGTH: usize = 168;
const COUNT_AT: usize = 10_124;
const WORDS: usize = 16;
const EXTENSION_WORDS: usize = 112;
/// From this spacing on the pool's own bitmap covers all prices.
const WITHOUT_EXTENSION: u16 = 15;

/// An initialised tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Tick.
    pub tick: i32,
    /// Its price.
    pub price: u128,
    /// Liquidity that crossing upwards adds.
    pub net: i128,
    /// Whether positions end here.
    pub has_liquidity: bool,
    /// Limit orders here, base units of what a swap gets.
    pub unfilled: u64,
    /// Start of its array.
    pub array: i32,
    /// How many ticks of that array the program counts as initialised.
    pub counted: u8,
}

/// The ticks ahead in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Nearest first.
    pub rungs: Vec<Rung>,
    /// Why there are no more.
    pub end: Refusal,
}

/// What of a pool's accounts names the ticks.
#[derive(Clone, Debug)]
pub struct Map<'a> {
    /// Current tick.
    pub tick: i32,
    /// Tick spacing, not zero.
    pub tick_spacing: u16,
    /// Bitmap of the arrays.
    pub bitmap: Bitmap,
    /// Data of the arrays by their start; each has [`ARRAY_LENGTH`] bytes.
    pub arrays: HashMap<i32, &'a [u8]>,
    /// Whether ticks can hold limit orders.
    pub has_orders: bool,
}

impl Map<'_> {
    /// The ladder of one direction.
    #[must_use]
    pub fn ladder(&self, zero_for_one: bool) -> Ladder {
        let mut rungs = Vec::new();
        let end = self.climb(zero_for_one, &mut rungs).err().unwrap_or(Refusal::Empty);
        Ladder { rungs, end }
    }

    fn climb(&self, zero_for_one: bool, rungs: &mut Vec<Rung>) -> Result<(), Refusal> {
        let span = span(self.tick_spacing);
        let own = self.tick.div_euclid(span);
        if !self.bitmap.extended && !(-512..512).contains(&own) {
            return Err(Refusal::Empty);
        }
        let mut next = if self.bitmap.is_marked(own) { Some(own) } else { self.bitmap.next(own, zero_for_one) };
        while let Some(number) = next {
            let mut ticks = self.ticks(number * span)?;
            if zero_for_one {
                ticks.reverse();
            }
            if number == own {
                ticks.retain(|rung| (rung.tick <= self.tick) == zero_for_one);
            } else if ticks.is_empty() {
                return Err(Refusal::Inconsistent);
            }
            rungs.append(&mut ticks);
            next = self.bitmap.next(number, zero_for_one);
        }
        Ok(())
    }

    /// Initialised ticks of the array that starts at `start`, upwards.
    fn ticks(&self, start: i32) -> Result<Vec<Rung>, Refusal> {
        let data = self.arrays.get(&start).ok_or(Refusal::Empty)?;
        let mut ticks = Vec::new();
        let mut tick = start;
        for bytes in data.get(FIRST_TICK_AT..COUNT_AT).ok_or(Refusal::Length)?.chunks_exact(TICK_LENGTH) {
            let has_liquidity = bytes.u128(20)? > 0;
            let unfilled = if self.has_orders { bytes.u64(124)?.checked_add(bytes.u64(132)?) } else { Some(0) };
            let unfilled = unfilled.ok_or(Refusal::Overflow)?;
            if has_liquidity || unfilled > 0 {
                if bytes.i32(0)? != tick {
                    return Err(Refusal::Inconsistent);
                }
                if !(MIN_TICK..=MAX_TICK).contains(&tick) {
                    return Err(Refusal::Range);
                }
                let (net, counted) = (bytes.i128(4)?, data.u8(COUNT_AT)?);
                let price = sqrt_price_at(tick);
                ticks.push(Rung { tick, price, net, has_liquidity, unfilled, array: start, counted });
            }
            tick += i32::from(self.tick_spacing);
        }
        Ok(ticks)
    }
}

/// One bit for every tick array that has initialised ticks; arrays are numbered from the one that starts at tick 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    main: [u64; WORDS],
    above: [u64; EXTENSION_WORDS],
    below: [u64; EXTENSION_WORDS],
    extended: bool,
    lowest: i32,
    highest: i32,
}

impl Bitmap {
    /// Read from a pool account and, when the pool has one, its extension.
    pub fn read(pool: &[u8], extension: Option<&[u8]>, tick_spacing: u16) -> Result<Self, Refusal> {
        let mut bitmap = Self {
            main: words(pool, 904)?,
            above: [0; EXTENSION_WORDS],
            below: [0; EXTENSION_WORDS],
            extended: extension.is_some(),
            lowest: MIN_TICK.div_euclid(span(tick_spacing)),
            highest: MAX_TICK.div_euclid(span(tick_spacing)),
        };
        if let Some(extension) = extension.filter(|_| tick_spacing < WITHOUT_EXTENSION) {
            bitmap.above = words(extension, 40)?;
            bitmap.below = words(extension, 936)?;
        }
        Ok(bitmap)
    }

    fn is_marked(&self, number: i32) -> bool {
        self.word(number.div_euclid(64)) >> number.rem_euclid(64) & 1 != 0
    }

    /// The marked array next to `number`.
    fn next(&self, number: i32, zero_for_one: bool) -> Option<i32> {
        let mut at = if zero_for_one { number - 1 } else { number + 1 };
        while (self.lowest..=self.highest).contains(&at) {
            let (word, bit) = (self.word(at.div_euclid(64)), at.rem_euclid(64));
            let (rest, far) = if zero_for_one { (word << (63 - bit), -1 - bit) } else { (word >> bit, 64 - bit) };
            if rest != 0 {
                let found =
                    if zero_for_one { at - rest.leading_zeros() as i32 } else { at + rest.trailing_zeros() as i32 };
                return Some(found).filter(|found| (self.lowest..=self.highest).contains(found));
            }
            at += far;
        }
        None
    }

    /// 64 arrays from number `64 * index` on: 16 words in the pool around zero, then blocks of 8 words on either side,
    /// nearest block first, each block upwards.
    fn word(&self, index: i32) -> u64 {
        let (words, at): (&[u64], i32) = match index {
            -8..=7 => (&self.main, index + 8),
            8.. => (&self.above, index - 8),
            _ => {
                let block = (-index - 1) / 8 - 1;
                (&self.below, index + 16 * block + 16)
            }
        };
        usize::try_from(at).ok().and_then(|at| words.get(at)).copied().unwrap_or(0)
    }
}

/// Ticks that one array covers.
fn span(tick_spacing: u16) -> i32 {
    i32::from(tick_spacing) * TICKS
}

fn words<const N: usize>(data: &[u8], at: usize) -> Result<[u64; N], Refusal> {
    let mut words = [0; N];
    for (index, word) in words.iter_mut().enumerate() {
        *word = data.u64(at + index * 8)?;
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bitmap(marked: &[i32], tick_spacing: u16) -> Bitmap {
        let (mut pool, mut extension) = (vec![0u8; 1544], vec![0u8; EXTENSION_LENGTH]);
        for number in marked {
            let (data, at, bit) = match number {
                -512..=511 => (&mut pool, 904, number + 512),
                512.. => (&mut extension, 40, number - 512),
                _ => {
                    let block = (-number - 1) / 512 - 1;
                    (&mut extension, 936, block * 512 + number + 512 * (block + 2))
                }
            };
            data[at + usize::try_from(bit / 8).unwrap()] |= 1 << (bit % 8);
        }
        Bitmap::read(&pool, Some(&extension), tick_spacing).unwrap()
    }

    #[test]
    fn searches_stop_at_the_ends_of_all_prices() {
        let all = bitmap(&[-7394, 7393], 1);
        assert_eq!(all.next(0, true), Some(-7394));
        assert_eq!(all.next(0, false), Some(7393));
        assert_eq!(bitmap(&[-7395, 7394], 1).next(0, true), None);
        assert_eq!(bitmap(&[-7395, 7394], 1).next(0, false), None);
    }

    proptest! {
        #[test]
        fn finds_the_nearest_marked_array(
            marked in proptest::collection::vec(-7394i32..=7393, 0..6), from in -7394i32..=7393,
        ) {
            let bitmap = bitmap(&marked, 1);
            prop_assert_eq!(bitmap.next(from, true), marked.iter().copied().filter(|one| *one < from).max());
            prop_assert_eq!(bitmap.next(from, false), marked.iter().copied().filter(|one| *one > from).min());
            prop_assert_eq!(bitmap.is_marked(from), marked.contains(&from));
        }
    }
}
