//! Bare kernels of the curves: constant product, and ticks with the sums of full steps before every edge.

use crate::big::{add, approx, div128, div_small, limbs, low, mul, mul128, mul_div, parse, shl96, shr96, sub, Limbs};

const MILLION: u128 = 1_000_000;
/// Edges held in each direction.
const EDGES: usize = 160;
const WORD: i32 = 256;
const Q96: f64 = 79_228_162_514_264_337_593_543_950_336.0;

/// `sqrt(1.0001^-(2^i))` in Q128, for bit `i` of `|tick|`.
const FACTORS: [u128; 20] = [
    0xfffc_b933_bd6f_ad37_aa2d_162d_1a59_4001,
    0xfff9_7272_373d_4132_59a4_6990_580e_213a,
    0xfff2_e50f_5f65_6932_ef12_357c_f3c7_fdcc,
    0xffe5_caca_7e10_e4e6_1c36_24ea_a094_1cd0,
    0xffcb_9843_d60f_6159_c9db_5883_5c92_6644,
    0xff97_3b41_fa98_c081_472e_6896_dfb2_54c0,
    0xff2e_a164_66c9_6a38_43ec_78b3_26b5_2861,
    0xfe5d_ee04_6a99_a2a8_11c4_61f1_969c_3053,
    0xfcbe_86c7_900a_88ae_dcff_c83b_479a_a3a4,
    0xf987_a725_3ac4_1317_6f2b_074c_f781_5e54,
    0xf339_2b08_22b7_0005_940c_7a39_8e4b_70f3,
    0xe715_9475_a2c2_9b74_43b2_9c7f_a6e8_89d9,
    0xd097_f3bd_fd20_22b8_845a_d8f7_92aa_5825,
    0xa9f7_4646_2d87_0fdf_8a65_dc1f_90e0_61e5,
    0x70d8_69a1_56d2_a1b8_90bb_3df6_2baf_32f7,
    0x31be_135f_97d0_8fd9_8123_1505_542f_cfa6,
    0x09aa_508b_5b7a_84e1_c677_de54_f3e9_9bc9,
    0x005d_6af8_dedb_8119_6699_c329_225e_e604,
    0x0000_2216_e584_f5fa_1ea9_2604_1bed_fe98,
    0x0000_0000_048a_1703_91f7_dc42_444e_8fa2,
];

/// Output of a constant product with 0.3 % fee.
#[inline(always)]
pub fn v2_out(amount: u128, [held, given]: [u128; 2]) -> u128 {
    let kept = amount * 997;
    div128(mul128(kept, given), held * 1000 + kept).0
}

/// The least input for an output.
#[inline(always)]
pub fn v2_in(wanted: u128, [held, given]: [u128; 2]) -> u128 {
    let (amount, left) = div128(mul128(held, wanted * 1000), (given - wanted) * 997);
    amount + u128::from(left)
}

/// Best input of a chain of constant products with 0.3 % fee, in real numbers.
#[inline(always)]
pub fn v2_best(legs: &[[f64; 2]]) -> f64 {
    let (mut rate, mut slope) = (1.0, 0.0);
    for [held, given] in legs {
        let each = rate / held;
        (rate, slope) = (0.997 * given * each, slope + 0.997 * each);
    }
    (rate.sqrt() - 1.0) / slope
}

#[inline(always)]
fn amount0(below: &Limbs, above: &Limbs, liquidity: u128, up: bool) -> u128 {
    low(&div_small(&mul_div(&shl96(liquidity), &sub(above, below), above, up), below, up))
}

#[inline(always)]
fn amount1(below: &Limbs, above: &Limbs, liquidity: u128, up: bool) -> u128 {
    let (amount, cut) = shr96(&mul(&limbs(liquidity), &sub(above, below)));
    low(&amount) + u128::from(up && cut)
}

/// Output of an input that is known to end before the next edge.
#[inline(always)]
fn partial(price: &Limbs, liquidity: u128, amount: u128, fee: u128, down: bool) -> u128 {
    let usable = amount * (MILLION - fee) / MILLION;
    if down {
        let product = mul(&limbs(usable), price);
        let whole = add(&shl96(liquidity), &[product[0], product[1], product[2], product[3]]);
        amount1(&mul_div(&shl96(liquidity), price, &whole, true), price, liquidity, false)
    } else {
        let next = add(price, &div_small(&shl96(usable), &limbs(liquidity), false));
        amount0(price, &next, liquidity, false)
    }
}

/// An edge of one direction with the sums before it.
#[derive(Clone, Copy)]
struct Edge {
    price: Limbs,
    root: f64,
    liquidity: u128,
    paid: u128,
}

struct Side {
    taken: Vec<u128>,
    edges: Vec<Edge>,
}

/// A pool of ticks.
pub struct Ticks {
    fee: u128,
    sides: [Side; 2],
}

