//! What leaves the module: sized and priced cycles, and why the others did not.

use std::ops::Deref;

use crate::search::MAX_HOPS;

/// One swap of a candidate; amounts are exact quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// Pool handle.
    pub pool: u32,
    /// Direction.
    pub zero_for_one: bool,
    /// Exact input.
    pub amount_in: u128,
    /// Exact output.
    pub amount_out: u128,
}

/// Up to [`MAX_HOPS`] swaps, in place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Legs {
    count: usize,
    legs: [Leg; MAX_HOPS],
}

impl FromIterator<Leg> for Legs {
    fn from_iter<I: IntoIterator<Item = Leg>>(items: I) -> Self {
        let mut found = Self::default();
        for (slot, leg) in found.legs.iter_mut().zip(items) {
            *slot = leg;
            found.count += 1;
        }
        found
    }
}

impl Deref for Legs {
    type Target = [Leg];

    fn deref(&self) -> &[Leg] {
        self.legs.get(..self.count).unwrap_or(&[])
    }
}

impl<'a> IntoIterator for &'a Legs {
    type Item = &'a Leg;
    type IntoIter = std::slice::Iter<'a, Leg>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A sized and priced cycle; all amounts in base units of the search's base asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Search handle.
    pub search: u32,
    /// Swaps in order.
    pub legs: Legs,
    /// Input of the first swap.
    pub amount_in: u128,
    /// Last output minus `amount_in`.
    pub gross: i128,
    /// Lender handle; `None` is own capital.
    pub lender: Option<u32>,
    /// Fee of the flash loan.
    pub flash_fee: u128,
    /// Units of the swaps and the loan, without what every transaction uses.
    pub units: u64,
    /// Planned network fee.
    pub network_fee: u128,
    /// Planned tip.
    pub tip: u128,
    /// `gross - flash_fee - network_fee - tip`.
    pub net: i128,
    /// Ordering number of the newest update it rests on.
    pub seq: u64,
}

/// Why a cycle that was looked at is not a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// It does not gain at any size, before network fee and tip.
    NoProfit,
    /// It gains less than the search asks for.
    MinProfit,
    /// A pool waits for a snapshot.
    Stale,
    /// A pool's bytes did not decode.
    Refused,
    /// Neither own capital nor a lender can supply anything.
    NoLender,
    /// Better-looking cycles used up the sizing budget or the places in the answer.
    Budget,
    /// A number did not fit at the sizes tried.
    Overflow,
    /// A better candidate of the same search uses one of its pools.
    SharesPool,
    /// The market was told to leave the path out for a while.
    Suppressed,
}

/// How many cycles were dropped for each reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops([u64; DropReason::ALL.len()]);

impl DropReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::NoProfit,
        Self::MinProfit,
        Self::Stale,
        Self::Refused,
        Self::NoLender,
        Self::Budget,
        Self::Overflow,
        Self::SharesPool,
        Self::Suppressed,
    ];

    /// The stable reason code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoProfit => "no_profit",
            Self::MinProfit => "min_profit",
            Self::Stale => "stale",
            Self::Refused => "refused",
            Self::NoLender => "no_lender",
            Self::Budget => "budget",
            Self::Overflow => "overflow",
            Self::SharesPool => "shares_pool",
            Self::Suppressed => "suppressed",
        }
    }
}

impl Drops {
    /// Count cycles under a reason.
    pub fn add(&mut self, reason: DropReason, count: usize) {
        if let Some(held) = self.0.get_mut(reason as usize) {
            *held = held.saturating_add(count as u64);
        }
    }

    /// Take cycles back that were counted under a reason.
    pub fn take(&mut self, reason: DropReason, count: u64) {
        if let Some(held) = self.0.get_mut(reason as usize) {
            *held = held.saturating_sub(count);
        }
    }

    /// Reasons that occurred, with their counts.
    pub fn occurred(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        DropReason::ALL.iter().zip(self.0).filter(|(_, count)| *count > 0).map(|(reason, count)| (reason.code(), count))
    }
}
