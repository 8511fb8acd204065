//! After warm-up a batch allocates nothing, whatever it finds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../benches/suite/forged.rs"]
#[allow(dead_code)]
mod forged;
mod kit;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use hoploop_hot::fees::NetworkFee;
use hoploop_hot::tx::{EvmKey, EvmTemplate, Hole, Slot, SolanaKey, SolanaTemplate, Source, Templates, Terms};
use hoploop_hot::venues::Clock;
use hoploop_hot::{AccountPoolConfig, BatchResult, Candidate, Market, PoolConfig, Update};
use kit::{door, search, slot8, sync, word};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator with a count for each thread.
struct Counting;

// SAFETY: every call is handed to the system's allocator unchanged; the count lives in a thread-local `Cell` without a
// destructor, which is reached without allocating.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: `place` came from `alloc` above with this layout.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const UNIT: u128 = 1_000_000_000_000_000_000;
const SWAP: [u8; 8] = [0xc4, 0x20, 0x79, 0xf9, 0x4a, 0x63, 0x50, 0xd7];

/// Two constant-product pools and a concentrated one around price one, and a triangle of three more.
fn market() -> Market {
    let pairs = [[0, 1], [0, 1], [1, 2], [2, 0], [0, 1]];
    let mut market = Market::new();
    for asset in 0..3 {
        market.add_asset(&format!("asset {asset}")).unwrap();
    }
    for (number, [asset0, asset1]) in pairs.into_iter().enumerate() {
        let deep = number == 4;
        let topic = if deep { [SWAP.to_vec(), vec![0; 24]].concat() } else { uniswap_v2_topic() };
        let key = [vec![number as u8; 20], topic].concat();
        let config = PoolConfig {
            name: "pool",
            curve: if deep { "concentrated" } else { "constant_product" },
            decoder: if deep { "uniswap_v3" } else { "uniswap_v2" },
            asset0,
            asset1,
            fee_num: 3,
            fee_den: 1000,
            tick_spacing: if deep { 60 } else { 0 },
            units: 100,
            doors: &[&key],
        };
        market.add_pool(&config).unwrap();
    }
    let number = market.add_search(search(pairs.len(), 2, 4)).unwrap();
    market.set_own_capital(number, 1 << 100).unwrap();
    market.set_fees(NetworkFee { base_fee: 1, base_units: 1, price_num: 1, price_den: 1 }).unwrap();
    market.seal().unwrap();
    for pool in 0..4 {
        market.load(pool, 0, &slot8(1000 * UNIT, 1000 * UNIT)).unwrap().unwrap();
    }
    market.load(4, 0, &concentrated()).unwrap().unwrap();
    market
}

fn uniswap_v2_topic() -> Vec<u8> {
    door(0)[20..].to_vec()
}

fn concentrated() -> Vec<u8> {
    let liquidity = 50_000 * UNIT;
    let mark = |tick: i32, net: i128| {
        [tick.to_be_bytes().to_vec(), net.to_be_bytes().to_vec(), liquidity.to_be_bytes().to_vec()].concat()
    };
    let slot0 = [vec![0; 19], vec![1], vec![0; 12]].concat();
    let net = liquidity as i128;
    [slot0, word(liquidity), mark(-6000, net), mark(6000, -net)].concat()
}

fn swap(tick: i32) -> Vec<u8> {
    let price = hoploop_hot::curves::tick_math::sqrt_ratio_at_tick(tick).unwrap();
    let sign = if tick < 0 { 0xff } else { 0 };
    let tick = [vec![sign; 28], tick.to_be_bytes().to_vec()].concat();
    [vec![0; 128], price.to_be_bytes::<32>().to_vec(), word(50_000 * UNIT), tick].concat()
}

#[test]
fn a_batch_after_warm_up_allocates_nothing() {
    let mut market = market();
    let keys: Vec<Vec<u8>> = (0..4u8).map(|number| [vec![number; 20], uniswap_v2_topic()].concat()).collect();
    let deep = [vec![4; 20], SWAP.to_vec(), vec![0; 24]].concat();
    let syncs: Vec<Vec<u8>> = (0..8u128).map(|step| sync(1000 * UNIT, (960 + 10 * step) * UNIT)).collect();
    let swaps: Vec<Vec<u8>> = [-400, 0, 7, 300, -55].map(swap).to_vec();
    let (mut result, mut candidates, mut seq) = (BatchResult::default(), 0, 1);
    for round in 0..40 {
        let before = ALLOCATIONS.with(Cell::get);
        for (at, data) in syncs.iter().enumerate() {
            let pool = (at + round) % 4;
            let batch = [
                Update { key: &keys[pool], seq, data },
                Update { key: &deep, seq, data: &swaps[(at + round) % 5] },
                Update { key: &keys[(pool + 1) % 4], seq, data: &syncs[(at * 3) % 8] },
            ];
            let wanted = if at % 2 == 0 { 1 } else { 3 };
            market.on_batch_into(&batch[..wanted], &mut result).unwrap();
            // Every third update begins a new block, so that the end of the one before is put aside.
            seq += if at % 3 == 0 { 1 << 20 } else { 1 };
            candidates += result.candidates.len();
            assert!(result.refused.is_empty());
        }
        let made = ALLOCATIONS.with(Cell::get) - before;
        assert!(round < 10 || made == 0, "{made} allocations in round {round}");
    }
    assert!(candidates > 100, "the batches must find something: {candidates}");
}

