//! Transaction templates and the keys that sign them: patch prebuilt bytes in place, sign, hand over raw bytes.
//!
//! A template is made once from the bytes a builder wrote for one route shape. What differs between two
//! transactions of that shape are its *slots*, places inside an instruction's data or the calldata, and the one value
//! the chain gives last: the blockhash or the nonce. Everything else is kept byte for byte, so a filled template and
//! the builder agree or the template was refused when it was made.
//!
//! [`Templates`] keeps them by route shape and fills them from the market's candidates.
//!
//! After a template is made nothing here allocates, and nothing panics on any input.

mod envelope;
mod evm;
mod message;
mod rlp;
mod secp;
mod solana;
mod templates;
mod vault;

pub use envelope::keccak;
pub use evm::EvmTemplate;
pub use secp::EvmKey;
pub use solana::{SolanaKey, SolanaTemplate};
pub use templates::{Hole, Prebuilt, Source, Templates, Terms};

use std::fmt;

/// A place that differs between two transactions of one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Number of the instruction (Solana), or of the field in the transaction's list (EIP-1559).
    pub item: usize,
    /// First byte inside the instruction's data or the calldata.
    pub at: usize,
    /// Bytes; 0 means the whole number of an EIP-1559 field, whose length may change.
    pub len: usize,
}

/// Why a key, a template, a value or a signature is refused; [`TxError::text`] never holds key bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxError {
    /// The bytes are no private key.
    Key,
    /// The two halves of a key pair do not belong together.
    Pair,
    /// The system has no memory for a key.
    Memory,
    /// The bytes are not a transaction of the family as builders write it.
    Layout,
    /// The transaction is larger than the chain takes.
    Size,
    /// The transaction wants signatures of others.
    Signers,
    /// A slot lies outside its item, overlaps another or names a field that cannot change.
    Slot,
    /// There is no slot of this number, or there are fewer or more values than slots.
    Count,
    /// A value does not fit its slot.
    Width,
    /// The key is not the transaction's payer.
    Payer,
    /// A hole wants a number that there is not.
    Source,
    /// A template filled with what the builder was given is not what the builder made.
    Differs,
}

impl TxError {
    /// One line for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Key => "the bytes are no private key",
            Self::Pair => "the key's two halves do not belong together",
            Self::Memory => "there is no memory for the key",
            Self::Layout => "the bytes are not an unsigned transaction of this family",
            Self::Size => "the transaction is larger than the chain takes",
            Self::Signers => "the transaction wants more signatures than one",
            Self::Slot => "a slot is outside its item, overlaps another or cannot change",
            Self::Count => "the number of values is not the number of slots",
            Self::Width => "a value does not fit its slot",
            Self::Payer => "the key is not the payer's",
            Self::Source => "a hole wants a number that there is not",
            Self::Differs => "the holes do not give the builder's bytes",
        }
    }
}

impl fmt::Display for TxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for TxError {}
