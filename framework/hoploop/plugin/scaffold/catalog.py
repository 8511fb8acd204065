"""The connectors `hoploop create connector` can write: which files, and their text with the names put in."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

import msgspec

from hoploop.model.chain import Family
from hoploop.plugin.connector import Kind

LONGEST_KEY = 20
"""So that no line of what is written grows over 120 characters."""
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_TAKEN = frozenset({"sdk", "testing", "tests", "hoploop"})
_WIDTH = 120
_OF_CHAINS = ("costs=chain_costs", "measure=measure_chain", "examiner=make_examiner")
_LAZILY = "from hoploop.plugin.lazy import lazily"
_PARTS: Mapping[tuple[Family, Kind], tuple[str, ...]] = {
    ("evm", "chain"): ("config", "chain"),
    ("evm", "venue"): ("config", "layout", "venue"),
    ("evm", "lender"): ("config", "lender"),
    ("evm", "route"): ("config", "route"),
    ("solana", "chain"): ("config", "chain"),
    ("solana", "venue"): ("config", "layout", "venue"),
    ("solana", "lender"): ("config", "layout", "lender"),
    ("solana", "route"): ("config", "route"),
}
_POOL = {
    "evm": '      - {name: weth_usdc, address: "0x…", token0: usdc, token1: weth}',
    "solana": (
        '      - {name: sol_usdc, address: "…", authority: "…", token0: sol, token1: usdc, vault0: "…", vault1: "…"}'
    ),
}
_EXAMPLES: Mapping[tuple[Family, Kind], str] = {
    ("evm", "chain"): (
        "chains:\n  - id: mine\n    connector: @key@\n    chain_id: 1\n    endpoint: ${secret:env/ENDPOINT}\n"
        '    key: ${secret:env/KEY}\n    owner: "0x…"\n    executor: "0x…"\n    fees: {gas_price: "2 gwei"}'
    ),
    ("solana", "chain"): (
        'chains:\n  - id: mine\n    connector: @key@\n    genesis: "…"\n    endpoint: ${secret:env/ENDPOINT}\n'
        '    key: ${secret:env/KEY}\n    owner: "…"\n    fees: {unit_price: "1000 microlamports"}'
    ),
    (
        "evm",
        "venue",
    ): f"venues:\n  - id: mine\n    connector: @key@\n    chain: eth\n    fee: 30bps\n    pools:\n{_POOL['evm']}",
    ("solana", "venue"): (
        'venues:\n  - id: mine\n    connector: @key@\n    chain: sol\n    program: "…"\n    fee: 25bps\n    pools:\n'
        + _POOL["solana"]
    ),
    ("evm", "lender"): (
        'lenders:\n  - {id: mine, connector: @key@, chain: eth, vault: "0x…", assets: [weth], fee: 5bps}'
    ),
    ("solana", "lender"): (
        'lenders:\n  - id: mine\n    connector: @key@\n    chain: sol\n    program: "…"\n    fee: 5bps\n    reserves:\n'
        '      - {asset: sol, reserve: "…", authority: "…", vault: "…"}'
    ),
    ("evm", "route"): 'routes:\n  - {id: mine, connector: @key@, chain: eth, url: "https://…"}',
    ("solana", "route"): 'routes:\n  - {id: mine, connector: @key@, chain: sol, url: "https://…"}',
}


class Scaffold(msgspec.Struct, frozen=True, kw_only=True):
    """One connector to be written."""

    key: str
    family: Family
    kind: Kind
    out_of_tree: bool

    @property
    def package(self) -> str:
        """Dotted name it is imported by."""
        return self.key if self.out_of_tree else f"hoploop_{self.family}.{self.key}"

    def files(self) -> Mapping[str, str]:
        """Path -> text, relative to the folder it is written into."""
        if not self.out_of_tree:
            return {f"{self.key}/{path}": text for path, text in self._folder(f"tests/test_{self.key}.py").items()}
        inside = self._folder("")
        test = inside.pop("")
        return {
            f"{self.key}/pyproject.toml": self._filled(_text("pyproject.toml")),
            **{f"{self.key}/{self.key}/{path}": text for path, text in inside.items()},
            f"{self.key}/tests/test_{self.key}.py": test,
        }

    def _folder(self, test: str) -> dict[str, str]:
        """The connector's own folder; its test stands under the name `test`."""
        parts = _PARTS[self.family, self.kind]
        made = {f"{part}.py": self._code(self._named(f"{part}.py")) for part in parts}
        manifest = _text("init.py") + (_text("init_out_of_tree.py") if self.out_of_tree else "")
        readme = self._filled(_text(f"{self.kind}.README.md"))
        return {
            "__init__.py": self._code(manifest),
            **made,
            "README.md": readme,
            test: self._code(self._named("test.py")),
        }

    def _named(self, part: str) -> str:
        """The family's text of a part, or the one both families share."""
        own = f"{self.family}_{self.kind}.{part}"
        return _text(own) if files(__package__).joinpath(f"{own}.tmpl").is_file() else _text(f"{self.kind}.{part}")

    def _code(self, text: str) -> str:
        return _in_order(self._filled(text), self.package)

    def _filled(self, text: str) -> str:
        words = {
            "imports": "\n".join(self._imports()),
            "offer": self._offer(),
            "exports": '["CONNECTOR", "connectors"]' if self.out_of_tree else '["CONNECTOR"]',
            "example": _EXAMPLES[self.family, self.kind],
            "title": self.key.replace("_", " ").capitalize(),
            "distribution": self.key.replace("_", "-"),
            "package": self.package,
            "family": self.family,
            "Class": self._class,
            "key": self.key,
        }
        for name, value in words.items():
            text = text.replace(f"@{name}@", value)
        return text

    @property
    def _class(self) -> str:
        return "".join(word.capitalize() for word in self.key.split("_"))

    def _imports(self) -> Iterator[str]:
        if self.kind in ("venue", "lender"):
            yield f"from {self.package}.config import {self._class}Config"
            yield f"from {self.package}.{self.kind} import {self._class}, check"
            return
        yield _LAZILY
        yield f"from {self.package}.config import {self._class}Config, check"
        if self.kind == "chain":
            yield f"from hoploop_{self.family}.sdk import chain_costs, make_examiner, measure_chain"

    def _offer(self) -> str:
        named = [f'kind="{self.kind}"', f"config={self._class}Config"]
        if self.kind in ("venue", "lender"):
            return _call([*named, f"factory={self._class}", "check=check"])
        made = f'factory=lazily(__name__, "{self.kind}:{self._class}")'
        return _call([*named, made, "check=check", *(_OF_CHAINS if self.kind == "chain" else ())])


