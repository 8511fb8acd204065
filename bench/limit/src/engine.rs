//! Reserves, rates and pairs in flat arrays; cycles of two and three pools through a changed pool, best eight exact.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::graph::World;

const BUDGET: usize = 256;
const BEST: usize = 8;
const FEE: u64 = 2_500;
const MILLION: u64 = 1_000_000;

/// Input, exact profit and directed pools (`pool << 1`, plus one against the order of its assets).
#[derive(Clone, Copy, Default)]
pub struct Candidate {
    pub input: u64,
    pub profit: i64,
    value: f64,
    hops: [u32; 3],
    count: usize,
}

/// An account's key, hashed by words.
#[derive(PartialEq, Eq)]
struct Key([u8; 32]);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for word in self.0.chunks_exact(8) {
            state.write_u64(u64::from_le_bytes(word.try_into().unwrap()));
        }
    }
}

/// One wide product a word.
#[derive(Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xf39c_c060_5ced_c835;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub struct Engine {
    pools: HashMap<Key, u32, BuildHasherDefault<Fold>>,
    reserves: Vec<[u64; 2]>,
    /// Logarithm of the marginal rate of each directed pool.
    rates: Vec<f32>,
    pair_of: Vec<u32>,
    /// Pools of each pair by direction, best rate first.
    order: Vec<[Vec<u32>; 2]>,
    best: Vec<f32>,
    /// Sides of the two other pairs of each triangle, going on from the pair's second asset.
    triangles: Vec<Vec<[u32; 2]>>,
    found: Vec<Candidate>,
    left: usize,
}

impl Engine {
    pub fn new(world: &World) -> Self {
        let mut numbers: HashMap<[u32; 2], u32> = HashMap::new();
        let mut order: Vec<[Vec<u32>; 2]> = Vec::new();
        let mut links: Vec<Vec<u32>> = vec![Vec::new(); world.assets];
        let mut pair_of = Vec::new();
        for (pool, pair) in world.pools.iter().enumerate() {
            let number = *numbers.entry(*pair).or_insert_with(|| {
                order.push([Vec::new(), Vec::new()]);
                links[pair[0] as usize].push(pair[1]);
                links[pair[1] as usize].push(pair[0]);
                order.len() as u32 - 1
            });
            order[number as usize]
                .iter_mut()
                .for_each(|side| side.push(pool as u32));
            pair_of.push(number);
        }
        let side = |from: u32, to: u32| {
            numbers
                .get(&[from.min(to), from.max(to)])
                .map(|number| 2 * number + u32::from(from > to))
        };
        let mut triangles = vec![Vec::new(); order.len()];
        for ([low, high], number) in &numbers {
            let near = if links[*low as usize].len() < links[*high as usize].len() {
                low
            } else {
                high
            };
            for third in links[*near as usize]
                .iter()
                .filter(|third| *third != low && *third != high)
            {
                if let (Some(on), Some(home)) = (side(*high, *third), side(*third, *low)) {
                    triangles[*number as usize].push([on, home]);
                }
            }
        }
        let (pools, pairs) = (world.pools.len(), order.len());
        let mut engine = Self {
            pools: (0..pools)
                .map(|pool| (Key(World::key(pool)), pool as u32))
                .collect(),
            reserves: vec![[1; 2]; pools],
            rates: vec![0.0; pools * 2],
            pair_of,
            order,
            best: vec![f32::NEG_INFINITY; pairs * 2],
            triangles,
            found: Vec::with_capacity(BUDGET),
            left: 0,
        };
        for pool in 0..pools {
            engine.set(pool, world.moved(pool, 0.0));
        }
        for pool in 0..pools {
            engine.sort_in(pool);
        }
        engine
    }

    /// Take an account's bytes; the best candidates, best first.
    pub fn on_account(&mut self, key: &[u8; 32], data: &[u8; 176]) -> &[Candidate] {
        let Some(&pool) = self.pools.get(&Key(*key)) else {
            return &[];
        };
        let pool = pool as usize;
        let reserve = |at: usize| u64::from_le_bytes(data[at..at + 8].try_into().unwrap());
        self.set(pool, [reserve(152), reserve(160)]);
        self.sort_in(pool);
        (self.left, self.found) = (BUDGET, std::mem::take(&mut self.found));
        self.found.clear();
        let pair = self.pair_of[pool] as usize;
        for direction in 0..2 {
            self.two(pool as u32 * 2 + direction, 2 * pair as u32 + direction);
        }
        let triangles = std::mem::take(&mut self.triangles[pair]);
        for &[on, home] in &triangles {
            self.three(pool as u32 * 2, on, home);
            self.three(pool as u32 * 2 + 1, home ^ 1, on ^ 1);
        }
        self.triangles[pair] = triangles;
        let kept = self.found.len().min(BEST);
        if kept > 0 {
            self.found
                .select_nth_unstable_by(kept - 1, |one, other| other.value.total_cmp(&one.value));
        }
        self.found.truncate(kept);
        for at in 0..kept {
            let candidate = self.found[at];
            let hops = &candidate.hops[..candidate.count];
            let out = hops
                .iter()
                .fold(candidate.input, |amount, hop| self.quote(*hop, amount));
            self.found[at].profit = out as i64 - candidate.input as i64;
        }
        self.found
            .sort_unstable_by_key(|candidate| -candidate.profit);
        &self.found
    }

