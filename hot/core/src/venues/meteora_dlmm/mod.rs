//! Meteora DLMM: bins of one price each, a fee that follows volatility, limit orders inside bins.
//!
//! Layout: MeteoraAg/dlmm-sdk `idls/dlmm.json` 0.12.0; rules: its `commons/src`, and where that differs from the
//! program (exact-out, stored prices, route) the program. Reading walks the bins once in each direction and keeps
//! prefix sums, so a quote does not depend on how many bins it crosses.

mod bitmap;
mod ladder;
mod pair;
mod side;

use super::accounts::{Account, Accounts, Clock, Fields};
use super::token::{TransferFee, TOKEN};
use super::{Ask, Fill, Given, Piece, Venue};
use crate::error::Refusal;
use bitmap::Bitmap;
use ladder::Ladder;
use pair::Pair;
use side::{Bin, Side};

const PAIR_MAGIC: [u8; 8] = [0x21, 0x0b, 0x31, 0x62, 0xb5, 0x65, 0xb1, 0x0d];
const ARRAY_MAGIC: [u8; 8] = [0x5c, 0x8e, 0x5c, 0xdc, 0x05, 0x94, 0x46, 0xb5];
const EXTENSION_MAGIC: [u8; 8] = [0x50, 0x6f, 0x7c, 0x71, 0x37, 0xed, 0x12, 0x05];
const PAIR_LENGTH: usize = 904;
const ARRAY_LENGTH: usize = 10_136;
const EXTENSION_LENGTH: usize = 1_576;
const BINS: i64 = 70;
const FIRST_BIN: usize = 56;
const BIN_LENGTH: usize = 144;
/// The usual instructions are `swap2` and `swap_exact_out2`; this variant is `swap` and `swap_exact_out`.
const V1: u8 = 1;

/// One pool at one moment; asset 0 is X.
#[derive(Clone, Debug)]
pub struct MeteoraDlmm {
    transfer_fees: [TransferFee; 2],
    plain_tokens: bool,
    /// X in, Y in.
    ladders: [Ladder; 2],
}

impl Venue for MeteoraDlmm {
    const KEY: &'static str = "meteora_dlmm";
    const PROGRAM: [u8; 32] = [
        4, 233, 225, 47, 188, 132, 232, 38, 201, 50, 204, 233, 226, 100, 12, 206, 21, 89, 12, 28, 98, 115, 176, 146,
        87, 8, 186, 59, 133, 32, 176, 188,
    ];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let data = checked(&accounts.role("pool")?, &PAIR_MAGIC, PAIR_LENGTH)?;
        let pair = Pair::read(data, clock)?;
        if data.key(88)? != accounts.key("mint_a")? || data.key(120)? != accounts.key("mint_b")? {
            return Err(Refusal::Inconsistent);
        }
        let mints = [accounts.role("mint_a")?, accounts.role("mint_b")?];
        let bitmap = bitmap_of(accounts, data)?;
        let ladder = |x_in| climb(accounts, &pair, &bitmap, x_in);
        Ok(Self {
            transfer_fees: [TransferFee::of_mint(&mints[0], clock)?, TransferFee::of_mint(&mints[1], clock)?],
            plain_tokens: mints.iter().all(|mint| mint.owner == TOKEN),
            ladders: [ladder(true), ladder(false)],
        })
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        match ask.variant {
            0 => {}
            V1 if self.plain_tokens => {}
            V1 => return Err(Refusal::Owner),
            _ => return Err(Refusal::Unsupported),
        }
        if ask.amount == 0 {
            return Err(Refusal::Zero);
        }
        let (input, output) = if ask.zero_for_one { (0, 1) } else { (1, 0) };
        let (fee_in, fee_out) = (self.transfer_fees[input], self.transfer_fees[output]);
        let ladder = &self.ladders[input];
        match ask.given {
            Given::Input => match fee_out.after(ladder.sell(fee_in.after(ask.amount))?) {
                0 => Err(Refusal::Zero),
                amount_out => Ok(Fill { amount_in: ask.amount, amount_out }),
            },
            Given::Output => {
                let gross = fee_out.before(ask.amount)?;
                let amount_in = fee_in.before(ladder.buy(gross)?)?;
                Ok(Fill { amount_in, amount_out: fee_out.after(gross) })
            }
        }
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let plain = self.transfer_fees.iter().all(|fee| fee.bps == 0);
        self.ladders[usize::from(!zero_for_one)].piece(number).filter(|_| plain)
    }
}

