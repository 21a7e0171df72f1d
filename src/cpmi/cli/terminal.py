"""The two consoles of the command line, and the codes it exits with.

Whatever is printed is escaped (`cpmi.shown`): texts before they are laid out, and what comes to be printed
in other ways as it leaves.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment
from rich.text import Text

from cpmi.errors import StorageError
from cpmi.shown import printable

_FILE_WIDTH = 110  # a file has no width of its own to fit into
EXIT_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


class _Terminal(Console):
    """A console on which no text moves the cursor, changes a direction or is invisible."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)
        self.push_render_hook(_Escaping())

    def print(self, *objects: Any, **options: Any) -> None:
        """As the base class.

        Raises:
            StorageError: what stands behind the output does not take it.
        """
        try:
            super().print(*objects, **options)
        except OSError as error:
            raise StorageError(
                "the output cannot be written",
                where="standard error" if self.stderr else "standard output",
                got=error.strerror or str(error),
                hint="Free space, or send it elsewhere.",
            ) from error

    def render_str(self, text: str, **options: Any) -> Text:
        """As the base class, of an escaped text."""
        return super().render_str(printable(text), **options)


class _Escaping(RenderHook):
    """Escapes what was not a plain text when it was printed."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Escaped(renderable) for renderable in renderables]


class _Escaped:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in console.render(self._renderable, options):
            yield Segment(text if control else printable(text), style, control)


def out(*, record: bool = False, width: int | None = None) -> Console:
    """Where results go. Made anew at each call, so that it follows a redirected stdout."""
    return _Terminal(record=record, width=width)


def for_tables() -> Console:
    """As `out`, wide enough for a table where it is not a terminal."""
    console = out()
    return console if console.is_terminal else out(width=_FILE_WIDTH)


def err() -> Console:
    """Where progress and errors go."""
    return _Terminal(stderr=True)
