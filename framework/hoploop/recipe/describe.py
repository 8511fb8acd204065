"""A plan as stable, reviewable text: what will exist, with every address and limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hoploop.model.money import Ratio, format_units
from hoploop.recipe.masking import hide_key_material
from hoploop.recipe.plan import ChainPlan, Plan, Rate, Spend, StrategyPlan
from hoploop.recipe.schema import Schema, struct_schema
from hoploop.recipe.units import BASE_UNITS


def describe(plan: Plan) -> str:
    """The text `hoploop plan` prints; the same for the same plan, and without secrets."""
    lines = [f"recipe {plan.recipe}", f"mode {plan.mode}", f"fingerprint {plan.fingerprint}"]
    for chain in plan.chains:
        lines += ["", *_chain(chain)]
        lines += [f"  {line}" for line in _on_chain(plan, chain.id)]
    lines += ["", "spend", *(f"  {line}" for one in plan.spend for line in _spend(plan, one))]
    lines += ["", "risk", *([f"  {line}" for line in _risk(plan)] or ["  no limits"])]
    return "\n".join(lines) + "\n"


def as_json(plan: Plan) -> bytes:
    """The whole plan as JSON with sorted keys; texts of connectors and endpoints as `describe` shows them."""
    plain = msgspec.json.decode(msgspec.json.encode(plan))
    return msgspec.json.format(msgspec.json.encode(_public(plain), order="sorted"), indent=2)


def _public(value: Any, config: bool = False) -> Any:
    """Fingerprint and doors look like keys: only what connectors are told is searched for some."""
    if isinstance(value, dict):
        return {key: _public(inner, config or key == "config") for key, inner in value.items()}
    if isinstance(value, list):
        return [_public(inner, config) for inner in value]
    if not isinstance(value, str):
        return value
    return _public_text(value) if config else public_endpoint(value)


def _public_text(text: str) -> str:
    return hide_key_material(public_endpoint(text))


def public_endpoint(endpoint: str) -> str:
    """An endpoint without user, path and query, where providers put their keys."""
    if "://" not in endpoint:
        return endpoint
    parts = urlsplit(endpoint)
    host = parts.netloc.rpartition("@")[2]
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{host}{rest}"


def _chain(chain: ChainPlan) -> Iterator[str]:
    yield f"chain {chain.id} ({chain.connector}, {chain.family})"
    yield f"  identity {chain.identity}"
    yield f"  endpoint {public_endpoint(chain.endpoint)}"
    if chain.embedded is not None:
        local = chain.embedded
        world = f" world {local.world}" if local.world else ""
        yield f"  embedded seed {local.seed} every {local.block_ms}ms traffic {'on' if local.traffic else 'off'}{world}"
    blocks = chain.freshness_blocks
    yield f"  freshness {chain.freshness_ms}ms" if blocks is None else f"  freshness {blocks} block{'s'[: blocks != 1]}"
    yield f"  signer {chain.owner} from {chain.key}"
    yield from _settings(chain.config, "  ")


def _on_chain(plan: Plan, chain: str) -> Iterator[str]:
    for asset in plan.assets:
        if asset.chain == chain:
            native = " wraps native" if asset.wraps_native else ""
            yield f"asset {asset.id} {asset.symbol} {asset.address} decimals {asset.decimals}{native}"
    for venue in plan.venues:
        if venue.chain == chain:
            yield f"venue {venue.id} ({venue.connector})"
            yield from _settings(venue.config, "  ")
            yield from _pools(plan, venue.id)
    for kind, items in (("lender", plan.lenders), ("route", plan.routes)):
        for item in items:
            if item.chain == chain:
                yield f"{kind} {item.id} ({item.connector})"
                yield from _settings(item.config, "  ")
    for strategy in plan.strategies:
        if strategy.chain == chain:
            yield from _strategy(plan, strategy)


def _spend(plan: Plan, spend: Spend) -> Iterator[str]:
    most = "what the wallet holds" if spend.per_day is None else _amount(plan, spend.asset, spend.per_day)
    yield f"{spend.asset} a day at most {most}"
    yield f"  an attempt at most {_amount(plan, spend.asset, spend.worst)}"
    if spend.attempts is not None and spend.by_rate is not None:
        yield f"  {spend.attempts} attempts by rate: {_amount(plan, spend.asset, spend.by_rate)}"
    if spend.budget is not None:
        yield f"  budget {_amount(plan, spend.asset, spend.budget)}"


def _risk(plan: Plan) -> Iterator[str]:
    risk = plan.risk
    for name, limits in (("daily_loss", risk.daily_loss), ("daily_fees", risk.daily_fees), ("floor", risk.floors)):
        yield from (f"{name} {_amount(plan, asset, limit)}" for asset, limit in limits)
    if risk.rate is not None:
        yield f"rate {_rate(risk.rate)}"
    for one in risk.breakers:
        unlock = "by an operator" if one.unlock_ms is None else f"after {one.unlock_ms}ms"
        then = one.action if one.action == "trip" else f"pause, resumed {unlock}"
        whose = f" of {' '.join(one.strategies)}" if one.strategies else ""
        yield f"breaker {one.id}: {one.count} {one.on}{whose} within {one.within_ms}ms: {then}"


def _rate(rate: Rate) -> str:
    return f"{rate.times} attempts in {rate.per_ms}ms"


def _pools(plan: Plan, venue: str) -> Iterator[str]:
    for pool in plan.pools:
        if pool.venue == venue:
            spacing = f" tick_spacing {pool.tick_spacing}" if pool.tick_spacing else ""
            yield f"  pool {pool.id} {pool.address}"
            yield f"    edge {pool.asset0} <-> {pool.asset1} {pool.curve} fee {pool.fee_num}/{pool.fee_den}{spacing}"
            for door in pool.doors:
                yield f"    door {door.hex()}"


def _strategy(plan: Plan, strategy: StrategyPlan) -> Iterator[str]:
    yield f"strategy {strategy.id}"
    yield f"  base {strategy.base}"
    yield f"  pools {' '.join(strategy.pools)}"
    yield f"  cycles {strategy.cycles} of {strategy.min_hops} to {strategy.max_hops} hops"
    yield f"  budget {strategy.budget} cycles an update"
    yield f"  lenders {' '.join(strategy.lenders) or 'none: own capital'}"
    yield from (f"    cap {name} {_amount(plan, strategy.base, cap)}" for name, cap in strategy.lender_caps)
    yield f"  routes {strategy.route_policy}: {' > '.join(strategy.routes)}"
    yield f"  max_notional {_amount(plan, strategy.base, strategy.max_notional)}"
    if strategy.min_notional:
        yield f"  min_notional {_amount(plan, strategy.base, strategy.min_notional)}"
    if not strategy.own_capital or strategy.own_share != Ratio(1, 1):
        share = strategy.own_share
        yield f"  own capital {f'{share.num}/{share.den} of it' if strategy.own_capital else 'never'}"
    yield f"  min_profit {_amount(plan, strategy.base, strategy.min_profit)}"
    for name, ratio in (("amount", strategy.profit_ratio), ("costs", strategy.cost_cover)):
        if ratio.num:
            yield f"    and {ratio.num}/{ratio.den} of the {name}"
    yield f"  max_in_flight {strategy.max_in_flight}, cooldown {strategy.cooldown_ms}ms, simulate {strategy.simulate}"
    if strategy.max_age_ms is not None:
        yield f"  max_age {strategy.max_age_ms}ms"
    if strategy.rate is not None:
        yield f"  rate {_rate(strategy.rate)}"
    if strategy.suppress is not None:
        yield f"  suppress after {strategy.suppress.after} failures for {strategy.suppress.retry_ms}ms"


def _settings(config: msgspec.Struct, indent: str) -> Iterator[str]:
    """Every field of a config Struct but those every item has; a list of Structs takes one line each."""
    schema = struct_schema(type(config))
    for name in config.__struct_fields__:
        if name in ("id", "enabled", "chain"):
            continue
        value, inner = getattr(config, name), schema["properties"].get(name, {})
        if isinstance(value, (list, tuple)) and any(isinstance(item, msgspec.Struct) for item in value):
            item_schema = inner.get("items", {})
            yield from (f"{indent}{name}[{index}] {_value(item, item_schema)}" for index, item in enumerate(value))
        else:
            yield f"{indent}{name} {_value(value, inner)}"


def _value(value: object, schema: Schema) -> str:
    """One value with its unit, nested ones on the same line."""
    if isinstance(value, Ratio):
        return f"{value.num}/{value.den}"
    if isinstance(value, msgspec.Struct):
        inner = schema.get("properties", {})
        fields = (f"{name}: {_value(getattr(value, name), inner.get(name, {}))}" for name in value.__struct_fields__)
        return "{" + ", ".join(fields) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item, schema.get("items", {})) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(item, {})}" for key, item in value.items()) + "}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _public_text(value) or "-"
    unit = BASE_UNITS.get(schema.get("x-unit", ""))
    return f"{value} {unit}" if unit else str(value)


def _amount(plan: Plan, asset_id: str, amount: int) -> str:
    asset = next(asset for asset in plan.assets if asset.id == asset_id)
    return f"{amount} ({asset_id}: {format_units(amount, asset.decimals)} {asset.symbol})"
