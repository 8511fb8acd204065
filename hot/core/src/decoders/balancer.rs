//! Balancer V2 pools: the Vault's `Swap` logs, snapshots from what Vault and pool answer.

use ruint::aliases::U256;

use super::bytes::{word, words};
use super::curve::position;
use super::{Change, Event};
use crate::curves::balancer_stable::{self, BalancerStable, Version, AMP_PRECISION};
use crate::curves::balancer_weighted::Weighted;
use crate::curves::coins::{Coins, MAX_COINS};
use crate::error::Refusal;

/// First bytes of `keccak("Swap(bytes32,address,address,uint256,uint256)")`.
const SWAP: [u8; 8] = [0x21, 0x70, 0xc7, 0x41, 0xc4, 0x15, 0x31, 0xae];

/// Words before the coins of a stable pool.
const HEAD: usize = 6;

/// Doors: the Vault's address, the topic and the pool's id (84 bytes); or the pool's address and any topic (52), which
/// makes the pool be read again, as does anything of the Vault but a swap.
pub(super) fn event(door: &[u8]) -> Option<Event> {
    match door.len() {
        84 if door[20..28] == SWAP => Some(Event::Exchange),
        52 | 84 => Some(Event::Reread),
        _ => None,
    }
}

/// The indexed id and tokens, then both amounts.
pub(super) fn decode(data: &[u8]) -> Result<Change, Refusal> {
    if data.len() != 5 * 32 {
        return Err(Refusal::Length);
    }
    let (tokens, amounts) = ([word(data, 1)?, word(data, 2)?], [word(data, 3)?, word(data, 4)?]);
    Ok(Change::Traded { tokens, amounts })
}

/// Of both tokens: address, balance, weight, factor to 18 decimals; then fee and version (1 powers by logarithm,
/// 2 small powers multiplied).
pub(super) fn weighted(data: &[u8]) -> Result<Weighted, Refusal> {
    if data.len() != 10 * 32 {
        return Err(Refusal::Length);
    }
    let both = |at: usize| Ok([word(data, at)?, word(data, at + 4)?]);
    let exact_powers = version(word(data, 9)?)?;
    let pool = Weighted {
        tokens: both(0)?,
        balances: both(1)?,
        weights: both(2)?,
        scale: both(3)?,
        fee: word(data, 8)?,
        exact_powers,
    };
    if pool.tokens[0] == pool.tokens[1] || pool.weights.iter().chain(&pool.scale).any(|part| part.is_zero()) {
        return Err(Refusal::Range);
    }
    Ok(pool)
}

/// Count, positions of asset 0 and 1, amplification times 1000, fee, version (1 rounded down, 2 rounded up); then
/// address, balance and scaling factor of every coin but the pool's own.
pub(super) fn stable(data: &[u8]) -> Result<BalancerStable, Refusal> {
    let count = position(word(data, 0)?)?;
    if data.len() != (HEAD + 3 * count) * 32 {
        return Err(Refusal::Length);
    }
    let version = if version(word(data, 5)?)? { Version::Up } else { Version::Down };
    let mut tokens = [U256::ZERO; MAX_COINS];
    let mut coins = Coins {
        count,
        pair: [position(word(data, 1)?)?, position(word(data, 2)?)?],
        balances: [U256::ZERO; MAX_COINS],
        rates: [U256::ZERO; MAX_COINS],
        amp: word(data, 3)?,
        amp_precision: AMP_PRECISION,
        fee: word(data, 4)?,
    };
    if !coins.is_sound() || count > balancer_stable::MAX_COINS {
        return Err(Refusal::Range);
    }
    for (at, token) in tokens.iter_mut().enumerate().take(count) {
        *token = word(data, HEAD + 3 * at)?;
        coins.balances[at] = word(data, HEAD + 3 * at + 1)?;
        coins.rates[at] = word(data, HEAD + 3 * at + 2)?;
    }
    Ok(BalancerStable { coins, tokens, version })
}

/// The words that [`weighted`] reads.
pub(super) fn encode_weighted(pool: &Weighted) -> Vec<u8> {
    let token = |at: usize| [pool.tokens[at], pool.balances[at], pool.weights[at], pool.scale[at]];
    let tail = [pool.fee, U256::from(1 + u8::from(pool.exact_powers))];
    words(&[&token(0), &token(1), tail.as_slice()].concat())
}

/// The words that [`stable`] reads.
pub(super) fn encode_stable(pool: &BalancerStable) -> Vec<u8> {
    let Coins { count, pair, amp, fee, .. } = pool.coins;
    let version = U256::from(1 + u8::from(pool.version == Version::Up));
    let head = [U256::from(count), U256::from(pair[0]), U256::from(pair[1]), amp, fee, version];
    let coins = pool.tokens.iter().zip(&pool.coins.balances).zip(&pool.coins.rates).take(count);
    let coins = coins.flat_map(|((token, balance), rate)| [*token, *balance, *rate]);
    words(&head.into_iter().chain(coins).collect::<Vec<_>>())
}

fn version(value: U256) -> Result<bool, Refusal> {
    match position(value)? {
        1 => Ok(false),
        2 => Ok(true),
        _ => Err(Refusal::Unsupported),
    }
}
