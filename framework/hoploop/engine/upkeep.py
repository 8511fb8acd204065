"""Keeps true what a street rests on: pool states after a gap, fees, balances and liquidity."""

from __future__ import annotations

from hoploop.engine.kit import ChainKit
from hoploop.engine.street import Street
from hoploop.model.market import PoolSnapshot
from hoploop.recipe.plan import Plan


class Upkeep:
    """Reads beside the hot path. Errors are the connectors' own; the caller decides how to go on."""

    def __init__(self, street: Street, kit: ChainKit, plan: Plan) -> None:
        self._street, self._kit = street, kit
        bases = {strategy.base for strategy in street.market.strategies.values()}
        self._addresses = {asset.id: asset.address for asset in plan.assets if asset.id in bases}

    async def refresh(self) -> None:
        """Fee policy, own balances, what lenders have; once before the first opportunity, then now and then."""
        await self._kit.composer.refresh(self._kit.client)
        self._street.market.set_fees(self._kit.composer.fees())
        await self._read_own()
        await self._read_lenders()

    async def resync(self) -> None:
        """Read all pools until it succeeds without a gap in between; a failed try waits for the next head."""
        while self._street.resyncing:
            gaps, seen = self._street.counters.gaps, self._street.heads.count
            snapshots = await self._read_pools()
            number = max((snapshot.seq for snapshot in snapshots), default=0) >> 20
            if not self._street.resynced(gaps, snapshots, number):
                await self._street.heads.after(seen)

    async def prove(self) -> None:
        """Read all pools once, as far as into the native market: what does not decode is an error here."""
        self._street.market.load(await self._read_pools())

    async def _read_pools(self) -> list[PoolSnapshot]:
        found: list[PoolSnapshot] = []
        pools = self._street.market.pools.values()
        for name, venue in self._kit.venues.items():
            wanted = [pool for pool in pools if pool.venue == name]
            if wanted:
                found += await venue.snapshot(self._kit.client, wanted)
        return found

    async def _read_own(self) -> None:
        native = await self._kit.client.balance("")
        own = {asset: await self._kit.client.balance(address) for asset, address in self._addresses.items()}
        self._street.funds.set_own(native, own)
        for asset, amount in own.items():
            self._street.market.set_own_capital(asset, amount)

    async def _read_lenders(self) -> None:
        for name, lender in self._kit.lenders.items():
            lendable = set(lender.terms().assets) & set(self._addresses)
            for asset in sorted(lendable):
                amount = await lender.available(self._kit.client, asset)
                self._street.funds.set_lendable(name, asset, amount)
                self._street.market.set_available(name, asset, amount)
