"""Which kinds of vector files there are, how each is recognised, and which module checks it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Literal

import msgspec

from hoploop.verify.report import Checked

Engine = Literal["native", "reference"]


class Source(msgspec.Struct, frozen=True):
    """A file to check: where it lies, the folder `verify` was given, its unpacked bytes, its fields at the top."""

    path: Path
    root: Path
    data: bytes
    fields: frozenset[str]


Checker = Callable[[Source, Engine], Checked]
"""Raises ValueError (msgspec.ValidationError is one) when the file is not what its fields promise."""


class Kind(msgspec.Struct, frozen=True):
    """One kind: a file is of it when it has all of `fields`. An empty `module` means that it is not checked here."""

    name: str
    fields: frozenset[str]
    module: str = ""
    note: str = ""

    def checker(self) -> Checker:
        """`check` of the kind's module, imported when the first such file is met."""
        if not self.module:
            return self._skip
        check: Checker = import_module(self.module).check
        return check

    def _skip(self, source: Source, engine: Engine) -> Checked:
        return Checked("", (), self.note)


_ELSEWHERE = "skipped: instruction records are checked with the connectors"

KINDS: tuple[Kind, ...] = (
    Kind("flash loans", frozenset({"lender", "accounts", "roles", "cases"}), "hoploop.verify.loans"),
    Kind("swaps", frozenset({"venue", "accounts", "roles", "cases"}), "hoploop.verify.swaps"),
    Kind("EVM answers", frozenset({"entries", "chain_id", "block_number"}), "hoploop.verify.evm"),
    Kind("EVM states", frozenset({"chain_id", "block"}), note="a state that answers are checked on"),
    Kind("instructions", frozenset({"instructions"}), note=_ELSEWHERE),
    Kind("instructions", frozenset({"transactions"}), note=_ELSEWHERE),
)
"""Tried in this order. A new kind is a line here and a module with `check(source, engine) -> Checked`."""


def kind_of(fields: frozenset[str]) -> Kind | None:
    """The first kind whose fields are all there."""
    return next((kind for kind in KINDS if kind.fields <= fields), None)
