//! Keys as Solana writes them.

use super::Refused;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const NONE: u8 = 0xff;
const VALUES: [u8; 256] = values();
/// Most signs of 32 bytes.
const LONGEST: usize = 44;

/// The 32 bytes of a key; as many leading ones as there are leading zero bytes, as every writer has it.
pub fn key(text: &[u8]) -> Result<[u8; 32], Refused> {
    if text.len() > LONGEST {
        return Err(Refused::Base58);
    }
    let mut limbs = [0u32; 8];
    for sign in text {
        let mut carry = u64::from(VALUES[usize::from(*sign)]);
        if carry == u64::from(NONE) {
            return Err(Refused::Base58);
        }
        for limb in &mut limbs {
            carry += u64::from(*limb) * 58;
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            return Err(Refused::Base58);
        }
    }
    let mut out = [0; 32];
    for (place, limb) in out.chunks_exact_mut(4).zip(limbs.iter().rev()) {
        place.copy_from_slice(&limb.to_be_bytes());
    }
    let ones = text.iter().take_while(|sign| **sign == b'1').count();
    let zeros = out.iter().take_while(|byte| **byte == 0).count();
    if ones != zeros {
        return Err(Refused::Base58);
    }
    Ok(out)
}

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut at = 0;
    while at < ALPHABET.len() {
        values[ALPHABET[at] as usize] = at as u8;
        at += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keys() {
        assert_eq!(key(b"11111111111111111111111111111111"), Ok([0; 32]));
        assert_eq!(key(b"SysvarC1ock11111111111111111111111111111111"), Ok(crate::account_pools::CLOCK));
        assert_eq!(key(b"JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG"), Ok([255; 32]));
    }

    #[test]
    fn refuses_what_is_no_key() {
        let cases: [&[u8]; 7] = [
            b"",
            b"1111111111111111111111111111111",
            b"111111111111111111111111111111111",
            b"SysvarC1ock1111111111111111111111111111111",
            b"SysvarC1ock1111111111111111111111111111111O",
            b"JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH",
            b"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        ];
        for text in cases {
            assert_eq!(key(text), Err(Refused::Base58), "{}", String::from_utf8_lossy(text));
        }
    }
}
