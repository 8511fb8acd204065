//! Meteora DAMM v2 (cp-amm): one range of concentrated liquidity or a compounding product, with fees that follow
//! time, price, size and volatility.
//!
//! Layout and rules: MeteoraAg/damm-v2 `programs/cp-amm/src/{state,base_fee,liquidity_handler,instructions/swap}`.

mod curve;
mod fees;
mod limiter;
#[cfg(test)]
mod tests;

use super::accounts::{Accounts, Clock, Fields};
use super::piece::{Kept, Piece};
use super::token::{self, TransferFee};
use super::{Ask, Fill, Given, Venue};
use crate::error::Refusal;
use curve::{Curve, Range, Step};
use fees::{Dynamic, Rate, When};

const POOL_LENGTH: usize = 1112;
const MAGIC: [u8; 8] = [241, 154, 109, 4, 17, 177, 109, 188];
/// `swap2` in mode partial fill; the two other modes are told apart by what is given.
const PARTIAL_FILL: u8 = 4;
const OLD_SWAP: u8 = 1;

/// One token of a pool.
#[derive(Clone, Debug)]
struct Side {
    transfer_fee: TransferFee,
    vault: u64,
    /// Token-2022 checks that a balance does not overflow; the SPL token program relies on the supply.
    checked: bool,
    /// What the pool counts as its own.
    amount: u64,
    /// How much more fees the pool's counters can hold: protocol's share, everyone's.
    room: [u64; 2],
    /// The fee growth per liquidity is about to wrap.
    full: bool,
}

/// One pool at one moment.
#[derive(Clone, Debug)]
pub struct MeteoraDammV2 {
    curve: Curve,
    price: u128,
    sides: [Side; 2],
    rates: [Rate; 2],
    dynamic: Option<Dynamic>,
    only_b: bool,
    protocol_percent: u8,
    compounding_bps: u16,
}

impl Venue for MeteoraDammV2 {
    const KEY: &'static str = "meteora_damm_v2";
    const PROGRAM: [u8; 32] = [
        9, 45, 33, 53, 101, 122, 21, 156, 43, 135, 212, 182, 106, 112, 219, 142, 151, 82, 56, 159, 247, 106, 175, 32,
        108, 237, 6, 58, 56, 249, 90, 237,
    ];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = accounts.owned("pool", &Self::PROGRAM)?.data;
        if pool.len() < POOL_LENGTH {
            return Err(Refusal::Length);
        }
        if pool.take::<8>(0)? != MAGIC {
            return Err(Refusal::Magic);
        }
        let now = clock.unix_timestamp as u64;
        let point = match pool.u8(480)? {
            0 => clock.slot,
            1 => now,
            _ => return Err(Refusal::Range),
        };
        let when = When { point, activation: pool.u64(472)? };
        if pool.u8(481)? != 0 || when.point < when.activation {
            return Err(Refusal::Disabled);
        }
        let (curve, amounts) = curve_of(pool)?;
        let dynamic = Dynamic::read(pool, now)?;
        Ok(Self {
            curve,
            price: pool.u128(456)?,
            sides: [side(accounts, clock, pool, 0, amounts)?, side(accounts, clock, pool, 1, amounts)?],
            rates: fees::rates(pool, when, Dynamic::rate(pool)?)?,
            dynamic,
            only_b: pool.u8(484)? != 0,
            protocol_percent: pool.u8(48)?,
            compounding_bps: pool.u16(54)?,
        })
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        if ask.amount == 0 {
            return Err(Refusal::Zero);
        }
        let swap = Swap { pool: self, a_to_b: ask.zero_for_one, on_input: self.only_b && !ask.zero_for_one };
        match (ask.given, ask.variant) {
            (Given::Input, 0 | OLD_SWAP) => swap.exact_in(ask.amount),
            (Given::Input, PARTIAL_FILL) => swap.partial_in(ask.amount),
            (Given::Output, 0) => swap.exact_out(ask.amount),
            _ => Err(Refusal::Unsupported),
        }
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let swap = Swap { pool: self, a_to_b: zero_for_one, on_input: self.only_b && !zero_for_one };
        let (Rate::Fixed(rate), 0) = (swap.rate(), number) else { return None };
        let kept = Kept::of(*rate as f64, fees::ONE as f64, swap.on_input);
        let plain = self.sides.iter().all(|side| side.transfer_fee.bps == 0);
        plain.then(|| self.curve.piece(zero_for_one, kept))
    }
}

