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
    /// How many updates were put before this one.
    pub order: u64,
    /// When its frame was read, as the reader's clock has it.
    pub at_ns: u64,
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
    order: u64,
    lost: u64,
    replaced: u64,
}

/// An update on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Which door, by number.
    pub door: u32,
    /// Whether every update of the door counts.
    pub every: bool,
    /// Ordering number, above 0.
    pub seq: u64,
    /// When its frame was read.
    pub at_ns: u64,
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
    pub fn put(&mut self, arrival: Arrival, data: &mut Vec<u8>) -> bool {
        self.order += 1;
        let order = self.order;
        if arrival.every {
            return self.append(arrival, order, data);
        }
        if let Some(held) = self.newest.get_mut(arrival.door as usize) {
            self.replaced += u64::from(held.seq > 0);
            if arrival.seq > held.seq {
                held.turn_into(arrival, order, data);
            }
        }
        true
    }

    /// How many updates were put, ever: what was put until now is drained by `drain(.., mark)`.
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.order
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

    /// Move what was put until `mark` to `out`, in order; its old buffers are used again. Returns how many of `out` count.
    pub fn drain(&mut self, out: &mut Vec<Waiting>, mark: u64) -> usize {
        let ripe = self.queue.iter().take(self.queued).take_while(|held| held.order <= mark).count();
        let mut count = 0;
        let queue = self.queue.iter_mut().take(ripe);
        for held in self.newest.iter_mut().filter(|held| held.seq > 0 && held.order <= mark).chain(queue) {
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
        if let Some(queued) = self.queue.get_mut(..self.queued) {
            queued.rotate_left(ripe);
        }
        self.queued -= ripe;
        let drained = out.get_mut(..count).unwrap_or_default();
        self.bytes = self.queue.iter().take(self.queued).map(|held| held.data.len()).sum();
        drained.sort_unstable_by_key(|held| (held.seq, held.door));
        count
    }

    fn append(&mut self, arrival: Arrival, order: u64, data: &mut Vec<u8>) -> bool {
        if self.queued >= self.capacity || self.bytes + data.len() > MAX_BYTES {
            self.lost += 1;
            if let Some(full) = self.full_doors.get_mut(arrival.door as usize) {
                *full = true;
            }
            return false;
        }
        if self.queued == self.queue.len() {
            self.queue.push(Waiting::default());
        }
        if let Some(held) = self.queue.get_mut(self.queued) {
            self.bytes += data.len();
            held.turn_into(arrival, order, data);
            self.queued += 1;
        }
        true
    }
}

impl Waiting {
    fn turn_into(&mut self, arrival: Arrival, order: u64, data: &mut Vec<u8>) {
        (self.door, self.seq, self.order, self.at_ns) = (arrival.door, arrival.seq, order, arrival.at_ns);
        mem::swap(&mut self.data, data);
    }
}

fn shrink(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(ring: &mut Ring, door: u32, every: bool, seq: u64, data: &mut Vec<u8>) -> bool {
        ring.put(Arrival { door, every, seq, at_ns: seq }, data)
    }

    fn drained(ring: &mut Ring) -> Vec<(u32, u64, Vec<u8>)> {
        let mut out = Vec::new();
        let count = ring.drain(&mut out, u64::MAX);
        out.into_iter().take(count).map(|held| (held.door, held.seq, held.data)).collect()
    }

    #[test]
    fn the_newest_of_a_whole_state_wins_whatever_the_order() {
        let mut ring = Ring::new(2, 4);
        for (seq, byte) in [(5, 1), (9, 2), (7, 3)] {
            assert!(put(&mut ring, 1, false, seq, &mut vec![byte]));
        }
        assert!(put(&mut ring, 0, false, 8, &mut vec![4]));
        assert_eq!(drained(&mut ring), [(0, 8, vec![4]), (1, 9, vec![2])]);
        assert_eq!(ring.replaced(), 2);
        assert_eq!(drained(&mut ring), []);
    }

    #[test]
    fn every_update_of_a_difference_is_kept_in_order() {
        let mut ring = Ring::new(1, 4);
        for seq in [3, 1, 2] {
            assert!(put(&mut ring, 0, true, seq, &mut vec![seq as u8]));
        }
        assert_eq!(drained(&mut ring), [(0, 1, vec![1]), (0, 2, vec![2]), (0, 3, vec![3])]);
    }

    #[test]
    fn a_full_queue_loses_and_says_at_which_door() {
        let mut ring = Ring::new(3, 1);
        assert!(put(&mut ring, 0, true, 1, &mut vec![1]));
        assert!(!put(&mut ring, 2, true, 2, &mut vec![2]));
        assert!(put(&mut ring, 1, false, 3, &mut vec![3]), "a whole state has a place of its own");
        assert!(ring.has_gap());
        assert_eq!((ring.lost(), ring.gaps(), ring.gaps()), (1, vec![2], vec![]));
        assert_eq!(drained(&mut ring), [(0, 1, vec![1]), (1, 3, vec![3])]);
        assert!(put(&mut ring, 2, true, 4, &mut vec![4]), "drained is empty again");
    }

    #[test]
    fn bytes_that_wait_are_bounded() {
        let mut ring = Ring::new(1, 4);
        assert!(put(&mut ring, 0, true, 1, &mut vec![0; MAX_BYTES]));
        assert!(!put(&mut ring, 0, true, 2, &mut vec![0]));
    }

    #[test]
    fn cleared_is_empty() {
        let mut ring = Ring::new(2, 4);
        put(&mut ring, 0, true, 1, &mut vec![1]);
        put(&mut ring, 1, false, 2, &mut vec![2]);
        ring.clear();
        assert_eq!(drained(&mut ring), []);
    }

    #[test]
    fn what_came_after_a_mark_waits_on() {
        let mut ring = Ring::new(2, 4);
        put(&mut ring, 0, true, 1, &mut vec![1]);
        put(&mut ring, 1, false, 2, &mut vec![2]);
        let mark = ring.mark();
        put(&mut ring, 0, true, 3, &mut vec![3]);
        put(&mut ring, 1, false, 4, &mut vec![4]);
        let mut out = Vec::new();
        assert_eq!((ring.drain(&mut out, mark), out[0].seq, out[0].at_ns), (1, 1, 1));
        assert_eq!(drained(&mut ring), [(0, 3, vec![3]), (1, 4, vec![4])], "the overtaken state is gone");
        assert_eq!(drained(&mut ring), []);
    }
}
