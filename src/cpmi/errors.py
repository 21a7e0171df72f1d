"""Every error cpmi raises on purpose, drawn as a tree.

    CpmiError
    ├── InputError(ValueError)            a file or record cannot be used
    │   ├── UnknownFormatError            no reader recognizes the content
    │   └── RecordError                   one record is malformed; others may be fine
    ├── ConfigError(ValueError)           options contradict each other or do not exist
    ├── ModelError(RuntimeError)          the model cannot do what was asked
    │   ├── ModelNotFoundError(FileNotFoundError)
    │   ├── NotANumberError(ArithmeticError, ValueError)   it computed NaN
    │   ├── CheckpointError(ValueError)   its files do not hold what its config describes
    │   ├── UnsupportedModelError(NotImplementedError)
    │   └── ContextTooLongError(ValueError)   one request exceeds the model's context
    ├── RunError(RuntimeError)            a run folder cannot be continued or merged
    ├── StorageError(OSError)             the disk refused (full, read-only, ...)
    │   └── PlaceTakenError(ConfigError)  --out names something else, or no path
    ├── WorkerError(RuntimeError)         the processes that compare answers cannot be kept running
    ├── AnswerCheckError(ValueError)      a function of the user that compares answers fails
    └── MissingDependencyError(ImportError)

Each is also the nearest standard error, so code that knows nothing of cpmi can catch it.
The message says what happened, where, what came, what was expected and what to do. Control and direction
characters in it are escaped, and what is too long is cut (`cpmi.shown`); the parts are kept as given.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from cpmi.shown import cut, in_line, printable


class CpmiError(Exception):
    """Base of all errors raised by cpmi.

    Args:
        what: what happened, as a short phrase.
        where: file and line, record id, option or model that is concerned.
        got: what was found there.
        expected: what would have been right.
        hint: what the reader can do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.got = got
        self.expected = expected
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        what, where = _said(self.what), _said(self.where)
        hint = printable(cut(self.hint or ""))  # ours, at times a list in lines
        facts = [
            f"{name} {_said(text)}"
            for name, text in (("got", self.got), ("expected", self.expected))
            if text is not None
        ]
        head = f"{where}: {what}" if where else what
        message = f"{head} ({'; '.join(facts)})" if facts else head
        return f"{message}. {hint}" if hint else message


def _said(part: object) -> str:
    return "" if part is None else in_line(cut(str(part)))


_SPELLED = 100
"""Characters of a name that are compared with known ones."""


def did_you_mean(given: object, known: Iterable[str]) -> str | None:
    """The hint that names what is spelled alike; None if nothing is."""
    near = get_close_matches(str(given)[:_SPELLED].lower(), list(known), n=2)
    return f"Did you mean {' or '.join(near)}?" if near else None


class InputError(CpmiError, ValueError):
    """A file or record cannot be used."""


class UnknownFormatError(InputError):
    """No reader recognizes the content of a file."""


class RecordError(InputError):
    """One record is malformed; the others of its file may be fine.

    Args:
        record_id: the record's id, as far as it could be read.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
        record_id: str | None = None,
    ) -> None:
        self.record_id = record_id
        super().__init__(what, where=where, got=got, expected=expected, hint=hint)


class ConfigError(CpmiError, ValueError):
    """Options contradict each other, are out of range or do not exist."""


class ModelError(CpmiError, RuntimeError):
    """A model cannot be loaded or cannot do what was asked."""


class ModelNotFoundError(ModelError, FileNotFoundError):
    """There is no model under the given name."""


class NotANumberError(ModelError, ArithmeticError, ValueError):
    """A model computed NaN or an infinite number, or a method made a label of it."""


class CheckpointError(ModelError, ValueError):
    """The files of a model do not hold what its config describes, or are of another kind of model."""


class UnsupportedModelError(ModelError, NotImplementedError):
    """The architecture cannot be computed by the path that was asked for."""


class ContextTooLongError(ModelError, ValueError):
    """One request needs more positions than the model has."""


class RunError(CpmiError, RuntimeError):
    """A run folder cannot be continued or merged."""


class StorageError(CpmiError, OSError):
    """The disk refused to store a result."""


class PlaceTakenError(StorageError, ConfigError):
    """Something else stands where a file or folder is to be written, or the path is none."""


class WorkerError(CpmiError, RuntimeError):
    """A process that compares answers cannot be started, or is killed again and again."""


class AnswerCheckError(CpmiError, ValueError):
    """A function of the user that compares answers raises an error, or returns what is no verdict."""


class MissingDependencyError(CpmiError, ImportError):
    """An optional package is needed and not installed."""
