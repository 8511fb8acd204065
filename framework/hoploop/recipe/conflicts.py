"""Cross rules about where a recipe runs: mode, routes, identities, keys, what one failed attempt costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from hoploop.model.money import format_units
from hoploop.model.urls import is_local, open_scheme
from hoploop.recipe.build import Parts, PlacedStrategy
from hoploop.recipe.choose import strategy_routes
from hoploop.recipe.found import Found, error
from hoploop.recipe.language.chains import asset_of
from hoploop.recipe.plan import Spend
from hoploop.recipe.types import Placed, PlacedChain
from hoploop.recipe.units import to_base_units
from hoploop.recipe.universe import folded

EMBEDDED = "embedded"


def conflicts(parts: Parts, spend: Sequence[Spend]) -> Iterator[Found]:
    """Every rule of this module."""
    for rule in RULES:
        yield from rule(parts)
    yield from _costly(parts, spend)


def _route_urls(parts: Parts) -> Iterator[Found]:
    """Bytes for an embedded chain stay on this machine; what is embedded serves embedded chains only."""
    embedded = {chain.item.id for chain in parts.chains if chain.item.endpoint == EMBEDDED}
    for route in parts.routes:
        url, path = str(getattr(route.config, "url", "")), (*route.path, "url")
        if url == EMBEDDED and route.config.chain not in embedded:
            message = f"'{route.config.chain}' is not embedded: there is no local '{route.connector}' to send to"
            yield error("R328", path, message, "the route's real URL")
        elif url != EMBEDDED and route.config.chain in embedded and not (is_local(url) and "${" not in url):
            message = f"'{route.config.chain}' is embedded: its transactions have no business at a public URL"
            yield error("R328", path, message, "embedded")


def _open_lines(parts: Parts) -> Iterator[Found]:
    """Whoever sits between could show other prices, and see what is sent."""
    if parts.recipe.head.mode != "live":
        return
    chains = ((chain.item.endpoint, (*chain.path, "endpoint")) for chain in parts.chains)
    routes = ((str(getattr(route.config, "url", "")), (*route.path, "url")) for route in parts.routes)
    sockets = ((str(getattr(chain.config, "websocket", "")), (*chain.path, "websocket")) for chain in parts.chains)
    for url, path in (*chains, *sockets, *routes):
        if scheme := open_scheme(url):
            yield error("R329", path, f"mode live over {scheme}:// to another machine", f"{scheme}s://…")


def _identities(parts: Parts) -> Iterator[Found]:
    """Two items of one chain would use one account with two counts of its transactions."""
    seen: dict[tuple[str, str], PlacedChain] = {}
    for chain in parts.chains:
        identity = (parts.families[chain.item.id], parts.scopes[chain.item.id].identity)
        first = seen.setdefault(identity, chain)
        if first is not chain:
            message = f"'{first.item.id}' and '{chain.item.id}' are the same chain"
            yield error("R331", (*chain.path, "id"), message, "one chain item, several strategies")


def _tokens(parts: Parts) -> Iterator[Found]:
    """What one token holds would be two assets' funds."""
    seen: dict[tuple[str, str], str] = {}
    for index, item in enumerate(parts.recipe.head.assets):
        if item.chain in parts.scopes and item.enabled:
            first = seen.setdefault((item.chain, folded(item.address)), item.id)
            if first != item.id:
                yield error("R338", ("assets", index, "address"), f"'{first}' is this token already")


def _route_keys(parts: Parts) -> Iterator[Found]:
    """A relay's identity is shown to the relay with every request; the key that holds funds signs nothing else."""
    keys = {chain.item.key: chain.item.id for chain in parts.chains}
    for route in parts.routes:
        key = str(getattr(route.config, "key", ""))
        if key in keys:
            message = f"this is the key that signs on '{keys[key]}'"
            yield error("R332", (*route.path, "key"), message, "a key of its own that holds no funds")


def _costly(parts: Parts, spend: Sequence[Spend]) -> Iterator[Found]:
    """What one failed attempt costs, against what may be lost and traded."""
    assets = {item.id: asset_of(item) for item in parts.recipe.head.assets}
    daily = parts.recipe.head.risk.daily_loss
    by_asset = {one.asset: one for one in spend}
    for name, one in by_asset.items():
        asset, worst = assets[name], one.worst
        if name in daily and worst > to_base_units(daily[name], asset) and _failures_land(parts, name):
            cost = f"{format_units(worst, asset.decimals)} {asset.symbol}"
            message = f"one failed attempt can cost {cost}, more than may be lost in a day"
            yield error("R333", ("risk", "daily_loss", name), message)
    for strategy in parts.strategies:
        item, bound = strategy.item, by_asset.get(strategy.item.base)
        if item.simulate == "flash" and item.own_capital and item.base not in daily:
            landing = _landing(parts, strategy)
            if landing and (bound is None or bound.per_day is None):
                message = "attempts with own capital are not simulated, and failed ones cost their fee"
                label = f"failures land by '{landing[0].config.id}': simulate: always, or a limit in risk:"
                yield error("R330", (*strategy.path, "simulate"), message, label)


def _failures_land(parts: Parts, asset: str) -> bool:
    return any(_landing(parts, one) for one in parts.strategies if one.item.base == asset)


def _landing(parts: Parts, strategy: PlacedStrategy) -> list[Placed]:
    """Routes of a strategy by which failed transactions land."""
    wanted = set(strategy_routes(parts, strategy))
    return [route for route in _of(parts.routes, wanted) if not parts.route_costs[route.config.id].atomic]


def _of(routes: Iterable[Placed], wanted: set[str]) -> Iterator[Placed]:
    return (route for route in routes if route.config.id in wanted)


RULES: tuple[Callable[[Parts], Iterator[Found]], ...] = (_route_urls, _open_lines, _identities, _tokens, _route_keys)