/// The curve and the amounts the pool counts as its own; older layouts count them anew at every swap.
fn curve_of(pool: &[u8]) -> Result<(Curve, [u64; 2]), Refusal> {
    let counted = [pool.u64(680)?, pool.u64(688)?];
    let old = match pool.u8(696)? {
        0 => true,
        1 => false,
        _ => return Err(Refusal::Unsupported),
    };
    let range =
        Range { least: pool.u128(424)?, most: pool.u128(440)?, price: pool.u128(456)?, liquidity: pool.u128(360)? };
    if range.liquidity == 0 {
        return Err(Refusal::Empty);
    }
    match pool.u8(484)? {
        0 | 1 if range.price == 0 => Err(Refusal::Range),
        0 | 1 => {
            let amounts = if old { range.amounts()? } else { counted };
            Ok((Curve::Range(range), amounts))
        }
        2 => Ok((Curve::Product(counted), counted)),
        _ => Err(Refusal::Unsupported),
    }
}

fn side(accounts: &Accounts<'_>, clock: &Clock, pool: &[u8], at: usize, amounts: [u64; 2]) -> Result<Side, Refusal> {
    let (mint_role, vault_role) = [("mint_a", "vault_a"), ("mint_b", "vault_b")][at];
    let (mint, vault) = (accounts.role(mint_role)?, accounts.role(vault_role)?);
    if mint.key != pool.key(168 + 32 * at)? || vault.key != pool.key(232 + 32 * at)? || mint.owner != vault.owner {
        return Err(Refusal::Inconsistent);
    }
    let transfer_fee = TransferFee::of_mint(&mint, clock)?;
    if transfer_fee.bps > 10_000 {
        return Err(Refusal::Range);
    }
    let protocol = pool.u64(392 + 8 * at)?.max(pool.u64(600 + 8 * at)?);
    let everyone = u128::MAX - pool.u128(568 + 16 * at)?;
    Ok(Side {
        transfer_fee,
        vault: token::held(&vault)?,
        checked: vault.owner == token::TOKEN_2022,
        amount: amounts[at],
        room: [u64::MAX - protocol, u64::try_from(everyone).unwrap_or(u64::MAX)],
        full: pool.u64(488 + 32 * at + 24)? == u64::MAX,
    })
}

/// One direction of a pool.
struct Swap<'a> {
    pool: &'a MeteoraDammV2,
    a_to_b: bool,
    on_input: bool,
}

