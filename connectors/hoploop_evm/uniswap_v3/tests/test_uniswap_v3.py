"""Uniswap V3 pools: the contract of venues, the whole storage, and what is verified."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from evm_fakes import USDC, WETH, FakeNode, block, scope, word
from hypothesis import given
from hypothesis import strategies as st

from hoploop.errors import PermanentError
from hoploop.model.market import Leg
from hoploop.model.money import Ratio
from hoploop.plugin.testing import ConnectorContract, VenueContract
from hoploop_evm._shared.node import Node
from hoploop_evm._shared.pairs import TOKEN0, TOKEN1
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.steps import TAKE_ALL, SwapKind
from hoploop_evm.uniswap_v3 import CONNECTOR, layout
from hoploop_evm.uniswap_v3.config import Pool, UniswapV3Config
from hoploop_evm.uniswap_v3.venue import FEE, TICK_SPACING, UniswapV3, check

POOL = "0x5555555555555555555555555555555555555555"
CONFIG = UniswapV3Config(
    id="uni3",
    chain="eth",
    pools=(Pool(name="a", address=POOL, token0="weth", token1="usdc", fee=Ratio(30, 10_000), tick_spacing=60),),
)


class TestUniswapV3Connector(ConnectorContract):
    connector = CONNECTOR


class TestUniswapV3Venue(VenueContract):
    connector = CONNECTOR
    config = CONFIG
    scope = scope()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[tuple[FakeNode, Node]]:
    fake = FakeNode()
    says = {TOKEN0: int(WETH, 16), TOKEN1: int(USDC, 16), FEE: 3000, TICK_SPACING: 60}
    slots = {
        (0).to_bytes(32, "big"): 111,
        (4).to_bytes(32, "big"): 222,
        layout.bitmap_slot(-1): 1 << 255,  # tick -60
        layout.bitmap_slot(0): 0b101,  # ticks 0 and 120
        **{layout.tick_slot(tick): 1000 + tick for tick in (-60, 0, 120)},
    }
    fake.answers |= {
        "eth_getBlockByNumber": block(9),
        "eth_call": lambda ask, _: word(says[ask["data"]]),
        "eth_getStorageAt": lambda _, slot, __: word(slots.get(bytes.fromhex(slot[2:]), 0)),
    }
    async with fake.ipc(tmp_path) as endpoint:
        rpc = Rpc(endpoint, timeout_ms=1000)
        yield fake, Node(rpc)
        rpc.close()


async def test_a_snapshot_holds_every_initialized_tick_in_order(node: tuple[FakeNode, Node]) -> None:
    venue = UniswapV3(CONFIG, scope())
    ((pool, seq, data),) = await venue.snapshot(node[1], venue.pools())
    assert (pool, seq) == ("uni3/a", 9 << 20 | 0xFFFFF)
    ticks = [(-60, 940), (0, 1000), (120, 1120)]
    wanted = b"".join(tick.to_bytes(4, "big", signed=True) + value.to_bytes(32, "big") for tick, value in ticks)
    assert data == (111).to_bytes(32, "big") + (222).to_bytes(32, "big") + wanted


async def test_everything_is_read_at_one_block(node: tuple[FakeNode, Node]) -> None:
    venue = UniswapV3(CONFIG, scope())
    await venue.snapshot(node[1], venue.pools())
    places = [request["params"][-1] for request in node[0].requests if request["method"] != "eth_getBlockByNumber"]
    assert all(place == {"blockHash": block(9)["hash"]} for place in places)


@pytest.mark.parametrize(("field", "value"), [("fee", Ratio(5, 10_000)), ("tick_spacing", 10)])
async def test_another_fee_or_spacing_is_a_contradiction(node: tuple[FakeNode, Node], field: str, value: Any) -> None:
    pool = msgspec.structs.replace(CONFIG.pools[0], **{field: value})
    venue = UniswapV3(msgspec.structs.replace(CONFIG, pools=(pool,)), scope())
    with pytest.raises(PermanentError, match=field):
        await venue.snapshot(node[1], venue.pools())


def test_a_swap_takes_all_that_was_delivered() -> None:
    leg = Leg(pool="uni3/a", asset_in="weth", asset_out="usdc", zero_for_one=True, amount_in=10, amount_out=7)
    (step,) = UniswapV3(CONFIG, scope()).swap(leg)
    assert (step.kind, step.max_in, step.amount_out) == (SwapKind.V3, TAKE_ALL, 0)
    assert len(step.doors) == 3


@given(st.integers(-layout.MAX_TICK, layout.MAX_TICK))
def test_storage_places_are_those_of_solidity_mappings(tick: int) -> None:
    assert layout.tick_slot(tick) == keccak(encode(["int24", "uint256"], [tick, 5]))
    assert layout.bitmap_slot(tick >> 8) == keccak(encode(["int16", "uint256"], [tick >> 8, 6]))


@given(st.integers(1, 16383), st.data())
def test_every_usable_tick_is_in_a_word_that_is_read(spacing: int, data: st.DataObject) -> None:
    usable = layout.MAX_TICK // spacing
    compressed = data.draw(st.integers(-usable, usable))
    positions = layout.word_positions(spacing)
    assert compressed >> 8 in positions
    words = [(1 << (compressed & 255) if at == compressed >> 8 else 0).to_bytes(32, "big") for at in positions]
    assert list(layout.initialized_ticks(positions, words, spacing)) == [compressed * spacing]


def test_the_topics_are_the_published_ones() -> None:
    assert [topic.hex()[:8] for topic in layout.TOPICS] == ["c42079f9", "7a53080b", "0c396cd9"]


def test_check_refuses_a_fee_that_is_no_whole_pip() -> None:
    assert check(CONFIG, scope()) == []
    pool = msgspec.structs.replace(CONFIG.pools[0], fee=Ratio(1, 3))
    assert check(msgspec.structs.replace(CONFIG, pools=(pool,)), scope())
