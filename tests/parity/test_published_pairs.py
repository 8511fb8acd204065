"""Constant-product pairs quote what their published bytecode allows: the quote passes, a unit more does not.

`HOPLOOP_BYTECODE` is the number of states a contract; each is asked twenty questions.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from random import Random

import msgspec
import pytest
import pytest_asyncio
from bytecode_kit import OWNER, Chain, anvil, number
from hot_kit import single_v2
from random_asks import bits

from hoploop.hot import Market
from hoploop.hot.reference import constant_product
from hoploop.local.evm.contracts import encode_call
from hoploop.local.evm.rpc import RpcError

pytestmark = [pytest.mark.chain, pytest.mark.asyncio(loop_scope="module")]

STATES = int(os.environ.get("HOPLOOP_BYTECODE", "12"))
QUESTIONS = 20
SWAP = "swap(uint256,uint256,address,bytes)"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chain() -> AsyncIterator[Chain]:
    async with anvil() as running:
        yield running


def amount(rng: Random) -> int:
    return rng.choice((1, 2, 3, 2**112 - 1)) if rng.random() < 0.05 else 1 + bits(rng, 113)


class Pair(msgspec.Struct, frozen=True):
    """A published pair in some state, beside native and reference."""

    chain: Chain
    address: str
    tokens: list[str]
    reserves: tuple[int, int]
    fee: tuple[int, int]
    market: Market

    def directed(self, side: bool) -> tuple[int, int]:
        return self.reserves if side else self.reserves[::-1]

    async def put(self) -> None:
        await self.chain.put(self.address, {8: self.reserves[0] | self.reserves[1] << 112})
        for token, held in zip(self.tokens, self.reserves, strict=True):
            await self.chain.enrich(token, self.address, held)

    async def pays(self, side: bool, into: int, out: int) -> bool:
        """Whether the contract hands out so much after it got so much."""
        token, (held, _) = self.tokens[0 if side else 1], self.directed(side)
        await self.chain.enrich(token, self.address, held + into)
        (answer,) = await self.chain.ask(
            [(self.address, encode_call(SWAP, *((0, out) if side else (out, 0)), OWNER, b""))]
        )
        await self.chain.enrich(token, self.address, held)
        return not isinstance(answer, RpcError)

    async def assert_input(self, side: bool, into: int) -> bool:
        """The quote is the most the contract pays for it; whether that is anything."""
        quoted = self.market.quote(0, side, into)
        assert quoted == constant_product.quote(*self.directed(side), *self.fee, into)
        assert not await self.pays(side, into, (quoted or 0) + 1)
        if quoted:
            assert await self.pays(side, into, quoted)
        return bool(quoted)

    async def assert_output(self, side: bool, out: int) -> None:
        """The quote is enough for the contract, and two units less are not: the library always adds one."""
        quoted = self.market.quote_out(0, side, out)
        assert quoted == constant_product.quote_out(*self.directed(side), *self.fee, out)
        if quoted is not None:
            assert await self.pays(side, quoted, out)
            assert quoted < 3 or not await self.pays(side, quoted - 2, out)


FORKS = [("UniswapV2Factory", (3, 1000)), ("PancakeFactory", (2, 1000))]


@pytest.mark.parametrize(("factory_name", "fee"), FORKS, ids=["uniswap", "pancake"])
async def test_pairs(chain: Chain, factory_name: str, fee: tuple[int, int]) -> None:
    factory_art, tokens = chain.world(factory_name), await chain.tokens(18, 6)
    factory = chain.deployer.deploy(factory_art, OWNER)
    chain.deployer.send(factory_art, factory, "createPair", *tokens)
    (address,) = await chain.deployer.call(factory_art, factory, "getPair", *tokens)
    rng, paid = Random(factory_name), 0
    for _ in range(STATES):
        reserves = (bits(rng, 112) + 1, bits(rng, 112) + 1)
        pair = Pair(chain, address, tokens, reserves, fee, single_v2(*reserves, fee))
        await pair.put()
        for _ in range(QUESTIONS):
            side = rng.random() < 0.5
            paid += await pair.assert_input(side, amount(rng))
            await pair.assert_output(side, max(1, rng.randrange(pair.directed(side)[1]) >> rng.choice((0, 1, 5, 20))))
    assert paid > STATES * QUESTIONS // 4


async def test_the_published_library_computes_the_same(chain: Chain) -> None:
    router_art, rng = chain.world("UniswapV2Router02"), Random(2)
    router = chain.deployer.deploy(router_art, OWNER, OWNER)
    await chain.deployer.flush()
    asked = [(1 + bits(rng, 112), 1 + bits(rng, 112), amount(rng)) for _ in range(STATES * QUESTIONS)]
    for function, ask in (("getAmountOut", constant_product.quote), ("getAmountIn", constant_product.quote_out)):
        calls = [(router, router_art.call_data(function, given, held, other)) for held, other, given in asked]
        same = 0
        for (held, other, given), answer in zip(asked, await chain.ask(calls), strict=True):
            market = single_v2(held, other)
            native = market.quote(0, True, given) if function == "getAmountOut" else market.quote_out(0, True, given)
            quoted = ask(held, other, 3, 1000, given)
            assert native == quoted
            # The library knows no largest reserve, the pair does.
            if quoted is not None:
                assert number(answer) == quoted
                same += 1
        assert same > len(asked) // 4
