//! The bins of one direction with prefix sums: the crossing index.

use super::side::{Bin, Part, Side};
use crate::error::Refusal;
use crate::venues::Piece;

/// Outputs above this are walked to from the first bin: with a fee of at most 10 % on top they may leave 64 bits there.
const SURE: u64 = u64::MAX / 10 * 9;

/// So much more than a bin takes or gives empties it: fees round, one may be lost.
const SURELY: u64 = 2;

/// One bin, and what all bins before it take and give when they are emptied.
#[derive(Clone, Debug)]
struct Rung {
    bin: Bin,
    depth: u64,
    /// What each layer costs, where it can be said.
    costs: Option<[u64; 3]>,
    /// Output for one of input, in real numbers.
    rate: f64,
    before: Part,
}

/// Bins in the order a swap empties them.
#[derive(Clone, Debug)]
pub struct Ladder {
    side: Side,
    rungs: Vec<Rung>,
    total: Part,
    end: Refusal,
    /// Every bin costs something, so that prefix sums tell where a swap ends.
    sums_tell: bool,
}

impl Ladder {
    /// Without bins.
    #[must_use]
    pub fn new(side: Side) -> Self {
        Self { side, rungs: Vec::new(), total: Part::default(), end: Refusal::Empty, sums_tell: true }
    }

    /// The direction.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// Adds a bin with anything for sale. An error is the reason why no swap gets beyond it.
    pub fn push(&mut self, bin: Bin) -> Result<(), Refusal> {
        let depth = bin.depth()?;
        if depth == 0 {
            return Ok(());
        }
        self.rungs.push(Rung {
            bin,
            depth,
            costs: self.side.costs(&bin),
            rate: self.side.rate(&bin),
            before: self.total,
        });
        let emptied = self.side.sell(&bin, u64::MAX)?;
        if emptied.taken == 0 {
            // The program counts nothing that cost nothing.
            self.sums_tell = false;
            return Ok(());
        }
        self.total = self.total.plus(emptied).filter(|total| total.taken < u64::MAX).ok_or(Refusal::Overflow)?;
        Ok(())
    }

    /// Sets why a swap that empties all bins is refused.
    pub fn close(&mut self, end: Refusal) {
        self.end = end;
    }

    /// A bin in real numbers.
    #[must_use]
    pub fn piece(&self, number: usize) -> Option<Piece> {
        let rung = self.rungs.get(number).filter(|_| self.sums_tell)?;
        let after = self.rungs.get(number + 1).map_or(self.total, |next| next.before);
        Some(Piece::line(rung.rate, after.taken.saturating_sub(rung.before.taken) as f64))
    }

    /// Output for a net input.
    pub fn sell(&self, amount: u64) -> Result<u64, Refusal> {
        if amount == 0 {
            return Ok(0);
        }
        let rungs = self.from(amount, |rung| rung.before.taken);
        let start = rungs.first().ok_or(self.end)?.before;
        let (mut left, mut out) = (amount.checked_sub(start.taken).ok_or(Refusal::Inconsistent)?, start.given);
        for rung in rungs {
            let part = self.side.sell_at(&rung.bin, rung.costs, left)?;
            if part.taken > 0 {
                left = left.checked_sub(part.taken).ok_or(Refusal::Overflow)?;
                out = out.checked_add(part.given).ok_or(Refusal::Overflow)?;
            }
            if left == 0 {
                return Ok(out);
            }
        }
        Err(self.end)
    }

    /// Net input for an output.
    pub fn buy(&self, amount: u64) -> Result<u64, Refusal> {
        if amount == 0 {
            return Ok(0);
        }
        let rungs = if amount > SURE { &self.rungs } else { self.from(amount, |rung| rung.before.given) };
        let start = rungs.first().ok_or(self.end)?.before;
        let (mut left, mut paid) = (amount.checked_sub(start.given).ok_or(Refusal::Inconsistent)?, start.taken);
        for rung in rungs {
            let part = self.side.buy(&rung.bin, rung.depth, left)?;
            if part.taken > 0 {
                left = left.checked_sub(part.given).ok_or(Refusal::Overflow)?;
                paid = paid.checked_add(part.taken).ok_or(Refusal::Overflow)?;
            }
            if left == 0 {
                return Ok(paid);
            }
        }
        Err(self.end)
    }

    /// Bins from one on that `amount` reaches for sure, near the one where it ends.
    ///
    /// A bin is emptied for sure when [`SURELY`] more arrives than it takes (or gives).
    fn from(&self, amount: u64, before: impl Fn(&Rung) -> u64) -> &[Rung] {
        if !self.sums_tell {
            return &self.rungs;
        }
        let last = self.rungs.partition_point(|rung| before(rung) < amount).saturating_sub(1);
        let Some(sum) = self.rungs.get(last).map(&before) else {
            return &self.rungs;
        };
        if amount.saturating_sub(sum) >= SURELY {
            return &self.rungs[last..];
        }
        let first = self.rungs.partition_point(|rung| before(rung) < sum);
        &self.rungs[first.saturating_sub(1)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sizes() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0u64), 1u64..4, 1u64..100_000, 1u64..1 << 45, (u64::MAX - 5)..=u64::MAX]
    }

    fn bins() -> impl Strategy<Value = Vec<Bin>> {
        let price = prop_oneof![5 => Just(1u128 << 64), 5 => 1u128 << 40..1u128 << 90, 1 => Just(0)];
        let bin = (price, 0u64..=100_000_000, sizes(), [sizes(), sizes(), sizes()])
            .prop_map(|(price, fee, into, layers)| Bin { price, fee, into, layers });
        proptest::collection::vec(bin, 0..12)
    }

    fn build(side: Side, bins: Vec<Bin>) -> Ladder {
        let mut ladder = Ladder::new(side);
        let end = bins.into_iter().try_for_each(|bin| ladder.push(bin)).err();
        ladder.close(end.unwrap_or(Refusal::Empty));
        ladder
    }

    proptest! {
        #[test]
        fn sums_tell_what_a_walk_from_the_first_bin_tells(
            bins in bins(), x_in: bool, fee_on_input: bool, amounts in proptest::collection::vec(sizes(), 1..6),
        ) {
            let ladder = build(Side { x_in, fee_on_input }, bins);
            let plain = Ladder { sums_tell: false, ..ladder.clone() };
            let edges = ladder.rungs.iter().flat_map(|rung| [rung.before.taken, rung.before.given]);
            let near = edges.flat_map(|edge| (0..4).map(move |off| edge.saturating_add(off).saturating_sub(1)));
            for amount in near.chain(amounts) {
                prop_assert_eq!(ladder.sell(amount).ok(), plain.sell(amount).ok(), "sell {}", amount);
                prop_assert_eq!(ladder.buy(amount).ok(), plain.buy(amount).ok(), "buy {}", amount);
            }
        }
    }
}
