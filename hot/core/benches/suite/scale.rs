//! `scale_*`: what a market of pools weighs, and how busy a core is when updates come at a pace or all at once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use hoploop_hot::{BatchResult, Market, Update};

use crate::clock::{calibrate, line};
use crate::graph::{Rng, World};
use crate::ticks::SIZES;
use crate::wired::build;

/// The system's allocator with a count of the bytes in use.
pub struct Weighing;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed to the system's allocator unchanged; the count is an atomic on the side.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Weighing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `place` came from `alloc` above with this layout.
        unsafe { System.dealloc(place, layout) }
    }
}

/// Blocks that change every pool, so that all it keeps of earlier blocks is there.
const BLOCKS: u64 = 10;
const PLACE_BITS: u64 = 20;
/// Rounds of paced updates, and updates of one.
const ROUNDS: usize = 31;
const PACED: u64 = 1_000;
/// Updates that arrive at once.
const BURST: usize = 5_000;
/// Most updates taken from the queue together.
const TAKEN: usize = 512;

/// Memory, paced updates and bursts; the largest graph only in the long form.
pub fn run() {
    let quick = std::env::var_os("HOPLOOP_BENCH_QUICK").is_some();
    for (name, assets, pools) in SIZES.iter().copied().filter(|size| !quick || size.2 <= 10_000) {
        let world = World::generate(assets, pools, 0x0abc_def1_2345, 0.0002);
        let mut market = memory(name, &world);
        for rate in [1_000u64, 10_000, 100_000] {
            paced(&format!("scale_updates_{name}_at_{}k", rate / 1000), &mut market, &world, rate);
        }
        at_once(&format!("scale_updates_{name}_at_once"), &mut market, &world);
    }
}

/// Bytes in use for each pool: sealed and loaded, and with all that is kept to take blocks back.
fn memory(name: &str, world: &World) -> Market {
    let empty = IN_USE.load(Ordering::Relaxed);
    let mut market = build(world);
    market.seal().unwrap();
    for pool in 0..world.pools.len() {
        market.load(pool as u32, 0, &world.account(pool, 0.0)).unwrap().unwrap();
    }
    let each = || (IN_USE.load(Ordering::Relaxed) - empty) as f64 / world.pools.len() as f64;
    let loaded = each();
    let mut result = BatchResult::default();
    for block in 1..=BLOCKS {
        for pool in 0..world.pools.len() {
            let (key, data) = (World::key(pool), world.account(pool, block as f64 * 1e-7));
            let update = Update { key: &key, seq: block << PLACE_BITS, data: &data };
            market.on_batch_into(&[update], &mut result).unwrap();
        }
    }
    let rate = calibrate();
    line(&format!("scale_memory_{name}"), rate, rate, &[("bytes_per_pool", loaded), ("with_history", each())]);
    market
}

/// Updates that wait, the newest of each pool only; times are nanoseconds since the start.
#[derive(Default)]
struct Queue {
    places: HashMap<usize, usize>,
    waiting: Vec<(usize, u64, u64)>,
    replaced: usize,
}

impl Queue {
    /// The newest bytes win, the wait counts from the oldest.
    fn put(&mut self, pool: usize, seq: u64, at: u64) {
        match self.places.get(&pool) {
            Some(place) => {
                self.waiting[*place].1 = seq;
                self.replaced += 1;
            }
            None => {
                self.places.insert(pool, self.waiting.len());
                self.waiting.push((pool, seq, at));
            }
        }
    }

    fn take(&mut self) -> Vec<(usize, u64, u64)> {
        let taken: Vec<_> = self.waiting.drain(..self.waiting.len().min(TAKEN)).collect();
        for (pool, _, _) in &taken {
            self.places.remove(pool);
        }
        self.places.values_mut().for_each(|place| *place -= taken.len());
        taken
    }
}

