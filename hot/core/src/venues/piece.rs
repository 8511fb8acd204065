//! What a pool looks like in real numbers, piece by piece: a range of constant liquidity, a bin, an order, or the whole
//! of a constant product. Sizing walks the pieces; exact quotes decide.

use crate::curves::Mobius;

const Q64: f64 = (1u128 << 64) as f64;

/// For up to `room` of input a pool gives `a x / (b + c x)`, fees included.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// The map, counted from where the piece begins.
    pub shape: Mobius,
    /// Input until it ends; nothing for a piece without liquidity.
    pub room: f64,
}

/// What is left of an input and of an output after fees, as parts of one.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Of the input.
    pub input: f64,
    /// Of the output.
    pub output: f64,
}

impl Kept {
    /// What a fee of `part` in `whole` leaves, taken from the input or else from the output.
    #[must_use]
    pub fn of(part: f64, whole: f64, on_input: bool) -> Self {
        let kept = 1.0 - part / whole;
        let (input, output) = if on_input { (kept, 1.0) } else { (1.0, kept) };
        Self { input, output }
    }
}

impl Piece {
    /// Reserves whose product stays: the whole curve.
    #[must_use]
    pub fn product(reserve_in: f64, reserve_out: f64, kept: Kept) -> Self {
        let a = kept.input * kept.output * reserve_out;
        Self { shape: Mobius { a, b: reserve_in, c: kept.input }, room: f64::INFINITY }
    }

    /// Liquidity between two square roots of prices, Q64.64, on the way from one to the other.
    #[must_use]
    pub fn range(from: u128, to: u128, liquidity: f64, kept: Kept) -> Self {
        let (from_root, to_root) = (from as f64 / Q64, to as f64 / Q64);
        let (zero, one) = (liquidity / from_root, liquidity * from_root);
        // The same as the difference of reserves, without losing the digits that they share.
        let (reserve_in, reserve_out, input) = if to <= from {
            (zero, one, zero * ((from - to) as f64 / Q64) / to_root)
        } else {
            (one, zero, liquidity * ((to - from) as f64 / Q64))
        };
        Self { room: input / kept.input, ..Self::product(reserve_in, reserve_out, kept) }
    }

    /// One price for up to `input`, fees included.
    #[must_use]
    pub fn line(rate: f64, input: f64) -> Self {
        Self { shape: Mobius { a: rate, b: 1.0, c: 0.0 }, room: input }
    }
}
