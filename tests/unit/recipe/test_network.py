"""The market of a plan is drawn whole in every form."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from toy_connectors import toy_registry

from hoploop.recipe.load import Pipeline
from hoploop.recipe.network import Form, drawn
from hoploop.recipe.source import read_source

GOOD = Path(__file__).parents[2] / "recipes" / "good"


@pytest.mark.parametrize("form", ["text", "mermaid", "dot"])
@pytest.mark.parametrize("name", ["limits", "two_families"])
def test_the_market_is_drawn_as_reviewed(name: str, form: Form, snapshot: SnapshotAssertion) -> None:
    plan = Pipeline(toy_registry(), {}).inspect(read_source(GOOD / f"{name}.yaml")).plan
    assert plan is not None
    assert drawn(plan, form) == snapshot
