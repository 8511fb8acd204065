"""Factories whose module is imported at their first call: checking a recipe needs no network code."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def lazily(package: str, target: str) -> Callable[..., Any]:
    """The factory `module:name` of a package, imported when it is called; the contract suite calls every one."""
    module, _, name = target.partition(":")

    def factory(*given: Any) -> Any:
        return getattr(importlib.import_module(f"{package}.{module}"), name)(*given)

    return factory
