"""The project's own Python files, parsed, for tests that read code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORK = ROOT / "framework" / "hoploop"
CONNECTORS = ROOT / "connectors"


class Module(NamedTuple):
    """One source file."""

    name: str
    """Dotted import name."""
    path: Path
    text: str
    tree: ast.Module

    @property
    def shown(self) -> str:
        """Path relative to the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        """The package relative imports count from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the framework and the connectors, tests left out."""
    found = []
    for root in (FRAMEWORK.parent, CONNECTORS):
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "tests" not in parts and not any(part.endswith(".egg-info") for part in parts):
                name = ".".join(part for part in parts if part != "__init__")
                text = path.read_text("utf-8")
                found.append(Module(name, path, text, ast.parse(text)))
    return tuple(found)


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """Every imported module with its line, also inside functions and `if TYPE_CHECKING`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = module.package.split(".")
                base = ".".join([*up[: len(up) - node.level + 1], *([base] if base else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno
