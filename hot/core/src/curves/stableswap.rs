//! Curve stableswap: plain pools of several coins, the older templates and the "ng" one.

use ruint::aliases::U256;

use super::checked::{add, div, mul, mul_over, mul_wad, settled, sub, WAD};
use super::coins::{sum, Coins, Each};
use crate::error::Refusal;
use crate::wide::to_u128;

/// Fees are over 10^10.
pub const FEE_UNIT: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);
const MAX_STEPS: usize = 255;

/// How a template multiplies up `D^(n+1) / (n^n P)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// `D_P * D / (x * n)` coin by coin.
    Plain,
    /// The same with `x * n + 1`, as the lending templates guard against zero.
    PlusOne,
    /// `D_P * D / x` coin by coin, then once by `n^n` ("ng").
    Last,
}

/// When the fee leaves the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeStep {
    /// In the common unit, before conversion: `exchange` of every template, `get_dy` of most.
    First,
    /// After conversion to the coin's units: `get_dy` of 3pool and its age, one unit off its own `exchange` at times.
    Last,
}

/// A Curve pool seen from one pair of its coins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StableSwap {
    /// Coins, rates, amplification and fee.
    pub coins: Coins,
    /// Part of the fee that leaves the balances, over 10^10.
    pub admin_fee: U256,
    /// Multiplier of the fee far from the peg, over 10^10; at most that means a fixed fee.
    pub offpeg: U256,
    /// Rounding of the invariant.
    pub product: Product,
    /// Rounding of the fee.
    pub fee_step: FeeStep,
}

/// What an exchange moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Output, base units.
    pub out: U256,
    /// What leaves the output balance besides the output.
    pub admin: U256,
}

impl StableSwap {
    /// Exact-in quote. Sources: `exchange` and `get_dy` of `StableSwap3Pool.vy`, `SwapTemplateBase.vy`, `CurveStableSwapNG.vy`.
    pub fn quote(&self, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        if amount_in == 0 {
            return Err(Refusal::Zero);
        }
        let (from, to) = self.coins.directed(zero_for_one);
        to_u128(self.exchange(from, to, U256::from(amount_in))?.out)
    }

    /// What an exchange between two coins would move.
    pub fn exchange(&self, from: usize, to: usize, amount: U256) -> Result<Exchange, Refusal> {
        let xp = self.coins.scaled()?;
        if xp.iter().take(self.coins.count).any(|x| x.is_zero()) {
            return Err(Refusal::Empty);
        }
        let x = add(xp[from], mul_wad(amount, self.coins.rates[from])?)?;
        let y = self.balance_after(from, to, x, &xp)?;
        let given = sub(sub(xp[to], y)?, U256::ONE)?;
        let fee = self.fee(mid(xp[from], x)?, mid(xp[to], y)?)?;
        let rate = self.coins.rates[to];
        if self.fee_step == FeeStep::Last {
            let whole = mul_over(given, WAD, rate)?;
            let taken = mul_over(fee, whole, FEE_UNIT)?;
            return Ok(Exchange { out: sub(whole, taken)?, admin: mul_over(taken, self.admin_fee, FEE_UNIT)? });
        }
        let taken = mul_over(given, fee, FEE_UNIT)?;
        let admin = mul_over(mul_over(taken, self.admin_fee, FEE_UNIT)?, WAD, rate)?;
        Ok(Exchange { out: mul_over(sub(given, taken)?, WAD, rate)?, admin })
    }

    /// Take an exchange the pool reported; `Inconsistent` when it did not pay what this state says.
    pub fn apply(&mut self, from: usize, to: usize, amount: U256, out: U256) -> Result<(), Refusal> {
        if from == to || from.max(to) >= self.coins.count {
            return Err(Refusal::Range);
        }
        let moved = self.exchange(from, to, amount)?;
        if moved.out != out {
            return Err(Refusal::Inconsistent);
        }
        let balances = &mut self.coins.balances;
        balances[from] = add(balances[from], amount)?;
        balances[to] = sub(sub(balances[to], moved.out)?, moved.admin)?;
        Ok(())
    }

    /// `get_D`. The older templates go on with what they have when the steps do not settle; so does this.
    pub fn invariant(&self, xp: &Each) -> Result<U256, Refusal> {
        let (n, precision) = (self.coins.n(), self.coins.amp_precision);
        let total = sum(xp, self.coins.count)?;
        let ann = mul(self.coins.amp, n)?;
        let mut d = total;
        for _ in 0..MAX_STEPS {
            let product = self.product(xp, d)?;
            let before = d;
            let above = mul(add(mul_over(ann, total, precision)?, mul(product, n)?)?, d)?;
            let below = mul_over(sub(ann, precision)?, d, precision)?;
            d = div(above, add(below, mul(add(n, U256::ONE)?, product)?)?)?;
            if settled(d, before) {
                return Ok(d);
            }
        }
        self.unsettled(d)
    }

