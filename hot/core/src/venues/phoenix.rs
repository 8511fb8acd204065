//! Phoenix v1: a central limit order book whose resting orders fill an immediate-or-cancel order at their own prices.
//!
//! Layout and matching: Ellipsis-Labs/phoenix-v1 `state/markets/fifo.rs`, `program/accounts.rs`. The taker is taken to
//! have no seat, so no order of the book is its own. Expired orders are removed by the program and skipped here.

use super::accounts::{Accounts, Clock, Fields};
use super::{Ask, Fill, Given, Piece, Venue};
use crate::error::Refusal;

const HEADER: usize = 576;
const BIDS: usize = 880;
const TREE_HEADER: usize = 32;
const NODE: usize = 64;
const ACTIVE: u64 = 1;
/// Books are made for at most this many orders a side.
const MOST_ORDERS: u64 = 4096;
const ONE_IN_BPS: u128 = 10_000;

/// A resting order that may be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    /// Adjusted quote lots for one base lot.
    price: u64,
    /// Base lots.
    lots: u64,
}

/// One market; amounts inside are lots.
#[derive(Clone, Debug)]
pub struct Phoenix {
    base_lot: u64,
    quote_lot: u64,
    base_lots_per_unit: u64,
    taker_fee_bps: u64,
    /// Best first.
    bids: Vec<Order>,
    asks: Vec<Order>,
}

/// What an order may still take.
struct Budget {
    base: u64,
    adjusted: u64,
}

/// What an order has taken: base lots and adjusted quote lots.
struct Taken {
    base: u64,
    adjusted: u64,
}

impl Venue for Phoenix {
    const KEY: &'static str = "phoenix";
    const PROGRAM: [u8; 32] = [
        5, 208, 234, 79, 51, 115, 112, 19, 165, 99, 224, 147, 72, 237, 182, 244, 89, 61, 145, 252, 118, 65, 249, 36,
        124, 36, 65, 168, 66, 161, 187, 235,
    ];
    const POOL: &'static str = "market";

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let market = accounts.owned("market", &Self::PROGRAM)?.data;
        if market.u64(8)? != ACTIVE || market.u64(848)? == 0 {
            return Err(Refusal::Disabled);
        }
        let (bids_size, asks_size) = (market.u64(16)?, market.u64(24)?);
        if bids_size.max(asks_size) > MOST_ORDERS {
            return Err(Refusal::Range);
        }
        let (base_lots_per_unit, tick) = (market.u64(HEADER + 256)?, market.u64(HEADER + 264)?);
        let asks_at = BIDS + TREE_HEADER + bids_size as usize * NODE;
        let state = Self {
            base_lot: market.u64(112)?,
            quote_lot: market.u64(192)?,
            base_lots_per_unit,
            taker_fee_bps: market.u64(856)?,
            bids: orders(market, BIDS, bids_size, tick, clock)?,
            asks: orders(market, asks_at, asks_size, tick, clock)?,
        };
        if state.base_lot == 0 || state.quote_lot == 0 || base_lots_per_unit == 0 || tick == 0 {
            return Err(Refusal::Range);
        }
        if u128::from(state.taker_fee_bps) >= ONE_IN_BPS {
            return Err(Refusal::Range);
        }
        Ok(state)
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        if ask.price_limit != 0 {
            return Err(Refusal::Unsupported);
        }
        if ask.zero_for_one {
            self.sell(ask)
        } else {
            self.buy(ask)
        }
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let order = if zero_for_one { &self.bids } else { &self.asks }.get(number)?;
        let lots = order.lots as f64;
        let base = lots * self.base_lot as f64;
        let quote = lots * order.price as f64 / self.base_lots_per_unit as f64 * self.quote_lot as f64;
        let fee = self.taker_fee_bps as f64 / ONE_IN_BPS as f64;
        let (into, out) = if zero_for_one { (base, quote * (1.0 - fee)) } else { (quote * (1.0 + fee), base) };
        Some(Piece::line(out / into, into))
    }
}

impl Phoenix {
    /// Base in, quote out.
    fn sell(&self, ask: &Ask) -> Result<Fill, Refusal> {
        let budget = match ask.given {
            Given::Input => Budget { base: lots(ask.amount, self.base_lot)?, adjusted: u64::MAX },
            Given::Output => {
                Budget { base: u64::MAX, adjusted: self.with_fee(lots(ask.amount, self.quote_lot)?, false)? }
            }
        };
        let taken = fill(&self.bids, budget)?;
        let fee = self.fee(taken.adjusted)?;
        let paid = (taken.adjusted / self.base_lots_per_unit).checked_sub(fee).ok_or(Refusal::Overflow)?;
        Ok(Fill { amount_in: atoms(taken.base, self.base_lot)?, amount_out: atoms(paid, self.quote_lot)? })
    }

