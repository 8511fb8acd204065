"""Markets of recorded Solana pools whose accounts are also known here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from venue_kit import SHARED, Forged

from hoploop.hot import Market
from hoploop.hot._native import VenueState
from hoploop.verify.vectors import read_swaps

Account = tuple[bytes, bytes]
FOLDER = SHARED / "golden/solana"
VENUES = ("raydium_amm_v4", "raydium_clmm", "raydium_cpmm", "whirlpool", "meteora_dlmm", "meteora_damm_v2")
CLOCK = bytes.fromhex("06a7d51718c774c928566398691d5eb68b5eb8a39b4b6d5c73555b2100000000")
NOW = (310_000_050, 1_734_500_100, 700)
# Pools of one price, near enough to each other that small differences pay.
STREET = (
    "raydium_cpmm/sol_usdc_25bps.json",
    "whirlpool/ts8_fee500.json.gz",
    "meteora_dlmm/step10_sol_usdc.json.gz",
    "raydium_clmm/ts10_fee500.json.gz",
    "raydium_amm_v4/sol_usdc_25bps.json",
    "meteora_damm_v2/const_25bps.json",
)
CPMM = STREET[0]
LADDER = [10**power * step for power in range(10) for step in (1, 3, 7)]


def golden(path: Path) -> tuple[str, Forged]:
    file = read_swaps(path)
    clock = (file.clock.slot, file.clock.unix_timestamp, file.clock.epoch)
    return file.venue, Forged(file.roles, file.accounts, clock, file.routes)


def named(name: str) -> tuple[str, Forged]:
    if not FOLDER.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {FOLDER}")
    return golden(FOLDER / name)


def snapshot(held: dict[bytes, Account]) -> bytes:
    accounts = (key + owner + len(data).to_bytes(4, "little") + data for key, (owner, data) in held.items())
    return len(held).to_bytes(4, "little") + b"".join(accounts)


def account(held: dict[bytes, Account], key: bytes) -> bytes:
    """An update: owner, then bytes."""
    return b"".join(held[key])


class Street:
    """A market of two assets whose pools are also known here, as accounts."""

    def __init__(self, *pools: tuple[str, Forged], clock: tuple[int, int, int] = NOW) -> None:
        self.market, self.clock = Market(), clock
        self.pools = [(venue, Forged(pool.roles, dict(pool.held), clock, pool.routes)) for venue, pool in pools]
        self.market.add_asset("sol")
        self.market.add_asset("usdc")
        for number, (venue, pool) in enumerate(self.pools):
            self.market.add_account_pool(f"pool {number}", venue, 0, 1, 100, pool.roles, pool.routes)
        self.market.add_search("s", 0, range(len(pools)), [], 2, 2, 10**12, 1, 0, 1, 0, 0, 64)
        self.market.set_own_capital(0, 10**12)
        self.market.set_fees(0, 0, 0, 1)
        self.market.seal()
        self.market.set_clock(*clock)

    def load(self, seq: int = 10) -> Street:
        for number, (_, pool) in enumerate(self.pools):
            assert self.market.load(number, seq, snapshot(pool.held))
        return self

    def change(self, key: bytes, data: bytes) -> None:
        """Other bytes for an account, here only."""
        for _, pool in self.pools:
            if key in pool.held:
                pool.held[key] = (pool.held[key][0], data)

    def state(self, number: int) -> VenueState | str:
        venue, pool = self.pools[number]
        return VenueState.read(venue, pool.roles, pool.held, pool.routes, self.clock)

    def twin(self, number: int, side: bool, amount: int) -> int | None:
        """What `VenueState` says of the whole input."""
        state = self.state(number)
        paid = state if isinstance(state, str) else state.quote(side, True, amount, 0, 0)
        return paid[1] if not isinstance(paid, str) and paid[0] == amount else None

    def assert_same(self, *numbers: int) -> None:
        for number in numbers or range(len(self.pools)):
            for side in (True, False):
                ours = [self.market.quote(number, side, amount) for amount in LADDER]
                assert ours == [self.twin(number, side, amount) for amount in LADDER]

    def poke(self, number: int, seq: int) -> tuple[bytes, int, bytes]:
        """An update of a pool's own account that says what is known already."""
        pool = self.pools[number][1]
        return pool.roles["pool"], seq, account(pool.held, pool.roles["pool"])


def street() -> Street:
    return Street(*(named(name) for name in STREET)).load()


def moved(pool: Forged, names: dict[str, bytes]) -> Forged:
    """The same pool with accounts of these roles at other addresses."""
    held, places = dict(pool.held), {pool.roles[role]: key for role, key in names.items()}
    for old, new in places.items():
        held[new] = held.pop(old)
    for key, (owner, data) in held.items():
        for old, new in places.items():
            data = data.replace(old, new)
        held[key] = (owner, data)
    return Forged({**pool.roles, **names}, held, pool.clock, pool.routes)


def neighbours(*, share: tuple[str, ...] = ("config", "mint_a", "mint_b")) -> Street:
    """Two CPMM pools that share some accounts."""
    venue, pool = named(CPMM)
    names = {role: role.encode().ljust(32, b"!") for role in ("pool", "vault_a", "vault_b") if role not in share}
    return Street((venue, pool), (venue, moved(pool, names))).load()


def vault(amount: int, data: bytes) -> bytes:
    return data[:64] + amount.to_bytes(8, "little") + data[72:]


def reserve(street: Street, number: int, role: str = "vault_a") -> tuple[bytes, bytes]:
    pool = street.pools[number][1]
    return pool.roles[role], pool.held[pool.roles[role]][1]
