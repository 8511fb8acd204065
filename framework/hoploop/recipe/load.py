"""The whole pipeline: file to plan. Reports everything within a stage and stops between stages on errors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from hoploop.errors import RecipeError
from hoploop.plugin.registry import Registry
from hoploop.recipe.assemble import Files, assemble, gather
from hoploop.recipe.build import build
from hoploop.recipe.check import check_part, check_schema, convert, literal_secrets
from hoploop.recipe.compile import compile_plan
from hoploop.recipe.diagnostics import Diagnostic, Report, has_errors, report
from hoploop.recipe.disabled import Enabled, without_disabled
from hoploop.recipe.gate import Gates
from hoploop.recipe.lists import ListReader, read_list, with_lists
from hoploop.recipe.masking import Snippets
from hoploop.recipe.nodes import Node
from hoploop.recipe.plan import Plan
from hoploop.recipe.refs import check_references
from hoploop.recipe.rules import check_rules
from hoploop.recipe.schema import Schemas, compose, secret_names
from hoploop.recipe.source import Reader, Source, read_included, read_source
from hoploop.recipe.spans import Span
from hoploop.recipe.spend import project


def load(
    path: str | Path,
    *,
    registry: Registry | None = None,
    environ: Mapping[str, str] | None = None,
    profile: str | None = None,
) -> Plan:
    """Compile one recipe file. RecipeError R400 carries every diagnostic; R401 when the file cannot be read."""
    pipeline = Pipeline(registry or Registry.installed(), os.environ if environ is None else environ)
    found = pipeline.inspect(read_source(Path(path)), profile)
    if found.plan is None:
        count = found.report.errors
        message = f"{found.file} has {count} error{'' if count == 1 else 's'}; the first: {_first(found.report)}"
        raise RecipeError("R400", message, diagnostics=found.report.findings)
    return found.plan


class Checked(NamedTuple):
    """A plan, and the tree it can be made from again without any file."""

    plan: Plan
    listed: Node


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one recipe: findings that can be shown, and the plan when there are no errors."""

    file: str
    files: tuple[str, ...]
    """It and what it includes, as shown."""
    texts: Mapping[str, str]
    """The text of each of `files`."""
    lists: tuple[str, ...] = ()
    """Lists of pools that were read, as shown."""
    named: bool
    """Whether the file itself says `recipe:`; one that does not is a part of others."""
    profile: str | None = None
    profiles: tuple[str, ...] = ()
    """Profiles the recipe knows."""
    plan: Plan | None
    root: Node | None
    """The tree after loading: no loader keys, references resolved; None when loading failed. Holds values of the
    environment."""
    listed: Node | None = None
    """`root` with what lists in files name in their place; None when there is no plan."""
    report: Report
    snippets: Snippets


class Pipeline:
    """Loads recipes with one set of connectors; composes their schema once. `read` reads included files."""

    def __init__(
        self,
        registry: Registry,
        environ: Mapping[str, str],
        read: Reader = read_included,
        lists: ListReader = read_list,
    ) -> None:
        self._registry = registry
        self._environ = environ
        self._read = read
        self._lists = lists
        self.schemas: Schemas = compose(registry)
        self._secret_names = secret_names(self.schemas)
        self._gates = Gates()

    def inspect(self, source: Source, profile: str | None = None) -> Inspection:
        """Run every stage that can run; pure but for included files and the factories' own promise to be."""
        return self._inspect(gather(source, self._read), profile)

    def inspect_all(self, source: Source) -> Inspection:
        """The recipe without a profile, with the findings of every profile as well."""
        files = gather(source, self._read)
        base = self._inspect(files, None)
        others = [self._inspect(files, name) for name in files.profiles] if base.report.errors == 0 else []
        findings = [*base.report.findings]
        known = {(finding.code, finding.span, finding.message) for finding in findings}
        for other in others:
            for finding in other.report.findings:
                if (finding.code, finding.span, finding.message) not in known:
                    note = f"under the profile '{other.profile}'"
                    findings.append(msgspec.structs.replace(finding, notes=(*finding.notes, note)))
        whole = report(findings)
        more = whole.more + base.report.more + sum(other.report.more for other in others)
        plan = base.plan if all(other.plan is not None for other in others) else None
        return msgspec.structs.replace(base, plan=plan, report=msgspec.structs.replace(whole, more=more))

    def _inspect(self, files: Files, profile: str | None) -> Inspection:
        made = assemble(files, self._environ, profile)
        root, findings = made.root, made.findings
        loaded = None if has_errors(findings) else root
        checked = None
        masked: list[Span] = []
        lists: dict[str, str] = {}
        if root is not None:
            masked = [node.span for node in literal_secrets(root, self.schemas, self._gates)]
            if not has_errors(findings):
                for path, part in made.unused:
                    findings += check_part(part, path, self.schemas, self._gates)
                checked = self._checked(root, findings, {source.file: source for source in files.sources}, lists)
        findings = _without_echoes(findings)
        texts = {source.file: source.text for source in files.sources}
        environment = {name: self._environ[name] for name in made.read}
        snippets = Snippets({**lists, **texts}, self._secret_names, masked, environment)
        return Inspection(
            file=files.top.file,
            files=tuple(texts),
            texts=texts,
            lists=tuple(lists),
            named=files.named,
            profile=profile,
            profiles=tuple(files.profiles),
            plan=None if checked is None else checked.plan,
            root=loaded,
            listed=None if checked is None else checked.listed,
            report=report(map(snippets.scrubbed, findings)),
            snippets=snippets,
        )

    def _checked(
        self, root: Node, findings: list[Diagnostic], sources: Mapping[str, Source], lists: dict[str, str]
    ) -> Checked | None:
        """What can run, unless there are errors; `lists` receives the texts of lists of pools."""
        findings += check_schema(root, self.schemas, self._gates)
        if has_errors(findings):
            return None
        listed, wrong, texts = with_lists(root, sources, self._lists)
        findings += wrong
        lists.update(texts)
        if has_errors(findings):
            return None
        enabled = without_disabled(listed, self.schemas)
        plan, more = self._enabled(enabled)
        findings += map(enabled.restored, more)
        return None if plan is None else Checked(plan, listed)

    def _enabled(self, enabled: Enabled) -> tuple[Plan | None, list[Diagnostic]]:
        """The stages that see nothing of what is disabled within items."""
        root, findings = enabled.root, list[Diagnostic]()
        recipe, more = convert(root, self.schemas, self._registry)
        findings += more
        if recipe is None:
            return None, findings
        findings += check_references(root, recipe, self.schemas, self._registry)
        if has_errors(findings):
            return None, findings
        parts, problems = build(root, recipe, self._registry, enabled.names)
        findings += problems
        if has_errors(findings):
            return None, findings
        spend = project(parts)
        findings += check_rules(root, parts, spend, self._registry)
        return None if has_errors(findings) else compile_plan(parts, spend), findings


def _without_echoes(findings: list[Diagnostic]) -> list[Diagnostic]:
    """A template or variable whose misspelt use is a finding is not said to be unused as well."""
    meant = {finding.label for finding in findings if finding.code in ("R020", "R025", "R035")}

    def echoes(one: Diagnostic) -> bool:
        name = one.path[-1] if one.path else ""
        return one.code == "R390" and not meant.isdisjoint((f"did you mean '{name}'?", f"write ${{var:{name}}}"))

    return [one for one in findings if not echoes(one)]


def _first(shown: Report) -> str:
    error = next(finding for finding in shown.findings if finding.severity == "error")
    return f"{error.span}: {error.message}"
