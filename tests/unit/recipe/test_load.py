"""`load` gives a plan or one error that carries every finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.errors import RecipeError
from hoploop.recipe.load import load


def test_a_good_recipe_loads(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(GOOD, "utf-8")
    assert load(path, registry=toy_registry(), environ={}).recipe == "toy"


def test_a_bad_recipe_raises_with_every_finding(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(GOOD.replace("base: weth", "base: wet").replace("token1: usdc", "token1: usd"), "utf-8")
    with pytest.raises(RecipeError) as caught:
        load(path, registry=toy_registry(), environ={})
    assert (caught.value.code, caught.value.exit_code, len(caught.value.diagnostics)) == ("R400", 78, 3)


def test_a_missing_file_is_an_io_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        load(tmp_path / "none.yaml", registry=toy_registry(), environ={})
    assert (caught.value.code, caught.value.exit_code) == ("R401", 74)


def test_the_endpoint_of_a_secret_stays_a_reference(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    local = "endpoint: embedded\n    embedded: {seed: 7, block_time: 500ms}"
    text = GOOD.replace(local, "endpoint: ${secret:env/NODE_URL}")
    text = text.replace("url: embedded", "url: http://127.0.0.1:1")
    path.write_text(text.replace("secret:embedded/evm_executor", "secret:env/KEY"), "utf-8")
    plan = load(path, registry=toy_registry(), environ={"NODE_URL": "https://hunter2", "KEY": "hunter2"})
    assert plan.chains[0].endpoint == "${secret:env/NODE_URL}"
    assert plan.chains[0].key == "env/KEY"
    assert "hunter2" not in repr(plan)
