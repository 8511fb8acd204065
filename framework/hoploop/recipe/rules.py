"""Cross rules: what each part allows by itself but the whole does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hoploop.model.money import Asset, format_units
from hoploop.plugin.registry import Registry
from hoploop.recipe.build import Parts, PlacedStrategy
from hoploop.recipe.cases import inside
from hoploop.recipe.choose import names_of, strategy_lenders, strategy_pools, strategy_routes
from hoploop.recipe.conflicts import conflicts
from hoploop.recipe.diagnostics import Diagnostic, Severity
from hoploop.recipe.found import Found, error
from hoploop.recipe.graph import count_cycles
from hoploop.recipe.language.chains import asset_of
from hoploop.recipe.language.strategies import StrategyItem
from hoploop.recipe.nodes import Node, locate
from hoploop.recipe.plan import Spend
from hoploop.recipe.sizes import too_large
from hoploop.recipe.spans import Path
from hoploop.recipe.types import PlacedChain
from hoploop.recipe.units import to_base_units
from hoploop.recipe.universe import folded, members, problems
from hoploop.recipe.words import suggest

MIN_HOPS, MAX_HOPS = 2, 4
_AT_KEY = ("R309", "R321", "R324", "R334", "R391")
"""What is wrong is that the key is there at all, or what it is called."""


def check_rules(root: Node, parts: Parts, spend: Sequence[Spend], registry: Registry) -> list[Diagnostic]:
    """Run every rule over the whole recipe."""
    found = [*(one for rule in RULES for one in rule(parts)), *_spend(parts, spend), *conflicts(parts, spend)]
    if not any(severity == "error" for *_, severity in found):
        found += _sizes(parts, registry)
    return [_finding(root, *one) for one in found]


def _finding(root: Node, code: str, path: Path, message: str, label: str, severity: Severity) -> Diagnostic:
    place = locate(root, path)
    return Diagnostic(
        code=code,
        span=place.key or place.span if code in _AT_KEY else place.span,
        message=message,
        label=label,
        severity=severity,
        path=path,
        related=place.related,
    )


def _base_wraps_native(parts: Parts) -> Iterator[Found]:
    for strategy in parts.strategies:
        asset = parts.scopes[strategy.item.chain].assets[strategy.item.base]
        if not asset.wraps_native:
            native = [other.id for other in parts.scopes[strategy.item.chain].assets.values() if other.wraps_native]
            message = f"'{asset.id}' as base is not supported yet: it does not wrap the chain's native coin"
            yield error("R301", (*strategy.path, "base"), message, suggest("", native) if native else "")


def _lenders_lend(parts: Parts) -> Iterator[Found]:
    for strategy in parts.strategies:
        lent = {lender.placed.config.id: lender.terms.assets for lender in parts.lenders}
        for index, name in enumerate(strategy.item.lenders):
            if name in lent and strategy.item.base not in lent[name]:
                message = f"'{name}' does not lend '{strategy.item.base}'"
                label = f"it lends: {', '.join(lent[name]) or 'nothing'}"
                yield error("R302", (*strategy.path, "lenders", index), message, label)


def _hops(parts: Parts) -> Iterator[Found]:
    for strategy in parts.strategies:
        hops, path = strategy.item.hops, (*strategy.path, "hops")
        for name, value in (("min", hops.min), ("max", hops.max)):
            if not MIN_HOPS <= value <= MAX_HOPS:
                message = f"cycles of {value} hop{'s'[: value != 1]} are not supported"
                yield error("R304", (*path, name), message, f"{MIN_HOPS} to {MAX_HOPS}")
        if hops.min > hops.max:
            yield error("R304", (*path, "min"), f"min {hops.min} is more than max {hops.max}")


def _cycles(parts: Parts) -> Iterator[Found]:
    bad = set(_bad_universes(parts))
    for strategy in parts.strategies:
        chain = strategy.item.chain
        names = names_of(parts, chain)
        known = names.known()
        unknown = [(index, name) for index, name in enumerate(strategy.item.pools) if folded(name) not in known]
        for index, name in unknown:
            message = f"no venue or pool of '{chain}' has the id '{name}'"
            yield error("R201", (*strategy.path, "pools", index), message, suggest(name, sorted(names.ids())))
        hops, pools = strategy.item.hops, strategy_pools(parts, strategy)
        sound = not unknown and not bad & {*strategy.item.universes} and MIN_HOPS <= hops.min <= hops.max <= MAX_HOPS
        if sound and not count_cycles(pools, strategy.item.base, hops.min, hops.max):
            length = f"{hops.min}" if hops.min == hops.max else f"{hops.min} to {hops.max}"
            of = f"{len(pools)} pool{'s'[: len(pools) != 1]}"
            message = f"no cycle from '{strategy.item.base}' of {length} hops in {of}"
            yield error("R305", (*strategy.path, "base"), message, _narrowed(parts, strategy))


def _narrowed(parts: Parts, strategy: PlacedStrategy) -> str:
    """What leaves so few pools, for a label."""
    item = strategy.item
    off = [one.id for one in parts.recipe.head.universes if one.id in item.universes and not one.enabled]
    if off:
        return f"disabled: {', '.join(off)}"
    return f"only through {', '.join(item.intermediates)}" if item.intermediates else ""


def _universes(parts: Parts) -> Iterator[Found]:
    used = {name for strategy in parts.strategies for name in strategy.item.universes}
    for index, universe in enumerate(parts.recipe.head.universes):
        path: Path = ("universes", index)
        if not universe.enabled or universe.chain not in parts.scopes:
            continue
        names = names_of(parts, universe.chain)
        wrong = list(problems(universe, names))
        for where, message, label in wrong:
            yield error("R201", (*path, *where), message, label)
        if not wrong and not members(universe, names):
            yield error("R323", (*path, "id"), f"no pool of '{universe.chain}' is in '{universe.id}'")
        if universe.id not in used:
            yield "R390", (*path, "id"), f"no strategy uses '{universe.id}'", "", "warning"


def _bad_universes(parts: Parts) -> Iterator[str]:
    """Those with a finding of their own: what their strategies lack for it is not said as well."""
    for universe in parts.recipe.head.universes:
        if universe.enabled and universe.chain in parts.scopes:
            names = names_of(parts, universe.chain)
            if any(problems(universe, names)) or not members(universe, names):
                yield universe.id


def _money(parts: Parts) -> Iterator[Found]:
    for strategy in parts.strategies:
        item, path = strategy.item, strategy.path
        for name in item.lender_caps:
            if name not in item.lenders:
                message = f"'{name}' is not one of the strategy's lenders"
                yield error("R321", (*path, "lender_caps", name), message, suggest(name, item.lenders))
        if not item.own_capital and not strategy_lenders(parts, strategy):
            message = "neither own capital nor a lender may be used"
            yield error("R322", (*path, "own_capital"), message, "own_capital: true, or lenders: [...]")


def _fee_limits(parts: Parts) -> Iterator[Found]:
    native = {asset.id for asset in parts.recipe.head.assets if asset.wraps_native}
    bases = {strategy.base for strategy in parts.recipe.head.strategies}
    risk = parts.recipe.head.risk
    for key, limits in (("daily_loss", risk.daily_loss), ("daily_fees", risk.daily_fees), ("floors", risk.floors)):
        for name in limits:
            if key != "daily_loss" and name not in native:
                message = f"fees are paid in the native coin, which '{name}' does not wrap"
                yield error("R324", ("risk", key, name), message, suggest("", sorted(native)))
            elif name not in bases:
                message = f"no strategy starts from '{name}': this limit bounds nothing"
                yield "R390", ("risk", key, name), message, suggest("", sorted(bases)), "warning"


def _limits(parts: Parts) -> Iterator[Found]:
    assets = {item.id: asset_of(item) for item in parts.recipe.head.assets}
    for strategy in parts.strategies:
        asset = assets[strategy.item.base]
        least = to_base_units(strategy.item.profit.min, asset)
        most = to_base_units(strategy.item.size.max_notional, asset)
        if least <= 0:
            yield error("R307", (*strategy.path, "profit", "min"), "the minimum profit must be positive")
        if most <= 0:
            yield error("R107", (*strategy.path, "size", "max_notional"), "must be more than 0")
        elif least > most:
            message = "the minimum profit is larger than the most that may be traded"
            yield error("R314", (*strategy.path, "profit", "min"), message)
        ratio = strategy.item.profit.ratio
        if ratio is not None and ratio.num > ratio.den:
            message = "a profit of more than is put in never comes up"
            yield error("R314", (*strategy.path, "profit", "ratio"), message)
        if _least(strategy.item, asset) > most:
            message = "the least notional is larger than the most that may be traded"
            yield error("R314", (*strategy.path, "size", "min_notional"), message)
        if _live(parts, strategy.item.chain) and asset.id not in parts.recipe.head.risk.daily_loss:
            message = f"mode live needs a daily loss limit for '{asset.id}'"
            yield error("R306", ("mode",), message, f'risk: {{daily_loss: {{{asset.id}: "… {asset.symbol}"}}}}')


def _live(parts: Parts, chain: str) -> bool:
    """Whether the chain's money is real: an embedded chain in mode live is another finding, R308."""
    embedded = any(one.item.id == chain and one.item.endpoint == "embedded" for one in parts.chains)
    return parts.recipe.head.mode == "live" and not embedded


