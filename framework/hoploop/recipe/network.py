"""The market of a plan as a graph: assets are nodes, pools are edges; as text, Mermaid or Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from hoploop.model.market import PoolSpec
from hoploop.recipe.plan import Plan

Form = Literal["text", "mermaid", "dot"]


def drawn(plan: Plan, form: Form) -> str:
    """The graph of every chain; pools nobody searches are marked."""
    return "\n".join(_FORMS[form](plan)) + "\n"


def _text(plan: Plan) -> Iterator[str]:
    used = _used(plan)
    for number, chain in enumerate(plan.chains):
        if number:
            yield ""
        yield f"chain {chain.id}"
        for pair, pools in _pairs(plan, chain.id).items():
            yield f"  {' <-> '.join(pair)}"
            for pool in pools:
                yield f"    {pool.id} {pool.curve} {_fee(pool)}{'' if pool.id in used else ' (no strategy)'}"
        for strategy in plan.strategies:
            if strategy.chain == chain.id:
                hops = f"{strategy.min_hops} to {strategy.max_hops} hops"
                yield f"  strategy {strategy.id}: {strategy.cycles} cycles of {hops} from {strategy.base}"


def _mermaid(plan: Plan) -> Iterator[str]:
    used, bases = _used(plan), {strategy.base for strategy in plan.strategies}
    yield "graph LR"
    for chain in plan.chains:
        # A bare id such as `end` would be a word of Mermaid's.
        yield f'  subgraph chain_{chain.id}["{chain.id}"]'
        for asset in plan.assets:
            if asset.chain == chain.id:
                shape = f'(["{asset.symbol}"])' if asset.id in bases else f'["{asset.symbol}"]'
                yield f"    asset_{asset.id}{shape}"
        for pool in plan.pools:
            if pool.chain == chain.id:
                line = "---" if pool.id in used else "-.-"
                yield f'    asset_{pool.asset0} {line}|"{pool.id} {_fee(pool)}"| asset_{pool.asset1}'
        yield "  end"


def _dot(plan: Plan) -> Iterator[str]:
    used, bases = _used(plan), {strategy.base for strategy in plan.strategies}
    yield "graph market {"
    for chain in plan.chains:
        yield f'  subgraph "cluster_{chain.id}" {{'
        yield f'    label="{chain.id}";'
        for asset in plan.assets:
            if asset.chain == chain.id:
                shape = "doubleoctagon" if asset.id in bases else "ellipse"
                yield f'    "{asset.id}" [label="{asset.symbol}", shape={shape}];'
        for pool in plan.pools:
            if pool.chain == chain.id:
                style = "" if pool.id in used else ", style=dashed"
                yield f'    "{pool.asset0}" -- "{pool.asset1}" [label="{pool.id} {_fee(pool)}"{style}];'
        yield "  }"
    yield "}"


_FORMS: Mapping[Form, Callable[[Plan], Iterator[str]]] = {"text": _text, "mermaid": _mermaid, "dot": _dot}


def _used(plan: Plan) -> set[str]:
    return {pool for strategy in plan.strategies for pool in strategy.pools}


def _pairs(plan: Plan, chain: str) -> dict[tuple[str, str], list[PoolSpec]]:
    found: dict[tuple[str, str], list[PoolSpec]] = {}
    for pool in plan.pools:
        if pool.chain == chain:
            low, high = sorted((pool.asset0, pool.asset1))
            found.setdefault((low, high), []).append(pool)
    return found


def _fee(pool: PoolSpec) -> str:
    """In hundredths of a per cent where that is a whole number."""
    whole, rest = divmod(pool.fee_num * 10_000, pool.fee_den)
    return f"{pool.fee_num}/{pool.fee_den}" if rest else f"{whole}bps"
