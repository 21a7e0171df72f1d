r"""Reads `\int`, `\sum`, `\prod`, `\lim`: operator, variable, bounds and body.

A sum or product over a few whole numbers is written out. Any other operator becomes a node whose value is not
computed: two are known to be equal where their parts are.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from fractions import Fraction

from cpmi.answers.evaluation import NoValueError, exact_value
from cpmi.answers.expression_tokens import Cursor, Habits, UnreadError
from cpmi.answers.expressions import Node, letter, minus, number, substitute
from cpmi.answers.latex import closing_brace

_MAX_WRITTEN_OUT = 2_000  # nodes
_INFINITY = re.compile(r"\{?\s*(?P<sign>[-+]?)\s*\\infty(?![A-Za-z])\s*\}?")
_NO_BOUND = re.compile(r"\{\s*\}")
_INDEX = re.compile(r"_\s*\{\s*(?P<name>[A-Za-z])\s*=")
_TENDS = re.compile(r"_\s*\{\s*(?P<name>[A-Za-z])\s*\\(?:to|(?:[lL]ong)?[rR]ightarrow)(?![A-Za-z])")
_FROM_ONE_SIDE = re.compile(r"\^\s*(?:\{\s*(?P<braced>[-+])\s*\}|(?P<bare>[-+]))\s*$")
# A command, a bracket, or a differential.
_DIFFERENTIAL = re.compile(
    r"(?P<name>(?<![A-Za-z])d\s*\\[a-z]+|d\s*[A-Za-z](?![A-Za-z]))|\\[A-Za-z]+|(?P<open>[({\[])|(?P<close>[)}\]])"
)
_END = re.compile(r"\s*(?:$|[-+)\]}])")
_SIGN = re.compile(r"[-+]")


class Operators(Cursor):
    """The part of a reader that reads operators with a bound variable.

    Attributes:
        variables: letters that an operator binds, so that `i` is no imaginary unit among them.
    """

    def __init__(self, text: str, habits: Habits, variables: frozenset[str] = frozenset()) -> None:
        super().__init__(text, habits)
        self.variables = variables

    @abstractmethod
    def read(self) -> Node:
        """The whole text."""

    @abstractmethod
    def _product(self) -> Node: ...

    @abstractmethod
    def _until(self, closing: str) -> Node: ...

    @abstractmethod
    def _argument(self) -> Node: ...

    def _operator(self, name: str) -> Node:
        if name == "int":
            return self._integral()
        return self._limit() if name == "lim" else self._sum_over({"sum": "+", "prod": "*"}[name])

    def _part(self, text: str, variable: str = "") -> Node:
        return type(self)(text, self._habits, self.variables | {variable}).read()

    def _bound(self) -> Node | None:
        if self._take(_NO_BOUND):
            return None
        if infinite := self._take(_INFINITY):
            return minus(letter("infinity")) if infinite["sign"] == "-" else letter("infinity")
        # `\\int^b_a`: what follows is the other bound, not an index.
        bare = self._take(r"[A-Za-z](?=\s*_)")
        return letter(bare.group()) if bare else self._argument()

    def _integral(self) -> Node:
        low = high = None
        while mark := self._take(r"[_^]"):
            bound = self._bound()
            low, high = (bound, high) if mark.group() == "_" else (low, bound)
        text, variable = self._integrand()
        body = self._part(text, variable)
        if low is None and high is None:
            return Node("integral", (body, letter(variable)))
        if low is None or high is None:
            raise UnreadError("an integral with one bound")
        return Node("integral between", (_renamed(body, variable), low, high))

    def _integrand(self) -> tuple[str, str]:
        """What is integrated, without its differential, and the variable."""
        depth = 0
        for match in _DIFFERENTIAL.finditer(self._text, self._at):
            depth += (match["open"] is not None) - (match["close"] is not None)
            if match["name"] is None:
                continue
            before, after = self._text[self._at : match.start()], self._text[match.end() :]
            if r"\int" in before:
                break
            # `\frac{dx}{x}`: the differential is a factor within the integrand.
            one = "1" if before.rstrip()[-1:] in ("", "(", "{", "[") else " "
            text = before + one + (after if depth else "")
            self._at = len(self._text) if depth else match.end()
            if not self._sees(_END):
                break
            return text, match["name"][1:].strip(" \\")
        raise UnreadError("an integral without one differential at its end")

    def _sum_over(self, sign: str) -> Node:
        low = high = None
        variable = ""
        for _ in range(2):
            if self._take(r"\^"):
                high = self._bound()
            elif index := self._take(_INDEX):
                variable = index["name"]
                infinite = self._take(r"-\s*\\infty\s*\}")
                low = minus(letter("infinity")) if infinite else self._until("}")
        if low is None or high is None or not variable:
            raise UnreadError("a sum without bounds")
        body = self._body(variable)
        return _written_out(sign, body, variable, low, high) or Node(
            "sum" if sign == "+" else "product", (_renamed(body, variable), low, high)
        )

    def _limit(self) -> Node:
        opening = self._text.find("{", self._at)
        match = self._take(_TENDS)
        end = closing_brace(self._text, opening)
        if match is None or end is None:
            raise UnreadError("a limit without a place")
        place = self._text[self._at : end].strip()
        side = _FROM_ONE_SIDE.search(place)
        if infinite := _INFINITY.fullmatch(place):
            point = minus(letter("infinity")) if infinite["sign"] == "-" else letter("infinity")
        else:
            point = self._part(place[: side.start()] if side else place)
        self._at = end + 1
        body = self._body(match["name"])
        name = f"limit {side['braced'] or side['bare']}" if side else "limit"
        return Node(name, (_renamed(body, match["name"]), point))

    def _body(self, variable: str) -> Node:
        """A product. What `+` adds may be meant to belong to it."""
        outer, self.variables = self.variables, self.variables | {variable}
        node = self._product()
        self.variables = outer
        if self._sees(_SIGN):
            raise UnreadError("a sum that may go on")
        return node


def _renamed(body: Node, variable: str) -> Node:
    """The body with one name for its variable, whatever it was called; kept where it is also an index."""
    if _is_index(body, variable):
        return body
    level = 1 + max((int(name[1:]) for name in body.letters if name.startswith("#")), default=0)
    return substitute(body, {variable: letter(f"#{level}")})


def _is_index(body: Node, variable: str) -> bool:
    return any(variable in name.partition("_")[2] for name in body.letters)


def _written_out(sign: str, body: Node, variable: str, low: Node, high: Node) -> Node | None:
    try:
        first, last = exact_value(low, {}), exact_value(high, {})
    except (KeyError, NoValueError):
        return None
    count = last - first + 1
    size = sum(1 for _ in body.walk())
    if first.denominator != 1 or count.denominator != 1 or not 1 <= count <= _MAX_WRITTEN_OUT / size:
        return None
    if _is_index(body, variable):
        return None
    terms = tuple(substitute(body, {variable: number(first + Fraction(step))}) for step in range(int(count)))
    return terms[0] if len(terms) == 1 else Node(sign, terms)
