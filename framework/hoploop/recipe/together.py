"""What several recipes allow by themselves but not next to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from hoploop.recipe.diagnostics import Diagnostic, report
from hoploop.recipe.load import Inspection
from hoploop.recipe.nodes import locate
from hoploop.recipe.plan import ChainPlan


def together(inspections: Sequence[Inspection]) -> list[Inspection]:
    """The same, with a warning in each live recipe that signs with an account of another one on the same chain."""
    owned: dict[tuple[str, ...], list[Inspection]] = {}
    for found in inspections:
        for chain in _live(found):
            owned.setdefault(_account(chain), []).append(found)
    return [_with_others(found, owned) for found in inspections]


def _live(found: Inspection) -> Iterator[ChainPlan]:
    if found.plan is not None and found.plan.mode == "live":
        yield from found.plan.chains


def _account(chain: ChainPlan) -> tuple[str, ...]:
    owner = chain.owner.lower() if chain.family == "evm" else chain.owner
    return chain.family, chain.identity, owner


def _with_others(found: Inspection, owned: dict[tuple[str, ...], list[Inspection]]) -> Inspection:
    shared = [
        _finding(found, chain, other)
        for chain in _live(found)
        for other in owned[_account(chain)]
        if other is not found
    ]
    if not shared:
        return found
    whole = report([*found.report.findings, *shared])
    return msgspec.structs.replace(found, report=msgspec.structs.replace(whole, more=whole.more + found.report.more))


def _finding(found: Inspection, chain: ChainPlan, other: Inspection) -> Diagnostic:
    assert found.root is not None
    items = locate(found.root, ("chains",)).node.items
    index = next(at for at, item in enumerate(items) if item.entries["id"].node.value == chain.id)
    path = ("chains", index, "owner")
    place = locate(found.root, path)
    message = f"{other.file} signs with this account, too: two engines would count its transactions and losses apart"
    return Diagnostic(
        code="R398", span=place.span, message=message, severity="warning", path=path, related=place.related
    )
