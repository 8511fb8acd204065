//! The best amount in real numbers: every leg is a Möbius map piece by piece, and so is a chain of them.
//!
//! `out(x) = a x / (1 + c x)` earns most where `a = price * (1 + c x)^2`. Constant-product legs have one piece. A
//! concentrated leg has one per range of constant liquidity; the walk goes from piece to piece until the best amount
//! of the present pieces lies within them.

use super::{Hop, Problem};
use crate::curves::concentrated::{Segment, Ticks};
use crate::curves::{Curve, Mobius, State};
use crate::search::MAX_HOPS;
use crate::wide::{approx, real};

/// Most pieces walked through; more than all tables of a cycle hold.
const MAX_PIECES: usize = 2048;
const Q96: f64 = 79_228_162_514_264_337_593_543_950_336.0;

/// The best amount and what it earns, in real numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Optimum {
    /// Input, then what each leg gives; zero beyond the last.
    pub amounts: [f64; MAX_HOPS + 1],
    /// Last amount less the price of the first.
    pub gain: f64,
}

/// The optimum of a problem up to its cap; `None` when a leg has no pieces to walk.
#[must_use]
pub fn best(problem: &Problem<'_>) -> Option<Optimum> {
    let flash = &problem.flash;
    let price = if flash.num == 0 { 1.0 } else { 1.0 + real(flash.num) / real(flash.den) };
    let cap = real(problem.cap);
    if problem.hops.iter().all(|hop| hop.curve.is_smooth()) {
        return whole(problem, price, cap);
    }
    let mut legs = [Piece::default(); MAX_HOPS];
    let legs = legs.get_mut(..problem.hops.len())?;
    for (leg, hop) in legs.iter_mut().zip(problem.hops) {
        *leg = Piece::first(hop)?;
    }
    let mut sum = Optimum::default();
    for _ in 0..MAX_PIECES {
        let (a, c, room, shortest) = compose(legs);
        let wanted = if a <= price { 0.0 } else { ((a / price).sqrt() - 1.0) / c };
        let left = cap - sum.amounts[0];
        let step = wanted.min(room).min(left);
        // A chain of straight lines (`c` of zero) goes as far as it can; NaN cannot come up to here as `a > price`.
        if step > 0.0 {
            sum.gain += a * step / (1.0 + c * step) - price * step;
            advance(legs, step, &mut sum.amounts);
        }
        if wanted <= room || left <= room {
            break;
        }
        if !legs.get_mut(shortest).zip(problem.hops.get(shortest)).is_some_and(|(leg, hop)| leg.next(hop)) {
            break;
        }
    }
    Some(sum)
}

/// The same where every leg has one piece only.
fn whole(problem: &Problem<'_>, price: f64, cap: f64) -> Option<Optimum> {
    let mut shapes = [Mobius { a: 0.0, b: 1.0, c: 0.0 }; MAX_HOPS];
    let shapes = shapes.get_mut(..problem.hops.len())?;
    for (shape, hop) in shapes.iter_mut().zip(problem.hops) {
        *shape = hop.curve.estimate(hop.state, hop.zero_for_one)?;
    }
    let [amount, gain] = of_whole(shapes.iter().copied(), price, cap)?;
    let mut found = Optimum { gain, ..Optimum::default() };
    found.amounts[0] = amount;
    let last = shapes.len().checked_sub(1)?;
    let mut input = amount;
    for (shape, out) in shapes.iter().zip(&mut found.amounts[1..=last]) {
        input *= shape.a / (shape.b + shape.c * input);
        *out = input;
    }
    found.amounts[last + 1] = gain + price * amount;
    Some(found)
}

/// The optimum of a chain of whole curves; `None` when one of them is [`Mobius::PIECES`].
#[inline]
#[must_use]
pub fn of_whole(shapes: impl Iterator<Item = Mobius>, price: f64, cap: f64) -> Option<[f64; 2]> {
    // Products with inverses, because those do not wait for one another.
    let (mut a, mut c) = (1.0, 0.0);
    for shape in shapes {
        let each = a * (1.0 / shape.b);
        (a, c) = (shape.a * each, c + shape.c * each);
    }
    if a.is_nan() {
        return None;
    }
    if a <= price {
        return Some([0.0; 2]);
    }
    let amount = (((a * (1.0 / price)).sqrt() - 1.0) / c).min(cap);
    Some([amount, a * amount / (1.0 + c * amount) - price * amount])
}

