"""What the Meteora DAMM v2 program paid, asked of native and reference."""

from __future__ import annotations

import pytest
from venue_kit import wrong_findings


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_every_observed_swap_is_answered_as_the_program_did(reader: str) -> None:
    assert wrong_findings("meteora_damm_v2", reader) == []
