//! Concentrated liquidity in Q64.64: amounts between prices, prices after amounts, and one step of a swap.
//!
//! Shared by the venues whose programs compute alike (Orca Whirlpool, Raydium CLMM); their tick tables differ and stay
//! with them. Prices are square roots in Q64.64 and lie below 2^96, fees are millionths of the input.

use ruint::aliases::U256;

use super::Given;
use crate::error::Refusal;
use crate::wide::mul_div_up;

/// What a fee rate is a fraction of.
pub const MILLION: u32 = 1_000_000;

/// One step to take: from one price towards another within one range of constant liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Price now.
    pub price: u128,
    /// Price not to move beyond.
    pub target: u128,
    /// Liquidity between the two.
    pub liquidity: u128,
    /// What is left of the given side, fee included when it is the input.
    pub remaining: u64,
    /// Millionths of the input.
    pub fee_rate: u32,
    /// Which side `remaining` is.
    pub given: Given,
    /// Direction: token A (0) in when true, the price falls.
    pub zero_for_one: bool,
    /// Refuse intermediate numbers over 256 bits, as a program without wider ones does.
    pub narrow: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Price afterwards.
    pub price: u128,
    /// Input that went to the curve, without the fee.
    pub amount_in: u64,
    /// Output.
    pub amount_out: u64,
    /// Fee on the input.
    pub fee: u64,
}

impl Leg {
    /// Take the step.
    pub fn step(&self) -> Result<Step, Refusal> {
        let kept = MILLION.checked_sub(self.fee_rate).filter(|kept| *kept > 0).ok_or(Refusal::Range)?;
        let exact_in = self.given == Given::Input;
        let offered = if exact_in { share(self.remaining, kept)? } else { self.remaining };
        // More than 64 bits to reach the target is no error here: it only means that it is out of reach.
        let whole = self.fixed(self.target)?;
        let price = if whole.is_some_and(|whole| whole <= offered) { self.target } else { self.after(offered)? };
        let reached = price == self.target;
        let fixed = if reached { whole } else { self.fixed(price)? }.ok_or(Refusal::Overflow)?;
        let other = self.other(price)?.ok_or(Refusal::Overflow)?;
        let (amount_in, amount_out) = if exact_in { (fixed, other) } else { (other, fixed.min(self.remaining)) };
        let fee = if exact_in && !reached {
            self.remaining.checked_sub(amount_in).ok_or(Refusal::Overflow)?
        } else {
            fee_on(amount_in, self.fee_rate, kept)?
        };
        Ok(Step { price, amount_in, amount_out, fee })
    }

    /// Whether token A is the side that is given.
    const fn given_is_a(&self) -> bool {
        matches!(self.given, Given::Input) == self.zero_for_one
    }

    /// Amount of the given side between the price now and `price`; `None` over 64 bits.
    fn fixed(&self, price: u128) -> Result<Option<u64>, Refusal> {
        self.between(price, self.given_is_a(), self.given == Given::Input)
    }

    /// Amount of the other side.
    fn other(&self, price: u128) -> Result<Option<u64>, Refusal> {
        self.between(price, !self.given_is_a(), self.given == Given::Output)
    }

    fn between(&self, price: u128, of_a: bool, up: bool) -> Result<Option<u64>, Refusal> {
        if !of_a {
            return Ok(delta_b(self.price, price, self.liquidity, up));
        }
        if self.narrow && over_192_bits(self.liquidity, self.price.abs_diff(price)) {
            return Err(Refusal::Overflow);
        }
        Ok(delta_a(self.price, price, self.liquidity, up))
    }

    fn after(&self, amount: u64) -> Result<u128, Refusal> {
        if !self.given_is_a() {
            return next_from_b(self.price, self.liquidity, amount, self.given);
        }
        if self.narrow && amount > 0 && over_192_bits(self.liquidity, self.price) {
            return Err(Refusal::Overflow);
        }
        next_from_a(self.price, self.liquidity, amount, self.given)
    }
}

/// Token A between two prices in any order, `L * 2^64 * (hi - lo) / (lo * hi)`; `None` when it exceeds 64 bits.
#[must_use]
pub fn delta_a(one: u128, another: u128, liquidity: u128, up: bool) -> Option<u64> {
    let (low, high) = (one.min(another), one.max(another));
    let amount = product(liquidity, high - low);
    // The denominator stays below 2^192, so a numerator of 2^256 and more exceeds 64 bits by itself.
    if low == 0 || amount.bit_len() > 192 {
        return None;
    }
    let (quotient, rest) = (amount << 64usize).div_rem(product(low, high));
    let whole = u64::try_from(quotient).ok()?;
    whole.checked_add(u64::from(up && !rest.is_zero()))
}

/// Token B between two prices in any order, `L * (hi - lo) / 2^64`; `None` when it exceeds 64 bits.
#[must_use]
pub fn delta_b(one: u128, another: u128, liquidity: u128, up: bool) -> Option<u64> {
    let amount = liquidity.checked_mul(one.abs_diff(another))?;
    let (whole, rest) = ((amount >> 64) as u64, amount as u64);
    whole.checked_add(u64::from(up && rest != 0))
}

/// Price after `amount` of token A went in (`given` is the input) or out, rounded up.
pub fn next_from_a(price: u128, liquidity: u128, amount: u64, given: Given) -> Result<u128, Refusal> {
    if amount == 0 {
        return Ok(price);
    }
    let scaled: U256 = U256::from(liquidity) << 64usize;
    let moved = product(price, u128::from(amount));
    let denominator = match given {
        Given::Input => scaled.checked_add(moved),
        Given::Output => scaled.checked_sub(moved).filter(|left| !left.is_zero()),
    };
    let next = mul_div_up(scaled, U256::from(price), denominator.ok_or(Refusal::Overflow)?)?;
    u128::try_from(next).map_err(|_| Refusal::Overflow)
}

