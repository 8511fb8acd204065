"""Addresses and signatures of published wallets, asked of the native keys."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.hdaccount.mnemonic import Mnemonic
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.hot import EvmSigner, SolanaSigner

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "facts" / "evm" / "vectors.json"


@cache
def _wallets() -> Any:
    if not VECTORS.exists() and not os.environ.get("CI"):
        pytest.skip("fetched data is not here: shared/facts/evm/vectors.json")
    return json.loads(VECTORS.read_text())["hd"]


def _seed() -> bytes:
    return bytes(Mnemonic.to_seed(_wallets()["mnemonic"]))


def test_the_evm_accounts_of_a_mnemonic() -> None:
    Account.enable_unaudited_hdwallet_features()
    for path, address in _wallets()["evm"].items():
        secret = Account.from_mnemonic(_wallets()["mnemonic"], account_path=path).key
        assert EvmSigner(bytes(secret)).public == bytes.fromhex(address[2:])


def test_the_solana_accounts_of_a_mnemonic() -> None:
    for path, address in _wallets()["solana"].items():
        pair = Keypair.from_seed_and_derivation_path(_seed(), path)
        assert str(Pubkey(SolanaSigner(bytes(pair)).public)) == address
    assert str(Pubkey(SolanaSigner(_seed()[:32]).public)) == _wallets()["solana_no_derivation"]
