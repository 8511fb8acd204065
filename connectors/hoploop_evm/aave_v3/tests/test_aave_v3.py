"""Aave V3 as a lender: terms, what is available, and the premium it verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from evm_fakes import USDC, FakeNode, block, scope, word

from hoploop.errors import DecodeError, PermanentError
from hoploop.model.money import Ratio
from hoploop.plugin.testing import ConnectorContract, LenderContract
from hoploop_evm._shared.node import Node
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.steps import LenderKind
from hoploop_evm._shared.words import uint
from hoploop_evm.aave_v3 import CONNECTOR, layout
from hoploop_evm.aave_v3.config import AaveV3Config
from hoploop_evm.aave_v3.lender import AaveV3, check

POOL = "0x6666666666666666666666666666666666666666"
A_TOKEN = "0x7777777777777777777777777777777777777777"
CONFIG = AaveV3Config(id="aave", chain="eth", pool=POOL, assets=("weth", "usdc"))
OPEN = 1 << 56 | 1 << 63


class TestAaveV3Connector(ConnectorContract):
    connector = CONNECTOR


class TestAaveV3Lender(LenderContract):
    connector = CONNECTOR
    config = CONFIG
    scope = scope()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[tuple[FakeNode, Node]]:
    fake = FakeNode()
    async with fake.ipc(tmp_path) as endpoint:
        rpc = Rpc(endpoint, timeout_ms=300)
        yield fake, Node(rpc)
        rpc.close()


def chain_says(fake: FakeNode, *, flags: int = OPEN, premium: int = 5, held: int = 999) -> None:
    reserve = "0x" + b"".join(uint(value) for value in (flags, *[0] * 7, int(A_TOKEN, 16), *[0] * 6)).hex()
    answers = {layout.PREMIUM[:10]: word(premium), layout.ask_reserve(bytes(20))[:10]: reserve}
    fake.answers |= {
        "eth_getBlockByNumber": block(9),
        "eth_call": lambda ask, _: answers.get(ask["data"][:10], word(held)),
    }


async def test_available_is_what_the_a_token_holds(node: tuple[FakeNode, Node]) -> None:
    fake, client = node
    chain_says(fake)
    assert await AaveV3(CONFIG, scope()).available(client, "usdc") == 999
    ask = fake.requests[-1]["params"][0]
    assert ask["to"] == USDC
    assert A_TOKEN[2:] in ask["data"]


@pytest.mark.parametrize("flags", [0, 1 << 56, 1 << 63, OPEN | 1 << 60])
async def test_a_reserve_that_does_not_lend_has_nothing(node: tuple[FakeNode, Node], flags: int) -> None:
    chain_says(node[0], flags=flags)
    assert await AaveV3(CONFIG, scope()).available(node[1], "usdc") == 0


async def test_another_premium_than_the_recipes_is_a_contradiction(node: tuple[FakeNode, Node]) -> None:
    chain_says(node[0], premium=9)
    with pytest.raises(PermanentError, match="9/10000"):
        await AaveV3(CONFIG, scope()).available(node[1], "usdc")


async def test_a_short_reserve_is_refused(node: tuple[FakeNode, Node]) -> None:
    chain_says(node[0])
    node[0].answers["eth_call"] = word(5)
    with pytest.raises(DecodeError):
        await AaveV3(CONFIG, scope()).available(node[1], "usdc")


def test_terms_are_the_configured_premium() -> None:
    terms = AaveV3(msgspec.structs.replace(CONFIG, fee=Ratio(9, 10_000), rounding="up"), scope()).terms()
    assert (terms.fee_num, terms.fee_den, terms.rounding, terms.min_fee) == (9, 10_000, "up", 0)


def test_a_loan_names_the_pool_and_repays_by_itself() -> None:
    loan = AaveV3(CONFIG, scope()).loan("weth", 10, 1)
    (step,) = loan.before
    assert (step.kind, step.lender.hex(), loan.after) == (LenderKind.AAVE_V3, POOL[2:], ())


def test_check_finds_unknown_assets() -> None:
    assert check(msgspec.structs.replace(CONFIG, assets=("dai",)), scope())
