#![doc = include_str!("../README.md")]
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod account_pools;
pub mod candidate;
pub mod curves;
pub mod decoders;
mod doors;
pub mod error;
mod estimate;
pub mod fees;
pub mod history;
mod hunt;
pub mod ingest;
pub mod limbs;
pub mod market;
mod money;
pub mod pool;
pub mod removal;
pub mod search;
pub mod sizing;
pub mod suppression;
pub mod tx;
pub mod venues;
pub mod wide;
pub mod wiring;
pub mod write_order;

pub use account_pools::AccountPoolConfig;
pub use candidate::{Candidate, Leg};
pub use error::{Refusal, WiringError};
pub use market::{BatchResult, Market, Update};
pub use ruint::aliases::U256;
pub use wiring::{PoolConfig, SearchConfig};
