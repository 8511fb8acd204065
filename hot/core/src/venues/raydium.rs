//! What Raydium's constant-product programs share: their rounding, which changed in August 2025.

use crate::error::Refusal;

/// `Ask::variant` for the newest source's rule where builds differ; 0 is the rule that older builds follow too.
pub const NEWEST: u8 = 3;

/// Which rule of `checked_ceil_div` a swap follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceil {
    /// Before 2025-08: a quotient below one half is 0.
    DustIsZero,
    /// Rounds up, always.
    Plain,
}

impl Ceil {
    /// The rule a variant stands for; `Unsupported` for variants these programs do not have.
    pub const fn of_variant(variant: u8) -> Result<Self, Refusal> {
        match variant {
            0 => Ok(Self::DustIsZero),
            NEWEST => Ok(Self::Plain),
            _ => Err(Refusal::Unsupported),
        }
    }

    /// `value / divisor`, rounded as the rule has it.
    pub fn div(self, value: u128, divisor: u128) -> Result<u128, Refusal> {
        if divisor == 0 {
            return Err(Refusal::Empty);
        }
        // `value < divisor / 2`, without rounding and without overflow.
        if self == Self::DustIsZero && value < divisor - value.min(divisor) {
            return Ok(0);
        }
        Ok(value.div_ceil(divisor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn older_builds_round_dust_to_nothing_and_one_half_up() {
        let [low, half, high] = [4, 5, 6].map(|value| Ceil::DustIsZero.div(value, 10).unwrap());
        assert_eq!((low, half, high), (0, 1, 1));
        assert_eq!(Ceil::Plain.div(1, 10), Ok(1));
    }

    #[test]
    fn nothing_divides_by_zero() {
        assert_eq!(Ceil::Plain.div(1, 0), Err(Refusal::Empty));
        assert_eq!(Ceil::DustIsZero.div(0, 0), Err(Refusal::Empty));
    }

    proptest! {
        #[test]
        fn from_one_half_upwards_both_rules_agree(value: u128, divisor in 1u128..) {
            let older = Ceil::DustIsZero.div(value, divisor).unwrap();
            let newer = Ceil::Plain.div(value, divisor).unwrap();
            prop_assert!(older == newer || (older == 0 && newer <= 1 && value.checked_mul(2).is_none_or(|twice| twice < divisor)));
        }
    }
}
