//! Uniswap V3 pools: price, active liquidity and ticks; exact-in quotes that pay what the contract's steps pay.

mod crossing;
mod range;
mod walk;

use ruint::aliases::U256;

use super::tick_math::sqrt_ratio_at_tick;
use super::Mobius;
pub use crossing::{Crossing, Segment};
use range::Price;
use walk::Walk;

use crate::error::Refusal;
use crate::wide::{approx, to_u128};

/// One initialized tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The tick, a multiple of the pool's spacing.
    pub tick: i32,
    /// Liquidity that references it; never zero.
    pub gross: u128,
    /// Liquidity added when crossed upwards.
    pub net: i128,
    /// Its price, computed once.
    sqrt_price: U256,
}

/// State of a concentrated pool. A price of zero means: not initialized.
#[derive(Clone, Debug, Default)]
pub struct Ticks {
    /// Present price, Q64.96.
    pub sqrt_price: U256,
    /// Present tick as the contract holds it.
    pub tick: i32,
    /// Active liquidity.
    pub liquidity: u128,
    marks: Vec<Mark>,
    /// What full steps pay, by direction (down first); derived from the rest and the pool's fee and spacing.
    index: [Crossing; 2],
}

/// The index is derived: two states are equal when what the contract holds is.
impl PartialEq for Ticks {
    fn eq(&self, other: &Self) -> bool {
        (self.sqrt_price, self.tick, self.liquidity) == (other.sqrt_price, other.tick, other.liquidity)
            && self.marks == other.marks
    }
}

impl Eq for Ticks {}

impl Ticks {
    /// A state without any tick; `Range` or `Inconsistent` when price and tick cannot belong together.
    pub fn at(sqrt_price: U256, tick: i32, liquidity: u128) -> Result<Self, Refusal> {
        let mut ticks = Self::default();
        if sqrt_price.is_zero() {
            return if liquidity == 0 { Ok(ticks) } else { Err(Refusal::Inconsistent) };
        }
        ticks.move_to(sqrt_price, tick, liquidity)?;
        Ok(ticks)
    }

    /// Initialized ticks, ascending.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Append an initialized tick; ticks must come in ascending order.
    pub fn push(&mut self, tick: i32, gross: u128, net: i128, spacing: i32) -> Result<(), Refusal> {
        if gross == 0 || tick % spacing != 0 || net.unsigned_abs() > gross {
            return Err(Refusal::Range);
        }
        if self.marks.last().is_some_and(|last| last.tick >= tick) {
            return Err(Refusal::Range);
        }
        let sqrt_price = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
        self.marks.push(Mark { tick, gross, net, sqrt_price });
        Ok(())
    }

    /// Set price, tick and liquidity, as a swap or the initialization leaves them.
    pub fn move_to(&mut self, sqrt_price: U256, tick: i32, liquidity: u128) -> Result<(), Refusal> {
        let low = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
        let high = tick.checked_add(1).and_then(sqrt_ratio_at_tick).ok_or(Refusal::Range)?;
        // A swap that ends exactly on a tick downwards leaves the tick below with the price of the tick above.
        if sqrt_price < low || sqrt_price > high {
            return Err(Refusal::Inconsistent);
        }
        (self.sqrt_price, self.tick, self.liquidity) = (sqrt_price, tick, liquidity);
        Ok(())
    }

    /// Add (or take) the liquidity of a position; `Inconsistent` when the held ticks cannot carry it.
    pub fn change_position(&mut self, lower: i32, upper: i32, delta: i128, spacing: i32) -> Result<(), Refusal> {
        if lower >= upper || lower % spacing != 0 || upper % spacing != 0 {
            return Err(Refusal::Range);
        }
        if self.sqrt_price.is_zero() {
            return Err(Refusal::Inconsistent);
        }
        self.change_mark(lower, delta, delta)?;
        self.change_mark(upper, delta, delta.checked_neg().ok_or(Refusal::Overflow)?)?;
        if lower <= self.tick && self.tick < upper {
            self.liquidity = shifted(self.liquidity, delta)?;
        }
        Ok(())
    }

