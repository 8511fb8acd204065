//! What one bin takes and gives.

use crate::error::Refusal;

const ONE: u64 = 1_000_000_000;
const FEE_ONE: u128 = ONE as u128;
const LOW: u128 = u64::MAX as u128;

/// One bin as a swap of one direction meets it.
#[derive(Clone, Copy, Debug)]
pub struct Bin {
    /// Q64.64, Y for one X; as stored, never computed.
    pub price: u128,
    /// Billionths.
    pub fee: u64,
    /// What the makers hold of the token that comes in.
    pub into: u64,
    /// What is for sale, in the order it is sold: makers' amount, processed limit orders, open limit orders.
    pub layers: [u64; 3],
}

impl Bin {
    /// All that is for sale.
    pub fn depth(&self) -> Result<u64, Refusal> {
        self.layers.iter().try_fold(0u64, |sum, layer| sum.checked_add(*layer)).ok_or(Refusal::Overflow)
    }
}

/// Input taken, fee included, and output given, fee excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Input.
    pub taken: u64,
    /// Output.
    pub given: u64,
}

impl Part {
    /// Both together; `None` when a sum leaves 64 bits.
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self { taken: self.taken.checked_add(other.taken)?, given: self.given.checked_add(other.given)? })
    }
}

/// How a direction counts.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// X in, Y out; otherwise the other way round.
    pub x_in: bool,
    /// The fee is taken from the input; otherwise from the output.
    pub fee_on_input: bool,
}

impl Side {
    /// Output for one of input, fee included.
    #[must_use]
    pub fn rate(self, bin: &Bin) -> f64 {
        let price = bin.price as f64 / (LOW as f64 + 1.0);
        (if self.x_in { price } else { 1.0 / price }) * (1.0 - bin.fee as f64 / FEE_ONE as f64)
    }

    /// What each layer of a bin costs; `None` when one costs more than there can be.
    pub fn costs(self, bin: &Bin) -> Option<[u64; 3]> {
        let [own, processed, placed] =
            bin.layers.map(|layer| if layer == 0 { Ok(0) } else { self.cost(bin.price, layer) });
        Some([own.ok()?, processed.ok()?, placed.ok()?])
    }

    /// What the bin does with `amount`; less is taken than `amount` when it runs out.
    pub fn sell(self, bin: &Bin, amount: u64) -> Result<Part, Refusal> {
        self.sell_at(bin, None, amount)
    }

    /// The same when the layers' costs are known.
    #[inline]
    pub fn sell_at(self, bin: &Bin, costs: Option<[u64; 3]>, amount: u64) -> Result<Part, Refusal> {
        let net = if self.fee_on_input { less_fee(amount, bin.fee)? } else { amount };
        let (mut left, mut out) = (net, 0u64);
        for (number, layer) in bin.layers.into_iter().enumerate() {
            if layer == 0 || (number > 0 && left == 0) {
                continue;
            }
            let most = match costs {
                Some(costs) => costs[number],
                None => self.cost(bin.price, layer)?,
            };
            let bought = if left >= most { layer } else { self.worth(bin.price, left)? };
            let paid = left.min(most);
            left -= paid;
            out = out.checked_add(bought).ok_or(Refusal::Overflow)?;
            if number == 0 {
                bin.into.checked_add(paid).ok_or(Refusal::Overflow)?;
            }
        }
        let taken = if left == 0 { amount } else { self.with_fee(net - left, bin.fee)? };
        Ok(Part { taken, given: if self.fee_on_input { out } else { less_fee(out, bin.fee)? } })
    }

    /// What the bin does when asked for `out`; the program fails where it cannot meet that exactly.
    ///
    /// The price of the whole is rounded up once, then the layers are sold one by one and each rounds: what is
    /// missing by then is its UndeterminedError. A bin without a price is passed over, but only by a swap that
    /// asks for more than it holds.
    pub fn buy(self, bin: &Bin, depth: u64, out: u64) -> Result<Part, Refusal> {
        let gross = if self.fee_on_input { out } else { more_fee(out, bin.fee)? };
        if gross >= depth {
            let part = self.sell(bin, u64::MAX)?;
            return if part.taken == 0 && gross == depth { Err(Refusal::Inconsistent) } else { Ok(part) };
        }
        let paid = self.with_fee(self.cost(bin.price, gross)?, bin.fee)?;
        let part = self.sell(bin, paid)?;
        if paid == 0 || part.given < out {
            return Err(Refusal::Inconsistent);
        }
        Ok(Part { taken: part.taken, given: out })
    }

