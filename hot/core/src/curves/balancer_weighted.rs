//! Balancer V2 weighted pools, seen from one pair of their tokens: the others do not change what the pair trades.

use ruint::aliases::U256;

use super::checked::{add, div_wad, div_wad_up, mul_wad, mul_wad_up, sub, WAD};
use super::log_exp;
use crate::error::Refusal;
use crate::wide::to_u128;

/// The Vault holds balances of 112 bits.
pub const MAX_BALANCE: U256 = U256::from_limbs([u64::MAX, (1 << 48) - 1, 0, 0]);
/// `0.3`: most of a balance that may come in or go out in one swap.
const MAX_RATIO: U256 = U256::from_limbs([300_000_000_000_000_000, 0, 0, 0]);
/// `10^-14`, the error the contract allows its powers.
const POWER_ERROR: U256 = U256::from_limbs([10_000, 0, 0, 0]);

/// A weighted pool's pair; index 0 is asset 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighted {
    /// Token addresses, as words.
    pub tokens: [U256; 2],
    /// Balances, base units.
    pub balances: [U256; 2],
    /// Normalized weights, 18 decimals.
    pub weights: [U256; 2],
    /// Factors to 18 decimals, over 10^18.
    pub scale: [U256; 2],
    /// Fee on the input, over 10^18.
    pub fee: U256,
    /// Whether exponents of 1, 2 and 4 are multiplied out (newer pools) instead of taken by logarithm.
    pub exact_powers: bool,
}

impl Weighted {
    /// Exact-in quote. Source: `WeightedMath._calcOutGivenIn`.
    pub fn quote(&self, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        let (from, to) = sides(zero_for_one);
        let amount = U256::from(amount_in);
        self.open(amount)?;
        self.fits(from, amount)?;
        let net = mul_wad(subtract_fee(amount, self.fee)?, self.scale[from])?;
        let (held_in, held_out) = (self.scaled(from)?, self.scaled(to)?);
        if net > mul_wad(held_in, MAX_RATIO)? {
            return Err(Refusal::PartialFill);
        }
        let base = div_wad_up(held_in, add(held_in, net)?)?;
        let power = self.power_up(base, div_wad(self.weights[from], self.weights[to])?)?;
        let given = mul_wad(held_out, WAD.saturating_sub(power))?;
        to_u128(div_wad(given, self.scale[to])?)
    }

    /// Exact-out quote. Source: `WeightedMath._calcInGivenOut`.
    pub fn quote_out(&self, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        let (from, to) = sides(zero_for_one);
        self.open(U256::from(amount_out))?;
        let amount = mul_wad(U256::from(amount_out), self.scale[to])?;
        let (held_in, held_out) = (self.scaled(from)?, self.scaled(to)?);
        if amount > mul_wad(held_out, MAX_RATIO)? {
            return Err(Refusal::PartialFill);
        }
        let base = div_wad_up(held_out, sub(held_out, amount)?)?;
        let power = self.power_up(base, div_wad_up(self.weights[to], self.weights[from])?)?;
        let paid = mul_wad_up(held_in, sub(power, WAD)?)?;
        let whole = add_fee(div_wad_up(paid, self.scale[from])?, self.fee)?;
        self.fits(from, whole)?;
        to_u128(whole)
    }

    /// Take a swap the Vault reported between two tokens; others of the pool do not matter.
    pub fn apply(&mut self, token_in: U256, token_out: U256, amounts: [U256; 2]) -> Result<(), Refusal> {
        for (token, balance) in self.tokens.iter().zip(self.balances.iter_mut()) {
            if *token == token_in {
                *balance = add(*balance, amounts[0])?;
            } else if *token == token_out {
                *balance = sub(*balance, amounts[1])?;
            }
        }
        Ok(())
    }

    /// Marginal output for input after the fee, base units.
    #[must_use]
    pub fn rate(&self, zero_for_one: bool) -> Option<f64> {
        let (from, to) = sides(zero_for_one);
        let per = |at: usize| crate::wide::approx(self.balances[at]) / crate::wide::approx(self.weights[at]);
        let keep = 1.0 - crate::wide::approx(self.fee) / 1e18;
        let rate = per(to) / per(from) * keep;
        rate.is_finite().then_some(rate)
    }

