"""Who may import whom: the table of docs/architecture.md, read from the imports."""

from __future__ import annotations

import pytest
from sources import Module, imports, modules

FRAMEWORK_ROOMS = {
    "errors": {"codes"},
    "codes": set(),
    "model": {"errors"},
    "plugin": {"model"},
    "recipe": {"plugin", "model"},
    "editor": {"recipe", "plugin", "model"},
    "hot": {"model"},
    "engine": {"recipe.plan", "hot", "plugin", "model"},
    "ledger": {"model"},
    "local": {"model"},
    "runtime": {
        "engine", "ledger", "hot", "recipe.plan", "recipe.diff", "recipe.propose", "plugin", "model", "local",
    },
    "rehearsal": {
        "engine", "hot", "plugin", "model", "recipe.plan", "recipe.language", "recipe.units", "runtime.wiring",
        "runtime.local_chains",
    },
    "checkup": {"plugin", "model", "recipe", "runtime.wiring", "runtime.local_chains"},
    "verify": {"hot"},
    "console": {"model", "ledger.reader", "runtime.client"},
}  # fmt: skip
"""Room -> rooms or modules it may import besides itself, `errors` and `codes`; `cli` may import everything."""

_MODULES = {module.name: module for module in modules()}


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def _offences(module: Module) -> list[str]:
    room = _room(module.name)
    allowed = FRAMEWORK_ROOMS[room] | {room, "errors", "codes"}
    found = []
    for target, line in imports(module):
        head, _, rest = target.partition(".")
        if head in ("hoploop_evm", "hoploop_solana"):
            found.append(f"{module.shown}:{line} imports a connector: {target}")
        elif head == "hoploop" and rest and not rest.startswith("__version__"):
            inside = any(rest == name or rest.startswith(f"{name}.") for name in allowed)
            if not inside:
                found.append(f"{module.shown}:{line} imports {target}")
    return found


def _rooms() -> list[str]:
    return sorted({_room(name) for name in _MODULES if name.startswith("hoploop.")} - {"cli", "__main__", ""})


@pytest.mark.parametrize("room", _rooms())
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    offences = [
        line for module in modules() if module.name.startswith("hoploop.") and _room(module.name) == room
        for line in _offences(module)
    ]  # fmt: skip
    assert offences == []


def test_every_room_is_in_the_table() -> None:
    assert set(_rooms()) <= set(FRAMEWORK_ROOMS)


def test_connectors_import_only_contracts_and_their_familys_shared_code() -> None:
    offences = []
    for module in modules():
        family, _, rest = module.name.partition(".")
        if family == "hoploop":
            continue
        own = f"{family}.{rest.split('.')[0]}" if rest else family
        allowed = (own, f"{family}._shared", f"{family}.sdk", "hoploop.model", "hoploop.plugin", "hoploop.errors")
        if rest == "sdk":  # what others build on may hand out the family's chain
            allowed = (*allowed, family)
        for target, line in imports(module):
            if target.split(".")[0] in ("hoploop", "hoploop_evm", "hoploop_solana") and not any(
                target == name or target.startswith(f"{name}.") for name in allowed
            ):
                offences.append(f"{module.shown}:{line} imports {target}")
    assert offences == []


def test_only_the_hot_package_imports_the_native_module() -> None:
    importers = {module.name for module in modules() for target, _ in imports(module) if "hot._native" in target}
    assert importers <= {"hoploop.hot"}


def test_imports_have_no_circle_between_rooms() -> None:
    edges: dict[str, set[str]] = {}
    for module in modules():
        if module.name.startswith("hoploop."):
            for target, _ in imports(module):
                if target.startswith("hoploop.") and _room(target) != _room(module.name):
                    edges.setdefault(_room(module.name), set()).add(_room(target))

    def reach(room: str, seen: frozenset[str]) -> frozenset[str]:
        for after in edges.get(room, set()) - seen:
            seen = reach(after, seen | {after})
        return seen

    assert [room for room in edges if room in reach(room, frozenset())] == []
