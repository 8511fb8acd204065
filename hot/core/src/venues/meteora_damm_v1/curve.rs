//! The two curves of DAMM v1: spl-token-swap's constant product and Saber's stable swap of two coins in 192 bits.
//!
//! Rules: spl-token-swap `curve/constant_product.rs`; mercurial-finance/stable-swap `stable-swap-math/src/curve.rs`.

use ruint::Uint;

use crate::error::Refusal;

type U192 = Uint<192, 3>;

const ROUNDS: usize = 256;

/// What `given` buys of `out`; the new reserve rounds up. `Zero` when that is nothing.
pub fn product(given: u64, into: u64, out: u64) -> Result<u64, Refusal> {
    let invariant = u128::from(into) * u128::from(out);
    let sum = u128::from(into) + u128::from(given);
    if sum == 0 || invariant < sum {
        return Err(Refusal::Empty);
    }
    let left = u64::try_from(invariant.div_ceil(sum)).map_err(|_| Refusal::Overflow)?;
    out.checked_sub(left).filter(|bought| *bought > 0).ok_or(Refusal::Zero)
}

/// A stable curve and the invariants of the pool as it is.
#[derive(Clone, Debug)]
pub struct Stable {
    amp: u64,
    scales: [Scale; 2],
    /// By direction, A to B first: rounding depends on which coin comes first.
    invariants: [Result<U192, Refusal>; 2],
}

/// What amounts of one side are multiplied with.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// For its decimals.
    pub multiplier: u64,
    /// For its peg: millionths, or 1.
    pub peg: u64,
}

impl Scale {
    fn up(&self, amount: u64) -> Result<u128, Refusal> {
        let scaled = u128::from(amount).checked_mul(u128::from(self.multiplier));
        scaled.and_then(|scaled| scaled.checked_mul(u128::from(self.peg))).ok_or(Refusal::Overflow)
    }

    fn down(&self, amount: u128) -> Result<u128, Refusal> {
        let scaled = amount.checked_div(u128::from(self.multiplier));
        scaled.and_then(|scaled| scaled.checked_div(u128::from(self.peg))).ok_or(Refusal::Range)
    }
}

impl Stable {
    /// A curve over a pool of these amounts, A first.
    #[must_use]
    pub fn new(amp: u64, scales: [Scale; 2], amounts: [u64; 2]) -> Self {
        let invariant = |first: usize, second: usize| {
            invariant(amp, scales[first].up(amounts[first])?, scales[second].up(amounts[second])?)
        };
        Self { amp, scales, invariants: [invariant(0, 1), invariant(1, 0)] }
    }

    /// What `given` buys.
    pub fn swap(&self, given: u64, into: u64, out: u64, a_to_b: bool) -> Result<u64, Refusal> {
        let [a, b] = self.scales;
        let (source, target) = if a_to_b { (a, b) } else { (b, a) };
        let d = self.invariants[usize::from(!a_to_b)]?;
        let after = source.up(into)?.checked_add(source.up(given)?).ok_or(Refusal::Overflow)?;
        let left = other(self.amp, after, d)?;
        let bought = target.up(out)?.checked_sub(left).and_then(|bought| bought.checked_sub(1));
        u64::try_from(target.down(bought.ok_or(Refusal::Overflow)?)?).map_err(|_| Refusal::Overflow)
    }
}

/// Newton's method for D of two amounts.
fn invariant(amp: u64, x: u128, y: u128) -> Result<U192, Refusal> {
    let total = x.checked_add(y).ok_or(Refusal::Overflow)?;
    if total == 0 {
        return Ok(U192::ZERO);
    }
    let ann = amp.checked_mul(2).filter(|ann| *ann > 0).ok_or(Refusal::Overflow)?;
    let leverage = total.checked_mul(u128::from(ann)).ok_or(Refusal::Overflow)?;
    let (two_x, two_y) = (twice(x)?, twice(y)?);
    let mut d = U192::from(total);
    for _ in 0..ROUNDS {
        let part = div(mul(div(mul(d, d)?, two_x)?, d)?, two_y)?;
        let numerator = mul(d, add(mul(part, U192::from(2))?, U192::from(leverage))?)?;
        let denominator = add(mul(d, U192::from(ann - 1))?, mul(part, U192::from(3))?)?;
        let next = div(numerator, denominator)?;
        let near = next.abs_diff(d) <= U192::ONE;
        d = next;
        if near {
            break;
        }
    }
    Ok(d)
}

