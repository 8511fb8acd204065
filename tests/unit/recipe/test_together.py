"""Live recipes that sign with one account are told about each other."""

from __future__ import annotations

import pytest
from toy_connectors import GOOD, toy_registry

from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.source import source_of
from hoploop.recipe.together import together

LIVE = (
    GOOD.replace("mode: paper", "mode: live")
    .replace("endpoint: embedded\n    embedded: {seed: 7, block_time: 500ms}", "endpoint: ipc:run/geth.ipc")
    .replace("embedded/evm_executor", "env/KEY")
    .replace("url: embedded", "url: https://relay.example")
    .replace('daily_loss: {weth: "1 WETH"}', 'daily_loss: {weth: "1 WETH"}\n  rate: 10/h')
)
OWNER = "0x00000000000000000000000000000000000000aa"


def inspected(name: str, text: str) -> Inspection:
    found = Pipeline(toy_registry(), {}).inspect(source_of(text.encode(), name))
    assert found.plan is not None, found.report
    return found


def findings(*texts: str) -> list[list[tuple[str, str]]]:
    seen = together([inspected(f"{number}.yaml", text) for number, text in enumerate(texts)])
    return [[(one.code, one.severity) for one in found.report.findings] for found in seen]


def test_both_are_warned() -> None:
    louder = LIVE.replace(OWNER, "0x" + OWNER[2:].upper())
    first, second = together([inspected("a.yaml", LIVE), inspected("b.yaml", louder)])
    for found, other in ((first, "b.yaml"), (second, "a.yaml")):
        (finding,) = found.report.findings
        assert (finding.code, finding.severity) == ("R398", "warning")
        assert other in finding.message
        assert finding.path == ("chains", 0, "owner")
        assert found.plan is not None


@pytest.mark.parametrize(
    "second",
    [
        LIVE.replace(OWNER, OWNER.replace("aa", "ab")),
        LIVE.replace("chain_id: 31337", "chain_id: 1"),
        GOOD,
    ],
    ids=["another account", "another chain", "a paper recipe"],
)
def test_recipes_that_share_nothing_are_not(second: str) -> None:
    assert findings(LIVE, second) == [[], []]
