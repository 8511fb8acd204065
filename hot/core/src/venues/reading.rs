//! A venue's state as the market prices on it: exact-in quotes that take the whole input (but for less than a lot), and bounds of its rates.

use ruint::aliases::U256;

use super::{Accounts, AnyVenue, Ask, Clock, Fill, Given, Piece};
use crate::curves::inverse::least_input;
use crate::curves::{tick_walk, Mobius};
use crate::error::Refusal;
use crate::wide::to_u128;

/// Output from which on a unit of rounding hardly moves the rate.
const ENOUGH: u64 = 1 << 20;
/// Units by which the input of an exact output may exceed the least one that gives as much, for the search to be spared.
const NEAR: u64 = 4;
/// Most units that roundings within one swap may take from its input, and from its output.
const ROUNDED: f64 = 4.0;

/// What was read, with its estimates (asset 0 in, asset 1 in).
#[derive(Clone, Debug)]
pub struct Reading {
    venue: AnyVenue,
    estimates: [Option<Mobius>; 2],
}

/// States of venues are not compared: a reading equals itself only.
impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Reading {}

impl Reading {
    /// Estimate what was read.
    #[must_use]
    pub fn new(venue: AnyVenue) -> Self {
        let estimates = [true, false].map(|zero_for_one| estimate(&venue, zero_for_one));
        Self { venue, estimates }
    }

    /// The same from newer accounts; an error leaves it as it is.
    pub fn read_again(&mut self, accounts: &Accounts<'_>, clock: &Clock) -> Result<(), Refusal> {
        self.venue.read_again(accounts, clock)?;
        self.estimates = [true, false].map(|zero_for_one| estimate(&self.venue, zero_for_one));
        Ok(())
    }

    /// Exact-in quote; `PartialFill` when the program would leave a part of the input, but for what is less than a lot.
    pub fn quote(&self, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        whole(&self.venue, zero_for_one, narrow(amount_in)?).map(u128::from)
    }

    /// What the program would move for a given side.
    pub fn fill(&self, ask: tick_walk::Ask) -> Result<(U256, U256), Refusal> {
        let given = if ask.exact_in { Given::Input } else { Given::Output };
        let amount = narrow(to_u128(ask.amount)?)?;
        let fill = asked(&self.venue, ask.zero_for_one, given, amount)?;
        Ok((U256::from(fill.amount_in), U256::from(fill.amount_out)))
    }

    /// See [`super::Venue::piece`].
    #[must_use]
    pub fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        self.venue.piece(zero_for_one, number)
    }

    /// The least input with at least this output; `PartialFill` when there is none.
    pub fn input_for(&self, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        if let Some(known) = self.near_asked(zero_for_one, amount_out) {
            return Ok(known.into());
        }
        let rate = self.estimate(zero_for_one).map_or(0.0, |curve| curve.a / curve.b);
        // Programs refuse a swap that would give nothing.
        let quote = |amount| match self.quote(zero_for_one, amount) {
            Err(Refusal::Zero) => Ok(0),
            other => other,
        };
        least_input(quote, rate, amount_out)
    }

    /// The same from what the program takes when asked for the output, which is the least input or a little more.
    fn near_asked(&self, zero_for_one: bool, amount_out: u128) -> Option<u64> {
        let wanted = u64::try_from(amount_out).ok()?;
        let gives = |amount| whole(&self.venue, zero_for_one, amount).is_ok_and(|out| out >= wanted);
        let asked = asked(&self.venue, zero_for_one, Given::Output, wanted).ok()?.amount_in;
        let near = (0..=NEAR).map_while(|off| asked.checked_sub(off)).take_while(|amount| gives(*amount)).last()?;
        (asked - near < NEAR).then_some(near)
    }

    /// See [`crate::curves::Curve::estimate`]: `a / b` bounds the rate of every amount that gives [`ENOUGH`] (or of any
    /// amount, where the pool has less than that). Smaller amounts may do better by the part of the price that this
    /// little moves, which is less than what any cycle costs to send.
    #[must_use]
    pub const fn estimate(&self, zero_for_one: bool) -> Option<Mobius> {
        self.estimates[if zero_for_one { 0 } else { 1 }]
    }
}

fn narrow(amount: u128) -> Result<u64, Refusal> {
    u64::try_from(amount).map_err(|_| Refusal::Overflow)
}

fn asked(venue: &AnyVenue, zero_for_one: bool, given: Given, amount: u64) -> Result<Fill, Refusal> {
    venue.quote(&Ask { zero_for_one, given, amount, price_limit: 0, variant: 0 })
}

/// What the whole input pays. A book of lots leaves what does not fill one, which counts as spent; a pool that leaves
/// more because it has nothing more to give does not pay more for twice as much either.
fn whole(venue: &AnyVenue, zero_for_one: bool, amount: u64) -> Result<u64, Refusal> {
    let fill = asked(venue, zero_for_one, Given::Input, amount)?;
    if fill.amount_in != amount {
        let double = amount.checked_mul(2).ok_or(Refusal::PartialFill)?;
        let more = asked(venue, zero_for_one, Given::Input, double).map_err(|_| Refusal::PartialFill)?;
        if more.amount_out <= fill.amount_out {
            return Err(Refusal::PartialFill);
        }
    }
    Ok(fill.amount_out)
}

