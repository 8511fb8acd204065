//! A seeded market of hubs and a long tail: most tail assets have a few pools against a hub, some pairs have many.

/// Assets 0 up to here are hubs.
pub const HUBS: usize = 5;
const HUB_SHARES: [f64; HUBS] = [0.60, 0.85, 0.93, 0.97, 1.0];

/// Xorshift64*.
pub struct Rng(pub u64);

impl Rng {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (self.unit() + 1e-300).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Pools with reserves near their assets' prices.
pub struct World {
    /// Number of assets.
    pub assets: usize,
    /// Assets of each pool, lower number first.
    pub pools: Vec<[u32; 2]>,
    reserves: Vec<[u64; 2]>,
    between_hubs: Vec<usize>,
}

impl World {
    /// The world of a seed; `spread` is the standard deviation of mispricing.
    pub fn generate(assets: usize, count: usize, seed: u64, spread: f64) -> Self {
        let mut random = Rng(seed);
        let price: Vec<f64> = (0..assets).map(|_| (random.normal() * 1.5).exp() * 1e-6).collect();
        let mut weight = 0.0;
        let weights: Vec<f64> = (0..assets - HUBS)
            .map(|rank| {
                weight += 1.0 / (1.0 + rank as f64).powf(0.9);
                weight
            })
            .collect();
        let tail = |random: &mut Rng| {
            let place = random.unit() * weight;
            weights.partition_point(|held| *held < place).min(assets - HUBS - 1) + HUBS
        };
        let mut world = Self { assets, pools: Vec::new(), reserves: Vec::new(), between_hubs: Vec::new() };
        while world.pools.len() < count {
            let number = world.pools.len();
            let kind = random.unit();
            let (one, other) = if number < assets - HUBS && number < count / 2 {
                (number + HUBS, hub(&mut random))
            } else if kind < 0.85 {
                (tail(&mut random), hub(&mut random))
            } else if kind < 0.88 {
                let one = hub(&mut random);
                (one, (one + 1 + (random.next() % 4) as usize) % HUBS)
            } else {
                (tail(&mut random), tail(&mut random))
            };
            if one == other {
                continue;
            }
            let (low, high) = (one.min(other), one.max(other));
            let depth = 10f64.powf(4.0 + 3.0 * random.unit());
            let off = (random.normal() * spread).exp();
            if high < HUBS {
                world.between_hubs.push(number);
            }
            world.pools.push([low as u32, high as u32]);
            world.reserves.push([(depth / price[low]) as u64, (depth / price[high] * off) as u64]);
        }
        world
    }

    /// The key of a pool's account.
    pub fn key(pool: usize) -> [u8; 32] {
        let mut key = [7; 32];
        key[..8].copy_from_slice(&(pool as u64).to_le_bytes());
        key
    }

    /// Reserves with the price moved by a logarithm, at constant product.
    pub fn moved(&self, pool: usize, by: f64) -> [u64; 2] {
        let [r0, r1] = self.reserves[pool];
        let factor = (by * 0.5).exp();
        [(r0 as f64 / factor) as u64, (r1 as f64 * factor) as u64]
    }

    /// The account of a pool of Hoploop's AMM with the price moved.
    pub fn account(&self, pool: usize, by: f64) -> [u8; 176] {
        let [r0, r1] = self.moved(pool, by);
        let mut data = [0; 176];
        data[..8].copy_from_slice(b"HOPAMM01");
        data[8..12].copy_from_slice(&2500u32.to_le_bytes());
        data[12..16].copy_from_slice(&1_000_000u32.to_le_bytes());
        data[152..160].copy_from_slice(&r0.to_le_bytes());
        data[160..168].copy_from_slice(&r1.to_le_bytes());
        data
    }

    /// The pool of the next update: any, or by activity (a fifth between hubs, the rest leaning to low numbers).
    pub fn pick(&self, kind: &str, random: &mut Rng) -> usize {
        if kind == "uniform" {
            (random.next() % self.pools.len() as u64) as usize
        } else if random.unit() < 0.2 {
            self.between_hubs[(random.next() % self.between_hubs.len() as u64) as usize]
        } else {
            let place = random.unit();
            (place * place * self.pools.len() as f64) as usize
        }
    }
}

fn hub(random: &mut Rng) -> usize {
    let place = random.unit();
    HUB_SHARES.iter().position(|share| place < *share).unwrap_or(HUBS - 1)
}
