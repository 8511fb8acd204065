//! Program-derived addresses: where a program keeps the account of given seeds.

use curve25519_dalek::edwards::CompressedEdwardsY;
use sha2::{Digest, Sha256};

const MARKER: &[u8] = b"ProgramDerivedAddress";

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
