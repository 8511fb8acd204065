//! The last units: outputs are whole units, so the gain is a staircase and its best point is a step's left end.

use super::{Problem, Sized};

/// Steps tried on each side of the start.
const SIDE_STEPS: usize = 4;

/// The best step near `start`; `None` when `start` itself is refused.
#[must_use]
pub fn best(problem: &Problem<'_>, start: u128) -> Option<Sized> {
    let middle = left_end(problem, start)?;
    let mut found = Sized { amount: middle, gain: problem.gain(middle)? };
    let mut keep = |amount: u128| match problem.gain(amount) {
        Some(gain) if gain > found.gain => found = Sized { amount, gain },
        _ => {}
    };
    let mut left = middle;
    for _ in 0..SIDE_STEPS {
        let Some(next) = left.checked_sub(1).filter(|next| *next > 0).and_then(|next| left_end(problem, next)) else {
            break;
        };
        keep(next);
        left = next;
    }
    let mut right = middle;
    for _ in 0..SIDE_STEPS {
        let Some(next) = next_step(problem, right) else {
            break;
        };
        keep(next);
        right = next;
    }
    Some(found)
}

/// The least amount with the output of `amount`.
fn left_end(problem: &Problem<'_>, amount: u128) -> Option<u128> {
    let out = problem.out(amount).ok()?;
    let same = |candidate: u128| problem.out(candidate) == Ok(out);
    let (mut reach, mut known) = (1u128, amount);
    while known > reach && same(known - reach) {
        known -= reach;
        reach = reach.saturating_mul(2);
    }
    let mut below = known.saturating_sub(reach);
    while known - below > 1 {
        let middle = below + (known - below) / 2;
        if same(middle) {
            known = middle;
        } else {
            below = middle;
        }
    }
    Some(known)
}

/// The least amount with more output than `amount`, if the cap and the pools allow one.
fn next_step(problem: &Problem<'_>, amount: u128) -> Option<u128> {
    let out = problem.out(amount).ok()?;
    let more = |candidate: u128| problem.out(candidate).is_ok_and(|other| other > out);
    let (mut reach, mut below) = (1u128, amount);
    let mut above = loop {
        let candidate = below.saturating_add(reach).min(problem.cap);
        if candidate <= below {
            return None;
        }
        if more(candidate) {
            break candidate;
        }
        below = candidate;
        reach = reach.saturating_mul(2);
    };
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if more(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    Some(above)
}
