//! The crossing index: where a swap is after each step it takes in full, so that a quote without a price limit costs
//! one search and one partial step.
//!
//! The walk itself makes it, with more to swap than there is. So it holds what the walk meets: ticks, limit orders, and
//! the dynamic fee as it stands for the clock that the pool was read at. A swap takes a step in full when anything is
//! left to swap after it, and then moves what the walk moved, input or output given; only limit orders must be
//! outbid before an input goes past them. What else comes up is walked, from the last place that is sure.

use super::fee::{Dynamic, MOST};
use super::step::{kept, share_up, Task};
use super::walk::{Place, Stride, Walk};
use super::{RaydiumClmm, MILLION};
use crate::error::Refusal;
use crate::venues::piece::{Kept, Piece};
use crate::venues::q64::Leg;
use crate::venues::{Ask, Given};

/// Most steps held for a direction.
const LONGEST: usize = 160;
/// Outputs above this are walked to from the start: with a fee of at most [`MOST`] on top they may leave 64 bits there.
const SURE: u64 = u64::MAX / 10 * 9;

/// What a swap moves inside the pool, transfer fees aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Input.
    pub taken: u64,
    /// Output.
    pub given: u64,
    /// Price afterwards.
    pub price: u128,
}

/// The steps of one direction from the pool's price on.
#[derive(Clone, Debug, Default)]
pub struct Crossing {
    steps: Vec<Milestone>,
    /// A swap of more than this gets to the step; of an input, of an output.
    past_in: Vec<u64>,
    past_out: Vec<u64>,
    dynamic: Option<Dynamic>,
}

/// A place on the way and the step that begins there.
#[derive(Clone, Copy, Debug)]
struct Milestone {
    place: Place,
    /// Group and accumulator of the dynamic fee.
    mark: (i32, u32),
    /// Millionths.
    rate: u32,
    /// Input and output before.
    taken: u64,
    given: u64,
    /// Input and output of the step up to where it ends, less than which is a part of it; zero when not known.
    whole: [u64; 2],
}

impl Moved {
    /// What a walk has moved when `amount` was offered or asked.
    #[must_use]
    pub fn by(walk: &Walk<'_>, given: Given, amount: u64) -> Self {
        let (done, price) = (amount.saturating_sub(walk.left), walk.place.price);
        match given {
            Given::Input => Self { taken: done, given: walk.calculated, price },
            Given::Output => Self { taken: walk.calculated, given: done, price },
        }
    }
}

impl Crossing {
    /// The steps ahead of the pool's price.
    #[must_use]
    pub fn build(pool: &RaydiumClmm, zero_for_one: bool) -> Self {
        let mut index = Self::default();
        let ask = Ask { zero_for_one, given: Given::Input, amount: u64::MAX, price_limit: 0, variant: 0 };
        if let Ok(walk) = Walk::new(pool, &ask, ask.amount, false) {
            index.dynamic = walk.dynamic;
            if pool.fee_rate <= MOST && walk.dynamic.is_none_or(|dynamic| dynamic.is_near()) {
                // The reason why there are no more is found again by a swap that gets there.
                let _ = index.extend(walk, &ask);
            }
        }
        index
    }

    fn extend(&mut self, mut walk: Walk<'_>, ask: &Ask) -> Result<(), Refusal> {
        let (mut past_in, mut past_out) = (0, 0);
        while self.steps.len() < LONGEST {
            let start = Moved::by(&walk, Given::Input, u64::MAX);
            let mark = walk.dynamic.map_or((0, 0), |dynamic| dynamic.mark());
            let place = walk.place;
            self.past_in.push(past_in);
            self.past_out.push(past_out);
            self.steps.push(Milestone { place, mark, rate: 0, taken: start.taken, given: start.given, whole: [0; 2] });
            if walk.is_done() {
                break;
            }
            let stride = walk.stride()?;
            let stepped = Moved::by(&walk, Given::Input, u64::MAX);
            let outbid = stepped.taken.checked_add(outbids(&walk, &stride)?).ok_or(Refusal::Overflow)?;
            walk.settle(&stride)?;
            // A group of the dynamic fee that is not where the price is leads backwards.
            let backwards = (start.price < stride.end) == ask.zero_for_one && start.price != stride.end;
            if stepped.price != stride.end || backwards || walk.left == 0 {
                break;
            }
            if let Some(last) = self.steps.last_mut() {
                last.rate = stride.fees.rate;
                last.whole = [stepped.taken - start.taken, stepped.given - start.given];
            }
            let settled = Moved::by(&walk, Given::Input, u64::MAX);
            (past_in, past_out) = (past_in.max(outbid).max(settled.taken), past_out.max(settled.given));
        }
        Ok(())
    }

