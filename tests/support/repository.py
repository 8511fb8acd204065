"""Everything in the repository that tests discover: connectors, recipes, documentation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hoploop.plugin.connector import ChainScope, ItemConfig, Kind
from hoploop.plugin.registry import Registry
from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.plan import Plan
from hoploop.recipe.source import read_source

ROOT = Path(__file__).resolve().parents[2]
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))


@cache
def first_party() -> Registry:
    """The connectors of this repository, taken from the source tree so that an installation is not needed."""
    import hoploop_evm
    import hoploop_solana

    return Registry((*hoploop_evm.connectors(), *hoploop_solana.connectors()))


@cache
def pipeline() -> Pipeline:
    """Loads recipes with the repository's connectors and an empty environment."""
    return Pipeline(first_party(), {})


def inspect_recipe(path: Path) -> Inspection:
    """Findings and plan; spans name the path within the repository."""
    return pipeline().inspect(read_source(path, path.relative_to(ROOT).as_posix()))


@cache
def plans() -> tuple[Plan, ...]:
    """Plans of all recipes that compile."""
    return tuple(found.plan for path in RECIPES if (found := inspect_recipe(path)).plan is not None)


def examples(kind: Kind, key: str) -> Iterator[tuple[ItemConfig, ChainScope]]:
    """Configs of this connector as the recipes use it, with their scope."""
    for plan in plans():
        chains = {chain.id: chain for chain in plan.chains}
        items = {"venue": plan.venues, "lender": plan.lenders, "route": plan.routes}.get(kind, ())
        used = [(item.config, item.chain) for item in items if item.connector == key]
        if kind == "chain":
            used = [(chain.config, chain.id) for chain in plan.chains if chain.connector == key]
        for config, chain_id in used:
            chain = chains[chain_id]
            assets = {asset.id: asset for asset in plan.assets if asset.chain == chain_id}
            yield config, ChainScope(
                chain_id=chain_id, identity=chain.identity, assets=assets, settings=chain.config, owner=chain.owner
            )