impl Swap<'_> {
    fn exact_in(&self, amount: u64) -> Result<Fill, Refusal> {
        let given = self.given(amount)?;
        let rate = self.rate().of_included(given)?;
        let (curve_in, fee) = if self.on_input { fees::without(rate, given)? } else { (given, 0) };
        let step = self.pool.curve.exact_in(curve_in, self.a_to_b)?;
        let (output, fee) = if self.on_input { (step.output, fee) } else { fees::without(rate, step.output)? };
        self.settle(&step, fee)?;
        self.fill(amount, output)
    }

    fn partial_in(&self, amount: u64) -> Result<Fill, Refusal> {
        let given = self.given(amount)?;
        let rate = self.rate().of_included(given)?;
        let (curve_in, fee) = if self.on_input { fees::without(rate, given)? } else { (given, 0) };
        let step = self.pool.curve.partial_in(curve_in, self.a_to_b)?;
        let (taken, fee) = match (step.input < curve_in, self.on_input) {
            (false, _) => (given, fee),
            (true, false) => (step.input, 0),
            (true, true) => fees::with(self.rate().of_excluded(step.input)?, step.input)?,
        };
        if taken == 0 {
            return Err(Refusal::Zero);
        }
        let (output, fee) = if self.on_input { (step.output, fee) } else { fees::without(rate, step.output)? };
        self.settle(&step, fee)?;
        self.fill(sent(&self.input().transfer_fee, taken)?, output)
    }

    fn exact_out(&self, amount: u64) -> Result<Fill, Refusal> {
        let output = sent(&self.output().transfer_fee, amount)?;
        let (curve_out, fee) =
            if self.on_input { (output, 0) } else { fees::with(self.rate().of_excluded(output)?, output)? };
        let step = self.pool.curve.exact_out(curve_out, self.a_to_b)?;
        let (taken, fee) = if self.on_input {
            fees::with(self.rate().of_excluded(step.input)?, step.input)?
        } else {
            (step.input, fee)
        };
        self.settle(&step, fee)?;
        self.fill(sent(&self.input().transfer_fee, taken)?, output)
    }

    fn given(&self, amount: u64) -> Result<u64, Refusal> {
        match self.input().transfer_fee.after(amount) {
            0 => Err(Refusal::Zero),
            given => Ok(given),
        }
    }

    fn rate(&self) -> &Rate {
        &self.pool.rates[usize::from(!self.a_to_b)]
    }

    fn input(&self) -> &Side {
        &self.pool.sides[usize::from(!self.a_to_b)]
    }

    fn output(&self) -> &Side {
        &self.pool.sides[usize::from(self.a_to_b)]
    }

    /// The bookkeeping after a swap, which makes the program fail when it does not fit.
    fn settle(&self, step: &Step, fee: u64) -> Result<(), Refusal> {
        let pool = self.pool;
        let protocol = u128::from(fee) * u128::from(pool.protocol_percent) / 100;
        let protocol = u64::try_from(protocol).map_err(|_| Refusal::Overflow)?;
        let rest = fee.checked_sub(protocol).ok_or(Refusal::Overflow)?;
        let compounding = u128::from(rest) * u128::from(pool.compounding_bps) / 10_000;
        let compounding = u64::try_from(compounding).ok().filter(|part| *part <= rest).ok_or(Refusal::Overflow)?;
        let payer = if self.on_input || self.a_to_b { &pool.sides[1] } else { &pool.sides[0] };
        if payer.full || protocol > payer.room[0] || rest > payer.room[1] {
            return Err(Refusal::Overflow);
        }
        let into = self.input().amount.checked_add(step.input).ok_or(Refusal::Overflow)?;
        let out = self.output().amount.checked_sub(step.output).ok_or(Refusal::Overflow)?;
        let [a, b] = if self.a_to_b { [into, out] } else { [out, into] };
        let b = b.checked_add(compounding).ok_or(Refusal::Overflow)?;
        let price = step.price.map_or_else(|| curve::product_price(a, b), Ok)?;
        pool.dynamic.as_ref().map_or(Ok(()), |dynamic| dynamic.allow(pool.price, price))
    }

    fn fill(&self, amount_in: u64, output: u64) -> Result<Fill, Refusal> {
        let (input, out) = (self.input(), self.output());
        let arrives = input.transfer_fee.after(amount_in);
        if output > out.vault || (input.checked && input.vault.checked_add(arrives).is_none()) {
            return Err(Refusal::Empty);
        }
        Ok(Fill { amount_in, amount_out: out.transfer_fee.after(output) })
    }
}

/// What must be sent so that `net` arrives, as this program asks the token program; refused where the two disagree.
fn sent(fee: &TransferFee, net: u64) -> Result<u64, Refusal> {
    if fee.bps == 0 {
        return Ok(net);
    }
    let part = if fee.bps == 10_000 { fee.most } else { fee.of(fee.before(net)?) };
    let gross = net.checked_add(part).ok_or(Refusal::Overflow)?;
    if net > 0 && fee.of(gross) != part {
        return Err(Refusal::Inconsistent);
    }
    Ok(if net == 0 { 0 } else { gross })
}
