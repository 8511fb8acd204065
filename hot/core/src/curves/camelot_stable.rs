//! Camelot V2 stable pairs: Solidly's curve with another order of rounding and another stop of Newton's steps.

use ruint::aliases::U256;

use super::checked::{add, mul, mul_over, settled, sub, WAD};
use super::pair::{cubic_k, cubic_slope, cubic_step, Pair};
use crate::error::Refusal;
use crate::wide::to_u128;

const MAX_STEPS: usize = 255;
/// Reserves are `uint112` on chain.
const MAX_RESERVE: u128 = (1 << 112) - 1;

/// Exact-in quote; `den` is the fee's denominator. Source: `CamelotPair._getAmountOut`.
///
/// The contract's unchecked products wrap where this refuses; no reserve that a token can have comes near.
pub fn quote(pair: &Pair, den: u32, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = pair.reserves.directed(zero_for_one);
    if amount_in == 0 {
        return Err(Refusal::Zero);
    }
    if reserve_in == 0 || reserve_out == 0 {
        return Err(Refusal::Empty);
    }
    if amount_in > MAX_RESERVE || reserve_in.saturating_add(amount_in) > MAX_RESERVE {
        return Err(Refusal::Overflow);
    }
    let amount = U256::from(amount_in);
    let fee = mul_over(amount, U256::from(pair.fee(zero_for_one)), U256::from(den))?;
    let net = sub(amount, fee)?;
    let (unit_in, unit_out) = pair.scales(zero_for_one);
    let (x, y) = pair.scaled(zero_for_one)?;
    let k = cubic_k(x, y)?;
    let after = add(mul_over(net, WAD, unit_in)?, x)?;
    let given = sub(y, balance_after(after, k, y)?)?;
    to_u128(mul_over(given, unit_out, WAD)?)
}

/// `_f`: the curve, each cube rounded on its own.
fn curve(x: U256, y: U256) -> Result<U256, Refusal> {
    let y_cubed = mul_over(mul_over(y, y, WAD)?, y, WAD)?;
    let x_cubed = mul_over(mul_over(x, x, WAD)?, x, WAD)?;
    add(mul_over(x, y_cubed, WAD)?, super::checked::div(mul(x_cubed, y)?, WAD)?)
}

fn balance_after(x: U256, k: U256, start: U256) -> Result<U256, Refusal> {
    let mut y = start;
    for _ in 0..MAX_STEPS {
        let before = y;
        let held = curve(x, y)?;
        let slope = cubic_slope(x, y)?;
        y = if held < k { add(y, cubic_step(k - held, slope)?)? } else { sub(y, cubic_step(held - k, slope)?)? };
        if settled(y, before) {
            break;
        }
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::Reserves;
    use proptest::prelude::*;

    #[test]
    fn quotes_what_the_compiled_contract_answered() {
        let reserves = Reserves { r0: 10u128.pow(12), r1: 10u128.pow(12) };
        let pair = Pair { reserves, fees: [40, 40], scale: [1_000_000, 1_000_000] };
        assert_eq!(quote(&pair, 100_000, true, 10u128.pow(9)), Ok(999_599_999));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_gives_more_than_is_there(
            r0: u128, r1: u128, amount: u128, scale in 0u128..10u128.pow(20), fee: u16,
        ) {
            let pair = Pair { reserves: Reserves { r0, r1 }, fees: [fee.into(), 0], scale: [scale, 1_000_000] };
            if let Ok(out) = quote(&pair, 100_000, true, amount) {
                prop_assert!(out <= r1);
            }
        }
    }
}
