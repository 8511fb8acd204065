"""The language server: editors talk to it over stdin and stdout, tests also over a loopback socket."""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from collections.abc import Mapping
from typing import Any

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from hoploop import __version__
from hoploop.editor.complete import Completer
from hoploop.editor.hover import hover
from hoploop.editor.navigate import Navigator
from hoploop.editor.problems import actions, layout, shown, unchecked
from hoploop.editor.project import Project
from hoploop.editor.text import Text
from hoploop.plugin.registry import Registry

PAUSE_S = 0.2
"""After the last keystroke, before a recipe is checked."""
TRACEBACK = "HOPLOOP_TRACEBACK"
"""Set in the environment, it shows where a fault is from."""
_LOG = logging.getLogger(__name__)
_WATCHED = "**/*.{yaml,yml}"


class RecipeServer(LanguageServer):
    """One editor's session. A fault in a request fails that request; it never ends the session."""

    def __init__(self, registry: Registry, environ: Mapping[str, str], pause_s: float = PAUSE_S) -> None:
        # Whole texts instead of increments: pygls and YAML disagree on which characters end a line.
        super().__init__("hoploop", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.project = Project(registry, environ)
        self.completer = Completer(registry, self.project.guide)
        self.pause_s = pause_s
        self._uris: dict[str, str] = {}
        self._latest: dict[str, object] = {}
        self._busy = asyncio.Lock()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Say that something went wrong, without the text of the error: it could quote a recipe."""
        if os.environ.get(TRACEBACK):
            traceback.print_exception(error)
        _LOG.error("%s: %s", getattr(source, "__name__", source), type(error).__name__)

    @property
    def encoding(self) -> str:
        """Units of positions, as negotiated."""
        found = self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16
        return str(getattr(found, "value", found))

    def path(self, uri: str) -> str:
        """The path of a document; its address when it has none."""
        path = uris.to_fs_path(uri) if uri.startswith("file:") else None
        path = uri if path is None else os.path.normpath(path)
        self._uris[path] = uri
        return path

    def uri(self, path: str) -> str:
        """The address of a path, as the editor writes it if it named it."""
        return self._uris.get(path) or uris.from_fs_path(path) or path

    def text(self, path: str) -> Text:
        """A file's text with the editor's units."""
        return Text(self.project.text(path) or "", self.encoding)

    def take(self, uri: str) -> str:
        """Bring a document's text over from the editor."""
        path = self.path(uri)
        self.project.put(path, self.workspace.get_text_document(uri).source)
        return path

    async def check(self, path: str, pause_s: float) -> None:
        """Check what a file is part of once it has been quiet for a while, and tell the editor."""
        mark = self._latest[path] = object()
        await asyncio.sleep(pause_s)
        async with self._busy:
            if self._latest.get(path) is not mark:
                return
            try:
                touched = await asyncio.to_thread(self.project.check, path)
            except BaseException as error:
                self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.uri(path), [unchecked(error)]))
                raise
        if self._latest.get(path) is mark:
            self.publish(touched)

    async def check_all(self) -> None:
        """Check everything that is open: something else changed."""
        self.project.stale()
        for path in self.project.opened():
            await self.check(path, 0)

    def publish(self, paths: set[str]) -> None:
        """Tell the editor everything known about some files."""
        texts: dict[str, Text] = {}

        def text_of(path: str) -> Text:
            if path not in texts:
                texts[path] = self.text(path)
            return texts[path]

        for path in sorted(paths):
            found = [shown(one, text_of(path), text_of, self.uri) for one in self.project.findings(path)]
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.uri(path), found))

    def forget(self, uri: str) -> None:
        """The editor closed a document."""
        path = self.path(uri)
        self._latest.pop(path, None)
        self.publish({path, *self.project.drop(path)})

    def navigator(self, path: str) -> Navigator:
        """Over the recipe as it is now."""
        return Navigator(self.project.world(path), self.uri, self.encoding)


def make_server(registry: Registry, environ: Mapping[str, str], pause_s: float = PAUSE_S) -> RecipeServer:
    """A server that answers everything this package can."""
    server = RecipeServer(registry, environ, pause_s)
    _folders(server)
    _documents(server)
    _reading(server)
    _moving(server)
    return server


def _documents(server: RecipeServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        await server.check(server.take(params.text_document.uri), 0)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        await server.check(server.take(params.text_document.uri), server.pause_s)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.project.stale()
        await server.check(server.take(params.text_document.uri), 0)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)


def _folders(server: RecipeServer) -> None:
    def take_folders() -> None:
        root = server.workspace.root_path
        folders = [server.path(folder.uri) for folder in server.workspace.folders.values()]
        server.project.folders = folders or ([os.path.normpath(root)] if root else [])

    @server.feature(lsp.INITIALIZED)
    async def initialized(_params: lsp.InitializedParams) -> None:
        take_folders()
        workspace = server.client_capabilities.workspace
        watching = None if workspace is None else workspace.did_change_watched_files
        if watching is not None and watching.dynamic_registration:
            options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(_WATCHED)])
            wanted = lsp.Registration("recipes", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await server.client_register_capability_async(lsp.RegistrationParams([wanted]))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def moved(_params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        take_folders()
        await server.check_all()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(_params: lsp.DidChangeWatchedFilesParams) -> None:
        await server.check_all()


def _reading(server: RecipeServer) -> None:
    triggers = lsp.CompletionOptions(trigger_characters=[" ", ":", "{", "[", "-", "/", '"'])

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, triggers)
    def complete(params: lsp.CompletionParams) -> lsp.CompletionList:
        path = server.path(params.text_document.uri)
        text = server.text(path)
        near = server.project.beside(path) if os.path.isabs(path) else ()
        world = server.project.world(path, hurry=True)
        return server.completer.complete(text, text.at(params.position), path, world, near)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        path = server.path(params.text_document.uri)
        text = server.text(path)
        return hover(text, text.at(params.position), path, server.project)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        path = server.path(params.text_document.uri)
        return server.navigator(path).symbols(path)

    kinds = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def act(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        path = server.path(uri)
        findings, known = server.project.findings(path), params.context.diagnostics
        return actions(findings, server.text(path), params.range, path, uri, known)

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def lay_out(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        path = server.path(params.text_document.uri)
        after = server.project.laid_out(path)
        return None if after is None else layout(server.text(path), after)


def _moving(server: RecipeServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        path = server.path(params.text_document.uri)
        return server.navigator(path).definitions(path, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        path = server.path(params.text_document.uri)
        return server.navigator(path).references(path, params.position, params.context.include_declaration)

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def renamable(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        path = server.path(params.text_document.uri)
        return server.navigator(path).renamable(path, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        path = server.path(params.text_document.uri)
        return server.navigator(path).rename(path, params.position, params.new_name)
