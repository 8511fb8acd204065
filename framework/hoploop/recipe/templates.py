"""Gives items what their templates and the defaults of their section say, below what they say themselves."""

from __future__ import annotations

from collections.abc import Iterator

from hoploop.recipe.diagnostics import Diagnostic, Related
from hoploop.recipe.masking import shown
from hoploop.recipe.merge import Merger
from hoploop.recipe.nodes import Node, named
from hoploop.recipe.spans import Path
from hoploop.recipe.words import suggest

MAX_CHAIN = 16


class Expander:
    """Expands the items of one recipe: own keys win over templates, later templates over earlier, all over defaults."""

    def __init__(self, templates: Node | None, merger: Merger) -> None:
        self._templates = named(templates)
        self._merger = merger
        self._made: dict[str, Node | None] = {}
        self._chain: list[str] = []
        self.findings: list[Diagnostic] = []

    def item(self, item: Node, path: Path, defaults: Node | None) -> Node:
        """The whole item at `path`; `item` itself when nothing is below it."""
        below = None
        if defaults is not None:
            below = defaults.via(Related(f"from the defaults of {path[0]}, used here", item.span, "default"))
        return self._over(below, item, path)

    def unused(self) -> Iterator[tuple[str, Node]]:
        """Templates that no item has taken."""
        yield from ((name, node) for name, node in self._templates.items() if name not in self._made)

    def _over(self, below: Node | None, item: Node, path: Path) -> Node:
        use = item.entries.get("use")
        if use is not None:
            for word in self._words(use.node, path):
                template = self._template(word, path)
                if template is not None:
                    name = str(word.value)
                    step = Related(f"from the template '{name}' used here", word.span, f"template {name}")
                    part = template.via(step)
                    below = part if below is None else self._merger.merge(below, part, path=path)
            own = {key: entry for key, entry in item.entries.items() if key != "use"}
            item = item.with_entries(own)
        return item if below is None else self._merger.merge(below, item, path=path)

    def _words(self, use: Node, path: Path) -> Iterator[Node]:
        for word in use.items if use.kind == "list" else (use,):
            if isinstance(word.value, str) and word.value:
                yield word
            else:
                self._find("R103", word, path, "expected the name of a template", "use: name, or use: [one, other]")

    def _template(self, word: Node, path: Path) -> Node | None:
        name = str(word.value)
        if name not in self._templates:
            self._find("R035", word, path, f"there is no template '{shown(name)}'", suggest(name, self._templates))
            return None
        if name in self._chain:
            circle = " → ".join([*self._chain[self._chain.index(name) :], name])
            self._find("R036", word, path, f"templates use each other in a circle: {circle}")
            return None
        if name not in self._made:
            if len(self._chain) == MAX_CHAIN:
                self._find("R036", word, path, f"templates use each other more than {MAX_CHAIN} deep")
                return None
            self._chain.append(name)
            self._made[name] = self._over(None, self._templates[name], ("templates", name))
            self._chain.pop()
        return self._made[name]

    def _find(self, code: str, node: Node, path: Path, message: str, label: str = "") -> None:
        where = (*path, "use")
        self.findings.append(
            Diagnostic(code=code, span=node.span, message=message, label=label, path=where, related=node.way)
        )
