//! What waits between a reader and the market: bounded, in order, never silently incomplete.

use std::mem;

/// Most bytes that wait at doors where every update counts.
pub const MAX_BYTES: usize = 64 << 20;
/// A buffer larger than this is given back after use.
const KEPT: usize = 64 << 10;

/// An update that waits; its buffer is used again.
#[derive(Debug, Default)]
pub struct Waiting {
    /// Which door, by number.
    pub door: u32,
    /// Ordering number; 0 when nothing waits.
    pub seq: u64,
    /// The update's bytes.
    pub data: Vec<u8>,
}

/// One place for every door whose updates are whole states, where the newest wins, and a queue for the others.
#[derive(Debug, Default)]
pub struct Ring {
    newest: Vec<Waiting>,
    queue: Vec<Waiting>,
    queued: usize,
    bytes: usize,
    capacity: usize,
    full_doors: Vec<bool>,
    lost: u64,
    replaced: u64,
}

impl Ring {
    /// For `doors` doors, with at most `capacity` updates in the queue.
    #[must_use]
    pub fn new(doors: usize, capacity: usize) -> Self {
        let mut newest = Vec::new();
        newest.resize_with(doors, Waiting::default);
        Self { newest, capacity, full_doors: vec![false; doors], ..Self::default() }
    }

    /// Keep an update; the bytes are taken by exchange, `data` gets a used buffer. False when it was lost for want of room.
    pub fn put(&mut self, door: u32, every: bool, seq: u64, data: &mut Vec<u8>) -> bool {
        if every {
            return self.append(door, seq, data);
        }
        if let Some(held) = self.newest.get_mut(door as usize) {
            self.replaced += u64::from(held.seq > 0);
            if seq > held.seq {
                (held.door, held.seq) = (door, seq);
                mem::swap(&mut held.data, data);
            }
        }
        true
    }

    /// Forget what waits: the chain took it back.
    pub fn clear(&mut self) {
        for held in &mut self.newest {
            held.seq = 0;
        }
        (self.queued, self.bytes) = (0, 0);
    }

    /// Updates lost for want of room, ever.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Updates that a newer one of their door overtook, ever.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// True when a door lost an update and `gaps` has not been asked since.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        self.full_doors.contains(&true)
    }

    /// Doors that lost an update since the last call.
    pub fn gaps(&mut self) -> Vec<u32> {
        let doors = self.full_doors.iter_mut().zip(0u32..);
        doors.filter_map(|(full, door)| mem::take(full).then_some(door)).collect()
    }

    /// Move everything that waits to `out`, in order; its old buffers are used again. Returns how many of `out` count.
    pub fn drain(&mut self, out: &mut Vec<Waiting>) -> usize {
        let mut count = 0;
        let queued = self.queue.iter_mut().take(self.queued);
        for held in self.newest.iter_mut().filter(|held| held.seq > 0).chain(queued) {
            if count == out.len() {
                out.push(Waiting::default());
            }
            if let Some(place) = out.get_mut(count) {
                mem::swap(place, held);
                shrink(&mut held.data);
                held.seq = 0;
                count += 1;
            }
        }
        (self.queued, self.bytes) = (0, 0);
        if let Some(drained) = out.get_mut(..count) {
            drained.sort_unstable_by_key(|held| (held.seq, held.door));
        }
        count
    }

    fn append(&mut self, door: u32, seq: u64, data: &mut Vec<u8>) -> bool {
        if self.queued >= self.capacity || self.bytes + data.len() > MAX_BYTES {
            self.lost += 1;
            if let Some(full) = self.full_doors.get_mut(door as usize) {
                *full = true;
            }
            return false;
        }
        if self.queued == self.queue.len() {
            self.queue.push(Waiting::default());
        }
        if let Some(held) = self.queue.get_mut(self.queued) {
            self.bytes += data.len();
            (held.door, held.seq) = (door, seq);
            mem::swap(&mut held.data, data);
            self.queued += 1;
        }
        true
    }
}

fn shrink(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(ring: &mut Ring) -> Vec<(u32, u64, Vec<u8>)> {
        let mut out = Vec::new();
        let count = ring.drain(&mut out);
        out.into_iter().take(count).map(|held| (held.door, held.seq, held.data)).collect()
    }

    #[test]
    fn the_newest_of_a_whole_state_wins_whatever_the_order() {
        let mut ring = Ring::new(2, 4);
        for (seq, byte) in [(5, 1), (9, 2), (7, 3)] {
            assert!(ring.put(1, false, seq, &mut vec![byte]));
        }
        assert!(ring.put(0, false, 8, &mut vec![4]));
        assert_eq!(drained(&mut ring), [(0, 8, vec![4]), (1, 9, vec![2])]);
        assert_eq!(ring.replaced(), 2);
        assert_eq!(drained(&mut ring), []);
    }

    #[test]
    fn every_update_of_a_difference_is_kept_in_order() {
        let mut ring = Ring::new(1, 4);
        for seq in [3, 1, 2] {
            assert!(ring.put(0, true, seq, &mut vec![seq as u8]));
        }
        assert_eq!(drained(&mut ring), [(0, 1, vec![1]), (0, 2, vec![2]), (0, 3, vec![3])]);
    }

    #[test]
    fn a_full_queue_loses_and_says_at_which_door() {
        let mut ring = Ring::new(3, 1);
        assert!(ring.put(0, true, 1, &mut vec![1]));
        assert!(!ring.put(2, true, 2, &mut vec![2]));
        assert!(ring.put(1, false, 3, &mut vec![3]), "a whole state has a place of its own");
        assert!(ring.has_gap());
        assert_eq!((ring.lost(), ring.gaps(), ring.gaps()), (1, vec![2], vec![]));
        assert_eq!(drained(&mut ring), [(0, 1, vec![1]), (1, 3, vec![3])]);
        assert!(ring.put(2, true, 4, &mut vec![4]), "drained is empty again");
    }

    #[test]
    fn bytes_that_wait_are_bounded() {
        let mut ring = Ring::new(1, 4);
        assert!(ring.put(0, true, 1, &mut vec![0; MAX_BYTES]));
        assert!(!ring.put(0, true, 2, &mut vec![0]));
    }

    #[test]
    fn cleared_is_empty() {
        let mut ring = Ring::new(2, 4);
        ring.put(0, true, 1, &mut vec![1]);
        ring.put(1, false, 2, &mut vec![2]);
        ring.clear();
        assert_eq!(drained(&mut ring), []);
    }
}
