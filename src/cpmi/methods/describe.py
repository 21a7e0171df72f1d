"""What is to be said of a method, read off its class: for the terminal and the documentation, as Markdown."""

from __future__ import annotations

import inspect
from typing import Any, get_args

from pydantic.fields import FieldInfo

from cpmi.methods.base import Method


def summary(method: type[Method]) -> str:
    """The first line of its docstring, without what follows a semicolon."""
    return _doc(method).split("\n", 1)[0]


def describe(method: type[Method]) -> str:
    """The page of a method: documentation, facts, options and columns."""
    rows = [
        f"| `{name}` | {_values(field)} | {_default(field)} | {field.description} |"
        for name, field in method.Options.model_fields.items()
    ]
    table = ["| option | values | default | |", "|---|---|---|---|", *rows]
    sections = [
        f"# {method.name}",
        _doc(method),
        "\n".join(_facts(method)),
        "## Options",
        "\n".join(table) if rows else "None.",
        "## Columns",
        ", ".join(f"`{column}`" for column in method.columns) or "None.",
    ]
    return "\n\n".join(sections) + "\n"


def _facts(method: type[Method]) -> list[str]:
    facts = [f"- unit of its labels: {method.unit}"]
    facts.append(f"- gold answer: {'needed' if method.needs_gold else 'not needed'}")
    if method.paper is not None:
        facts.append(f"- paper: {method.paper.title}, arXiv:{method.paper.arxiv} ({method.paper.year})")
    return facts


def _doc(method: type[Method]) -> str:
    return inspect.cleandoc(method.__doc__ or "No documentation.")


def _values(field: FieldInfo) -> str:
    literal = [value for value in get_args(field.annotation) if isinstance(value, str)]
    if literal:
        return ", ".join(f"`{value}`" for value in literal)
    kinds = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    name = getattr(kinds[0], "__name__", str(kinds[0]))
    return " ".join([{"str": "text", "Weights": "a file"}.get(name, name), *_bounds(field.metadata)])


def _bounds(metadata: list[Any]) -> list[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return [
        f"{sign} {getattr(bound, name)}"
        for bound in metadata
        for name, sign in signs.items()
        if getattr(bound, name, None) is not None
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    plain = isinstance(field.default, str | int | float)
    return f"`{field.default}`" if plain else "" if field.default is None else "as shipped"
