//! `payload_*`: bytes of one update to a transaction: state, search, sizing, the route's template filled, and signed.
//!
//! A thousand constant-product pools, routes of two and three swaps paid with a flash loan. A first pass over the same
//! updates composes the shapes, as an engine does when it meets them first.

use std::hint::black_box;
use std::time::Instant;

use hoploop_hot::fees::{NetworkFee, Tip};
use hoploop_hot::tx::{EvmKey, EvmTemplate, Hole, Prebuilt, Slot, SolanaKey, SolanaTemplate, Source, Templates, Terms};
use hoploop_hot::wiring::Lender;
use hoploop_hot::{BatchResult, Candidate, Market, PoolConfig, SearchConfig, Update};

use crate::clock::{calibrate, line};
use crate::graph::{Rng, World, HUBS};

const UPDATES: usize = 10_000;
const ROUNDS: usize = 5;
const POOLS: usize = 1_000;
const SYNC: [u8; 32] = {
    let mut topic = [0; 32];
    let head = [0x1c, 0x41, 0x1e, 0x9a, 0x96, 0xe0, 0x71, 0x24, 0x1c, 0x2f, 0x21, 0xf7, 0x72, 0x6b, 0x17, 0xae];
    let tail = [0x89, 0xe3, 0xca, 0xb4, 0xc7, 0x8b, 0xe5, 0x0e, 0x06, 0x2b, 0x03, 0xa9, 0xff, 0xfb, 0xba, 0xd1];
    let mut at = 0;
    while at < 16 {
        topic[at] = head[at];
        topic[at + 16] = tail[at];
        at += 1;
    }
    topic
};

