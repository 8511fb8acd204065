//! One swap on its way through the ticks.
//!
//! Source: raydium-clmm `instructions/swap.rs`.

use super::super::{Ask, Given};
use super::fee::{Dynamic, Fees};
use super::ladder::{Ladder, Rung};
use super::step::{Filled, Task};
use super::ticks::{MAX_SQRT_PRICE, MIN_SQRT_PRICE};
use super::RaydiumClmm;
use crate::error::Refusal;

/// Steps a swap may take: more cost more than a transaction may compute.
const MOST_STEPS: u32 = 1_000;

/// Where a swap is between two steps.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Price now.
    pub price: u128,
    /// Liquidity from here on.
    pub liquidity: u128,
    tick: i32,
    /// Number of the tick ahead in its ladder.
    next: u32,
    steps: u32,
    /// Array and how many of its ticks orders have left.
    emptied: (i32, u8),
}

/// Price, liquidity, fee and amounts so far.
#[derive(Debug)]
pub struct Walk<'a> {
    pool: &'a RaydiumClmm,
    ladder: &'a Ladder,
    zero_for_one: bool,
    given: Given,
    strict: bool,
    on_input: bool,
    limit: u128,
    /// What is left of the given side.
    pub left: u64,
    /// The other side.
    pub calculated: u64,
    /// Where it is.
    pub place: Place,
    /// The dynamic fee here.
    pub dynamic: Option<Dynamic>,
}

/// A step that was taken, up to what happens where it ended.
#[derive(Debug)]
pub struct Stride<'a> {
    /// The tick ahead.
    pub rung: &'a Rung,
    /// Price of the tick or the limit before it.
    target: u128,
    /// Price where the dynamic fee changes.
    edge: Option<u128>,
    /// Price that the step could go to.
    pub end: u128,
    /// Its fee.
    pub fees: Fees,
}

impl<'a> Walk<'a> {
    /// At the start of swapping `amount`; refuses a limit on the wrong side of the price.
    pub fn new(pool: &'a RaydiumClmm, ask: &Ask, amount: u64, strict: bool) -> Result<Self, Refusal> {
        let (price, zero_for_one) = (pool.price, ask.zero_for_one);
        let limit = match (ask.price_limit, zero_for_one) {
            (0, true) => MIN_SQRT_PRICE + 1,
            (0, false) => MAX_SQRT_PRICE - 1,
            (limit, _) => limit,
        };
        let ahead = if zero_for_one { MIN_SQRT_PRICE + 1..price } else { price + 1..MAX_SQRT_PRICE };
        if !ahead.contains(&limit) {
            return Err(Refusal::Range);
        }
        let mut dynamic = pool.dynamic;
        if let Some(dynamic) = &mut dynamic {
            dynamic.start(pool.now);
        }
        let (liquidity, tick) = (pool.liquidity, pool.tick);
        Ok(Self {
            pool,
            ladder: &pool.ladders[usize::from(!zero_for_one)],
            zero_for_one,
            given: ask.given,
            strict,
            on_input: pool.is_fee_on_input(zero_for_one),
            limit,
            left: amount,
            calculated: 0,
            place: Place { price, liquidity, tick, next: 0, steps: 0, emptied: (0, 0) },
            dynamic,
        })
    }

    /// Walk until the amount or the price limit is reached.
    pub fn run(&mut self) -> Result<(), Refusal> {
        while !self.is_done() {
            let stride = self.stride()?;
            self.settle(&stride)?;
        }
        Ok(())
    }

    /// Whether the amount or the price limit is reached.
    pub const fn is_done(&self) -> bool {
        self.left == 0 || self.place.price == self.limit
    }

