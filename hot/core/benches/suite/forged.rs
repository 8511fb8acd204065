//! Pools of the workloads in their on-chain layouts, byte for byte those of `bench/forge.py` and the peers.

use std::cell::RefCell;
use std::collections::HashMap;

use hoploop_hot::venues::address::{derived, Derived};
use hoploop_hot::venues::meteora_damm_v2::MeteoraDammV2;
use hoploop_hot::venues::meteora_dlmm::MeteoraDlmm;
use hoploop_hot::venues::phoenix::Phoenix;
use hoploop_hot::venues::raydium_clmm::RaydiumClmm;
use hoploop_hot::venues::raydium_cpmm::RaydiumCpmm;
use hoploop_hot::venues::token::TOKEN;
use hoploop_hot::venues::whirlpool::Whirlpool;
use hoploop_hot::venues::{Account, Accounts, AnyVenue, Clock, Venue};

type Key = [u8; 32];

const POOL: Key = [1; 32];
const CONFIG: Key = [2; 32];
const MINTS: [Key; 2] = [[3; 32], [4; 32]];
const VAULTS: [Key; 2] = [[5; 32], [6; 32]];
const ARRAY: u8 = 10;
/// Ticks in an array of a Whirlpool.
const SLOTS: i32 = 88;
/// Price of tick 120 as Raydium's program has it.
const AT_120: u128 = 18_557_751_677_669_997_135;

/// Accounts of one pool.
#[derive(Default)]
pub struct Forged {
    roles: Vec<(&'static str, Key)>,
    held: Vec<(Key, Key, Vec<u8>)>,
    routes: [Vec<Key>; 2],
}

impl Forged {
    fn new(program: Key, pool: Vec<u8>) -> Self {
        let mut mint = vec![0; 82];
        mint[45] = 1;
        let roles = vec![("pool", POOL), ("config", CONFIG), ("mint_a", MINTS[0]), ("mint_b", MINTS[1])];
        let held = vec![(POOL, program, pool), (MINTS[0], TOKEN, mint.clone()), (MINTS[1], TOKEN, mint)];
        Self { roles, held, routes: Default::default() }
    }

    fn vaults(mut self, amounts: [u64; 2]) -> Self {
        for (at, role) in ["vault_a", "vault_b"].into_iter().enumerate() {
            let mut data = vec![0; 165];
            put(&mut data, 0, &MINTS[at]);
            put(&mut data, 64, &amounts[at].to_le_bytes());
            data[108] = 1;
            self.roles.push((role, VAULTS[at]));
            self.held.push((VAULTS[at], TOKEN, data));
        }
        self
    }

