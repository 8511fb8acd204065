"""The whole pipeline: file to plan. Reports everything within a stage and stops between stages on errors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from hoploop.errors import RecipeError
from hoploop.plugin.registry import Registry
from hoploop.recipe.build import build
from hoploop.recipe.check import check_schema, convert, literal_secrets
from hoploop.recipe.compile import compile_plan
from hoploop.recipe.diagnostics import Diagnostic, Report, has_errors, report
from hoploop.recipe.document import read_document
from hoploop.recipe.masking import Snippets
from hoploop.recipe.nodes import Node
from hoploop.recipe.plan import Plan
from hoploop.recipe.refs import check_references
from hoploop.recipe.resolve import resolve
from hoploop.recipe.rules import check_rules
from hoploop.recipe.schema import Schemas, compose, secret_names
from hoploop.recipe.source import Source, read_source
from hoploop.recipe.spans import Span
from hoploop.recipe.spend import project


def load(path: str | Path, *, registry: Registry | None = None, environ: Mapping[str, str] | None = None) -> Plan:
    """Compile one recipe file. RecipeError R400 carries every diagnostic; R401 when the file cannot be read."""
    pipeline = Pipeline(registry or Registry.installed(), os.environ if environ is None else environ)
    found = pipeline.inspect(read_source(Path(path)))
    if found.plan is None:
        count = found.report.errors
        message = f"{found.file} has {count} error{'' if count == 1 else 's'}; the first: {_first(found.report)}"
        raise RecipeError("R400", message, diagnostics=found.report.findings)
    return found.plan


class Inspection(msgspec.Struct, frozen=True):
    """What came of one recipe file: findings that can be shown, and the plan when there are no errors."""

    file: str
    plan: Plan | None
    report: Report
    snippets: Snippets


class Pipeline:
    """Loads recipes with one set of connectors; composes their schema once."""

    def __init__(self, registry: Registry, environ: Mapping[str, str]) -> None:
        self._registry = registry
        self._environ = environ
        self.schemas: Schemas = compose(registry)

    def inspect(self, source: Source) -> Inspection:
        """Run every stage that can run; pure but for the factories' own promise to be."""
        root, findings = read_document(source)
        plan = None
        masked: list[Span] = []
        if root is not None:
            if not has_errors(findings):
                findings += resolve(root, self._environ)
            masked = [node.span for node in literal_secrets(root, self.schemas)]
            if not has_errors(findings):
                plan = self._checked(root, findings)
        snippets = Snippets(source.text, secret_names(self.schemas), masked)
        return Inspection(source.file, plan, report(map(snippets.scrubbed, findings)), snippets)

    def _checked(self, root: Node, findings: list[Diagnostic]) -> Plan | None:
        findings += check_schema(root, self.schemas)
        if has_errors(findings):
            return None
        recipe, more = convert(root, self.schemas, self._registry)
        findings += more
        if recipe is None:
            return None
        findings += check_references(root, recipe, self.schemas, self._registry)
        if has_errors(findings):
            return None
        parts, problems = build(root, recipe, self._registry)
        findings += problems
        if has_errors(findings):
            return None
        spend = project(parts, self._registry)
        findings += check_rules(root, parts, spend)
        return None if has_errors(findings) else compile_plan(parts, spend)


def _first(shown: Report) -> str:
    error = next(finding for finding in shown.findings if finding.severity == "error")
    return f"{error.span}: {error.message}"
