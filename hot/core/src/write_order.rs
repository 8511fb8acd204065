//! Ordering numbers from slots and write versions, as Geyser streams tell them.

use std::collections::VecDeque;

use crate::history::{last_of, PLACES};

/// Slots that are remembered; updates of older ones have no place any more.
pub const SLOTS: usize = 64;
/// The first version seen of a slot gets the place in the middle: others may come before it.
const MIDDLE: u64 = PLACES / 2;

/// A node's write version grows with every account it stores, over all slots. Within a slot the higher one is newer,
/// whatever order they come in, so it becomes the place in the slot.
#[derive(Debug, Default)]
pub struct WriteOrder {
    /// Slot and the version that came first, by slot.
    firsts: VecDeque<(u64, u64)>,
    /// Slots up to this one are forgotten.
    forgotten: Option<u64>,
}

impl WriteOrder {
    /// The ordering number of an update; `None` when it cannot be placed (a slot long past or beyond all numbers, a
    /// version too far from the slot's others): the pool that it belongs to must be read again.
    pub fn seq(&mut self, slot: u64, version: u64) -> Option<u64> {
        if slot >= u64::MAX / PLACES || self.forgotten.is_some_and(|past| slot <= past) {
            return None;
        }
        let first = match self.firsts.binary_search_by_key(&slot, |held| held.0) {
            Ok(at) => self.firsts.get(at)?.1,
            Err(at) => {
                self.firsts.insert(at, (slot, version));
                if self.firsts.len() > SLOTS {
                    self.forgotten = self.firsts.pop_front().map(|held| held.0);
                }
                version
            }
        };
        let place = (MIDDLE + version.saturating_sub(first)).checked_sub(first.saturating_sub(version))?;
        (place < PLACES).then(|| last_of(slot) - (PLACES - 1) + place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn slots_order_first_then_versions(updates in prop::collection::vec((0u64..40, 0u64..400_000), 1..60)) {
            let mut order = WriteOrder::default();
            let mut placed: Vec<_> =
                updates.iter().map(|(slot, version)| (order.seq(*slot, *version).unwrap(), (*slot, *version))).collect();
            placed.sort_unstable();
            prop_assert!(placed.windows(2).all(|pair| pair[0].1 <= pair[1].1));
            prop_assert!(placed.windows(2).all(|pair| (pair[0].0 == pair[1].0) == (pair[0].1 == pair[1].1)));
        }
    }

    #[test]
    fn what_cannot_be_placed_is_told() {
        let mut order = WriteOrder::default();
        assert_eq!(order.seq(1 << 44, 5), None);
        assert_eq!(order.seq(7, u64::MAX), Some(7 << 20 | 1 << 19));
        assert_eq!(order.seq(7, 5), None);
        assert_eq!(order.seq(7, u64::MAX - (1 << 19)), Some(7 << 20));
        assert_eq!(order.seq(7, u64::MAX - (1 << 19) - 1), None);
    }

    #[test]
    fn a_slot_long_past_is_not_begun_anew() {
        let mut order = WriteOrder::default();
        for slot in 0..SLOTS as u64 + 2 {
            assert!(order.seq(slot, 1000).is_some());
        }
        assert_eq!((order.seq(1, 1001), order.seq(2, 1001)), (None, Some((2 << 20) + (1 << 19) + 1)));
        assert_eq!(order.firsts.len(), SLOTS);
    }
}
