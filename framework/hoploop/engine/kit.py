"""The connectors one street works with, opened and ready."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hoploop.plugin.kinds import ChainClient, Composer, Lender, Route, Venue


class ChainKit(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one chain by recipe id."""

    client: ChainClient
    composer: Composer
    venues: Mapping[str, Venue]
    lenders: Mapping[str, Lender]
    routes: Mapping[str, Route]