def _bounds(parts: Parts) -> Iterator[Found]:
    """Amounts and times that would silently mean never."""
    for strategy in parts.strategies:
        item, path = strategy.item, strategy.path
        base = parts.scopes[item.chain].assets[item.base]
        share = item.size.own_share
        if share is not None and not 0 < share.num <= share.den:
            yield error("R107", (*path, "size", "own_share"), "must be more than 0 and at most 100%")
        if share is not None and not item.own_capital:
            message = "own funds are not used at all: 'own_share' goes with own_capital: true"
            yield error("R334", (*path, "size", "own_share"), message, "leave it out, or write own_capital: true")
        times: list[tuple[Path, int | None]] = [(("max_age",), item.max_age)]
        times += [] if item.suppress is None else [(("suppress", "retry"), item.suppress.retry)]
        times += [(("lender_caps", name), to_base_units(text, base)) for name, text in item.lender_caps.items()]
        yield from (error("R107", (*path, *where), "must be more than 0") for where, value in times if value == 0)
    for index, breaker in enumerate(parts.recipe.head.risk.breakers):
        path = ("risk", "breakers", index)
        for name, value in (("within", breaker.within), ("unlock", breaker.unlock)):
            if value == 0:
                yield error("R107", (*path, name), "must be more than 0")
        if breaker.unlock is not None and breaker.action == "trip":
            message = "a gate that tripped stays closed: 'unlock' goes with action: pause"
            yield error("R334", (*path, "unlock"), message, "leave it out, or write action: pause")


