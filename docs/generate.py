"""Write the pages that are made from the package: methods and command line.

`docs/conf.py` calls `main` whenever the site is built; the pages are not committed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from docs.own_data import own_data_page
from rich.text import Text
from typer.main import get_command

from cpmi.cli.app import app
from cpmi.methods import METHODS, Method
from cpmi.methods.describe import describe, summary

HERE = Path(__file__).parent
RESEARCH = ("hybrid", "consensus")
_EXTRA = re.compile(r"^(Args|Raises):\n(?: +.*\n?)+\n?", re.MULTILINE)
_LITERALS = re.compile(r"(`[^`]*`)")


def pages() -> dict[str, str]:
    """Text of every generated page, by its path in this folder."""
    found = {f"methods/{name}.md": _method(method) for name, method in METHODS.items()}
    return {
        "methods/index.md": _methods(),
        **found,
        "cli.md": _command_line(),
        "own-data.md": own_data_page(),
    }


def _methods() -> str:
    rows = [
        f"| [`{name}`]({name}.md) | {escape(summary(method))} | {'yes' if method.needs_gold else 'no'} "
        f"| {_paper(method)} |"
        for name, method in METHODS.items()
    ]
    tree = ["```{toctree}", ":hidden:", "", *METHODS, "```"]
    return "\n".join(
        [
            "# Methods",
            "",
            "One page per method: formula, options and columns, as `cpmi methods NAME` prints them. "
            "[Concepts](../concepts.md#the-methods) compares their formulas.",
            "",
            "| method | label | gold answer needed | paper |",
            "|---|---|---|---|",
            *rows,
            "",
            *tree,
            "",
        ]
    )


def _paper(method: type[Method]) -> str:
    paper = method.paper
    return "" if paper is None else f"[{paper.arxiv}](https://arxiv.org/abs/{paper.arxiv})"


def _method(method: type[Method]) -> str:
    """Its page without the arguments of the class, and how to call it."""
    page = _EXTRA.sub("", describe(method))
    if method.paper is not None:
        link = f"[arXiv:{method.paper.arxiv}](https://arxiv.org/abs/{method.paper.arxiv})"
        page = page.replace(f"arXiv:{method.paper.arxiv}", link)
    page = page.replace("| option | values | default | |", "| option | values | default | meaning |")
    needed = [
        f" --{name.replace('_', '-')} {name.upper()}"
        for name, field in method.Options.model_fields.items()
        if field.is_required()
    ]
    call = f"cpmi label chains.jsonl --model MODEL --method {method.name}{''.join(needed)} --out labels"
    place = f"{method.__module__}.{method.__qualname__}"
    return f"{page}\n## Use\n\n```console\n$ {call}\n```\n\nIn Python it is {{py:class}}`{place}`.\n"


def _command_line() -> str:
    root: Any = get_command(app)
    head = [
        "# Command line",
        "",
        "`cpmi COMMAND --help` prints the same. Exit codes: 0 done, 1 the work failed, 2 the options or the "
        "input are wrong, 130 interrupted.",
        "",
        "Options of the program itself, at any place:",
        "",
        *_parameters(root),
    ]
    commands = [root.get_command(None, name) for name in root.list_commands(None)]
    return "\n".join([*head, *(line for command in commands for line in _command(command, "cpmi", 2))])


def _command(command: Any, before: str, level: int) -> Iterator[str]:
    """The lines of a command and of those below it."""
    name = f"{before} {command.name}"
    yield from (f"{'#' * level} {name}", "", escape(plain(command.help or "")), "")
    below = getattr(command, "commands", None)
    yield from ("```text", _usage(command, name, is_group=below is not None), "```", "")
    yield from _parameters(command)
    for one in (below or {}).values():
        yield from _command(one, name, level + 1)


def _usage(command: Any, name: str, *, is_group: bool) -> str:
    arguments = [_argument(param) for param in _visible(command) if param.param_type_name == "argument"]
    return " ".join([name, "[OPTIONS]", *arguments, *(["COMMAND"] if is_group else [])])


def _argument(param: Any) -> str:
    name = param.metavar or param.name.upper()
    return name if param.required else f"[{name}]"


def _visible(command: Any) -> list[Any]:
    return [
        param
        for param in command.params
        if not getattr(param, "hidden", False) and "--help" not in param.opts
    ]


def _parameters(command: Any) -> Iterator[str]:
    """One table per panel of the help."""
    panels: dict[str, list[Any]] = {}
    for param in _visible(command):
        default = "Arguments" if param.param_type_name == "argument" else "Options"
        panels.setdefault(getattr(param, "rich_help_panel", None) or default, []).append(param)
    for panel, params in panels.items():
        yield from (f"**{panel}**", "", "| name | type | default | meaning |", "|---|---|---|---|")
        yield from (_row(param) for param in params)
        yield ""


def _row(param: Any) -> str:
    if param.param_type_name == "argument":
        names = f"`{_argument(param)}`"
    else:
        names = ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])
    kind = _kind(param.type_descriptor.annotation)
    text = re.sub(r"\s*\[(required|default: [^]]*)\]$", "", plain(getattr(param, "help", None) or ""))
    return f"| {names} | {kind} | {_default(param)} | {escape(text)} |"


def _kind(annotation: Any) -> str:
    """The type of one value; a flag has none."""
    if get_origin(annotation) is list:
        return f"{_kind(get_args(annotation)[0])}, repeatable"
    return {str: "text", bool: "", Path: "path"}.get(
        annotation, getattr(annotation, "__name__", str(annotation))
    )


def _default(param: Any) -> str:
    """The default; where the help itself names it, that one."""
    named = re.search(r"\[(required|default: ([^]]*))\]$", plain(getattr(param, "help", None) or ""))
    if param.required or (named and named[1] == "required"):
        return "required"
    if named:
        return f"`{named[2]}`"
    value = param.default() if callable(param.default) else param.default
    if value is None or value is False or value == () or type(value).__name__ == "Sentinel":
        return ""
    return f"`{getattr(value, 'value', value)}`"


def plain(markup: str) -> str:
    """The text of rich markup, in one line."""
    return " ".join(Text.from_markup(markup).plain.split())


def escape(text: str) -> str:
    """Text as Markdown inside a table; text between backticks stays literal."""
    parts = _LITERALS.split(text)
    return "".join(
        part.replace("|", "\\|") if index % 2 else re.sub(r"([\\*_<|\[\]$])", r"\\\1", part)
        for index, part in enumerate(parts)
    )


def main() -> None:
    """Write every page, and remove those of methods that are gone."""
    wanted = {HERE / path: text for path, text in pages().items()}
    (HERE / "methods").mkdir(exist_ok=True)
    for path in set((HERE / "methods").glob("*.md")) - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
