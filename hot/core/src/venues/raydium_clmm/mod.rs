//! Raydium CLMM: concentrated liquidity with tick arrays, a dynamic fee, a choice of the fee's side and limit orders.
//!
//! Layout and rules: raydium-io/raydium-clmm `programs/amm/src` of July 2026. Pools laid out by the build of April 2024
//! are told by their observation account, which newer builds refuse; they follow that build's rules.

use std::collections::HashMap;

use super::accounts::{Account, Accounts, Clock, Fields};
use super::raydium::NEWEST;
use super::token::{TransferFee, TOKEN};
use super::{Ask, Fill, Given, Piece, Venue};
use crate::error::Refusal;
use crossing::{Crossing, Moved};
use fee::{Dynamic, MILLION};
use ladder::{Bitmap, Ladder, Map, ARRAY_LENGTH, EXTENSION_LENGTH};
use ticks::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK};
use walk::Walk;

mod crossing;
mod fee;
mod ladder;
mod step;
mod ticks;
mod walk;

/// `swap_v2`, the usual instruction.
const USUAL: u8 = 0;
/// `swap`, which moves tokens of the older token program only.
const PLAIN_SWAP: u8 = 1;
const SWAP_DISABLED: u8 = 16;
/// Where the pool names its other accounts.
const NAMED: [(usize, &str); 3] = [(9, "config"), (73, "mint_a"), (105, "mint_b")];

/// Discriminator and shortest length of an account.
type Kind = ([u8; 8], usize);
const POOL: Kind = ([0xf7, 0xed, 0xe3, 0xf5, 0xd7, 0xc3, 0xde, 0x46], 1_544);
const CONFIG: Kind = ([0xda, 0xf4, 0x21, 0x68, 0xcb, 0xcb, 0x2b, 0x6f], 117);
const ARRAY: Kind = ([0xc0, 0x9b, 0x55, 0xcd, 0x31, 0xf9, 0x81, 0x2a], ARRAY_LENGTH);
const EXTENSION: Kind = ([0x3c, 0x96, 0x24, 0xdb, 0x61, 0x80, 0x8b, 0x99], EXTENSION_LENGTH);
const OBSERVATION: Kind = ([0x7a, 0xae, 0xc5, 0x35, 0x81, 0x09, 0xa5, 0x84], 51);

/// One pool.
#[derive(Clone, Debug)]
pub struct RaydiumClmm {
    price: u128,
    tick: i32,
    liquidity: u128,
    fee_rate: u32,
    fee_on: u8,
    dynamic: Option<Dynamic>,
    now: u32,
    ladders: [Ladder; 2],
    transfer_fees: [TransferFee; 2],
    /// Both mints belong to the older token program.
    is_plain: bool,
    /// Laid out by the build of 2024-04.
    is_first_build: bool,
    /// Token 0 in, token 1 in.
    crossings: [Crossing; 2],
}

impl Venue for RaydiumClmm {
    const KEY: &'static str = "raydium_clmm";
    const PROGRAM: [u8; 32] = [
        165, 213, 202, 158, 4, 207, 93, 181, 144, 183, 20, 186, 47, 227, 44, 177, 89, 19, 63, 193, 193, 146, 183, 34,
        87, 253, 7, 211, 156, 176, 64, 30,
    ];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = typed(&accounts.role("pool")?, &POOL)?;
        let config = typed(&accounts.role("config")?, &CONFIG)?;
        for (at, role) in NAMED {
            if pool.key(at)? != accounts.key(role)? {
                return Err(Refusal::Inconsistent);
            }
        }
        // The program compares as unsigned numbers.
        if pool.u8(389)? & SWAP_DISABLED != 0 || clock.unix_timestamp as u64 <= pool.u64(1080)? {
            return Err(Refusal::Disabled);
        }
        let mints = [accounts.role("mint_a")?, accounts.role("mint_b")?];
        let is_first_build = is_first_build(accounts)?;
        let map = map(accounts, pool, !is_first_build)?;
        let (fee_rate, price) = (config.u32(47)?, pool.u128(253)?);
        let is_valid = (MIN_SQRT_PRICE..MAX_SQRT_PRICE).contains(&price) && (MIN_TICK..=MAX_TICK).contains(&map.tick);
        if fee_rate >= MILLION || !is_valid {
            return Err(Refusal::Range);
        }
        let mut state = Self {
            price,
            tick: map.tick,
            liquidity: pool.u128(237)?,
            fee_rate,
            fee_on: if is_first_build { 0 } else { pool.u8(390)? },
            dynamic: if is_first_build { None } else { Dynamic::read(pool, map.tick, map.tick_spacing)? },
            now: clock.unix_timestamp as u32,
            ladders: [map.ladder(true), map.ladder(false)],
            transfer_fees: [TransferFee::of_mint(&mints[0], clock)?, TransferFee::of_mint(&mints[1], clock)?],
            is_plain: mints.iter().all(|mint| mint.owner == TOKEN),
            is_first_build,
            crossings: Default::default(),
        };
        state.crossings = [true, false].map(|zero_for_one| Crossing::build(&state, zero_for_one));
        Ok(state)
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        match ask.variant {
            USUAL | NEWEST => {}
            PLAIN_SWAP if self.is_plain => {}
            PLAIN_SWAP => return Err(Refusal::Owner),
            _ => return Err(Refusal::Unsupported),
        }
        let first = self.is_first_build && ask.variant != NEWEST;
        let [zero, one] = &self.transfer_fees;
        let (fee_in, fee_out) = if ask.zero_for_one { (zero, one) } else { (one, zero) };
        let exact_in = ask.given == Given::Input;
        let asked = if exact_in { fee_in.after(ask.amount) } else { sent(fee_out, ask.amount, first)? };
        if asked == 0 {
            return Err(Refusal::Zero);
        }
        let Moved { taken, given, price } = self.moved(ask, asked, first)?;
        if taken == 0 || given == 0 || (first && price == self.price) {
            return Err(Refusal::Zero);
        }
        // Newer builds charge what was offered when all of it was taken; the inverse fee may differ by a unit.
        let whole = !first && exact_in && taken == asked;
        let amount_in = if whole { ask.amount } else { sent(fee_in, taken, first)? };
        let is_full = if exact_in { amount_in == ask.amount } else { given == asked };
        if !first && ask.price_limit == 0 && !is_full {
            return Err(Refusal::PartialFill);
        }
        Ok(Fill { amount_in, amount_out: fee_out.after(given) })
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let plain = self.transfer_fees.iter().all(|fee| fee.bps == 0);
        let on_input = self.is_fee_on_input(zero_for_one);
        self.crossings[usize::from(!zero_for_one)].piece(number, on_input).filter(|_| plain)
    }
}

