//! The last units: outputs are whole units, so the gain is a staircase whose best points are left ends of steps.
//!
//! The coarsest amount of the chain (the one with the fewest units) makes the widest steps. So whole units of it are
//! tried around the start, each with the least input that reaches it.

use super::{Amounts, Problem, Sized};
use crate::search::MAX_HOPS;

/// An amount below this makes steps that matter: more of them are tried.
const FEW_UNITS: f64 = (1 << 24) as f64;
/// How far the real optimum may be off in units that few.
const AROUND: u128 = 4;
/// How many of the steps around the real optimum are tried where they differ by luck.
const LUCKY: u128 = 3;

/// The best step near amounts along the chain in real numbers; `None` when no step there can be stood on.
#[must_use]
pub fn best(problem: &Problem<'_>, near: &[f64; MAX_HOPS + 1]) -> Option<Sized> {
    let legs = problem.hops.len();
    let (mut at, mut real) = (0, near[0]);
    for (leg, amount) in near.iter().enumerate().take(legs + 1).skip(1) {
        if *amount < real {
            (at, real) = (leg, *amount);
        }
    }
    let (lowest, count) = steps(problem, at, real);
    let mut found = Sized { amount: 0, gain: i128::MIN, amounts: [0; MAX_HOPS + 1] };
    for step in 0..count {
        let mut tried = [0; MAX_HOPS + 1];
        tried[at] = lowest.checked_add(step)?;
        match reach(problem, at, &mut tried) {
            Some(gain) if gain > found.gain => found = Sized { amount: tried[0], gain, amounts: tried },
            _ => {}
        }
    }
    if found.gain > i128::MIN && exactly(problem, at, &mut found).is_some() {
        return Some(found);
    }
    None
}

/// The first whole amount to try after `at` of the legs, and how many.
#[inline]
fn steps(problem: &Problem<'_>, at: usize, real: f64) -> (u128, u128) {
    let (lowest, count) = match problem.hops {
        _ if real < FEW_UNITS => ((real as u128).saturating_sub(AROUND), 2 * AROUND + 2),
        // The real gain is best at the nearest one. Only the least input for it and the last amount are rounded besides,
        // and both count in units of the gain: no other step gains two units more.
        [first, _] if at == 1 && first.curve.is_fine(first.state, first.zero_for_one) => ((real + 0.5) as u128, 1),
        // A unit of another amount between may be worth many units of the gain, so steps differ by luck.
        _ => ((real as u128).saturating_sub(1), LUCKY),
    };
    (lowest.max(1), count)
}

/// The first legs may pay more than was asked of them; only exact quotes leave the module.
#[inline]
fn exactly(problem: &Problem<'_>, at: usize, found: &mut Sized) -> Option<()> {
    for (leg, hop) in problem.hops.iter().enumerate().take(at) {
        let exact = hop.curve.is_fine(hop.state, hop.zero_for_one)
            || hop.curve.quote(hop.state, hop.zero_for_one, found.amounts[leg]) == Ok(found.amounts[leg + 1]);
        if !exact {
            found.amounts = problem.amounts(found.amount).ok()?;
            found.gain = problem.gain_of(&found.amounts)?;
            break;
        }
    }
    Some(())
}

/// Fill in the other amounts of a chain when the one after `at` legs is given; the gain.
#[inline]
fn reach(problem: &Problem<'_>, at: usize, amounts: &mut Amounts) -> Option<i128> {
    let (before, after) = problem.hops.split_at_checked(at)?;
    for (leg, hop) in before.iter().enumerate().rev() {
        amounts[leg] = hop.curve.input_for(hop.state, hop.zero_for_one, amounts[leg + 1]).ok()?;
    }
    if amounts[0] == 0 || amounts[0] > problem.cap {
        return None;
    }
    for (leg, hop) in after.iter().enumerate() {
        amounts[at + leg + 1] = hop.curve.quote(hop.state, hop.zero_for_one, amounts[at + leg]).ok()?;
    }
    problem.gain_of(amounts)
}
