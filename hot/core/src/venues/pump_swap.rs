//! PumpSwap (pump AMM): constant product over base and effective quote, three fees, all taken in the quote.
//!
//! Layouts: the program's IDL (SDK 1.20.0). Rules: the program's public documentation and SDK; no binary was executed.
//! Asset 0 is the base. Selling is exact in the base; buying is exact in the base (`buy`) or in the quote
//! (`buy_exact_quote_in`).

use super::accounts::{Account, Accounts, Clock, Fields};
use super::piece::{Kept, Piece};
use super::token::{self, TransferFee};
use super::{Ask, Fill, Given, Together, Venue};
use crate::error::Refusal;

const PUMP: [u8; 32] = [
    1, 86, 224, 246, 147, 102, 90, 207, 68, 219, 21, 104, 191, 23, 91, 170, 81, 137, 203, 151, 245, 210, 255, 59, 101,
    93, 43, 182, 253, 109, 24, 176,
];
/// Owner of the fee config.
pub const FEE_PROGRAM: [u8; 32] = [
    12, 53, 255, 169, 5, 90, 142, 86, 141, 168, 247, 188, 7, 86, 21, 39, 76, 241, 201, 44, 164, 31, 64, 0, 156, 81,
    106, 164, 20, 194, 124, 112,
];
const WRAPPED_SOL: [u8; 32] = [
    6, 155, 136, 87, 254, 171, 129, 132, 251, 104, 127, 99, 70, 24, 192, 53, 218, 196, 57, 220, 26, 235, 59, 85, 152,
    160, 240, 0, 0, 0, 0, 1,
];
const USDC: [u8; 32] = [
    198, 250, 122, 243, 190, 219, 173, 58, 61, 101, 243, 106, 171, 201, 116, 49, 177, 187, 228, 194, 210, 246, 224,
    228, 124, 166, 2, 3, 69, 47, 93, 97,
];
const POOL_MAGIC: [u8; 8] = [0xf1, 0x9a, 0x6d, 0x04, 0x11, 0xb1, 0x6d, 0xbc];
const GLOBAL_MAGIC: [u8; 8] = [0x95, 0x08, 0x9c, 0xca, 0xa0, 0xfc, 0xb0, 0xd9];
const FEES_MAGIC: [u8; 8] = [0x8f, 0x34, 0x92, 0xbb, 0xdb, 0x7b, 0x4c, 0x9b];
/// The shortest pool account there is; what later versions added counts as zero.
const POOL_LENGTH: usize = 211;
const BUY_DISABLED: u8 = 1 << 3;
const SELL_DISABLED: u8 = 1 << 4;
const BPS: u128 = 10_000;
/// Supply that prices mayhem coins, whatever their mint says.
const MAYHEM_SUPPLY: u128 = 1_000_000_000_000_000;
/// Where the pool names its other accounts.
const NAMED: [(usize, &str); 4] = [(43, "mint_a"), (75, "mint_b"), (139, "vault_a"), (171, "vault_b")];

/// Fees in ten-thousandths of the quote, each rounded up by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fees {
    lp: u128,
    protocol: u128,
    creator: u128,
}

/// One pool.
#[derive(Clone, Debug)]
pub struct PumpSwap {
    base: u128,
    /// What prices: the vault and the virtual reserves.
    quote: u128,
    /// What can be paid out.
    quote_vault: u128,
    fees: Fees,
    flags: u8,
}

impl Venue for PumpSwap {
    const KEY: &'static str = "pump_swap";
    const PROGRAM: [u8; 32] = [
        12, 20, 222, 252, 130, 94, 198, 118, 148, 37, 8, 24, 187, 101, 64, 101, 244, 41, 141, 49, 86, 213, 113, 180,
        212, 248, 9, 12, 24, 233, 168, 99,
    ];
    const TOGETHER: Together = &[("vault_a", &["vault_b"]), ("vault_b", &["vault_a"])];

