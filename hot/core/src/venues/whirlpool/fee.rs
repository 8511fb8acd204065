//! Fee of a swap: the pool's own rate, and what volatility adds to it in pools with an oracle.
//!
//! Prices are cut into groups of ticks; each group away from the reference adds volatility, so the fee changes while a
//! swap moves the price and the swap stops at every group's end as long as it can change.

use super::ticks::{price_at, tick_at, MAX_TICK, MIN_TICK};
use crate::error::Refusal;
use crate::venues::accounts::{Account, Fields};

/// Most a swap pays, millionths.
const MOST: u128 = 100_000;
const ORACLE_LENGTH: usize = 254;
pub(super) const ORACLE: [u8; 8] = [0x8b, 0xc2, 0x83, 0xb3, 0x8c, 0xb3, 0xe5, 0xf4];
/// Volatility of one group.
const ONE_GROUP: u32 = 10_000;
const REDUCTION_ONE: u64 = 10_000;
/// `1e5 * 1e4 * 1e4`: what control factor times squared volatility is divided by.
const CONTROL_ONE: u128 = 10_000_000_000_000;
/// Seconds after which a reference is forgotten however busy the pool is.
const OLDEST_REFERENCE: u64 = 3600;

/// Volatility of a pool at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volatility {
    control: u32,
    most: u32,
    group_size: i32,
    /// Group of the pool's tick.
    group: i32,
    /// Volatility and group that further volatility is counted from.
    reference: (u32, i32),
    /// Groups beyond which the fee does not change any more, with the price of their outer end; none at the ends.
    calm: [Option<(i32, u128)>; 2],
}

impl Volatility {
    /// What the oracle of a pool says at second `now`, for a swap that begins at `tick`.
    pub fn read(oracle: &Account<'_>, pool: &[u8; 32], tick: i32, now: u64) -> Result<Self, Refusal> {
        let data = oracle.data;
        if data.take::<8>(0)? != ORACLE {
            return Err(Refusal::Magic);
        }
        if data.len() < ORACLE_LENGTH {
            return Err(Refusal::Length);
        }
        if data.key(8)? != *pool {
            return Err(Refusal::Inconsistent);
        }
        if data.u64(40)? > now {
            return Err(Refusal::Disabled);
        }
        let (most, group_size) = (data.u32(58)?, i32::from(data.u16(62)?));
        if group_size == 0 || most.checked_mul(group_size.unsigned_abs()).is_none() {
            return Err(Refusal::Range);
        }
        let group = tick.div_euclid(group_size);
        let reference = reference(data, group, now)?;
        // The program sets both from its own ticks and accumulator; anything else was not written by it.
        if reference.0 > most || !(MIN_TICK - 1..=MAX_TICK).contains(&reference.1) {
            return Err(Refusal::Inconsistent);
        }
        let mut state = Self { control: data.u32(54)?, most, group_size, group, reference, calm: [None; 2] };
        state.calm = state.calm();
        Ok(state)
    }

    fn calm(&self) -> [Option<(i32, u128)>; 2] {
        let reach = (self.most - self.reference.0).div_ceil(ONE_GROUP) as i32;
        let (low, high) = (self.reference.1 - reach, self.reference.1 + reach);
        let (below, above) = (low.saturating_mul(self.group_size), (high + 1).saturating_mul(self.group_size));
        [(below > MIN_TICK).then(|| (low, price_at(below))), (above < MAX_TICK).then(|| (high, price_at(above)))]
    }

    /// Millionths on top of the pool's rate while the price is in `group`.
    fn rate(&self, group: i32) -> u128 {
        let away = u64::from(self.reference.1.abs_diff(group)) * u64::from(ONE_GROUP);
        let volatility = (u64::from(self.reference.0) + away).min(u64::from(self.most));
        let crossed = u128::from(volatility) * u128::from(self.group_size.unsigned_abs());
        (u128::from(self.control) * crossed * crossed).div_ceil(CONTROL_ONE)
    }
}

