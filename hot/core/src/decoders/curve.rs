//! Curve's plain pools: `TokenExchange` logs, snapshots from what their getters answer.

use ruint::aliases::U256;

use super::bytes::{unsigned, word, words};
use super::{Change, Event};
use crate::curves::coins::{Coins, MAX_COINS};
use crate::curves::stableswap::{FeeStep, Product, StableSwap};
use crate::error::Refusal;

/// First bytes of `keccak("TokenExchange(address,int128,uint256,int128,uint256)")`.
const EXCHANGE: [u8; 8] = [0x8b, 0x3e, 0x96, 0xf2, 0xb8, 0x89, 0xfa, 0x77];

/// Words before the coins.
const HEAD: usize = 10;

/// Door: 20 bytes of address, then the topic; anything but an exchange makes the pool be read again.
pub(super) fn event(door: &[u8]) -> Option<Event> {
    if door.len() != 52 {
        return None;
    }
    Some(if door[20..28] == EXCHANGE { Event::Exchange } else { Event::Reread })
}

/// The indexed buyer, then sold position and amount, bought position and amount.
pub(super) fn decode(data: &[u8]) -> Result<Change, Refusal> {
    if data.len() != 5 * 32 {
        return Err(Refusal::Length);
    }
    let coins = [position(word(data, 1)?)?, position(word(data, 3)?)?];
    Ok(Change::Exchanged { coins, amounts: [word(data, 2)?, word(data, 4)?] })
}

/// Count, positions of asset 0 and 1, amplification, its precision, fee, admin fee, off-peg multiplier, rounding of
/// the product, rounding of the fee; then balance and rate of every coin.
pub(super) fn snapshot(data: &[u8]) -> Result<StableSwap, Refusal> {
    let count = position(word(data, 0)?)?;
    if data.len() != (HEAD + 2 * count) * 32 {
        return Err(Refusal::Length);
    }
    let product = match position(word(data, 8)?)? {
        0 => Product::Plain,
        1 => Product::PlusOne,
        2 => Product::Last,
        _ => return Err(Refusal::Unsupported),
    };
    let fee_step = match position(word(data, 9)?)? {
        0 => FeeStep::First,
        1 => FeeStep::Last,
        _ => return Err(Refusal::Unsupported),
    };
    let mut coins = Coins {
        count,
        pair: [position(word(data, 1)?)?, position(word(data, 2)?)?],
        balances: [U256::ZERO; MAX_COINS],
        rates: [U256::ZERO; MAX_COINS],
        amp: word(data, 3)?,
        amp_precision: word(data, 4)?,
        fee: word(data, 5)?,
    };
    if !coins.is_sound() || coins.amp_precision.is_zero() {
        return Err(Refusal::Range);
    }
    for at in 0..count {
        coins.balances[at] = word(data, HEAD + 2 * at)?;
        coins.rates[at] = word(data, HEAD + 2 * at + 1)?;
    }
    Ok(StableSwap { coins, admin_fee: word(data, 6)?, offpeg: word(data, 7)?, product, fee_step })
}

/// The words that [`snapshot`] reads.
pub(super) fn encode(pool: &StableSwap) -> Vec<u8> {
    let Coins { count, pair, amp, amp_precision, fee, .. } = pool.coins;
    let product = match pool.product {
        Product::Plain => 0,
        Product::PlusOne => 1,
        Product::Last => 2,
    };
    let [zero, one] = pair.map(U256::from);
    let steps = [product, u8::from(pool.fee_step == FeeStep::Last)].map(U256::from);
    let head = [U256::from(count), zero, one, amp, amp_precision, fee, pool.admin_fee, pool.offpeg, steps[0], steps[1]];
    let coins = pool.coins.balances.iter().zip(&pool.coins.rates).take(count);
    words(&head.into_iter().chain(coins.flat_map(|(balance, rate)| [*balance, *rate])).collect::<Vec<_>>())
}

/// A small number: a count, a position or a choice.
pub(super) fn position(value: U256) -> Result<usize, Refusal> {
    match unsigned(value, 128)? {
        small if small <= MAX_COINS as u128 => Ok(small as usize),
        _ => Err(Refusal::Range),
    }
}
