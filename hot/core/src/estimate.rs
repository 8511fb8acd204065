//! What a cycle may net, in real numbers: enough to tell which cycles are worth exact integers.

use std::cmp::Ordering;

use crate::curves::Mobius;
use crate::market::Market;
use crate::money::Terms;
use crate::search::{Cycle, Edge};
use crate::sizing::{optimum, Problem};

/// An estimated net may be off by this part of the amount and of the gain.
const ESTIMATE_ERROR: f64 = 1e-9;
/// Costs from here on are left to exact integers.
const BEYOND_ESTIMATES: f64 = 1e37;

/// A whole curve as `out(x) = rate * x / (1 + bend * x)`: a chain of them needs no division.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bend {
    pub rate: f64,
    pub bend: f64,
}

/// A cycle with what it may net at best.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimated {
    net: f64,
    /// Net plus what the estimate may be off.
    pub most: f64,
    pub cycle: Cycle,
}

impl Bend {
    /// Stands for a curve that is no single map.
    pub(crate) const NONE: Self = Self { rate: f64::NAN, bend: f64::NAN };

    #[inline]
    pub(crate) fn of(curve: Mobius) -> Self {
        Self { rate: curve.a / curve.b, bend: curve.c / curve.b }
    }
}

impl Market {
    /// What a cycle nets in real numbers; `None` when it gains nothing at any size.
    pub(crate) fn estimate(&self, cycle: &Cycle, terms: &Terms) -> Option<Estimated> {
        let (mut rate, mut bend) = (1.0 / terms.price, 0.0);
        for edge in cycle.edges() {
            let each = self.bend(*edge);
            (rate, bend) = (rate * each.rate, bend + rate * each.bend);
        }
        // Without pieces the best amount is where the money's price is earned by the last unit.
        let (amount, gain, searched) = if rate.is_nan() {
            self.optimum(cycle, terms)?
        } else if rate <= 1.0 {
            return None;
        } else {
            let over = rate.sqrt() - 1.0;
            let amount = over / (bend * terms.price);
            if amount <= terms.most {
                (amount, terms.price * amount * over, false)
            } else {
                let (amount, bend) = (terms.most, bend * terms.price);
                (amount, terms.price * amount * (rate / (1.0 + bend * amount) - 1.0), false)
            }
        };
        if amount <= 0.0 {
            return None;
        }
        let fee = if terms.unit > 0.0 {
            let pools = cycle.edges().iter().filter_map(|edge| self.pools.get(edge.pool() as usize));
            terms.fee + terms.unit * pools.map(|pool| pool.units).fold(0, u64::saturating_add) as f64
        } else {
            terms.fee
        };
        let net = gain - (gain * terms.share).max(terms.least_tip).min(terms.most_tip) - fee;
        let off = (amount + gain.abs() + fee) * ESTIMATE_ERROR + 4.0;
        let most = if fee < BEYOND_ESTIMATES && !searched { net + off } else { f64::INFINITY };
        Some(Estimated { net, most, cycle: *cycle })
    }

    #[inline]
    fn bend(&self, edge: Edge) -> Bend {
        self.bends.get(edge.pool() as usize).map_or(Bend::NONE, |bends| bends[usize::from(!edge.zero_for_one())])
    }

    /// Amount and gain where a leg is no single map, and whether exact quotes had to find them.
    fn optimum(&self, cycle: &Cycle, terms: &Terms) -> Option<(f64, f64, bool)> {
        let chain = self.chain(cycle)?;
        let problem = Problem { hops: chain.hops(), flash: terms.flash, cap: terms.cap };
        if let Some(best) = optimum::best(&problem) {
            return Some((best.amounts[0], best.gain, false));
        }
        // No pieces to walk: exact quotes rank the cycle, or say later why they cannot.
        match problem.solve() {
            Ok(found) => found.map(|found| (found.amount as f64, found.gain as f64, true)),
            Err(_) => Some((f64::INFINITY, f64::INFINITY, true)),
        }
    }
}

/// Estimates by net, sorted only as far as somebody looks.
pub(crate) struct BestFirst<'a> {
    left: &'a mut [Estimated],
    /// How many at the front are in order.
    sorted: usize,
}

impl<'a> BestFirst<'a> {
    /// Estimates brought in order for the first looks.
    const AHEAD: usize = 512;
    /// From here on the best is sought once for each look.
    const FEW: usize = 64;

    pub(crate) fn of(estimated: &'a mut [Estimated]) -> Self {
        Self { left: estimated, sorted: 0 }
    }

    /// How many are left.
    pub(crate) const fn left(&self) -> usize {
        self.left.len()
    }

    /// The best of those left.
    pub(crate) fn next(&mut self) -> Option<Estimated> {
        if self.sorted == 0 {
            self.bring_forward();
        }
        let (first, rest) = std::mem::take(&mut self.left).split_first_mut()?;
        (self.left, self.sorted) = (rest, self.sorted.saturating_sub(1));
        Some(*first)
    }

    fn bring_forward(&mut self) {
        if self.left.len() <= Self::FEW {
            if let Some((at, _)) = self.left.iter().enumerate().min_by(|one, other| one.1.cmp(other.1)) {
                self.left.swap(0, at);
            }
            self.sorted = 1;
            return;
        }
        self.sorted = self.left.len().min(Self::AHEAD);
        if self.left.len() > self.sorted {
            self.left.select_nth_unstable(self.sorted);
        }
        self.left[..self.sorted].sort_unstable();
    }
}

/// Best net first.
impl Ord for Estimated {
    fn cmp(&self, other: &Self) -> Ordering {
        other.net.total_cmp(&self.net).then_with(|| self.cycle.cmp(&other.cycle))
    }
}

impl PartialOrd for Estimated {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Estimated {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Estimated {}
