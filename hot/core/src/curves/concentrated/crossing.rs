//! The crossing index: sums of what full steps take and pay, so that a quote costs one search and one partial step.
//!
//! Between two edges (initialized ticks, or edges of bitmap words, where the contract stops and rounds too) a full step
//! takes and pays amounts that do not depend on the present price. Their sums along the direction of travel stay until
//! liquidity changes; a swap changes only the partial step up to the first edge. The table holds a window of edges
//! around the price; a quote that leaves it goes on by plain steps.

use ruint::aliases::U256;

use super::range::{Price, Range};
use super::walk::{Passed, Walk};
use super::{shifted, Ticks};
use crate::curves::swap_step;
use crate::curves::tick_math::{sqrt_ratio_at_tick, MAX_TICK, MIN_TICK};
use crate::error::Refusal;
use crate::wide::{approx, to_u128};

/// Edges held ahead of the price after building.
const AHEAD: usize = 128;
/// Fewest edges left ahead before more are added: a swap across a hundred ticks stays within the table.
const LEAST: usize = 104;
/// Edges held behind the price after building, so that it may move back without building anew.
const BEHIND: usize = 32;
/// Most edges held.
const MOST: usize = 2 * (AHEAD + BEHIND);
const Q96: f64 = 79_228_162_514_264_337_593_543_950_336.0;
const WORD: i32 = 256;

/// The crossing index of one direction.
#[derive(Clone, Debug, Default)]
pub struct Crossing {
    down: bool,
    fee_pips: u32,
    spacing: i32,
    /// Edges in the order of travel.
    edges: Vec<Segment>,
    /// First edge ahead of the present price.
    next: usize,
    /// What the step from the present price to that edge takes and pays; `None` when it takes more than fits.
    first: Option<(u128, u128)>,
    /// The range at the present price.
    here: Range,
    /// Whether the table fits the state.
    sound: bool,
    /// Whether no edge follows the last one.
    ends: bool,
}

/// An edge and the range of constant liquidity that starts there in the direction of travel.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Tick of the edge.
    pub tick: i32,
    /// Price of the edge, Q64.96.
    pub sqrt_price: U256,
    /// Liquidity after crossing it.
    pub liquidity: u128,
    /// Square root of the price, for estimates.
    pub root: f64,
    range: Range,
    /// Sums of input and of output up to and including the step that ends here; those of the first edge are zero.
    taken: u128,
    paid: u128,
}

impl Crossing {
    /// Whether it is built, for these parameters.
    #[must_use]
    pub fn answers(&self, fee_pips: u32, spacing: i32) -> bool {
        self.sound && self.fee_pips == fee_pips && self.spacing == spacing
    }