def _idle(parts: Parts) -> Iterator[Found]:
    if not parts.strategies:
        yield "R391", ("strategies",), "no strategy is enabled: this recipe does nothing", "", "warning"


def _least(item: StrategyItem, asset: Asset) -> int:
    """Least notional of a strategy in base units; 0 when it has none."""
    return 0 if item.size.min_notional is None else to_base_units(item.size.min_notional, asset)


def _routes(parts: Parts) -> Iterator[Found]:
    for strategy in parts.strategies:
        if not strategy_routes(parts, strategy):
            yield error("R313", (*strategy.path, "routes", "order"), "none of these routes is enabled")


def _embedded(parts: Parts) -> Iterator[Found]:
    for chain in parts.chains:
        item = chain.item
        embedded = item.endpoint == "embedded"
        if embedded and parts.recipe.head.mode == "live":
            message = f"'{item.id}' is embedded: mode live makes no sense there"
            yield error("R308", (*chain.path, "endpoint"), message, "mode: paper")
        if item.embedded is not None and not embedded:
            message = "`embedded:` is given, but the endpoint is not embedded"
            yield error("R309", (*chain.path, "embedded"), message)
        if item.key.startswith("embedded/") and not embedded:
            message = "embedded keys are public; anyone could empty this wallet"
            yield error("R312", (*chain.path, "key"), message, "${secret:env/NAME}")
        yield from _pace(parts, chain)


