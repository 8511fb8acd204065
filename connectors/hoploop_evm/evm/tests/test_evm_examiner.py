"""What an EVM chain says is compared with the recipe: executor, tokens, base fee, clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evm_fakes import OWNER, USDC, FakeNode, block, config, word

from hoploop.model.money import Asset
from hoploop.plugin.connector import ChainScope, ExaminerContext
from hoploop.plugin.kinds import Doubt
from hoploop_evm.evm.examiner import EvmExaminer

NOW_S = 1_800_000_000
SIX = word(6)
SCOPE = ChainScope(
    chain_id="eth", identity="1", settings=None, owner=OWNER,
    assets={"usdc": Asset(id="usdc", chain="eth", address=USDC, symbol="USDC", decimals=6, wraps_native=False)},
)  # fmt: skip


async def examined(
    folder: Path, *, code: str = "0x60", decimals: str = SIX, base_fee: int = 7, age_s: int = 0, embedded: bool = False
) -> tuple[Doubt, ...]:
    node = FakeNode()
    newest = block(102) | {"timestamp": hex(NOW_S - age_s), "baseFeePerGas": hex(base_fee)}
    node.answers |= {"eth_getCode": code, "eth_call": decimals, "eth_getBlockByNumber": newest}
    async with node.ipc(folder) as endpoint:
        context = ExaminerContext(scope=SCOPE, endpoint=endpoint, embedded=embedded)
        examiner = EvmExaminer(config(), context)
        try:
            return (await examiner.examine(NOW_S * 10**9, {})).doubts
        finally:
            await examiner.close()


async def test_a_chain_that_agrees_raises_no_doubt(tmp_path: Path) -> None:
    assert await examined(tmp_path) == ()


@pytest.mark.parametrize(
    ("says", "code", "field", "words"),
    [
        ({"code": "0x"}, "R451", "executor", "no contract"),
        ({"decimals": word(18)}, "R451", "decimals", "has 18 decimals, the recipe says 6"),
        ({"decimals": "0x"}, "R451", "address", "no token"),
        ({"base_fee": 2 * 10**9 + 1}, "R397", "fees.gas_price", "below the base fee"),
        ({"age_s": 121}, "R454", "", "121 s behind"),
        ({"age_s": -121}, "R454", "", "121 s ahead of"),
    ],
)
async def test_each_contradiction_is_named(
    tmp_path: Path, says: dict[str, Any], code: str, field: str, words: str
) -> None:
    (doubt,) = await examined(tmp_path, **says)
    assert (doubt.code, doubt.field) == (code, field)
    assert words in doubt.message
    assert doubt.warning == code.startswith("R39")


async def test_an_embedded_chain_has_a_clock_of_its_own(tmp_path: Path) -> None:
    assert await examined(tmp_path, age_s=10_000, embedded=True) == ()
