//! Products and quotients of a few 64-bit limbs, trimmed to the limbs in use; `ruint` is the oracle in the tests.

/// Little-endian limbs of a 256-bit number.
pub type Limbs = [u64; 4];
/// Little-endian limbs of a product of two of them.
pub type Wide = [u64; 8];

/// Number of limbs in use, at least one.
#[inline(always)]
fn used(limbs: &[u64]) -> usize {
    let mut count = limbs.len();
    while count > 1 && limbs[count - 1] == 0 {
        count -= 1;
    }
    count
}

/// Quotient and remainder of a two-limb number by a limb above its high one: the quotient fits.
#[inline(always)]
fn div_2by1(high: u64, low: u64, by: u64) -> (u64, u64) {
    let number = u128::from(high) << 64 | u128::from(low);
    let quotient = (number / u128::from(by)) as u64;
    (quotient, low.wrapping_sub(quotient.wrapping_mul(by)))
}

/// `a * b`.
#[inline]
#[must_use]
pub fn mul(a: &Limbs, b: &Limbs) -> Wide {
    let (in_a, in_b) = (used(a), used(b));
    let mut product = [0; 8];
    for (i, &x) in a[..in_a].iter().enumerate() {
        let mut carry = 0u128;
        for (j, &y) in b[..in_b].iter().enumerate() {
            // (2^64-1)^2 + 2 * (2^64-1) = 2^128 - 1: never overflows.
            let sum = u128::from(x).wrapping_mul(u128::from(y)).wrapping_add(product[i + j].into()).wrapping_add(carry);
            product[i + j] = sum as u64;
            carry = sum >> 64;
        }
        product[i + in_b] = carry as u64;
    }
    product
}

/// Quotient, and whether the division is exact; `by` must not be zero.
#[inline]
#[must_use]
pub fn div(number: &Wide, by: &Limbs) -> (Wide, bool) {
    let (in_number, in_by) = (used(number), used(by));
    if in_by == 1 {
        return div_by_limb(number, in_number, by[0]);
    }
    if in_number < in_by {
        return ([0; 8], number.iter().all(|limb| *limb == 0));
    }
    match in_by {
        2 => knuth::<2>(number, in_number, by),
        3 => knuth::<3>(number, in_number, by),
        _ => knuth::<4>(number, in_number, by),
    }
}

fn div_by_limb(number: &Wide, in_number: usize, by: u64) -> (Wide, bool) {
    let (mut quotient, mut rest) = ([0; 8], 0);
    for at in (0..in_number).rev() {
        (quotient[at], rest) = div_2by1(rest, number[at], by);
    }
    (quotient, rest == 0)
}

/// Quotient and remainder of a number of two halves by one above its high half: both fit.
#[must_use]
pub fn div_halves(high: u128, low: u128, by: u128) -> (u128, u128) {
    if by >> 64 == 0 {
        let (first, rest) = div_2by1(high as u64, (low >> 64) as u64, by as u64);
        let (second, rest) = div_2by1(rest, low as u64, by as u64);
        return (u128::from(first) << 64 | u128::from(second), rest.into());
    }
    let shift = by.leading_zeros();
    let by = by << shift;
    // Two shifts so that a shift of zero takes nothing from below.
    let (high, low) = (high << shift | low >> 1 >> (127 - shift), low << shift);
    let (first, rest) = digit(high, (low >> 64) as u64, by);
    let (second, rest) = digit(rest, low as u64, by);
    (u128::from(first) << 64 | u128::from(second), rest >> shift)
}

/// One digit of a quotient by two limbs with the top bit set and above `high`, and what is left.
#[inline(always)]
fn digit(high: u128, low: u64, by: u128) -> (u64, u128) {
    // Nothing wraps but `rest`, and that only until the divisor is given back. The guess is at most two too large.
    let (first, second) = (by >> 64, by as u64);
    let guess = if high >> 64 == first { u64::MAX } else { (high / first) as u64 };
    let left = high.wrapping_sub(u128::from(guess).wrapping_mul(first));
    let product = u128::from(guess).wrapping_mul(second.into());
    let here = left << 64 | u128::from(low);
    let rest = here.wrapping_sub(product);
    if left >> 64 != 0 || product <= here {
        return (guess, rest);
    }
    let rest = rest.wrapping_add(by);
    if product.wrapping_sub(here) <= by {
        return (guess.wrapping_sub(1), rest);
    }
    (guess.wrapping_sub(2), rest.wrapping_add(by))
}