def _call(arguments: list[str]) -> str:
    """An `Offer(…)` as the one item of a tuple: on one line while it fits."""
    line = f"Offer({', '.join(arguments)}),"
    if len("    offers=(),") + len(line) <= _WIDTH:
        return line
    return f"\n        {line}\n    " if len("        ") + len(line) <= _WIDTH else _long(arguments)


def _long(arguments: list[str]) -> str:
    return "\n        Offer(\n" + "".join(f"            {one},\n" for one in arguments) + "        ),\n    "


def key_problem(key: str) -> str | None:
    """Why a connector cannot have this name, whatever is installed; None when it can."""
    if not _KEY.match(key) or len(key) > LONGEST_KEY:
        return f"{key!r} is no lower_snake_case of at most {LONGEST_KEY} characters"
    if key in _TAKEN or keyword.iskeyword(key):
        return f"{key!r} means something else already"
    return None


def _in_order(text: str, package: str) -> str:
    """With the project's own imports sorted: where the connector's own stand among them depends on its name."""
    own = re.compile(rf"(?:^from (?:hoploop|{re.escape(package)})[\w.]* import (?:\([^)]*\)|.*)\n)+", re.MULTILINE)

    def ordered(block: re.Match[str]) -> str:
        statements = re.findall(r"^from [\w.]+ import (?:\([^)]*\)|.*)\n", block[0], re.MULTILINE)
        return "".join(sorted(statements, key=lambda statement: statement.split()[1]))

    return own.sub(ordered, text)


def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.tmpl").read_text("utf-8")
