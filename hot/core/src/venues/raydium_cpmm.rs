//! Raydium CPMM (cp-swap): constant product with trade and creator fees, fees kept out of the reserves.
//!
//! Layout and rules: raydium-io/raydium-cp-swap `programs/cp-swap/src/{states,curve,instructions}`. Where builds
//! differ, pools without a creator fee follow the older build unless [`raydium::NEWEST`] is asked for: what the older
//! one refuses (an output worth less than half an input unit) is never worth asking for.

use super::accounts::{Accounts, Clock, Fields};
use super::piece::{Kept, Piece};
use super::raydium::Ceil;
use super::token::{self, TransferFee, TOKEN_2022};
use super::{Ask, Fill, Given, Together, Venue};
use crate::error::Refusal;

const ONE: u128 = 1_000_000;
const POOL_MAGIC: [u8; 8] = [0xf7, 0xed, 0xe3, 0xf5, 0xd7, 0xc3, 0xde, 0x46];
const CONFIG_MAGIC: [u8; 8] = [0xda, 0xf4, 0x21, 0x68, 0xcb, 0xcb, 0x2b, 0x6f];
const POOL_LENGTH: usize = 637;
const CONFIG_LENGTH: usize = 236;
const SWAP_DISABLED: u8 = 4;
/// Where the pool names its other accounts.
const NAMED: [(usize, &str); 5] = [(8, "config"), (72, "vault_a"), (104, "vault_b"), (168, "mint_a"), (200, "mint_b")];

/// Which token the creator's fee is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CreatorSide {
    Input,
    Token0,
    Token1,
}

/// One token of the pool.
#[derive(Clone, Copy, Debug)]
struct Side {
    vault: u64,
    /// What of the vault is priced: all but the fees owed.
    reserve: u64,
    fee: TransferFee,
    /// Token-2022 refuses a transfer that lifts a balance above 64 bits; the older token program lets it wrap.
    checked: bool,
}

/// One pool.
#[derive(Clone, Debug)]
pub struct RaydiumCpmm {
    sides: [Side; 2],
    trade_rate: u128,
    creator_rate: u128,
    creator_side: CreatorSide,
    creator_enabled: bool,
}

impl Venue for RaydiumCpmm {
    const KEY: &'static str = "raydium_cpmm";
    const PROGRAM: [u8; 32] = [
        169, 42, 90, 139, 79, 41, 89, 82, 132, 37, 80, 170, 147, 253, 91, 149, 181, 172, 230, 168, 235, 146, 12, 147,
        148, 46, 67, 105, 12, 32, 236, 115,
    ];
    const TOGETHER: Together =
        &[("pool", &["vault_a", "vault_b"]), ("vault_a", &["pool", "vault_b"]), ("vault_b", &["pool", "vault_a"])];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = accounts.owned("pool", &Self::PROGRAM)?.data;
        let config = accounts.owned("config", &Self::PROGRAM)?.data;
        if pool.len() < POOL_LENGTH || config.len() < CONFIG_LENGTH {
            return Err(Refusal::Length);
        }
        if pool.take(0)? != POOL_MAGIC || config.take(0)? != CONFIG_MAGIC {
            return Err(Refusal::Magic);
        }
        for (at, role) in NAMED {
            if pool.key(at)? != accounts.key(role)? {
                return Err(Refusal::Inconsistent);
            }
        }
        let now = u64::try_from(clock.unix_timestamp).unwrap_or(0);
        if pool.u8(329)? & SWAP_DISABLED != 0 || now < pool.u64(373)? {
            return Err(Refusal::Disabled);
        }
        let creator_enabled = pool.u8(390)? != 0;
        let state = Self {
            sides: [Side::read(accounts, pool, 0, clock)?, Side::read(accounts, pool, 1, clock)?],
            trade_rate: u128::from(config.u64(12)?),
            creator_rate: if creator_enabled { u128::from(config.u64(108)?) } else { 0 },
            creator_side: match pool.u8(389)? {
                0 => CreatorSide::Input,
                1 => CreatorSide::Token0,
                2 => CreatorSide::Token1,
                _ => return Err(Refusal::Range),
            },
            creator_enabled,
        };
        if state.trade_rate + state.creator_rate > ONE {
            return Err(Refusal::Range);
        }
        Ok(state)
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        let asked = Ceil::of_variant(ask.variant)?;
        let ceil = if self.creator_enabled { Ceil::Plain } else { asked };
        let swap = self.swap(ask.zero_for_one, ceil)?;
        let (fee_in, fee_out) = (&swap.into.fee, &swap.out.fee);
        if ask.amount == 0 {
            return Err(Refusal::Zero);
        }
        let fill = match ask.given {
            Given::Input => {
                let out = swap.output(fee_in.after(ask.amount))?;
                Fill { amount_in: ask.amount, amount_out: fee_out.after(out) }
            }
            Given::Output => {
                let out = sent(fee_out, ask.amount, ceil)?;
                Fill { amount_in: sent(fee_in, swap.input(out)?, ceil)?, amount_out: fee_out.after(out) }
            }
        };
        if swap.into.checked && swap.into.vault.checked_add(fee_in.after(fill.amount_in)).is_none() {
            return Err(Refusal::Overflow);
        }
        if fill.amount_out == 0 {
            return Err(Refusal::Zero);
        }
        Ok(fill)
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let swap = self.swap(zero_for_one, Ceil::DustIsZero).ok().filter(|_| number == 0)?;
        let kept = |rate: u128| 1.0 - rate as f64 / ONE as f64;
        let plain = self.sides.iter().all(|side| side.fee.bps == 0);
        let kept = Kept { input: kept(swap.rate_in), output: kept(swap.rate_out) };
        plain.then(|| Piece::product(swap.into.reserve as f64, swap.out.reserve as f64, kept))
    }
}

