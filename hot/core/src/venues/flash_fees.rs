//! What Solana's lenders charge for a flash loan, and which repayments they accept.
//!
//! A fee here is exact for one reserve in one state, with the lender's refusals; `crate::fees` holds the general rule
//! that a search uses. Sources: Kamino-Finance/klend `state/reserve.rs`, solendprotocol `token-lending/sdk/src/state`,
//! mrgnlabs/marginfi-v2 `state/marginfi_account.rs`; checked against what the programs did.

use super::accounts::{Accounts, Clock, Fields};
use super::token;
use crate::error::{wrong, Refusal, WiringError};
use crate::wide::ratio_down;

/// What a loan costs beyond itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// The borrower's whole cost.
    pub fee: u64,
    /// The part of it that goes to the host's account.
    pub host_fee: u64,
}

/// One lender's reserve.
#[derive(Clone, Copy, Debug)]
pub enum FlashLoan {
    /// Kamino klend.
    Klend(Reserve),
    /// Solend, Save.
    Solend(Reserve),
    /// marginfi.
    Marginfi(Bank),
}

/// A reserve that charges a share of the amount, rounded half up, and wants exactly the amount named again.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    available: u64,
    rate: u64,
    /// What a rate of one is.
    one: u128,
    least: u128,
    host_percent: u128,
}

/// A bank that lends against debt shares; amounts and rates are I80F48.
#[derive(Clone, Copy, Debug)]
pub struct Bank {
    available: u64,
    share_value: u128,
    origination_rate: u128,
    debt_shares: u128,
    assets: u128,
    /// Most debt; `u64::MAX` for no limit.
    limit: u64,
}

/// Program of Kamino klend.
pub const KLEND: [u8; 32] = [
    4, 178, 172, 177, 18, 88, 204, 227, 104, 44, 65, 139, 168, 114, 255, 61, 249, 17, 2, 113, 47, 21, 175, 18, 182,
    190, 105, 179, 67, 91, 0, 8,
];
/// Program of Solend, Save.
pub const SOLEND: [u8; 32] = [
    6, 155, 139, 152, 90, 171, 83, 42, 69, 9, 13, 232, 85, 127, 205, 220, 190, 108, 183, 239, 199, 58, 10, 101, 176,
    111, 146, 3, 93, 183, 62, 236,
];
/// Program of marginfi.
pub const MARGINFI: [u8; 32] = [
    5, 48, 122, 214, 69, 75, 188, 94, 30, 78, 146, 5, 146, 83, 161, 139, 184, 200, 134, 140, 88, 166, 49, 46, 200, 106,
    57, 230, 34, 78, 55, 59,
];
const KLEND_RESERVE: [u8; 8] = [0x2b, 0xf2, 0xcc, 0xca, 0x1a, 0xf7, 0x3b, 0x7f];
const MARGINFI_BANK: [u8; 8] = [0x8e, 0x31, 0xa6, 0xf2, 0x32, 0x42, 0x61, 0xbc];
const OPERATIONAL: u8 = 1;
/// One in I80F48.
const ONE: u128 = 1 << 48;
/// 0.0001: repaying more than the debt by up to this is let through.
const TOLERANCE: u128 = ONE / 10_000;

