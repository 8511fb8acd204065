"""PumpSwap (pump AMM): constant product over base and effective quote, three fees, all taken in the quote."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from solders.pubkey import Pubkey

from hoploop.hot.reference import token
from hoploop.hot.reference.accounts import Account, Accounts, Clock, address
from hoploop.hot.reference.refusal import U64_MAX, demand, refusing, u64, u128, up

PROGRAM = address("pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA")
PUMP = Pubkey.from_string("6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P")
FEE_PROGRAM = address("pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ")
WRAPPED_SOL = address("So11111111111111111111111111111111111111112")
USDC = address("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
POOL_MAGIC = bytes.fromhex("f19a6d0411b16dbc")
GLOBAL_MAGIC = bytes.fromhex("95089ccaa0fcb0d9")
FEES_MAGIC = bytes.fromhex("8f3492bbdb7b4c9b")
POOL_LENGTH = 211
"""The shortest pool account there is; what later versions added counts as zero."""
BUY_DISABLED, SELL_DISABLED = 1 << 3, 1 << 4
BPS = 10_000
MAYHEM_SUPPLY = 10**15


class Fees(msgspec.Struct, frozen=True):
    """Ten-thousandths of the quote, each rounded up by itself."""

    lp: int
    protocol: int
    creator: int

    def of(self, amount: int) -> int:
        """What all three take of an amount."""
        return sum(up(amount * bps, BPS) for bps in (self.lp, self.protocol, self.creator))


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """State of one pool. `priced` is the vault and the virtual reserves; `vault` is what can be paid out."""

    base: int
    priced: int
    vault: int
    fees: Fees
    flags: int

    @refusing
    def quote(self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int) -> tuple[int, int]:
        """(amount_in, amount_out). Source: pump-public-docs and the formulas of the SDK."""
        selling = zero_for_one
        demand(variant == 0, "unsupported")
        demand(not self.flags & (SELL_DISABLED if selling else BUY_DISABLED), "disabled")
        demand(amount > 0, "zero")
        if selling:
            demand(exact_in, "unsupported")
            paid, given = amount, self._sell(amount)
        elif exact_in:
            paid, given = self._spend(amount)
        else:
            paid, given = self._buy(amount), amount
        demand(given > 0, "zero")
        return u64(paid), u64(given)

    def _sell(self, base: int) -> int:
        gross = self.priced * base // (self.base + base)
        demand(gross - up(gross * self.fees.lp, BPS) <= self.vault, "empty")
        return gross - self.fees.of(gross)

    def _buy(self, base: int) -> int:
        demand(base < self.base, "empty")
        net = u64(up(self.priced * base, self.base - base))
        return net + self.fees.of(net)

    def _spend(self, budget: int) -> tuple[int, int]:
        net = budget * BPS // (BPS + self.fees.lp + self.fees.protocol + self.fees.creator)
        fees = self.fees.of(net)
        net -= max(net + fees - budget, 0)
        demand(net >= 1, "zero")
        return net + fees, self.base * (net - 1) // (self.priced + net - 1)


@refusing
def read(
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool:
    """The pool's state. Source: the program's IDL."""
    accounts = Accounts(roles, held)
    pool = _owned(accounts, "pool", PROGRAM, POOL_MAGIC)
    settings = _owned(accounts, "global_config", PROGRAM, GLOBAL_MAGIC)
    config = _owned(accounts, "fee_config", FEE_PROGRAM, FEES_MAGIC)
    demand(len(pool.data) >= POOL_LENGTH, "length")
    for at, role in ((43, "mint_a"), (75, "mint_b"), (139, "vault_a"), (171, "vault_b")):
        demand(pool.take(at, 32) == accounts.key(role), "inconsistent")
    for role in ("mint_a", "mint_b"):
        demand(token.transfer_fee(accounts.role(role), Clock(*clock)).bps == 0, "unsupported")
    base, quote_vault = token.held(accounts.role("vault_a")), token.held(accounts.role("vault_b"))
    quote = quote_vault + int.from_bytes(_padded(pool, 245, 16), "little", signed=True)
    demand(0 <= quote <= U64_MAX, "range")
    demand(base > 0 and quote > 0, "empty")
    supply = MAYHEM_SUPPLY if _padded(pool, 243, 1) != b"\0" else accounts.role("mint_a").uint(36, 8)
    scheduled = _scheduled(config, pool, u128(quote * supply) // base)
    fees = msgspec.structs.replace(scheduled, creator=_creator_fee(pool, settings, scheduled.creator))
    demand(max(fees.lp, fees.protocol, fees.creator) <= BPS, "range")
    return Pool(base=base, priced=quote, vault=quote_vault, fees=fees, flags=settings.uint(56, 1))


def _creator_fee(pool: Account, settings: Account, scheduled: int) -> int:
    if _padded(pool, 211, 32) == bytes(32):
        return 0
    own = int.from_bytes(_padded(pool, 261, 8), "little")
    return own if own > 0 and _padded(settings, 940, 1) != b"\0" else scheduled


def _scheduled(config: Account, pool: Account, cap: int) -> Fees:
    """The fees that the fee program's config sets for this pool at this market cap."""
    flat = _fees(config, 41)
    base_mint, quote_mint = pool.take(43, 32), pool.take(75, 32)
    authority, _ = Pubkey.find_program_address([b"pool-authority", base_mint], PUMP)
    if pool.take(11, 32) != bytes(authority):
        return flat
    tiers, behind = _tiers(config, 65)
    if quote_mint == WRAPPED_SOL:
        return _tier(tiers, cap)
    stable, behind = _tiers(config, behind)
    if quote_mint == USDC:
        return _tier(stable, cap)
    exotic = _fees(Account(config.owner, _padded(config, behind, 24)), 0)
    return flat if exotic == Fees(0, 0, 0) else exotic


def _tiers(config: Account, at: int) -> tuple[list[tuple[int, Fees]], int]:
    count = config.uint(at, 4)
    behind = at + 4 + count * 40
    demand(behind <= len(config.data), "length")
    places = range(at + 4, behind, 40)
    return [(config.uint(place, 16), _fees(config, place + 16)) for place in places], behind


def _tier(tiers: list[tuple[int, Fees]], cap: int) -> Fees:
    """The last tier reached; the first one below all thresholds."""
    demand(len(tiers) > 0, "length")
    reached = [fees for threshold, fees in tiers if threshold <= cap]
    return reached[-1] if reached else tiers[0][1]


def _fees(account: Account, at: int) -> Fees:
    return Fees(account.uint(at, 8), account.uint(at + 8, 8), account.uint(at + 16, 8))


def _owned(accounts: Accounts, role: str, program: bytes, magic: bytes) -> Account:
    account = accounts.owned(role, program)
    demand(account.take(0, 8) == magic, "magic")
    return account


def _padded(account: Account, at: int, size: int) -> bytes:
    return account.data[at : at + size].ljust(size, b"\0")
