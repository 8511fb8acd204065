//! What of the pair account matters to amounts.

use std::ops::RangeInclusive;

use super::super::accounts::{Clock, Fields};
use crate::error::Refusal;

const ONE_IN_BPS: u32 = 10_000;
const FEE_MOST: u128 = 100_000_000;
const VARIABLE_SCALE: u128 = 100_000_000_000;
const REWARDS: [usize; 2] = [264, 408];

/// The pair; volatility as a swap finds it once its references are brought up to date.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Bin the price stands in.
    pub active_id: i64,
    /// Bins the price may stand in.
    pub ids: RangeInclusive<i64>,
    /// Fees are in Y only.
    pub only_y: bool,
    /// Bins also sell limit orders.
    pub limit_orders: bool,
    step: u128,
    base_fee: u128,
    variable_fee_control: u128,
    most_volatility: u32,
    volatility: u32,
    index: i64,
}

impl Pair {
    /// Decode; `Disabled` when it does not trade now, `Range` for modes that the program rejects.
    pub fn read(pair: &[u8], clock: &Clock) -> Result<Self, Refusal> {
        check_open(pair, clock)?;
        let active_id = i64::from(pair.i32(76)?);
        let (index, volatility) = references(pair, clock, active_id)?;
        let step = u128::from(pair.u16(80)?);
        let function = pair.u8(35)?;
        let farmed = REWARDS.iter().try_fold(false, |any, at| Ok(any || pair.key(*at)? != [0; 32]))?;
        Ok(Self {
            active_id,
            ids: i64::from(pair.i32(24)?)..=i64::from(pair.i32(28)?),
            only_y: pair.u8(36)? == 1,
            limit_orders: function == 2 || (function == 0 && !farmed),
            step,
            base_fee: base_fee(pair, step).ok_or(Refusal::Overflow)?,
            variable_fee_control: u128::from(pair.u32(16)?),
            most_volatility: pair.u32(20)?,
            volatility,
            index,
        })
    }

    /// Fee of a bin, billionths: the base fee and what the distance from the reference adds, at most 10 %.
    pub fn fee(&self, number: i64) -> Result<u64, Refusal> {
        let moved = self.index.abs_diff(number).saturating_mul(u64::from(ONE_IN_BPS));
        let volatility = moved.saturating_add(u64::from(self.volatility)).min(u64::from(self.most_volatility));
        let turn = u128::from(volatility) * self.step;
        let variable = turn.checked_mul(turn).and_then(|square| square.checked_mul(self.variable_fee_control));
        let variable = variable.ok_or(Refusal::Overflow)?.div_ceil(VARIABLE_SCALE);
        let fee = self.base_fee.checked_add(variable).ok_or(Refusal::Overflow)?.min(FEE_MOST);
        u64::try_from(fee).map_err(|_| Refusal::Overflow)
    }
}

fn base_fee(pair: &[u8], step: u128) -> Option<u128> {
    let power = 10u128.checked_pow(u32::from(pair.u8(34).ok()?))?;
    u128::from(pair.u16(8).ok()?).checked_mul(step)?.checked_mul(10)?.checked_mul(power)
}

fn check_open(pair: &[u8], clock: &Clock) -> Result<(), Refusal> {
    let (kind, activation) = (pair.u8(75)?, pair.u8(86)?);
    if kind > 3 || activation > 1 || pair.u8(35)? > 2 || pair.u8(36)? > 1 || u32::from(pair.u16(32)?) > ONE_IN_BPS {
        return Err(Refusal::Range);
    }
    let now = if activation == 0 { clock.slot } else { clock.unix_timestamp as u64 };
    let waiting = matches!(kind, 1 | 2) && now < pair.u64(816)?;
    if pair.u8(82)? != 0 || waiting {
        return Err(Refusal::Disabled);
    }
    Ok(())
}

/// Reference bin and volatility: kept within the filter period, decayed until the decay period, then forgotten.
fn references(pair: &[u8], clock: &Clock, active_id: i64) -> Result<(i64, u32), Refusal> {
    let elapsed = clock.unix_timestamp.checked_sub(pair.i64(56)?).ok_or(Refusal::Overflow)?;
    if elapsed < i64::from(pair.u16(10)?) {
        return Ok((i64::from(pair.i32(48)?), pair.u32(44)?));
    }
    if elapsed >= i64::from(pair.u16(12)?) {
        return Ok((active_id, 0));
    }
    let decayed = pair.u32(40)?.checked_mul(u32::from(pair.u16(14)?)).ok_or(Refusal::Overflow)?;
    Ok((active_id, decayed / ONE_IN_BPS))
}
