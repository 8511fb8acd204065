"""The native keys and templates, by family: what wiring hands to chain connectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hoploop.hot import EvmSigner, EvmTemplate, EvmTemplates, SolanaSigner, SolanaTemplate, SolanaTemplates
from hoploop.model.chain import Family

_SIGNERS: dict[Family, type[EvmSigner | SolanaSigner]] = {"evm": EvmSigner, "solana": SolanaSigner}
_TEMPLATES: dict[Family, type[EvmTemplate | SolanaTemplate]] = {"evm": EvmTemplate, "solana": SolanaTemplate}
_FAMILIES: dict[Family, type[EvmTemplates | SolanaTemplates]] = {"evm": EvmTemplates, "solana": SolanaTemplates}


class NativeSigning:
    """Keys on locked pages, wiped when they go; HotError (a ValueError) for bytes that are no key or transaction."""

    def __init__(self, on_unlocked: Callable[[Family], object]) -> None:
        """`on_unlocked` hears of a key the system would not keep out of swap and dumps, and may raise."""
        self._on_unlocked = on_unlocked

    def signer(self, family: Family, secret: bytes) -> EvmSigner | SolanaSigner:
        """The key of `secret`."""
        made = _SIGNERS[family](secret)
        if not made.locked:
            self._on_unlocked(family)
        return made

    def templates(self, family: Family, capacity: int) -> EvmTemplates | SolanaTemplates:
        """None yet."""
        return _FAMILIES[family](capacity)

    def template(
        self, family: Family, unsigned: bytes, slots: Sequence[tuple[int, int, int]]
    ) -> EvmTemplate | SolanaTemplate:
        """The template of `unsigned`."""
        return _TEMPLATES[family](unsigned, slots)
