//! The least input for an output, of curves without a formula for it: exact quotes decide.

use crate::error::Refusal;

/// Steps along the marginal rate before the distance is doubled instead.
const RATE_STEPS: usize = 16;

/// The least input whose quote is at least `wanted`, which must not be zero; `PartialFill` when there is none.
///
/// `rate` is the marginal rate at the present price. It falls with the input, so steps along it come from below.
/// Quotes must not fall with the input, and be refused from some amount on at most.
pub fn least_input(quote: impl Fn(u128) -> Result<u128, Refusal>, rate: f64, wanted: u128) -> Result<u128, Refusal> {
    if !(rate.is_finite() && rate > 0.0) {
        return Err(Refusal::PartialFill);
    }
    let missing = |amount: u128| match quote(amount) {
        Ok(out) if out < wanted => Some(wanted - out),
        _ => None,
    };
    let along = |missing: u128| (missing as f64 / rate) as u128;
    let (mut below, mut above) = (0u128, along(wanted).max(1));
    let mut reach = 1u128;
    let mut steps = 0;
    while let Some(missing) = missing(above) {
        reach = if steps < RATE_STEPS { along(missing).max(1) } else { reach.saturating_mul(2) };
        steps += 1;
        below = above;
        above = above.checked_add(reach).ok_or(Refusal::PartialFill)?;
    }
    // Steps end a little above: look just below first, in growing strides.
    let mut stride = 1u128;
    while above - below > stride {
        let tried = above - stride;
        if missing(tried).is_some() {
            below = tried;
            break;
        }
        above = tried;
        stride = stride.saturating_mul(4);
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if missing(middle).is_some() {
            below = middle;
        } else {
            above = middle;
        }
    }
    match quote(above) {
        Ok(out) if out >= wanted => Ok(above),
        _ => Err(Refusal::PartialFill),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::constant_product;
    use crate::curves::{Fee, Reserves};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_the_least_input(r0 in 1u128..1 << 100, r1 in 1u128..1 << 100, wanted in 1u128..1 << 100) {
            let (reserves, fee) = (Reserves { r0, r1 }, Fee { num: 3, den: 1000 });
            let quote = |amount| constant_product::quote(reserves, fee, true, amount);
            let rate = r1 as f64 / r0 as f64 * 0.997;
            match least_input(quote, rate, wanted) {
                Ok(amount) => {
                    prop_assert!(quote(amount).unwrap() >= wanted);
                    prop_assert!(amount == 1 || quote(amount - 1).unwrap() < wanted);
                }
                Err(_) => prop_assert!(quote(constant_product::MAX_RESERVE - r0).unwrap() < wanted),
            }
        }
    }
}