impl RaydiumCpmm {
    fn swap(&self, zero_for_one: bool, ceil: Ceil) -> Result<Swap<'_>, Refusal> {
        let [zero, one] = &self.sides;
        let (into, out) = if zero_for_one { (zero, one) } else { (one, zero) };
        let on_input = match self.creator_side {
            CreatorSide::Input => true,
            CreatorSide::Token0 => zero_for_one,
            CreatorSide::Token1 => !zero_for_one,
        };
        let (rate_in, rate_out) =
            if on_input { (self.trade_rate + self.creator_rate, 0) } else { (self.trade_rate, self.creator_rate) };
        // The newest source splits the fee between pool and creator, and cannot split a rate of zero.
        if ceil == Ceil::Plain && on_input && rate_in == 0 {
            return Err(Refusal::Zero);
        }
        Ok(Swap { into, out, rate_in, rate_out, ceil })
    }
}

impl Side {
    fn read(accounts: &Accounts<'_>, pool: &[u8], side: usize, clock: &Clock) -> Result<Self, Refusal> {
        let (vault, mint) = [("vault_a", "mint_a"), ("vault_b", "mint_b")][side];
        let account = accounts.role(vault)?;
        let vault = token::held(&account)?;
        let mut reserve = vault;
        for at in [341, 357, 397] {
            reserve = reserve.checked_sub(pool.u64(at + side * 8)?).filter(|left| *left > 0).ok_or(Refusal::Empty)?;
        }
        let fee = TransferFee::of_mint(&accounts.role(mint)?, clock)?;
        Ok(Self { vault, reserve, fee, checked: account.owner == TOKEN_2022 })
    }
}

/// One direction of a pool; amounts inside the pool, so after and before transfer fees. Rates are at most [`ONE`].
struct Swap<'a> {
    into: &'a Side,
    out: &'a Side,
    rate_in: u128,
    rate_out: u128,
    ceil: Ceil,
}

impl Swap<'_> {
    fn output(&self, amount: u64) -> Result<u64, Refusal> {
        let amount = u128::from(amount);
        let net = amount - (amount * self.rate_in).div_ceil(ONE);
        let gross = u128::from(self.out.reserve) * net / (u128::from(self.into.reserve) + net);
        self.product_fits(net, gross)?;
        u64::try_from(gross - (gross * self.rate_out).div_ceil(ONE)).map_err(|_| Refusal::Overflow)
    }

    fn input(&self, out: u64) -> Result<u64, Refusal> {
        let gross = before(u128::from(out), self.rate_out)?;
        let left = u128::from(self.out.reserve).checked_sub(gross).ok_or(Refusal::Empty)?;
        let net = self.ceil.div(u128::from(self.into.reserve) * gross, left)?;
        self.product_fits(net, gross)?;
        match u64::try_from(before(net, self.rate_in)?) {
            Ok(0) => Err(Refusal::Zero),
            Ok(amount) => Ok(amount),
            Err(_) => Err(Refusal::Overflow),
        }
    }

    /// The program compares the products of the reserves before and after in 128 bits.
    fn product_fits(&self, net: u128, gross: u128) -> Result<(), Refusal> {
        let left = u128::from(self.out.reserve).checked_sub(gross).ok_or(Refusal::Empty)?;
        let grown = u128::from(self.into.reserve).checked_add(net).ok_or(Refusal::Overflow)?;
        grown.checked_mul(left).map(|_| ()).ok_or(Refusal::Overflow)
    }
}

/// `ceil(net * 1e6 / (1e6 - rate))`.
fn before(net: u128, rate: u128) -> Result<u128, Refusal> {
    let left = ONE.checked_sub(rate).filter(|left| *left > 0).ok_or(Refusal::Range)?;
    Ok(net.checked_mul(ONE).ok_or(Refusal::Overflow)?.div_ceil(left))
}

/// What is sent so that `net` arrives; newer builds refuse when it would not.
fn sent(fee: &TransferFee, net: u64, ceil: Ceil) -> Result<u64, Refusal> {
    let gross = fee.sent(net)?;
    if ceil == Ceil::Plain && fee.after(gross) != net {
        return Err(Refusal::Inconsistent);
    }
    Ok(gross)
}