/// `execute(amount in)` in an EIP-1559 transaction with nonce 5.
fn unsigned(amount: u128) -> Vec<u8> {
    let head = [&[2, 0xf8, 66, 1, 5, 1, 1, 9, 0x94][..], &[6; 20], &[0x80, 0xa4, 1, 2, 3, 4]].concat();
    let mut out = [head, word(amount), vec![0xc0]].concat();
    out[2] = (out.len() - 3) as u8;
    out
}

/// A v0 message with one instruction whose data is the amount's low eight bytes.
fn message(payer: &[u8; 32], amount: u128) -> Vec<u8> {
    let head = [&[0x80, 1, 0, 1, 2][..], payer, &[8; 32], &[9; 32], &[1, 1, 0, 8]].concat();
    [&head[..], &amount.to_le_bytes()[..8], &[0]].concat()
}

#[test]
fn a_route_known_before_is_filled_and_signed_without_allocating() {
    let (evm_key, solana_key) = (EvmKey::new(&[1; 32]).unwrap(), SolanaKey::new(&[1; 32]).unwrap());
    let (mut evm, mut solana) = (Templates::<EvmTemplate>::new(8), Templates::<SolanaTemplate>::new(8));
    let with = |fresh| Terms { variant: 0, fresh, tip: 0, min_gain: 0, given: &[] };
    let (nonce, blockhash) = (with(&[5]), with(&[9; 32]));
    let found = |market: &mut Market, seq: u64| -> Candidate {
        let mut result = BatchResult::default();
        let (key, data) =
            ([vec![0; 20], uniswap_v2_topic()].concat(), sync(1000 * UNIT, (1200 + u128::from(seq)) * UNIT));
        market.on_batch_into(&[Update { key: &key, seq, data: &data }], &mut result).unwrap();
        result.candidates.remove(0)
    };
    let mut market = market();
    let first = found(&mut market, 1);
    let hole = |item, at, len| [Hole { slot: Slot { item, at, len }, source: Source::AmountIn }];
    evm.add(&first, &nonce, &unsigned(first.amount_in), &hole(7, 4, 32), ()).unwrap();
    let small = Candidate { amount_in: 77, ..first.clone() };
    solana.add(&small, &blockhash, &message(solana_key.public(), 77), &hole(0, 0, 8), ()).unwrap();
    let later = Candidate { amount_in: 78, ..found(&mut market, 2) };
    let before = ALLOCATIONS.with(Cell::get);
    let hash = evm.fill(&later, &nonce).unwrap().unwrap().0.sign(&evm_key).unwrap().1;
    let wire = solana.fill(&later, &blockhash).unwrap().unwrap().0.sign(&solana_key).unwrap();
    let made = ALLOCATIONS.with(Cell::get) - before;
    assert_eq!(made, 0);
    assert_eq!(wire[65..], message(solana_key.public(), 78));
    assert_eq!(hash, evm_key.sign_transaction(&unsigned(78), &mut Vec::new()).unwrap());
}

/// Allocations in each of the last of many batches that change the first account of a pool made of accounts.
fn allocations_of_reading(venue: &str, forged: forged::Forged) -> usize {
    let (roles, held, routes) = forged.parts();
    let mut market = Market::new();
    for asset in 0..2 {
        market.add_asset(&format!("asset {asset}")).unwrap();
    }
    let routes = [routes[0].as_slice(), routes[1].as_slice()];
    let config = AccountPoolConfig { name: "pool", venue, asset0: 0, asset1: 1, units: 0, roles: &roles, routes };
    let pool = market.add_account_pool(&config).unwrap();
    market.seal().unwrap();
    market.set_clock(Clock { slot: 1, unix_timestamp: 1_700_000_000, epoch: 1 });
    let mut keys: Vec<[u8; 32]> = roles.iter().map(|role| role.1).chain(routes.concat()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut snapshot = (keys.len() as u32).to_le_bytes().to_vec();
    for key in &keys {
        let empty = (*key, [0; 32], Vec::new());
        let (_, owner, data) = held.iter().find(|account| account.0 == *key).unwrap_or(&empty);
        snapshot.extend([key.as_slice(), owner, &(data.len() as u32).to_le_bytes(), data].concat());
    }
    assert_eq!(market.load(pool, 0, &snapshot).unwrap(), Ok(true));
    let (key, owner, data) = &held[0];
    let update = [owner.as_slice(), data].concat();
    let mut result = BatchResult::default();
    let mut made = 0;
    for round in 1..40u64 {
        let before = ALLOCATIONS.with(Cell::get);
        market.on_batch_into(&[Update { key, seq: round << 20, data: &update }], &mut result).unwrap();
        made = ALLOCATIONS.with(Cell::get) - before;
        assert_eq!((result.applied, result.refused.len()), (1, 0));
    }
    made
}

#[test]
fn reading_a_pool_of_two_reserves_from_its_accounts_allocates_nothing() {
    assert_eq!(allocations_of_reading("raydium_cpmm", forged::cpmm([1 << 40, 1 << 41])), 0);
    assert_eq!(allocations_of_reading("meteora_damm_v2", forged::damm2()), 0);
}

#[test]
fn reading_ticks_bins_and_orders_allocates_a_bounded_number_of_lists() {
    let made = [
        allocations_of_reading("meteora_dlmm", forged::dlmm(1_000_000)),
        allocations_of_reading("raydium_clmm", forged::clmm(1 << 40)),
        allocations_of_reading("phoenix", forged::phoenix()),
    ];
    assert!(made.into_iter().zip([12, 49, 5]).all(|(made, most)| made <= most), "{made:?}");
}
