#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

pub mod address;
#[cfg(target_os = "linux")]
mod caller;
pub mod reader;
mod run;
mod shared;
pub mod signal;
pub mod stream;
pub mod wire;

pub use address::{Address, Unread};
pub use reader::{Mode, Options, Reader};
pub use shared::{now_ns, Other};
pub use wire::End;
