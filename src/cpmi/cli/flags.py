"""Flags made from the fields of a configuration: name, type, help and place are read off the field.

None means not given: recipes, models and methods have their own defaults.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo
from rich.markup import escape

from cpmi.cli.recipe import read_yaml
from cpmi.config import LabelConfig
from cpmi.errors import ConfigError
from cpmi.methods import METHODS
from cpmi.options import RENAMED, Options

METHOD_PANEL = "Method options"


def command(
    config: type[Options], noun: str = "input"
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command `run(**flags)` the flags of a configuration, and --recipe.

    Args:
        config: whose fields become flags; `input`, if there is one, becomes the argument.
        noun: what the input holds, for its help.
    """

    def decorate(run: Callable[..., None]) -> Callable[..., None]:
        fields = dict(config.model_fields)
        arguments = [_argument(noun, fields["input"])] if "input" in fields else []
        by_need = sorted(fields.items(), key=lambda item: not item[1].is_required())  # required ones first
        flags = [_flag(name, field) for name, field in by_need if _is_flag(field)]
        flags.append(_option("recipe", str, "A YAML file of these options; flags win.", "Run"))
        if issubclass(config, LabelConfig):
            flags += [_method_flag(name, by_method) for name, by_method in method_options().items()]
            more = "An option of any method, installed ones included; may be repeated."
            flags.append(_option("option", list[str], more, METHOD_PANEL, "-o"))
        kinds = {flag.name: get_args(get_args(flag.annotation)[0])[0] for flag in flags}
        former = [
            _option(old, kinds[new], "", None, hidden=True) for old, new in RENAMED.items() if new in kinds
        ]

        def with_flags(**flags: Any) -> None:
            given = {name: value for name, value in flags.items() if value is not None}
            for name, field in fields.items():
                if kind_of(field) == list[str] and name in given:
                    given[name] = dict(assigned(text, name) for text in given[name])
            run(**given)

        signature = inspect.Signature([*arguments, *flags, *former])
        with_flags.__signature__ = signature  # type: ignore[attr-defined]
        with_flags.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
        with_flags.__name__, with_flags.__doc__ = run.__name__, run.__doc__
        return with_flags

    return decorate


def assigned(text: str, option: str) -> tuple[str, Any]:
    """The name and the value of NAME=VALUE, which is read as in a recipe, and 1e-3 as a number, '1e-3' not.

    Raises:
        ConfigError: the text is not of that form; it was given to `option`.
    """
    name, equals, value = text.partition("=")
    name = name.replace("-", "_")
    if not equals or not name.isidentifier():
        raise ConfigError("does not fit", where=f"option {option}", got=repr(text), expected="NAME=VALUE")
    read: Any = value
    with suppress(ValueError):
        read = read_yaml(value)
    if isinstance(read, str) and read == value.strip():  # a text in quotes is one
        with suppress(ValueError):
            read = float(read)
    return name, read


def method_options() -> dict[str, dict[str, FieldInfo]]:
    """Every option of this library's methods: its name, then its fields by method."""
    options: dict[str, dict[str, FieldInfo]] = {}
    for method in METHODS.values():
        for name, field in method.Options.model_fields.items():
            options.setdefault(name, {})[method.name] = field
    return options


def default_of(field: FieldInfo) -> str:
    """The default in words; empty where there is none to name."""
    default = field.default
    if field.is_required():
        return "required"
    if isinstance(default, float):
        return f"{default:g}".replace("e-0", "e-")
    return str(default) if isinstance(default, str | int) else ""


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """The values of an option that has a few; () for others."""
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def kind_of(field: FieldInfo) -> type:
    """The type that the command line reads; a mapping is a list of NAME=VALUE."""
    if get_origin(field.annotation) is Mapping:
        return list[str]
    allowed = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    return allowed[0] if allowed and allowed[0] in (int, float, bool) else str


def _flag(name: str, field: FieldInfo) -> inspect.Parameter:
    place = field.json_schema_extra
    assert isinstance(place, Mapping)
    text, default = str(field.description), default_of(field)
    if default and not isinstance(field.default, bool):
        text += " [required]" if field.is_required() else f" [default: {default}]"
    return _option(name, kind_of(field), text, str(place["panel"]), *str(place["flags"]).split())


def _is_flag(field: FieldInfo) -> bool:
    return field.json_schema_extra is not None


def _method_flag(name: str, fields: Mapping[str, FieldInfo]) -> inspect.Parameter:
    first = next(iter(fields.values()))
    described = list(dict.fromkeys(str(field.description) for field in fields.values()))
    if len(described) == 1:
        text = f"{described[0]} [{_by_method({m: default_of(f) for m, f in fields.items()})}]"
    else:
        text = "; ".join(
            f"{method}: {field.description} ({_values(field)})" for method, field in fields.items()
        )
    return _option(name, kind_of(first), text, METHOD_PANEL)


def _values(field: FieldInfo) -> str:
    default = default_of(field)
    choices = [f"{choice}*" if choice == default else choice for choice in choices_of(field)]
    return ", ".join(choices) or default or "none"


def _by_method(defaults: Mapping[str, str]) -> str:
    """ "evidence, adaptive: 2; cpmi: 4"; the methods alone where no default is to be named."""
    methods: dict[str, list[str]] = {}
    for method, default in defaults.items():
        methods.setdefault(default, []).append(method)
    return "; ".join(
        ", ".join(names) + (f": {default}" if default else "") for default, names in methods.items()
    )


def _argument(noun: str, field: FieldInfo) -> inspect.Parameter:
    argument = typer.Argument(metavar=noun.upper(), help=escape(str(field.description)), show_default=False)
    return _parameter("input", Annotated[str | None, argument], None)


def _option(
    name: str, kind: type, text: str, panel: str | None, *flags: str, hidden: bool = False
) -> inspect.Parameter:
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        *flags,
        help=escape(text),
        metavar="NAME=VALUE" if kind == list[str] else None,
        rich_help_panel=panel,
        show_default=False,
        hidden=hidden,
    )
    return _parameter(name, Annotated[kind | None, option], None)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
