"""Which columns of a user's own records are the question, the solution, the gold answer and so on.

Given as `--columns question=prompt,solution=completion,gold=reward_model.ground_truth`, or found by names
that are in use where they leave no doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpmi.data.field_path import ABSENT, FieldPath
from cpmi.errors import ConfigError

ROLES = {
    "question": "the problem: text, or messages",
    "solution": "one chain as text or messages, or a list of several",
    "steps": "a chain that is cut already: a list of texts",
    "gold": "the right answer: text, a number, or a list of several; of options a letter, an index or a text",
    "gold_index": "the index from 0 of the right option, in place of the gold",
    "gold_text": "the text of the right option, in place of the gold",
    "options": "the options of a multiple choice: a list of texts, or an object by letter",
    "distractors": "wrong answers: a list",
    "outcome": "whether the chain's end is right: true or false, 1 or 0",
    "answer": "the chain's own final answer",
    "error": "index of the first wrong step from 0, -1 for none",
    "id": "a name of its own for every record",
}
"""What a column may be."""

GOLD_ROLES = ("gold", "gold_index", "gold_text")
"""The gold; the last two where there are options and it could be either."""


CHAIN_ROLES = frozenset({"solution", "steps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a kind of record, by role.

    Attributes:
        paths: role -> path.
    """

    paths: Mapping[str, FieldPath]

    @classmethod
    def parse(cls, given: str | Mapping[str, str]) -> Columns:
        """Read `role=path,role=path`, or a mapping from roles to paths.

        Raises:
            ConfigError: no column, an unknown role, one twice, or both a solution and steps.
        """
        text = columns_text(given)
        paths: dict[str, FieldPath] = {}
        for item in text.split(","):
            role, equals, path = (part.strip() for part in item.partition("="))
            if not equals or role not in ROLES:
                raise ConfigError(
                    "not a column",
                    where="option columns",
                    got=repr(item.strip()),
                    expected=f"ROLE=PATH with one of {', '.join(ROLES)}",
                    hint="For example question=prompt,solution=completion,gold=reward_model.ground_truth.",
                )
            if role in paths:
                raise ConfigError(f"{role} is given twice", where="option columns", got=repr(text))
            paths[role] = FieldPath.parse(path)
        if len(paths.keys() & set(GOLD_ROLES)) > 1:
            raise ConfigError(
                "the gold is given twice",
                where="option columns",
                got=repr(text),
                expected=f"one of {', '.join(GOLD_ROLES)}",
            )
        if "solution" in paths and "steps" in paths:
            raise ConfigError(
                "a chain is a solution or steps",
                where="option columns",
                got=repr(text),
                expected="one of them",
            )
        return cls(paths=paths)

    @property
    def is_whole(self) -> bool:
        """Whether there are a question and a chain."""
        return "question" in self.paths and bool(self.paths.keys() & CHAIN_ROLES)

    def get(self, role: str, fields: Mapping[str, object]) -> object:
        """The value of a role in a record; ABSENT where the role or the value is not there."""
        path = self.paths.get(role)
        return ABSENT if path is None else path.get(fields)

    def used(self) -> set[str]:
        """The fields of a record that the paths begin with."""
        return {path.top for path in self.paths.values()} | {path.text for path in self.paths.values()}

    def __str__(self) -> str:
        return ", ".join(f"{role} = {path.text}" for role, path in self.paths.items())


def columns_text(given: str | Mapping[str, str]) -> str:
    """The text form of columns that are given as text or as a mapping.

    Raises:
        ConfigError: there is no column, or one is no text or holds a comma.
    """
    if isinstance(given, str):
        text = given
    else:
        for role, path in given.items():
            if not isinstance(role, str) or not isinstance(path, str) or "," in path:
                raise ConfigError(
                    "not a column", where="option columns", got=repr({role: path}), expected="a path, as text"
                )
        text = ",".join(f"{role}={path}" for role, path in given.items())
    if not text.strip():
        raise ConfigError(
            "no column is named",
            where="option columns",
            got=repr(given),
            expected=f"ROLE=PATH with one of {', '.join(ROLES)}",
            hint="Leave it out, or write for example question=prompt,solution=completion.",
        )
    return text
