"""An editor that talks to a language server through a client library."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

_LONGEST_S = 30
"""Longest wait for the server, which starts on a busy machine."""


class Editor(LanguageClient):
    """A client that keeps what the server publishes about the files of one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__("editor", "1")
        self.folder = folder
        self.published: dict[str, list[lsp.Diagnostic]] = {}
        self.told = asyncio.Condition()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def take(params: lsp.PublishDiagnosticsParams) -> None:
            async with self.told:
                self.published[params.uri] = list(params.diagnostics)
                self.told.notify_all()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str) -> None:
        item = lsp.TextDocumentItem(self.uri(name), "yaml", 1, text)
        self.published.pop(self.uri(name), None)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def edit(self, name: str, version: int, text: str) -> None:
        document = lsp.VersionedTextDocumentIdentifier(version, self.uri(name))
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    def close(self, name: str) -> None:
        self.text_document_did_close(lsp.DidCloseTextDocumentParams(self.document(name)))

    async def codes(self, name: str, wanted: list[str]) -> list[lsp.Diagnostic]:
        """Wait until a file has findings of these codes and no others but advice."""
        found = await self.until(name, lambda found: [str(one.code) for one in _wrong(found)] == wanted)
        return _wrong(found)

    async def until(self, name: str, fits: Callable[[list[lsp.Diagnostic]], bool]) -> list[lsp.Diagnostic]:
        """Wait for findings of a file that fit."""
        uri = self.uri(name)
        async with asyncio.timeout(_LONGEST_S), self.told:
            await self.told.wait_for(lambda: uri in self.published and fits(self.published[uri]))
        return self.published[uri]

    async def offers(self, name: str, position: lsp.Position) -> set[str]:
        """What is offered at a place."""
        params = lsp.CompletionParams(self.document(name), position)
        found = await self.text_document_completion_async(params)
        return {item.label for item in (found.items if isinstance(found, lsp.CompletionList) else found or ())}

    async def leave(self) -> None:
        """End the session as editors do."""
        await self.shutdown_async(None)
        self.exit(None)
        await self.stop()


def _wrong(found: list[lsp.Diagnostic]) -> list[lsp.Diagnostic]:
    return [one for one in found if one.severity != lsp.DiagnosticSeverity.Information]


def place(text: str, word: str, into: int = 0) -> lsp.Position:
    """The position within the first `word`; its lines hold ASCII before it."""
    before = text[: text.index(word) + into]
    return lsp.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
