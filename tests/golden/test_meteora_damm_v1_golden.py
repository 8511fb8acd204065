"""What the Meteora DAMM v1 program paid, asked of native and reference.

The files beside are pools forged in the on-chain layout and swapped by the program's own binary in LiteSVM; see
`docs/venues/meteora_damm_v1.md`. The mainnet pool's answers are those of the same binary on real accounts.
"""

from __future__ import annotations

import base64
import json
import os
from functools import cache
from pathlib import Path

import pytest
from venue_kit import READERS

from hoploop.verify.swaps import Verdict, compare
from hoploop.verify.vectors import files, key, read_swaps

FILES = list(files(Path(__file__).parent / "meteora_damm_v1"))
MAINNET = Path(__file__).resolve().parents[3] / "shared/facts/solana/fixtures/meteora_damm_v1"
ROLES = {
    "pool": "HcjZvfeSNJbNkfLD4eEcRBr96AD3w1GpmMppaeRZf7ur",
    "vault_a": "FERjPVNEa7Udq8CEv68h6tPL46Tq7ieE49HrE2wea3XT",
    "vault_b": "8p1VKP45hhqq5iZG5fNGoi7ucme8nFLeChoDWNy7rWFm",
    "vault_lp_a": "HWnWnLvBzvSmXH5hnHJCFmuQbDTsX3Ba2w9CPE5zf4YD",
    "vault_lp_b": "GGG4DxkYa86g2v4KwtvR8Xu2tXEp1xd4BRC3yNnpve3g",
    "token_vault_a": "HZeLxbZ9uHtSpwZC3LBr4Nubd14iHwz7bRSghRZf5VCG",
    "token_vault_b": "3ifhD4Ywaa8aBZAaQSqYgN4Q1kaFArioLU8uumJMaqkE",
    "lp_mint_a": "FZN7QZ8ZUUAxMPfxYEYkH3cXUASzH8EqA6B4tyCL8f1j",
    "lp_mint_b": "21bR3D4QR4GzopVco44PVMBXwHFpSYrbrdeNwdKk7umb",
    "stake": "8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC",
}
CACHED, EXPIRED = 1_719_234_200, 1_719_236_000


@pytest.mark.parametrize("reader", ["native", "reference"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_observed_swap_is_answered_as_the_program_did(path: Path, reader: str) -> None:
    found = list(compare(read_swaps(path), READERS[reader]))
    assert found
    assert [one for one in found if one.verdict not in (Verdict.EXACT, Verdict.REFUSED)] == []


@cache
def _account(address: str) -> tuple[bytes, bytes]:
    file = MAINNET / f"{address}.json"
    if not file.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {file}")
    account = json.loads(file.read_text())["account"]
    return key(account["owner"]), base64.b64decode(account["data"][0])


@pytest.mark.parametrize("reader", ["native", "reference"])
@pytest.mark.parametrize(
    ("now", "a_to_b", "amount", "paid"),
    [
        (CACHED, True, 2, 0),
        (CACHED, True, 10, 6),
        (CACHED, True, 1000, 833),
        (CACHED, True, 10**6, 835_118),
        (CACHED, True, 10**9, 835_119_749),
        (CACHED, True, 10**15, 79_794_190_211_077),
        (CACHED, False, 1000, 1195),
        (CACHED, False, 10**9, 1_197_193_504),
        (CACHED, False, 10**12, 1_197_148_295_851),
        (CACHED, False, 10**17, 44_337_161_304_804),
        (EXPIRED, True, 10**9, 835_119_746),
    ],
)
def test_a_mainnet_pool_of_staked_sol(reader: str, now: int, a_to_b: bool, amount: int, paid: int) -> None:
    roles = {role: key(address) for role, address in ROLES.items()}
    held = {key(address): _account(address) for address in ROLES.values()}
    state = READERS[reader]("meteora_damm_v1", roles, held, ([], []), (273_000_000, now, 630))
    assert not isinstance(state, str)
    assert state.quote(a_to_b, True, amount, 0, 0) == (amount, paid)
