"""An editor's session with `hoploop lsp`: its messages, sent by a client library over stdin and stdout."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from editor_client import Editor, place
from lsprotocol import types as lsp
from repository import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")
COMMAND = (sys.executable, "-m", "hoploop", "lsp")
ENVIRON = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
RECIPE = (ROOT / "recipes" / "paper" / "evm_flash.yaml").read_text("utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    folder = tmp_path_factory.mktemp("bots")
    client = Editor(folder)
    await client.start_io(*COMMAND, env=ENVIRON)
    general = lsp.GeneralClientCapabilities(position_encodings=[lsp.PositionEncodingKind.Utf16])
    workspace = [lsp.WorkspaceFolder(folder.as_uri(), "bots")]
    started = await client.initialize_async(
        lsp.InitializeParams(lsp.ClientCapabilities(general=general), workspace_folders=workspace)
    )
    assert started.capabilities.position_encoding == lsp.PositionEncodingKind.Utf16
    client.initialized(lsp.InitializedParams())
    yield client
    await client.leave()


async def test_findings_follow_what_is_typed(editor: Editor) -> None:
    editor.open("typed.yaml", RECIPE)
    await editor.codes("typed.yaml", [])
    editor.edit("typed.yaml", 2, RECIPE + "nonsense: 1\n")
    (found,) = await editor.codes("typed.yaml", ["R101"])
    assert found.range.start == lsp.Position(RECIPE.count("\n"), 0)
    assert (found.source, found.severity) == ("hoploop", lsp.DiagnosticSeverity.Error)
    editor.edit("typed.yaml", 3, RECIPE)
    await editor.codes("typed.yaml", [])
    editor.close("typed.yaml")


async def test_many_quick_edits_end_with_the_findings_of_the_last(editor: Editor) -> None:
    editor.open("quick.yaml", RECIPE)
    await editor.codes("quick.yaml", [])
    for version in range(2, 40):
        editor.edit("quick.yaml", version, RECIPE + "x" * version + ": 1\n")
    (found,) = await editor.codes("quick.yaml", ["R101"])
    assert "x" * 39 in found.message
    editor.close("quick.yaml")


async def test_an_unsaved_file_is_seen_by_the_recipe_that_includes_it(editor: Editor) -> None:
    editor.open("part.yaml", "risk: {daily_loss: {weth: 1}}\n")
    editor.open("whole.yaml", "include: [part.yaml]\n" + RECIPE[: RECIPE.index("risk:")])
    (found,) = await editor.codes("part.yaml", ["R106"])
    assert found.related_information is not None
    assert found.related_information[0].location.uri == editor.uri("whole.yaml")
    editor.edit("part.yaml", 2, 'risk: {daily_loss: {weth: "1 WETH"}}\n')
    await editor.codes("part.yaml", [])
    editor.close("whole.yaml")
    editor.close("part.yaml")


async def test_closing_a_file_takes_its_findings_away(editor: Editor) -> None:
    editor.open("closed.yaml", "recipe: closed\n")
    await editor.codes("closed.yaml", ["R102"] * 5)
    editor.close("closed.yaml")
    await editor.codes("closed.yaml", [])


async def test_a_valid_recipe_is_given_advice(editor: Editor) -> None:
    alone = re.sub(r"order: \[(\w+), .*?\]", r"order: [\1]", RECIPE)
    assert alone != RECIPE
    editor.open("advised.yaml", alone)
    found = await editor.until("advised.yaml", lambda found: any(one.code == "R381" for one in found))
    advice = {one.severity for one in found if str(one.code).startswith("R38")}
    assert advice == {lsp.DiagnosticSeverity.Information}
    editor.close("advised.yaml")


async def test_other_yaml_is_left_alone(editor: Editor) -> None:
    editor.open("compose.yaml", "services: {web: {image: nginx}}\n")
    await editor.codes("compose.yaml", [])
    editor.close("compose.yaml")


async def test_a_place_after_wide_characters_is_counted_as_negotiated(editor: Editor) -> None:
    editor.open("wide.yaml", RECIPE + "vars: {'😀😀': 1, a: 2}\n")
    found = await editor.codes("wide.yaml", ["R105"])
    line = RECIPE.count("\n")
    assert found[0].range == lsp.Range(lsp.Position(line, 7), lsp.Position(line, 13))
    editor.close("wide.yaml")


async def test_completion_hover_and_definition_answer(editor: Editor) -> None:
    editor.open("asked.yaml", RECIPE)
    document = editor.document("asked.yaml")
    here = place(RECIPE, "base: weth", 7)
    assert {"weth", "usdc"} <= await editor.offers("asked.yaml", here)
    shown = await editor.text_document_hover_async(lsp.HoverParams(document, here))
    assert shown is not None
    assert "Asset cycles start and end in." in str(shown.contents)
    (given,) = await editor.text_document_definition_async(lsp.DefinitionParams(document, here))
    assert given.range.start == place(RECIPE, "id: weth", 4)
    uses = await editor.text_document_references_async(
        lsp.ReferenceParams(lsp.ReferenceContext(include_declaration=True), document, here)
    )
    assert len(uses or ()) > 5
    outline = await editor.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    assert {"chains", "strategies"} <= {symbol.name for symbol in outline or ()}
    editor.close("asked.yaml")


async def test_a_correction_is_offered_and_corrects(editor: Editor) -> None:
    wrong = RECIPE.replace("decimals:", "decimal:", 1)
    editor.open("wrong.yaml", wrong)
    found = await editor.codes("wrong.yaml", ["R101"])
    unknown = next(one for one in found if one.code == "R101")
    params = lsp.CodeActionParams(editor.document("wrong.yaml"), unknown.range, lsp.CodeActionContext([unknown]))
    offered = await editor.text_document_code_action_async(params)
    (action,) = [one for one in offered or () if isinstance(one, lsp.CodeAction)]
    assert action.title == "Write decimals"
    assert action.edit is not None
    assert action.edit.changes is not None
    (edit,) = action.edit.changes[editor.uri("wrong.yaml")]
    assert (edit.range, edit.new_text) == (unknown.range, "decimals")
    editor.close("wrong.yaml")


async def test_a_recipe_is_laid_out_as_fmt_does(editor: Editor) -> None:
    editor.open("loose.yaml", RECIPE.replace("mode: paper", "mode:   paper", 1))
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    params = lsp.DocumentFormattingParams(editor.document("loose.yaml"), options)
    edits = await editor.text_document_formatting_async(params)
    line = RECIPE[: RECIPE.index("mode: paper")].count("\n")
    assert [(edit.range.start.line, edit.new_text) for edit in edits or ()] == [(line, "mode: paper\n")]
    editor.close("loose.yaml")


async def test_a_request_for_nothing_is_answered_and_the_session_goes_on(editor: Editor) -> None:
    editor.open("empty.yaml", "")
    far = lsp.Position(99, 99)
    for name in ("empty.yaml", "never_opened.yaml"):
        document = editor.document(name)
        assert await editor.text_document_hover_async(lsp.HoverParams(document, far)) is None
        assert not await editor.text_document_definition_async(lsp.DefinitionParams(document, far))
        assert await editor.text_document_rename_async(lsp.RenameParams(document, far, "x")) is None
        assert "chains" in await editor.offers(name, far)
    editor.close("empty.yaml")


async def test_no_finding_shows_a_secret(editor: Editor) -> None:
    secret = "0x" + "ab" * 32
    text = RECIPE.replace("${secret:embedded/evm_executor}", f'"{secret}"')
    assert text != RECIPE
    editor.open("secret.yaml", text)
    found = await editor.codes("secret.yaml", ["R023"])
    here = place(text, secret, 5)
    document = editor.document("secret.yaml")
    shown = await editor.text_document_hover_async(lsp.HoverParams(document, here))
    params = lsp.CodeActionParams(document, found[0].range, lsp.CodeActionContext(found))
    assert secret[2:] not in f"{found}{shown}{await editor.text_document_code_action_async(params)}"
    editor.close("secret.yaml")


async def test_a_file_changed_elsewhere_is_checked_again(editor: Editor) -> None:
    part = editor.folder / "elsewhere.yaml"
    part.write_text('risk: {daily_loss: {weth: "1 WETH"}}\n')
    editor.open("around.yaml", "include: [elsewhere.yaml]\n" + RECIPE[: RECIPE.index("risk:")])
    await editor.codes("around.yaml", [])
    part.write_text("risk: {daily_loss: {weth: 1}}\n")
    change = lsp.FileEvent(part.as_uri(), lsp.FileChangeType.Changed)
    editor.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([change]))
    await editor.codes("elsewhere.yaml", ["R106"])
    editor.close("around.yaml")


async def test_one_editor_is_served_on_a_loopback_port(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(*COMMAND, "--port", str(port), env=ENVIRON)
    client = Editor(tmp_path)
    async with asyncio.timeout(60):
        while True:
            try:
                await client.start_tcp("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
        await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
        client.initialized(lsp.InitializedParams())
        client.open("far.yaml", "recipe: far\n")
        await client.codes("far.yaml", ["R102"] * 5)
        await client.shutdown_async(None)
        client.exit(None)
        assert await server.wait() == 0
    await client.stop()
