//! Whole numbers of up to 512 bits in limbs, trimmed to those in use.

/// Little-endian limbs.
pub type Limbs = [u64; 4];
pub type Wide = [u64; 8];

pub fn limbs(value: u128) -> Limbs {
    [value as u64, (value >> 64) as u64, 0, 0]
}

/// The low half.
pub fn low(value: &Limbs) -> u128 {
    u128::from(value[0]) | u128::from(value[1]) << 64
}

/// `value * 2^96`.
pub fn shl96(value: u128) -> Limbs {
    let (low, high) = (value << 96, value >> 32);
    [0, (low >> 64) as u64, high as u64, (high >> 64) as u64]
}

/// `floor(value / 2^96)`, and whether bits were cut off.
pub fn shr96(value: &Wide) -> (Limbs, bool) {
    let limb = |at: usize| value[at] >> 32 | value[at + 1] << 32;
    ([limb(1), limb(2), limb(3), limb(4)], value[0] != 0 || value[1] as u32 != 0)
}

pub fn approx(value: &Limbs) -> f64 {
    value.iter().rev().fold(0.0, |sum, limb| sum * 18_446_744_073_709_551_616.0 + *limb as f64)
}

pub fn parse(text: &str) -> Limbs {
    text.bytes().fold([0; 4], |sum, digit| {
        let ten = mul(&sum, &[10, 0, 0, 0]);
        add(&[ten[0], ten[1], ten[2], ten[3]], &[u64::from(digit - b'0'), 0, 0, 0])
    })
}

#[inline(always)]
pub fn add(a: &Limbs, b: &Limbs) -> Limbs {
    let (mut sum, mut carry) = ([0; 4], 0u128);
    for at in 0..4 {
        carry += u128::from(a[at]) + u128::from(b[at]);
        sum[at] = carry as u64;
        carry >>= 64;
    }
    sum
}

/// `a - b`, where `b` is at most `a`.
#[inline(always)]
pub fn sub(a: &Limbs, b: &Limbs) -> Limbs {
    let (mut rest, mut borrow) = ([0; 4], false);
    for at in 0..4 {
        let (less, first) = a[at].overflowing_sub(b[at]);
        let (less, second) = less.overflowing_sub(borrow.into());
        (rest[at], borrow) = (less, first | second);
    }
    rest
}

/// `a * b` as low and high half.
#[inline(always)]
pub fn mul128(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let low = (a & LOW) * (b & LOW);
    let left = (a >> 64) * (b & LOW) + (low >> 64);
    let right = (a & LOW) * (b >> 64) + (left & LOW);
    (right << 64 | low & LOW, (a >> 64) * (b >> 64) + (left >> 64) + (right >> 64))
}

#[inline(always)]
fn used(limbs: &[u64]) -> usize {
    limbs.iter().rposition(|limb| *limb != 0).map_or(1, |last| last + 1)
}

#[inline(always)]
pub fn mul(a: &Limbs, b: &Limbs) -> Wide {
    let (in_a, in_b) = (used(a), used(b));
    let mut product = [0; 8];
    for i in 0..in_a {
        let mut carry = 0u128;
        for j in 0..in_b {
            let sum = u128::from(a[i]) * u128::from(b[j]) + u128::from(product[i + j]) + carry;
            product[i + j] = sum as u64;
            carry = sum >> 64;
        }
        product[i + in_b] = carry as u64;
    }
    product
}

/// One digit of a quotient by limbs with the top bit set; `rest` has one limb more, its upper ones below the divisor.
#[inline(always)]
fn digit(rest: &mut [u64], by: &[u64]) -> u64 {
    let count = by.len();
    let (first, second) = (by[count - 1], by[count - 2]);
    let top = u128::from(rest[count]) << 64 | u128::from(rest[count - 1]);
    let mut guess = if rest[count] >= first { u64::MAX } else { (top / u128::from(first)) as u64 };
    let mut left = top - u128::from(guess) * u128::from(first);
    while left >> 64 == 0 && u128::from(guess) * u128::from(second) > (left << 64 | u128::from(rest[count - 2])) {
        guess -= 1;
        left += u128::from(first);
    }
    let (mut carry, mut borrow) = (0u128, false);
    for at in 0..=count {
        carry += u128::from(guess) * u128::from(by.get(at).copied().unwrap_or(0));
        let (less, one) = rest[at].overflowing_sub(carry as u64);
        let (less, other) = less.overflowing_sub(borrow.into());
        (rest[at], borrow, carry) = (less, one | other, carry >> 64);
    }
    if borrow {
        guess -= 1;
        let mut carry = 0u128;
        for at in 0..=count {
            carry += u128::from(rest[at]) + u128::from(by.get(at).copied().unwrap_or(0));
            (rest[at], carry) = (carry as u64, carry >> 64);
        }
    }
    guess
}

/// Quotient, and whether something is left. Source: Knuth, TAOCP volume 2, 4.3.1.
#[inline(always)]
pub fn div(number: &Wide, by: &Limbs) -> (Wide, bool) {
    let (in_number, in_by) = (used(number), used(by));
    let mut quotient = [0; 8];
    if in_by == 1 {
        let mut rest = 0;
        for at in (0..in_number).rev() {
            let here = rest << 64 | u128::from(number[at]);
            (quotient[at], rest) = ((here / u128::from(by[0])) as u64, here % u128::from(by[0]));
        }
        return (quotient, rest != 0);
    }
    if in_number < in_by {
        return (quotient, number.iter().any(|limb| *limb != 0));
    }
    let shift = by[in_by - 1].leading_zeros();
    let shifted = |here: u64, below: u64| here << shift | below >> 1 >> (63 - shift);
    let (mut divisor, mut rest) = ([0; 4], [0; 9]);
    for at in 0..in_by {
        divisor[at] = shifted(by[at], if at > 0 { by[at - 1] } else { 0 });
    }
    for at in 0..=in_number {
        rest[at] = shifted(if at < 8 { number[at] } else { 0 }, if at > 0 { number[at - 1] } else { 0 });
    }
    for at in (0..=in_number - in_by).rev() {
        quotient[at] = match in_by {
            2 => digit(&mut rest[at..at + 3], &divisor[..2]),
            3 => digit(&mut rest[at..at + 4], &divisor[..3]),
            _ => digit(&mut rest[at..at + 5], &divisor),
        };
    }
    (quotient, rest[..in_by].iter().any(|limb| *limb != 0))
}

/// `a * b / by`, rounded as asked.
#[inline(always)]
pub fn mul_div(a: &Limbs, b: &Limbs, by: &Limbs, up: bool) -> Limbs {
    rounded(div(&mul(a, b), by), up)
}

/// `a / by`, rounded as asked.
#[inline(always)]
pub fn div_small(a: &Limbs, by: &Limbs, up: bool) -> Limbs {
    rounded(div(&[a[0], a[1], a[2], a[3], 0, 0, 0, 0], by), up)
}

#[inline(always)]
fn rounded((quotient, left): (Wide, bool), up: bool) -> Limbs {
    let quotient = [quotient[0], quotient[1], quotient[2], quotient[3]];
    if up && left {
        add(&quotient, &[1, 0, 0, 0])
    } else {
        quotient
    }
}

/// Quotient of two halves by a number above the high one, and whether something is left.
#[inline(always)]
pub fn div128((low, high): (u128, u128), by: u128) -> (u128, bool) {
    if high == 0 {
        return (low / by, low % by != 0);
    }
    let number = [low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64, 0, 0, 0, 0];
    let (quotient, left) = div(&number, &limbs(by));
    (u128::from(quotient[0]) | u128::from(quotient[1]) << 64, left)
}
