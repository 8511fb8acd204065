"""Where traffic wants prices to be, and the trades it makes of that."""

from __future__ import annotations

from math import isqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop.errors import LocalError
from hoploop.local.evm.addresses import check_world, world_addresses
from hoploop.local.evm.contracts import create_address
from hoploop.local.evm.traffic.pools import V2Pool, V3Pool, traffic_pools
from hoploop.local.evm.traffic.reference import Reference

LOW, HIGH = "0x" + "00" * 19 + "01", "0x" + "00" * 19 + "02"


def test_the_reference_never_runs_away() -> None:
    reference = Reference(Random(1))
    values = []
    for _ in range(200_000):
        reference.step()
        values.append(reference.value("weth"))
    start = 3_000 * 1_000_000
    assert max(values) < start * 110 // 100
    assert min(values) > start * 90 // 100
    assert max(values) > min(values)


def test_the_same_seed_walks_the_same_way() -> None:
    walks = []
    for _ in range(2):
        reference = Reference(Random(7))
        for _ in range(50):
            reference.step()
        walks.append(reference.price("weth", "usdc"))
    assert walks[0] == walks[1]


@given(st.integers(10**12, 10**24), st.integers(10**9, 10**24), st.integers(-15_000, 15_000), st.booleans())
def test_a_v2_push_goes_towards_the_target(base: int, quote: int, off: int, base_first: bool) -> None:
    ends = (LOW, HIGH) if base_first else (HIGH, LOW)
    pool = V2Pool(name="p", tokens=("weth", "usdc"), ends=ends, address=LOW, router=HIGH)
    first, second = (base, quote) if base_first else (quote, base)
    state = first.to_bytes(32, "big") + second.to_bytes(32, "big") + bytes(32)
    assert pool.price(state) == (quote, base)
    swap = pool.push(state, (quote * (1_000_000 + off), base * 1_000_000), LOW)
    if swap is not None:
        path_start = int.from_bytes(swap.data[4 + 32 * 6 : 4 + 32 * 7], "big")
        assert path_start == int(ends[1] if off > 0 else ends[0], 16)


@given(st.integers(10**3, 10**9), st.booleans(), st.booleans())
def test_a_v3_push_names_the_token_that_moves_the_price(price: int, base_first: bool, up: bool) -> None:
    ends = (LOW, HIGH) if base_first else (HIGH, LOW)
    pool = V3Pool(name="p", tokens=("weth", "usdc"), ends=ends, address=LOW, router=HIGH, fee=500)
    ratio = (price, 10**6) if base_first else (10**6, price)
    state = isqrt((ratio[0] << 192) // ratio[1]).to_bytes(32, "big") + bytes(192)
    target = (price * (101 if up else 99), 10**8)
    swap = pool.push(state, target, LOW)
    assert swap is not None
    assert int.from_bytes(swap.data[4:36], "big") == int(ends[1] if up else ends[0], 16)


def test_every_pool_of_the_world_has_traffic() -> None:
    named = {name for name in world_addresses() if name.count("_") >= 2 and "." in name}
    assert {pool.name for pool in traffic_pools(world_addresses())} == named


def test_a_world_elsewhere_is_noticed() -> None:
    moved = dict(world_addresses()) | {"weth": LOW}
    with pytest.raises(LocalError, match="weth") as caught:
        check_world(moved)
    assert caught.value.code == "X113"


def test_created_addresses_follow_the_yellow_paper() -> None:
    # The first two contracts of the well-known first development account.
    sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    assert create_address(sender, 0) == "0x5fbdb2315678afecb367f032d93f642f64180aa3"
    assert create_address(sender, 1) == "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"
