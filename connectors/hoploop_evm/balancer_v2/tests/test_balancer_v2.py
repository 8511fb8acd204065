"""The Balancer V2 Vault as a lender: terms, what is available, and the fee it verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from evm_fakes import FakeNode, block, scope, word

from hoploop.errors import PermanentError
from hoploop.model.money import Ratio
from hoploop.plugin.testing import ConnectorContract, LenderContract
from hoploop_evm._shared.node import Node
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.steps import LenderKind
from hoploop_evm.balancer_v2 import CONNECTOR, layout
from hoploop_evm.balancer_v2.config import BalancerV2Config
from hoploop_evm.balancer_v2.lender import BalancerV2, check

VAULT = "0x8888888888888888888888888888888888888888"
COLLECTOR = "0x9999999999999999999999999999999999999999"
CONFIG = BalancerV2Config(id="bal", chain="eth", vault=VAULT, assets=("weth",))


class TestBalancerV2Connector(ConnectorContract):
    connector = CONNECTOR


class TestBalancerV2Lender(LenderContract):
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


def chain_says(fake: FakeNode, *, paused: int = 0, fee: int = 0, held: int = 999) -> None:
    answers = {
        (VAULT, layout.PAUSED): word(paused),
        (VAULT, layout.COLLECTOR): word(int(COLLECTOR, 16)),
        (COLLECTOR, layout.FEE): word(fee),
    }
    fake.answers |= {
        "eth_getBlockByNumber": block(9),
        "eth_call": lambda ask, _: answers.get((ask["to"], ask["data"]), word(held)),
    }


async def test_available_is_what_the_vault_holds(node: tuple[FakeNode, Node]) -> None:
    chain_says(node[0])
    assert await BalancerV2(CONFIG, scope()).available(node[1], "weth") == 999


async def test_a_paused_vault_has_nothing(node: tuple[FakeNode, Node]) -> None:
    chain_says(node[0], paused=1)
    assert await BalancerV2(CONFIG, scope()).available(node[1], "weth") == 0


async def test_a_fee_the_recipe_does_not_know_is_a_contradiction(node: tuple[FakeNode, Node]) -> None:
    chain_says(node[0], fee=10**15)
    with pytest.raises(PermanentError, match="bal fee"):
        await BalancerV2(CONFIG, scope()).available(node[1], "weth")


async def test_the_same_fee_is_fine_however_it_is_written(node: tuple[FakeNode, Node]) -> None:
    chain_says(node[0], fee=10**15)
    lender = BalancerV2(msgspec.structs.replace(CONFIG, fee=Ratio(10, 10_000)), scope())
    assert await lender.available(node[1], "weth") == 999
    assert lender.terms().rounding == "up"


def test_a_loan_names_the_vault() -> None:
    (step,) = BalancerV2(CONFIG, scope()).loan("weth", 10, 0).before
    assert (step.kind, step.lender.hex()) == (LenderKind.BALANCER_V2, VAULT[2:])


def test_check_finds_unknown_assets_and_addresses() -> None:
    assert len(check(msgspec.structs.replace(CONFIG, assets=("dai",), vault="0x"), scope())) == 2
