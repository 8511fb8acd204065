//! Balancer V2 stable pools: the invariant of Curve with Balancer's rounding, fee on the input.

use ruint::aliases::U256;

use super::balancer_weighted::{add_fee, subtract_fee, MAX_BALANCE};
use super::checked::{add, div, div_up, div_wad, div_wad_up, mul, mul_over, mul_wad, settled, sub};
use super::coins::{sum, Coins, Each};
use crate::error::Refusal;
use crate::wide::to_u128;

/// Precision of the amplification.
pub const AMP_PRECISION: U256 = U256::from_limbs([1000, 0, 0, 0]);
/// Most coins of a pool.
pub const MAX_COINS: usize = 5;
const MAX_STEPS: usize = 255;

/// Which invariant a pool was deployed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Rounded down throughout, as Curve does (composable pools).
    Down,
    /// `P_D` multiplied up and rounded up (`StablePool`, `MetaStablePool`).
    Up,
}

/// A pool seen from one pair of its coins; the pool's own token is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalancerStable {
    /// Coins, scaling factors with their rates, amplification and fee (over 10^18).
    pub coins: Coins,
    /// Token addresses, as words.
    pub tokens: Each,
    /// Rounding of the invariant.
    pub version: Version,
}

impl BalancerStable {
    /// Exact-in quote. Source: `BaseGeneralPool._swapGivenIn`, `StableMath._calcOutGivenIn`.
    pub fn quote(&self, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        if amount_in == 0 {
            return Err(Refusal::Zero);
        }
        let (from, to) = self.coins.directed(zero_for_one);
        let amount = U256::from(amount_in);
        if add(self.coins.balances[from], amount)? > MAX_BALANCE {
            return Err(Refusal::Overflow);
        }
        let mut xp = self.coins.scaled()?;
        let invariant = self.invariant(&xp)?;
        let net = mul_wad(subtract_fee(amount, self.coins.fee)?, self.coins.rates[from])?;
        xp[from] = add(xp[from], net)?;
        let given = sub(sub(xp[to], self.balance_at(&xp, invariant, to)?)?, U256::ONE)?;
        to_u128(div_wad(given, self.coins.rates[to])?)
    }

    /// Exact-out quote. Source: `BaseGeneralPool._swapGivenOut`, `StableMath._calcInGivenOut`.
    pub fn quote_out(&self, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        if amount_out == 0 {
            return Err(Refusal::Zero);
        }
        let (from, to) = self.coins.directed(zero_for_one);
        let mut xp = self.coins.scaled()?;
        let invariant = self.invariant(&xp)?;
        let amount = mul_wad(U256::from(amount_out), self.coins.rates[to])?;
        let held = xp[from];
        xp[to] = sub(xp[to], amount)?;
        let paid = add(sub(self.balance_at(&xp, invariant, from)?, held)?, U256::ONE)?;
        let whole = add_fee(div_wad_up(paid, self.coins.rates[from])?, self.coins.fee)?;
        if add(self.coins.balances[from], whole)? > MAX_BALANCE {
            return Err(Refusal::Overflow);
        }
        to_u128(whole)
    }

    /// Take a swap the Vault reported; joins and exits by one token name the pool's own, which is not among these.
    pub fn apply(&mut self, token_in: U256, token_out: U256, amounts: [U256; 2]) -> Result<(), Refusal> {
        let at = |token| self.tokens.iter().take(self.coins.count).position(|held| *held == token);
        let (Some(from), Some(to)) = (at(token_in), at(token_out)) else {
            return Err(Refusal::Inconsistent);
        };
        let balances = &mut self.coins.balances;
        balances[from] = add(balances[from], amounts[0])?;
        balances[to] = sub(balances[to], amounts[1])?;
        Ok(())
    }

    /// `_calculateInvariant` of the deployed version.
    pub fn invariant(&self, xp: &Each) -> Result<U256, Refusal> {
        if xp.iter().take(self.coins.count).any(|x| x.is_zero()) {
            return Err(Refusal::Empty);
        }
        let total = sum(xp, self.coins.count)?;
        let ann = mul(self.coins.amp, self.coins.n())?;
        let mut d = total;
        for _ in 0..MAX_STEPS {
            let before = d;
            d = match self.version {
                Version::Down => self.step_down(xp, d, ann, total)?,
                Version::Up => self.step_up(xp, d, ann, total)?,
            };
            if settled(d, before) {
                return Ok(d);
            }
        }
        Err(Refusal::Overflow)
    }

