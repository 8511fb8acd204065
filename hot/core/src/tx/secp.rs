//! secp256k1 with recovery: deterministic nonces (RFC 6979), low s, as Ethereum wants them.

use secp256k1::{Message, PublicKey, Secp256k1, SecretKey, SignOnly};
use zeroize::Zeroizing;

use super::envelope::{digest, keccak, read, write};
use super::rlp;
use super::vault::Vault;
use super::TxError;

/// Most bytes of y parity, r and s as three items.
const MAX_TAIL: usize = 1 + 33 + 33;

/// An account's key.
pub struct EvmKey {
    secret: Vault,
    address: [u8; 20],
    context: Secp256k1<SignOnly>,
}

impl EvmKey {
    /// From the 32 bytes of a private key.
    pub fn new(secret: &[u8]) -> Result<Self, TxError> {
        let mut vault = Vault::new(32)?;
        if secret.len() != vault.bytes().len() {
            return Err(TxError::Key);
        }
        vault.bytes_mut().copy_from_slice(secret);
        let context = Secp256k1::signing_only();
        let public = with_key(&vault, |key| PublicKey::from_secret_key(&context, key))?;
        let hash = keccak(&[&public.serialize_uncompressed()[1..]]);
        let mut address = [0; 20];
        address.copy_from_slice(&hash[12..]);
        Ok(Self { secret: vault, address, context })
    }

    /// The account's address.
    #[must_use]
    pub const fn address(&self) -> &[u8; 20] {
        &self.address
    }

    /// True when the system keeps the key out of swap.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.secret.is_locked()
    }

    /// y parity, then r and s in 64 bytes, over a hash.
    pub fn sign(&self, hash: [u8; 32]) -> Result<(u8, [u8; 64]), TxError> {
        let message = Message::from_digest(hash);
        let signature = with_key(&self.secret, |key| self.context.sign_ecdsa_recoverable(message, key))?;
        let (parity, compact) = signature.serialize_compact();
        Ok((i32::from(parity) as u8, compact))
    }

    /// Sign an unsigned EIP-1559 transaction into `raw` (cleared first); returns its hash.
    pub fn sign_transaction(&self, unsigned: &[u8], raw: &mut Vec<u8>) -> Result<[u8; 32], TxError> {
        let body = &unsigned[read(unsigned)?.body..];
        self.sign_body(body, raw)
    }

    /// Sign the concatenated fields of an unsigned transaction.
    pub(super) fn sign_body(&self, body: &[u8], raw: &mut Vec<u8>) -> Result<[u8; 32], TxError> {
        let (parity, rs) = self.sign(digest(body))?;
        let mut tail = Tail { bytes: [0; MAX_TAIL], len: 0 };
        tail.number(&[parity]);
        tail.number(&rs[..32]);
        tail.number(&rs[32..]);
        write(raw, body, &tail.bytes[..tail.len]);
        Ok(keccak(&[raw]))
    }
}

/// A few bytes on the stack: numbers of at most 32 bytes each.
struct Tail {
    bytes: [u8; MAX_TAIL],
    len: usize,
}

impl Tail {
    fn number(&mut self, big_endian: &[u8]) {
        let digits = rlp::trimmed(big_endian);
        if !matches!(digits, [byte] if *byte < 0x80) {
            self.bytes[self.len] = 0x80 + digits.len() as u8;
            self.len += 1;
        }
        self.bytes[self.len..self.len + digits.len()].copy_from_slice(digits);
        self.len += digits.len();
    }
}

/// Lend the key to `use_it`; the copy the library works on is erased afterwards.
fn with_key<T>(vault: &Vault, use_it: impl FnOnce(&SecretKey) -> T) -> Result<T, TxError> {
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(vault.bytes());
    let mut key = SecretKey::from_byte_array(*bytes).map_err(|_| TxError::Key)?;
    let answer = use_it(&key);
    key.non_secure_erase();
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Deterministic secp256k1 signatures over SHA-256 of a text, as used by several wallets' test-suites.
    const VECTORS: [(u8, &str, &str); 2] = [
        (
            1,
            "Satoshi Nakamoto",
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
        ),
        (
            1,
            "All those moments will be lost in time, like tears in rain. Time to die...",
            "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
        ),
    ];

    #[test]
    fn signatures_are_deterministic_as_rfc_6979_says_and_low() {
        for (last, text, wanted) in VECTORS {
            let mut secret = [0; 32];
            secret[31] = last;
            let (_, rs) = EvmKey::new(&secret).unwrap().sign(Sha256::digest(text).into()).unwrap();
            assert_eq!(hex(&rs), wanted);
        }
    }

    #[test]
    fn the_address_is_the_keys() {
        let mut secret = [0; 32];
        secret[31] = 1;
        assert_eq!(hex(EvmKey::new(&secret).unwrap().address()), "7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    }

    #[test]
    fn bytes_that_are_no_key_are_refused() {
        for secret in [&[0; 32][..], &[255; 32], &[1; 31], &[1; 33], &[]] {
            assert_eq!(EvmKey::new(secret).err(), Some(TxError::Key));
        }
    }

    #[test]
    fn a_short_r_or_s_is_written_as_a_number() {
        let mut tail = Tail { bytes: [0; MAX_TAIL], len: 0 };
        let mut small = [0; 32];
        small[31] = 0x7f;
        tail.number(&[0]);
        tail.number(&small);
        small[30] = 1;
        tail.number(&small);
        assert_eq!(tail.bytes[..tail.len], [0x80, 0x7f, 0x82, 1, 0x7f]);
    }
}
