"""Budget, tip and token-account addresses against recorded instructions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from solders.compute_budget import (
    set_compute_unit_limit,
    set_compute_unit_price,
    set_loaded_accounts_data_size_limit,
)
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from hoploop_solana._shared.addresses import TOKEN, token_account

GOLDEN = Path(__file__).resolve().parents[5] / "shared/golden/solana/instructions/system.json"
pytestmark = pytest.mark.skipif(
    not GOLDEN.exists() and os.environ.get("CI") != "true", reason="recorded instructions are not here"
)


def _recorded(name: str) -> list[dict[str, Any]]:
    found = [one for one in json.loads(GOLDEN.read_text())["instructions"] if one["instruction"].startswith(name)]
    assert found, name
    return found


def test_compute_budget_instructions_are_the_recorded_bytes() -> None:
    makers = {
        "ComputeBudget set_compute_unit_limit": set_compute_unit_limit,
        "ComputeBudget set_compute_unit_price": set_compute_unit_price,
        "ComputeBudget set_loaded_accounts_data_size_limit": set_loaded_accounts_data_size_limit,
    }
    for name, make in makers.items():
        for one in _recorded(name):
            made = make(*one["args"].values())
            assert (bytes(made.data).hex(), str(made.program_id)) == (one["data_hex"], one["program_id"])


def test_a_tip_is_the_recorded_transfer() -> None:
    (one,) = _recorded("System transfer")
    payer, to = (Pubkey.from_string(account["pubkey"]) for account in one["accounts"])
    made = transfer(TransferParams(from_pubkey=payer, to_pubkey=to, lamports=one["args"]["lamports"]))
    assert bytes(made.data).hex() == one["data_hex"]
    assert [(meta.is_signer, meta.is_writable) for meta in made.accounts] == [
        (account["signer"], account["writable"]) for account in one["accounts"]
    ]


def test_token_account_addresses_are_the_recorded_ones() -> None:
    for one in _recorded("AssociatedToken create_idempotent"):
        if one["args"]["token_program"] == str(TOKEN):
            keys = [account["pubkey"] for account in one["accounts"]]
            assert str(token_account(Pubkey.from_string(keys[2]), Pubkey.from_string(keys[3]))) == keys[1]
