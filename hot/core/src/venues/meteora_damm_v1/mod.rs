//! Meteora DAMM v1 (dynamic AMM): a pool whose reserves are shares of two lending vaults.
//!
//! Layout and rules: MeteoraAg/damm-v1-sdk `programs/dynamic-amm/src/state.rs`, `dynamic-amm-quote/src`; where the
//! program answers otherwise than that crate, as the program does.

mod curve;
mod share;

use super::accounts::{Accounts, Clock, Fields};
use super::{Ask, Fill, Given, Together, Venue};
use crate::error::Refusal;
use curve::{product, Scale, Stable};
use share::Share;

const LENGTH: usize = 875;
const STABLE_LENGTH: usize = 925;
const MAGIC: [u8; 8] = [241, 154, 109, 4, 17, 177, 109, 188];
const CACHED_SECONDS: u64 = 600;
const PEG: u64 = 1_000_000;
/// Marinade's state.
const MARINADE: [u8; 32] = [
    117, 17, 155, 49, 117, 128, 117, 134, 227, 244, 167, 229, 205, 15, 137, 14, 150, 167, 83, 177, 15, 204, 199, 104,
    30, 148, 115, 160, 8, 50, 112, 241,
];
/// Lido's (Solido's) state.
const LIDO: [u8; 32] = [
    46, 195, 142, 250, 71, 7, 14, 31, 131, 13, 41, 188, 37, 184, 24, 165, 85, 96, 114, 68, 1, 123, 223, 158, 34, 157,
    250, 98, 24, 162, 89, 209,
];

/// One pool at one moment.
#[derive(Clone, Debug)]
pub struct MeteoraDammV1 {
    shares: [Share; 2],
    trade_fee: Fee,
    protocol_fee: Fee,
    stable: Option<Stable>,
}

impl Venue for MeteoraDammV1 {
    const KEY: &'static str = "meteora_damm_v1";
    const PROGRAM: [u8; 32] = [
        204, 248, 2, 212, 204, 204, 132, 215, 251, 33, 181, 247, 59, 73, 216, 26, 22, 197, 180, 200, 142, 227, 35, 148,
        225, 201, 29, 53, 136, 204, 64, 128,
    ];
    /// A swap moves both of the pool's shares, and a share moves with its vault; vaults also move without the pool.
    const TOGETHER: Together = &[
        ("vault_lp_a", &["vault_lp_b", "vault_a", "lp_mint_a", "token_vault_a"]),
        ("vault_lp_b", &["vault_lp_a", "vault_b", "lp_mint_b", "token_vault_b"]),
        ("lp_mint_a", &["vault_a", "token_vault_a"]),
        ("lp_mint_b", &["vault_b", "token_vault_b"]),
        ("vault_a", &["token_vault_a"]),
        ("vault_b", &["token_vault_b"]),
        ("token_vault_a", &["vault_a"]),
        ("token_vault_b", &["vault_b"]),
    ];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = accounts.owned("pool", &Self::PROGRAM)?.data;
        if pool.len() < LENGTH {
            return Err(Refusal::Length);
        }
        if pool.take::<8>(0)? != MAGIC {
            return Err(Refusal::Magic);
        }
        let now = u64::try_from(clock.unix_timestamp).map_err(|_| Refusal::Range)?;
        let point = match pool.u8(475)? {
            0 => clock.slot,
            1 => now,
            _ => return Err(Refusal::Range),
        };
        match pool.u8(233)? {
            1 if point >= pool.u64(403)? => {}
            0 | 1 => return Err(Refusal::Disabled),
            _ => return Err(Refusal::Range),
        }
        let shares = [Share::read(accounts, pool, 0, now)?, Share::read(accounts, pool, 1, now)?];
        let stable = match pool.u8(874)? {
            0 => None,
            1 => Some(stable(accounts, pool, now, [shares[0].amount, shares[1].amount])?),
            _ => return Err(Refusal::Unsupported),
        };
        Ok(Self { shares, trade_fee: Fee::read(pool, 330)?, protocol_fee: Fee::read(pool, 346)?, stable })
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        if ask.given != Given::Input || ask.variant != 0 {
            return Err(Refusal::Unsupported);
        }
        if ask.amount == 0 {
            return Ok(Fill::default());
        }
        let [a, b] = &self.shares;
        let (into, out) = if ask.zero_for_one { (a, b) } else { (b, a) };
        let trade = self.trade_fee.of(u128::from(ask.amount))?;
        let protocol = self.protocol_fee.of(trade)?;
        let kept = to_u64(trade.checked_sub(protocol).ok_or(Refusal::Overflow)?)?;
        let deposited = into.deposit(ask.amount.checked_sub(to_u64(protocol)?).ok_or(Refusal::Overflow)?)?;
        let given = deposited.checked_sub(kept).ok_or(Refusal::Overflow)?;
        let bought = match &self.stable {
            None => product(given, into.amount, out.amount)?,
            Some(stable) => stable.swap(given, into.amount, out.amount, ask.zero_for_one)?,
        };
        Ok(Fill { amount_in: ask.amount, amount_out: out.withdraw(bought)? })
    }
}