    /// A step in real numbers under an even number, and under the next one the limit orders where it ends.
    #[must_use]
    pub fn piece(&self, number: usize, on_input: bool) -> Option<Piece> {
        let (step, next) = (self.steps.get(number / 2)?, self.steps.get(number / 2 + 1)?);
        if number % 2 == 0 {
            let kept = Kept::of(f64::from(step.rate), f64::from(MILLION), on_input);
            return Some(Piece::range(step.place.price, next.place.price, step.place.liquidity as f64, kept));
        }
        let moved = |after: u64, before: u64, step: u64| after.saturating_sub(before).saturating_sub(step) as f64;
        let cost = moved(next.taken, step.taken, step.whole[0]);
        Some(Piece::line(moved(next.given, step.given, step.whole[1]) / cost.max(1.0), cost))
    }

    /// What a swap without a price limit moves; `None` when the index cannot say.
    #[inline]
    #[must_use]
    pub fn quote(&self, pool: &RaydiumClmm, ask: &Ask, amount: u64, strict: bool) -> Option<Result<Moved, Refusal>> {
        let on_input = pool.is_fee_on_input(ask.zero_for_one);
        let exact_in = ask.given == Given::Input;
        if !exact_in && !on_input && amount > SURE {
            return None;
        }
        let past = if exact_in { &self.past_in } else { &self.past_out };
        let step = self.steps.get(past.partition_point(|past| *past < amount).checked_sub(1)?)?;
        let (before, whole) = if exact_in { (step.taken, step.whole[0]) } else { (step.given, step.whole[1]) };
        let left = amount.checked_sub(before)?;
        if left < whole {
            return Some(step.partial(ask, left, on_input));
        }
        let mut walk = Walk::new(pool, ask, amount, strict).ok()?;
        (walk.place, walk.left, walk.dynamic) = (step.place, left, self.dynamic.map(|dynamic| dynamic.at(step.mark)));
        walk.calculated = if exact_in { step.given } else { step.taken };
        Some(walk.run().map(|()| Moved::by(&walk, ask.given, amount)))
    }
}

/// Input that surely buys all orders of the tick where a step ended: what would buy one unit more than there is. At
/// exactly what they cost the program may take a little more for the same.
fn outbids(walk: &Walk<'_>, stride: &Stride<'_>) -> Result<u64, Refusal> {
    let (price, unfilled) = (walk.place.price, stride.rung.unfilled);
    if price != stride.rung.price || unfilled == 0 {
        return Ok(0);
    }
    let wanted = unfilled.checked_add(1).ok_or(Refusal::Overflow)?;
    let filled = Task { given: Given::Output, left: u64::MAX, ..walk.task(price, stride.fees) }.fill(wanted)?;
    let fee = if stride.fees.on_input { filled.fee } else { 0 };
    filled.amount_in.checked_add(fee).ok_or(Refusal::Overflow)
}

