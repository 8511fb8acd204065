"""Puts values into ${env:NAME} and keeps ${secret:backend/name} as a reference, scalar by scalar."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.nodes import Node, Secret, children
from hoploop.recipe.scalars import read_plain
from hoploop.recipe.spans import Path

_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_ENV = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)\Z")
_SECRET = re.compile(r"secret:([a-z]+)/(.+)\Z")
BACKENDS: Mapping[str, re.Pattern[str]] = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z"),
    "file": re.compile(r"[^\x00-\x1f]+\Z"),
    "embedded": re.compile(r"[a-z][a-z0-9_]*\Z"),
}


def resolve(root: Node, environ: Mapping[str, str]) -> list[Diagnostic]:
    """Resolve references in place. A value can never become structure: it is read after the tree is built."""
    resolver = _Resolver(environ)
    resolver.visit(root, ())
    return resolver.findings


class _Resolver:
    """Walks the tree once; nodes shared by aliases are resolved once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._seen: set[int] = set()
        self.findings: list[Diagnostic] = []

    def visit(self, node: Node, path: Path) -> None:
        shared = {"scalar": node, "list": node.items, "map": node.entries}[node.kind]
        if id(shared) in self._seen:
            return
        self._seen.add(id(shared))
        if node.kind == "scalar":
            if isinstance(node.value, str) and "${" in node.value:
                self._scalar(node, path)
            return
        for part, child in children(node):
            self.visit(child, (*path, part))

    def _scalar(self, node: Node, path: Path) -> None:
        text = node.value
        whole = _TOKEN.fullmatch(text)
        if whole is not None and whole[2] and (secret := _SECRET.match(whole[1])):
            node.value = self._secret(node, path, secret[1], secret[2])
            return
        problems: list[Diagnostic] = []
        value = _TOKEN.sub(lambda match: self._part(match, node, path, problems), text)
        self.findings.extend(problems[:1])
        alone = whole is not None and whole[2] and node.plain and not problems
        reading = read_plain(value) if alone else None
        node.value = value if reading is None or reading.quote else reading.value

    def _secret(self, node: Node, path: Path, backend: str, name: str) -> Secret | str:
        if backend not in BACKENDS:
            message = f"unknown secret backend '{backend}'"
            self._find("R024", node, path, message, f"one of: {', '.join(BACKENDS)}")
        elif not BACKENDS[backend].match(name):
            self._find("R020", node, path, f"this is not a name for the secret backend '{backend}'", "")
        return Secret(f"{backend}/{name}")

    def _part(self, match: re.Match[str], node: Node, path: Path, problems: list[Diagnostic]) -> str:
        if match[0] == "$${":
            return "${"
        name = _ENV.match(match[1]) if match[2] else None
        if name is not None and name[1] in self._environ:
            return self._environ[name[1]]
        code, message, label = "R020", "this ${…} reference is malformed", "${env:NAME} or ${secret:backend/name}"
        if name is not None:
            code, message, label = "R021", f"the environment variable {name[1]} is not set", ""
        elif match[2] and _SECRET.match(match[1]):
            message, label = "a secret reference must be the whole value", ""
        elif re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", match[1]):
            label = f"write ${{env:{match[1]}}}"
        problems.append(Diagnostic(code=code, span=node.span, message=message, label=label, path=path))
        return ""

    def _find(self, code: str, node: Node, path: Path, message: str, label: str) -> None:
        self.findings.append(Diagnostic(code=code, span=node.span, message=message, label=label, path=path))
