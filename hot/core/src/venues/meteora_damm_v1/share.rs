//! A pool's part of a lending vault: LP tokens against what the vault has, less the profit still locked.
//!
//! Layout and rules: MeteoraAg/damm-v1-sdk `programs/dynamic-vault/src/state.rs`.

use crate::error::Refusal;
use crate::venues::accounts::{Accounts, Fields};
use crate::venues::token;

/// The vaults' own program.
pub const VAULT_PROGRAM: [u8; 32] = [
    15, 191, 232, 132, 109, 104, 92, 189, 198, 44, 202, 126, 4, 199, 232, 246, 141, 204, 49, 58, 179, 18, 119, 226,
    224, 17, 42, 46, 192, 224, 82, 229,
];
const LENGTH: usize = 1227;
const MAGIC: [u8; 8] = [211, 8, 232, 43, 2, 152, 117, 119];
const UNLOCKED: u128 = 1_000_000_000_000;

/// One side of a pool.
#[derive(Clone, Debug)]
pub struct Share {
    /// What the vault has, lent out or not.
    total: u64,
    /// `total` without the locked part of the last profit.
    unlocked: u64,
    supply: u64,
    held: u64,
    /// What lies in the vault's token account.
    liquid: u64,
    enabled: bool,
    /// What the pool's LP tokens are worth.
    pub amount: u64,
}

impl Share {
    /// Read side 0 (A) or 1 (B).
    pub fn read(accounts: &Accounts<'_>, pool: &[u8], at: usize, now: u64) -> Result<Self, Refusal> {
        let [vault_role, lp_role, token_role, mint_role] = ROLES[at];
        let vault = accounts.owned(vault_role, &VAULT_PROGRAM)?.data;
        if vault.len() < LENGTH {
            return Err(Refusal::Length);
        }
        if vault.take::<8>(0)? != MAGIC {
            return Err(Refusal::Magic);
        }
        let named = accounts.key(vault_role)? == pool.key(104 + 32 * at)?
            && accounts.key(lp_role)? == pool.key(168 + 32 * at)?
            && accounts.key(token_role)? == vault.key(19)?
            && accounts.key(mint_role)? == vault.key(115)?;
        if !named {
            return Err(Refusal::Inconsistent);
        }
        let mint = accounts.owned(mint_role, &token::TOKEN)?.data;
        let total = vault.u64(11)?;
        let unlocked = total.checked_sub(locked(vault, now)?).ok_or(Refusal::Overflow)?;
        let (supply, held) = (mint.u64(36)?, token::held(&accounts.role(lp_role)?)?);
        let liquid = token::held(&accounts.role(token_role)?)?;
        // A vault without LP tokens refuses swaps, but not the reading: a swap of nothing still succeeds.
        let amount = part(held, unlocked, supply).unwrap_or_default();
        Ok(Self { total, unlocked, supply, held, liquid, enabled: vault.u8(8)? != 0, amount })
    }

    /// By how much a deposit raises the worth of the pool's LP tokens.
    pub fn deposit(&self, amount: u64) -> Result<u64, Refusal> {
        if !self.enabled {
            return Err(Refusal::Disabled);
        }
        if amount == 0 {
            return Err(Refusal::Zero);
        }
        let before = part(self.held, self.unlocked, self.supply)?;
        let lp = part(amount, self.supply, self.unlocked)?;
        self.total.checked_add(amount).ok_or(Refusal::Overflow)?;
        let held = self.held.checked_add(lp).ok_or(Refusal::Overflow)?;
        let supply = self.supply.checked_add(lp).ok_or(Refusal::Overflow)?;
        let after = part(held, self.unlocked.checked_add(amount).ok_or(Refusal::Overflow)?, supply)?;
        after.checked_sub(before).ok_or(Refusal::Overflow)
    }

    /// What is paid out for LP tokens worth `amount`.
    pub fn withdraw(&self, amount: u64) -> Result<u64, Refusal> {
        let lp = part(amount, self.supply, self.unlocked)?;
        let received = part(lp, self.unlocked, self.supply)?;
        if received > self.liquid {
            return Err(Refusal::Empty);
        }
        Ok(received)
    }
}

/// Vault, pool's LP tokens, vault's tokens, mint of the LP tokens.
const ROLES: [[&str; 4]; 2] =
    [["vault_a", "vault_lp_a", "token_vault_a", "lp_mint_a"], ["vault_b", "vault_lp_b", "token_vault_b", "lp_mint_b"]];

/// `floor(amount * of / whole)`.
fn part(amount: u64, of: u64, whole: u64) -> Result<u64, Refusal> {
    if whole == 0 {
        return Err(Refusal::Empty);
    }
    let part = u128::from(amount) * u128::from(of) / u128::from(whole);
    u64::try_from(part).map_err(|_| Refusal::Overflow)
}

/// The part of the last reported profit that is not shared out yet; it melts with time.
fn locked(vault: &[u8], now: u64) -> Result<u64, Refusal> {
    let (profit, reported, degradation) = (vault.u64(1203)?, vault.u64(1211)?, vault.u64(1219)?);
    let passed = now.checked_sub(reported).ok_or(Refusal::Overflow)?;
    let melted = u128::from(passed) * u128::from(degradation);
    let left = UNLOCKED.saturating_sub(melted);
    u64::try_from(u128::from(profit) * left / UNLOCKED).map_err(|_| Refusal::Overflow)
}
