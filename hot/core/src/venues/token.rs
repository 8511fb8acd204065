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
const INITIALIZED: u8 = 1;
const TRANSFER_FEE_CONFIG: u16 = 1;
const NON_TRANSFERABLE: u16 = 9;
const TRANSFER_HOOK: u16 = 14;
const PAUSABLE: u16 = 26;
const ONE_IN_BPS: u128 = 10_000;

/// Amount held by a token account of either program; `Disabled` when it is frozen, for then it cannot move.
pub fn held(account: &Account<'_>) -> Result<u64, Refusal> {
    if account.owner != TOKEN && account.owner != TOKEN_2022 {
        return Err(Refusal::Owner);
    }
    if account.data.len() < BASE_LENGTH {
        return Err(Refusal::Length);
    }
    if account.data.u8(108)? != INITIALIZED {
        return Err(Refusal::Disabled);
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
    /// The fee in force at this epoch. Mints that cannot move are `Disabled`, those with a hook `Unsupported`.
    pub fn of_mint(mint: &Account<'_>, clock: &Clock) -> Result<Self, Refusal> {
        if mint.owner == TOKEN {
            return Ok(Self::default());
        }
        if mint.owner != TOKEN_2022 {
            return Err(Refusal::Owner);
        }
        moves_freely(mint.data)?;
        let Some(at) = extension(mint.data, TRANSFER_FEE_CONFIG)? else {
            return Ok(Self::default());
        };
        let newer = clock.epoch >= mint.data.u64(at + 90)?;
        let set = at + if newer { 90 } else { 72 };
        let fee = Self { most: mint.data.u64(set + 8)?, bps: mint.data.u16(set + 16)? };
        if u128::from(fee.bps) > ONE_IN_BPS {
            return Err(Refusal::Range);
        }
        Ok(fee)
    }

    /// `min(ceil(amount * bps / 10000), most)`.
    #[must_use]
    pub fn of(&self, amount: u64) -> u64 {
        if self.bps == 0 {
            return 0;
        }
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

    /// What Raydium's programs send so that `net` arrives: `net` and the fee of the inverse, at times one short.
    pub fn sent(&self, net: u64) -> Result<u64, Refusal> {
        let fee = if u128::from(self.bps) == ONE_IN_BPS { self.most } else { self.of(self.before(net)?) };
        net.checked_add(fee).ok_or(Refusal::Overflow)
    }
}

fn moves_freely(mint: &[u8]) -> Result<(), Refusal> {
    if extension(mint, NON_TRANSFERABLE)?.is_some() {
        return Err(Refusal::Disabled);
    }
    if let Some(at) = extension(mint, PAUSABLE)? {
        if mint.u8(at + 32)? != 0 {
            return Err(Refusal::Disabled);
        }
    }
    if let Some(at) = extension(mint, TRANSFER_HOOK)? {
        if mint.key(at + 32)? != [0; 32] {
            return Err(Refusal::Unsupported);
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 32] = [0; 32];

    fn mint(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut data = vec![0; BASE_LENGTH];
        data.push(1);
        for (kind, value) in extensions {
            data.extend(kind.to_le_bytes());
            data.extend((value.len() as u16).to_le_bytes());
            data.extend(value);
        }
        data
    }

    fn fee_of(data: &[u8], epoch: u64) -> Result<TransferFee, Refusal> {
        let mint = Account { key: KEY, owner: TOKEN_2022, data };
        TransferFee::of_mint(&mint, &Clock { epoch, ..Clock::default() })
    }

    fn fee_config(older: TransferFee, newer: TransferFee, from: u64) -> Vec<u8> {
        let mut value = vec![0; 72];
        for (epoch, fee) in [(0, older), (from, newer)] {
            value.extend(u64::to_le_bytes(epoch));
            value.extend(fee.most.to_le_bytes());
            value.extend(fee.bps.to_le_bytes());
        }
        value
    }

    #[test]
    fn the_newer_fee_is_in_force_from_its_epoch_on() {
        let (older, newer) = (TransferFee { bps: 1, most: 2 }, TransferFee { bps: 3, most: 4 });
        let data = mint(&[(18, vec![0; 64]), (TRANSFER_FEE_CONFIG, fee_config(older, newer, 7))]);
        assert_eq!(fee_of(&data, 6), Ok(older));
        assert_eq!(fee_of(&data, 7), Ok(newer));
    }

    #[test]
    fn mints_that_cannot_move_and_mints_with_a_hook_are_refused() {
        let mut value = vec![0; 64];
        value[32] = 1;
        assert_eq!(fee_of(&mint(&[(NON_TRANSFERABLE, vec![])]), 0), Err(Refusal::Disabled));
        assert_eq!(fee_of(&mint(&[(PAUSABLE, value[..33].to_vec())]), 0), Err(Refusal::Disabled));
        assert_eq!(fee_of(&mint(&[(PAUSABLE, vec![0; 33])]), 0), Ok(TransferFee::default()));
        assert_eq!(fee_of(&mint(&[(TRANSFER_HOOK, value)]), 0), Err(Refusal::Unsupported));
        assert_eq!(fee_of(&mint(&[(TRANSFER_HOOK, vec![0; 64])]), 0), Ok(TransferFee::default()));
    }

    #[test]
    fn a_fee_above_everything_is_refused() {
        let fee = TransferFee { bps: 10_001, most: 1 };
        assert_eq!(fee_of(&mint(&[(TRANSFER_FEE_CONFIG, fee_config(fee, fee, 0))]), 0), Err(Refusal::Range));
    }

    proptest! {
        #[test]
        fn at_least_what_is_wanted_arrives(net: u64, bps in 0u16..=10_000, most: u64) {
            let fee = TransferFee { bps, most };
            if let Ok(gross) = fee.before(net) {
                prop_assert!(fee.after(gross) >= net);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(data: Vec<u8>, epoch: u64) {
            let _ = fee_of(&data, epoch);
        }
    }
}