impl RaydiumClmm {
    /// What a swap of `amount` moves inside the pool.
    fn moved(&self, ask: &Ask, amount: u64, strict: bool) -> Result<Moved, Refusal> {
        if ask.price_limit == 0 {
            if let Some(known) = self.crossings[usize::from(!ask.zero_for_one)].quote(self, ask, amount, strict) {
                return known;
            }
        }
        let mut walk = Walk::new(self, ask, amount, strict)?;
        walk.run()?;
        Ok(Moved::by(&walk, ask.given, amount))
    }

    const fn is_fee_on_input(&self, zero_for_one: bool) -> bool {
        match self.fee_on {
            1 => zero_for_one,
            2 => !zero_for_one,
            _ => true,
        }
    }
}

/// What names the pool's ticks.
fn map<'a>(accounts: &Accounts<'a>, pool: &[u8], has_orders: bool) -> Result<Map<'a>, Refusal> {
    let key = accounts.key("pool")?;
    let extension = match optional(accounts, "bitmap_extension") {
        Some(account) => Some(typed(&account, &EXTENSION)?),
        None => None,
    };
    if extension.is_some_and(|data| data.key(8) != Ok(key)) {
        return Err(Refusal::Inconsistent);
    }
    let tick_spacing = pool.u16(235)?;
    if tick_spacing == 0 {
        return Err(Refusal::Range);
    }
    let mut arrays = HashMap::new();
    for address in accounts.route(true).iter().chain(accounts.route(false)) {
        if let Some(account) = accounts.at(address) {
            let data = typed(&account, &ARRAY)?;
            if data.key(8)? != key {
                return Err(Refusal::Inconsistent);
            }
            arrays.insert(data.i32(40)?, data);
        }
    }
    let bitmap = Bitmap::read(pool, extension, tick_spacing)?;
    Ok(Map { tick: pool.i32(269)?, tick_spacing, bitmap, arrays, has_orders })
}

/// Whether the pool's observations are laid out by the build of 2024-04. The pool's address comes later in newer ones.
fn is_first_build(accounts: &Accounts<'_>) -> Result<bool, Refusal> {
    let Some(account) = optional(accounts, "observation") else {
        return Ok(false);
    };
    let (data, pool) = (typed(&account, &OBSERVATION)?, accounts.key("pool")?);
    if data.key(9)? == pool {
        return Ok(true);
    }
    if data.key(19)? == pool {
        return Ok(false);
    }
    Err(Refusal::Inconsistent)
}

fn optional<'a>(accounts: &Accounts<'a>, role: &str) -> Option<Account<'a>> {
    accounts.at(&accounts.key(role).ok()?)
}

/// The account's data when it is the program's, of this kind and long enough.
fn typed<'a>(account: &Account<'a>, (magic, length): &Kind) -> Result<&'a [u8], Refusal> {
    if account.owner != RaydiumClmm::PROGRAM {
        return Err(Refusal::Owner);
    }
    if account.data.len() < *length {
        return Err(Refusal::Length);
    }
    if account.data.take(0)? != *magic {
        return Err(Refusal::Magic);
    }
    Ok(account.data)
}

/// What is sent so that `net` arrives: `net` plus the fee of the inverse, which newer builds check.
fn sent(fee: &TransferFee, net: u64, first: bool) -> Result<u64, Refusal> {
    let gross = fee.sent(net)?;
    if first || fee.bps == 10_000 || fee.after(gross) == net {
        return Ok(gross);
    }
    Err(Refusal::Inconsistent)
}

#[cfg(test)]
mod tests;