/// Data of an account of the program that begins with `magic` and has at least `length` bytes.
fn checked<'a>(account: &Account<'a>, magic: &[u8; 8], length: usize) -> Result<&'a [u8], Refusal> {
    if account.owner != MeteoraDlmm::PROGRAM {
        return Err(Refusal::Owner);
    }
    if account.data.len() < length {
        return Err(Refusal::Length);
    }
    if account.data.take::<8>(0)? != *magic {
        return Err(Refusal::Magic);
    }
    Ok(account.data)
}

fn bitmap_of(accounts: &Accounts<'_>, pair: &[u8]) -> Result<Bitmap, Refusal> {
    let mut bitmap = Bitmap::of_pair(pair)?;
    if accounts.key("bitmap_extension").is_ok() {
        let extension = checked(&accounts.role("bitmap_extension")?, &EXTENSION_MAGIC, EXTENSION_LENGTH)?;
        if extension.key(8)? != accounts.key("pool")? {
            return Err(Refusal::Inconsistent);
        }
        bitmap.extend(extension)?;
    }
    Ok(bitmap)
}

/// The ladder of one direction, up to where the program would stop.
fn climb(accounts: &Accounts<'_>, pair: &Pair, bitmap: &Bitmap, x_in: bool) -> Ladder {
    let mut ladder = Ladder::new(Side { x_in, fee_on_input: !(pair.only_y && x_in) });
    let end = steps(accounts, pair, bitmap, &mut ladder).err().unwrap_or(Refusal::Empty);
    ladder.close(end);
    ladder
}

/// Adds bin after bin; ends with the reason why there are no more.
fn steps(accounts: &Accounts<'_>, pair: &Pair, bitmap: &Bitmap, ladder: &mut Ladder) -> Result<(), Refusal> {
    let x_in = ladder.side().x_in;
    let mut route = accounts.route(x_in).iter();
    let mut number = pair.active_id;
    loop {
        let start = number.div_euclid(BINS);
        let index = bitmap.next(start, x_in).ok_or(Refusal::Empty)?;
        let array = next_array(accounts, &mut route, index)?;
        if index != start {
            number = index * BINS + if x_in { BINS - 1 } else { 0 };
        }
        while number.div_euclid(BINS) == index {
            ladder.push(read_bin(array, pair, number, x_in)?)?;
            number += if x_in { -1 } else { 1 };
            if !pair.ids.contains(&number) {
                return Err(Refusal::Empty);
            }
        }
    }
}

/// The array of this index: like the program, take accounts of the route until it comes.
fn next_array<'a>(
    accounts: &Accounts<'a>,
    route: &mut std::slice::Iter<'_, [u8; 32]>,
    index: i64,
) -> Result<&'a [u8], Refusal> {
    let pool = accounts.key("pool")?;
    for key in route {
        let array = checked(&accounts.at(key).ok_or(Refusal::Owner)?, &ARRAY_MAGIC, ARRAY_LENGTH)?;
        if array.key(24)? != pool {
            return Err(Refusal::Inconsistent);
        }
        if array.i64(8)? == index {
            return Ok(array);
        }
    }
    Err(Refusal::Empty)
}

fn read_bin(array: &[u8], pair: &Pair, number: i64, x_in: bool) -> Result<Bin, Refusal> {
    let at = FIRST_BIN + BIN_LENGTH * usize::try_from(number.rem_euclid(BINS)).map_err(|_| Refusal::Range)?;
    let (x, y) = (array.u64(at)?, array.u64(at + 8)?);
    let (into, own) = if x_in { (x, y) } else { (y, x) };
    let mut layers = [own, 0, 0];
    if pair.limit_orders {
        let (processed, placed) = (array.u64(at + 128)?, array.u64(at + 112)?);
        processed.checked_add(placed).ok_or(Refusal::Overflow)?;
        let asks = array.u8(at + 140)? == 1;
        if asks != x_in {
            layers = [own, processed, placed];
        }
    }
    Ok(Bin { price: array.u128(at + 16)?, fee: pair.fee(number)?, into, layers })
}

#[cfg(test)]
mod tests;