/// A part of an amount: `floor`, but at least 1 of anything.
#[derive(Clone, Copy, Debug)]
struct Fee {
    numerator: u64,
    denominator: u64,
}

impl Fee {
    fn read(pool: &[u8], at: usize) -> Result<Self, Refusal> {
        Ok(Self { numerator: pool.u64(at)?, denominator: pool.u64(at + 8)? })
    }

    fn of(self, amount: u128) -> Result<u128, Refusal> {
        if amount == 0 || self.numerator == 0 {
            return Ok(0);
        }
        let scaled = amount.checked_mul(u128::from(self.numerator)).ok_or(Refusal::Overflow)?;
        Ok(scaled.checked_div(u128::from(self.denominator)).ok_or(Refusal::Range)?.max(1))
    }
}

fn to_u64(amount: u128) -> Result<u64, Refusal> {
    u64::try_from(amount).map_err(|_| Refusal::Overflow)
}

fn stable(accounts: &Accounts<'_>, pool: &[u8], now: u64, amounts: [u64; 2]) -> Result<Stable, Refusal> {
    if pool.len() < STABLE_LENGTH {
        return Err(Refusal::Length);
    }
    let (a, b) = match pool.u8(916)? {
        0 => (1, 1),
        kind @ 1..=3 => {
            let until = pool.u64(908)?.checked_add(CACHED_SECONDS).ok_or(Refusal::Overflow)?;
            let price = if now > until { virtual_price(accounts, pool, kind)? } else { pool.u64(900)? };
            (PEG, price)
        }
        _ => return Err(Refusal::Unsupported),
    };
    let scales = [Scale { multiplier: pool.u64(883)?, peg: a }, Scale { multiplier: pool.u64(891)?, peg: b }];
    Ok(Stable::new(pool.u64(875)?, scales, amounts))
}

/// Millionths of SOL that a staked token is worth, from its stake pool; the pool's cached price lasts ten minutes.
fn virtual_price(accounts: &Accounts<'_>, pool: &[u8], kind: u8) -> Result<u64, Refusal> {
    let wanted = match kind {
        1 => MARINADE,
        2 => LIDO,
        _ => pool.key(363)?,
    };
    if accounts.key("stake")? != wanted {
        return Err(Refusal::Inconsistent);
    }
    let stake = accounts.role("stake")?.data;
    let (lamports, supply) = match kind {
        1 => (stake.u64(512)?, 1 << 32),
        2 => (stake.u64(81)?, u128::from(stake.u64(73)?)),
        _ => (stake.u64(258)?, u128::from(stake.u64(266)?)),
    };
    let price = (u128::from(lamports) * u128::from(PEG)).checked_div(supply).ok_or(Refusal::Empty)?;
    to_u64(price)
}

#[cfg(test)]
mod tests;
