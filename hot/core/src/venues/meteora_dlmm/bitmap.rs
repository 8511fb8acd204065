//! Which bin arrays have liquidity.

use super::super::accounts::Fields;
use crate::error::Refusal;

/// Bin arrays -512..512 have their bit in the pair account.
const INSIDE: i64 = 512;
/// Bin arrays -6656..6656 have one in the pair account or its extension.
const OUTSIDE: i64 = 13 * INSIDE;
const WORDS: usize = 208;
const EXTENSION_WORDS: usize = 96;
const PAIR_WORDS: usize = 16;

/// One bit an array, in the order of their indices.
#[derive(Clone, Debug)]
pub struct Bitmap {
    words: [u64; WORDS],
    reach: i64,
}

impl Bitmap {
    /// What the pair account knows.
    pub fn of_pair(pair: &[u8]) -> Result<Self, Refusal> {
        let mut words = [0; WORDS];
        for (at, word) in words[EXTENSION_WORDS..EXTENSION_WORDS + PAIR_WORDS].iter_mut().enumerate() {
            *word = pair.u64(584 + 8 * at)?;
        }
        Ok(Self { words, reach: INSIDE })
    }

    /// Adds what the extension knows. It counts away from zero on both sides, so the lower half is mirrored.
    pub fn extend(&mut self, extension: &[u8]) -> Result<(), Refusal> {
        for at in 0..EXTENSION_WORDS {
            self.words[EXTENSION_WORDS + PAIR_WORDS + at] = extension.u64(40 + 8 * at)?;
            self.words[EXTENSION_WORDS - 1 - at] = extension.u64(808 + 8 * at)?.reverse_bits();
        }
        self.reach = OUTSIDE;
        Ok(())
    }

    /// The nearest array from `index` on, downwards or upwards.
    #[must_use]
    pub fn next(&self, index: i64, down: bool) -> Option<i64> {
        if !(-self.reach..self.reach).contains(&index) {
            return None;
        }
        let place = usize::try_from(index + OUTSIDE).ok()?;
        let (word, bit) = (place / 64, place % 64);
        let found = if down {
            let first = self.words[word] & (u64::MAX >> (63 - bit));
            let rest = self.words[..word].iter().rposition(|word| *word != 0);
            highest(word, first).or_else(|| rest.and_then(|at| highest(at, self.words[at])))
        } else {
            let first = self.words[word] & (u64::MAX << bit);
            let rest = self.words[word + 1..].iter().position(|word| *word != 0).map(|at| word + 1 + at);
            lowest(word, first).or_else(|| rest.and_then(|at| lowest(at, self.words[at])))
        };
        found.and_then(|place| i64::try_from(place).ok()).map(|place| place - OUTSIDE)
    }
}

fn highest(at: usize, word: u64) -> Option<usize> {
    (word != 0).then(|| at * 64 + 63 - word.leading_zeros() as usize)
}

fn lowest(at: usize, word: u64) -> Option<usize> {
    (word != 0).then(|| at * 64 + word.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where the layouts keep the bit of an array: (in the extension, byte, bit).
    fn place(index: i64) -> (bool, usize, u32) {
        let (extension, base, bit) = match index {
            -512..=511 => (false, 584, index + 512),
            512.. => (true, 40, index - 512),
            _ => (true, 808, -index - 513),
        };
        (extension, base + (bit / 8) as usize, (bit % 8) as u32)
    }

    fn forge(indices: &[i64], extended: bool) -> Bitmap {
        let (mut pair, mut extension) = (vec![0u8; 904], vec![0u8; 1576]);
        for index in indices {
            let (outside, byte, bit) = place(*index);
            let account = if outside { &mut extension } else { &mut pair };
            account[byte] |= 1 << bit;
        }
        let mut bitmap = Bitmap::of_pair(&pair).unwrap();
        if extended {
            bitmap.extend(&extension).unwrap();
        }
        bitmap
    }

    proptest! {
        #[test]
        fn the_nearest_array_is_found(
            indices in proptest::collection::vec(-6656i64..6656, 0..12), from in -6700i64..6700, extended: bool,
        ) {
            let bitmap = forge(&indices, extended);
            let reach = if extended { 6656 } else { 512 };
            let seen = |index: &i64| (-reach..reach).contains(index);
            let inside = seen(&from);
            let down = indices.iter().copied().filter(|one| inside && seen(one) && *one <= from).max();
            let up = indices.iter().copied().filter(|one| inside && seen(one) && *one >= from).min();
            prop_assert_eq!(bitmap.next(from, true), down);
            prop_assert_eq!(bitmap.next(from, false), up);
        }
    }

    #[test]
    fn both_edges_are_reached() {
        for index in [-6656, -513, -512, -1, 0, 511, 512, 6655] {
            let bitmap = forge(&[index], true);
            assert_eq!(bitmap.next(6655, true), Some(index));
            assert_eq!(bitmap.next(-6656, false), Some(index));
        }
    }
}
