"""The Hoploop AMM as a venue: pools for the hot module, verified snapshots and swap instructions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError, PermanentError
from hoploop.model.market import Leg, PoolSnapshot, PoolSpec
from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import Client
from hoploop_solana._shared.accounts import Account, read_accounts
from hoploop_solana._shared.addresses import TOKEN, authority, key, not_keys, token_account
from hoploop_solana._shared.steps import Step, readonly, signer, writable
from hoploop_solana.hoploop_amm.config import HoploopAmmConfig, Pool
from hoploop_solana.hoploop_amm.layout import AMOUNT_AT, MIN_OUT_AT, PoolState, decode_pool, swap_data

SWAP_UNITS = 8_000
"""Planning value: one swap with its two token transfers takes about 5,950 compute units."""


class _Keys(msgspec.Struct, frozen=True):
    """A pool's accounts, derived once."""

    config: Pool
    pool: Pubkey
    authority: Pubkey
    vaults: tuple[Pubkey, Pubkey]
    mints: tuple[Pubkey, Pubkey]
    wallets: tuple[Pubkey, Pubkey]


class HoploopAmm:
    """`config.pools` of one program; the wallet's associated token accounts pay and receive."""

    def __init__(self, config: HoploopAmmConfig, scope: ChainScope) -> None:
        self._id = config.id
        self._chain = config.chain
        self._program = key(config.program, "program")
        self._owner = key(scope.owner, "owner")
        self._keys = {f"{config.id}/{pool.name}": self._derive(pool, scope) for pool in config.pools}

    def pools(self) -> Sequence[PoolSpec]:
        """One spec a pool; its only door is the pool account."""
        return tuple(
            PoolSpec(
                id=name, chain=self._chain, venue=self._id, address=keys.config.address,
                asset0=keys.config.token0, asset1=keys.config.token1,
                curve="constant_product_fee_first", decoder="hoploop_amm",
                fee_num=keys.config.fee.num, fee_den=keys.config.fee.den,
                units=SWAP_UNITS, doors=(bytes(keys.pool),),
            )
            for name, keys in self._keys.items()
        )  # fmt: skip

    async def snapshot(self, client: Client, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        """Account data of every pool at one slot; PermanentError names the field that contradicts the recipe."""
        answer = await read_accounts(client.rpc, [self._keys[pool.id].pool for pool in pools])
        return tuple(
            PoolSnapshot(pool.id, answer.slot << 20, self._verified(self._keys[pool.id], account))
            for pool, account in zip(pools, answer.items, strict=True)
        )

    def swap(self, leg: Leg) -> Sequence[Step]:
        """One swap of exactly `amount_in`, failing below `amount_out`."""
        keys = self._keys[leg.pool]
        source, target = (0, 1) if leg.zero_for_one else (1, 0)
        return (
            Step(
                name=f"hoploop_amm.swap {leg.pool} {leg.asset_in}->{leg.asset_out}",
                program=self._program,
                accounts=(
                    writable(keys.pool), readonly(keys.authority),
                    writable(keys.vaults[source]), writable(keys.vaults[target]),
                    writable(keys.wallets[source]), writable(keys.wallets[target]),
                    signer(self._owner), readonly(TOKEN),
                ),
                data=swap_data(leg.amount_in, leg.amount_out),
                min_out_at=MIN_OUT_AT,
                amount_at=AMOUNT_AT,
                pool=keys.config.address,
            ),
        )  # fmt: skip

    def _derive(self, pool: Pool, scope: ChainScope) -> _Keys:
        address = key(pool.address, f"pools.{pool.name}.address")
        mints = (_mint(scope, pool.token0, pool.name), _mint(scope, pool.token1, pool.name))
        return _Keys(
            config=pool,
            pool=address,
            authority=authority(address, self._program),
            vaults=(key(pool.vault0, f"pools.{pool.name}.vault0"), key(pool.vault1, f"pools.{pool.name}.vault1")),
            mints=mints,
            wallets=(token_account(self._owner, mints[0]), token_account(self._owner, mints[1])),
        )

    def _verified(self, keys: _Keys, account: Account | None) -> bytes:
        name = f"pool {keys.config.name!r}"
        if account is None:
            raise PermanentError("C206", f"{name}: address: no such account on this chain")
        if account.owner != str(self._program):
            raise PermanentError("C206", f"{name}: program: the account belongs to {account.owner}")
        try:
            state = decode_pool(account.data)
        except DecodeError as error:
            raise PermanentError("C206", f"{name}: address: {error.message}") from None
        wrong = _contradiction(keys, state)
        if wrong:
            raise PermanentError("C206", f"{name}: {wrong}")
        return account.data


def check(config: HoploopAmmConfig, scope: ChainScope) -> list[str]:
    """Keys that are none, assets the chain does not have, names used twice."""
    problems = not_keys(program=config.program)
    names: set[str] = set()
    for pool in config.pools:
        where = f"pools.{pool.name}"
        problems += [
            f"{where}.{problem}"
            for problem in not_keys(address=pool.address, vault0=pool.vault0, vault1=pool.vault1)
        ]
        unknown = {pool.token0, pool.token1} - set(scope.assets)
        problems += [f"{where}: unknown asset {name!r}" for name in sorted(unknown)]
        if pool.token0 == pool.token1:
            problems.append(f"{where}: token0 and token1 are the same asset")
        if pool.fee.num >= pool.fee.den:
            problems.append(f"{where}.fee: must be below 100%")
        if pool.name in names:
            problems.append(f"{where}: this name is used twice")
        names.add(pool.name)
    return problems


def _mint(scope: ChainScope, asset: str, pool: str) -> Pubkey:
    return key(scope.assets[asset].address, f"pools.{pool}: asset {asset}")


def _contradiction(keys: _Keys, state: PoolState) -> str:
    fee = keys.config.fee
    if state.fee_num * fee.den != fee.num * state.fee_den:
        return f"fee: the chain says {state.fee_num}/{state.fee_den}"
    pairs = (
        ("token0", state.mint_a, keys.mints[0]), ("token1", state.mint_b, keys.mints[1]),
        ("vault0", state.vault_a, keys.vaults[0]), ("vault1", state.vault_b, keys.vaults[1]),
    )  # fmt: skip
    for field, chain, recipe in pairs:
        if chain != recipe:
            return f"{field}: the chain says {chain}, the recipe {recipe}"
    return ""
