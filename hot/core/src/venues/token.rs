//! SPL Token and Token-2022: what of mints and token accounts changes the amounts of a swap.

use super::accounts::{Account, Clock, Fields};
use crate::error::Refusal;

/// SPL Token program.
pub const TOKEN: [u8; 32] = [
    6, 221, 246, 225, 215, 101, 161, 147, 217, 203, 225, 70, 206, 235, 121, 172, 28, 180, 133, 237, 95, 91, 55, 145,
    58, 140, 245, 133, 126, 255, 0, 169,
];
/// Token-2022 program.
pub const TOKEN_2022: [u8; 32] = [
    6, 221, 246, 225, 238, 117, 143, 222, 24, 66, 93, 188, 228, 108, 205, 218, 182, 26, 252, 77, 131, 185, 13, 39, 254,
    189, 249, 40, 216, 161, 139, 252,
];

const BASE_LENGTH: usize = 165;
const TRANSFER_FEE_CONFIG: u16 = 1;
const ONE_IN_BPS: u128 = 10_000;

/// Amount held by a token account of either program.
pub fn held(account: &Account<'_>) -> Result<u64, Refusal> {
    if account.owner != TOKEN && account.owner != TOKEN_2022 {
        return Err(Refusal::Owner);
    }
    if account.data.len() < BASE_LENGTH {
        return Err(Refusal::Length);
    }
    account.data.u64(64)
}

/// What a transfer of a mint costs its receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferFee {
    /// Ten-thousandths of the amount; 0 for mints without a fee.
    pub bps: u16,
    /// Most a transfer can cost.
    pub most: u64,
}

impl TransferFee {
    /// The fee in force at this epoch.
    pub fn of_mint(mint: &Account<'_>, clock: &Clock) -> Result<Self, Refusal> {
        if mint.owner == TOKEN {
            return Ok(Self::default());
        }
        if mint.owner != TOKEN_2022 {
            return Err(Refusal::Owner);
        }
        let Some(at) = extension(mint.data, TRANSFER_FEE_CONFIG)? else {
            return Ok(Self::default());
        };
        let newer = clock.epoch >= mint.data.u64(at + 90)?;
        let set = at + if newer { 90 } else { 72 };
        Ok(Self { most: mint.data.u64(set + 8)?, bps: mint.data.u16(set + 16)? })
    }

    /// `min(ceil(amount * bps / 10000), most)`.
    #[must_use]
    pub fn of(&self, amount: u64) -> u64 {
        let fee = (u128::from(amount) * u128::from(self.bps)).div_ceil(ONE_IN_BPS);
        u64::try_from(fee).unwrap_or(u64::MAX).min(self.most)
    }

    /// What arrives of `amount`.
    #[must_use]
    pub fn after(&self, amount: u64) -> u64 {
        amount.saturating_sub(self.of(amount))
    }

    /// What must be sent so that `net` arrives, as the token program's own inverse has it (it may send one too many).
    pub fn before(&self, net: u64) -> Result<u64, Refusal> {
        if self.bps == 0 || net == 0 {
            return Ok(net);
        }
        let capped = net.checked_add(self.most).ok_or(Refusal::Overflow);
        if u128::from(self.bps) == ONE_IN_BPS {
            return capped;
        }
        let gross = (u128::from(net) * ONE_IN_BPS).div_ceil(ONE_IN_BPS - u128::from(self.bps));
        if gross - u128::from(net) >= u128::from(self.most) {
            return capped;
        }
        u64::try_from(gross).map_err(|_| Refusal::Overflow)
    }
}

/// Where the value of an extension begins in a Token-2022 mint; `None` when the mint does not have it.
fn extension(data: &[u8], wanted: u16) -> Result<Option<usize>, Refusal> {
    let mut at = BASE_LENGTH + 1;
    while at + 4 <= data.len() {
        let (kind, length) = (data.u16(at)?, usize::from(data.u16(at + 2)?));
        if kind == wanted {
            return Ok(Some(at + 4));
        }
        if kind == 0 {
            return Ok(None);
        }
        at += 4 + length;
    }
    Ok(None)
}
