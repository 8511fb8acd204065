"""The pools that traffic trades on: read the price, and the swap that moves it to a target."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import Protocol

import msgspec

from hoploop.local.evm.contracts import encode_call
from hoploop.local.evm.world.tokens import worth

_FOREVER = 2**40
_MOST_IN_WETH = 5_000
"""Whole WETH worth that one V3 push may cost; its price limit ends it earlier."""


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction's target and data."""

    to: str
    data: bytes


class TrafficPool(Protocol):
    """One pool as traffic sees it."""

    @property
    def name(self) -> str:
        """Its name in the world."""

    @property
    def tokens(self) -> tuple[str, str]:
        """(base, quote) token names."""

    @property
    def view(self) -> dict[str, str]:
        """The eth_call that reads its state."""

    def price(self, state: bytes) -> tuple[int, int]:
        """Quote base units for one base unit of base, as (numerator, denominator)."""

    def push(self, state: bytes, target: tuple[int, int], trader: str) -> Swap | None:
        """The swap that brings the price to the target; None when it is there."""


class V2Pool(msgspec.Struct, frozen=True, kw_only=True):
    """A constant-product pair, traded through its exchange's router."""

    name: str
    tokens: tuple[str, str]
    ends: tuple[str, str]
    """Addresses of base and quote."""
    address: str
    router: str

    @property
    def view(self) -> dict[str, str]:
        """getReserves."""
        return {"to": self.address, "data": "0x0902f1ac"}

    def price(self, state: bytes) -> tuple[int, int]:
        """Quote reserve over base reserve."""
        base, quote = self._reserves(state)
        return quote, base

    def push(self, state: bytes, target: tuple[int, int], trader: str) -> Swap | None:
        """Exact-input swap; the fee makes it stop slightly short or over, which does not matter here."""
        base, quote = self._reserves(state)
        numerator, denominator = target
        wanted_base = isqrt(base * quote * denominator // numerator)
        wanted_quote = isqrt(base * quote * numerator // denominator)
        amount, path = wanted_base - base, self.ends
        if amount <= 0:
            amount, path = wanted_quote - quote, (self.ends[1], self.ends[0])
        if amount <= 0:
            return None
        signature = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
        return Swap(to=self.router, data=encode_call(signature, amount, 0, path, trader, _FOREVER))

    def _reserves(self, state: bytes) -> tuple[int, int]:
        first, second = int.from_bytes(state[:32], "big"), int.from_bytes(state[32:64], "big")
        return (first, second) if int(self.ends[0], 16) < int(self.ends[1], 16) else (second, first)


class V3Pool(msgspec.Struct, frozen=True, kw_only=True):
    """A concentrated-liquidity pool, traded through the router with the target as price limit."""

    name: str
    tokens: tuple[str, str]
    ends: tuple[str, str]
    """Addresses of base and quote."""
    address: str
    router: str
    fee: int

    @property
    def view(self) -> dict[str, str]:
        """slot0."""
        return {"to": self.address, "data": "0x3850c7bd"}

    def price(self, state: bytes) -> tuple[int, int]:
        """Square of the root price, turned to quote per base."""
        root = int.from_bytes(state[:32], "big")
        return (root * root, 1 << 192) if self._base_first else (1 << 192, root * root)

    def push(self, state: bytes, target: tuple[int, int], trader: str) -> Swap | None:
        """Exact-input swap that stops at the target price."""
        numerator, denominator = target if self._base_first else (target[1], target[0])
        limit = isqrt((numerator << 192) // denominator)
        root = int.from_bytes(state[:32], "big")
        if limit == root:
            return None
        base_in = (limit < root) == self._base_first
        token_in = 0 if base_in else 1
        most = worth(self.tokens[token_in], _MOST_IN_WETH)
        signature = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))"
        ends = (self.ends[token_in], self.ends[1 - token_in])
        return Swap(to=self.router, data=encode_call(signature, (*ends, self.fee, trader, _FOREVER, most, 0, limit)))

    @property
    def _base_first(self) -> bool:
        return int(self.ends[0], 16) < int(self.ends[1], 16)


def traffic_pools(at: Mapping[str, str]) -> tuple[TrafficPool, ...]:
    """All pools of the world, in a fixed order."""
    pools: list[TrafficPool] = []
    for exchange in ("uniswap_v2", "pancakeswap_v2"):
        for base, quote in (("weth", "usdc"), ("weth", "dai"), ("usdc", "dai")):
            name = f"{exchange}.{base}_{quote}"
            if name in at:
                ends = (at[base], at[quote])
                router = at[f"{exchange}.router"]
                pools.append(V2Pool(name=name, tokens=(base, quote), ends=ends, address=at[name], router=router))
    for name, fee in (("uniswap_v3.weth_usdc_5", 500), ("uniswap_v3.weth_usdc_30", 3000)):
        ends, router = (at["weth"], at["usdc"]), at["uniswap_v3.router"]
        tokens = ("weth", "usdc")
        pools.append(V3Pool(name=name, tokens=tokens, ends=ends, address=at[name], router=router, fee=fee))
    return tuple(pools)