/// Reference volatility and group at second `now`.
fn reference(oracle: &[u8], group: i32, now: u64) -> Result<(u32, i32), Refusal> {
    let (updated, major) = (oracle.u64(82)?, oracle.u64(90)?);
    let elapsed = now.checked_sub(updated.max(major)).ok_or(Refusal::Inconsistent)?;
    let (filter, decay) = (u64::from(oracle.u16(48)?), u64::from(oracle.u16(50)?));
    if now - updated > OLDEST_REFERENCE {
        Ok((0, group))
    } else if elapsed < filter {
        Ok((oracle.u32(98)?, oracle.i32(102)?))
    } else if elapsed < decay {
        let decayed = u64::from(oracle.u32(106)?) * u64::from(oracle.u16(52)?) / REDUCTION_ONE;
        Ok((u32::try_from(decayed).map_err(|_| Refusal::Inconsistent)?, group))
    } else {
        Ok((0, group))
    }
}

/// The fee while one swap walks.
#[derive(Clone, Copy, Debug)]
pub struct Fees<'a> {
    volatility: Option<&'a Volatility>,
    base: u32,
    down: bool,
    group: i32,
    skipping: bool,
}

impl<'a> Fees<'a> {
    /// At the beginning of a swap.
    #[must_use]
    pub fn new(base: u32, volatility: Option<&'a Volatility>, down: bool) -> Self {
        Self { volatility, base, down, group: volatility.map_or(0, |state| state.group), skipping: false }
    }

    /// Millionths of the input until the next [`Fees::arrive`].
    #[must_use]
    pub fn rate(&self) -> u32 {
        let Some(state) = self.volatility else {
            return self.base;
        };
        (u128::from(self.base) + state.rate(self.group)).min(MOST) as u32
    }

    /// The price not to move beyond at this rate, on the way to `target`.
    pub fn bound(&mut self, target: u128, liquidity: u128) -> u128 {
        let Some(state) = self.volatility else {
            return target;
        };
        let bound = if state.control == 0 || liquidity == 0 { Some(target) } else { self.calm(state, target) };
        self.skipping = bound.is_some();
        bound.unwrap_or_else(|| {
            let ends = if self.down { self.group } else { self.group.saturating_add(1) };
            self.nearer(target, price_at(ends.saturating_mul(state.group_size)))
        })
    }

    /// The bound where the fee does not change from group to group; `None` where it does.
    fn calm(&self, state: &Volatility, target: u128) -> Option<u128> {
        let [low, high] = state.calm;
        if let Some((_, price)) = low.filter(|(group, _)| self.group < *group) {
            return Some(if self.down { target } else { self.nearer(target, price) });
        }
        let (_, price) = high.filter(|(group, _)| self.group > *group)?;
        Some(if self.down { self.nearer(target, price) } else { target })
    }

    fn nearer(&self, one: u128, another: u128) -> u128 {
        if self.down {
            one.max(another)
        } else {
            one.min(another)
        }
    }

    /// The price has come to `price`, on the way to the tick `next` which has the price `next_price`.
    pub fn arrive(&mut self, price: u128, next: i32, next_price: u128) {
        let Some(state) = self.volatility else {
            return;
        };
        if self.skipping {
            let traversed = self.traversed(state.group_size, price, next, next_price);
            self.group = if self.down { self.group.min(traversed) } else { self.group.max(traversed) };
        }
        self.group = if self.down { self.group.saturating_sub(1) } else { self.group.saturating_add(1) };
    }

    /// The last group a swap that skipped some went through.
    fn traversed(&self, size: i32, price: u128, next: i32, next_price: u128) -> i32 {
        let tick = if price == next_price { next } else { tick_at(price) };
        let on_boundary = tick % size == 0 && (price == next_price || price == price_at(tick));
        if on_boundary && !self.down {
            tick / size - 1
        } else {
            tick.div_euclid(size)
        }
    }
}
