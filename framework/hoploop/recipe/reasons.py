"""Why a value does not satisfy a schema: jsonschema with the marks of the language, imported when a gate refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator, validators
from jsonschema.exceptions import ValidationError

from hoploop.recipe.gate import overruled, whole
from hoploop.recipe.nodes import Secret
from hoploop.recipe.schema import Schema
from hoploop.recipe.units import BadQuantity, parse


def reasons(schema: Schema, value: Any) -> Iterator[ValidationError]:
    """Every error of a value; of quantities and secrets what their mark says, not the pattern for editors."""
    for error in _Validator(schema).iter_errors(value):
        own = error.schema if isinstance(error.schema, dict) else {}
        if not overruled(str(error.validator), own):
            yield error


def _check_unit(_validator: Any, unit: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    try:
        parse(unit, instance)
    except BadQuantity as error:
        yield ValidationError(str(error), cause=error)


def _check_secret(_validator: Any, kind: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if kind is True and not isinstance(instance, Secret):
        yield ValidationError("a secret is written in the clear")


def _check_pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not isinstance(instance, Secret) and not whole(pattern).search(instance):
        yield ValidationError(f"does not match {pattern}")


_Validator = validators.extend(
    Draft7Validator, {"x-unit": _check_unit, "x-secret": _check_secret, "pattern": _check_pattern}
)