    fn read(accounts: &Accounts<'_>, clock: &Clock) -> Result<Self, Refusal> {
        let pool = magic(accounts.owned("pool", &Self::PROGRAM)?, POOL_MAGIC)?;
        let global = magic(accounts.owned("global_config", &Self::PROGRAM)?, GLOBAL_MAGIC)?;
        let config = magic(accounts.owned("fee_config", &FEE_PROGRAM)?, FEES_MAGIC)?;
        if pool.len() < POOL_LENGTH {
            return Err(Refusal::Length);
        }
        for (at, role) in NAMED {
            if pool.key(at)? != accounts.key(role)? {
                return Err(Refusal::Inconsistent);
            }
        }
        for mint in ["mint_a", "mint_b"] {
            if TransferFee::of_mint(&accounts.role(mint)?, clock)?.bps != 0 {
                return Err(Refusal::Unsupported);
            }
        }
        let base = token::held(&accounts.role("vault_a")?)?;
        let quote_vault = token::held(&accounts.role("vault_b")?)?;
        let quote = i128::from_le_bytes(padded(pool, 245)).checked_add(i128::from(quote_vault));
        let quote = quote.and_then(|sum| u64::try_from(sum).ok()).ok_or(Refusal::Range)?;
        if base == 0 || quote == 0 {
            return Err(Refusal::Empty);
        }
        let supply = if padded::<1>(pool, 243) == [0] {
            u128::from(accounts.role("mint_a")?.data.u64(36)?)
        } else {
            MAYHEM_SUPPLY
        };
        let cap = u128::from(quote).checked_mul(supply).ok_or(Refusal::Overflow)? / u128::from(base);
        let mut fees = scheduled(accounts, config, pool, cap)?;
        let own = u64::from_le_bytes(padded(pool, 261));
        if padded::<1>(global, 940) != [0] && own > 0 {
            fees.creator = u128::from(own);
        }
        if padded(pool, 211) == [0u8; 32] {
            fees.creator = 0;
        }
        if [fees.lp, fees.protocol, fees.creator].iter().any(|bps| *bps > BPS) {
            return Err(Refusal::Range);
        }
        let (base, quote, quote_vault) = (u128::from(base), u128::from(quote), u128::from(quote_vault));
        Ok(Self { base, quote, quote_vault, fees, flags: global.u8(56)? })
    }

    fn quote(&self, ask: &Ask) -> Result<Fill, Refusal> {
        if ask.variant != 0 {
            return Err(Refusal::Unsupported);
        }
        if self.flags & if ask.zero_for_one { SELL_DISABLED } else { BUY_DISABLED } != 0 {
            return Err(Refusal::Disabled);
        }
        if ask.amount == 0 {
            return Err(Refusal::Zero);
        }
        let amount = u128::from(ask.amount);
        let (paid, given) = match (ask.zero_for_one, ask.given) {
            (true, Given::Input) => (amount, self.sell(amount)?),
            (true, Given::Output) => return Err(Refusal::Unsupported),
            (false, Given::Input) => self.spend(amount)?,
            (false, Given::Output) => (self.buy(amount)?, amount),
        };
        if given == 0 {
            return Err(Refusal::Zero);
        }
        let fits = |value: u128| u64::try_from(value).map_err(|_| Refusal::Overflow);
        Ok(Fill { amount_in: fits(paid)?, amount_out: fits(given)? })
    }

    fn piece(&self, zero_for_one: bool, number: usize) -> Option<Piece> {
        let (base, quote) = (self.base as f64, self.quote as f64);
        let (fees, all) = (self.fees.total() as f64, BPS as f64);
        // Fees come off the quote that is sold for, and on top of the quote that is spent.
        let piece = if zero_for_one {
            Piece::product(base, quote, Kept::of(fees, all, false))
        } else {
            Piece::product(quote, base, Kept::of(fees, all + fees, true))
        };
        (number == 0).then_some(piece)
    }
}

impl PumpSwap {
    fn sell(&self, base: u128) -> Result<u128, Refusal> {
        let gross = self.quote * base / (self.base + base);
        if gross.saturating_sub(bps_up(gross, self.fees.lp)) > self.quote_vault {
            return Err(Refusal::Empty);
        }
        gross.checked_sub(self.fees.of(gross)).ok_or(Refusal::Overflow)
    }

