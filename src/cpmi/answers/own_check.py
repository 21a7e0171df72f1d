"""The comparison by a function of the user: `same(gold, answer)`, True, False, or None for undecided.

The function runs in this process, without a limit of time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.digests import digest_of_file
from cpmi.errors import AnswerCheckError, ConfigError
from cpmi.importing import module_of
from cpmi.types import Verdict

_WHERE = "option answer_check"
_UNDECIDED = undecided("the answer check leaves it open")
_VERDICTS = {True: SAME, False: DIFFERENT}


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """A function of the user.

    Attributes:
        name: as it was given, "module:function" or "path.py:function".
        function: takes the gold and the answer.
        sha256: of the file that defines it.
    """

    name: str
    function: Callable[[str, str], object]
    sha256: str

    @classmethod
    def load(cls, name: str) -> OwnCheck:
        """Import the function.

        Raises:
            ConfigError: it is not there, cannot be imported, or is no function of two arguments.
        """
        module_name, _, attribute = name.rpartition(":")
        module = module_of(module_name, given=name, where=_WHERE, noun="answer check")
        function = getattr(module, attribute, None)
        file = Path(getattr(module, "__file__", None) or "")
        if not callable(function) or not file.is_file():
            raise ConfigError(
                "there is no such function",
                where=_WHERE,
                got=repr(name),
                expected=f"def {attribute}(gold: str, answer: str) -> bool | None in a Python file",
            )
        try:
            inspect.signature(function).bind("gold", "answer")
        except (TypeError, ValueError) as error:
            raise ConfigError(
                "the function does not take a gold and an answer",
                where=_WHERE,
                got=f"{name}: {error}",
                expected=f"def {attribute}(gold: str, answer: str) -> bool | None",
            ) from error
        return cls(name, function, digest_of_file(file))

    def compare(self, gold: str, answer: str) -> Verdict:
        """The verdict of the function.

        Raises:
            AnswerCheckError: it raises something or returns something else; the pair is named.
        """
        try:
            found = self.function(gold, answer)
        except (Exception, SystemExit) as error:
            raise self._failed(gold, answer, f"{type(error).__name__}: {error}") from error
        if callable(scalar := getattr(found, "item", None)):  # numpy's truth values
            found = scalar()
        if found is None:
            return _UNDECIDED
        if not isinstance(found, bool):
            raise self._failed(gold, answer, f"it returned {found!r}")
        return _VERDICTS[found]

    def _failed(self, gold: str, answer: str, got: str) -> AnswerCheckError:
        return AnswerCheckError(
            "the answer check failed",
            where=f"{self.name}({_shown(gold)}, {_shown(answer)})",
            got=got,
            expected="True, False or None",
            hint="Correct the function. `cpmi label --on-error skip` goes on without such chains.",
        )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 200 else f"{text[:199]}…")