/// From exact quotes of the first power of two that gives enough, and of its double. Rates fall with the amount; what
/// roundings took is given back, and the rate is followed back from the two amounts to none.
fn estimate(venue: &AnyVenue, zero_for_one: bool) -> Option<Mobius> {
    let mut found = None;
    for shift in 0..u64::BITS {
        match whole(venue, zero_for_one, 1 << shift) {
            Ok(0) => {}
            Ok(out) => {
                found = Some((1u64 << shift, out));
                if out >= ENOUGH {
                    break;
                }
            }
            Err(_) if found.is_some() => break,
            Err(_) => {}
        }
    }
    let (amount, out) = found?;
    let most = |amount: u64, out: u64| (out as f64 + ROUNDED) / (amount as f64 - ROUNDED).max(0.5);
    let rate = most(amount, out);
    let double = amount.checked_mul(2).filter(|_| out >= ENOUGH);
    let next = double.and_then(|double| Some(whole(venue, zero_for_one, double).ok()? as f64 / double as f64));
    // 1 / rate is a straight line where the curve is a hyperbola: as far again back from one amount as from its double.
    let back = next.filter(|next| *next > 0.0).map_or(0.0, |next| (1.0 / next - 1.0 / rate).max(0.0));
    let inverse = (1.0 / rate - back).max(0.5 / rate);
    Some(Mobius { a: 1.0, b: inverse, c: back / amount as f64 })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::venues::raydium_cpmm::RaydiumCpmm;
    use crate::venues::token::TOKEN;
    use crate::venues::{Account, Venue};

    const ROLES: [&str; 6] = ["pool", "config", "vault_a", "vault_b", "mint_a", "mint_b"];

    fn key(role: &str) -> [u8; 32] {
        [ROLES.iter().position(|known| *known == role).unwrap() as u8 + 1; 32]
    }

    /// A CPMM pool of these vaults and this fee in millionths.
    fn reading(vaults: [u64; 2], fee: u64) -> Reading {
        let (mut pool, mut config) = (vec![0; 637], vec![0; 236]);
        pool[..8].copy_from_slice(&[0xf7, 0xed, 0xe3, 0xf5, 0xd7, 0xc3, 0xde, 0x46]);
        for (at, role) in [(8, "config"), (72, "vault_a"), (104, "vault_b"), (168, "mint_a"), (200, "mint_b")] {
            pool[at..at + 32].copy_from_slice(&key(role));
        }
        config[..8].copy_from_slice(&[0xda, 0xf4, 0x21, 0x68, 0xcb, 0xcb, 0x2b, 0x6f]);
        config[12..20].copy_from_slice(&fee.to_le_bytes());
        let mut mint = vec![0; 82];
        mint[45] = 1;
        let token = |amount: u64, mint: &str| {
            let mut data = vec![0; 165];
            data[..32].copy_from_slice(&key(mint));
            data[64..72].copy_from_slice(&amount.to_le_bytes());
            data[108] = 1;
            data
        };
        let program = RaydiumCpmm::PROGRAM;
        let (zero, one) = (token(vaults[0], "mint_a"), token(vaults[1], "mint_b"));
        let datas =
            [(program, &pool), (program, &config), (TOKEN, &zero), (TOKEN, &one), (TOKEN, &mint), (TOKEN, &mint)];
        let of = |(role, (owner, data)): (&&str, (_, _))| (key(role), Account { key: key(role), owner, data });
        let held: HashMap<_, _> =
            ROLES.iter().zip(datas.map(|(owner, data)| (owner, data.as_slice()))).map(of).collect();
        let accounts = Accounts::new(ROLES.iter().map(|role| (*role, key(role))).collect(), held, [vec![], vec![]]);
        Reading::new(AnyVenue::read("raydium_cpmm", &accounts, &Clock::default()).unwrap().unwrap())
    }

    #[test]
    fn what_does_not_fit_the_chain_overflows() {
        assert_eq!(reading([1 << 40, 1 << 40], 2500).quote(true, 1 << 64), Err(Refusal::Overflow));
    }

    proptest! {
        #[test]
        fn no_rate_worth_sending_beats_the_estimate(
            vaults in [1u64 << 24..1 << 60, 1u64 << 24..1 << 60], fee in 0u64..500_000, amount in 1u64..1 << 62, side: bool,
        ) {
            let pool = reading(vaults, fee);
            if let Ok(out) = pool.quote(side, u128::from(amount)) {
                let estimate = pool.estimate(side).unwrap();
                if out >= 1 << 21 {
                    prop_assert!(out as f64 <= amount as f64 * estimate.a / estimate.b);
                }
            }
        }

        #[test]
        fn the_bound_is_near_the_rate_of_deep_pools(
            vaults in [1u64 << 36..1 << 56, 1u64 << 36..1 << 56], fee in 0u64..500_000, side: bool,
        ) {
            let estimate = reading(vaults, fee).estimate(side).unwrap();
            let (into, out) = if side { (vaults[0], vaults[1]) } else { (vaults[1], vaults[0]) };
            let rate = out as f64 / into as f64 * (1.0 - fee as f64 / 1e6);
            let found = estimate.a / estimate.b;
            // Roundings count for the smaller of both amounts: the first power of two that gives enough.
            let least = (f64::from(1 << 20) / rate).max(64.0).min(f64::from(1 << 20));
            prop_assert!(found >= rate * (1.0 - 1e-6) && found <= rate * (1.0 + 64.0 / least), "{} {}", found, rate);
        }

        #[test]
        fn the_input_for_an_output_gives_it_and_one_unit_less_does_not(
            vaults in [1u64 << 24..1 << 50, 1u64 << 24..1 << 50], wanted in 1u128..1 << 23, side: bool,
        ) {
            let pool = reading(vaults, 2500);
            if let Ok(amount) = pool.input_for(side, wanted) {
                prop_assert!(pool.quote(side, amount).unwrap() >= wanted);
                prop_assert!(amount == 1 || pool.quote(side, amount - 1).unwrap_or(0) < wanted);
            }
        }
    }
}
