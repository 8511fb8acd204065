//! The dynamic fee: how far the price has moved lately, squared.
//!
//! Source: raydium-clmm `states/pool_fee.rs` and `instructions/swap.rs`.

use super::super::accounts::Fields;
use super::ticks::{sqrt_price_at, MAX_TICK, MIN_TICK};
use crate::error::Refusal;

/// What a fee rate is a fraction of.
pub const MILLION: u32 = 1_000_000;
/// Base and dynamic fee together, millionths.
pub const MOST: u32 = 100_000;
/// What one group of ticks adds to the accumulator, and what the reduction is a fraction of.
const SCALE: u64 = 10_000;
const CONTROL_UNIT: u128 = 100_000 * (SCALE as u128) * (SCALE as u128);
const AT: usize = 1096;
const LENGTH: usize = 80;

/// What a step pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Millionths; below [`MILLION`].
    pub rate: u32,
    /// Taken from the input, else from the output.
    pub on_input: bool,
}

/// Parameters and state of the dynamic fee; the state changes while a swap walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dynamic {
    filter_period: u64,
    decay_period: u64,
    reduction: u64,
    control: u32,
    most: u32,
    index_reference: i32,
    reference: u32,
    accumulator: u32,
    updated_at: u64,
    /// The group of ticks the walk is in.
    index: i32,
    tick_spacing: u16,
}

impl Dynamic {
    /// Read from a pool account; `None` when all bytes are zero.
    pub fn read(pool: &[u8], tick: i32, tick_spacing: u16) -> Result<Option<Self>, Refusal> {
        if pool.take::<LENGTH>(AT)? == [0; LENGTH] {
            return Ok(None);
        }
        Ok(Some(Self {
            filter_period: u64::from(pool.u16(AT)?),
            decay_period: u64::from(pool.u16(AT + 2)?),
            reduction: u64::from(pool.u16(AT + 4)?),
            control: pool.u32(AT + 6)?,
            most: pool.u32(AT + 10)?,
            index_reference: pool.i32(AT + 14)?,
            reference: pool.u32(AT + 18)?,
            accumulator: pool.u32(AT + 22)?,
            updated_at: pool.u64(AT + 26)?,
            index: tick.div_euclid(i32::from(tick_spacing)),
            tick_spacing,
        }))
    }

    /// Whether no walk can leave 32 bits on its way from the reference.
    #[must_use]
    pub const fn is_near(&self) -> bool {
        self.index_reference.unsigned_abs() < 1 << 30
    }

    /// What changes on the way: group and accumulator.
    #[must_use]
    pub const fn mark(&self) -> (i32, u32) {
        (self.index, self.accumulator)
    }

    /// The same at another place of the way.
    #[must_use]
    pub const fn at(self, (index, accumulator): (i32, u32)) -> Self {
        Self { index, accumulator, ..self }
    }

    /// Move the references when the last swap is long enough ago. `now` as the program has it: 32 bits.
    pub fn start(&mut self, now: u32) {
        let elapsed = u64::from(now).saturating_sub(self.updated_at);
        if elapsed < self.filter_period {
            return;
        }
        let decays = elapsed < self.decay_period;
        // The program keeps the low 32 bits.
        self.reference = if decays { (u64::from(self.accumulator) * self.reduction / SCALE) as u32 } else { 0 };
        self.index_reference = self.index;
        self.updated_at = u64::from(now);
    }

    /// Count the distance to the group the walk is in.
    pub fn visit(&mut self) -> Result<(), Refusal> {
        let distance = self.index_reference.checked_sub(self.index).ok_or(Refusal::Overflow)?.unsigned_abs();
        let sum = u64::from(self.reference) + u64::from(distance) * SCALE;
        self.accumulator = u32::try_from(sum).unwrap_or(u32::MAX).min(self.most);
        Ok(())
    }