    /// Quote in, base out.
    fn buy(&self, ask: &Ask) -> Result<Fill, Refusal> {
        let budget = match ask.given {
            Given::Input => {
                Budget { base: u64::MAX, adjusted: self.with_fee(lots(ask.amount, self.quote_lot)?, true)? }
            }
            Given::Output => Budget { base: lots(ask.amount, self.base_lot)?, adjusted: u64::MAX },
        };
        let taken = fill(&self.asks, budget)?;
        let fee = self.fee(taken.adjusted)?;
        let cost = taken.adjusted.div_ceil(self.base_lots_per_unit).checked_add(fee).ok_or(Refusal::Overflow)?;
        Ok(Fill { amount_in: atoms(cost, self.quote_lot)?, amount_out: atoms(taken.base, self.base_lot)? })
    }

    /// Adjusted quote lots an order with this budget of quote lots may match: less the fee when buying, which is added
    /// afterwards, and more when selling, where it is taken off. What does not fit in 64 bits is no bound.
    fn with_fee(&self, quote_lots: u64, buying: bool) -> Result<u64, Refusal> {
        let size = u128::from(quote_lots.checked_mul(self.base_lots_per_unit).ok_or(Refusal::Overflow)?);
        let one = u128::from(u64::MAX);
        let fee = (one * u128::from(self.taker_fee_bps)).div_ceil(ONE_IN_BPS);
        let divisor = if buying { one + fee } else { one - fee };
        Ok(u64::try_from(size * one / divisor).unwrap_or(u64::MAX))
    }

    /// Quote lots: the fee rounded up, and up again to whole lots.
    fn fee(&self, adjusted: u64) -> Result<u64, Refusal> {
        let fee = (u128::from(adjusted) * u128::from(self.taker_fee_bps)).div_ceil(ONE_IN_BPS);
        Ok(u64::try_from(fee).map_err(|_| Refusal::Overflow)?.div_ceil(self.base_lots_per_unit))
    }
}

/// Match order after order; the one that exhausts the budget is filled in part and is the last.
fn fill(book: &[Order], mut budget: Budget) -> Result<Taken, Refusal> {
    let mut taken = Taken { base: 0, adjusted: 0 };
    for order in book {
        if budget.base == 0 || budget.adjusted == 0 {
            break;
        }
        let whole = order.price.checked_mul(order.lots).ok_or(Refusal::Overflow)?;
        let last = order.lots > budget.base || whole > budget.adjusted;
        let (base, adjusted) = if last {
            let base = budget.base.min(budget.adjusted / order.price);
            (base, order.price * base)
        } else {
            (order.lots, whole)
        };
        budget.base -= base;
        budget.adjusted -= adjusted;
        taken.base = taken.base.checked_add(base).ok_or(Refusal::Overflow)?;
        taken.adjusted = taken.adjusted.checked_add(adjusted).ok_or(Refusal::Overflow)?;
        if last {
            break;
        }
    }
    Ok(taken)
}

/// Orders of one side, best first: the tree's own order, which sorts bids downwards.
fn orders(market: &[u8], at: usize, size: u64, tick: u64, clock: &Clock) -> Result<Vec<Order>, Refusal> {
    let node = |index: u32| -> Result<usize, Refusal> {
        if index == 0 || u64::from(index) > size {
            return Err(Refusal::Range);
        }
        Ok(at + TREE_HEADER + (index as usize - 1) * NODE)
    };
    let (mut found, mut path, mut next, mut seen) = (Vec::new(), Vec::new(), market.u32(at)?, 0u64);
    while next != 0 || !path.is_empty() {
        while next != 0 {
            seen += 1;
            if seen > size {
                return Err(Refusal::Inconsistent);
            }
            path.push(next);
            next = market.u32(node(next)?)?;
        }
        let Some(here) = path.pop() else { break };
        let place = node(here)?;
        if let Some(order) = resting(market, place, tick, clock)? {
            found.push(order);
        }
        next = market.u32(place + 4)?;
    }
    Ok(found)
}

/// The order in a node; `None` when it expired or is empty.
fn resting(market: &[u8], place: usize, tick: u64, clock: &Clock) -> Result<Option<Order>, Refusal> {
    let (lots, slot, unix) = (market.u64(place + 40)?, market.u64(place + 48)?, market.u64(place + 56)?);
    let now = u64::try_from(clock.unix_timestamp).unwrap_or(0);
    if lots == 0 || (slot != 0 && slot < clock.slot) || (unix != 0 && unix < now) {
        return Ok(None);
    }
    let price = market.u64(place + 16)?.checked_mul(tick).ok_or(Refusal::Overflow)?;
    if price == 0 {
        return Err(Refusal::Range);
    }
    Ok(Some(Order { price, lots }))
}

/// Whole lots in an amount; an order of none is refused.
fn lots(amount: u64, lot: u64) -> Result<u64, Refusal> {
    match amount / lot {
        0 => Err(Refusal::Zero),
        lots => Ok(lots),
    }
}

fn atoms(lots: u64, lot: u64) -> Result<u64, Refusal> {
    lots.checked_mul(lot).ok_or(Refusal::Overflow)
}
