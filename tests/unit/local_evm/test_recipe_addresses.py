"""The EVM paper recipes name the world that is deployed."""

from __future__ import annotations

import re

import pytest

from hoploop.local.artifacts import repo_root
from hoploop.local.evm import world_addresses


@pytest.mark.parametrize("recipe", ["evm_flash", "two_chains"])
def test_every_address_of_a_paper_recipe_is_one_of_the_world(recipe: str) -> None:
    root = repo_root()
    assert root is not None
    text = (root / "recipes" / "paper" / f"{recipe}.yaml").read_text()
    named = re.findall(r"\b0x[0-9a-fA-F]{40}\b", text)
    assert len(named) > 3
    assert set(named) - set(world_addresses().values()) == set()
