"""Whatever else is wrong with a recipe, a secret in it is never shown."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.load import Pipeline
from hoploop.recipe.render import as_builtins, concise, human
from hoploop.recipe.source import source_of

PIPELINE = Pipeline(toy_registry(), {})
CHAIN, ROUTE = "${secret:embedded/evm_executor}", '"${secret:embedded/relay_identity}"'
DAMAGE = [
    ("chain_id: 31337", "chian_id: 1"), ("mode: paper", "mode: papper"), ("owner:", "owner"), ("fee: 30bps", "fee: 30"),
    ("endpoint: embedded", "endpoint: ["), ("base: weth", "base: wet"), ("    owner", "   owner"),
    ("recipe: toy", "recipe: !t toy"),
    ("embedded: {seed: 7", "embedded: {seed: x"), ("risk:", "risk: &a *a"), ("", ""),
]  # fmt: skip
_SECRET = st.text(string.ascii_letters + string.digits + "+/=_-", min_size=12, max_size=90)


@given(
    secret=_SECRET,
    place=st.sampled_from([CHAIN, ROUTE]),
    quote=st.sampled_from(["", '"', "'"]),
    damage=st.lists(st.sampled_from(DAMAGE), max_size=3),
)
def test_a_secret_in_the_clear_is_never_shown(
    secret: str, place: str, quote: str, damage: list[tuple[str, str]]
) -> None:
    marked = f"zq{secret}"
    text = GOOD.replace(place, f"{quote}{marked}{quote}")
    for before, after in damage:
        text = text.replace(before, after, 1)
    found = PIPELINE.inspect(source_of(text.encode(), "r.yaml"))
    assert found.plan is None
    shown = [human(found.report, found.snippets), concise(found.report), json.dumps(as_builtins(found.report))]
    assert all(marked not in output and secret not in output for output in shown)


@pytest.mark.parametrize("style", ["|", ">", "|-"])
def test_a_secret_in_a_block_scalar_is_never_shown(style: str) -> None:
    text = GOOD.replace(CHAIN, f"{style}\n      zqhunter2-very-secret").replace("owner:", "ownr:", 1)
    found = PIPELINE.inspect(source_of(text.encode(), "r.yaml"))
    assert "hunter2" not in human(found.report, found.snippets)


def test_a_key_file_pasted_into_another_field_is_masked() -> None:
    numbers = "[" + ", ".join(str(n) for n in range(64)) + "]"
    found = PIPELINE.inspect(source_of(GOOD.replace("recipe: toy", f"recipe: {numbers}").encode(), "r.yaml"))
    assert "61, 62, 63" not in human(found.report, found.snippets)


def test_a_private_key_pasted_into_an_address_is_masked() -> None:
    key = "0x" + "5a" * 32
    text = GOOD.replace("0x0000000000000000000000000000000000000001", key)
    found = PIPELINE.inspect(source_of(text.encode(), "r.yaml"))
    assert found.plan is None
    assert "5a5a" not in human(found.report, found.snippets) + concise(found.report)
