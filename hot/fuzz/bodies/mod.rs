//! What is done with bytes that a fuzzer made: every decoder reads them, and whatever it accepts is asked and updated.
//!
//! The same functions are run by the fuzz targets and, over the seeds and mutations of them, by `hot/core/tests/fuzz.rs`.
//! Each answers whether the bytes were accepted.

mod evm;
mod feed;
mod pools;
mod text;

pub use evm::evm;
pub use pools::{loans, venues};
pub use text::{frames, transactions};
