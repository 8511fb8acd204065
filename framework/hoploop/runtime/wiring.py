"""From a plan to opened connectors: the only place where factories are called with a live endpoint and secrets."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import structlog

from hoploop.codes import CODES
from hoploop.engine.kit import ChainKit
from hoploop.errors import IncompatibleConnector, SignerUnavailable, WrongChain
from hoploop.hot.signing import NativeSigning
from hoploop.model.chain import ChainFacts, Family
from hoploop.plugin.connector import ChainContext, ChainScope, Costs, RouteContext, Secrets
from hoploop.plugin.ingest import Ingesting
from hoploop.plugin.kinds import Chain, Client, Lender, Route, RouteTerms, Venue
from hoploop.plugin.registry import Registry
from hoploop.recipe.plan import ChainPlan, ItemPlan, Plan
from hoploop.runtime.local_chains import Served
from hoploop.runtime.secrets import SecretStore

_EMBEDDED = "embedded"


class WiredChain(msgspec.Struct, frozen=True, kw_only=True):
    """One chain, opened, with everything that belongs to it."""

    plan: ChainPlan
    chain: Chain
    facts: ChainFacts
    kit: ChainKit


class Wiring:
    """Builds the components of a plan. Nothing of it remains once the engine runs."""

    def __init__(
        self, plan: Plan, registry: Registry, served: Mapping[str, Served], ingest: Ingesting | None = None
    ) -> None:
        """Without `ingest` every connector reads its sockets itself, and what comes can be written down."""
        self._ingest = ingest
        self._plan = plan
        self._registry = registry
        self._served = served
        self._store = SecretStore(embedded=plan.embedded, live=plan.mode == "live")
        self._secrets = Secrets(self._store.resolve)

    async def chain(self, chain: ChainPlan) -> WiredChain:
        """Open one chain and check that it is the one the recipe names; WrongChain otherwise."""
        context = self.context(chain, self.endpoint(chain))
        opened: Chain = self._registry.offer("chain", chain.connector).factory(chain.config, context)
        try:
            facts = await opened.client.open()
            if facts.identity != chain.identity:
                found, wanted = facts.identity, chain.identity
                raise WrongChain("G401", f"{chain.id}: the endpoint is chain {found}, the recipe says {wanted}")
            kit = ChainKit(
                client=opened.client,
                composer=opened.composer,
                venues=self.venues(chain),
                lenders=self.lenders(chain),
                routes=self._routes(chain, opened),
            )
        except BaseException:
            await opened.close()
            raise
        return WiredChain(plan=chain, chain=opened, facts=facts, kit=kit)

    def context(self, chain: ChainPlan, endpoint: str) -> ChainContext:
        """What the chain's connector is made from."""
        return ChainContext(
            scope=self.scope(chain),
            endpoint=endpoint,
            secrets=self._secrets,
            key=chain.key,
            extras=self._subscribed(chain),
            signing=NativeSigning(_refuse_unlocked if self._plan.mode == "live" else _warn_unlocked),
            ingest=self._ingest,
        )

    def venues(self, chain: ChainPlan) -> dict[str, Venue]:
        """Those of a chain, by id."""
        items, scope = self._of(chain, self._plan.venues), self.scope(chain)
        return {item.id: self._registry.offer("venue", item.connector).factory(item.config, scope) for item in items}

    def lenders(self, chain: ChainPlan) -> dict[str, Lender]:
        """Those of a chain, by id."""
        items, scope = self._of(chain, self._plan.lenders), self.scope(chain)
        return {item.id: self._registry.offer("lender", item.connector).factory(item.config, scope) for item in items}

    def _routes(self, chain: ChainPlan, opened: Chain) -> dict[str, Route]:
        items = self._of(chain, self._plan.routes)
        return {item.id: self.route(item, chain, opened.client) for item in items}

    def route(self, item: ItemPlan, chain: ChainPlan, client: Client) -> Route:
        """One route over the family's client. SignerUnavailable when its own key cannot be had."""
        endpoint = str(getattr(item.config, "url", ""))
        if endpoint == _EMBEDDED:
            endpoint = self._extras(chain).get(item.connector, "")
            if not endpoint:
                raise IncompatibleConnector("G402", f"{item.id}: the embedded chain serves no {item.connector!r}")
        else:
            endpoint = self._store.text(endpoint)
        context = RouteContext(scope=self.scope(chain), client=client, endpoint=endpoint, secrets=self._secrets)
        offer = self._registry.offer("route", item.connector)
        route: Route = offer.factory(item.config, context)
        _within(item, Costs() if offer.costs is None else offer.costs(item.config), route.terms())
        return route

    def scope(self, chain: ChainPlan) -> ChainScope:
        """What the items of a chain know of it."""
        assets = {asset.id: asset for asset in self._plan.assets if asset.chain == chain.id}
        return ChainScope(
            chain_id=chain.id, identity=chain.identity, assets=assets, settings=chain.config, owner=chain.owner
        )

    def endpoint(self, chain: ChainPlan) -> str:
        """Where the chain is reached, secrets resolved: not to be shown or logged."""
        if chain.embedded is None:
            return self._store.text(chain.endpoint)
        if chain.id not in self._served:
            raise IncompatibleConnector("G402", f"{chain.id}: no embedded chain is served under this id")
        return self._served[chain.id].endpoint

    def _subscribed(self, chain: ChainPlan) -> dict[str, str]:
        """What comes with the chain, and where its connector subscribes when the recipe says so, secrets resolved."""
        websocket = self._store.text(str(getattr(chain.config, "websocket", "")))
        return {**self._extras(chain), **({"ws": websocket} if websocket else {})}

    def _extras(self, chain: ChainPlan) -> dict[str, str]:
        return self._served[chain.id].extras if chain.id in self._served else {}

    @staticmethod
    def _of(chain: ChainPlan, items: tuple[ItemPlan, ...]) -> list[ItemPlan]:
        return [item for item in items if item.chain == chain.id]


def _within(item: ItemPlan, costs: Costs, terms: RouteTerms) -> None:
    """What a plan says may be spent rests on the costs its routes say: IncompatibleConnector when they ask for more."""
    tip = terms.max_tip if terms.tip_accounts else 0
    if tip > costs.max_tip:
        raise IncompatibleConnector("G402", f"{item.id}: asks for tips up to {tip}, its costs say {costs.max_tip}")
    if costs.atomic and not terms.atomic:
        raise IncompatibleConnector("G402", f"{item.id}: failed transactions may land, its costs say they never do")


def _refuse_unlocked(family: Family) -> None:
    raise SignerUnavailable("G303", f"the {family} key may be swapped to disk")


def _warn_unlocked(family: Family) -> None:
    structlog.get_logger("wiring").warning(
        "the key may be swapped to disk", family=family, code="G303", hint=CODES["G303"].hint
    )