    /// The contract's own invariant: active liquidity is the sum of `net` up to the tick, all of them cancel out.
    /// A pool that breaks it was not followed completely and must not be traded on.
    pub fn check(&self) -> Result<(), Refusal> {
        let (mut active, mut at_tick) = (0i128, 0i128);
        for mark in &self.marks {
            active = active.checked_add(mark.net).ok_or(Refusal::Overflow)?;
            if mark.tick <= self.tick {
                at_tick = active;
            }
        }
        if active != 0 || u128::try_from(at_tick) != Ok(self.liquidity) {
            return Err(Refusal::Inconsistent);
        }
        Ok(())
    }

    /// Exact-in quote; `PartialFill` when the ticks end before the input does. Source: `UniswapV3Pool.swap`.
    pub fn quote(&self, fee_pips: u32, spacing: i32, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        if amount_in == 0 {
            return Err(Refusal::Zero);
        }
        if self.sqrt_price.is_zero() {
            return Err(Refusal::Empty);
        }
        let index = &self.index[usize::from(!zero_for_one)];
        if index.answers(fee_pips, spacing) {
            return index.quote(self, amount_in);
        }
        self.quote_by_steps(fee_pips, spacing, zero_for_one, amount_in)
    }

    /// The same quote by walking every step; the index is tested against it.
    pub fn quote_by_steps(
        &self,
        fee_pips: u32,
        spacing: i32,
        zero_for_one: bool,
        amount_in: u128,
    ) -> Result<u128, Refusal> {
        to_u128(Walk::start(self, spacing, zero_for_one).finish(amount_in, fee_pips)?)
    }

    /// Bring the index up to date after a snapshot or a swap.
    pub fn reindex(&mut self, fee_pips: u32, spacing: i32) {
        let mut index = std::mem::take(&mut self.index);
        let here = Price::at(self.sqrt_price);
        for (side, down) in index.iter_mut().zip([true, false]) {
            side.follow(self, here.as_ref(), fee_pips, spacing, down);
        }
        self.index = index;
    }

    /// Bring the index up to date after [`Ticks::change_position`]: edges before the position stay as they are.
    pub fn reindex_from(&mut self, lower: i32, upper: i32, fee_pips: u32, spacing: i32) {
        self.index[0].cut(upper);
        self.index[1].cut(lower);
        self.reindex(fee_pips, spacing);
    }

    /// The index of a direction; it says itself whether it answers.
    #[must_use]
    pub fn crossing(&self, zero_for_one: bool) -> &Crossing {
        &self.index[usize::from(!zero_for_one)]
    }

    /// Virtual reserves at the present price; see [`super::Curve::estimate`].
    #[must_use]
    pub fn estimate(&self, fee_pips: u32, zero_for_one: bool) -> Option<Mobius> {
        if self.sqrt_price.is_zero() || self.marks.is_empty() {
            return None;
        }
        let root = approx(self.sqrt_price) / 79_228_162_514_264_337_593_543_950_336.0;
        let price = if zero_for_one { root * root } else { 1.0 / (root * root) };
        let keep = f64::from(1_000_000 - fee_pips) / 1_000_000.0;
        if self.liquidity == 0 {
            return Some(Mobius { a: keep * price, b: 1.0, c: 0.0 });
        }
        let liquidity = self.liquidity as f64;
        let reserve_in = if zero_for_one { liquidity / root } else { liquidity * root };
        Some(Mobius { a: keep * reserve_in * price, b: reserve_in, c: keep })
    }

