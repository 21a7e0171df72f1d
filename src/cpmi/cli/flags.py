"""Flags made from the fields of a configuration: name, type, help and place are read off the field.

None means not given: recipes, models and methods have their own defaults.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo
from rich.markup import escape

from cpmi.config import LabelConfig, RunConfig
from cpmi.methods import METHODS

METHOD_PANEL = "Method options"
_FORMER = {"right_forms": int, "unit_size": int}
"""Former flags, hidden; `cpmi.config.RENAMED` knows what they are now."""


def command(config: type[RunConfig], noun: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command `run(**flags)` the flags of a configuration.

    Args:
        config: whose fields become flags; `input` becomes the argument.
        noun: what the input holds, for its help.
    """

    def decorate(run: Callable[..., None]) -> Callable[..., None]:
        def with_flags(**flags: Any) -> None:
            run(**{name: value for name, value in flags.items() if value is not None})

        fields = config.model_fields.items()
        parameters = [_argument(noun), *(_flag(name, field) for name, field in fields if _is_flag(field))]
        parameters.append(_option("recipe", str, "A YAML file of these options; flags win.", "Run"))
        if issubclass(config, LabelConfig):
            parameters += [_method_flag(name) for name in method_options()]
            parameters.append(_assignments())
        parameters += [_option(name, kind, "", None, hidden=True) for name, kind in _FORMER.items()]
        signature = inspect.Signature(parameters)
        with_flags.__signature__ = signature  # type: ignore[attr-defined]
        with_flags.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
        with_flags.__name__, with_flags.__doc__ = run.__name__, run.__doc__
        return with_flags

    return decorate


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
    return str(default) if isinstance(default, str | int | float) and default is not None else ""


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """The values of an option that has a few; () for others."""
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def kind_of(field: FieldInfo) -> type:
    """The type that the command line reads."""
    allowed = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    return allowed[0] if allowed and allowed[0] in (int, float, bool) else str


def _flag(name: str, field: FieldInfo) -> inspect.Parameter:
    place = field.json_schema_extra
    assert isinstance(place, Mapping)
    hidden = field.is_required() or isinstance(field.default, bool) or not default_of(field)
    text = f"{field.description}" + ("" if hidden else f" [default: {default_of(field)}]")
    return _option(name, kind_of(field), text, str(place["panel"]), *str(place["flags"]).split())


def _is_flag(field: FieldInfo) -> bool:
    return field.json_schema_extra is not None


def _method_flag(name: str) -> inspect.Parameter:
    fields = method_options()[name]
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


def _argument(noun: str) -> inspect.Parameter:
    text = f"{noun.capitalize()}: a file, a folder, a saved dataset, or hf://OWNER/NAME."
    argument = typer.Argument(metavar=noun.upper(), help=text, show_default=False)
    return _parameter("input", Annotated[str | None, argument], None)


def _assignments() -> inspect.Parameter:
    option = typer.Option(
        "--option",
        "-o",
        metavar="NAME=VALUE",
        help="An option of any method, installed ones included; may be repeated.",
        rich_help_panel=METHOD_PANEL,
        show_default=False,
    )
    return _parameter("assignments", Annotated[list[str] | None, option], None)


def _option(
    name: str, kind: type, text: str, panel: str | None, *flags: str, hidden: bool = False
) -> inspect.Parameter:
    names = [f"--{name.replace('_', '-')}", *flags]
    option = typer.Option(*names, help=escape(text), rich_help_panel=panel, show_default=False, hidden=hidden)
    return _parameter(name, Annotated[kind | None, option], None)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
