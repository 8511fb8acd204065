"""The numbers and lines of docs/recipes/risk.md are what the projection and the comparison of recipes say."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from repository import ROOT, first_party

from hoploop.engine import risk as rules
from hoploop.model.money import format_units
from hoploop.model.reasons import Reason
from hoploop.recipe.describe import describe
from hoploop.recipe.diff import diff
from hoploop.recipe.load import Pipeline
from hoploop.recipe.pages import recipes
from hoploop.recipe.propose import loaded
from hoploop.recipe.source import source_of

PAGE = (ROOT / "docs/recipes/risk.md").read_text("utf-8")
BASE = (ROOT / "recipes/paper/evm_flash.yaml").read_text("utf-8")
READER = Pipeline(first_party(), {})
((_, TEXT),) = recipes(PAGE, BASE)
RUNNING = loaded(READER.inspect(source_of(TEXT.encode(), "risk.md")))
PLAIN, CHANGES = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
GWEI, GAS_PRICE = 10**9, 2


def _row(what: str) -> list[str]:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {what}"))
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_the_projection_is_printed_as_on_the_page() -> None:
    assert f"\n{PLAIN}\n" in describe(RUNNING.plan)


def test_the_sums_of_the_page_add_up() -> None:
    gas = [int(_row(what)[0]) for what in ("transaction", "swaps", "loan")]
    planned, attempt = sum(gas), sum(gas) * 8 // 5
    assert _row("planned") == [str(planned), format_units(planned * GAS_PRICE * GWEI, 18)]
    assert _row("an attempt") == [str(attempt), format_units(attempt * GAS_PRICE * GWEI, 18)]
    assert _row("720 attempts")[1] == format_units(30 * 24 * attempt * GAS_PRICE * GWEI, 18)


def test_the_sums_of_the_page_are_the_plan_s() -> None:
    (spend,) = RUNNING.plan.spend
    assert spend.by_rate is not None
    assert spend.per_day is not None
    assert _row("an attempt")[1] == format_units(spend.worst, 18)
    assert _row("720 attempts")[1] == format_units(spend.by_rate, 18)
    assert _row("a day")[1] == format_units(spend.per_day, 18)


def _changed(line: str) -> Any:
    """The document with one line of the page made true."""
    sign, path, rest = line.split(" ", 2)
    values = re.findall(r'"[^"]*"', rest)
    document = copy.deepcopy(RUNNING.document)
    *way, last = path.split(".")
    owner = document
    for part in way:
        owner = next(item for item in owner if item["id"] == part) if isinstance(owner, list) else owner[part]
    if sign == "-":
        del owner[last]
    else:
        owner[last] = values[1].strip('"')
    return document


@pytest.mark.parametrize("line", CHANGES.splitlines())
def test_a_change_is_shown_as_on_the_page(line: str) -> None:
    (change,) = diff(RUNNING.document, _changed(line), READER.schemas)
    assert str(change) == line


def test_the_rules_of_the_page_are_those_of_the_engine() -> None:
    _, _, after = PAGE.partition("## Order")
    table, _, _ = after.partition("## Limits that remember")
    named = [word for row in re.findall(r"^\| [^|]+ \| ([^|]+) \|", table, re.MULTILINE) for word in row.split(", ")]
    reasons = [word.strip(" `") for word in named if word.strip().startswith("`")]
    assert set(reasons) <= {reason.value for reason in Reason}
    assert len(re.findall(r"^\| (?!rule|---)", table, re.MULTILINE)) == len(rules.RULES) - 1


def test_every_limit_of_the_language_is_on_the_page() -> None:
    known = READER.schemas.root["properties"]["risk"]["properties"]
    limits = [f"risk.{name}" for name, schema in known.items() if "x-planned" not in schema]
    limits += [f"strategies.{name}" for name in ("suppress", "rate", "cooldown", "max_age", "max_in_flight")]
    assert [name for name in limits if f"`{name}`" not in PAGE] == []