    /// Base and dynamic fee, millionths.
    pub fn rate(&self, base: u32) -> Result<u32, Refusal> {
        let crossed = self.accumulator.checked_mul(u32::from(self.tick_spacing)).ok_or(Refusal::Overflow)?;
        let squared = u128::from(crossed) * u128::from(crossed);
        let dynamic = (u128::from(self.control) * squared).div_ceil(CONTROL_UNIT);
        let dynamic = u32::try_from(dynamic).unwrap_or(MOST).min(MOST);
        Ok(base.saturating_add(dynamic).min(MOST))
    }

    /// Price of the group's edge ahead, which a step must stop at; `None` when the fee cannot change any more.
    pub fn edge(&self, zero_for_one: bool) -> Option<u128> {
        if self.accumulator == self.most {
            return None;
        }
        let group = if zero_for_one { self.index } else { self.index.saturating_add(1) };
        let tick = group.saturating_mul(i32::from(self.tick_spacing));
        Some(sqrt_price_at(tick.clamp(MIN_TICK, MAX_TICK)))
    }

    /// Enter the next group. `arrived` is the tick the walk stands at when it did not stop at edges on its way.
    pub fn turn(&mut self, zero_for_one: bool, arrived: Option<i32>) -> Result<(), Refusal> {
        if let Some(tick) = arrived {
            let spacing = i32::from(self.tick_spacing);
            self.index = tick.div_euclid(spacing);
            if !zero_for_one && tick % spacing == 0 {
                self.index -= 1;
            }
            if self.accumulator != self.most {
                self.visit()?;
            }
        }
        self.index += if zero_for_one { -1 } else { 1 };
        Ok(())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn dynamic(control: u32) -> Dynamic {
        Dynamic {
            filter_period: 30,
            decay_period: 600,
            reduction: 5_000,
            control,
            most: 350_000,
            index_reference: 4,
            reference: 0,
            accumulator: 70_000,
            updated_at: 1_000,
            index: 10,
            tick_spacing: 10,
        }
    }

    #[test]
    fn references_stay_within_the_filter_period() {
        let mut fee = dynamic(10_000);
        fee.start(1_029);
        assert_eq!(fee, dynamic(10_000));
    }

    #[test]
    fn references_decay_and_later_reset() {
        let mut fee = dynamic(10_000);
        fee.start(1_030);
        assert_eq!((fee.reference, fee.index_reference, fee.updated_at), (35_000, 10, 1_030));
        let mut fee = dynamic(10_000);
        fee.start(1_600);
        assert_eq!((fee.reference, fee.index_reference, fee.updated_at), (0, 10, 1_600));
    }

    #[test]
    fn the_rate_is_the_rounded_up_square_of_the_distance() {
        let mut fee = dynamic(10_000);
        fee.visit().unwrap();
        // Six groups of ten ticks: 10_000 * (60_000 * 10)^2 / 1e13 = 360 millionths.
        assert_eq!(fee.accumulator, 60_000);
        assert_eq!(fee.rate(500), Ok(860));
        fee.control = 10_001;
        assert_eq!(fee.rate(500), Ok(861));
        fee.index = 10_000;
        fee.visit().unwrap();
        // Capped at 350_000: 10_001 * 3_500_000^2 / 1e13, rounded up, is 12_252.
        assert_eq!(fee.rate(500), Ok(12_752));
        assert_eq!(fee.rate(99_000), Ok(100_000));
    }

    #[test]
    fn the_edge_ahead_is_a_multiple_of_the_spacing() {
        let fee = dynamic(10_000);
        assert_eq!(fee.edge(true), Some(sqrt_price_at(100)));
        assert_eq!(fee.edge(false), Some(sqrt_price_at(110)));
        assert_eq!(Dynamic { accumulator: 350_000, ..fee }.edge(true), None);
    }

    #[test]
    fn a_walk_that_skipped_edges_finds_its_group_again() {
        let mut fee = dynamic(10_000);
        fee.turn(true, Some(-20)).unwrap();
        assert_eq!((fee.index, fee.accumulator), (-3, 60_000));
        fee.turn(false, Some(-20)).unwrap();
        assert_eq!((fee.index, fee.accumulator), (-2, 70_000));
    }
}