    fn buy(&self, base: u128) -> Result<u128, Refusal> {
        let left = self.base.checked_sub(base).filter(|left| *left > 0).ok_or(Refusal::Empty)?;
        let net = (self.quote * base).div_ceil(left);
        // Above 64 bits nobody can pay it, and below the fees cannot overflow.
        if net > u128::from(u64::MAX) {
            return Err(Refusal::Overflow);
        }
        Ok(net + self.fees.of(net))
    }

    /// What a budget buys: `(paid, base)`. The program holds back one unit against rounding.
    fn spend(&self, budget: u128) -> Result<(u128, u128), Refusal> {
        let net = budget * BPS / (BPS + self.fees.total());
        let fees = self.fees.of(net);
        let net = net.min(budget.checked_sub(fees).ok_or(Refusal::Zero)?);
        let priced = net.checked_sub(1).ok_or(Refusal::Zero)?;
        Ok((net + fees, self.base * priced / (self.quote + priced)))
    }
}

impl Fees {
    fn of(&self, amount: u128) -> u128 {
        bps_up(amount, self.lp) + bps_up(amount, self.protocol) + bps_up(amount, self.creator)
    }

    const fn total(&self) -> u128 {
        self.lp + self.protocol + self.creator
    }

    fn read(data: &[u8], at: usize) -> Result<Self, Refusal> {
        let bps = |place: usize| data.u64(at + place * 8).map(u128::from);
        Ok(Self { lp: bps(0)?, protocol: bps(1)?, creator: bps(2)? })
    }
}

/// The fees that the fee program's config sets for this pool at this market cap.
fn scheduled(accounts: &Accounts<'_>, config: &[u8], pool: &[u8], cap: u128) -> Result<Fees, Refusal> {
    let flat = Fees::read(config, 41)?;
    let authority = accounts.derived(&[b"pool-authority", &pool.key(43)?], &PUMP).ok_or(Refusal::Range)?;
    if pool.key(11)? != authority {
        return Ok(flat);
    }
    let quote_mint = pool.key(75)?;
    let (tiers, stable) = Tiers::read(config, 65)?;
    if quote_mint == WRAPPED_SOL {
        return tiers.at(cap);
    }
    let (tiers, exotic) = Tiers::read(config, stable)?;
    if quote_mint == USDC {
        return tiers.at(cap);
    }
    let exotic = Fees::read(&padded::<24>(config, exotic), 0)?;
    Ok(if exotic == Fees::default() { flat } else { exotic })
}

/// Fees by market cap, lowest threshold first.
struct Tiers<'a>(&'a [u8]);

impl<'a> Tiers<'a> {
    const SIZE: usize = 40;

    /// The tiers at a place, and the place behind them.
    fn read(config: &'a [u8], at: usize) -> Result<(Self, usize), Refusal> {
        let count = usize::try_from(config.u32(at)?).map_err(|_| Refusal::Length)?;
        let start = at.checked_add(4).ok_or(Refusal::Length)?;
        let end = count.checked_mul(Self::SIZE).and_then(|size| start.checked_add(size)).ok_or(Refusal::Length)?;
        Ok((Self(config.get(start..end).ok_or(Refusal::Length)?), end))
    }

    /// The last tier reached; the first one below all thresholds.
    fn at(&self, cap: u128) -> Result<Fees, Refusal> {
        let mut found = Fees::read(self.0, 16)?;
        for tier in self.0.chunks_exact(Self::SIZE) {
            if tier.u128(0)? <= cap {
                found = Fees::read(tier, 16)?;
            }
        }
        Ok(found)
    }
}

fn bps_up(amount: u128, bps: u128) -> u128 {
    (amount * bps).div_ceil(BPS)
}

fn magic<'a>(account: Account<'a>, wanted: [u8; 8]) -> Result<&'a [u8], Refusal> {
    if account.data.take(0)? == wanted {
        Ok(account.data)
    } else {
        Err(Refusal::Magic)
    }
}

/// Bytes at a place, with zeros where the account ends before: older versions are shorter.
fn padded<const N: usize>(data: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    let there = data.get(at..).unwrap_or_default();
    for (byte, held) in bytes.iter_mut().zip(there) {
        *byte = *held;
    }
    bytes
}
