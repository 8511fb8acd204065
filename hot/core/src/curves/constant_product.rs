//! Uniswap V2: `out = floor(in * keep * r_out / (r_in * den + in * keep))` with `keep = den - num`.

use ruint::aliases::U256;

use super::checked::{div, mul};
use super::{Fee, Reserves};
use crate::error::Refusal;
use crate::wide::{ratio_down, ratio_up, to_u128};

/// Reserves are `uint112` on chain: a swap that lifts one above reverts.
pub const MAX_RESERVE: u128 = (1 << 112) - 1;
/// Amounts of fewer bits, times a part of a fee, fit 128 bits with one to spare.
const SMALL: u32 = 95;

/// Exact-in quote. Source: `UniswapV2Library.getAmountOut` and the overflow check of `UniswapV2Pair._update`.
#[inline]
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
    if (amount_in | reserve_in) >> SMALL == 0 {
        // Below 2^95 and fee parts below 2^32: neither product nor their sum wraps.
        let kept = amount_in.wrapping_mul((fee.den - fee.num).into());
        let denominator = reserve_in.wrapping_mul(fee.den.into()).wrapping_add(kept);
        // `kept` is at most the denominator, so the quotient is at most the reserve.
        return ratio_down(kept, reserve_out, denominator).ok_or(Refusal::Overflow);
    }
    // Every operand is below 2^112: no product below leaves its type.
    let kept = U256::from(amount_in) * U256::from(fee.den - fee.num);
    let denominator = U256::from(reserve_in) * U256::from(fee.den) + kept;
    to_u128(kept * U256::from(reserve_out) / denominator)
}

/// The least input with at least this output, which must not be zero; `PartialFill` when no input has it.
#[inline]
pub fn input_for(reserves: Reserves, fee: Fee, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    let left = reserve_out.checked_sub(amount_out).filter(|left| *left > 0).ok_or(Refusal::PartialFill)?;
    let (scaled, kept) = products(reserve_in, fee.den, left, fee.den - fee.num).ok_or(Refusal::Overflow)?;
    let amount_in = ratio_up(amount_out, scaled, kept).ok_or(Refusal::Overflow)?;
    match MAX_RESERVE.checked_sub(reserve_in) {
        Some(room) if amount_in <= room => Ok(amount_in),
        _ => Err(Refusal::PartialFill),
    }
}

/// Whether a unit of input never pays more than a unit: then the least input for an output pays exactly that output,
/// because a unit less pays less than it.
#[inline]
#[must_use]
pub fn is_fine(reserves: Reserves, fee: Fee, zero_for_one: bool) -> bool {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    let of_unit = products(reserve_out, fee.den - fee.num, reserve_in, fee.den);
    of_unit.is_some_and(|(paid, taken)| paid <= taken)
}

/// Two products, if they fit.
#[inline]
fn products(a: u128, by_a: u32, b: u128, by_b: u32) -> Option<(u128, u128)> {
    if (a | b) >> SMALL == 0 {
        return Some((a.wrapping_mul(by_a.into()), b.wrapping_mul(by_b.into())));
    }
    a.checked_mul(by_a.into()).zip(b.checked_mul(by_b.into()))
}

/// Exact-out quote. Source: `UniswapV2Library.getAmountIn`.
pub fn quote_out(reserves: Reserves, fee: Fee, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
    let (reserve_in, reserve_out) = reserves.directed(zero_for_one);
    if amount_out == 0 {
        return Err(Refusal::Zero);
    }
    if reserve_in == 0 || amount_out >= reserve_out {
        return Err(Refusal::Empty);
    }
    let owed = mul(mul(U256::from(reserve_in), U256::from(amount_out))?, U256::from(fee.den))?;
    let kept = U256::from(reserve_out - amount_out) * U256::from(fee.den - fee.num);
    let amount_in = to_u128(div(owed, kept)?)?.checked_add(1).ok_or(Refusal::Overflow)?;
    if amount_in > MAX_RESERVE || reserve_in + amount_in > MAX_RESERVE {
        return Err(Refusal::Overflow);
    }
    Ok(amount_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FEE: Fee = Fee { num: 3, den: 1000 };

    #[test]
    fn quotes_the_published_vector() {
        let reserves = Reserves { r0: 1_000 * 10u128.pow(18), r1: 2_500_000 * 10u128.pow(6) };
        assert_eq!(quote(reserves, FEE, true, 10u128.pow(18)), Ok(2_490_017_452));
    }

    #[test]
    fn refuses_what_would_overflow_a_reserve() {
        let reserves = Reserves { r0: MAX_RESERVE, r1: 5 };
        assert_eq!(quote(reserves, FEE, true, 1), Err(Refusal::Overflow));
        assert_eq!(quote(reserves, FEE, false, u128::MAX), Err(Refusal::Overflow));
    }

    #[test]
    fn asks_one_unit_more_than_the_fraction() {
        let reserves = Reserves { r0: 1_000 * 10u128.pow(18), r1: 2_500_000 * 10u128.pow(6) };
        assert_eq!(quote_out(reserves, FEE, true, 2_490_017_452), Ok(999_999_999_758_894_863));
        assert_eq!(quote_out(reserves, FEE, true, reserves.r1), Err(Refusal::Empty));
    }

    proptest! {
        #[test]
        fn paying_for_an_output_gives_at_least_that_output(
            r0 in 1..=MAX_RESERVE, r1 in 1..=MAX_RESERVE, out in 1..=MAX_RESERVE, num in 0u32..1000,
        ) {
            let (reserves, fee) = (Reserves { r0, r1 }, Fee { num, den: 1000 });
            if let Ok(paid) = quote_out(reserves, fee, true, out) {
                prop_assert!(quote(reserves, fee, true, paid).unwrap() >= out);
            }
        }

        #[test]
        fn never_lowers_k_and_grows_with_the_input(
            r0 in 1..=MAX_RESERVE, r1 in 1..=MAX_RESERVE, amount in 1..=MAX_RESERVE, num in 0u32..1000,
        ) {
            let (reserves, fee) = (Reserves { r0, r1 }, Fee { num, den: 1000 });
            if let Ok(out) = quote(reserves, fee, true, amount) {
                prop_assert!(out < r1);
                let before = U256::from(r0) * U256::from(r1);
                prop_assert!(U256::from(r0 + amount) * U256::from(r1 - out) >= before);
                if out > 0 {
                    if let Ok(least) = input_for(reserves, fee, true, out) {
                        prop_assert!(least <= amount && quote(reserves, fee, true, least).unwrap() >= out);
                        prop_assert!(least == 1 || quote(reserves, fee, true, least - 1).unwrap() < out);
                        prop_assert!(!is_fine(reserves, fee, true) || quote(reserves, fee, true, least) == Ok(out));
                    }
                }
                if amount > 1 {
                    prop_assert!(quote(reserves, fee, true, amount - 1).unwrap() <= out);
                }
            } else {
                prop_assert!(r0 + amount > MAX_RESERVE);
            }
        }
    }
}
