"""Names, sizes and derived addresses of the default local world; `world.json` is its printed form."""

from __future__ import annotations

import msgspec
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.local.keys import local_seed
from hoploop.local.solana import layouts

SOL = 10**9
USDC = 10**6
JUP = 10**6
TIP_ACCOUNTS = (
    "96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5",
    "HFqU5x63VTqvQss8hp11i4wVV8bD44PvwucfZ2bU7gRe",
    "Cw8CFyM9FkoMi7K7Crf6HNQqf4uEMzpKw6QNghXLvLkY",
    "ADaUMid9yfUytqMBgopwjb2DTLSokTSzL1zt6iGPaS49",
    "DfXygSm4jCyNCybVYYK6DwvWqjKee8pbDmJGcLWNDXjh",
    "ADuUkR4vqLUMWXxW9gh6D6L8pMSawimctcNZ5pGwDcEt",
    "DttWaMuVvTiduZRnguLF7jNxTgiMBZ1hyAumKUiL2KRL",
    "3AVi9Tg9Uo68tJfuvoKvqKNWKkC5wPdSSdeBnizKZ6jT",
)
"""Jito's tip accounts on mainnet; the local block engine answers with the same ones."""


class MintSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the world."""

    name: str
    address: str
    decimals: int


class HoldingSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A token account of a wallet, at its associated address."""

    mint: str
    account: str
    amount: int


class WalletSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A local actor; its key is `local_seed("solana/<name>")`."""

    name: str
    address: str
    lamports: int
    tokens: tuple[HoldingSpec, ...]


class PoolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A pool of the local AMM. `reference` = reserves whose ratio the traffic returns to."""

    name: str
    address: str
    authority: str
    bump: int
    mint_a: str
    mint_b: str
    vault_a: str
    vault_b: str
    fee_num: int
    fee_den: int
    reserve_a: int
    reserve_b: int


class ReserveSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A reserve of the local flash lender."""

    name: str
    address: str
    authority: str
    bump: int
    mint: str
    vault: str
    fee_num: int
    fee_den: int
    liquidity: int


class ProgramSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A program and the artifact in `contracts/solana/build` it is loaded from."""

    name: str
    address: str
    artifact: str


class LookupTableSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The lookup table that holds every address a trade in this world names."""

    address: str
    addresses: tuple[str, ...]


class WorldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in a world, by name; amounts in base units."""

    genesis: str
    programs: tuple[ProgramSpec, ...]
    mints: tuple[MintSpec, ...]
    wallets: tuple[WalletSpec, ...]
    pools: tuple[PoolSpec, ...]
    reserves: tuple[ReserveSpec, ...]
    lookup_table: LookupTableSpec
    tip_accounts: tuple[str, ...]


def keypair(name: str) -> Keypair:
    """Key of a local name, `solana/` prefixed: `executor`, `traffic`, `program/amm`, …"""
    return Keypair.from_seed(local_seed(f"solana/{name}"))


def address(name: str) -> Pubkey:
    """Public key of `keypair(name)`."""
    return keypair(name).pubkey()


def genesis() -> Hash:
    """Genesis hash of every local Solana chain; no real cluster has it."""
    return Hash(local_seed("solana/genesis"))


