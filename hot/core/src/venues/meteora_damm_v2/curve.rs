//! The two curves of DAMM v2: one range of concentrated liquidity, or a constant product on tracked amounts.
//!
//! Rounding as the program has it: next price after A in or A out rounds up, after B in down, after B out down;
//! outputs floor, inputs ceil. Liquidity carries 64 more fractional bits than a Q64.64 price, hence the shifts by 128.

use ruint::aliases::U256;

use crate::error::Refusal;
use crate::venues::piece::{Kept, Piece};
use crate::wide::{div_up, mul_div_up, to_u128};

/// What the curve makes of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the curve took in, after fees on the input.
    pub input: u64,
    /// What the curve gives, before fees on the output.
    pub output: u64,
    /// Square root price afterwards; `None` when it follows from the amounts (compounding pools).
    pub price: Option<u128>,
}

/// One of the two curves.
#[derive(Clone, Debug)]
pub enum Curve {
    /// Concentrated liquidity.
    Range(Range),
    /// Constant product on the amounts the pool keeps count of: A, B.
    Product([u64; 2]),
}

impl Curve {
    /// Give all of `amount`.
    pub fn exact_in(&self, amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
        match self {
            Self::Range(range) => range.exact_in(amount, a_to_b),
            Self::Product(amounts) => product_in(amounts, amount, a_to_b),
        }
    }

    /// The curve in real numbers.
    #[must_use]
    pub fn piece(&self, a_to_b: bool, kept: Kept) -> Piece {
        match self {
            Self::Range(range) => {
                let end = if a_to_b { range.least } else { range.most };
                Piece::range(range.price, end, range.liquidity as f64 / (1u128 << 64) as f64, kept)
            }
            Self::Product(amounts) => {
                let [into, out] = sides(amounts, a_to_b);
                Piece::product(into as f64, out as f64, kept)
            }
        }
    }

    /// Give as much of `amount` as the range takes.
    pub fn partial_in(&self, amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
        match self {
            Self::Range(range) => range.partial_in(amount, a_to_b),
            Self::Product(amounts) => product_in(amounts, amount, a_to_b),
        }
    }

    /// Take exactly `amount`.
    pub fn exact_out(&self, amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
        match self {
            Self::Range(range) => range.exact_out(amount, a_to_b),
            Self::Product(amounts) => product_out(amounts, amount, a_to_b),
        }
    }
}

/// Liquidity between two square root prices, Q64.64.
#[derive(Clone, Debug)]
pub struct Range {
    /// Lowest price.
    pub least: u128,
    /// Highest price.
    pub most: u128,
    /// Price now.
    pub price: u128,
    /// Liquidity, with 64 fractional bits.
    pub liquidity: u128,
}

impl Range {
    /// What the pool holds of A and B, both rounded up: how pools of the first layout are counted.
    pub fn amounts(&self) -> Result<[u64; 2], Refusal> {
        Ok([narrow(self.delta_a(self.price, self.most, true)?)?, narrow(self.delta_b(self.least, self.price, true)?)?])
    }

    fn exact_in(&self, amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
        let price = self.after_in(amount, a_to_b)?;
        self.inside(price, a_to_b)?;
        Ok(Step { input: amount, output: self.output(price, a_to_b)?, price: Some(price) })
    }

    fn partial_in(&self, amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
        let (all, end) = if a_to_b {
            (self.delta_a(self.least, self.price, true)?, self.least)
        } else {
            (self.delta_b(self.price, self.most, true)?, self.most)
        };
        let (input, price) =
            if U256::from(amount) >= all { (narrow(all)?, end) } else { (amount, self.after_in(amount, a_to_b)?) };
        Ok(Step { input, output: self.output(price, a_to_b)?, price: Some(price) })
    }

    fn exact_out(&self, amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
        let price = self.after_out(amount, a_to_b)?;
        self.inside(price, a_to_b)?;
        let input =
            if a_to_b { self.delta_a(price, self.price, true)? } else { self.delta_b(self.price, price, true)? };
        Ok(Step { input: narrow(input)?, output: amount, price: Some(price) })
    }

    fn inside(&self, price: u128, a_to_b: bool) -> Result<(), Refusal> {
        let crossed = if a_to_b { price < self.least } else { price > self.most };
        if crossed {
            return Err(Refusal::PartialFill);
        }
        Ok(())
    }