/// Factors of the whole chain, how much input until a piece ends, and which one.
fn compose(legs: &[Piece]) -> (f64, f64, f64, usize) {
    let (mut a, mut c, mut room, mut shortest) = (1.0, 0.0, f64::INFINITY, 0);
    for (at, leg) in legs.iter().enumerate() {
        if leg.room < f64::INFINITY {
            // The input at which the chain so far gives `room`; it may never give that much.
            let slack = a - c * leg.room;
            let input = if slack > 0.0 { leg.room / slack } else { f64::INFINITY };
            if input < room {
                (room, shortest) = (input, at);
            }
        }
        let shape = leg.shape;
        c += shape.c * a / shape.b;
        a *= shape.a / shape.b;
    }
    (a, c, room, shortest)
}

fn advance(legs: &mut [Piece], input: f64, amounts: &mut [f64; MAX_HOPS + 1]) {
    let mut amount = input;
    amounts[0] += input;
    for (leg, total) in legs.iter_mut().zip(amounts.iter_mut().skip(1)) {
        let shape = &mut leg.shape;
        let out = shape.a * amount / (shape.b + shape.c * amount);
        leg.room -= amount;
        // `a` is the kept part of the output reserve, and `c` is the kept part of one.
        shape.b += shape.c * amount;
        shape.a -= shape.c * out;
        *total += out;
        amount = out;
    }
}

/// A leg within one range: `out = a z / (b + c z)` for up to `room` of input.
#[derive(Clone, Copy, Debug)]
struct Piece {
    shape: Mobius,
    room: f64,
    /// Edges of the crossing index that are behind, or pieces of a venue.
    passed: usize,
}

impl Default for Piece {
    fn default() -> Self {
        Self { shape: Mobius { a: 0.0, b: 1.0, c: 0.0 }, room: f64::INFINITY, passed: 0 }
    }
}

impl Piece {
    fn first(hop: &Hop<'_>) -> Option<Self> {
        if let State::Venue(held) = hop.state {
            held.piece(hop.zero_for_one, 0)?;
            let mut piece = Self { room: 0.0, ..Self::default() };
            piece.next(hop);
            return Some(piece);
        }
        let (Curve::Concentrated { fee_pips, tick_spacing }, State::Ticks(ticks)) = (hop.curve, hop.state) else {
            if !hop.curve.is_smooth() {
                return None;
            }
            let shape = hop.curve.estimate(hop.state, hop.zero_for_one)?;
            return Some(Self { shape, room: f64::INFINITY, passed: 0 });
        };
        if !ticks.crossing(hop.zero_for_one).answers(*fee_pips, *tick_spacing) {
            return None;
        }
        let mut piece = Self::default();
        let root = approx(ticks.sqrt_price) / Q96;
        if piece.enter(hop, ticks, *fee_pips, root, ticks.liquidity) || piece.next(hop) {
            return Some(piece);
        }
        // Nothing to trade against: no room at all.
        Some(Self { room: 0.0, ..piece })
    }

    /// Go past the edge; false when no edge with liquidity behind it follows.
    fn next(&mut self, hop: &Hop<'_>) -> bool {
        if let State::Venue(held) = hop.state {
            while let Some(found) = held.piece(hop.zero_for_one, self.passed) {
                self.passed += 1;
                if found.room > 0.0 {
                    (self.shape, self.room) = (found.shape, found.room);
                    return true;
                }
            }
            return false;
        }
        let (Curve::Concentrated { fee_pips, .. }, State::Ticks(ticks)) = (hop.curve, hop.state) else {
            return false;
        };
        while let Some(edge) = ticks.crossing(hop.zero_for_one).ahead().get(self.passed) {
            self.passed += 1;
            if self.enter(hop, ticks, *fee_pips, edge.root, edge.liquidity) {
                return true;
            }
        }
        false
    }

    /// Stand at a price with this liquidity; false when there is none or no edge ahead.
    fn enter(&mut self, hop: &Hop<'_>, ticks: &Ticks, fee_pips: u32, root: f64, liquidity: u128) -> bool {
        let ahead: Option<&Segment> = ticks.crossing(hop.zero_for_one).ahead().get(self.passed);
        let (Some(edge), true) = (ahead, liquidity > 0) else { return false };
        let keep = f64::from(1_000_000 - fee_pips) / 1_000_000.0;
        let active = real(liquidity);
        let (reserve_in, reserve_out, end) = if hop.zero_for_one {
            (active / root, active * root, active / edge.root)
        } else {
            (active * root, active / root, active * edge.root)
        };
        self.shape = Mobius { a: keep * reserve_out, b: reserve_in, c: keep };
        self.room = ((end - reserve_in) / keep).max(0.0);
        true
    }
}
