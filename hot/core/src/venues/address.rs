//! Program-derived addresses: where a program keeps the account of given seeds.

use curve25519_dalek::edwards::CompressedEdwardsY;
use sha2::{Digest, Sha256};

const MARKER: &[u8] = b"ProgramDerivedAddress";
/// Most addresses remembered.
const MOST: usize = 64;
/// Room for program, seeds and their length.
const ASKED: usize = 96;

/// Addresses that were derived before: every one costs a few hashes and points of a curve, some ten microseconds.
#[derive(Debug, Default)]
pub struct Derived {
    known: Vec<([u8; ASKED], [u8; 32])>,
}

impl Derived {
    /// See [`derived`].
    pub fn of(&mut self, seeds: &[&[u8]], program: &[u8; 32]) -> Option<[u8; 32]> {
        let Some(asked) = question(seeds, program) else { return derived(seeds, program) };
        if let Some((_, key)) = self.known.iter().find(|(known, _)| *known == asked) {
            return Some(*key);
        }
        let key = derived(seeds, program)?;
        // Seeds follow what accounts say: whoever writes those shall not fill the memory.
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.push((asked, key));
        Some(key)
    }
}

/// What an address depends on: seeds count as one, whatever their boundaries. `None` when there is no room for them.
fn question(seeds: &[&[u8]], program: &[u8; 32]) -> Option<[u8; ASKED]> {
    let mut asked = [0; ASKED];
    asked.get_mut(..32)?.copy_from_slice(program);
    let mut end = 33;
    for seed in seeds {
        asked.get_mut(end..end + seed.len())?.copy_from_slice(seed);
        end += seed.len();
    }
    *asked.get_mut(32)? = end as u8;
    Some(asked)
}

/// The address `find_program_address` yields; `None` when no bump leads off the curve, which does not happen.
#[must_use]
pub fn derived(seeds: &[&[u8]], program: &[u8; 32]) -> Option<[u8; 32]> {
    (0..=u8::MAX).rev().map(|bump| hashed(seeds, bump, program)).find(|key| !on_curve(key))
}

fn hashed(seeds: &[&[u8]], bump: u8, program: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for seed in seeds {
        hash.update(seed);
    }
    hash.update([bump]);
    hash.update(program);
    hash.update(MARKER);
    hash.finalize().into()
}

/// An address on the curve could have a private key, so programs may not own it.
fn on_curve(key: &[u8; 32]) -> bool {
    CompressedEdwardsY(*key).decompress().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_is_derived() {
        let mut known = Derived::default();
        let long = [9; 65];
        let asked: [&[&[u8]]; 5] = [&[b"ab"], &[b"ab\0"], &[b"a", b"bc"], &[b"ab", b"c"], &[&long]];
        for _ in 0..2 {
            for program in [[7; 32], [8; 32]] {
                for seeds in asked {
                    assert_eq!(known.of(seeds, &program), derived(seeds, &program));
                }
            }
        }
        assert_eq!(known.known.len(), 2 * 3);
        for number in 0..200u8 {
            assert_eq!(known.of(&[&[number]], &[7; 32]), derived(&[&[number]], &[7; 32]));
            assert!(known.known.len() <= MOST);
        }
    }

    #[test]
    fn a_bump_whose_address_has_a_private_key_is_passed_over() {
        let program = [7; 32];
        let found = derived(&[b"tick_array", b"-11264"], &program).unwrap();
        let bump = (0..=255).rev().find(|bump| hashed(&[b"tick_array", b"-11264"], *bump, &program) == found);
        assert!(!on_curve(&found));
        assert!((bump.unwrap()..=255).skip(1).all(|bump| on_curve(&hashed(
            &[b"tick_array", b"-11264"],
            bump,
            &program
        ))));
    }
}
