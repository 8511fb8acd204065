"""What a cluster says is compared with the recipe: mints, wallets, tables, clock."""

from __future__ import annotations

import struct
from typing import Any

import msgspec
import pytest
from solders.pubkey import Pubkey

from hoploop.plugin.connector import ExaminerContext
from hoploop.plugin.kinds import Doubt
from hoploop_solana._shared.addresses import LOOKUP_TABLE, TOKEN
from hoploop_solana._shared.testing import FakeNode, account_json, at_slot, named_key, scope, token_account_data
from hoploop_solana.solana.config import Fees, SolanaConfig
from hoploop_solana.solana.examiner import SolanaExaminer

NOW_S = 1_800_000_000
GENESIS, TABLE = str(named_key("genesis")), str(named_key("table"))
CONFIG = SolanaConfig(id="sol", genesis=GENESIS, fees=Fees(unit_price=1_000), timeout=500)


def mint(decimals: int, owner: Pubkey = TOKEN) -> dict[str, Any]:
    return account_json(owner, bytes(44) + bytes([decimals]) + bytes(37))


WALLET = account_json(TOKEN, token_account_data(named_key("mint sol"), named_key("owner"), 1))


async def examined(
    accounts: list[Any], *, block_time: int | None = NOW_S, tables: dict[str, Any] | None = None, embedded: bool = False
) -> tuple[Doubt, ...]:
    known = tables or {}

    def read(keys: list[str], _options: object) -> Any:
        return at_slot([known.get(key) for key in keys] if known and keys[0] in known else accounts if keys else [])

    node = FakeNode(
        {
            "getMultipleAccounts": read,
            "getGenesisHash": GENESIS,
            "getSlot": 100,
            "getVersion": {"solana-core": "4"},
            "getBlockTime": block_time,
        }
    )
    config = msgspec.structs.replace(CONFIG, lookup_tables=tuple(known))
    async with node.serving() as url:
        context = ExaminerContext(scope=scope("sol"), endpoint=url, embedded=embedded)
        examiner = SolanaExaminer(config, context)
        try:
            found = await examiner.examine(NOW_S * 10**9, {})
        finally:
            await examiner.close()
    assert {method for method, _ in node.calls} <= {
        "getMultipleAccounts", "getGenesisHash", "getSlot", "getVersion", "getBlockTime",
    }  # fmt: skip
    return found.doubts


async def test_a_chain_that_agrees_raises_no_doubt() -> None:
    assert await examined([mint(9), WALLET]) == ()


@pytest.mark.parametrize(
    ("accounts", "field", "words"),
    [
        ([None, WALLET], "address", "no such mint"),
        ([mint(9, named_key("token 2022")), WALLET], "address", "no mint of the SPL Token program"),
        ([mint(6), WALLET], "decimals", "has 6 decimals, the recipe says 9"),
        ([mint(9), None], "address", "no token account"),
    ],
)
async def test_an_asset_that_is_not_as_the_recipe_says_is_named(accounts: list[Any], field: str, words: str) -> None:
    (doubt,) = await examined(accounts)
    assert (doubt.asset, doubt.field) == ("sol", field)
    assert words in doubt.message


@pytest.mark.parametrize(("off_s", "words"), [(-31, "31 s behind"), (40, "40 s ahead of")])
async def test_a_clock_that_is_off_is_said(off_s: int, words: str) -> None:
    (doubt,) = await examined([mint(9), WALLET], block_time=NOW_S + off_s)
    assert doubt.code == "R454"
    assert words in doubt.message
    assert await examined([mint(9), WALLET], block_time=NOW_S + off_s, embedded=True) == ()


async def test_a_node_without_block_times_raises_no_doubt() -> None:
    assert await examined([mint(9), WALLET], block_time=None) == ()


async def test_every_table_that_cannot_be_used_is_named() -> None:
    usable = account_json(LOOKUP_TABLE, struct.pack("<IQQB", 1, 2**64 - 1, 0, 0).ljust(56, b"\0"))
    closing = account_json(LOOKUP_TABLE, struct.pack("<IQQB", 1, 77, 0, 0).ljust(56, b"\0"))
    other = {str(named_key("second")): closing, str(named_key("third")): mint(9)}
    doubts = await examined([mint(9), WALLET], tables={TABLE: usable, **other})
    assert [(doubt.code, doubt.field) for doubt in doubts] == [
        ("C212", "lookup_tables[1]"), ("C212", "lookup_tables[2]"),
    ]  # fmt: skip
