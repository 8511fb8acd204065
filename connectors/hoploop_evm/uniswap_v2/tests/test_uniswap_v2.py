"""Uniswap V2 pairs: the contract of venues, snapshots and what they verify."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from evm_fakes import USDC, WETH, FakeNode, block, scope, word

from hoploop.errors import DecodeError, PermanentError
from hoploop.model.market import Leg
from hoploop.model.money import Ratio
from hoploop.plugin.testing import ConnectorContract, VenueContract
from hoploop_evm._shared.node import Node
from hoploop_evm._shared.pairs import TOKEN0
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.steps import SwapKind
from hoploop_evm.uniswap_v2 import CONNECTOR
from hoploop_evm.uniswap_v2.config import Pair, UniswapV2Config
from hoploop_evm.uniswap_v2.layout import SYNC
from hoploop_evm.uniswap_v2.venue import UniswapV2, check

PAIR = "0x4444444444444444444444444444444444444444"
CONFIG = UniswapV2Config(
    id="uni2", chain="eth", fee=Ratio(30, 10_000), pools=(Pair(name="a", address=PAIR, token0="weth", token1="usdc"),)
)


class TestUniswapV2Connector(ConnectorContract):
    connector = CONNECTOR


class TestUniswapV2Venue(VenueContract):
    connector = CONNECTOR
    config = CONFIG
    scope = scope()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[tuple[FakeNode, Node]]:
    fake = FakeNode()
    fake.answers |= {
        "eth_getBlockByNumber": block(9),
        "eth_call": lambda ask, _: word(int(WETH if ask["data"] == TOKEN0 else USDC, 16)),
        "eth_getStorageAt": word(1234),
    }
    async with fake.ipc(tmp_path) as endpoint:
        rpc = Rpc(endpoint, timeout_ms=300)
        yield fake, Node(rpc)
        rpc.close()


async def test_a_snapshot_is_slot_8_after_all_logs_of_its_block(node: tuple[FakeNode, Node]) -> None:
    fake, client = node
    venue = UniswapV2(CONFIG, scope())
    snapshots = await venue.snapshot(client, venue.pools())
    assert snapshots == [("uni2/a", 9 << 20 | 0xFFFFF, (1234).to_bytes(32, "big"))]
    address, slot, at = fake.requests[-1]["params"]
    assert (address, int(slot, 16), at) == (PAIR, 8, {"blockHash": block(9)["hash"]})


async def test_other_tokens_than_the_recipes_are_a_contradiction(node: tuple[FakeNode, Node]) -> None:
    fake, client = node
    fake.answers["eth_call"] = word(int(USDC, 16))
    venue = UniswapV2(CONFIG, scope())
    with pytest.raises(PermanentError, match="uni2/a token0") as caught:
        await venue.snapshot(client, venue.pools())
    assert caught.value.code == "C106"


async def test_no_contract_at_the_address_is_a_contradiction(node: tuple[FakeNode, Node]) -> None:
    fake, client = node
    fake.answers["eth_call"] = "0x"
    venue = UniswapV2(CONFIG, scope())
    with pytest.raises(PermanentError, match="no such contract"):
        await venue.snapshot(client, venue.pools())


@pytest.mark.parametrize("answer", ["0x", "0x01", None, 5, word(1) + "00"])
async def test_a_slot_that_is_no_word_is_refused(node: tuple[FakeNode, Node], answer: Any) -> None:
    fake, client = node
    fake.answers["eth_getStorageAt"] = answer
    venue = UniswapV2(CONFIG, scope())
    with pytest.raises(DecodeError):
        await venue.snapshot(client, venue.pools())


def test_a_swap_asks_for_the_quoted_output() -> None:
    venue = UniswapV2(CONFIG, scope())
    leg = Leg(pool="uni2/a", asset_in="weth", asset_out="usdc", zero_for_one=True, amount_in=10, amount_out=7)
    (step,) = venue.swap(leg)
    assert (step.kind, step.pool.hex(), step.token_out.hex()) == (SwapKind.V2, PAIR[2:], USDC[2:])
    assert (step.max_in, step.amount_out) == (10, 7)
    assert step.doors == (bytes.fromhex(PAIR[2:]) + SYNC,)


def test_the_topic_is_the_published_one() -> None:
    assert SYNC.hex() == "1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1"


@pytest.mark.parametrize(
    "changes",
    [
        {"token0": "usdc", "token1": "weth"},
        {"token0": "dai"},
        {"address": "0x44"},
        {"token0": "usdc"},
    ],
)
def test_check_finds_what_is_wrong_offline(changes: dict[str, str]) -> None:
    pair = msgspec.structs.replace(CONFIG.pools[0], **changes)
    assert check(msgspec.structs.replace(CONFIG, pools=(pair,)), scope())


def test_check_finds_a_name_used_twice_and_a_fee_of_all() -> None:
    assert check(msgspec.structs.replace(CONFIG, pools=CONFIG.pools * 2), scope())
    assert check(msgspec.structs.replace(CONFIG, fee=Ratio(1, 1)), scope())


def test_check_names_an_asset_whose_address_is_of_another_family() -> None:
    foreign = msgspec.structs.replace(scope().assets["usdc"], address="So11111111111111111111111111111111111111112")
    here = msgspec.structs.replace(scope(), assets={**scope().assets, "usdc": foreign})
    assert any(problem.startswith("asset usdc: 'So1") for problem in check(CONFIG, here))
