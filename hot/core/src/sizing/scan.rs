//! Search for the best amount where no closed form holds: bracket around a guess, then golden section.

use super::Problem;

/// Stop when the bracket is this small a part of the amount: the gain is flat to the square of it.
const PRECISION: u32 = 30;

/// An amount near the best one; the caller checks that it gains.
#[must_use]
pub fn best(problem: &Problem<'_>, guess: u128) -> u128 {
    let (low, high) = bracket(problem, guess);
    golden(problem, low, high)
}

/// Refused amounts count as the worst: amounts too large for the pools lie to the right of every usable one.
fn worth(problem: &Problem<'_>, amount: u128) -> i128 {
    problem.gain(amount).unwrap_or(i128::MIN)
}

fn bracket(problem: &Problem<'_>, guess: u128) -> (u128, u128) {
    let mut middle = guess.max(1);
    let mut at_middle = worth(problem, middle);
    let mut high = middle;
    while at_middle > i128::MIN && high < problem.cap {
        high = middle.saturating_mul(2).min(problem.cap);
        let at_high = worth(problem, high);
        if at_high < at_middle {
            break;
        }
        (middle, at_middle) = (high, at_high);
    }
    let mut low = middle / 2;
    while low > 0 {
        let at_low = worth(problem, low);
        if at_low < at_middle {
            break;
        }
        (high, middle, at_middle) = (middle, low, at_low);
        low = middle / 2;
    }
    (low.max(1), high.max(1))
}

/// Both inner points are made anew each time: carried over, their rounding grows faster than the bracket shrinks.
fn golden(problem: &Problem<'_>, low: u128, high: u128) -> u128 {
    let (mut low, mut high) = (low, high);
    while high - low > (low >> PRECISION).max(3) {
        let width = part(high - low);
        let (left, right) = (high - width, low + width);
        if worth(problem, left) >= worth(problem, right) {
            high = right;
        } else {
            low = left;
        }
    }
    low + (high - low) / 2
}

/// The golden part of a width, rounded down; 2584 and 4181 are neighbours in Fibonacci's row.
fn part(width: u128) -> u128 {
    width / 4181 * 2584 + width % 4181 * 2584 / 4181
}
