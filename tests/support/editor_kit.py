"""Recipes with a marked place, and what the editor's language service answers there."""

from __future__ import annotations

from lsprotocol import types as lsp
from toy_connectors import toy_registry

from hoploop.editor.complete import Completer
from hoploop.editor.hover import hover
from hoploop.editor.navigate import Navigator
from hoploop.editor.project import Project
from hoploop.editor.text import Text

HERE = "▮"
"""Stands where the cursor is."""
TOP = "/bots/top.yaml"


class Desk:
    """An editor with toy connectors and no disk."""

    def __init__(self, **files: str) -> None:
        self.registry = toy_registry()
        self.project = Project(self.registry, {"TOY_CHAIN_ID": "31337", "TOY_VALUE": "hunter2-very-secret"})
        self._completer = Completer(self.registry, self.project.guide)
        for name, text in files.items():
            self.project.put(f"/bots/{name}.yaml", text)

    def type(self, marked: str, path: str = TOP) -> tuple[Text, int]:
        """Open a text; where its mark was."""
        offset = marked.index(HERE)
        text = marked.replace(HERE, "")
        self.project.put(path, text)
        return Text(text), offset

    def offered(self, text: Text, offset: int, path: str) -> list[lsp.CompletionItem]:
        """What is offered in an open text."""
        world = self.project.world(path)
        return list(self._completer.complete(text, offset, path, world, ["pairs.yaml"]).items)

    def items(self, marked: str) -> dict[str, lsp.CompletionItem]:
        """What is offered at the mark."""
        text, offset = self.type(marked)
        return {item.label: item for item in self.offered(text, offset, TOP)}

    def after(self, marked: str, label: str) -> str:
        """The text with one of the offers taken."""
        text, _ = self.type(marked)
        edit = self.items(marked)[label].text_edit
        assert isinstance(edit, lsp.TextEdit)
        return text.text[: text.at(edit.range.start)] + edit.new_text + text.text[text.at(edit.range.end) :]

    def hovered(self, text: Text, offset: int, path: str) -> lsp.Hover | None:
        """What hovering shows in an open text."""
        return hover(text, offset, path, self.project)

    def told(self, marked: str) -> str:
        """What hovering at the mark shows, as text."""
        text, offset = self.type(marked)
        self.project.check(TOP)
        shown = self.hovered(text, offset, TOP)
        if shown is None:
            return ""
        assert isinstance(shown.contents, lsp.MarkupContent)
        return shown.contents.value

    def navigator(self, marked: str) -> tuple[Navigator, lsp.Position]:
        """A navigator, and the mark as a position."""
        text, offset = self.type(marked)
        return Navigator(self.project.world(TOP), "file://{}".format, "utf-16"), text.position(offset)


def worded(locations: list[lsp.Location], desk: Desk) -> list[str]:
    """What stands at each place, with its line (from 1) and file."""
    found = []
    for location in locations:
        path = location.uri.removeprefix("file://")
        text = Text(desk.project.text(path) or "")
        word = text.text[text.at(location.range.start) : text.at(location.range.end)]
        found.append(f"{path.rpartition('/')[2]}:{location.range.start.line + 1} {word}")
    return found
