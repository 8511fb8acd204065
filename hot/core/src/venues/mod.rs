//! Venues whose state is made of accounts: one folder or file each, bytes to state to exact quote.
//!
//! A venue is read as a whole from the accounts its program would be given, and quoted as its program would pay:
//! same rounding, same refusals. Dispatch is by owner program, never by an account's discriminator alone.

pub mod accounts;
pub mod address;
pub mod book;
pub mod flash_fees;
pub mod piece;
pub mod q64;
pub mod reading;
pub mod token;

pub use accounts::{Account, Accounts, Clock};
pub use piece::Piece;

use crate::error::{wrong, Refusal, WiringError};

/// Which side of a swap is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The input, transfer fee included.
    Input,
    /// What the instruction is asked to deliver.
    Output,
}

/// One swap to quote, as the program's instruction would say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Direction: asset 0 (A, X, coin) in when true.
    pub zero_for_one: bool,
    /// Which side `amount` is.
    pub given: Given,
    /// The instruction's amount, base units.
    pub amount: u64,
    /// Q64.64 limit of venues that have one; 0 for none.
    pub price_limit: u128,
    /// Name of another instruction of the same program that pays differently; empty for the usual one.
    pub variant: u8,
}

/// What the program would take from and give to the user, base units, transfer fees included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// User's debit.
    pub amount_in: u64,
    /// User's credit.
    pub amount_out: u64,
}

/// Roles, and what is written with each.
pub type Together = &'static [(&'static str, &'static [&'static str])];

/// What every venue can do. State is what `read` returns; it holds numbers only, no bytes.
pub trait Venue: Sized {
    /// Word for it in recipes and vector files.
    const KEY: &'static str;
    /// Address of its program.
    const PROGRAM: [u8; 32];

    /// Role of the account that is the pool itself.
    const POOL: &'static str = "pool";
    /// Roles with those that every swap writes too when it writes them, as far as quotes depend on them. While one of
    /// those is of an older slot, a pool was not told all of the newest one yet.
    const TOGETHER: Together = &[];

    /// Read the state from the accounts a swap would name; refuses what it does not fully understand.
    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal>;

    /// What the program would pay now.
    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal>;

    /// The pool in real numbers, piece by piece from 0 on; `None` beyond the last, and at once where it has none.
    fn piece(&self, _zero_for_one: bool, _number: usize) -> Option<Piece> {
        None
    }
}

/// The closed set of venues: one line a venue in the macro's call below, and nothing else to edit here.
macro_rules! venues {
    ($($(#[$doc:meta])* $name:ident($module:ident::$type:ident)),* $(,)?) => {
        /// A state of any venue.
        #[derive(Clone, Debug)]
        pub enum AnyVenue {
            $($(#[$doc])* $name(Box<$module::$type>)),*
        }

        impl AnyVenue {
            /// Keys of all venues.
            pub const KEYS: &'static [&'static str] = &[$(<$module::$type as Venue>::KEY),*];

            /// See [`Venue::POOL`]; nothing for an unknown key.
            #[must_use]
            pub fn pool_role(key: &str) -> &'static str {
                $(if key == <$module::$type as Venue>::KEY {
                    return <$module::$type as Venue>::POOL;
                })*
                ""
            }

            /// See [`Venue::TOGETHER`]; nothing for an unknown key.
            #[must_use]
            pub fn together(key: &str) -> Together {
                $(if key == <$module::$type as Venue>::KEY {
                    return <$module::$type as Venue>::TOGETHER;
                })*
                &[]
            }

            /// Read the state of the venue called `key`; the outer error is an unknown key.
            pub fn read(key: &str, accounts: &Accounts<'_>, clock: &Clock) -> Result<Result<Self, Refusal>, WiringError> {
                $(if key == <$module::$type as Venue>::KEY {
                    return Ok(<$module::$type as Venue>::read(accounts, clock).map(|state| Self::$name(Box::new(state))));
                })*
                let _ = (accounts, clock);
                wrong(format!("unknown venue {key:?}"))
            }

            /// Read the state of the same venue into the place of this one, which an error leaves as it is.
            pub fn read_again(&mut self, accounts: &Accounts<'_>, clock: &Clock) -> Result<(), Refusal> {
                match self {
                    $(Self::$name(state) => **state = <$module::$type as Venue>::read(accounts, clock)?,)*
                }
                Ok(())
            }

            /// What the program would pay now.
            pub fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
                match self {
                    $(Self::$name(state) => state.quote(ask),)*
                }
            }

            /// See [`Venue::piece`].
            #[must_use]
            pub fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
                match self {
                    $(Self::$name(state) => state.piece(zero_for_one, number),)*
                }
            }
        }
    };
}

pub mod meteora_damm_v1;
pub mod meteora_damm_v2;
pub mod meteora_dlmm;
pub mod phoenix;
pub mod pump_swap;
pub mod raydium;
pub mod raydium_amm_v4;
pub mod raydium_clmm;
pub mod raydium_cpmm;
pub mod whirlpool;

venues! {
    /// Meteora DAMM v1.
    MeteoraDammV1(meteora_damm_v1::MeteoraDammV1),
    /// Meteora DAMM v2.
    MeteoraDammV2(meteora_damm_v2::MeteoraDammV2),
    /// Phoenix v1.
    Phoenix(phoenix::Phoenix),
    /// Meteora DLMM.
    MeteoraDlmm(meteora_dlmm::MeteoraDlmm),
    /// PumpSwap.
    PumpSwap(pump_swap::PumpSwap),
    /// Raydium AMM v4.
    RaydiumAmmV4(raydium_amm_v4::RaydiumAmmV4),
    /// Raydium CLMM.
    RaydiumClmm(raydium_clmm::RaydiumClmm),
    /// Raydium CPMM.
    RaydiumCpmm(raydium_cpmm::RaydiumCpmm),
    /// Orca Whirlpool.
    Whirlpool(whirlpool::Whirlpool),
}