impl FlashLoan {
    /// Keys of all lenders.
    pub const KEYS: &'static [&'static str] = &["klend", "solend", "marginfi"];

    /// Read the reserve of the lender called `key`; the outer error is an unknown key.
    pub fn read(key: &str, accounts: &Accounts<'_>, clock: &Clock) -> Result<Result<Self, Refusal>, WiringError> {
        match key {
            "klend" => Ok(Reserve::klend(accounts, clock).map(Self::Klend)),
            "solend" => Ok(Reserve::solend(accounts).map(Self::Solend)),
            "marginfi" => Ok(Bank::read(accounts).map(Self::Marginfi)),
            _ => wrong(format!("unknown lender {key:?}")),
        }
    }

    /// What borrowing `amount` costs; refuses what the lender would.
    pub fn price(&self, amount: u64) -> Result<Price, Refusal> {
        match self {
            Self::Klend(reserve) | Self::Solend(reserve) => reserve.price(amount),
            Self::Marginfi(bank) => {
                let owed = bank.owed(bank.borrow(amount)?)?;
                let total = u64::try_from(owed.div_ceil(ONE)).map_err(|_| Refusal::Overflow)?;
                let fee = total.checked_sub(amount).ok_or(Refusal::Inconsistent)?;
                Ok(Price { fee, host_fee: 0 })
            }
        }
    }

    /// What leaves the borrower when it repays a loan of `amount` with `argument` named in the instruction.
    pub fn repay(&self, amount: u64, argument: u64) -> Result<u64, Refusal> {
        match self {
            Self::Klend(reserve) | Self::Solend(reserve) => {
                if argument != amount {
                    return Err(Refusal::Inconsistent);
                }
                amount.checked_add(reserve.price(amount)?.fee).ok_or(Refusal::Overflow)
            }
            Self::Marginfi(bank) => bank.settles(amount, argument).map(|()| argument),
        }
    }
}

impl Reserve {
    fn klend(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let data = accounts.owned("reserve", &KLEND)?.data;
        if data.len() < 8624 {
            return Err(Refusal::Length);
        }
        if data.take(0)? != KLEND_RESERVE {
            return Err(Refusal::Magic);
        }
        named(accounts, data, &[(32, "market"), (128, "mint"), (160, "supply_vault"), (192, "fee_vault")])?;
        // Interest is brought up to now first, and time does not run backwards.
        if clock.slot < data.u64(16)? {
            return Err(Refusal::Inconsistent);
        }
        let rate = data.u64(4904)?;
        if data.u8(4856)? != 0 || data.u8(4864)? != 0 || rate == u64::MAX {
            return Err(Refusal::Disabled);
        }
        let available = data.u64(224)?.min(token::held(&accounts.role("supply_vault")?)?);
        Ok(Self { available, rate, one: 1 << 60, least: 1, host_percent: 0 })
    }

    fn solend(accounts: &Accounts<'_>) -> Result<Self, Refusal> {
        let data = accounts.owned("reserve", &SOLEND)?.data;
        if data.len() != 619 {
            return Err(Refusal::Length);
        }
        if data.u8(0)? != 1 {
            return Err(Refusal::Magic);
        }
        named(accounts, data, &[(10, "market"), (42, "mint"), (75, "supply_vault"), (339, "fee_vault")])?;
        let (rate, host_percent) = (data.u64(314)?, u128::from(data.u8(322)?));
        if rate == u64::MAX {
            return Err(Refusal::Disabled);
        }
        if host_percent > 100 {
            return Err(Refusal::Range);
        }
        let available = data.u64(171)?.min(token::held(&accounts.role("supply_vault")?)?);
        let least = if host_percent > 0 { 2 } else { 1 };
        Ok(Self { available, rate, one: 1_000_000_000_000_000_000, least, host_percent })
    }

    fn price(&self, amount: u64) -> Result<Price, Refusal> {
        if amount > self.available {
            return Err(Refusal::Empty);
        }
        if self.rate == 0 || amount == 0 {
            return Ok(Price::default());
        }
        let amount = u128::from(amount);
        // Both factors have 64 bits, so neither the product nor the rounding leaves 128.
        let exact = (amount * u128::from(self.rate)).max(self.least * self.one);
        if exact >= amount * self.one {
            return Err(Refusal::Range);
        }
        let fee = u64::try_from(half_up(exact, self.one)).map_err(|_| Refusal::Overflow)?;
        let host_fee = if self.host_percent == 0 { 0 } else { self.host_share(exact)?.max(1) };
        Ok(Price { fee, host_fee: host_fee.min(fee) })
    }

