//! What a market is told before it is sealed, checked.

use crate::curves::{Curve, Fee};
use crate::decoders::{Decoder, Event};
use crate::error::{wrong, WiringError};
use crate::fees::{FlashFee, Rounding, Tip};
use crate::pool::Pool;
use crate::search::MAX_HOPS;

/// One pool, in the words of the recipe.
#[derive(Clone, Debug)]
pub struct PoolConfig<'a> {
    /// Name, for people.
    pub name: &'a str,
    /// Curve name.
    pub curve: &'a str,
    /// Decoder name.
    pub decoder: &'a str,
    /// Handle of asset 0.
    pub asset0: u32,
    /// Handle of asset 1.
    pub asset1: u32,
    /// Fee numerator.
    pub fee_num: u32,
    /// Fee denominator.
    pub fee_den: u32,
    /// Tick spacing of concentrated pools, else 0.
    pub tick_spacing: u32,
    /// Gas or compute units of one swap.
    pub units: u64,
    /// Keys its updates arrive under.
    pub doors: &'a [&'a [u8]],
}

/// One search, in the words of the recipe.
#[derive(Clone, Debug)]
pub struct SearchConfig {
    /// Name, for people.
    pub name: String,
    /// Asset the cycles start from and end in.
    pub base: u32,
    /// Pools that may be used.
    pub pools: Vec<u32>,
    /// Lenders that may be asked.
    pub lenders: Vec<u32>,
    /// Least number of swaps.
    pub min_hops: usize,
    /// Most swaps.
    pub max_hops: usize,
    /// Most that may go into a cycle.
    pub max_notional: u128,
    /// Least net for a candidate.
    pub min_net: i128,
    /// How the tip follows the gain.
    pub tip: Tip,
    /// Most cycles sized per changed pool.
    pub budget: usize,
}

/// A lender and what it can lend now.
#[derive(Debug)]
pub struct Lender {
    /// Name, for people.
    pub name: String,
    /// Price of a loan.
    pub fee: FlashFee,
    /// Units of borrowing and repaying.
    pub units: u64,
    available: Vec<(u32, u128)>,
}

/// A search with the own capital it may use.
#[derive(Debug)]
pub struct Search {
    /// What the recipe says.
    pub config: SearchConfig,
    /// Own funds in the base asset.
    pub own_capital: u128,
}

impl PoolConfig<'_> {
    /// The pool and what arrives at each door, in the order of `doors`.
    pub fn check(&self, assets: usize) -> Result<(Pool, Vec<Event>), WiringError> {
        if self.asset0 as usize >= assets || self.asset1 as usize >= assets || self.asset0 == self.asset1 {
            return wrong("a pool needs two different known assets");
        }
        if self.fee_num >= self.fee_den {
            return wrong("a pool's fee must be less than one");
        }
        let fee = Fee { num: self.fee_num, den: self.fee_den };
        let curve = Curve::parse(self.curve, fee, self.tick_spacing)?;
        let decoder = Decoder::parse(self.decoder, &curve)?;
        let events = self.doors.iter().map(|door| decoder.event(door)).collect::<Result<Vec<_>, _>>()?;
        let pool = Pool::new(self.name.to_owned(), curve, decoder, [self.asset0, self.asset1], self.units);
        Ok((pool, events))
    }
}

impl SearchConfig {
    /// Whether every handle is known and every number makes sense.
    pub fn check(&self, assets: usize, pools: usize, lenders: usize) -> Result<(), WiringError> {
        if self.base as usize >= assets {
            return wrong("the search's base asset is unknown");
        }
        if self.pools.iter().any(|pool| *pool as usize >= pools) {
            return wrong("the search names an unknown pool");
        }
        if self.lenders.iter().any(|lender| *lender as usize >= lenders) {
            return wrong("the search names an unknown lender");
        }
        let mut sorted = self.pools.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return wrong("the search names a pool twice");
        }
        if self.min_hops < 2 || self.min_hops > self.max_hops || self.max_hops > MAX_HOPS {
            return wrong(format!("hops must satisfy 2 <= min_hops <= max_hops <= {MAX_HOPS}"));
        }
        if self.max_notional == 0 || self.budget == 0 {
            return wrong("max_notional and budget must not be zero");
        }
        if self.tip.den == 0 || self.tip.num > self.tip.den || self.tip.min > self.tip.max {
            return wrong("a tip needs 0 <= num/den <= 1 and min <= max");
        }
        Ok(())
    }
}

impl Lender {
    /// A lender that can lend nothing yet.
    pub fn new(name: String, num: u128, den: u128, rounding: &str, min: u128, units: u64) -> Result<Self, WiringError> {
        if den == 0 {
            return wrong("a lender's fee needs a denominator");
        }
        let fee = FlashFee { num, den, rounding: Rounding::parse(rounding)?, min };
        Ok(Self { name, fee, units, available: Vec::new() })
    }

    /// Most it can lend of an asset now.
    #[must_use]
    pub fn available(&self, asset: u32) -> u128 {
        self.available.iter().find(|held| held.0 == asset).map_or(0, |held| held.1)
    }

    /// Set what it can lend of an asset.
    pub fn set_available(&mut self, asset: u32, amount: u128) {
        match self.available.iter_mut().find(|held| held.0 == asset) {
            Some(held) => held.1 = amount,
            None => self.available.push((asset, amount)),
        }
    }
}
