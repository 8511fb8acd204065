"""What a local chain starts from: programs and accounts of the default world, or of a folder of dumps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import LocalError
from hoploop.local.solana import layouts, names
from hoploop.local.solana.names import PoolSpec, ReserveSpec, WalletSpec, WorldSpec

WORLD_FILE = Path(__file__).with_name("world.json")
ARTIFACTS = Path(__file__).resolve().parents[4] / "contracts" / "solana" / "build"
Rent = Callable[[int], int]
"""Data length in bytes -> rent-exempt lamports."""


class Program(msgspec.Struct, frozen=True):
    """A program to load; `source` names the file in errors."""

    address: Pubkey
    elf: bytes
    source: str


class AccountImage(msgspec.Struct, frozen=True):
    """An account as it will be set; `source` names where it comes from in errors."""

    address: Pubkey
    lamports: int
    data: bytes
    owner: Pubkey
    executable: bool
    source: str


class World(msgspec.Struct, frozen=True):
    """All a chain starts from. `pools` is what the traffic trades; empty turns it off."""

    programs: tuple[Program, ...]
    accounts: tuple[AccountImage, ...]
    pools: tuple[PoolSpec, ...]


def load_spec(path: Path = WORLD_FILE) -> WorldSpec:
    """The world file; X201 when it cannot be read or is not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=WorldSpec)
    except (OSError, msgspec.DecodeError) as err:
        raise LocalError("X201", f"{path}: {err}") from err


def default_world(rent: Rent, *, spec: WorldSpec | None = None, artifacts: Path = ARTIFACTS) -> World:
    """Programs and forged accounts of the world file; X200 when a program artifact is missing."""
    spec = spec or load_spec()
    accounts = [_plain(spec.lookup_table.address, _table(spec), layouts.LOOKUP_TABLES, rent)]
    accounts += mints(spec, rent)
    for wallet in spec.wallets:
        accounts += wallet_accounts(wallet, rent)
    for pool in spec.pools:
        accounts += _pool_accounts(pool, Pubkey.from_string(_program(spec, "amm")), rent)
    for reserve in spec.reserves:
        accounts += _reserve_accounts(reserve, Pubkey.from_string(_program(spec, "lend")), rent)
    for tip in spec.tip_accounts:
        accounts.append(_plain(tip, b"", layouts.SYSTEM, rent))
    programs = tuple(
        Program(Pubkey.from_string(p.address), _artifact(artifacts / p.artifact), str(artifacts / p.artifact))
        for p in spec.programs
    )
    return World(programs, tuple(accounts), spec.pools)


def mints(spec: WorldSpec, rent: Rent) -> list[AccountImage]:
    """Mint accounts; the supply only has to exceed what the world holds."""
    supply = 2**63
    return [_plain(m.address, layouts.mint(m.decimals, supply), layouts.TOKEN, rent) for m in spec.mints]


def wallet_accounts(wallet: WalletSpec, rent: Rent) -> list[AccountImage]:
    """A wallet's lamports and its token accounts."""
    owner = Pubkey.from_string(wallet.address)
    images = [AccountImage(owner, wallet.lamports, b"", layouts.SYSTEM, False, "world.json")]
    for held in wallet.tokens:
        images.append(_holding(held.account, Pubkey.from_string(held.mint), owner, held.amount, rent))
    return images


def _pool_accounts(pool: PoolSpec, program: Pubkey, rent: Rent) -> list[AccountImage]:
    keys = [bytes(Pubkey.from_string(key)) for key in (pool.mint_a, pool.mint_b, pool.vault_a, pool.vault_b)]
    state = layouts.POOL.pack(
        layouts.POOL_MAGIC, pool.fee_num, pool.fee_den, pool.bump, *keys, pool.reserve_a, pool.reserve_b, 0
    )
    owner = Pubkey.from_string(pool.authority)
    return [
        _plain(pool.address, state, program, rent),
        _holding(pool.vault_a, Pubkey.from_string(pool.mint_a), owner, pool.reserve_a, rent),
        _holding(pool.vault_b, Pubkey.from_string(pool.mint_b), owner, pool.reserve_b, rent),
    ]


def _reserve_accounts(reserve: ReserveSpec, program: Pubkey, rent: Rent) -> list[AccountImage]:
    mint, vault = Pubkey.from_string(reserve.mint), Pubkey.from_string(reserve.vault)
    state = layouts.RESERVE.pack(
        layouts.RESERVE_MAGIC, reserve.fee_num, reserve.fee_den, reserve.bump, 1, bytes(mint), bytes(vault), 0
    )
    owner = Pubkey.from_string(reserve.authority)
    return [
        _plain(reserve.address, state, program, rent),
        _holding(reserve.vault, mint, owner, reserve.liquidity, rent),
    ]


def _holding(key: str, mint: Pubkey, owner: Pubkey, amount: int, rent: Rent) -> AccountImage:
    """Token account; the lamports of a wrapped-SOL account include what it holds."""
    reserve = rent(layouts.TOKEN_ACCOUNT_SIZE)
    native = mint == layouts.NATIVE_MINT
    data = layouts.token_account(mint, owner, amount, native_rent=reserve if native else None)
    lamports = reserve + amount if native else reserve
    return AccountImage(Pubkey.from_string(key), lamports, data, layouts.TOKEN, False, "world.json")


def _plain(key: str, data: bytes, owner: Pubkey, rent: Rent) -> AccountImage:
    return AccountImage(Pubkey.from_string(key), rent(len(data)), data, owner, False, "world.json")


def _table(spec: WorldSpec) -> bytes:
    return layouts.lookup_table([Pubkey.from_string(key) for key in spec.lookup_table.addresses])


def _program(spec: WorldSpec, name: str) -> str:
    for program in spec.programs:
        if program.name == name:
            return program.address
    raise LocalError("X201", f"the world file names no program {name}")


def _artifact(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise LocalError("X200", f"{path}: {err.strerror}") from err


def write_default(path: Path = WORLD_FILE) -> None:
    """Print the derived default world into its file."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(names.default_spec()), indent=2) + b"\n")
