//! Steps against published ones, and formulas against wide numbers.

use super::*;
use proptest::prelude::*;
use ruint::aliases::U512;

/// price, target, liquidity, amount, fee rate, exact in, a to b; in, out, price after, fee.
const STEPS: &str = include_str!("steps.csv");

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
    fn whole_and_partial_steps_are_those_that_the_amount_calls_for(leg in any_leg()) {
        let Ok(Some(whole)) = leg.whole() else { return Ok(()) };
        let covered = match leg.given {
            Given::Input => u128::from(whole.amount_in) + u128::from(whole.fee) <= u128::from(leg.remaining),
            Given::Output => whole.amount_out <= leg.remaining,
        };
        if covered {
            prop_assert_eq!(leg.step(), Ok(whole));
        } else if leg.given == Given::Input {
            // How the input splits into amount and fee does not matter to what is paid and received.
            let moved = |step: Step| (step.price, step.amount_in + step.fee, step.amount_out);
            prop_assert_eq!(leg.step().map(moved), leg.partial().map(moved));
        } else {
            prop_assert_eq!(leg.step(), leg.partial());
        }
    }

    #[test]
    fn amounts_and_prices_are_those_of_the_formulas(leg in any_leg(), up: bool) {
        let (low, high) = (U512::from(leg.price.min(leg.target)), U512::from(leg.price.max(leg.target)));
        let scaled: U512 = U512::from(leg.liquidity) << 64usize;
        let divided = |top: U512, by: U512, up: bool| if up { top.div_ceil(by) } else { top / by };
        let amount = divided(scaled * (high - low), low * high, up);
        prop_assert_eq!(delta_a(leg.price, leg.target, leg.liquidity, up), u64::try_from(amount).ok());
        let price = U512::from(leg.price);
        let moved = U512::from(leg.remaining) * price;
        let below = if leg.given == Given::Input { scaled + moved } else { scaled.saturating_sub(moved) };
        prop_assume!(!below.is_zero());
        let next = u128::try_from(divided(scaled * price, below, true)).map_err(|_| Refusal::Overflow);
        prop_assert_eq!(next_from_a(leg.price, leg.liquidity, leg.remaining, leg.given), next);
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
