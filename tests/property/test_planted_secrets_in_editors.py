"""Secrets planted in what an editor has open are in nothing the language server tells it, and in no log."""

from __future__ import annotations

import asyncio
import functools
import io
import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lsprotocol import converters
from lsprotocol import types as lsp
from planted import leaks
from planted_recipes import Planted, planted
from pygls.workspace import Workspace
from toy_connectors import toy_registry

from hoploop.editor.server import RecipeServer, make_server

_CONVERTER = converters.get_converter()
registry = functools.cache(toy_registry)


class Session:
    """A server whose editor writes down everything it is told; the editor's own text it is not."""

    def __init__(self, folder: Path, found: Planted) -> None:
        self.told: list[str] = []
        self._server = make_server(registry(), found.environ, 0)
        self._server.protocol._workspace = Workspace(folder.as_uri())
        self._server.text_document_publish_diagnostics = self._take  # type: ignore[method-assign]

    def _take(self, answer: Any) -> None:
        self.told.append(json.dumps(_CONVERTER.unstructure(answer), ensure_ascii=False))

    async def ask(self, method: str, params: Any) -> Any:
        answer = self._server.protocol.fm.features[method](params)
        answer = await answer if asyncio.iscoroutine(answer) else answer
        self._take(answer)
        return answer

    async def open(self, uri: str, text: str) -> None:
        item = lsp.TextDocumentItem(uri, "yaml", 1, text)
        self._server.workspace.put_text_document(item)
        await self.ask(lsp.TEXT_DOCUMENT_DID_OPEN, lsp.DidOpenTextDocumentParams(item))

    async def ask_everything(self, uri: str, place: lsp.Position) -> None:
        """All there is to ask at one place."""
        document = lsp.TextDocumentIdentifier(uri)
        at = lsp.Range(place, lsp.Position(10_000, 0))
        context = lsp.CodeActionContext([])
        await self.ask(lsp.TEXT_DOCUMENT_HOVER, lsp.HoverParams(document, place))
        await self.ask(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionParams(document, place))
        await self.ask(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionParams(document, at, context))
        await self.ask(lsp.TEXT_DOCUMENT_DEFINITION, lsp.DefinitionParams(document, place))
        references = lsp.ReferenceContext(include_declaration=True)
        await self.ask(lsp.TEXT_DOCUMENT_REFERENCES, lsp.ReferenceParams(references, document, place))
        await self.ask(lsp.TEXT_DOCUMENT_PREPARE_RENAME, lsp.PrepareRenameParams(document, place))
        await self.ask(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameParams(document, place, "other_name"))


async def _asked(session: Session, folder: Path, found: Planted, draw: Any) -> None:
    recipes = {name: text for name, text in found.files.items() if name.endswith((".yaml", ".md"))}
    for name, text in recipes.items():
        await session.open((folder / name).as_uri(), text)
    for name, text in recipes.items():
        uri, lines = (folder / name).as_uri(), text.split("\n")
        near = [number for number, line in enumerate(lines) if leaks(line, found.secrets)]
        for number in {*near[:3], *draw(st.lists(st.integers(0, len(lines) - 1), min_size=4, max_size=4))}:
            columns = st.integers(0, len(lines[number]))
            for column in {len(lines[number]), draw(columns), draw(columns)}:
                await session.ask_everything(uri, lsp.Position(number, column))
        symbols = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(uri))
        await session.ask(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, symbols)


@settings(
    phases=[Phase.generate], max_examples=max(10, settings.default.max_examples // 5),
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(found=planted(), data=st.data())
def test_a_planted_secret_is_in_nothing_an_editor_is_told(found: Planted, data: st.DataObject) -> None:
    log, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(log)
    root.addHandler(handler)
    try:
        with TemporaryDirectory() as name:
            folder = Path(name)
            for file, text in found.files.items():
                (folder / file).write_text(text, "utf-8")
            session = Session(folder, found)
            asyncio.run(_asked(session, folder, found, data.draw))
    finally:
        root.removeHandler(handler)
    for told in [*session.told, log.getvalue()]:
        assert not leaks(told, found.secrets), told[:3000]
    assert isinstance(session._server, RecipeServer)