impl Ticks {
    /// Price, tick, liquidity, spacing, fee, count, then tick, gross and net of each.
    pub fn parse(line: &str) -> Self {
        let parts: Vec<&str> = line.split(' ').collect();
        let (tick, spacing): (i32, i32) = (parts[1].parse().unwrap(), parts[3].parse().unwrap());
        let fee = parts[4].parse().unwrap();
        let marks: Vec<(i32, i128)> =
            parts[6..].chunks(3).map(|mark| (mark[0].parse().unwrap(), mark[2].parse().unwrap())).collect();
        let start = (parse(parts[0]), parts[2].parse().unwrap());
        Self { fee, sides: [true, false].map(|down| side(start, (tick, spacing, fee), &marks, down)) }
    }

    /// Exact output.
    #[inline(always)]
    pub fn quote(&self, amount: u128, down: bool) -> u128 {
        let side = &self.sides[usize::from(!down)];
        let passed = side.taken.partition_point(|sum| *sum <= amount) - 1;
        let edge = &side.edges[passed];
        edge.paid + partial(&edge.price, edge.liquidity, amount - side.taken[passed], self.fee, down)
    }
}

fn side(
    (mut price, mut liquidity): (Limbs, u128),
    (tick, spacing, fee): (i32, i32, u128),
    marks: &[(i32, i128)],
    down: bool,
) -> Side {
    let (mut taken, mut edges) = (vec![0u128], vec![Edge { price, root: approx(&price) / Q96, liquidity, paid: 0 }]);
    let mut at = tick.div_euclid(spacing);
    while edges.len() < EDGES {
        let (tick, net) = next_edge(at, spacing, marks, down);
        let end = sqrt_at(tick);
        let (step_in, step_out) = if down {
            (amount0(&end, &price, liquidity, true), amount1(&end, &price, liquidity, false))
        } else {
            (amount1(&price, &end, liquidity, true), amount0(&price, &end, liquidity, false))
        };
        let fee = (step_in * fee).div_ceil(MILLION - fee);
        let Some(sum) = taken[taken.len() - 1].checked_add(step_in + fee) else { break };
        price = end;
        liquidity = liquidity.checked_add_signed(if down { -net } else { net }).unwrap();
        let paid = edges[edges.len() - 1].paid + step_out;
        taken.push(sum);
        edges.push(Edge { price, root: approx(&price) / Q96, liquidity, paid });
        if liquidity == 0 {
            break;
        }
        at = if down { (tick - 1).div_euclid(spacing) } else { tick.div_euclid(spacing) };
    }
    Side { taken, edges }
}

/// The next initialized tick or edge of a bitmap word, and the liquidity it adds upwards.
fn next_edge(at: i32, spacing: i32, marks: &[(i32, i128)], down: bool) -> (i32, i128) {
    if down {
        let edge = at.div_euclid(WORD) * WORD * spacing;
        let mark = marks.iter().rev().find(|mark| mark.0 <= at * spacing);
        mark.copied().filter(|mark| mark.0 >= edge).unwrap_or((edge, 0))
    } else {
        let edge = ((at + 1).div_euclid(WORD) * WORD + WORD - 1) * spacing;
        let mark = marks.iter().find(|mark| mark.0 > at * spacing);
        mark.copied().filter(|mark| mark.0 <= edge).unwrap_or((edge, 0))
    }
}

/// `sqrt(1.0001^tick) * 2^96`, rounded up.
fn sqrt_at(tick: i32) -> Limbs {
    let mut ratio: Option<u128> = None;
    for (bit, factor) in FACTORS.iter().enumerate() {
        if tick.unsigned_abs() & 1 << bit != 0 {
            ratio = Some(ratio.map_or(*factor, |ratio| mul128(ratio, *factor).1));
        }
    }
    let mut ratio = ratio.map_or([0, 0, 1, 0], limbs);
    if tick > 0 {
        ratio = div_small(&[u64::MAX; 4], &ratio, false);
    }
    div_small(&ratio, &[1 << 32, 0, 0, 0], true)
}

/// Best input for selling asset 0 into one pool and buying it back in the other: pieces of constant liquidity.
#[inline(always)]
pub fn ticks_best(one: &Ticks, other: &Ticks) -> f64 {
    let (sell, buy) = (&one.sides[0].edges, &other.sides[1].edges);
    let keep = |pool: &Ticks| 1.0 - pool.fee as f64 / MILLION as f64;
    let (kept, back) = (keep(one), keep(other));
    let both = (kept * back).sqrt();
    let (mut i, mut j, mut amount) = (0, 0, 0.0);
    let (mut high, mut low) = (sell[0].root, buy[0].root);
    while both * high > low && i + 1 < sell.len() && j + 1 < buy.len() {
        let (from, to) = (sell[i].liquidity as f64, buy[j].liquidity as f64);
        let ends = (from * (high - sell[i + 1].root), to * (buy[j + 1].root - low) / back);
        let best = (both * high - low) / (back / to + both / from);
        let step = ends.0.min(ends.1).min(best);
        let after = high - step / from;
        amount += from * (1.0 / after - 1.0 / high) / kept;
        (high, low) = (after, low + back * step / to);
        if step == best {
            break;
        }
        if step == ends.0 {
            (high, i) = (sell[i + 1].root, i + 1);
        } else {
            (low, j) = (buy[j + 1].root, j + 1);
        }
    }
    amount
}