    fn change_mark(&mut self, tick: i32, gross: i128, net: i128) -> Result<(), Refusal> {
        match self.marks.binary_search_by_key(&tick, |mark| mark.tick) {
            Ok(at) => {
                let mark = &mut self.marks[at];
                mark.gross = shifted(mark.gross, gross)?;
                mark.net = mark.net.checked_add(net).ok_or(Refusal::Overflow)?;
                if mark.net.unsigned_abs() > mark.gross {
                    return Err(Refusal::Inconsistent);
                }
                if mark.gross == 0 {
                    self.marks.remove(at);
                }
            }
            Err(at) => {
                let sqrt_price = sqrt_ratio_at_tick(tick).ok_or(Refusal::Range)?;
                let gross = u128::try_from(gross).map_err(|_| Refusal::Inconsistent)?;
                self.marks.insert(at, Mark { tick, gross, net, sqrt_price });
            }
        }
        Ok(())
    }
}

fn shifted(value: u128, delta: i128) -> Result<u128, Refusal> {
    value.checked_add_signed(delta).ok_or(Refusal::Inconsistent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::tick_math::MAX_TICK;
    use proptest::prelude::*;

    fn pool() -> Ticks {
        let mut ticks = Ticks::at(crate::wide::Q96, 0, 0).unwrap();
        ticks.change_position(-887_220, 887_220, 10i128.pow(21), 60).unwrap();
        ticks.change_position(-600, 600, 5 * 10i128.pow(22), 60).unwrap();
        ticks.change_position(-120, 60, 2 * 10i128.pow(22), 60).unwrap();
        ticks.change_position(1200, 1260, 7 * 10i128.pow(21), 60).unwrap();
        ticks.check().unwrap();
        ticks
    }

    #[test]
    fn quotes_what_the_published_bytecode_paid() {
        let unit = 10u128.pow(18);
        assert_eq!(pool().quote(3000, 60, true, unit), Ok(996_986_000_069_830_005));
    }

    #[test]
    fn minting_and_burning_the_same_position_leaves_no_trace() {
        let mut changed = pool();
        changed.change_position(-180, 1260, 123, 60).unwrap();
        assert_ne!(changed, pool());
        changed.change_position(-180, 1260, -123, 60).unwrap();
        assert_eq!(changed, pool());
    }

    #[test]
    fn burning_what_was_never_minted_is_inconsistent() {
        assert_eq!(pool().change_position(-240, 600, -1, 60), Err(Refusal::Inconsistent));
    }

    #[test]
    fn a_burn_that_would_leave_net_without_gross_is_inconsistent() {
        let mut ticks = pool();
        ticks.change_position(60, 120, 2 * 10i128.pow(22), 60).unwrap();
        assert_eq!(ticks.change_position(60, 180, -4 * 10i128.pow(22), 60), Err(Refusal::Inconsistent));
    }

    #[test]
    fn thin_liquidity_is_a_partial_fill_not_a_bad_price() {
        let mut ticks = Ticks::at(crate::wide::Q96, 0, 0).unwrap();
        ticks.change_position(-60, 60, 1_000_000, 60).unwrap();
        assert_eq!(ticks.quote(3000, 60, true, 10u128.pow(18)), Err(Refusal::PartialFill));
    }

    /// A tick, a place between it and the next, and what is added from one tick to another.
    type Plan = (i32, u8, Vec<(i32, i32, i64)>);

    fn plan(reach: i32) -> impl Strategy<Value = Plan> {
        let position = (-reach..reach, 1..reach, 1i64..i64::MAX);
        (-reach..reach, any::<u8>(), prop::collection::vec(position, 0..12))
    }

    /// Move to a place in the range of a tick, with the liquidity that the ticks say.
    fn place(ticks: &mut Ticks, tick: i32, part: u8) {
        let (low, high) = (sqrt_ratio_at_tick(tick).unwrap(), sqrt_ratio_at_tick(tick + 1).unwrap());
        let price = low + (high - low) * U256::from(part) / U256::from(255);
        let active: i128 = ticks.marks.iter().filter(|mark| mark.tick <= tick).map(|mark| mark.net).sum();
        ticks.move_to(price, tick, u128::try_from(active).unwrap()).unwrap();
    }

    fn same_as_steps(ticks: &Ticks, spacing: i32, amounts: &[u128]) -> Result<(), TestCaseError> {
        for zero_for_one in [true, false] {
            for amount in amounts {
                let walked = ticks.quote_by_steps(3000, spacing, zero_for_one, *amount);
                prop_assert_eq!(ticks.quote(3000, spacing, zero_for_one, *amount), walked);
                if let (Ok(out @ 1..), true) = (walked, ticks.crossing(zero_for_one).is_sound()) {
                    if let Ok(enough) = ticks.crossing(zero_for_one).input_for(ticks, out) {
                        prop_assert!(ticks.quote(3000, spacing, zero_for_one, enough).unwrap() >= out);
                    }
                }
            }
            // Where steps end is where one unit matters.
            let index = ticks.crossing(zero_for_one);
            for amount in
                index.step_ends().step_by(5).flat_map(|end| [end.saturating_sub(1), end, end.saturating_add(1)])
            {
                let walked = ticks.quote_by_steps(3000, spacing, zero_for_one, amount.max(1));
                prop_assert_eq!(ticks.quote(3000, spacing, zero_for_one, amount.max(1)), walked);
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_index_pays_what_the_steps_pay(
            plans in prop::collection::vec(plan(700), 1..5), spacing in prop::sample::select(vec![1, 10, 60, 200]),
            amounts in prop::collection::vec(prop_oneof![1u128..1 << 40, 1u128..1 << 80, 1u128.., Just(u128::MAX)], 6),
            whole_range: bool,
        ) {
            let mut ticks = Ticks::at(crate::wide::Q96, 0, 0).unwrap();
            let end = MAX_TICK / spacing * spacing;
            if whole_range {
                ticks.change_position(-end, end, 1 << 60, spacing).unwrap();
            }
            ticks.reindex(3000, spacing);
            for (tick, part, positions) in plans {
                place(&mut ticks, (tick * spacing).clamp(-end, end), part);
                ticks.reindex(3000, spacing);
                same_as_steps(&ticks, spacing, &amounts)?;
                for (number, (lower, width, delta)) in positions.iter().enumerate() {
                    let lower = (lower * spacing).clamp(-end, end - spacing);
                    let upper = (lower + width * spacing).min(end);
                    ticks.change_position(lower, upper, i128::from(*delta), spacing).unwrap();
                    ticks.reindex_from(lower, upper, 3000, spacing);
                    if number % 3 == 0 {
                        ticks.change_position(lower, upper, -i128::from(*delta), spacing).unwrap();
                        ticks.reindex_from(lower, upper, 3000, spacing);
                    }
                    let mut fresh = ticks.clone();
                    fresh.index = Default::default();
                    fresh.reindex(3000, spacing);
                    prop_assert_eq!(fresh.index[0].is_sound(), ticks.index[0].is_sound());
                }
                prop_assert!(ticks.crossing(true).is_sound() == ticks.crossing(false).is_sound() || !whole_range);
                prop_assert!(ticks.crossing(true).is_sound() || !whole_range);
                same_as_steps(&ticks, spacing, &amounts)?;
            }
        }
    }

    proptest! {
        #[test]
        fn more_input_never_gives_less(amount in 2u128..10u128.pow(22), zero_for_one: bool) {
            let mut ticks = pool();
            ticks.reindex(3000, 60);
            let less = ticks.quote(3000, 60, zero_for_one, amount - 1).unwrap();
            prop_assert!(less <= ticks.quote(3000, 60, zero_for_one, amount).unwrap());
        }

        #[test]
        fn no_rate_beats_the_estimate(amount in 1u128..10u128.pow(22), zero_for_one: bool) {
            let ticks = pool();
            let estimate = ticks.estimate(3000, zero_for_one).unwrap();
            let out = ticks.quote(3000, 60, zero_for_one, amount).unwrap();
            prop_assert!(out as f64 <= amount as f64 * estimate.a / estimate.b * (1.0 + 1e-13));
        }
    }
}