def default_spec() -> WorldSpec:
    """The default world, derived from names alone."""
    mints = {
        "wsol": MintSpec(name="wsol", address=str(layouts.NATIVE_MINT), decimals=9),
        "usdc": MintSpec(name="usdc", address=str(address("mint/usdc")), decimals=6),
        "jup": MintSpec(name="jup", address=str(address("mint/jup")), decimals=6),
    }
    pools = (
        pool_spec(mints, "sol_usdc_5", "wsol", "usdc", 5, 40_000 * SOL, 6_000_000 * USDC),
        pool_spec(mints, "sol_usdc_25", "wsol", "usdc", 25, 20_000 * SOL, 3_000_000 * USDC),
        pool_spec(mints, "sol_usdc_30", "wsol", "usdc", 30, 10_000 * SOL, 1_500_000 * USDC),
        pool_spec(mints, "jup_usdc_20", "jup", "usdc", 20, 6_000_000 * JUP, 3_000_000 * USDC),
        pool_spec(mints, "sol_jup_30", "wsol", "jup", 30, 20_000 * SOL, 6_000_000 * JUP),
    )
    reserves = (
        _reserve(mints, "lend_sol", "wsol", 1, 100_000, 100_000 * SOL),
        _reserve(mints, "lend_usdc", "usdc", 1, 100_000, 10_000_000 * USDC),
    )
    wallets = (
        wallet_spec(mints, "executor", 100 * SOL, {"wsol": 5 * SOL, "usdc": 0, "jup": 0}),
        wallet_spec(mints, "traffic", 100_000 * SOL, {"wsol": 10**7 * SOL, "usdc": 10**10 * USDC, "jup": 10**10 * JUP}),
    )
    programs = tuple(
        ProgramSpec(name=name, address=str(address(f"program/{name}")), artifact=f"{name}.so")
        for name in ("amm", "lend")
    )
    return WorldSpec(
        genesis=str(genesis()),
        programs=programs,
        mints=tuple(mints.values()),
        wallets=wallets,
        pools=pools,
        reserves=reserves,
        lookup_table=lookup_table_spec(mints, pools, reserves, wallets[0]),
        tip_accounts=TIP_ACCOUNTS,
    )


def pool_spec(
    mints: dict[str, MintSpec], name: str, mint_a: str, mint_b: str, fee_bps: int, reserve_a: int, reserve_b: int
) -> PoolSpec:
    """A pool of the AMM at the addresses its name gives."""
    pool = address(f"pool/{name}")
    authority, bump = layouts.authority(pool, address("program/amm"))
    return PoolSpec(
        name=name,
        address=str(pool),
        authority=str(authority),
        bump=bump,
        mint_a=mints[mint_a].address,
        mint_b=mints[mint_b].address,
        vault_a=str(address(f"pool/{name}/vault_a")),
        vault_b=str(address(f"pool/{name}/vault_b")),
        fee_num=fee_bps,
        fee_den=10_000,
        reserve_a=reserve_a,
        reserve_b=reserve_b,
    )


def _reserve(
    mints: dict[str, MintSpec], name: str, mint: str, fee_num: int, fee_den: int, liquidity: int
) -> ReserveSpec:
    reserve = address(f"reserve/{name}")
    authority, bump = layouts.authority(reserve, address("program/lend"))
    return ReserveSpec(
        name=name,
        address=str(reserve),
        authority=str(authority),
        bump=bump,
        mint=mints[mint].address,
        vault=str(address(f"reserve/{name}/vault")),
        fee_num=fee_num,
        fee_den=fee_den,
        liquidity=liquidity,
    )


def wallet_spec(mints: dict[str, MintSpec], name: str, lamports: int, amounts: dict[str, int]) -> WalletSpec:
    """A wallet with these token accounts, by the mints' names."""
    owner = address(name)
    held = tuple(
        HoldingSpec(
            mint=mints[key].address,
            account=str(layouts.ata(owner, Pubkey.from_string(mints[key].address))),
            amount=amount,
        )
        for key, amount in amounts.items()
    )
    return WalletSpec(name=name, address=str(owner), lamports=lamports, tokens=held)


def lookup_table_spec(
    mints: dict[str, MintSpec], pools: tuple[PoolSpec, ...], reserves: tuple[ReserveSpec, ...], executor: WalletSpec
) -> LookupTableSpec:
    """Every address but signers, tip accounts (Jito wants those static) and programs (they must be static)."""
    addresses = [str(layouts.TOKEN), str(layouts.INSTRUCTIONS_SYSVAR), *(m.address for m in mints.values())]
    addresses += [held.account for held in executor.tokens]
    for pool in pools:
        addresses += [pool.address, pool.authority, pool.vault_a, pool.vault_b]
    for reserve in reserves:
        addresses += [reserve.address, reserve.authority, reserve.vault]
    return LookupTableSpec(address=str(address("alt")), addresses=tuple(addresses))