    fn set(&mut self, pool: usize, reserves: [u64; 2]) {
        self.reserves[pool] = reserves;
        let rate = (reserves[1] as f64 / reserves[0] as f64).ln();
        let kept = (1.0 - FEE as f64 / MILLION as f64).ln();
        (self.rates[2 * pool], self.rates[2 * pool + 1]) =
            ((rate + kept) as f32, (kept - rate) as f32);
    }

    fn sort_in(&mut self, pool: usize) {
        let pair = self.pair_of[pool] as usize;
        for direction in 0..2 {
            let rates = &self.rates;
            let rate = |pool: u32| rates[2 * pool as usize + direction];
            let order = &mut self.order[pair][direction];
            let mut at = order
                .iter()
                .position(|held| *held as usize == pool)
                .unwrap();
            while at > 0 && rate(order[at - 1]) < rate(order[at]) {
                order.swap(at, at - 1);
                at -= 1;
            }
            while at + 1 < order.len() && rate(order[at + 1]) > rate(order[at]) {
                order.swap(at, at + 1);
                at += 1;
            }
            self.best[2 * pair + direction] = rate(order[0]);
        }
    }

    fn two(&mut self, hop: u32, side: u32) {
        let back = (side ^ 1) as usize;
        for at in 0..self.order[back / 2][back & 1].len() {
            let other = self.order[back / 2][back & 1][at] * 2 + (back & 1) as u32;
            if self.left == 0 || self.rates[hop as usize] + self.rates[other as usize] <= 0.0 {
                return;
            }
            if other / 2 != hop / 2 {
                self.size([hop, other, 0], 2);
            }
        }
    }

    fn three(&mut self, hop: u32, on: u32, home: u32) {
        let own = self.rates[hop as usize];
        let (on, home) = (on as usize, home as usize);
        if own + self.best[on] + self.best[home] <= 0.0 {
            return;
        }
        for one in 0..self.order[on / 2][on & 1].len() {
            let second = self.order[on / 2][on & 1][one] * 2 + (on & 1) as u32;
            let so_far = own + self.rates[second as usize];
            if so_far + self.best[home] <= 0.0 {
                return;
            }
            for other in 0..self.order[home / 2][home & 1].len() {
                let third = self.order[home / 2][home & 1][other] * 2 + (home & 1) as u32;
                if self.left == 0 || so_far + self.rates[third as usize] <= 0.0 {
                    break;
                }
                self.size([hop, second, third], 3);
            }
        }
    }

    fn size(&mut self, hops: [u32; 3], count: usize) {
        self.left -= 1;
        let keep = 1.0 - FEE as f64 / MILLION as f64;
        let (mut rate, mut slope) = (1.0, 0.0);
        for hop in &hops[..count] {
            let [held, other] = self.directed(*hop);
            let each = rate / held as f64;
            (rate, slope) = (keep * other as f64 * each, slope + keep * each);
        }
        if rate <= 1.0 {
            return;
        }
        let input = (rate.sqrt() - 1.0) / slope;
        let value = (rate.sqrt() - 1.0).powi(2) / slope;
        self.found.push(Candidate {
            input: input as u64,
            profit: 0,
            value,
            hops,
            count,
        });
    }

    fn directed(&self, hop: u32) -> [u64; 2] {
        let [r0, r1] = self.reserves[hop as usize / 2];
        if hop & 1 == 0 {
            [r0, r1]
        } else {
            [r1, r0]
        }
    }

    fn quote(&self, hop: u32, amount: u64) -> u64 {
        let [held, other] = self.directed(hop);
        let fee = (u128::from(amount) * u128::from(FEE)).div_ceil(u128::from(MILLION)) as u64;
        let net = u128::from(amount - fee);
        (u128::from(other) * net / (u128::from(held) + net)) as u64
    }
}