def _pace(parts: Parts, chain: PlacedChain) -> Iterator[Found]:
    item = chain.item.embedded
    if item is None:
        return
    wrong = {"evm": "slot_time", "solana": "block_time"}[parts.families[chain.item.id]]
    right = {"slot_time": "block_time", "block_time": "slot_time"}[wrong]
    if getattr(item, wrong) is not None:
        yield error("R309", (*chain.path, "embedded", wrong), f"'{wrong}' is for the other family", f"write {right}")
    if (value := getattr(item, right)) is not None and not 50 <= value <= 60_000:
        yield error("R107", (*chain.path, "embedded", right), "must be between 50ms and 60s")


def _spend(parts: Parts, spend: Sequence[Spend]) -> Iterator[Found]:
    head = parts.recipe.head
    assets = {item.id: item for item in head.assets}
    for one in spend:
        asset = assets[one.asset]
        if one.per_day is None and _live(parts, asset.chain):
            message = f"mode live needs a bound on what may be spent in '{one.asset}'"
            yield error("R325", ("mode",), message, f'risk: {{daily_fees: {{{asset.id}: "… {asset.symbol}"}}}}')
        if one.budget is not None and one.budget < one.worst:
            worst = f"{format_units(one.worst, asset.decimals)} {asset.symbol}"
            message = f"one attempt can cost {worst}, more than this allows a day"
            yield error("R326", ("risk", "daily_fees", one.asset), message)


def _sizes(parts: Parts, registry: Registry) -> Iterator[Found]:
    for strategy, why in too_large(parts, registry):
        message = f"the largest transaction does not fit: {why}"
        yield error("R327", (*strategy.path, "id"), message, "fewer hops, a lookup table, or fewer lenders")


def _expectations(parts: Parts) -> Iterator[Found]:
    running = {strategy.item.id for strategy in parts.strategies}
    seen: set[str] = set()
    for index, case in enumerate(parts.recipe.head.tests):
        if case.name in seen:
            yield error("R202", ("tests", index, "name"), f"the name '{case.name}' is used twice")
        seen.add(case.name)
        if not inside(case.market):
            message = "a market is a relative path of a .json file beside the recipe or below"
            yield error("R340", ("tests", index, "market"), message, "market: quiet.market.json")
        for place, expected in enumerate(case.expect):
            path: Path = ("tests", index, "expect", place)
            if expected.decision == "attempt" and expected.reason is not None:
                yield error("R340", (*path, "reason"), "an attempt has no reason", "decision: refuse")
            if expected.strategy not in running and expected.count and case.enabled and expected.enabled:
                message = f"'{expected.strategy}' is disabled, or its chain or base is: it decides nothing"
                yield error("R340", (*path, "strategy"), message, "count: 0")


def _unused(parts: Parts) -> Iterator[Found]:
    strategies = [strategy.item for strategy in parts.strategies]
    used_assets = {name for pool in parts.pools() for name in (pool.asset0, pool.asset1)}
    used_assets |= {strategy.base for strategy in strategies}
    for index, asset in enumerate(parts.recipe.head.assets):
        if asset.enabled and asset.id not in used_assets and asset.chain in parts.scopes:
            yield "R390", ("assets", index, "id"), f"no pool or strategy uses '{asset.id}'", "", "warning"
    used = {name for strategy in strategies for name in (*strategy.lenders, *strategy.routes.order)}
    for item in (*(lender.placed for lender in parts.lenders), *parts.routes):
        if item.config.id not in used:
            yield "R390", (*item.path, "id"), f"no strategy uses '{item.config.id}'", "", "warning"


RULES: tuple[Callable[[Parts], Iterator[Found]], ...] = (
    _base_wraps_native, _lenders_lend, _hops, _universes, _cycles, _money, _limits, _fee_limits, _routes, _embedded,
    _expectations, _bounds, _idle, _unused,
)  # fmt: skip