impl Milestone {
    /// A part of the step: all of an input goes, all of an output comes.
    #[inline]
    fn partial(&self, ask: &Ask, left: u64, on_input: bool) -> Result<Moved, Refusal> {
        let exact_in = ask.given == Given::Input;
        let leg = Leg {
            price: self.place.price,
            target: self.place.price,
            liquidity: self.place.liquidity,
            remaining: if exact_in || on_input { left } else { share_up(left, MILLION, kept(self.rate)?)? },
            fee_rate: if on_input { self.rate } else { 0 },
            given: ask.given,
            zero_for_one: ask.zero_for_one,
            narrow: false,
        };
        let step = leg.partial()?;
        let (taken, given) = if exact_in {
            let fee = if on_input { 0 } else { share_up(step.amount_out, self.rate, MILLION)? };
            (left, step.amount_out.checked_sub(fee).ok_or(Refusal::Overflow)?)
        } else {
            (step.amount_in.checked_add(step.fee).ok_or(Refusal::Overflow)?, left)
        };
        let sum = |one: u64, other: u64| one.checked_add(other).ok_or(Refusal::Overflow);
        Ok(Moved { taken: sum(self.taken, taken)?, given: sum(self.given, given)?, price: step.price })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fee::tests::dynamic;
    use super::super::ladder::{Ladder, Rung};
    use super::super::ticks::sqrt_price_at;
    use super::*;
    use crate::venues::token::TransferFee;
    use proptest::prelude::*;

    /// Ticks away from the last one, liquidity that is added or taken off, and orders.
    type Marks = Vec<(i32, i64, u64)>;

    fn marks() -> impl Strategy<Value = Marks> {
        let orders = prop_oneof![3 => Just(0u64), 2 => 1u64..40, 2 => 1u64..1 << 40, 1 => any::<u64>()];
        prop::collection::vec((1i32..80, any::<i64>(), orders), 0..12)
    }

    /// A ladder of ticks at multiples of ten away from tick 5.
    fn ladder(down: bool, marks: &Marks, mut liquidity: u128) -> Ladder {
        let (mut rungs, mut tick) = (Vec::new(), if down { 10 } else { 0 });
        for (number, (step, change, unfilled)) in marks.iter().enumerate() {
            tick += if down { -10 * step } else { 10 * step };
            let change = u128::from(change.unsigned_abs());
            let after = if number % 3 == 0 { liquidity + change } else { liquidity.saturating_sub(change) };
            let net = (after as i128 - liquidity as i128) * if down { -1 } else { 1 };
            liquidity = after;
            let has_liquidity = net != 0 || *unfilled == 0;
            let (price, array) = (sqrt_price_at(tick), tick.div_euclid(600) * 600);
            rungs.push(Rung { tick, price, net, has_liquidity, unfilled: *unfilled, array, counted: 60 });
        }
        Ladder { rungs, end: Refusal::Empty }
    }

    prop_compose! {
        fn pools()(
            sides in [marks(), marks()], bits in 10u32..64, fee_rate in prop_oneof![0u32..20_000, 0u32..200_000],
            fee_on in 0u8..3, moving: bool, control in 0u32..200_000, age in 0u32..700, group in prop_oneof![9 => Just(0i32), 1 => -20i32..20],
        ) -> RaydiumClmm {
            let liquidity = (1u128 << bits) + 12_345;
            let mut pool = RaydiumClmm {
                price: sqrt_price_at(5) + 1_000_003,
                tick: 5,
                liquidity,
                fee_rate,
                fee_on,
                dynamic: moving.then(|| dynamic(control).at((group, 70_000))),
                now: 1_000 + age,
                ladders: [ladder(true, &sides[0], liquidity), ladder(false, &sides[1], liquidity)],
                transfer_fees: [TransferFee::default(); 2],
                is_plain: true,
                is_first_build: false,
                crossings: Default::default(),
            };
            pool.crossings = [true, false].map(|zero_for_one| Crossing::build(&pool, zero_for_one));
            pool
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn the_index_moves_what_the_walk_moves(
            pool in pools(), down: bool, output: bool, strict: bool,
            amounts in prop::collection::vec(prop_oneof![1u64..1_000, 1u64..1 << 32, 1u64..], 4),
        ) {
            let given = if output { Given::Output } else { Given::Input };
            let index = &pool.crossings[usize::from(!down)];
            let ends = index.steps.iter().flat_map(|step| {
                let [before, whole] = if output { [step.given, step.whole[1]] } else { [step.taken, step.whole[0]] };
                [before, before.saturating_add(whole)]
            });
            let past = index.past_in.iter().chain(&index.past_out).copied();
            let near = ends.chain(past).flat_map(|end| (0..7).map(move |off| end.saturating_add(off).saturating_sub(3)));
            for amount in near.chain(amounts).filter(|amount| *amount > 0) {
                let ask = Ask { zero_for_one: down, given, amount, price_limit: 0, variant: 0 };
                let walked = Walk::new(&pool, &ask, amount, strict).and_then(|mut walk| {
                    walk.run()?;
                    Ok(Moved::by(&walk, given, amount))
                });
                prop_assert_eq!(pool.moved(&ask, amount, strict), walked, "{}", amount);
            }
        }
    }

    #[test]
    fn a_step_in_part_is_not_walked() {
        let mut pool = RaydiumClmm {
            price: sqrt_price_at(5),
            tick: 5,
            liquidity: 1 << 50,
            fee_rate: 2_500,
            fee_on: 0,
            dynamic: None,
            now: 0,
            ladders: [ladder(true, &vec![(4, 0, 0)], 1 << 50), ladder(false, &vec![(4, 0, 0)], 1 << 50)],
            transfer_fees: [TransferFee::default(); 2],
            is_plain: true,
            is_first_build: false,
            crossings: Default::default(),
        };
        let index = Crossing::build(&pool, true);
        assert!(index.steps[0].whole[0] > 1_000);
        // Without its ladder only the index can answer.
        pool.ladders[0].rungs.clear();
        let ask = Ask { zero_for_one: true, given: Given::Input, amount: 1_000, price_limit: 0, variant: 0 };
        assert_eq!(index.quote(&pool, &ask, 1_000, false).unwrap().unwrap().given, 997);
    }
}
