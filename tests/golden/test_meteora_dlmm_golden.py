"""What the Meteora DLMM program paid, asked of native and reference."""

from __future__ import annotations

import json
import os

import pytest
from venue_kit import SHARED, wrong_findings

from hoploop.hot.reference.meteora_dlmm import ARRAY_MAGIC, BINS, price
from hoploop.verify.vectors import files, read_swaps

VENUE = "meteora_dlmm"


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_every_observed_swap_is_answered_as_the_program_did(reader: str) -> None:
    assert wrong_findings(VENUE, reader) == []


def test_prices_of_bins_are_the_published_ones() -> None:
    path = SHARED / "facts/solana/data/dlmm_price_vectors.json"
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {path}")
    vectors = json.loads(path.read_text())["vectors"]
    assert len(vectors) > 20
    for vector in vectors:
        assert price(vector["bin_step"], vector["id"]) == int(vector["price_q64"]), vector


def test_prices_stored_on_chain_are_the_computed_ones() -> None:
    folder = SHARED / "golden/solana" / VENUE
    if not folder.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {folder}")
    compared = 0
    for path in (one for one in files(folder) if one.name.startswith("real_")):
        swaps = read_swaps(path)
        step = int.from_bytes(swaps.accounts[swaps.roles["pool"]][1][80:82], "little")
        for _, data in swaps.accounts.values():
            first = int.from_bytes(data[8:16], "little", signed=True) * BINS
            for place in range(BINS if data[:8] == ARRAY_MAGIC else 0):
                at = 72 + 144 * place
                stored = int.from_bytes(data[at : at + 16], "little")
                if stored:
                    assert stored == price(step, first + place), (path.name, first + place)
                    compared += 1
    assert compared > 300