    fn product(&self, xp: &Each, d: U256) -> Result<U256, Refusal> {
        let n = self.coins.n();
        let mut product = d;
        for x in xp.iter().take(self.coins.count) {
            let divisor = match self.product {
                Product::Plain => mul(*x, n)?,
                Product::PlusOne => add(mul(*x, n)?, U256::ONE)?,
                Product::Last => *x,
            };
            product = mul_over(product, d, divisor)?;
        }
        if self.product == Product::Last {
            product = div(product, n.pow(n))?;
        }
        Ok(product)
    }

    /// `get_y`: balance of coin `to` once coin `from` has `x`.
    fn balance_after(&self, from: usize, to: usize, x: U256, xp: &Each) -> Result<U256, Refusal> {
        let (n, precision) = (self.coins.n(), self.coins.amp_precision);
        let d = self.invariant(xp)?;
        let ann = mul(self.coins.amp, n)?;
        let (mut c, mut others) = (d, U256::ZERO);
        for (at, held) in xp.iter().enumerate().take(self.coins.count) {
            if at == to {
                continue;
            }
            let held = if at == from { x } else { *held };
            others = add(others, held)?;
            c = mul_over(c, d, mul(held, n)?)?;
        }
        c = div(mul(mul(c, d)?, precision)?, mul(ann, n)?)?;
        let b = add(others, mul_over(d, precision, ann)?)?;
        let mut y = d;
        for _ in 0..MAX_STEPS {
            let before = y;
            y = div(add(mul(y, y)?, c)?, sub(add(mul(U256::from(2), y)?, b)?, d)?)?;
            if settled(y, before) {
                return Ok(y);
            }
        }
        self.unsettled(y)
    }

    fn unsettled(&self, value: U256) -> Result<U256, Refusal> {
        if self.product == Product::Last {
            return Err(Refusal::Overflow);
        }
        Ok(value)
    }

    /// `_dynamic_fee` at the middle of the exchange.
    fn fee(&self, x: U256, y: U256) -> Result<U256, Refusal> {
        let fee = self.coins.fee;
        if self.offpeg <= FEE_UNIT {
            return Ok(fee);
        }
        let total = add(x, y)?;
        let spread = mul(mul(mul(self.offpeg - FEE_UNIT, U256::from(4))?, x)?, y)?;
        let below = add(div(spread, mul(total, total)?)?, FEE_UNIT)?;
        mul_over(self.offpeg, fee, below)
    }
}

fn mid(before: U256, after: U256) -> Result<U256, Refusal> {
    Ok(add(before, after)? >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::coins::MAX_COINS;
    use proptest::prelude::*;

    fn each(values: &[u128]) -> Each {
        let mut each = [U256::ZERO; MAX_COINS];
        for (to, from) in each.iter_mut().zip(values) {
            *to = U256::from(*from);
        }
        each
    }

    fn tripool(fee_step: FeeStep) -> StableSwap {
        let unit = 10u128.pow(18);
        StableSwap {
            coins: Coins {
                count: 3,
                pair: [0, 1],
                balances: each(&[27_137_121_100_372_139_339_642_768, 27_662_471_158_553, 108_298_644_409_129]),
                rates: each(&[unit, unit * 10u128.pow(12), unit * 10u128.pow(12)]),
                amp: U256::from(4000),
                amp_precision: U256::ONE,
                fee: U256::from(1_500_000),
            },
            admin_fee: FEE_UNIT,
            offpeg: U256::ZERO,
            product: Product::Plain,
            fee_step,
        }
    }

    #[test]
    fn quotes_what_the_pool_answered_on_chain() {
        let pool = tripool(FeeStep::Last);
        assert_eq!(pool.quote(true, 271_371_211_003_721_406_218_240), Ok(271_332_968_007));
        assert_eq!(pool.quote(false, 276_624_711_585), Ok(276_575_288_137_028_249_456_802));
    }

    #[test]
    fn an_exchange_that_paid_something_else_is_inconsistent() {
        let mut pool = tripool(FeeStep::First);
        let amount = U256::from(276_624_711_585u64);
        let out = pool.exchange(1, 0, amount).unwrap().out;
        assert_eq!(pool.apply(1, 0, amount, out + U256::ONE), Err(Refusal::Inconsistent));
        assert_eq!(pool.apply(1, 0, amount, out), Ok(()));
        assert_eq!(pool.coins.balances[1], U256::from(27_662_471_158_553u64) + amount);
    }

    proptest! {
        #[test]
        fn never_panics_and_never_drains(
            balances in prop::array::uniform3(any::<u128>()), amount: u128, amp in 0u64..1_000_000, ng: bool, offpeg: u64,
        ) {
            let mut pool = tripool(FeeStep::First);
            pool.coins.balances = each(&balances);
            pool.coins.amp = U256::from(amp);
            pool.offpeg = U256::from(offpeg);
            pool.product = if ng { Product::Last } else { Product::PlusOne };
            if let Ok(out) = pool.quote(true, amount) {
                prop_assert!(out <= balances[1]);
            }
        }
    }
}
