"""Compares what a plan decides on a recorded market with what its recipe expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from hoploop.model.money import Asset
from hoploop.recipe.language.head import CaseItem, Expectation
from hoploop.recipe.plan import Plan
from hoploop.recipe.units import to_base_units
from hoploop.rehearsal.play import Played
from hoploop.rehearsal.stage import Decision


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one test of a recipe ended; `missing` says in words what did not come up."""

    name: str
    missing: tuple[str, ...]
    decisions: int

    @property
    def passed(self) -> bool:
        """Whether everything expected came up."""
        return not self.missing


def judge(case: CaseItem, plan: Plan, played: Sequence[Played]) -> Outcome:
    """Every expectation of one test against all decisions."""
    decisions = [decision for one in played for decision in one.decisions]
    wanted = (expected for expected in case.expect if expected.enabled)
    missing = tuple(text for expected in wanted for text in _missing(expected, plan, decisions))
    return Outcome(name=case.name, missing=missing, decisions=len(decisions))


def _missing(expected: Expectation, plan: Plan, decisions: Iterable[Decision]) -> Iterator[str]:
    base = _base(plan, expected.strategy)
    least = None if expected.net is None or base is None else to_base_units(expected.net, base)
    mine = [decision for decision in decisions if decision.opportunity.strategy == expected.strategy]
    count = sum(_fits(expected, least, decision) for decision in mine)
    # An expected number of 0 says that it must not happen.
    if (count == 0) if expected.count == 0 else (count >= expected.count):
        return
    wanted = "none" if expected.count == 0 else f"at least {expected.count}"
    seen = sorted({_kind(decision) for decision in mine})
    yield f"{_said(expected)}: {wanted} expected, {count} came up; decisions of '{expected.strategy}': " + (
        ", ".join(seen) or "none"
    )


def _fits(expected: Expectation, least: int | None, decision: Decision) -> bool:
    attempted = decision.built is not None
    return (
        attempted == (expected.decision == "attempt")
        and (expected.reason is None or decision.reason == expected.reason.value)
        and expected.shape in decision.opportunity.shape()
        and (least is None or decision.opportunity.net >= least)
    )


def _said(expected: Expectation) -> str:
    reason = expected.reason and expected.reason.value
    parts = [expected.decision, reason, expected.shape, expected.net and f"net {expected.net}"]
    return " ".join(part for part in parts if part)


def _kind(decision: Decision) -> str:
    return "attempt" if decision.built is not None else f"refuse {decision.reason}"


def _base(plan: Plan, strategy: str) -> Asset | None:
    """None when the strategy is not in the plan: disabled, or on a disabled chain."""
    base = next((one.base for one in plan.strategies if one.id == strategy), None)
    return next((asset for asset in plan.assets if asset.id == base), None)
