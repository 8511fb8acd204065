//! Raydium CPMM (cp-swap): constant product with trade and creator fees, fees kept out of the reserves.
//!
//! Layout and rules: raydium-io/raydium-cp-swap `programs/cp-swap/src/{states,curve}`.

use super::accounts::{Accounts, Clock, Fields};
use super::token::{self, TransferFee};
use super::{Ask, Fill, Given, Venue};
use crate::error::Refusal;

const ONE: u128 = 1_000_000;
const POOL_LENGTH: usize = 637;
const CONFIG_LENGTH: usize = 236;
const SWAP_DISABLED: u8 = 4;

/// Which token the creator's fee is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CreatorSide {
    Input,
    Token0,
    Token1,
}

/// One pool.
#[derive(Clone, Debug)]
pub struct RaydiumCpmm {
    reserves: [u64; 2],
    transfer_fees: [TransferFee; 2],
    trade_rate: u128,
    creator_rate: u128,
    creator_side: CreatorSide,
}

impl Venue for RaydiumCpmm {
    const KEY: &'static str = "raydium_cpmm";
    const PROGRAM: [u8; 32] = [
        169, 42, 90, 139, 79, 41, 89, 82, 132, 37, 80, 170, 147, 253, 91, 149, 181, 172, 230, 168, 235, 146, 12, 147,
        148, 46, 67, 105, 12, 32, 236, 115,
    ];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = accounts.owned("pool", &Self::PROGRAM)?.data;
        let config = accounts.owned("config", &Self::PROGRAM)?.data;
        if pool.len() < POOL_LENGTH || config.len() < CONFIG_LENGTH {
            return Err(Refusal::Length);
        }
        if pool.u8(329)? & SWAP_DISABLED != 0 || clock.unix_timestamp < pool.i64(373)? {
            return Err(Refusal::Disabled);
        }
        let kept = |side: usize| -> Result<u64, Refusal> {
            let fees = [341, 357, 397]
                .iter()
                .try_fold(0u64, |sum, at| sum.checked_add(pool.u64(at + side * 8)?).ok_or(Refusal::Overflow))?;
            let vault = accounts.role(if side == 0 { "vault_a" } else { "vault_b" })?;
            token::held(&vault)?.checked_sub(fees).ok_or(Refusal::Overflow)
        };
        let enabled = pool.u8(390)? != 0;
        Ok(Self {
            reserves: [kept(0)?, kept(1)?],
            transfer_fees: [
                TransferFee::of_mint(&accounts.role("mint_a")?, clock)?,
                TransferFee::of_mint(&accounts.role("mint_b")?, clock)?,
            ],
            trade_rate: u128::from(config.u64(12)?),
            creator_rate: if enabled { u128::from(config.u64(108)?) } else { 0 },
            creator_side: match pool.u8(389)? {
                0 => CreatorSide::Input,
                1 => CreatorSide::Token0,
                2 => CreatorSide::Token1,
                _ => return Err(Refusal::Range),
            },
        })
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        let (input, output) = if ask.zero_for_one { (0, 1) } else { (1, 0) };
        let on_input = match self.creator_side {
            CreatorSide::Input => true,
            CreatorSide::Token0 => ask.zero_for_one,
            CreatorSide::Token1 => !ask.zero_for_one,
        };
        let swap = Swap {
            reserve_in: u128::from(self.reserves[input]),
            reserve_out: u128::from(self.reserves[output]),
            trade: self.trade_rate,
            creator: self.creator_rate,
            on_input,
        };
        let (fee_in, fee_out) = (self.transfer_fees[input], self.transfer_fees[output]);
        match ask.given {
            Given::Input => {
                let out = swap.out(fee_in.after(ask.amount))?;
                Ok(Fill { amount_in: ask.amount, amount_out: positive(fee_out.after(out))? })
            }
            Given::Output => {
                if ask.amount == 0 {
                    return Err(Refusal::Zero);
                }
                let net = swap.input(fee_out.before(ask.amount)?)?;
                let amount_out = fee_out.after(fee_out.before(ask.amount)?);
                Ok(Fill { amount_in: fee_in.before(net)?, amount_out })
            }
        }
    }
}

/// One direction of a pool; all amounts inside the pool, after and before transfer fees.
struct Swap {
    reserve_in: u128,
    reserve_out: u128,
    trade: u128,
    creator: u128,
    on_input: bool,
}

impl Swap {
    fn out(&self, amount: u64) -> Result<u64, Refusal> {
        let amount = u128::from(amount);
        let rate = if self.on_input { self.trade + self.creator } else { self.trade };
        let net = amount.checked_sub((amount * rate).div_ceil(ONE)).ok_or(Refusal::Overflow)?;
        let gross =
            self.reserve_out * net / self.reserve_in.checked_add(net).filter(|sum| *sum > 0).ok_or(Refusal::Empty)?;
        let fee = if self.on_input { 0 } else { (gross * self.creator).div_ceil(ONE) };
        let out = u64::try_from(gross.saturating_sub(fee)).map_err(|_| Refusal::Overflow)?;
        positive(out)
    }

    fn input(&self, out: u64) -> Result<u64, Refusal> {
        let out = u128::from(out);
        let gross = if self.on_input { out } else { before(out, self.creator)? };
        let left = self.reserve_out.checked_sub(gross).filter(|left| *left > 0).ok_or(Refusal::Empty)?;
        let net = (self.reserve_in * gross).div_ceil(left);
        let rate = if self.on_input { self.trade + self.creator } else { self.trade };
        u64::try_from(before(net, rate)?).map_err(|_| Refusal::Overflow)
    }
}

/// `ceil(net * 1e6 / (1e6 - rate))`.
fn before(net: u128, rate: u128) -> Result<u128, Refusal> {
    let left = ONE.checked_sub(rate).filter(|left| *left > 0).ok_or(Refusal::Range)?;
    Ok((net * ONE).div_ceil(left))
}

fn positive(amount: u64) -> Result<u64, Refusal> {
    if amount == 0 {
        return Err(Refusal::Zero);
    }
    Ok(amount)
}
