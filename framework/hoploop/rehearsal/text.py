"""A rehearsal as stable, reviewable text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from hoploop.model.money import format_units
from hoploop.recipe.plan import Plan
from hoploop.rehearsal.play import Played
from hoploop.rehearsal.stage import Decision


def text_path(recipe: Path, profile: str | None) -> Path:
    """Where the text of a recipe is kept: beside it, one for each profile."""
    return recipe.with_suffix(f".{profile}.dry-run.txt" if profile else ".dry-run.txt")


def transcript(plan: Plan, played: Sequence[Played]) -> str:
    """Decisions with reasons, legs, costs, and each transaction with its instructions and bytes."""
    lines = [f"recipe {plan.recipe}", f"fingerprint {plan.fingerprint}", "nothing was sent"]
    for one in played:
        lines += ["", *_chain(plan, one)]
    return "\n".join(lines) + "\n"


def _chain(plan: Plan, played: Played) -> Iterator[str]:
    yield f"chain {played.chain.id}"
    yield "  " + ", ".join(f"{count} {name}" for name, count in sorted(played.counts.items()))
    for asset, own in sorted(played.funds.items()):
        yield f"  own {asset} {own}"
    for (lender, asset), amount in sorted(played.lendable.items()):
        yield f"  lender {lender} has {amount} {asset}"
    for reason, count in sorted(played.dropped.items()):
        yield f"  {count} cycles not returned: {reason}"
    if not played.decisions:
        yield "  no opportunity"
    for number, decision in enumerate(played.decisions, 1):
        yield from _decision(plan, number, decision)


def _decision(plan: Plan, number: int, decision: Decision) -> Iterator[str]:
    found = decision.opportunity
    asset = next(asset for asset in plan.assets if asset.id == found.asset)
    yield ""
    yield f"  opportunity {number} of strategy {found.strategy}"
    for leg in found.legs:
        yield f"    {leg.pool}: {leg.amount_in} {leg.asset_in} -> {leg.amount_out} {leg.asset_out}"
    source = "own capital" if found.lender is None else f"lender {found.lender}, fee {found.flash_fee}"
    yield f"    from {source}"
    yield f"    gross {found.gross}, network fee {found.network_fee} for {found.units} units, tip {found.tip}"
    yield f"    net {found.net} ({format_units(found.net, asset.decimals)} {asset.symbol})"
    if decision.built is None or decision.draft is None:
        detail = f": {decision.detail}" if decision.detail else ""
        yield f"    refused {decision.reason}{detail}"
        return
    bid, tx = decision.built.bid, decision.built.tx
    yield f"    approved, route {decision.route}, tip {bid.tip}, at least {bid.min_gain} gained or it fails"
    yield from (f"    {line}" for line in decision.draft.text())
    yield f"    signed {tx.id}, {len(tx.raw)} bytes, sha256 {hashlib.sha256(tx.raw).hexdigest()}"
    yield f"    raw {tx.raw.hex()}"
