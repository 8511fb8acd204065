"""`vars:` in the order in which they need each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.nodes import Node, children

VAR = re.compile(r"var:([A-Za-z_][A-Za-z0-9_]*)\Z")
_USED = re.compile(r"\$\{var:([A-Za-z_][A-Za-z0-9_]*)\}")


def ordered(variables: Mapping[str, Node]) -> tuple[list[str], list[Diagnostic]]:
    """Names so that each comes after those it needs; those in a circle are left out with a finding each circle."""
    needs = {name: [use for use in used_in(node) if use in variables] for name, node in variables.items()}
    order: list[str] = []
    state: dict[str, bool] = {}
    findings = []
    for start in variables:
        stack = [] if start in state else [(start, iter(needs[start]))]
        state.setdefault(start, False)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                state[name] = True
                order.append(name)
            elif following not in state:
                state[following] = False
                stack.append((following, iter(needs[following])))
            elif not state[following]:
                names = [one for one, _ in stack]
                findings.append(_circle([*names[names.index(following) :], following], variables[name]))
    return order, findings


def used_in(root: Node) -> Iterator[str]:
    """Names of the variables a tree uses, as often as it does; parts shared by aliases once."""
    seen: dict[int, object] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind == "scalar":
            if isinstance(node.value, str) and "${var:" in node.value:
                yield from _USED.findall(node.value)
            continue
        shared: object = node.items if node.kind == "list" else node.entries
        if id(shared) not in seen:
            seen[id(shared)] = shared
            stack += [child for _, child in children(node)]


def _circle(names: list[str], node: Node) -> Diagnostic:
    shown = " → ".join(names if len(names) <= 8 else [*names[:4], "…", *names[-3:]])
    return Diagnostic(
        code="R026",
        span=node.span,
        message=f"variables refer to each other in a circle: {shown}",
        path=("vars", names[-2]),
        related=node.way,
    )
