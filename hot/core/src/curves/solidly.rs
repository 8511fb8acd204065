//! Solidly family (Aerodrome, Velodrome): the fee leaves the input before pricing; volatile `xy`, stable `x^3 y + x y^3`.

use ruint::aliases::U256;

use super::checked::{add, mul_over, sub, WAD};
use super::pair::{cubic_k, cubic_slope, cubic_step, Pair};
use super::{Fee, Reserves};
use crate::error::Refusal;
use crate::wide::to_u128;

const MAX_STEPS: usize = 255;

/// Exact-in quote of a volatile pool. Source: `Pool.getAmountOut` of Aerodrome and Velodrome V2.
pub fn volatile(reserves: Reserves, fee: Fee, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    let net = net_of_fee(reserve_in, reserve_out, fee, amount_in)?;
    // Both factors fit 128 bits, so neither the product nor the sum can leave 256.
    to_u128(net * U256::from(reserve_out) / (U256::from(reserve_in) + net))
}

/// Exact-in quote of a stable pool. Source: as [`volatile`], `_get_y` step by step.
pub fn stable(pair: &Pair, fee: Fee, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = pair.reserves.directed(zero_for_one);
    let net = net_of_fee(reserve_in, reserve_out, fee, amount_in)?;
    let (unit_in, unit_out) = pair.scales(zero_for_one);
    let (x, y) = pair.scaled(zero_for_one)?;
    let k = cubic_k(x, y)?;
    let after = add(mul_over(net, WAD, unit_in)?, x)?;
    let given = sub(y, balance_after(pair, after, k, y)?)?;
    to_u128(mul_over(given, unit_out, WAD)?)
}

fn net_of_fee(reserve_in: u128, reserve_out: u128, fee: Fee, amount_in: u128) -> Result<U256, Refusal> {
    if amount_in == 0 {
        return Err(Refusal::Zero);
    }
    if reserve_in == 0 || reserve_out == 0 {
        return Err(Refusal::Empty);
    }
    let amount = U256::from(amount_in);
    Ok(amount - amount * U256::from(fee.num) / U256::from(fee.den))
}

/// `_get_y`: the least balance that keeps `k`, as far as Newton's steps find it.
fn balance_after(pair: &Pair, x: U256, k: U256, start: U256) -> Result<U256, Refusal> {
    let mut y = start;
    for _ in 0..MAX_STEPS {
        let held = cubic_k(x, y)?;
        let slope = cubic_slope(x, y)?;
        if held < k {
            let mut step = cubic_step(k - held, slope)?;
            if step.is_zero() {
                let next = add(y, U256::ONE)?;
                if scaled_again(pair, x, next)? > k {
                    return Ok(next);
                }
                step = U256::ONE;
            }
            y = add(y, step)?;
        } else {
            let mut step = cubic_step(held - k, slope)?;
            if step.is_zero() {
                if held == k || cubic_k(x, sub(y, U256::ONE)?)? < k {
                    return Ok(y);
                }
                step = U256::ONE;
            }
            y = sub(y, step)?;
        }
    }
    Err(Refusal::Overflow)
}

/// The contract asks `_k` here, which scales what is scaled already, by token order whatever the direction; where that
/// leaves 256 bits the contract reverts.
fn scaled_again(pair: &Pair, x: U256, y: U256) -> Result<U256, Refusal> {
    let (unit0, unit1) = pair.scales(true);
    cubic_k(mul_over(x, WAD, unit0)?, mul_over(y, WAD, unit1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FEE: Fee = Fee { num: 5, den: 10_000 };

    fn pair(r0: u128, r1: u128) -> Pair {
        Pair { reserves: Reserves { r0, r1 }, fees: [0; 2], scale: [1_000_000, 1_000_000] }
    }

    #[test]
    fn quotes_what_the_compiled_contract_answered() {
        assert_eq!(stable(&pair(10u128.pow(12), 10u128.pow(12)), FEE, true, 10u128.pow(9)), Ok(999_499_999));
        assert_eq!(stable(&pair(3 * 10u128.pow(12), 10u128.pow(12)), FEE, true, 10u128.pow(9)), Ok(777_142_176));
    }

    proptest! {
        #[test]
        fn a_stable_pool_is_never_drained(r0 in 1u128..1 << 100, r1 in 1u128..1 << 100, amount in 1u128..1 << 100) {
            if let Ok(out) = stable(&pair(r0, r1), FEE, true, amount) {
                prop_assert!(out <= r1);
            }
        }

        #[test]
        fn a_volatile_pool_never_lowers_k(r0 in 1u128.., r1 in 1u128.., amount in 1u128.., num in 0u32..300) {
            let fee = Fee { num, den: 10_000 };
            let out = volatile(Reserves { r0, r1 }, fee, true, amount).unwrap();
            prop_assert!(out < r1);
        }
    }
}
