"""What flash loans cost on the real lending programs, asked of native and reference; refusals and probes included."""

from __future__ import annotations

import os

import pytest
from venue_kit import SHARED

from hoploop.verify.kinds import Engine
from hoploop.verify.walk import verify


@pytest.mark.parametrize("lender", ["klend", "marginfi", "solend"])
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_every_observed_loan_is_priced_as_the_program_did(lender: str, engine: Engine) -> None:
    folder = SHARED / "golden/solana/flash_loans" / lender
    if not folder.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {folder}")
    report = verify(folder, engine)
    assert report.files
    assert [file for file in report.files if file.bad] == []
