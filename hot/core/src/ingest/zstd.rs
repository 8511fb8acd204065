//! Account data as validators pack it: zstd, then base64. What comes out is bounded before it is written.

use std::fmt;

use zstd::bulk::Decompressor;

use super::text::base64_into;
use super::Refused;

/// Most bytes of an account.
pub const MAX_ACCOUNT: usize = 10 << 20;

/// Unpacks; its buffers, made at the first use, are used again.
#[derive(Default)]
pub struct Unpacker {
    context: Option<Decompressor<'static>>,
    packed: Vec<u8>,
    plain: Vec<u8>,
}

impl Unpacker {
    /// Append what base64 text of one zstd frame holds.
    pub fn unpack_into(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        self.packed.clear();
        base64_into(text, &mut self.packed)?;
        if self.context.is_none() {
            self.context = Decompressor::new().ok();
            self.plain = vec![0; MAX_ACCOUNT];
        }
        let context = self.context.as_mut().ok_or(Refused::Zstd)?;
        let length =
            context.decompress_to_buffer(&self.packed, self.plain.as_mut_slice()).map_err(|_| Refused::Zstd)?;
        out.extend_from_slice(self.plain.get(..length).ok_or(Refused::Zstd)?);
        Ok(())
    }
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Refused> {
        const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = Vec::new();
        for group in packed.chunks(3) {
            let bits = group.iter().chain(&[0, 0]).take(3).fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            text.extend((0..4).map(|at| if at > group.len() { b'=' } else { SIGNS[(bits >> (18 - 6 * at)) & 63] }));
        }
        let mut out = vec![1];
        Unpacker::default().unpack_into(&text, &mut out).map(|()| out)
    }

    #[test]
    #[cfg_attr(miri, ignore = "C code")]
    fn what_was_packed_comes_out_behind_what_was_there() {
        let plain: Vec<u8> = (0..3_000u32).map(|at| (at * at) as u8).collect();
        for level in [0, 1, 19] {
            let streamed = zstd::stream::encode_all(plain.as_slice(), level).unwrap();
            let whole = zstd::bulk::compress(&plain, level).unwrap();
            for packed in [streamed, whole] {
                assert_eq!(unpacked(&packed).map(|out| out[1..] == plain), Ok(true));
            }
        }
        assert_eq!(unpacked(&zstd::bulk::compress(&[], 0).unwrap()), Ok(vec![1]));
    }

    #[test]
    #[cfg_attr(miri, ignore = "C code")]
    fn the_largest_account_fits_and_one_byte_more_does_not() {
        let packed = |length: usize| zstd::bulk::compress(&vec![7; length], 0).unwrap();
        assert_eq!(unpacked(&packed(MAX_ACCOUNT)).map(|out| out.len()), Ok(MAX_ACCOUNT + 1));
        assert_eq!(unpacked(&packed(MAX_ACCOUNT + 1)), Err(Refused::Zstd));
        assert_eq!(unpacked(&packed(MAX_ACCOUNT << 5)), Err(Refused::Zstd), "a bomb");
    }

    #[test]
    #[cfg_attr(miri, ignore = "C code")]
    fn what_is_not_zstd_is_refused() {
        let packed = zstd::bulk::compress(b"some account", 0).unwrap();
        assert_eq!(unpacked(&packed[..packed.len() - 1]), Err(Refused::Zstd));
        assert_eq!(unpacked(b"some account"), Err(Refused::Zstd));
        let mut large = packed.clone();
        large[5] ^= 0x40;
        assert!(unpacked(&large).is_ok_and(|out| out.len() < MAX_ACCOUNT) || unpacked(&large) == Err(Refused::Zstd));
    }
}
