"""What people see who edit recipes with yaml-language-server and the published schema, nothing of Hoploop running."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from editor_client import Editor, place
from lsprotocol import types as lsp
from repository import RECIPES, ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERVER = ROOT / "tests/support/yaml_language_server/node_modules/yaml-language-server/bin/yaml-language-server"
RECIPE = (ROOT / "recipes" / "paper" / "evm_flash.yaml").read_text("utf-8")
HERE = "▮"


@pytest.fixture(scope="module")
def command() -> tuple[str, str]:
    node = shutil.which("node")
    if node is None or not SERVER.is_file():
        why = "yaml-language-server is not installed: `just _npm` does it, with npm"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return node, str(SERVER)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(command: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    """A folder laid out as the repository, so that the modeline of a recipe finds the schema."""
    top = tmp_path_factory.mktemp("repository")
    folder = top / "recipes" / "paper"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "schemas", top / "schemas")
    client = Editor(folder)
    settings = {"schemaStore": {"enable": False, "url": ""}, "validate": True, "completion": True, "hover": True}

    @client.feature(lsp.WORKSPACE_CONFIGURATION)
    def configured(params: lsp.ConfigurationParams) -> list[object]:
        return [settings if item.section == "yaml" else {} for item in params.items]

    @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
    def registered(_params: lsp.RegistrationParams) -> None:
        return None

    await client.start_io(*command, "--stdio")
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=top.as_uri()))
    client.initialized(lsp.InitializedParams())
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({"yaml": settings}))
    yield client
    await client.leave()


async def offers(editor: Editor, name: str, marked: str) -> set[str]:
    text = marked.replace(HERE, "")
    editor.open(name, text)
    found = await editor.offers(name, place(marked, HERE))
    editor.close(name)
    return found


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
async def test_a_recipe_of_the_repository_has_no_findings_but_what_is_added(editor: Editor, path: Path) -> None:
    editor.open(f"good_{path.name}", path.read_text("utf-8") + "nonsense: 1\n")
    (found,) = await editor.until(f"good_{path.name}", lambda found: len(found) > 0)
    assert found.message == "Property nonsense is not allowed."


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("decimals: 18", "decimal: 18", "Property decimal is not allowed"),
        ("decimals: 18, ", "", 'Missing property "decimals"'),
        ("mode: paper", "mode: papier", "Valid values"),
        ("fee: 30bps", "fee: 30", 'Expected "string"'),
        ("connector: uniswap_v3", "connector: uniswap_v9", "uniswap_v3"),
        ("key: ${secret:embedded/evm_executor}", "key: plain", "pattern"),
    ],
    ids=["unknown key", "missing key", "choice", "bare number", "connector", "secret"],
)
async def test_a_fault_is_found_on_its_line(
    editor: Editor, old: str, new: str, says: str, request: pytest.FixtureRequest
) -> None:
    line = RECIPE[: RECIPE.index(old)].count("\n")
    name = f"{request.node.callspec.id}.yaml"
    editor.open(name, RECIPE.replace(old, new, 1))
    found = await editor.until(name, lambda found: len(found) > 0)
    assert any(says in one.message and one.range.start.line == line for one in found), found


async def test_what_is_not_supported_yet_is_marked_and_not_offered(editor: Editor) -> None:
    editor.open("planned.yaml", RECIPE + "metrics: {}\n")
    (found,) = await editor.until("planned.yaml", lambda found: len(found) > 0)
    assert found.message.startswith("not supported yet: ")
    marked = RECIPE.replace("    cooldown: 0ms\n", f"    {HERE}\n", 1)
    strategy = await offers(editor, "strategy.yaml", marked)
    assert "cooldown" in strategy
    assert not {"tip", "merge", "tuning"} & strategy


async def test_choices_are_offered(editor: Editor) -> None:
    marked = RECIPE.replace("mode: paper", f"mode: {HERE}")
    assert await offers(editor, "choices.yaml", marked) == {"dry", "paper", "live"}


async def test_connectors_of_a_section_are_offered(editor: Editor) -> None:
    marked = RECIPE.replace("connector: uniswap_v3", f"connector: {HERE}")
    found = await offers(editor, "connectors.yaml", marked)
    assert {"uniswap_v2", "uniswap_v3"} <= found
    assert "jito" not in found


async def test_keys_of_an_item_are_those_of_its_connector(editor: Editor) -> None:
    marked = RECIPE.replace("    fee: 30bps\n", f"    {HERE}\n", 1)
    found = await offers(editor, "keys.yaml", marked)
    assert "fee" in found
    assert not {"tip", "reserves"} & found