    /// Whether it fits the state, parameters aside: active liquidity is then what the ticks add up to.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.sound
    }

    /// Edges ahead of the price, nearest first.
    #[must_use]
    pub fn ahead(&self) -> &[Segment] {
        self.edges.get(self.next..).unwrap_or(&[])
    }

    /// Exact-in quote of a state this table follows.
    #[inline]
    pub(super) fn quote(&self, ticks: &Ticks, amount_in: u128) -> Result<u128, Refusal> {
        let Some((first, paid)) = self.first else { return self.by_steps(ticks, amount_in) };
        if amount_in < first {
            return self.within(&self.here, ticks.sqrt_price, ticks.liquidity, amount_in);
        }
        let ahead = self.ahead();
        let (Some(base), Some(rest)) = (ahead.first(), amount_in.checked_sub(first)) else {
            return self.by_steps(ticks, amount_in);
        };
        let Some(reach) = rest.checked_add(base.taken) else { return self.by_steps(ticks, amount_in) };
        let crossed = last_within(ahead, reach);
        let Some(edge) = ahead.get(crossed) else { return self.by_steps(ticks, amount_in) };
        // Sums fit 128 bits together, and so does a sum of two parts of them.
        let (rest, out) = (reach.wrapping_sub(edge.taken), edge.paid.wrapping_sub(base.paid).wrapping_add(paid));
        let more = if crossed + 1 < ahead.len() {
            self.within(&edge.range, edge.sqrt_price, edge.liquidity, rest)?
        } else {
            self.beyond(ticks, edge, rest)?
        };
        more.checked_add(out).ok_or(Refusal::Overflow)
    }

    /// Output of an input that ends within a range.
    #[inline]
    fn within(&self, range: &Range, sqrt_price: U256, liquidity: u128, offered: u128) -> Result<u128, Refusal> {
        match swap_step::after_fee(offered, self.fee_pips).and_then(|usable| range.out(usable)) {
            Some(out) => Ok(out),
            None => self.within_exactly(sqrt_price, liquidity, offered),
        }
    }

    #[cold]
    fn within_exactly(&self, sqrt_price: U256, liquidity: u128, offered: u128) -> Result<u128, Refusal> {
        if offered == 0 {
            return Ok(0);
        }
        to_u128(swap_step::partial(sqrt_price, liquidity, offered, self.fee_pips, self.down)?)
    }

    /// Output of an input that goes on past the last edge.
    #[cold]
    fn beyond(&self, ticks: &Ticks, edge: &Segment, offered: u128) -> Result<u128, Refusal> {
        let passed = Passed { tick: edge.tick, sqrt_price: edge.sqrt_price, liquidity: edge.liquidity };
        to_u128(Walk::after(ticks, self.spacing, self.down, &passed).finish(offered, self.fee_pips)?)
    }

    #[cold]
    fn by_steps(&self, ticks: &Ticks, amount_in: u128) -> Result<u128, Refusal> {
        ticks.quote_by_steps(self.fee_pips, self.spacing, self.down, amount_in)
    }

    /// An input that pays at least `wanted`; `PartialFill` when the table does not reach that far.
    pub(in crate::curves) fn input_for(&self, ticks: &Ticks, wanted: u128) -> Result<u128, Refusal> {
        let (first, paid) = self.first.ok_or(Refusal::PartialFill)?;
        if wanted <= paid {
            let input = self.within_for(&self.here, ticks.sqrt_price, ticks.liquidity, wanted)?;
            return Ok(input.min(first));
        }
        let ahead = self.ahead();
        let base = ahead.first().ok_or(Refusal::PartialFill)?;
        let reach = (wanted - paid).checked_add(base.paid).ok_or(Refusal::Overflow)?;
        let next = ahead.partition_point(|edge| edge.paid < reach);
        let (Some(edge), Some(end)) = (next.checked_sub(1).and_then(|at| ahead.get(at)), ahead.get(next)) else {
            return Err(Refusal::PartialFill);
        };
        let more = self.within_for(&edge.range, edge.sqrt_price, edge.liquidity, reach - edge.paid)?;
        let more = more.min(end.taken - edge.taken);
        (edge.taken - base.taken).checked_add(first).and_then(|sum| sum.checked_add(more)).ok_or(Refusal::Overflow)
    }

    /// An input that pays at least `wanted` within a range.
    #[inline]
    fn within_for(&self, range: &Range, sqrt_price: U256, liquidity: u128, wanted: u128) -> Result<u128, Refusal> {
        match range.usable_for(wanted).and_then(|usable| swap_step::before_fee(usable, self.fee_pips)) {
            Some(input) => Ok(input),
            None => to_u128(swap_step::input_for(sqrt_price, liquidity, wanted, self.fee_pips, self.down)?),
        }
    }

    /// Inputs that end exactly on an edge.
    #[cfg(test)]
    pub(super) fn step_ends(&self) -> impl Iterator<Item = u128> + '_ {
        let ahead = self.ahead();
        let first = self.first.filter(|_| self.sound).map(|(first, _)| first);
        let end = move |edge: &Segment, first| (edge.taken - ahead[0].taken).checked_add(first);
        first.into_iter().flat_map(move |first| ahead.iter().filter_map(move |edge| end(edge, first)))
    }

    /// Forget the edges from this tick on, in the direction of travel.
    pub(super) fn cut(&mut self, tick: i32) {
        let kept = self.edges.partition_point(|edge| if self.down { edge.tick > tick } else { edge.tick < tick });
        self.edges.truncate(kept);
        self.ends = false;
    }

    /// Fit the table to the state: usually only the first partial step is new.
    pub(super) fn follow(&mut self, ticks: &Ticks, here: Option<&Price>, fee_pips: u32, spacing: i32, down: bool) {
        let same = (self.fee_pips, self.spacing, self.down) == (fee_pips, spacing, down);
        (self.fee_pips, self.spacing, self.down) = (fee_pips, spacing, down);
        let Some(here) = here.filter(|_| !ticks.marks.is_empty()) else {
            self.sound = false;
            return;
        };
        self.sound = (same && self.extend_here(ticks)) || self.build(ticks).is_some();
        self.first = None;
        self.here = Range::at(here, ticks.liquidity, down);
        let edge = self.edges.get(self.next).filter(|_| self.sound);
        if let Some(edge) = edge.and_then(|edge| Price::at(edge.sqrt_price)) {
            self.first = here.step(&edge, ticks.liquidity, fee_pips);
        }
    }

    /// Keep the table when it reaches from behind the price to enough edges ahead; false when it does not.
    fn extend_here(&mut self, ticks: &Ticks) -> bool {
        // Edges may be missing behind the price too: it jumped, or a position was changed there.
        while self.edges.last().is_some_and(|edge| self.is_behind(edge, ticks)) && !self.ends {
            if self.edges.len() >= MOST {
                return false;
            }
            self.extend(ticks, self.edges.len() + 1);
        }
        let Some(next) = self.place(ticks) else { return false };
        self.next = next;
        let left = self.edges.len().saturating_sub(next);
        if left < LEAST && !self.ends {
            if next > 2 * BEHIND {
                return false;
            }
            self.extend(ticks, next + AHEAD);
        }
        true
    }

    /// Number of edges behind the price, when the last of them says the state's liquidity.
    fn place(&self, ticks: &Ticks) -> Option<usize> {
        let next = self.edges.partition_point(|edge| self.is_behind(edge, ticks));
        let behind = self.edges.get(next.checked_sub(1)?)?;
        (behind.liquidity == ticks.liquidity).then_some(next)
    }

    fn is_behind(&self, edge: &Segment, ticks: &Ticks) -> bool {
        (edge.tick > ticks.tick) == self.down
    }

    fn build(&mut self, ticks: &Ticks) -> Option<()> {
        for behind in [BEHIND, 1] {
            self.edges.clear();
            self.ends = false;
            self.edges.push(self.start(ticks, behind)?);
            self.extend(ticks, behind + AHEAD);
            if let Some(next) = self.place(ticks) {
                self.next = next;
                return Some(());
            }
        }
        None
    }

    /// An edge some edges behind the price, against the direction of travel.
    fn start(&self, ticks: &Ticks, behind: usize) -> Option<Segment> {
        let mut tick = if self.down { ticks.tick.checked_add(1)? } else { ticks.tick };
        for count in 0..behind {
            match self.edge_behind(ticks, tick) {
                Some(edge) => tick = if self.down { edge.checked_add(1)? } else { edge - 1 },
                None if count == 0 => return None,
                None => break,
            }
        }
        let tick = if self.down { tick - 1 } else { tick + 1 };
        let active = |mark: &super::Mark| if self.down { mark.tick < tick } else { mark.tick <= tick };
        let net = ticks.marks.iter().filter(|mark| active(mark)).try_fold(0i128, |sum, mark| sum.checked_add(mark.net));
        let liquidity = u128::try_from(net?).ok()?;
        Some(Segment::new(tick, &Price::at(sqrt_ratio_at_tick(tick)?)?, liquidity, self.down))
    }

    /// The nearest edge at or beyond `tick` against the direction of travel, within the ticks of this world.
    fn edge_behind(&self, ticks: &Ticks, tick: i32) -> Option<i32> {
        let (word, last) = (WORD * self.spacing, (WORD - 1) * self.spacing);
        let (mark, edge) = if self.down {
            let mark = ticks.marks.get(ticks.marks.partition_point(|mark| mark.tick < tick));
            (mark, tick.div_euclid(word) * word + if tick.rem_euclid(word) == 0 { 0 } else { word })
        } else {
            let above = ticks.marks.partition_point(|mark| mark.tick <= tick);
            let mark = above.checked_sub(1).and_then(|at| ticks.marks.get(at));
            (mark, (tick - last).div_euclid(word) * word + last)
        };
        let nearest = mark.map_or(edge, |mark| if self.down { edge.min(mark.tick) } else { edge.max(mark.tick) });
        (MIN_TICK < nearest && nearest < MAX_TICK).then_some(nearest)
    }

    /// Append edges until there are `count`, the ticks end, or sums do not fit any more.
    fn extend(&mut self, ticks: &Ticks, count: usize) {
        let mut last = self.edges.last().and_then(|edge| Price::at(edge.sqrt_price));
        while self.edges.len() < count {
            let Some((next, edge)) = last.and_then(|last| self.step(ticks, &last)) else {
                self.ends = true;
                return;
            };
            last = Some(next);
            self.edges.push(edge);
        }
    }

    /// The edge after the last one, at whose price it starts, with the sums up to it.
    fn step(&self, ticks: &Ticks, from: &Price) -> Option<(Price, Segment)> {
        let last = self.edges.last()?;
        let word = WORD * self.spacing;
        let (mark, edge) = if self.down {
            let below = ticks.marks.partition_point(|mark| mark.tick < last.tick);
            (below.checked_sub(1).and_then(|at| ticks.marks.get(at))?, (last.tick - 1).div_euclid(word) * word)
        } else {
            let above = ticks.marks.partition_point(|mark| mark.tick <= last.tick);
            let top = (last.tick + self.spacing).div_euclid(word) * word + word - self.spacing;
            (ticks.marks.get(above)?, top)
        };
        // Without liquidity steps move nothing: straight to the next initialized tick.
        let tick = match last.liquidity {
            0 => mark.tick,
            _ if self.down => edge.max(mark.tick),
            _ => edge.min(mark.tick),
        };
        if tick <= MIN_TICK || tick >= MAX_TICK {
            return None;
        }
        let (sqrt_price, net) = match mark.tick == tick {
            true if self.down => (mark.sqrt_price, mark.net.checked_neg()?),
            true => (mark.sqrt_price, mark.net),
            false => (sqrt_ratio_at_tick(tick)?, 0),
        };
        let price = Price::at(sqrt_price)?;
        let (step_in, step_out) = from.step(&price, last.liquidity, self.fee_pips)?;
        let mut edge = Segment::new(tick, &price, shifted(last.liquidity, net).ok()?, self.down);
        (edge.taken, edge.paid) = (last.taken.checked_add(step_in)?, last.paid.checked_add(step_out)?);
        Some((price, edge))
    }
}

impl Segment {
    fn new(tick: i32, price: &Price, liquidity: u128, down: bool) -> Self {
        let (range, sqrt_price) = (Range::at(price, liquidity, down), price.sqrt_price);
        Self { tick, sqrt_price, liquidity, root: approx(sqrt_price) / Q96, range, taken: 0, paid: 0 }
    }
}

/// The last edge whose sum of input is at most `reach`, which that of the first is. Most quotes cross few edges, so
/// strides grow from there.
#[inline]
fn last_within(ahead: &[Segment], reach: u128) -> usize {
    // No place or stride leaves twice the length.
    let within = |at: usize| ahead.get(at).is_some_and(|edge| edge.taken <= reach);
    let (mut last, mut stride) = (0usize, 4usize);
    while within(last.wrapping_add(stride)) {
        last = last.wrapping_add(stride);
        stride <<= 1;
    }
    while stride > 1 {
        stride >>= 1;
        let next = last.wrapping_add(stride);
        if within(next) {
            last = next;
        }
    }
    last
}
