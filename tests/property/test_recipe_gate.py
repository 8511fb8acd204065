"""The fast gate and jsonschema agree on every value: what one accepts the other does."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import RECIPES, first_party, inspect_recipe
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.check import parts
from hoploop.recipe.document import read_document
from hoploop.recipe.gate import compiled
from hoploop.recipe.nodes import Secret, data
from hoploop.recipe.reasons import reasons
from hoploop.recipe.schema import compose
from hoploop.recipe.source import read_source, source_of

SCHEMAS = compose(toy_registry())
FILES = sorted((Path(__file__).parents[1] / "recipes").glob("*/*.yaml"))
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 70), st.decimals(0, 9, places=1),
    st.sampled_from(["", "weth", "30bps", "1.5 WETH", "250ms", "paper", "0x" + "00" * 20, "1 block", "30/m", "UPPER"]),
    st.builds(Secret, st.just("env/KEY")),
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "min"]), inner),
    max_leaves=4,
)


def _agree(schema: dict[str, Any], value: Any) -> None:
    assert compiled(schema)(value) == (next(reasons(schema, value), None) is None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_gate_agrees_on_the_corpus(path: Path) -> None:
    root, _ = read_document(read_source(path))
    if root is not None:
        for _, schema, value in parts(data(root), SCHEMAS):
            _agree(schema, value)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_gate_accepts_the_recipes_of_the_repository(path: Path) -> None:
    root = inspect_recipe(path).root
    assert root is not None
    for _, schema, value in parts(data(root), compose(first_party())):
        assert compiled(schema)(value)


def _ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [way, *(below for key, child in inner for below in _ways(child, (*way, key)))]


@given(st.data(), _VALUES)
def test_the_gate_agrees_on_a_recipe_with_one_value_changed(draw: st.DataObject, value: Any) -> None:
    root, _ = read_document(source_of(GOOD.encode(), "good.yaml"))
    assert root is not None
    document = data(root)
    *way, last = draw.draw(st.sampled_from(_ways(document)[1:]))
    owner = document
    for key in way:
        owner = owner[key]
    owner[last] = value
    for _, schema, part in parts(document, SCHEMAS):
        _agree(schema, part)


@given(_VALUES)
def test_a_word_the_gate_does_not_know_refuses_everything(value: Any) -> None:
    assert not compiled({"multipleOf": 3})(value)


def test_a_decimal_is_no_whole_number() -> None:
    assert not compiled({"type": "integer"})(Decimal("1.0"))