/// How one family's pools speak and how its transactions are written and signed.
trait Family {
    type Template: Prebuilt;
    const NAME: &'static str;
    const CURVE: [&'static str; 2];
    const FRESH: &'static [u8];
    fn door(pool: usize) -> Vec<u8>;
    fn data(world: &World, pool: usize, by: f64) -> Vec<u8>;
    fn snapshot(world: &World, pool: usize) -> Vec<u8>;
    /// What a builder writes, and where the numbers are.
    fn compose(&self, found: &Candidate, terms: &Terms<'_>) -> (Vec<u8>, Vec<Hole>);
    fn sign(&self, template: &mut Self::Template);
    fn bare(&self, round: usize);
}

/// Both families.
pub fn run() {
    measure(&Solana { key: SolanaKey::new(&[1; 32]).unwrap() });
    measure(&Evm { key: EvmKey::new(&[1; 32]).unwrap() });
}

fn measure<F: Family>(family: &F) {
    let world = World::generate(1_000, POOLS, 0x0abc_def1_2345, 0.0002);
    let mut street = Street::<F> { market: market::<F>(&world), templates: Templates::new(1 << 14), seq: 1 };
    let before = calibrate();
    street.pass(&world, |templates, found, terms| {
        if templates.fill(found, terms).unwrap().is_none() {
            let (unsigned, holes) = family.compose(found, terms);
            templates.add(found, terms, &unsigned, &holes, ()).unwrap();
        }
    });
    street.pass(&world, |templates, found, terms| {
        let (template, ()) = templates.fill(found, terms).unwrap().unwrap();
        assert_eq!(template.bytes(), family.compose(found, terms).0);
    });
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        rounds[0].push(street.pass(&world, |templates, found, terms| {
            let (template, ()) = templates.fill(found, terms).unwrap().unwrap();
            black_box(template.bytes());
        }));
        rounds[1].push(street.pass(&world, |templates, found, terms| {
            let (template, ()) = templates.fill(found, terms).unwrap().unwrap();
            family.sign(template);
        }));
        rounds[2].push((0..rounds[0][0].len()).map(|round| timed(|| family.bare(round))).collect());
    }
    let after = calibrate();
    for (what, rounds) in ["payload_unsigned", "payload_signed", "bare_sign"].into_iter().zip(rounds) {
        let times = medians(&rounds);
        let at = |part: usize| times[times.len() * part / 100] as f64;
        let count = times.len() as f64;
        line(&format!("{what}_{}", F::NAME), before, after, &[("p50", at(50)), ("p99", at(99)), ("found", count)]);
    }
}

fn timed(call: impl FnOnce()) -> u64 {
    let start = Instant::now();
    call();
    start.elapsed().as_nanos() as u64
}

/// Every payload's median over the rounds, least first: what is left is the payloads' difference, not the machine's.
fn medians(rounds: &[Vec<u64>]) -> Vec<u64> {
    let of = |number: usize| {
        let mut times: Vec<u64> = rounds.iter().map(|round| round[number]).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let mut found: Vec<u64> = (0..rounds[0].len()).map(of).collect();
    found.sort_unstable();
    found
}

struct Street<F: Family> {
    market: Market,
    templates: Templates<F::Template>,
    seq: u64,
}

impl<F: Family> Street<F> {
    /// The same updates every time; nanoseconds from bytes to what `then` does, where a route was found.
    fn pass(
        &mut self,
        world: &World,
        mut then: impl FnMut(&mut Templates<F::Template>, &Candidate, &Terms<'_>),
    ) -> Vec<u64> {
        let (mut random, mut result) = (Rng(4242), BatchResult::default());
        let mut times = Vec::with_capacity(UPDATES);
        for round in 0..UPDATES {
            let pool = world.pick("activity", &mut random);
            let shock = random.normal() * 0.003;
            let (key, moved, back) = (F::door(pool), F::data(world, pool, shock), F::data(world, pool, 0.0));
            self.seq += 2;
            let start = Instant::now();
            self.market.on_batch_into(&[Update { key: &key, seq: self.seq, data: &moved }], &mut result).unwrap();
            if let Some(found) = result.candidates.first() {
                let given = [300_000, 1_000, 60_000_000 - round as u128];
                let (tip, min_gain) = (found.tip, found.network_fee + found.tip + 1);
                let terms = Terms { variant: 0, fresh: F::FRESH, tip, min_gain, given: &given };
                then(&mut self.templates, found, &terms);
                times.push(start.elapsed().as_nanos() as u64);
            }
            self.market.on_batch_into(&[Update { key: &key, seq: self.seq + 1, data: &back }], &mut result).unwrap();
        }
        times
    }
}

fn market<F: Family>(world: &World) -> Market {
    let mut market = Market::new();
    for asset in 0..world.assets {
        market.add_asset(&format!("asset {asset}")).unwrap();
    }
    let lender = market.add_lender(Lender::new("lender".to_owned(), 1, 100_000, "up", 0, 8_000).unwrap());
    for (number, [asset0, asset1]) in world.pools.iter().enumerate() {
        let config = PoolConfig {
            name: "pool",
            curve: F::CURVE[0],
            decoder: F::CURVE[1],
            asset0: *asset0,
            asset1: *asset1,
            fee_num: 2500,
            fee_den: 1_000_000,
            tick_spacing: 0,
            units: 8_000,
            doors: &[&F::door(number)],
        };
        market.add_pool(&config).unwrap();
    }
    for base in 0..HUBS as u32 {
        let search = SearchConfig {
            name: format!("hub {base}"),
            base,
            pools: (0..world.pools.len() as u32).collect(),
            lenders: vec![lender],
            min_hops: 2,
            max_hops: 3,
            max_notional: 1 << 62,
            min_net: 1,
            tip: Tip { num: 1, den: 10, min: 0, max: 1 << 40 },
            budget: 256 / HUBS,
        };
        market.add_search(search).unwrap();
        market.set_available(lender, base, 1 << 62).unwrap();
    }
    market.set_fees(NetworkFee { base_fee: 0, base_units: 600, price_num: 0, price_den: 1 }).unwrap();
    market.seal().unwrap();
    for pool in 0..world.pools.len() {
        market.load(pool as u32, 0, &F::snapshot(world, pool)).unwrap().unwrap();
    }
    market
}

struct Solana {
    key: SolanaKey,
}

fn le(value: u128) -> [u8; 8] {
    (value as u64).to_le_bytes()
}

impl Family for Solana {
    type Template = SolanaTemplate;
    const NAME: &'static str = "sol";
    const CURVE: [&'static str; 2] = ["constant_product_fee_first", "hoploop_amm"];
    const FRESH: &'static [u8] = &[0xaa; 32];

    fn door(pool: usize) -> Vec<u8> {
        World::key(pool).to_vec()
    }

    fn data(world: &World, pool: usize, by: f64) -> Vec<u8> {
        world.account(pool, by).to_vec()
    }

    fn snapshot(world: &World, pool: usize) -> Vec<u8> {
        Self::data(world, pool, 0.0)
    }

    /// Three budget instructions, borrow, swaps, repay, tip; 25 accounts.
    fn compose(&self, found: &Candidate, terms: &Terms<'_>) -> (Vec<u8>, Vec<Hole>) {
        let (legs, last) = (&found.legs, found.legs.len() - 1);
        let least = found.amount_in + found.flash_fee + terms.min_gain;
        let mut items = vec![
            ([&[2][..], &le(terms.given[0])[..4]].concat(), vec![(1, 4, Source::Given(0))]),
            ([&[3][..], &le(terms.given[1])].concat(), vec![(1, 8, Source::Given(1))]),
            ([&[4][..], &le(terms.given[2])[..4]].concat(), vec![(1, 4, Source::Given(2))]),
            ([&[1][..], &le(found.amount_in)].concat(), vec![(1, 8, Source::AmountIn)]),
        ];
        for (number, leg) in legs.into_iter().enumerate() {
            let of = number as u8;
            let (out, source) =
                if number == last { (least, Source::LeastOut) } else { (leg.amount_out, Source::LegOut(of)) };
            let data = [&[1 + of][..], &le(leg.amount_in), &le(out)].concat();
            items.push((data, vec![(1, 8, Source::LegIn(of)), (9, 8, source)]));
        }
        items.push(([&[2][..], &le(found.amount_in), &[3]].concat(), vec![(1, 8, Source::AmountIn)]));
        items.push(([&[2, 0, 0, 0][..], &le(terms.tip)].concat(), vec![(4, 8, Source::Tip)]));
        let mut message = vec![0x80, 1, 0, 9, 25];
        message.extend(self.key.public());
        (1..25u8).for_each(|number| message.extend([number; 32]));
        message.extend(terms.fresh);
        message.push(items.len() as u8);
        let mut holes = Vec::new();
        for (item, (data, places)) in items.into_iter().enumerate() {
            message.extend([20, 8, 0, 1, 2, 3, 4, 5, 6, 7, data.len() as u8]);
            message.extend(data);
            let hole = |(at, len, source)| Hole { slot: Slot { item, at, len }, source };
            holes.extend(places.into_iter().map(hole));
        }
        message.push(0);
        (message, holes)
    }

    fn sign(&self, template: &mut SolanaTemplate) {
        black_box(template.sign(&self.key).unwrap());
    }

    fn bare(&self, round: usize) {
        black_box(self.key.sign(black_box(&[round as u8; 1_000])).unwrap());
    }
}

struct Evm {
    key: EvmKey,
}

fn word(value: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&value.to_be_bytes());
    word
}

/// A number of three bytes or fewer, as RLP writes it.
fn rlp(value: u128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let digits = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap()..];
    if digits[0] < 0x80 && digits.len() == 1 {
        return digits.to_vec();
    }
    [&[0x80 + digits.len() as u8][..], digits].concat()
}

impl Family for Evm {
    type Template = EvmTemplate;
    const NAME: &'static str = "evm";
    const CURVE: [&'static str; 2] = ["constant_product", "uniswap_v2"];
    const FRESH: &'static [u8] = &[5];

    fn door(pool: usize) -> Vec<u8> {
        [&World::key(pool)[..20], &SYNC].concat()
    }

    fn data(world: &World, pool: usize, by: f64) -> Vec<u8> {
        world.moved(pool, by).map(|reserve| word(reserve.into())).concat()
    }

    fn snapshot(world: &World, pool: usize) -> Vec<u8> {
        let [r0, r1] = world.moved(pool, 0.0);
        let mut slot = [0; 32];
        slot[18..].copy_from_slice(&u128::from(r0).to_be_bytes()[2..]);
        slot[4..18].copy_from_slice(&u128::from(r1).to_be_bytes()[2..]);
        slot.to_vec()
    }

    /// `execute` with a loan: eleven words, then five a swap.
    fn compose(&self, found: &Candidate, terms: &Terms<'_>) -> (Vec<u8>, Vec<Hole>) {
        let mut words = [[7; 32]; 11];
        let mut places =
            vec![(4, Source::AmountIn), (5, Source::MinGain), (6, Source::Given(0)), (8, Source::AmountIn)];
        (words[4], words[5], words[6]) = (word(found.amount_in), word(terms.min_gain), word(terms.given[0]));
        words[8] = word(found.amount_in);
        let mut data = [&[0x7c; 4][..], words.as_flattened()].concat();
        for (number, leg) in found.legs.into_iter().enumerate() {
            let swap = [[0; 32], [leg.pool as u8; 32], [9; 32], word(leg.amount_in), word(leg.amount_out)];
            data.extend(swap.as_flattened());
            let (first, of) = (11 + 5 * number + 3, number as u8);
            places.extend([(first, Source::LegIn(of)), (first + 1, Source::LegOut(of))]);
        }
        let mut body = vec![0x82, 0x7a, 0x69, terms.fresh[0]];
        [1, 1, 2].iter().for_each(|given| body.extend(rlp(terms.given[*given])));
        body.push(0x94);
        body.extend([6; 20]);
        body.extend([0x80, 0xb9, (data.len() >> 8) as u8, data.len() as u8]);
        body.extend(data);
        body.push(0xc0);
        let head = [2, 0xf9, (body.len() >> 8) as u8, body.len() as u8];
        let number = |item, of| Hole { slot: Slot { item, at: 0, len: 0 }, source: Source::Given(of) };
        let in_data = |(word, source)| Hole { slot: Slot { item: 7, at: 4 + 32 * word, len: 32 }, source };
        let mut holes = vec![number(2, 1), number(3, 1), number(4, 2)];
        holes.extend(places.into_iter().map(in_data));
        ([&head[..], &body].concat(), holes)
    }

    fn sign(&self, template: &mut EvmTemplate) {
        black_box(template.sign(&self.key).unwrap());
    }

    fn bare(&self, round: usize) {
        black_box(self.key.sign(black_box([round as u8; 32])).unwrap());
    }
}
