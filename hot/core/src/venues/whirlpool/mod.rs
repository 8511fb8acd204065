//! Orca Whirlpools: concentrated liquidity in arrays of ticks, with a fee that may follow volatility.
//!
//! Layouts and rules: docs/venues/whirlpool.md.

mod arrays;
mod crossing;
mod fee;
mod path;
#[cfg(test)]
mod tests;
mod ticks;
mod walk;

use self::arrays::{Edge, Place, Spans};
use self::crossing::Crossing;
use self::fee::Volatility;
use self::walk::Swap;
use super::accounts::{Accounts, Clock, Fields};
use super::token::{TransferFee, TOKEN};
use super::{Ask, Fill, Given, Piece, Venue};
use crate::error::Refusal;

const POOL: [u8; 8] = [0x3f, 0x95, 0xd1, 0x0c, 0xe1, 0x80, 0x63, 0x09];
const POOL_LENGTH: usize = 653;
/// [`Ask::variant`] of the first swap instruction, which knows the older token program only.
const FIRST_SWAP: u8 = 1;

/// One pool.
#[derive(Clone, Debug)]
pub struct Whirlpool {
    price: u128,
    tick: i32,
    liquidity: u128,
    fee_rate: u32,
    volatility: Option<Volatility>,
    /// All initialized ticks that were given, ascending.
    edges: Vec<Edge>,
    spans: Spans,
    transfer_fees: [TransferFee; 2],
    older_tokens: bool,
    /// Down, up.
    crossings: [Crossing; 2],
}

impl Venue for Whirlpool {
    const KEY: &'static str = "whirlpool";
    const PROGRAM: [u8; 32] = [
        14, 3, 104, 95, 142, 144, 144, 83, 228, 88, 18, 28, 102, 245, 167, 106, 237, 199, 112, 106, 161, 28, 130, 248,
        170, 149, 42, 143, 43, 120, 121, 169,
    ];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let account = accounts.owned("pool", &Self::PROGRAM)?;
        let pool = account.data;
        if pool.take::<8>(0)? != POOL {
            return Err(Refusal::Magic);
        }
        if pool.len() < POOL_LENGTH {
            return Err(Refusal::Length);
        }
        let (price, tick) = (pool.u128(65)?, pool.i32(81)?);
        let now = u64::try_from(clock.unix_timestamp).map_err(|_| Refusal::Range)?;
        let mints = [accounts.role("mint_a")?, accounts.role("mint_b")?];
        let known = mints[0].key == pool.key(101)? && mints[1].key == pool.key(181)?;
        // The program refuses a clock behind the last update of the rewards.
        if !known || !arrays::agrees(price, tick) || now < pool.u64(261)? {
            return Err(Refusal::Inconsistent);
        }
        let spacing = pool.u16(41)?;
        if spacing == 0 {
            return Err(Refusal::Range);
        }
        let place = Place { pool: &account.key, program: &Self::PROGRAM, tick, spacing: i32::from(spacing) };
        let (edges, spans) = arrays::read(accounts, &place);
        let mut state = Self {
            price,
            tick,
            liquidity: pool.u128(49)?,
            fee_rate: u32::from(pool.u16(45)?),
            volatility: volatility(accounts, &account.key, pool, tick, now)?,
            edges,
            spans,
            transfer_fees: [TransferFee::of_mint(&mints[0], clock)?, TransferFee::of_mint(&mints[1], clock)?],
            older_tokens: mints.iter().all(|mint| mint.owner == TOKEN),
            crossings: Default::default(),
        };
        state.crossings = [true, false].map(|down| Crossing::build(&state, down));
        Ok(state)
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        match ask.variant {
            0 => {}
            FIRST_SWAP if self.older_tokens => {}
            FIRST_SWAP => return Err(Refusal::Owner),
            _ => return Err(Refusal::Unsupported),
        }
        let (input, output) = if ask.zero_for_one { (0, 1) } else { (1, 0) };
        let (fee_in, fee_out) = (self.transfer_fees[input], self.transfer_fees[output]);
        let amount = match ask.given {
            Given::Input => fee_in.after(ask.amount),
            Given::Output => fee_out.before(ask.amount)?,
        };
        let swap = Swap { down: ask.zero_for_one, given: ask.given, amount, limit: ask.price_limit };
        let moved = self.moved(&swap)?;
        // Only a swap that a limit cut short pays less than was offered.
        let whole = ask.given == Given::Input && moved.amount_in == amount;
        let amount_in = if whole { ask.amount } else { fee_in.before(moved.amount_in)? };
        Ok(Fill { amount_in, amount_out: fee_out.after(moved.amount_out) })
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let plain = self.transfer_fees.iter().all(|fee| fee.bps == 0);
        self.crossings[usize::from(!zero_for_one)].piece(number).filter(|_| plain)
    }
}

impl Whirlpool {
    /// What a swap moves inside the pool.
    fn moved(&self, swap: &Swap) -> Result<Fill, Refusal> {
        if swap.limit == 0 && swap.amount > 0 {
            if let Some(known) = self.crossings[usize::from(!swap.down)].quote(swap) {
                return known;
            }
        }
        swap.by_steps(self)
    }
}

/// The pool's volatility; `None` for a pool of one fee, which has no oracle.
fn volatility(
    accounts: &Accounts<'_>,
    key: &[u8; 32],
    pool: &[u8],
    tick: i32,
    now: u64,
) -> Result<Option<Volatility>, Refusal> {
    let address = accounts.derived(&[b"oracle", key], &Whirlpool::PROGRAM).ok_or(Refusal::Range)?;
    let held = accounts.at(&address).filter(|oracle| oracle.owner != [0; 32] || !oracle.data.is_empty());
    let Some(oracle) = held else {
        // Volatile pools are created with their oracle: it was left out.
        return if pool.u16(41)? == pool.u16(43)? { Ok(None) } else { Err(Refusal::Empty) };
    };
    if oracle.owner != Whirlpool::PROGRAM {
        return Err(Refusal::Owner);
    }
    Volatility::read(&oracle, key, tick, now).map(Some)
}