    fn step_down(&self, xp: &Each, d: U256, ann: U256, total: U256) -> Result<U256, Refusal> {
        let n = self.coins.n();
        let mut product = d;
        for x in xp.iter().take(self.coins.count) {
            product = mul_over(product, d, mul(*x, n)?)?;
        }
        let above = mul(add(mul_over(ann, total, AMP_PRECISION)?, mul(product, n)?)?, d)?;
        let below = mul_over(sub(ann, AMP_PRECISION)?, d, AMP_PRECISION)?;
        div(above, add(below, mul(add(n, U256::ONE)?, product)?)?)
    }

    fn step_up(&self, xp: &Each, d: U256, ann: U256, total: U256) -> Result<U256, Refusal> {
        let n = self.coins.n();
        let mut product = mul(xp[0], n)?;
        for x in xp.iter().take(self.coins.count).skip(1) {
            product = div_up(mul(mul(product, *x)?, n)?, d)?;
        }
        let above = add(mul(mul(n, d)?, d)?, div_up(mul(mul(ann, total)?, product)?, AMP_PRECISION)?)?;
        let below = mul_over(sub(ann, AMP_PRECISION)?, product, AMP_PRECISION)?;
        div_up(above, add(mul(add(n, U256::ONE)?, d)?, below)?)
    }

    /// `_getTokenBalanceGivenInvariantAndAllOtherBalances`; the balance of `at` only scales the start.
    fn balance_at(&self, xp: &Each, d: U256, at: usize) -> Result<U256, Refusal> {
        let n = self.coins.n();
        let ann = mul(self.coins.amp, n)?;
        let mut product = mul(xp[0], n)?;
        for x in xp.iter().take(self.coins.count).skip(1) {
            product = div(mul(mul(product, *x)?, n)?, d)?;
        }
        let others = sub(sum(xp, self.coins.count)?, xp[at])?;
        let square = mul(d, d)?;
        let c = mul(mul(div_up(square, mul(ann, product)?)?, AMP_PRECISION)?, xp[at])?;
        let b = add(others, mul(div(d, ann)?, AMP_PRECISION)?)?;
        let mut balance = div_up(add(square, c)?, add(d, b)?)?;
        for _ in 0..MAX_STEPS {
            let before = balance;
            let below = sub(add(mul(balance, U256::from(2))?, b)?, d)?;
            balance = div_up(add(mul(balance, balance)?, c)?, below)?;
            if settled(balance, before) {
                return Ok(balance);
            }
        }
        Err(Refusal::Overflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::checked::WAD;
    use proptest::prelude::*;

    fn pool(balances: [u128; 2], version: Version) -> BalancerStable {
        let mut coins = Coins {
            count: 2,
            pair: [0, 1],
            balances: [U256::ZERO; 8],
            rates: [U256::ZERO; 8],
            amp: U256::from(50_000),
            amp_precision: AMP_PRECISION,
            fee: U256::from(400_000_000_000_000u64),
        };
        coins.balances[..2].copy_from_slice(&balances.map(U256::from));
        coins.rates[..2].copy_from_slice(&[WAD; 2]);
        BalancerStable { coins, tokens: [U256::ZERO; 8], version }
    }

    proptest! {
        #[test]
        fn paying_what_the_output_costs_gives_at_least_that_output(
            b0 in 10u128.pow(12)..10u128.pow(26), part in 1u128..900, up: bool,
        ) {
            let version = if up { Version::Up } else { Version::Down };
            let pool = pool([b0, b0], version);
            let out = b0 / 1000 * part;
            let paid = pool.quote_out(true, out).unwrap();
            prop_assert!(paid > out);
            // Both sides round for the pool: a few units of every 10^18 are lost.
            prop_assert!(pool.quote(true, paid).unwrap() + 4 + out / 10u128.pow(18) >= out);
        }

        #[test]
        fn never_panics_and_never_drains(b0: u128, b1: u128, amount: u128, up: bool) {
            let pool = pool([b0, b1], if up { Version::Up } else { Version::Down });
            if let Ok(out) = pool.quote(true, amount) {
                prop_assert!(out <= b1);
            }
            let _ = pool.quote_out(false, amount);
        }
    }
}