    fn host_share(&self, exact: u128) -> Result<u64, Refusal> {
        let share = ratio_down(exact, self.host_percent, 100).ok_or(Refusal::Overflow)?;
        u64::try_from(half_up(share, self.one)).map_err(|_| Refusal::Overflow)
    }
}

impl Bank {
    fn read(accounts: &Accounts<'_>) -> Result<Self, Refusal> {
        let data = accounts.owned("bank", &MARGINFI)?.data;
        if data.len() < 1864 {
            return Err(Refusal::Length);
        }
        if data.take(0)? != MARGINFI_BANK {
            return Err(Refusal::Magic);
        }
        named(accounts, data, &[(8, "mint"), (41, "group"), (112, "supply_vault")])?;
        if data.u8(608)? != OPERATIONAL {
            return Err(Refusal::Disabled);
        }
        let vault = accounts.role("supply_vault")?;
        if vault.owner != token::TOKEN {
            return Err(Refusal::Unsupported);
        }
        let number = |at: usize| u128::try_from(data.i128(at)?).map_err(|_| Refusal::Range);
        let assets = ratio_down(number(272)?, number(80)?, ONE).ok_or(Refusal::Overflow)?;
        let share_value = number(96)?;
        if share_value == 0 {
            return Err(Refusal::Range);
        }
        Ok(Self {
            available: token::held(&vault)?,
            share_value,
            origination_rate: number(480)?,
            debt_shares: number(256)?,
            assets,
            limit: data.u64(776)?,
        })
    }

    fn shares(&self, amount: u128) -> Result<u128, Refusal> {
        ratio_down(amount, ONE, self.share_value).ok_or(Refusal::Overflow)
    }

    fn owed(&self, shares: u128) -> Result<u128, Refusal> {
        ratio_down(shares, self.share_value, ONE).ok_or(Refusal::Overflow)
    }

    /// Debt shares of a loan; refuses above the bank's limits.
    fn borrow(&self, amount: u64) -> Result<u128, Refusal> {
        if amount == 0 {
            return Err(Refusal::Zero);
        }
        if amount > self.available {
            return Err(Refusal::Empty);
        }
        let amount = u128::from(amount) * ONE;
        let fee = ratio_down(amount, self.origination_rate, ONE).ok_or(Refusal::Overflow)?;
        let shares = self.shares(amount.checked_add(fee).ok_or(Refusal::Overflow)?)?;
        let debt = self.owed(self.debt_shares.checked_add(shares).ok_or(Refusal::Overflow)?)?;
        if self.limit != u64::MAX && debt >= u128::from(self.limit) * ONE || debt > self.assets {
            return Err(Refusal::Empty);
        }
        Ok(shares)
    }

    /// Whether an explicit repayment closes the loan: not above the debt, and less than one share left.
    fn settles(&self, amount: u64, argument: u64) -> Result<(), Refusal> {
        let (shares, paid) = (self.borrow(amount)?, u128::from(argument) * ONE);
        let owed = self.owed(shares)?;
        if paid > owed.saturating_add(TOLERANCE) {
            return Err(Refusal::Range);
        }
        let left = shares.checked_sub(self.shares(paid.min(owed))?).ok_or(Refusal::Overflow)?;
        if left >= ONE {
            return Err(Refusal::Inconsistent);
        }
        Ok(())
    }
}

/// `round(value / divisor)`, halves up, without leaving 128 bits.
const fn half_up(value: u128, divisor: u128) -> u128 {
    let rest = value % divisor;
    value / divisor + (rest >= divisor - rest) as u128
}

fn named(accounts: &Accounts<'_>, data: &[u8], places: &[(usize, &str)]) -> Result<(), Refusal> {
    for (at, role) in places {
        if data.key(*at)? != accounts.key(role)? {
            return Err(Refusal::Inconsistent);
        }
    }
    Ok(())
}