    /// Input that buys `out`, rounded up.
    fn cost(self, price: u128, out: u64) -> Result<u64, Refusal> {
        if !self.x_in {
            let (floor, rest) = scaled(price, out);
            return narrow(floor + u128::from(rest));
        }
        if price == 0 {
            return Err(Refusal::Overflow);
        }
        narrow((u128::from(out) << 64).div_ceil(price))
    }

    /// Output that `paid` buys, rounded down.
    fn worth(self, price: u128, paid: u64) -> Result<u64, Refusal> {
        if self.x_in {
            return narrow(scaled(price, paid).0);
        }
        narrow((u128::from(paid) << 64).checked_div(price).ok_or(Refusal::Overflow)?)
    }

    fn with_fee(self, net: u64, fee: u64) -> Result<u64, Refusal> {
        if self.fee_on_input {
            more_fee(net, fee)
        } else {
            Ok(net)
        }
    }
}

/// `floor(price * amount / 2^64)`, and whether something was cut off.
fn scaled(price: u128, amount: u64) -> (u128, bool) {
    let amount = u128::from(amount);
    let low = (price & LOW) * amount;
    // (2^64 - 1)^2 + 2^64 fits in 128 bits.
    ((price >> 64) * amount + (low >> 64), low & LOW != 0)
}

/// `amount - ceil(amount * fee)`. In parts, for 64-bit divisions are quick: both stay below the amount and a unit.
fn less_fee(amount: u64, fee: u64) -> Result<u64, Refusal> {
    if fee > ONE {
        return if amount == 0 { Ok(0) } else { Err(Refusal::Overflow) };
    }
    let cut = (amount / ONE * fee).checked_add((amount % ONE * fee).div_ceil(ONE));
    cut.and_then(|cut| amount.checked_sub(cut)).ok_or(Refusal::Overflow)
}

/// What leaves `net` once the fee is off.
fn more_fee(net: u64, fee: u64) -> Result<u64, Refusal> {
    let rest = FEE_ONE.checked_sub(u128::from(fee)).filter(|rest| *rest > 0).ok_or(Refusal::Range)?;
    narrow(u128::from(net) + (u128::from(net) * u128::from(fee)).div_ceil(rest))
}

fn narrow(value: u128) -> Result<u64, Refusal> {
    u64::try_from(value).map_err(|_| Refusal::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ruint::aliases::U256;

    proptest! {
        #[test]
        fn products_are_scaled_exactly(price: u128, amount: u64) {
            let whole = U256::from(price) * U256::from(amount);
            let (floor, rest) = scaled(price, amount);
            prop_assert_eq!(U256::from(floor), whole >> 64);
            prop_assert_eq!(rest, whole.as_limbs()[0] != 0);
        }

        #[test]
        fn a_fee_comes_off_rounded_up(amount: u64, fee in prop_oneof![0u64..=1_000_000_000, any::<u64>()]) {
            let cut = (u128::from(amount) * u128::from(fee)).div_ceil(FEE_ONE);
            let left = u128::from(amount).checked_sub(cut).ok_or(Refusal::Overflow);
            prop_assert_eq!(less_fee(amount, fee).map(u128::from), left);
        }

        #[test]
        fn a_fee_put_on_comes_off_again(net in 0u64..u64::MAX / 10 * 9, fee in 0u64..=100_000_000) {
            prop_assert_eq!(less_fee(more_fee(net, fee).unwrap(), fee), Ok(net));
        }

        #[test]
        fn no_more_is_taken_than_offered(
            price in 0u128..1 << 90, fee in 0u64..=100_000_000, layers: [u32; 3], amount: u64, x_in: bool, on_input: bool,
        ) {
            let bin = Bin { price, fee, into: 0, layers: layers.map(u64::from) };
            if let Ok(part) = (Side { x_in, fee_on_input: on_input }).sell(&bin, amount) {
                prop_assert!(part.taken <= amount);
                prop_assert!(part.given <= bin.depth().unwrap());
            }
        }
    }
}