    /// One step towards the tick ahead, at most to where the dynamic fee changes.
    pub fn stride(&mut self) -> Result<Stride<'a>, Refusal> {
        let rung = self.ladder.rungs.get(self.place.next as usize).ok_or(self.ladder.end)?;
        let (target, price) = (self.nearer(rung.price, self.limit), self.place.price);
        let is_ahead = if self.zero_for_one {
            rung.tick <= self.place.tick && rung.price <= price && target <= price
        } else {
            rung.tick > self.place.tick && rung.price >= price && target >= price
        };
        if !is_ahead {
            return Err(Refusal::Inconsistent);
        }
        self.place.steps += 1;
        if self.place.steps > MOST_STEPS {
            return Err(Refusal::PartialFill);
        }
        let (fees, edge) = self.visit()?;
        let end = edge.map_or(target, |edge| self.nearer(edge, target));
        if price != end {
            let moved = self.task(price, fees).step(end, self.place.liquidity, self.strict)?;
            self.apply(&moved, fees)?;
            self.place.price = moved.price;
        }
        Ok(Stride { rung, target, edge, end, fees })
    }

    /// What happens where a step ended: a tick is filled and crossed, the dynamic fee counts on.
    pub fn settle(&mut self, stride: &Stride<'_>) -> Result<(), Refusal> {
        let (rung, price) = (stride.rung, self.place.price);
        if price == rung.price {
            self.place.liquidity = self.arrive(rung, stride.fees)?;
        }
        if let Some(dynamic) = &mut self.dynamic {
            let at = if price == rung.price { rung.tick } else { self.place.tick };
            dynamic.turn(self.zero_for_one, stride.edge.is_none().then_some(at))?;
        }
        self.place.next += u32::from(price == stride.target);
        Ok(())
    }

    /// The fee here, and the price that the step must not pass because the fee changes there.
    fn visit(&mut self) -> Result<(Fees, Option<u128>), Refusal> {
        let on_input = self.on_input;
        let Some(dynamic) = &mut self.dynamic else {
            return Ok((Fees { rate: self.pool.fee_rate, on_input }, None));
        };
        dynamic.visit()?;
        let fees = Fees { rate: dynamic.rate(self.pool.fee_rate)?, on_input };
        let edge = if self.place.liquidity == 0 { None } else { dynamic.edge(self.zero_for_one) };
        Ok((fees, edge))
    }

    /// On the tick: fill its orders, then cross it. Liquidity beyond it.
    fn arrive(&mut self, rung: &Rung, fees: Fees) -> Result<u128, Refusal> {
        let filled = self.task(rung.price, fees).fill(rung.unfilled)?;
        self.apply(&filled, fees)?;
        let gross = if fees.on_input { Some(filled.amount_out) } else { filled.amount_out.checked_add(filled.fee) };
        if gross != Some(rung.unfilled) {
            // Orders are left, so nothing else can be.
            return if self.left == 0 { Ok(self.place.liquidity) } else { Err(Refusal::Inconsistent) };
        }
        self.place.tick = if self.zero_for_one { rung.tick - 1 } else { rung.tick };
        if !rung.has_liquidity {
            self.count_emptied(rung)?;
            return Ok(self.place.liquidity);
        }
        let net = if self.zero_for_one { rung.net.checked_neg() } else { Some(rung.net) };
        net.and_then(|net| self.place.liquidity.checked_add_signed(net)).ok_or(Refusal::Overflow)
    }

    /// The program takes a tick without liquidity and orders off the count of its array.
    fn count_emptied(&mut self, rung: &Rung) -> Result<(), Refusal> {
        let before = if self.place.emptied.0 == rung.array { self.place.emptied.1 } else { 0 };
        if before >= rung.counted {
            return Err(Refusal::Inconsistent);
        }
        self.place.emptied = (rung.array, before + 1);
        Ok(())
    }

    /// Count what a step or a match moved.
    fn apply(&mut self, filled: &Filled, fees: Fees) -> Result<(), Refusal> {
        let fee = if fees.on_input { filled.fee } else { 0 };
        let taken = filled.amount_in.checked_add(fee).ok_or(Refusal::Overflow)?;
        let (given, sought) = match self.given {
            Given::Input => (taken, filled.amount_out),
            Given::Output => (filled.amount_out, taken),
        };
        self.left = self.left.checked_sub(given).ok_or(Refusal::Overflow)?;
        self.calculated = self.calculated.checked_add(sought).ok_or(Refusal::Overflow)?;
        Ok(())
    }

    /// What there is to swap here.
    pub const fn task(&self, price: u128, fees: Fees) -> Task {
        Task { price, left: self.left, given: self.given, zero_for_one: self.zero_for_one, fees }
    }

    /// Which of two prices ahead comes first.
    fn nearer(&self, one: u128, another: u128) -> u128 {
        if self.zero_for_one {
            one.max(another)
        } else {
            one.min(another)
        }
    }
}
