"""A pipeline over toy connectors; the environment is what the recipes here expect."""

from __future__ import annotations

import pytest
from toy_connectors import toy_registry

from hoploop.recipe.lists import Listing, read_list
from hoploop.recipe.load import Pipeline

ENVIRON = {"TOY_CHAIN_ID": "31337", "TOY_VALUE": "hunter2-very-secret"}


def _five_days_old(path: str) -> Listing:
    return read_list(path)._replace(age_ms=5 * 86_400_000)


@pytest.fixture(scope="session")
def toys() -> Pipeline:
    """Loads recipes with toy connectors only."""
    return Pipeline(toy_registry(), ENVIRON, lists=_five_days_old)
