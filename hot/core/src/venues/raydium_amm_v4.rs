//! Raydium AMM v4: constant product without an order book, the whole fee kept in the pool.
//!
//! Layout and rules: raydium-io/raydium-amm `program/src/{state,processor,math}.rs`. Tags 9 and 11 of the older build
//! round dust to nothing; tags 16 and 17 came after that was mended, so [`raydium::NEWEST`] is what they pay.

use super::accounts::{Accounts, Clock, Fields};
use super::piece::{Kept, Piece};
use super::raydium::Ceil;
use super::token::{self, TOKEN};
use super::{Ask, Fill, Given, Together, Venue};
use crate::error::Refusal;

const LENGTH: usize = 752;
/// Statuses that let swaps through: initialized, swaps only, and waiting for the opening time.
const INITIALIZED: u64 = 1;
const SWAP_ONLY: u64 = 6;
const WAITING: u64 = 7;
/// Where the pool names its other accounts.
const NAMED: [(usize, &str); 4] = [(336, "vault_a"), (368, "vault_b"), (400, "mint_a"), (432, "mint_b")];

/// One pool; asset 0 is the coin, asset 1 the pc.
#[derive(Clone, Debug)]
pub struct RaydiumAmmV4 {
    reserves: [u64; 2],
    fee_num: u64,
    fee_den: u64,
}

impl Venue for RaydiumAmmV4 {
    const KEY: &'static str = "raydium_amm_v4";
    const PROGRAM: [u8; 32] = [
        75, 217, 73, 196, 54, 2, 195, 63, 32, 119, 144, 237, 22, 163, 82, 76, 161, 185, 151, 92, 241, 33, 162, 169, 12,
        255, 236, 125, 248, 182, 138, 205,
    ];
    const TOGETHER: Together =
        &[("pool", &["vault_a", "vault_b"]), ("vault_a", &["pool", "vault_b"]), ("vault_b", &["pool", "vault_a"])];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = accounts.owned("pool", &Self::PROGRAM)?.data;
        if pool.len() != LENGTH {
            return Err(Refusal::Length);
        }
        for (at, role) in NAMED {
            if pool.key(at)? != accounts.key(role)? {
                return Err(Refusal::Inconsistent);
            }
        }
        if pool.key(400)? == pool.key(432)? {
            return Err(Refusal::Inconsistent);
        }
        let now = u64::try_from(clock.unix_timestamp).unwrap_or(0);
        match pool.u64(0)? {
            INITIALIZED | SWAP_ONLY => {}
            WAITING if now >= pool.u64(224)? => {}
            _ => return Err(Refusal::Disabled),
        }
        let reserve = |side: usize| {
            let vault = accounts.owned(NAMED[side].1, &TOKEN)?;
            token::held(&vault)?.checked_sub(pool.u64(192 + side * 8)?).ok_or(Refusal::Overflow)
        };
        let (fee_num, fee_den) = (pool.u64(176)?, pool.u64(184)?);
        if fee_num >= fee_den {
            return Err(Refusal::Range);
        }
        Ok(Self { reserves: [reserve(0)?, reserve(1)?], fee_num, fee_den })
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        let ceil = Ceil::of_variant(ask.variant)?;
        if ask.amount == 0 {
            return Err(Refusal::Zero);
        }
        match ask.given {
            Given::Input => Ok(Fill { amount_in: ask.amount, amount_out: self.output(ask, ceil)? }),
            Given::Output => Ok(Fill { amount_in: self.input(ask, ceil)?, amount_out: ask.amount }),
        }
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let [coin, pc] = self.reserves.map(|reserve| reserve as f64);
        let (into, out) = if zero_for_one { (coin, pc) } else { (pc, coin) };
        let kept = Kept::of(self.fee_num as f64, self.fee_den as f64, true);
        (number == 0).then(|| Piece::product(into, out, kept))
    }
}

impl RaydiumAmmV4 {
    /// Reserves in the swap's order.
    fn sides(&self, ask: &Ask) -> (u128, u128) {
        let [coin, pc] = self.reserves.map(u128::from);
        if ask.zero_for_one {
            (coin, pc)
        } else {
            (pc, coin)
        }
    }

    fn output(&self, ask: &Ask, ceil: Ceil) -> Result<u64, Refusal> {
        let ((reserve_in, reserve_out), amount) = (self.sides(ask), u128::from(ask.amount));
        let fee = ceil.div(amount * u128::from(self.fee_num), u128::from(self.fee_den))?;
        let net = amount.checked_sub(fee).ok_or(Refusal::Overflow)?;
        let out = (reserve_out * net).checked_div(reserve_in + net).ok_or(Refusal::Empty)?;
        if out == 0 || out >= reserve_out {
            return Err(Refusal::Zero);
        }
        u64::try_from(out).map_err(|_| Refusal::Overflow)
    }

    fn input(&self, ask: &Ask, ceil: Ceil) -> Result<u64, Refusal> {
        let ((reserve_in, reserve_out), out) = (self.sides(ask), u128::from(ask.amount));
        let left = reserve_out.checked_sub(out).ok_or(Refusal::Empty)?;
        let net = ceil.div(reserve_in * out, left)?;
        let gross = net.checked_mul(u128::from(self.fee_den)).ok_or(Refusal::Overflow)?;
        let amount = ceil.div(gross, u128::from(self.fee_den - self.fee_num))?;
        match u64::try_from(amount) {
            Ok(0) => Err(Refusal::Zero),
            Ok(amount) => Ok(amount),
            Err(_) => Err(Refusal::Overflow),
        }
    }
}