/// Knuth's algorithm D for a divisor of exactly `N >= 2` limbs. Source: TAOCP volume 2, 4.3.1.
#[inline(always)]
fn knuth<const N: usize>(number: &Wide, in_number: usize, by: &Limbs) -> (Wide, bool) {
    let shift = by[N - 1].leading_zeros();
    let mut divisor = [0; N];
    let mut rest = [0; 9];
    for at in (0..N).rev() {
        let below = if at > 0 { by[at - 1] } else { 0 };
        divisor[at] = shifted(by[at], below, shift);
    }
    for at in (0..=in_number).rev() {
        let (here, below) = (if at < 8 { number[at] } else { 0 }, if at > 0 { number[at - 1] } else { 0 });
        rest[at] = shifted(here, below, shift);
    }
    let mut quotient = [0; 8];
    for at in (0..=(in_number - N)).rev() {
        let mut digit = guess(&divisor, rest[at + N], rest[at + N - 1], rest[at + N - 2]);
        if digit != 0 && take(&mut rest, at, &divisor, digit) {
            digit = digit.wrapping_sub(1);
            give_back(&mut rest, at, &divisor);
        }
        quotient[at] = digit;
    }
    (quotient, rest[..N].iter().all(|limb| *limb == 0))
}

#[inline(always)]
fn shifted(here: u64, below: u64, shift: u32) -> u64 {
    // Two shifts so that a shift of zero takes nothing from below.
    here << shift | below >> 1 >> (63 - shift)
}

/// At most one too large: two leading limbs of the divisor against three of the rest.
#[inline(always)]
fn guess<const N: usize>(divisor: &[u64; N], high: u64, middle: u64, low: u64) -> u64 {
    let (first, second) = (divisor[N - 1], divisor[N - 2]);
    let (mut digit, mut rest) = if high >= first {
        let (rest, over) = middle.overflowing_add(first);
        if over {
            return u64::MAX;
        }
        (u64::MAX, rest)
    } else {
        div_2by1(high, middle, first)
    };
    while u128::from(digit).wrapping_mul(second.into()) > (u128::from(rest) << 64 | u128::from(low)) {
        digit = digit.wrapping_sub(1);
        let (next, over) = rest.overflowing_add(first);
        if over {
            break;
        }
        rest = next;
    }
    digit
}

/// Subtract `digit * divisor` at a position; true when it was too much.
#[inline(always)]
fn take<const N: usize>(rest: &mut [u64; 9], at: usize, divisor: &[u64; N], digit: u64) -> bool {
    let (mut carry, mut borrow) = (0u64, false);
    for (slot, &limb) in rest[at..at + N].iter_mut().zip(divisor) {
        let product = u128::from(digit).wrapping_mul(limb.into()).wrapping_add(carry.into());
        carry = (product >> 64) as u64;
        let (less, first) = slot.overflowing_sub(product as u64);
        let (less, second) = less.overflowing_sub(borrow.into());
        (*slot, borrow) = (less, first | second);
    }
    let (less, first) = rest[at + N].overflowing_sub(carry);
    let (less, second) = less.overflowing_sub(borrow.into());
    rest[at + N] = less;
    first | second
}

fn give_back<const N: usize>(rest: &mut [u64; 9], at: usize, divisor: &[u64; N]) {
    let mut carry = false;
    for (slot, &limb) in rest[at..at + N].iter_mut().zip(divisor) {
        let (more, first) = slot.overflowing_add(limb);
        let (more, second) = more.overflowing_add(carry.into());
        (*slot, carry) = (more, first | second);
    }
    rest[at + N] = rest[at + N].wrapping_add(carry.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ruint::aliases::{U256, U512};

    /// Limbs at the ends of their range are where guesses go wrong.
    fn limb() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(1 << 63), Just(u64::MAX - 1), any::<u64>(), 0u64..1000]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn products_and_quotients_are_those_of_ruint(
            a in prop::array::uniform4(limb()), b in prop::array::uniform4(limb()), d in prop::array::uniform4(limb()),
        ) {
            let product = mul(&a, &b);
            let expected: U512 = U256::from_limbs(a).widening_mul(U256::from_limbs(b));
            prop_assert_eq!(U512::from_limbs(product), expected);
            prop_assume!(d != [0; 4]);
            let (quotient, exact) = div(&product, &d);
            let (expected, rest) = expected.div_rem(U512::from(U256::from_limbs(d)));
            prop_assert_eq!(U512::from_limbs(quotient), expected);
            prop_assert_eq!(exact, rest.is_zero());
        }

        #[test]
        fn halves_divide_as_ruint_divides(n in prop::array::uniform4(limb()), d in prop::array::uniform2(limb())) {
            let two = |low: u64, high: u64| u128::from(high) << 64 | u128::from(low);
            let (high, low, by) = (two(n[2], n[3]), two(n[0], n[1]), two(d[0], d[1]));
            prop_assume!(by != 0);
            let high = high % by;
            let (quotient, rest) = div_halves(high, low, by);
            let whole: U256 = U256::from(high) << 128 | U256::from(low);
            prop_assert_eq!((U256::from(quotient), U256::from(rest)), whole.div_rem(U256::from(by)));
        }
    }
}
