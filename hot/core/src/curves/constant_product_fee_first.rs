//! Hoploop's own Solana AMM: `fee = ceil(in * num / den)`, then `out = floor(r_out * net / (r_in + net))`.

use super::{Fee, Reserves};
use crate::error::Refusal;
use crate::wide::ratio_up;

/// Reserves are `u64` in the account: a swap that lifts one above fails.
pub const MAX_RESERVE: u128 = u64::MAX as u128;

/// Exact-in quote. Source: `contracts/solana/README.md`.
pub fn quote(reserves: Reserves, fee: Fee, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    if amount_in == 0 {
        return Err(Refusal::Zero);
    }
    if reserve_in == 0 || reserve_out == 0 {
        return Err(Refusal::Empty);
    }
    if amount_in > MAX_RESERVE || reserve_in + amount_in > MAX_RESERVE {
        return Err(Refusal::Overflow);
    }
    let taken = (amount_in * u128::from(fee.num)).div_ceil(u128::from(fee.den));
    let net = amount_in.checked_sub(taken).ok_or(Refusal::Overflow)?;
    Ok(reserve_out * net / (reserve_in + net))
}

/// The least input with at least this output, which must not be zero; `PartialFill` when no input has it.
pub fn input_for(reserves: Reserves, fee: Fee, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    let left = reserve_out.checked_sub(amount_out).filter(|left| *left > 0).ok_or(Refusal::PartialFill)?;
    let net = ratio_up(amount_out, reserve_in, left).ok_or(Refusal::Overflow)?;
    ratio_up(net, fee.den.into(), (fee.den - fee.num).into()).ok_or(Refusal::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_the_fee_before_pricing_and_rounds_it_up() {
        let reserves = Reserves { r0: 1_000_000, r1: 1_000_000 };
        assert_eq!(quote(reserves, Fee { num: 3, den: 1000 }, true, 1), Ok(0));
        assert_eq!(quote(reserves, Fee { num: 3, den: 1000 }, true, 1000), Ok(996));
    }

    proptest! {
        #[test]
        fn never_drains_and_grows_with_the_input(
            r0 in 1..=u64::MAX, r1 in 1..=u64::MAX, amount in 1..=u64::MAX, num in 0u32..1000,
        ) {
            let reserves = Reserves { r0: r0.into(), r1: r1.into() };
            let fee = Fee { num, den: 1000 };
            if let Ok(out) = quote(reserves, fee, false, amount.into()) {
                prop_assert!(out < u128::from(r0));
                if out > 0 {
                    let least = input_for(reserves, fee, false, out).unwrap();
                    prop_assert!(least <= amount.into() && quote(reserves, fee, false, least).unwrap() >= out);
                    prop_assert!(least == 1 || quote(reserves, fee, false, least - 1).unwrap() < out);
                }
                if amount > 1 {
                    prop_assert!(quote(reserves, fee, false, u128::from(amount) - 1).unwrap() <= out);
                }
            }
        }
    }
}
