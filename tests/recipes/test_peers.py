"""Everything users of other bots can say has a place here, a reason, or a refusal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repository import ROOT, first_party

from hoploop.recipe.peers import BadRow, Judge, judged
from hoploop.recipe.schema import compose

PAGE = (ROOT / "docs/recipes/peers.md").read_text("utf-8")
KEYS = [line for line in Path(__file__).with_name("peer_keys.txt").read_text("utf-8").splitlines() if line[0] != "#"]
JUDGE = Judge(compose(first_party()), ("plan",), frozenset({"jito"}))


def test_every_known_key_has_a_row() -> None:
    named = {word for _, there, _ in judged(PAGE) for word in re.findall(r"`([^`]+)`", there)}
    assert [key for key in KEYS if key not in named] == []


def test_every_row_is_judged() -> None:
    assert {verdict for _, _, verdict in judged(PAGE)} == {"yes", "not yet", "connector", "n/a"}
    assert len(list(judged(PAGE))) > 300


@pytest.mark.parametrize(
    ("here", "verdict"),
    [
        ("`strategies.profit.min`", "yes"),
        ("`chains.solana.fees.unit_price`", "yes"),
        ("`chains.key` as `${secret:env/NAME}`", "yes"),
        ("`profiles`", "yes"),
        ("`wallets`", "not yet"),
        ("`wallets.top_up.to`", "not yet"),
        ("`strategies.profit.min`, `strategies.profit.usd`", "not yet"),
        ("`strategies.routes.policy: rotate`", "yes"),
        ("`strategies.routes.policy: all`", "not yet"),
        ("Command: `hoploop plan`", "yes"),
        ("Connector: `nobody`", "connector"),
        ("Not applicable: there is none.", "n/a"),
    ],
)
def test_a_row_is_judged_by_the_schema(here: str, verdict: str) -> None:
    assert JUDGE.verdict(here) == verdict


@pytest.mark.parametrize(
    "here",
    [
        "`strategies.profit.most`",
        "`nothing.at.all`",
        "`chains.solana.fees.gas_price`",
        "`strategies.routes.policy: never`",
        "Command: `hoploop fly`",
        "Connector: `jito`",
        "somewhere",
    ],
)
def test_a_row_that_names_nothing_is_refused(here: str) -> None:
    with pytest.raises(BadRow):
        JUDGE.verdict(here)
