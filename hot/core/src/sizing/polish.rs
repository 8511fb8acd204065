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
    let along = near.iter().take(problem.hops.len() + 1).enumerate();
    let (at, real) = along.min_by(|one, other| one.1.total_cmp(other.1))?;
    let (lowest, count) = steps(problem.hops.len(), at, *real);
    let mut found: Option<Sized> = None;
    for step in 0..count {
        let Some(tried) = reach(problem, at, lowest.checked_add(step)?) else { continue };
        match problem.gain_of(&tried) {
            Some(gain) if found.as_ref().is_none_or(|held| gain > held.gain) => {
                found = Some(Sized { amount: tried[0], gain, amounts: tried });
            }
            _ => {}
        }
    }
    found.and_then(|found| exactly(problem, at, found))
}

/// The first whole amount to try after `at` of the legs, and how many.
fn steps(legs: usize, at: usize, real: f64) -> (u128, u128) {
    let (lowest, count) = match (legs, at) {
        _ if real < FEW_UNITS => ((real as u128).saturating_sub(AROUND), 2 * AROUND + 2),
        // The real gain is best at the nearest one. Only the first amount and the last are rounded besides, and both
        // count in units of the gain: no other step gains two units more.
        (2, 1) => ((real + 0.5) as u128, 1),
        // A unit of another amount between may be worth many units of the gain, so steps differ by luck.
        _ => ((real as u128).saturating_sub(1), LUCKY),
    };
    (lowest.max(1), count)
}

/// The first legs may pay more than was asked of them; only exact quotes leave the module.
fn exactly(problem: &Problem<'_>, at: usize, found: Sized) -> Option<Sized> {
    for (leg, hop) in problem.hops.iter().enumerate().take(at) {
        if hop.curve.is_fine(hop.state, hop.zero_for_one) {
            continue;
        }
        if hop.curve.quote(hop.state, hop.zero_for_one, found.amounts[leg]) != Ok(found.amounts[leg + 1]) {
            let amounts = problem.amounts(found.amount).ok()?;
            return Some(Sized { gain: problem.gain_of(&amounts)?, amounts, ..found });
        }
    }
    Some(found)
}

/// Amounts along the chain when the one after `at` legs is `wanted`.
fn reach(problem: &Problem<'_>, at: usize, wanted: u128) -> Option<Amounts> {
    let mut amounts = [0; MAX_HOPS + 1];
    *amounts.get_mut(at)? = wanted;
    for leg in (0..at).rev() {
        let hop = problem.hops.get(leg)?;
        amounts[leg] = hop.curve.input_for(hop.state, hop.zero_for_one, amounts[leg + 1]).ok()?;
    }
    if amounts[0] == 0 || amounts[0] > problem.cap {
        return None;
    }
    for (leg, hop) in problem.hops.iter().enumerate().skip(at) {
        amounts[leg + 1] = hop.curve.quote(hop.state, hop.zero_for_one, amounts[leg]).ok()?;
    }
    Some(amounts)
}