    fn output(&self, price: u128, a_to_b: bool) -> Result<u64, Refusal> {
        narrow(if a_to_b { self.delta_b(price, self.price, false)? } else { self.delta_a(self.price, price, false)? })
    }

    fn after_in(&self, amount: u64, a_to_b: bool) -> Result<u128, Refusal> {
        if amount == 0 {
            return Ok(self.price);
        }
        let (price, liquidity) = (U256::from(self.price), U256::from(self.liquidity));
        if a_to_b {
            return to_u128(mul_div_up(liquidity, price, liquidity + U256::from(amount) * price)?);
        }
        to_u128(price + (U256::from(amount) << 128) / liquidity)
    }

    fn after_out(&self, amount: u64, a_to_b: bool) -> Result<u128, Refusal> {
        if amount == 0 {
            return Ok(self.price);
        }
        let (price, liquidity) = (U256::from(self.price), U256::from(self.liquidity));
        if a_to_b {
            let down = div_up(U256::from(amount) << 128, liquidity)?;
            return to_u128(price.checked_sub(down).ok_or(Refusal::Overflow)?);
        }
        let left = liquidity.checked_sub(U256::from(amount) * price).ok_or(Refusal::Overflow)?;
        to_u128(mul_div_up(liquidity, price, left)?)
    }

    fn delta_a(&self, lower: u128, upper: u128, up: bool) -> Result<U256, Refusal> {
        let product = U256::from(self.liquidity) * U256::from(gap(lower, upper)?);
        let divisor = U256::from(lower) * U256::from(upper);
        if up {
            return div_up(product, divisor);
        }
        product.checked_div(divisor).ok_or(Refusal::Overflow)
    }

    fn delta_b(&self, lower: u128, upper: u128, up: bool) -> Result<U256, Refusal> {
        let product = U256::from(self.liquidity) * U256::from(gap(lower, upper)?);
        let [low, next, ..] = *product.as_limbs();
        Ok((product >> 128) + U256::from(u8::from(up && low | next != 0)))
    }
}

fn product_in(amounts: &[u64; 2], amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
    let [into, out] = sides(amounts, a_to_b);
    let sum = into.checked_add(amount).filter(|sum| *sum > 0).ok_or(Refusal::Overflow)?;
    let output = u128::from(out) * u128::from(amount) / u128::from(sum);
    Ok(Step { input: amount, output: u64::try_from(output).map_err(|_| Refusal::Overflow)?, price: None })
}

fn product_out(amounts: &[u64; 2], amount: u64, a_to_b: bool) -> Result<Step, Refusal> {
    let [into, out] = sides(amounts, a_to_b);
    let left = out.checked_sub(amount).filter(|left| *left > 0).ok_or(Refusal::Overflow)?;
    let input = (u128::from(into) * u128::from(amount)).div_ceil(u128::from(left));
    Ok(Step { input: u64::try_from(input).map_err(|_| Refusal::Overflow)?, output: amount, price: None })
}

fn sides(amounts: &[u64; 2], a_to_b: bool) -> [u64; 2] {
    let [a, b] = *amounts;
    if a_to_b {
        [a, b]
    } else {
        [b, a]
    }
}

fn gap(lower: u128, upper: u128) -> Result<u128, Refusal> {
    upper.checked_sub(lower).ok_or(Refusal::Range)
}

fn narrow(value: U256) -> Result<u64, Refusal> {
    u64::try_from(value).map_err(|_| Refusal::Overflow)
}

/// Square root price of a compounding pool, `floor(sqrt(floor(b * 2^128 / a)))`; `Overflow` without any A.
pub fn product_price(a: u64, b: u64) -> Result<u128, Refusal> {
    let scaled: U256 = U256::from(b) << 128;
    let ratio = scaled.checked_div(U256::from(a)).ok_or(Refusal::Overflow)?;
    to_u128(floor_root(ratio))
}

/// Floor of the square root, bit by bit.
pub fn floor_root(value: U256) -> U256 {
    let mut bit = U256::ONE << (value.bit_len().saturating_sub(1) & !1);
    let (mut left, mut root) = (value, U256::ZERO);
    while !bit.is_zero() {
        if left >= root + bit {
            left -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
        bit >>= 2;
    }
    root
}