/// Search a batch from the queue: nanoseconds it took.
fn serve(market: &mut Market, world: &World, random: &mut Rng, batch: &[(usize, u64, u64)]) -> u64 {
    let items: Vec<_> = batch
        .iter()
        .map(|(pool, seq, _)| (World::key(*pool), world.account(*pool, random.normal() * 0.0005), *seq))
        .collect();
    let updates: Vec<Update<'_>> = items.iter().map(|(key, data, seq)| Update { key, seq: *seq, data }).collect();
    let mut result = BatchResult::default();
    let start = Instant::now();
    market.on_batch_into(&updates, &mut result).unwrap();
    start.elapsed().as_nanos() as u64
}

/// Updates at even distances on a clock of its own, which the measured work moves on: what part of it is work? The
/// least of many short rounds, because on a shared machine most are interrupted.
fn paced(name: &str, market: &mut Market, world: &World, rate: u64) {
    let (mut random, before) = (Rng(99), calibrate());
    let rounds: Vec<[u64; 2]> = (0..ROUNDS).map(|_| round(market, world, &mut random, rate)).collect();
    let [share, wait] = [0, 1].map(|at| rounds.iter().map(|round| round[at]).min().unwrap_or(0) as f64);
    line(name, before, calibrate(), &[("core_percent", share / 1e4), ("wait_p99", wait)]);
}

/// Millionths of the time that are work, and the wait of the slowest hundredth.
fn round(market: &mut Market, world: &World, random: &mut Rng, rate: u64) -> [u64; 2] {
    let (count, apart) = (PACED, 1_000_000_000 / rate);
    let (mut queue, mut arrived, mut free, mut busy) = (Queue::default(), 0, 0u64, 0);
    let (mut waits, first) = (Vec::new(), newest(market) + 1);
    while arrived < count || !queue.waiting.is_empty() {
        let now = if queue.waiting.is_empty() { free.max(arrived * apart) } else { free };
        while arrived < count && arrived * apart <= now {
            queue.put(world.pick("activity", random), first + arrived, arrived * apart);
            arrived += 1;
        }
        let batch = queue.take();
        waits.extend(batch.iter().map(|(_, _, at)| now - at));
        let took = serve(market, world, random, &batch);
        (free, busy) = (now + took, busy + took);
    }
    [busy * 1_000_000 / (count * apart).max(free), at(&mut waits, 990) as u64]
}

/// Bursts that arrive in one moment: how long until their updates are taken, and until the last is searched. The least
/// of many.
fn at_once(name: &str, market: &mut Market, world: &World) {
    let (mut random, before) = (Rng(7), calibrate());
    let (mut waits, mut replaced, mut seq) = (Vec::new(), 0, newest(market) + 1);
    let mut took = Vec::new();
    for round in 0..17 {
        let (mut queue, mut now) = (Queue::default(), 0);
        for _ in 0..BURST {
            seq += 1;
            queue.put(world.pick("activity", &mut random), seq, 0);
        }
        let mut of_round = Vec::new();
        while !queue.waiting.is_empty() {
            let batch = queue.take();
            of_round.extend(batch.iter().map(|_| now));
            now += serve(market, world, &mut random, &batch);
        }
        if round > 0 {
            waits.push(at(&mut of_round, 990) as u64);
            took.push(now);
            replaced += queue.replaced;
        }
    }
    let figures = [
        ("wait_p99", at(&mut waits, 0)),
        ("drained", at(&mut took, 0)),
        ("replaced", replaced as f64 / took.len() as f64),
    ];
    line(name, before, calibrate(), &figures);
}

fn newest(market: &Market) -> u64 {
    (0..).map_while(|pool| market.pool(pool).ok()).map(hoploop_hot::pool::Pool::seq).max().unwrap_or(0)
}

/// The value below which a part of a thousand lies.
fn at(values: &mut [u64], part: usize) -> f64 {
    values.sort_unstable();
    values.get((values.len() * part / 1000).min(values.len().saturating_sub(1))).map_or(0.0, |value| *value as f64)
}