/// Newton's method for the other amount at `x` on the curve of `d`.
fn other(amp: u64, x: u128, d: U192) -> Result<u128, Refusal> {
    let ann = amp.checked_mul(2).filter(|ann| *ann > 0).ok_or(Refusal::Overflow)?;
    let twice_ann = ann.checked_mul(2).ok_or(Refusal::Overflow)?;
    let c = div(mul(div(mul(d, d)?, twice(x)?)?, d)?, U192::from(twice_ann))?;
    let b = add(div(d, U192::from(ann))?, U192::from(x))?;
    let mut y = d;
    for _ in 0..ROUNDS {
        let sum = add(mul(y, U192::from(2))?, b)?;
        let next = div(add(mul(y, y)?, c)?, sum.checked_sub(d).ok_or(Refusal::Overflow)?)?;
        let near = next.abs_diff(y) <= U192::ONE;
        y = next;
        if near {
            break;
        }
    }
    u128::try_from(y).map_err(|_| Refusal::Overflow)
}

fn twice(amount: u128) -> Result<U192, Refusal> {
    amount.checked_mul(2).map(U192::from).ok_or(Refusal::Overflow)
}

fn mul(a: U192, b: U192) -> Result<U192, Refusal> {
    a.checked_mul(b).ok_or(Refusal::Overflow)
}

fn add(a: U192, b: U192) -> Result<U192, Refusal> {
    a.checked_add(b).ok_or(Refusal::Overflow)
}

fn div(a: U192, b: U192) -> Result<U192, Refusal> {
    a.checked_div(b).ok_or(Refusal::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Scale = Scale { multiplier: 1, peg: 1 };

    #[test]
    fn a_product_rounds_the_new_reserve_up() {
        assert_eq!(product(10, 100, 1000), Ok(90));
        assert_eq!(product(0, 100, 1000), Err(Refusal::Zero));
        assert_eq!(product(1000, 10, 50), Err(Refusal::Empty));
    }

    #[test]
    fn a_balanced_stable_pool_pays_one_less_than_given() {
        let stable = Stable::new(100, [PLAIN; 2], [1_000_000_000; 2]);
        assert_eq!(stable.swap(1000, 1_000_000_000, 1_000_000_000, true), Ok(999));
    }

    #[test]
    fn pegs_and_decimals_scale_both_ways() {
        let scales = [Scale { multiplier: 1000, peg: 1_000_000 }, Scale { multiplier: 1, peg: 2_000_000 }];
        let stable = Stable::new(1000, scales, [2_000_000, 1_000_000_000]);
        assert_eq!(stable.swap(1000, 2_000_000, 1_000_000_000, true), Ok(499_999));
    }

    proptest! {
        #[test]
        fn any_stable_pool_answers_or_refuses(amp: u64, m: [u64; 2], peg: [u64; 2], held: [u64; 2], given: u64, side: bool) {
            let scales = [Scale { multiplier: m[0], peg: peg[0] }, Scale { multiplier: m[1], peg: peg[1] }];
            let stable = Stable::new(amp, scales, held);
            let (into, out) = if side { (held[0], held[1]) } else { (held[1], held[0]) };
            if let Ok(bought) = stable.swap(given, into, out, side) {
                prop_assert!(bought <= out);
            }
        }

        #[test]
        fn there_and_back_gains_nothing(amp in 1u64..10_000, held in [1_000u64..1 << 50, 1_000..1 << 50], given in 1u64..1 << 50) {
            let Ok(bought) = Stable::new(amp, [PLAIN; 2], held).swap(given, held[0], held[1], true) else {
                return Ok(());
            };
            let after = [held[0] + given, held[1] - bought];
            if let Ok(back) = Stable::new(amp, [PLAIN; 2], after).swap(bought, after[1], after[0], false) {
                prop_assert!(back <= given + 2);
            }
        }
    }
}
