"""Pages that list every field of the language and of a connector, from the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hoploop.plugin.connector import Connector, Kind
from hoploop.plugin.registry import Registry
from hoploop.recipe.explain import type_text
from hoploop.recipe.language.head import LOADER_KEYS, RecipeHead
from hoploop.recipe.samples import Field, Sampler, Way, block, fields, flow, within
from hoploop.recipe.schema import OF_EVERY, Schema, Schemas, compose, struct_schema
from hoploop.recipe.sections import SECTIONS

_HEAD = ("| key | type | default | what it says | example | a change |", "|---|---|---|---|---|---|")
_RISK = {"up": "more ▲", "down": "less ▲", "any": "any ▲"}
_BAR = "\\|"
_COMMON = ("id", "connector", "chain", "enabled")
_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
_LEGEND = """\
Written by `just docs` from the schema. `hoploop explain PATH` prints one field, such as `strategies.profit.min`.

- **type**: quantities are text with a unit ([how they are written](README.md#values)); *id in …* is the `id` of an item
  there.
- **default**: what holds when the key is left out; *required* keys cannot be.
- **a change**: how a running engine takes it: *live* at once, *component* by rebuilding what belongs to its chain,
  *engine* by a restart. ▲: more of it, less of it, switching it on, or any change
  [raises risk](risk.md#what-raises-risk).
- **Not supported yet**: the language knows the key, `hoploop validate` refuses it ([R320](../errors.md)) and says what
  to write instead. Nothing is accepted and then ignored.
"""
_LOADING = """\
`include`, `vars`, `defaults`, `templates` and `profiles` are taken out before anything else is checked:
[loading.md](loading.md). Items of every section may also say `use: TEMPLATE`.
"""
_OWN = "Besides [those of every {kind}](../../recipes/reference.md#{section}) it has these keys:"
_NO_OWN = "It has no keys besides [those of every {kind}](../../recipes/reference.md#{section})."
_WRITTEN = "Written by `just docs` from the schema; what the columns mean: [the language](../../recipes/reference.md)."


def language_page(registry: Registry) -> str:
    """docs/recipes/reference.md: everything but what belongs to one connector."""
    schemas = compose(registry)
    lines = ["# Reference of the recipe language", "", *_LEGEND.splitlines(), "", "## A recipe", ""]
    lines += [*_LOADING.splitlines(), "", *_table(top(schemas, registry), Sampler(name="arb"))]
    for name, schema in schemas.root["properties"].items():
        if name in SECTIONS:
            lines += ["", f"## {name}", "", *_connector_section(name, schemas)]
        elif within(schema).get("properties"):
            lines += ["", f"## {name}", "", *_section(name, schema)]
    return "\n".join(lines) + "\n"


def connector_page(connector: Connector, registry: Registry) -> str:
    """docs/connectors/reference/KEY.md: the fields of every item one connector offers."""
    schemas = compose(registry)
    lines = [
        f"# {connector.key}",
        "",
        f"{connector.title}. Family {connector.family}, {connector.stability.value}.",
        "",
    ]
    lines += [_WRITTEN]
    for offer in connector.offers:
        lines += ["", f"## As a {offer.kind}", "", *_item(connector, offer.kind, schemas)]
    return "\n".join(lines) + "\n"


def top(schemas: Schemas, registry: Registry) -> Sequence[Field]:
    """The keys of a recipe, in the order people write them."""
    head, root = struct_schema(RecipeHead)["properties"], schemas.root
    names = ["recipe", "language", "mode", *LOADER_KEYS, *SECTIONS]
    names += [name for name in root["properties"] if name not in names]
    known = {**head, **root["properties"]}
    for section, kind in SECTIONS.items():
        key = min(registry.keys(kind), key=lambda key: (registry.get(key).family != "evm", key))
        item = Sampler(registry.get(key).family, key).required(schemas.items[section, key])
        known[section] = {**known[section], "examples": [[{"id": item["id"], **item}]]}
    return [Field((name,), known[name], name in root["required"]) for name in names]


def shared(section: str, schemas: Schemas) -> Schema:
    """What every item of a connector section has, whatever its connector."""
    keys = [key for home, key in schemas.items if home == section]
    schema = schemas.items[section, keys[0]]
    common = _common(SECTIONS[section])
    own = {name: below for name, below in schema["properties"].items() if name in common}
    connector = {
        "type": "string",
        "description": "Key of its connector.",
        "examples": [keys[0]],
        "x-apply": "component",
    }
    required = ["connector", *(name for name in schema["required"] if name in common)]
    return {"properties": {"id": own["id"], **own, "connector": connector}, "required": required}


def owned(connector: Connector, kind: Kind, schemas: Schemas) -> Schema:
    """What only this connector's items have."""
    schema = schemas.items[_SECTION_OF[kind], connector.key]
    config = next(offer.config for offer in connector.offers if offer.kind == kind)
    names = set(config.__struct_fields__) - set(_COMMON)
    own = {name: one for name, one in schema["properties"].items() if name in names}
    return {**schema, "properties": own, "required": [name for name in schema["required"] if name in own]}


def _common(kind: Kind) -> frozenset[str]:
    language = OF_EVERY.get(kind)
    return frozenset({*_COMMON, *(() if language is None else language.__struct_fields__)})


def _item(connector: Connector, kind: Kind, schemas: Schemas) -> Iterator[str]:
    section, own = _SECTION_OF[kind], owned(connector, kind, schemas)
    sampler = Sampler(connector.family, connector.key)
    item = sampler.required(schemas.items[section, connector.key])
    item = {"id": item["id"], **item, **(sampler.whole(own) if own["properties"] else {})}
    yield str(own.get("description", ""))
    yield from ("", "```yaml", f"{section}:", "  - " + block(item, "    ").strip(), "```", "")
    if not own["properties"]:
        yield _NO_OWN.format(kind=kind, section=section)
        return
    yield _OWN.format(kind=kind, section=section)
    yield from _tables("", own, sampler, foreign=True)


def _connector_section(section: str, schemas: Schemas) -> Iterator[str]:
    keys = [key for home, key in schemas.items if home == section]
    links = ", ".join(f"[{key}](../connectors/reference/{key}.md)" for key in keys)
    yield f"Each item is made by its `connector` and has that connector's keys, too: {links}."
    yield from _tables(section, shared(section, schemas), Sampler(), foreign=True)


def _section(name: str, schema: Schema) -> Iterator[str]:
    yield str(within(schema).get("description", schema.get("description", "")))
    if "x-planned" in schema:
        yield from ("", f"**Not supported yet**: {schema['x-planned']}.")
    yield from _tables(name, schema, Sampler())


def _tables(section: str, schema: Schema, sampler: Sampler, *, foreign: bool = False) -> Iterator[str]:
    """A table a mapping; those within one that is not supported say so."""
    planned: list[Way] = []
    for way, found in fields(schema):
        planned += [field.way for field in found if "x-planned" in field.schema]
        if way:
            yield from ("", f"### {'.'.join(filter(None, (section, *way)))}")
            if any(way[: len(outer)] == outer for outer in planned):
                yield from ("", f"Part of `{way[0]}`, which is not supported yet.")
        yield from ("", *_table(found, sampler, foreign=foreign))


def _table(found: Sequence[Field], sampler: Sampler, *, foreign: bool = False) -> Iterator[str]:
    yield from _HEAD
    for field in found:
        cells = (
            f"`{field.name}`", type_text(field.schema), _default(field), _says(field.schema),
            f"`{field.name}: {flow(sampler.field(field))}`", _change(field, foreign=foreign),
        )  # fmt: skip
        yield f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |"


def _default(field: Field) -> str:
    default: Any = field.schema.get("default")
    if field.required:
        return "*required*"
    return "" if default in (None, "") or isinstance(default, (dict, list, tuple)) else f"`{flow(default)}`"


def _says(schema: Schema) -> str:
    text = str(schema.get("description", ""))
    text += "" if not text or text.endswith(".") else "."
    if "x-planned" in schema:
        return f"{text} **Not supported yet**: {schema['x-planned']}."
    return text + "".join(
        f" `{value}` is **not supported yet**: {instead}."
        for value, instead in schema.get("x-planned-values", {}).items()
    )


def _change(field: Field, *, foreign: bool) -> str:
    """As `diff` judges it: a connector's key that does not say counts as raising risk."""
    risk = _RISK[field.schema["x-risk"]] if "x-risk" in field.schema else ""
    risk = risk or ("on ▲" if field.name == "enabled" else "any ▲" if foreign else "")
    return ", ".join(filter(None, (field.schema.get("x-apply", "component"), risk)))