    /// Accounts by role, key with owner and data, and routes.
    #[allow(dead_code)]
    #[allow(clippy::type_complexity)]
    pub fn parts(self) -> (Vec<(&'static str, Key)>, Vec<(Key, Key, Vec<u8>)>, [Vec<Key>; 2]) {
        (self.roles, self.held, self.routes)
    }

    /// The pool as its venue reads it for the first time.
    pub fn read(&self, venue: &str) -> AnyVenue {
        self.read_again(venue, &RefCell::default())
    }

    /// The same when addresses were derived before.
    pub fn read_again(&self, venue: &str, known: &RefCell<Derived>) -> AnyVenue {
        let held = self.held.iter().map(|(key, owner, data)| (*key, Account { key: *key, owner: *owner, data }));
        let accounts = Accounts::new(self.roles.iter().copied().collect(), held.collect(), self.routes.clone());
        let accounts = accounts.knowing(known);
        AnyVenue::read(venue, &accounts, &Clock { slot: 1, unix_timestamp: 1_700_000_000, epoch: 1 }).unwrap().unwrap()
    }
}

fn packed(length: usize, fields: &[(usize, &[u8])]) -> Vec<u8> {
    let mut data = vec![0; length];
    fields.iter().for_each(|(at, bytes)| put(&mut data, *at, bytes));
    data
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

/// This much in every bin of three arrays, bin 100 active, steps of ten basis points.
pub fn dlmm(held: u64) -> Forged {
    let active = 100i64;
    let mut pair = packed(904, &[(0, b"\x21\x0b\x31\x62\xb5\x65\xb1\x0d"), (88, &MINTS[0]), (120, &MINTS[1])]);
    for (at, value) in [(8, 10_000u16), (10, 30), (12, 600), (14, 5_000), (32, 500), (80, 10)] {
        put(&mut pair, at, &value.to_le_bytes());
    }
    for (at, value) in [(16, 40_000i32), (20, 350_000), (24, -443_636), (28, 443_636), (48, 100), (76, 100)] {
        put(&mut pair, at, &value.to_le_bytes());
    }
    pair[35] = 1;
    put(&mut pair, 584 + 64, &[7]);
    let mut pool = Forged::new(MeteoraDlmm::PROGRAM, pair);
    for index in 0..3 {
        let mut array = packed(10_136, &[(0, b"\x5c\x8e\x5c\xdc\x05\x94\x46\xb5"), (8, &[index]), (24, &POOL)]);
        for place in 0..70 {
            let (number, at) = (i64::from(index) * 70 + place, 56 + 144 * place as usize);
            put(&mut array, at, &(u64::from(number >= active) * held).to_le_bytes());
            put(&mut array, at + 8, &(u64::from(number <= active) * held).to_le_bytes());
            put(&mut array, at + 16, &bin_price(number).to_le_bytes());
        }
        pool.held.push(([ARRAY + index; 32], MeteoraDlmm::PROGRAM, array));
    }
    pool.routes = [vec![[ARRAY + 1; 32], [ARRAY; 32]], vec![[ARRAY + 1; 32], [ARRAY + 2; 32]]];
    pool
}

/// `1.001 ^ number`, Q64.64, floor by floor of the reciprocal.
fn bin_price(number: i64) -> u128 {
    let (mut square, mut result) = (u128::MAX / ((1 << 64) + (10u128 << 64) / 10_000), 1u128 << 64);
    for bit in 0..19 {
        if number >> bit & 1 == 1 {
            result = (result * square) >> 64;
        }
        square = (square * square) >> 64;
    }
    if number > 0 {
        u128::MAX / result
    } else {
        result
    }
}

/// Forty positions around tick 120, spacing 60, of 100 to 139 units of liquidity.
pub fn clmm(unit: i128) -> Forged {
    let mut net: HashMap<i32, i128> = HashMap::new();
    let mut inside = 0u128;
    for at in 0..40 {
        let size = (100 + i128::from(at)) * unit;
        *net.entry(60 - 60 * at).or_default() += size;
        *net.entry(180 + 60 * at).or_default() -= size;
        inside += size as u128;
    }
    let program = RaydiumClmm::PROGRAM;
    let mut pool = packed(
        1544,
        &[(0, b"\xf7\xed\xe3\xf5\xd7\xc3\xde\x46"), (9, &CONFIG), (73, &MINTS[0]), (105, &MINTS[1]), (235, &[60])],
    );
    put(&mut pool, 237, &inside.to_le_bytes());
    put(&mut pool, 253, &AT_120.to_le_bytes());
    put(&mut pool, 269, &120i32.to_le_bytes());
    // Arrays -1 and 0.
    put(&mut pool, 904 + 63, &[0x80, 1]);
    let config = packed(117, &[(0, b"\xda\xf4\x21\x68\xcb\xcb\x2b\x6f"), (47, &3_000u32.to_le_bytes())]);
    let mut forged = Forged::new(program, pool);
    forged.held.push((CONFIG, program, config));
    for (number, start) in [-3_600i32, 0].into_iter().enumerate() {
        let mut array = packed(
            10_240,
            &[(0, b"\xc0\x9b\x55\xcd\x31\xf9\x81\x2a"), (8, &POOL), (40, &start.to_le_bytes()), (10_124, &[60])],
        );
        for (tick, change) in net.iter().filter(|(tick, _)| (start..start + 3_600).contains(*tick)) {
            let at = 44 + ((tick - start) / 60) as usize * 168;
            put(&mut array, at, &tick.to_le_bytes());
            put(&mut array, at + 4, &change.to_le_bytes());
            put(&mut array, at + 20, &change.unsigned_abs().to_le_bytes());
        }
        forged.held.push(([ARRAY + number as u8; 32], program, array));
    }
    forged.routes = [vec![[ARRAY + 1; 32], [ARRAY; 32]], vec![[ARRAY + 1; 32]]];
    forged
}

/// These reserves, a quarter of a percent.
pub fn cpmm(reserves: [u64; 2]) -> Forged {
    let program = RaydiumCpmm::PROGRAM;
    let mut pool = packed(637, &[(0, b"\xf7\xed\xe3\xf5\xd7\xc3\xde\x46")]);
    for (at, key) in [(8, CONFIG), (72, VAULTS[0]), (104, VAULTS[1]), (168, MINTS[0]), (200, MINTS[1])] {
        put(&mut pool, at, &key);
    }
    let config = packed(236, &[(0, b"\xda\xf4\x21\x68\xcb\xcb\x2b\x6f"), (12, &2_500u64.to_le_bytes())]);
    let mut forged = Forged::new(program, pool).vaults(reserves);
    forged.held.push((CONFIG, program, config));
    forged
}

/// Liquidity of a trillion from a quarter of the price to four times it, a quarter of a percent.
pub fn damm2() -> Forged {
    let one = 1u128 << 64;
    let mut pool = packed(1112, &[(0, b"\xf1\x9a\x6d\x04\x11\xb1\x6d\xbc"), (8, &2_500_000u64.to_le_bytes())]);
    for (at, key) in [(168, MINTS[0]), (200, MINTS[1]), (232, VAULTS[0]), (264, VAULTS[1])] {
        put(&mut pool, at, &key);
    }
    for (at, value) in [(360, 10u128.pow(12) << 64), (424, one / 4), (440, one * 4), (456, one)] {
        put(&mut pool, at, &value.to_le_bytes());
    }
    pool[480] = 1;
    Forged::new(MeteoraDammV2::PROGRAM, pool).vaults([1 << 60; 2])
}

/// Twenty bids of one SOL, one tick of 0.001 USDC apart, from 149.9 down; two basis points.
pub fn phoenix() -> Forged {
    let (capacity, header) = (64usize, 880usize);
    let mut market = vec![0; header + 2 * (32 + capacity * 64)];
    let words =
        [(8, 1u64), (16, 64), (24, 64), (112, 1_000_000), (192, 1), (832, 1_000), (840, 1_000), (848, 1), (856, 2)];
    for (at, value) in words {
        put(&mut market, at, &value.to_le_bytes());
    }
    // A tree that only leans right: every order's next is its right child.
    put(&mut market, header, &1u32.to_le_bytes());
    for number in 0..20u32 {
        let at = header + 32 + number as usize * 64;
        put(&mut market, at + 4, &(if number < 19 { number + 2 } else { 0 }).to_le_bytes());
        put(&mut market, at + 16, &(149_900 - u64::from(number)).to_le_bytes());
        put(&mut market, at + 24, &u64::from(number).to_le_bytes());
        put(&mut market, at + 40, &1_000u64.to_le_bytes());
    }
    let mut forged = Forged::new(Phoenix::PROGRAM, market);
    forged.roles.push(("market", POOL));
    forged
}

/// Tick, spacing, fee, liquidity and price; then `tick:net` of every initialized tick.
pub fn whirlpool(state: &str, ticks: &str) -> Forged {
    let state: Vec<&str> = state.split(' ').collect();
    let spacing: i32 = state[1].parse().unwrap();
    let length = SLOTS * spacing;
    let mut pool = packed(653, &[(0, b"\x3f\x95\xd1\x0c\xe1\x80\x63\x09"), (101, &MINTS[0]), (181, &MINTS[1])]);
    put(&mut pool, 41, &(spacing as u16).to_le_bytes());
    put(&mut pool, 43, &(spacing as u16).to_le_bytes());
    put(&mut pool, 45, &state[2].parse::<u16>().unwrap().to_le_bytes());
    put(&mut pool, 49, &state[3].parse::<u128>().unwrap().to_le_bytes());
    put(&mut pool, 65, &state[4].parse::<u128>().unwrap().to_le_bytes());
    put(&mut pool, 81, &state[0].parse::<i32>().unwrap().to_le_bytes());
    let mut arrays: HashMap<i32, Vec<u8>> = HashMap::new();
    for (tick, net) in marks(ticks) {
        let start = tick.div_euclid(length) * length;
        let empty = || {
            let magic = b"\x45\x61\xbd\xbe\x6e\x07\x42\xbb";
            packed(9988, &[(0, magic), (8, &start.to_le_bytes()), (9956, &POOL)])
        };
        let at = 12 + ((tick - start) / spacing) as usize * 113;
        let array = arrays.entry(start).or_insert_with(empty);
        array[at] = 1;
        put(array, at + 1, &net.to_le_bytes());
    }
    let mut forged = Forged::new(Whirlpool::PROGRAM, pool);
    forged.held.extend(arrays.into_iter().map(|(start, data)| (array_key(start), Whirlpool::PROGRAM, data)));
    forged.routes = [-1, 1].map(|step| (0..3).map(|count| array_key(count * step * length)).collect());
    forged
}

fn marks(ticks: &str) -> impl Iterator<Item = (i32, i128)> + '_ {
    ticks
        .split(' ')
        .filter_map(|pair| pair.split_once(':'))
        .map(|(at, net)| (at.parse().unwrap(), net.parse().unwrap()))
}

fn array_key(start: i32) -> Key {
    derived(&[b"tick_array", &POOL, start.to_string().as_bytes()], &Whirlpool::PROGRAM).unwrap()
}

/// The pool of the workload at another tick, a little above its price.
pub fn moved(state: &str, ticks: &str, tick: i32) -> String {
    let state: Vec<&str> = state.split(' ').collect();
    let mark =
        |pair: &str| pair.split_once(':').map(|(at, net)| (at.parse::<i32>().unwrap(), net.parse::<i128>().unwrap()));
    let liquidity: i128 = ticks.split(' ').filter_map(mark).filter(|(at, _)| *at <= tick).map(|(_, net)| net).sum();
    let price = 1.0001f64.powf((f64::from(tick) + 0.5) / 2.0) * (1u128 << 64) as f64;
    format!("{tick} {} {} {liquidity} {}", state[1], state[2], price as u128)
}
