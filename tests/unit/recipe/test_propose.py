"""A running recipe is changed on its document: what that says is what the file said, whatever text a value holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_connectors import GOOD, toy_registry

from hoploop.errors import RecipeError
from hoploop.recipe.load import Pipeline
from hoploop.recipe.propose import Loaded, Replayer, loaded
from hoploop.recipe.source import source_of

ENVIRON = {"EVIL": "dumps/${secret:env/OTHER}", "OTHER": "x"}
TEXTS = [
    "dumps/$${env:OTHER}", "dumps/$${secret:env/OTHER}", "dumps/$${", "$$$${var:a}",
    "${env:EVIL}", "dumps/${env:EVIL}/$${}",
]  # fmt: skip


def load(world: str, **environ: str) -> Loaded:
    """The recipe with this folder of an embedded chain, written in single quotes."""
    text = _with(world)
    found = Pipeline(toy_registry(), {**ENVIRON, **environ}).inspect(source_of(text.encode(), "r.yaml"))
    assert found.plan is not None, found.report.findings
    return loaded(found)


def _with(world: str) -> str:
    text = GOOD.replace("{seed: 7,", f"{{seed: 7, world: '{world}',")
    assert text != GOOD
    return text


def world(recipe: Loaded) -> str:
    """As the plan has it."""
    embedded = recipe.plan.chains[0].embedded
    assert embedded is not None
    return embedded.world


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_looks_like_a_reference_stays_text_when_the_recipe_is_changed(text: str) -> None:
    running = load(text)
    calmer = _with(text).replace('"50 WETH"', '"40 WETH"')
    wanted = loaded(Pipeline(toy_registry(), ENVIRON).inspect(source_of(calmer.encode(), "r.yaml")))
    proposal = Replayer(toy_registry()).propose(running.document, wanted.document)
    assert [change.path for change in proposal.changes] == ["strategies.cycles.size.max_notional"]
    assert world(proposal.loaded) == world(running)
    assert proposal.loaded.plan.fingerprint == wanted.plan.fingerprint
    assert proposal.loaded.document == wanted.document


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_looks_like_a_reference_can_be_taken_by_a_change(text: str) -> None:
    proposal = Replayer(toy_registry()).propose(load("dumps").document, load(text).document)
    assert world(proposal.loaded) == world(load(text))


def test_a_change_is_no_way_to_the_environment() -> None:
    running, wanted = load("dumps"), load("dumps").document
    wanted["chains"][0]["embedded"]["world"] = "${env:OTHER}"
    with pytest.raises(RecipeError) as refusal:
        Replayer(toy_registry()).propose(running.document, wanted)
    assert "R021" in refusal.value.message


@given(tail=st.text(alphabet="$${}a:/", max_size=12))
def test_any_text_of_the_environment_comes_back_as_it_was(tail: str) -> None:
    text = f"dumps/{tail}"
    running = load("${env:ANY}", ANY=text)
    again = Replayer(toy_registry()).replay(running.document, ())
    assert world(running) == world(again.loaded) == text
    assert again.changes == ()