    fn open(&self, amount: U256) -> Result<(), Refusal> {
        if amount.is_zero() {
            return Err(Refusal::Zero);
        }
        if self.balances.iter().any(|balance| balance.is_zero()) {
            return Err(Refusal::Empty);
        }
        Ok(())
    }

    fn fits(&self, at: usize, amount: U256) -> Result<(), Refusal> {
        if add(self.balances[at], amount)? > MAX_BALANCE {
            return Err(Refusal::Overflow);
        }
        Ok(())
    }

    fn scaled(&self, at: usize) -> Result<U256, Refusal> {
        mul_wad(self.balances[at], self.scale[at])
    }

    /// `FixedPoint.powUp` of the deployed version.
    fn power_up(&self, base: U256, exponent: U256) -> Result<U256, Refusal> {
        if self.exact_powers {
            let wads = exponent / WAD;
            if exponent == wads * WAD {
                let square = || mul_wad_up(base, base);
                match wads.as_limbs() {
                    [1, 0, 0, 0] => return Ok(base),
                    [2, 0, 0, 0] => return square(),
                    [4, 0, 0, 0] => return square().and_then(|square| mul_wad_up(square, square)),
                    _ => {}
                }
            }
        }
        let raw = log_exp::pow(base, exponent)?;
        add(raw, add(mul_wad_up(raw, POWER_ERROR)?, U256::ONE)?)
    }
}

/// `amount - ceil(amount * fee)`, over 10^18.
pub fn subtract_fee(amount: U256, fee: U256) -> Result<U256, Refusal> {
    sub(amount, mul_wad_up(amount, fee)?)
}

/// `ceil(amount / (1 - fee))`, over 10^18.
pub fn add_fee(amount: U256, fee: U256) -> Result<U256, Refusal> {
    div_wad_up(amount, sub(WAD, fee)?)
}

const fn sides(zero_for_one: bool) -> (usize, usize) {
    if zero_for_one {
        (0, 1)
    } else {
        (1, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weth_usdt() -> Weighted {
        let half = U256::from(500_000_000_000_000_000u64);
        Weighted {
            tokens: [U256::from(1), U256::from(2)],
            balances: [U256::from(3_008_102_220_163_638_974u64), U256::from(6_289_667_028u64)],
            weights: [half, half],
            scale: [WAD, WAD * U256::from(10u64.pow(12))],
            fee: U256::from(900_000_000_000_000u64),
            exact_powers: false,
        }
    }

    #[test]
    fn quotes_what_the_pool_answered_on_chain() {
        assert_eq!(weth_usdt().quote(true, 300_810_222_016_363_904), Ok(571_320_046));
        assert_eq!(weth_usdt().quote(false, 1_572_416_757), Ok(601_187_199_047_650_074));
    }

    #[test]
    fn refuses_more_than_three_tenths_of_a_balance() {
        assert_eq!(weth_usdt().quote(true, 1_000_000_000_000_000_000), Err(Refusal::PartialFill));
        assert_eq!(weth_usdt().quote_out(false, 1_000_000_000_000_000_000), Err(Refusal::PartialFill));
    }

    proptest! {
        #[test]
        fn paying_what_the_output_costs_gives_at_least_that_output(out in 1u128..1_800_000_000) {
            let pool = weth_usdt();
            let paid = pool.quote_out(true, out).unwrap();
            if let Ok(given) = pool.quote(true, paid) {
                prop_assert!(given + 1 >= out);
            }
        }

        #[test]
        fn never_panics_and_never_drains(b0: u128, b1: u128, w0: u64, w1: u64, amount: u128, exact: bool) {
            let mut pool = weth_usdt();
            pool.balances = [U256::from(b0), U256::from(b1)];
            pool.weights = [U256::from(w0), U256::from(w1)];
            pool.exact_powers = exact;
            if let Ok(out) = pool.quote(true, amount) {
                prop_assert!(out <= b1);
            }
            let _ = pool.quote_out(true, amount);
        }
    }
}
