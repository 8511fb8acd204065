"""Which pools a universe holds: what it names adds up, what it excludes is taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from hoploop.model.market import PoolSpec
from hoploop.recipe.language.chains import AssetItem
from hoploop.recipe.language.universes import Tags, UniverseItem
from hoploop.recipe.masking import shown
from hoploop.recipe.spans import Path
from hoploop.recipe.words import suggest


class Names(NamedTuple):
    """What a universe of one chain may name."""

    pools: tuple[PoolSpec, ...]
    venues: frozenset[str]
    assets: Mapping[str, AssetItem]
    by_address: Mapping[str, str]
    """Ids of assets."""
    disabled: frozenset[str]

    @classmethod
    def of(
        cls,
        chain: str,
        pools: Sequence[PoolSpec],
        venues: Mapping[str, str],
        assets: Sequence[AssetItem],
        disabled: frozenset[str] = frozenset(),
    ) -> Names:
        """`venues` by id with the chain each is on; `disabled` venues and pools are known, but hold nothing."""
        return cls(
            tuple(pool for pool in pools if pool.chain == chain),
            frozenset(name for name, home in venues.items() if home == chain),
            {asset.id: asset for asset in assets if asset.chain == chain},
            {folded(asset.address): asset.id for asset in assets if asset.chain == chain},
            disabled,
        )

    def ids(self) -> set[str]:
        """Ids of venues and pools."""
        return {pool.id for pool in self.pools} | self.venues

    def known(self) -> set[str]:
        """Everything that `pools` may name, as `folded`."""
        return self.ids() | {folded(pool.address) for pool in self.pools} | self.disabled

    def meant(self, name: str) -> str:
        """The id of an asset that is named by its address; other names as `folded`."""
        return self.by_address.get(folded(name), folded(name))


def folded(name: str) -> str:
    """An id or address so that it can be compared: hexadecimal digits are written in either case."""
    return name.lower() if name.startswith("0x") else name


def is_named(pool: PoolSpec, names: Set[str]) -> bool:
    """Whether a list, as `folded`, names the pool or the venue it is of."""
    return pool.id in names or pool.venue in names or folded(pool.address) in names


def members(item: UniverseItem, names: Names) -> tuple[PoolSpec, ...]:
    """Pools of the universe in recipe order."""
    wanted = {folded(name) for name in item.pools}
    pairs, among = {frozenset(pair) for pair in item.pairs}, {names.meant(name) for name in item.assets}
    out = {names.meant(name) for name in item.exclude}

    def is_in(pool: PoolSpec) -> bool:
        ends = frozenset((pool.asset0, pool.asset1))
        return (
            is_named(pool, wanted)
            or ends in pairs
            or ends <= among
            or _tagged(item.tags, all, ends, names.assets)
        )

    def is_out(pool: PoolSpec) -> bool:
        ends = frozenset((pool.asset0, pool.asset1))
        return is_named(pool, out) or bool(ends & out) or _tagged(item.exclude_tags, any, ends, names.assets)

    return tuple(pool for pool in names.pools if is_in(pool) and not is_out(pool))


def problems(item: UniverseItem, names: Names) -> Iterator[tuple[Path, str, str]]:
    """Names that nothing has: place within the item, message, label."""
    known = names.known()
    everything = known | set(names.assets)
    for index, name in enumerate(item.pools):
        if folded(name) not in known:
            message = f"no venue or pool of '{item.chain}' has the id '{shown(name)}'"
            yield ("pools", index), message, suggest(name, sorted(names.ids()))
    for index, pair in enumerate(item.pairs):
        for at, name in enumerate(pair):
            if name not in names.assets:
                message = f"no asset of '{item.chain}' has the id '{name}'"
                yield ("pairs", index, at), message, suggest(name, names.assets)
    for index, name in enumerate(item.assets):
        if names.meant(name) not in names.assets:
            message = f"no asset of '{item.chain}' has the id '{shown(name)}'"
            yield ("assets", index), message, suggest(name, names.assets)
    for index, name in enumerate(item.exclude):
        if names.meant(name) not in everything:
            message = f"no venue, pool or asset of '{item.chain}' has the id '{shown(name)}'"
            yield ("exclude", index), message, suggest(name, sorted(names.ids() | set(names.assets)))


_Quantifier = Callable[[Iterator[bool]], bool]


def _tagged(groups: Tags, quantifier: _Quantifier, ends: frozenset[str], assets: Mapping[str, AssetItem]) -> bool:
    """Whether all (or any) of the assets have every tag of one of the groups."""
    tags = [set(assets[name].tags) for name in ends if name in assets]
    return any(group and quantifier(set(group) <= held for held in tags) for group in groups)