/// Price after `amount` of token B went in (`given` is the input) or out, rounded down.
pub fn next_from_b(price: u128, liquidity: u128, amount: u64, given: Given) -> Result<u128, Refusal> {
    let scaled = u128::from(amount) << 64;
    let moved = match given {
        Given::Input => scaled.checked_div(liquidity).and_then(|up| price.checked_add(up)),
        Given::Output if liquidity == 0 => None,
        Given::Output => price.checked_sub(scaled.div_ceil(liquidity)),
    };
    moved.ok_or(Refusal::Overflow)
}

/// `ceil(amount * rate / kept)`: the fee on top of an input.
fn fee_on(amount: u64, rate: u32, kept: u32) -> Result<u64, Refusal> {
    let fee = (u128::from(amount) * u128::from(rate)).div_ceil(u128::from(kept));
    u64::try_from(fee).map_err(|_| Refusal::Overflow)
}

/// `floor(amount * kept / 1e6)`: what of an input is left to swap.
fn share(amount: u64, kept: u32) -> Result<u64, Refusal> {
    u64::try_from(u128::from(amount) * u128::from(kept) / u128::from(MILLION)).map_err(|_| Refusal::Overflow)
}

/// The 256-bit product, which always fits.
fn product(a: u128, b: u128) -> U256 {
    a.checked_mul(b).map_or_else(|| U256::from(a).wrapping_mul(U256::from(b)), U256::from)
}

fn over_192_bits(a: u128, b: u128) -> bool {
    product(a, b).bit_len() > 192
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// price, target, liquidity, amount, fee rate, exact in, a to b; in, out, price after, fee.
    const STEPS: &str = include_str!("q64_steps.csv");

    #[test]
    fn takes_the_published_steps() {
        let mut seen = 0;
        for line in STEPS.lines().filter(|line| !line.starts_with('#')) {
            let word: Vec<&str> = line.split(',').collect();
            let number = |at: usize| word[at].parse::<u128>().unwrap();
            let small = |at: usize| word[at].parse::<u64>().unwrap();
            let leg = Leg {
                price: number(0),
                target: number(1),
                liquidity: number(2),
                remaining: small(3),
                fee_rate: word[4].parse().unwrap(),
                given: if word[5] == "1" { Given::Input } else { Given::Output },
                zero_for_one: word[6] == "1",
                narrow: true,
            };
            let step = Step { amount_in: small(7), amount_out: small(8), price: number(9), fee: small(10) };
            assert_eq!(leg.step(), Ok(step), "{line}");
            assert_eq!(Leg { narrow: false, ..leg }.step(), Ok(step), "{line}");
            seen += 1;
        }
        assert_eq!(seen, 80);
    }

    #[test]
    fn a_range_without_liquidity_is_walked_through_for_nothing() {
        let leg = Leg {
            price: 1 << 64,
            target: 1 << 63,
            liquidity: 0,
            remaining: 7,
            fee_rate: 3000,
            given: Given::Output,
            zero_for_one: true,
            narrow: true,
        };
        assert_eq!(leg.step(), Ok(Step { price: 1 << 63, ..Step::default() }));
    }

    #[test]
    fn liquidity_over_256_bits_is_refused_only_by_narrow_programs() {
        let wide = Leg {
            price: 1 << 66,
            target: 1 << 65,
            liquidity: u128::MAX,
            remaining: 1000,
            fee_rate: 0,
            given: Given::Input,
            zero_for_one: true,
            narrow: false,
        };
        assert!(wide.step().is_ok());
        assert_eq!(Leg { narrow: true, ..wide }.step(), Err(Refusal::Overflow));
    }

    prop_compose! {
        fn any_leg()(
            price in 4_295_048_016u128..79_226_673_515_401_279_992_447_579_055,
            target in 4_295_048_016u128..79_226_673_515_401_279_992_447_579_055,
            (bits, low) in (0u32..128, any::<u128>()),
            (shift, amount) in (0u32..64, any::<u64>()),
            fee_rate in 0u32..=100_000,
            exact_in: bool,
            narrow: bool,
        ) -> Leg {
            Leg {
                price,
                target,
                liquidity: low >> bits,
                remaining: amount >> shift,
                fee_rate,
                given: if exact_in { Given::Input } else { Given::Output },
                zero_for_one: target <= price,
                narrow,
            }
        }
    }

    proptest! {
        #[test]
        fn a_step_stays_between_its_prices_and_within_its_amount(leg in any_leg()) {
            if let Ok(step) = leg.step() {
                let (low, high) = (leg.price.min(leg.target), leg.price.max(leg.target));
                prop_assert!((low..=high).contains(&step.price));
                match leg.given {
                    Given::Input => prop_assert!(
                        u128::from(step.amount_in) + u128::from(step.fee) <= u128::from(leg.remaining)
                            || step.price == leg.target
                    ),
                    Given::Output => prop_assert!(step.amount_out <= leg.remaining),
                }
            }
        }

        #[test]
        fn any_numbers_are_answered_without_a_panic(
            one: u128, another: u128, liquidity: u128, remaining: u64, fee_rate: u32, flags in 0u8..8,
        ) {
            let leg = Leg {
                price: one,
                target: another,
                liquidity,
                remaining,
                fee_rate,
                given: if flags & 1 == 0 { Given::Input } else { Given::Output },
                zero_for_one: flags & 2 == 0,
                narrow: flags & 4 == 0,
            };
            let _ = leg.step();
        }
    }
}
