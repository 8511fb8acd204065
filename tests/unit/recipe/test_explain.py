"""Whatever a recipe can say is explained, also by the paths findings name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from repository import first_party

from hoploop.recipe.explain import explained
from hoploop.recipe.language.head import RecipeHead
from hoploop.recipe.schema import Schema, compose, struct_schema

SCHEMAS = compose(first_party())


def _paths(schema: Schema, path: str) -> Iterator[str]:
    yield path
    inner: dict[str, Any] = dict(schema)
    while inner.get("type") == "array" and isinstance(inner.get("items"), dict):
        inner, path = inner["items"], f"{path}[0]"
    for key, below in inner.get("properties", {}).items():
        yield from _paths(below, f"{path}.{key}")
    if isinstance(inner.get("additionalProperties"), dict):
        yield from _paths(inner["additionalProperties"], f"{path}.anything")


def _every() -> Iterator[str]:
    for schema in (SCHEMAS.root, struct_schema(RecipeHead)):
        for key, below in schema["properties"].items():
            yield from _paths(below, key)
    for (section, key), item in SCHEMAS.items.items():
        yield from _paths(item, f"{section}.{key}")


def test_every_path_of_the_schema_is_explained() -> None:
    paths = list(_every())
    assert len(paths) > 500
    assert [path for path in paths if len(explained(path, SCHEMAS).splitlines()) < 2] == []


@pytest.mark.parametrize(
    "path",
    [
        "profiles.dev.risk.daily_loss", "profiles.dev.strategies[0].size.max_notional", "defaults.strategies.cooldown",
        "defaults.venues.fee", "templates.slow.cooldown", "vars.most", "include[0]", "tests[0].expect[0].decision",
        "strategies[0].use", "venues[0].enabled", "venues[0].pools[1].address", "risk.daily_loss.weth",
    ],
)  # fmt: skip
def test_paths_that_findings_name_are_explained(path: str) -> None:
    assert explained(path, SCHEMAS)
