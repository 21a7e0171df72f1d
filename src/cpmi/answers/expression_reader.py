r"""From the text of a formula, LaTeX or plain, to its tree.

What cannot be read with certainty is refused, so that nothing is skipped. Two habits differ between writers
and are options: whether `1/2x` and `\sin x/2` end the fraction before the letter, and the base of a bare
`\log`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cpmi.answers.expression_text import FUNCTIONS, plain_formula
from cpmi.answers.expression_tokens import NUMBER, PLAIN_HABITS, UNGROUPED, Habits, UnreadError, numeral
from cpmi.answers.expressions import Node, letter, minus, number
from cpmi.answers.operators import Operators

_MAX_LENGTH = 2_000
_MAX_DEPTH = 60
_MAX_DIGITS = 5_000

_IN_BRACKETS = re.compile(r"\((\d+)\)")
_GREEK = frozenset(
    ["alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota",
     "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi",
     "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega", "ell", "hbar"]
)  # fmt: skip
_PLAIN_GREEK = frozenset(["alpha", "beta", "gamma", "theta", "lambda", "sigma", "omega"])
_PLAIN_FUNCTIONS = re.compile(
    r"(?P<name>arcsinh|arccosh|arctanh|arcsin|arccos|arctan|asin|acos|atan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|sqrt|cbrt|exp|log|ln|lg"
    r"|abs|floor|ceil|gcd|lcm|max|min)(?P<rest>[A-Za-z]{0,2})"
)
_ALIASES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "arcsinh": "arsinh", "arccosh": "arcosh",
            "arctanh": "artanh"}  # fmt: skip
_INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "sinh": "arsinh", "cosh": "arcosh",
             "tanh": "artanh"}  # fmt: skip
_OPERAND = re.compile(
    r"[\dA-Za-z.({\[|]|\\\{|\\(?!times|cdot|div|ast|bullet|pm|mp|rfloor|rceil|rvert|right|b?mod(?![A-Za-z]))[A-Za-z]"
)
_TIMES = re.compile(r"\*|\\(?:times|cdot|ast|bullet)(?![A-Za-z])")
_OVER = re.compile(r"/|\\div(?![A-Za-z])")
_MODULO = re.compile(r"\\b?mod(?![A-Za-z])")
_CLOSING = {"(": ")", "[": "]", "{": "}", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil", r"\lvert": r"\rvert",
            r"\{": r"\}"}  # fmt: skip


@lru_cache(maxsize=4_096)
def read_expression(text: str, habits: Habits = PLAIN_HABITS) -> Node | None:
    """The tree of a formula, or None where it is not read with certainty."""
    if len(text) > _MAX_LENGTH:
        return None
    try:
        return _Reader(plain_formula(text), habits).read()
    except UnreadError:
        return None


_BRACE = re.compile(r"\{")
# `\frac{d}{dx}`, `\frac{d^2y}{dx^2}`: no quotient of products; plain, `dy/dx`.
_D = r"(?:d|\\partial(?![A-Za-z]))\s*(?:\^\s*\{?\s*\d\s*\}?)?\s*"
_LETTER = r"(?:\\[A-Za-z]+|[A-Za-z])\s*"
_DERIVATIVE = re.compile(
    rf"(?P<whole>\{{\s*{_D}{_LETTER}\}}\s*\{{\s*{_D}{_LETTER}(?:\^\s*\{{?\s*\d\s*\}}?\s*)?\}})"
    rf"|\{{\s*{_D}(?:{_LETTER})?\}}\s*\{{\s*{_D}{_LETTER}"
)
_PLAIN_DERIVATIVE = re.compile(r"(?<![A-Za-z\\])d(?:\^\d)?[A-Za-z]?\s*/\s*d[A-Za-z](?![A-Za-z])")
_FORMULA_AS_INDEX = re.compile(r"_\s*\{[\sA-Za-z0-9]*[-+,^]")
_OPENING = re.compile(r"\(|\\\{")
_CONSTANTS = {"pi": "pi", "exponentialE": "e", "imaginaryI": "i"}


class _Reader(Operators):
    _depth = 0
    _bars = 0
    _numerals = NUMBER

    def read(self) -> Node:
        if _PLAIN_DERIVATIVE.search(self._text):
            raise UnreadError("a derivative")
        node = self._sum()
        self._skip()
        if self._at != len(self._text):
            raise UnreadError(self._text[self._at :])
        return node

    def _sum(self) -> Node:
        terms: list[Node] = []
        while True:
            negative = False
            signs = 0
            while sign := self._take(r"[-+]"):
                signs += 1
                negative ^= sign.group() == "-"
            if terms and not signs:
                break
            if signs > 2:
                raise UnreadError("signs in a row")
            # A leading sign belongs to the first factor: `-1 \\bmod 2` is 1.
            term = self._product(negative=negative and not terms)
            terms.append(minus(term) if negative and terms else term)
            if len(terms) > 1 and any(term.op == "mod" for term in terms):
                raise UnreadError("a sum that may be the left side of mod")
        return terms[0] if len(terms) == 1 else Node("+", tuple(terms))

    def _product(self, *, negative: bool = False) -> Node:
        node = self._signed_factor()
        if negative:
            node = minus(node)
        while True:
            if self._take(_TIMES):
                node = _times(node, self._signed_factor())
            elif self._take(_OVER):
                below = self._signed_factor()
                while self._habits.tight and self._implicit_follows():
                    below = _times(below, self._factor())
                node = Node("/", (node, below))
            elif self._take(_MODULO):
                node = Node("mod", (node, self._signed_factor()))
            elif self._implicit_follows():
                node = _times(node, self._factor())
            else:
                return node

    def _implicit_follows(self) -> bool:
        self._skip()
        rest = self._text[self._at : self._at + 1]
        if rest == "|" and self._bars:
            return False
        if rest.isdigit() or rest == ".":
            # `2 3` and `x2` are no products.
            if self._text[: self._at].rstrip()[-1:] not in (")", "}", "]"):
                raise UnreadError("a number after a factor")
            return True
        return self._sees(_OPERAND)

    def _signed_factor(self) -> Node:
        if self._take(r"-"):
            return minus(self._factor())
        self._take(r"\+")
        return self._factor()

    def _factor(self) -> Node:
        return self._powers(self._primary())

    def _powers(self, node: Node) -> Node:
        while True:
            if self._take(r"\^"):
                digit = self._take(r"\d(?=\s*_)")  # x^2_1
                exponent = number(int(digit.group())) if digit else self._exponent()
                if node.op == "letter" and "_" not in node.name:
                    node = self._indexed(node.name)
                node = Node("^", (node, exponent))
            elif self._take(r"!(?!=)"):
                if self._take(r"!(?!=)"):
                    raise UnreadError("a double factorial")
                node = Node("factorial", (node,))
            elif self._take(r"°"):
                node = Node("degree", (node,))
            else:
                return node

    def _exponent(self) -> Node:
        if self._take(r"\{"):
            return self._until("}")
        if self._take(r"-"):
            return minus(self._primary())
        node = self._primary()
        if self._take(r"\^"):
            raise UnreadError("a tower of powers without braces")
        return node

    def _until(self, closing: str) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnreadError("too deep")
        bars, self._bars = self._bars, int(closing == "|")
        node = self._sum()
        self._bars = bars
        self._depth -= 1
        if not self._take(re.escape(closing)):
            raise UnreadError(f"{closing} is missing")
        return node

    def _argument(self) -> Node:
        """A LaTeX argument: braces, or one character or command."""
        if self._take(r"\{"):
            return self._until("}")
        if digit := self._take(r"\d"):
            return number(int(digit.group()))
        return self._primary()

    def _primary(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnreadError("too deep")
        node = self._atom()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        self._skip()
        if opening := self._take(r"[({\[]"):
            return self._until(_CLOSING[opening.group()])
        if self._take(r"\\\{"):
            inside = self._until(r"\}")
            if inside.op != "+":
                raise UnreadError("braces that may take the fractional part")
            return inside
        if self._take(r"\|"):
            return Node("abs", (self._until("|"),))
        if self._sees(re.compile(r"\d|\.\d")):
            return self._number()
        if command := self._take(r"\\[A-Za-z]+"):
            return self._command(command.group())
        if run := self._take(r"[A-Za-z]+"):
            return self._letters(run.group())
        raise UnreadError(self._text[self._at :])

    def _number(self) -> Node:
        match = self._take(self._numerals)
        if match is None or len(match.group()) > _MAX_DIGITS:
            raise UnreadError("no number")
        repeat = None if self._habits.tight or match["part"] is None else self._take(_IN_BRACKETS)
        node = numeral(match, match["repeat"] or (repeat[1] if repeat else ""))
        if self._text[self._at : self._at + 1] == "_":
            raise UnreadError("a number in another base")
        if node.value.denominator == 1 and node.decimals is None and self._take(r"\\frac(?![A-Za-z])"):
            # A mixed number, where the fraction is proper; anything else would be a guess.
            above, below = self._argument(), self._argument()
            if above.op == below.op == "number":
                if 0 < above.value < below.value:
                    return Node("+", (node, Node("/", (above, below))))
                raise UnreadError("a number before an improper fraction")
            return _times(node, Node("/", (above, below)))
        return node

    def _letters(self, run: str) -> Node:
        start = self._at - len(run)
        if match := _PLAIN_FUNCTIONS.fullmatch(run):
            self._at = start + len(match["name"])
            return self._function(_ALIASES.get(match["name"], match["name"]))
        if run.lower() == "pi" or (run.startswith("pi") and len(run) <= 4):
            self._at = start + 2
            return Node("constant", name="pi")
        if run in _PLAIN_GREEK:
            return letter(run + self._subscript())
        if "pi" in run or (len(run) > 3 and (len(run) > 4 or re.search(r"[aeiouAEIOU]", run))):
            raise UnreadError(run)
        self._at = start + 1
        return self._letter(run[0])

    def _letter(self, name: str) -> Node:
        if name in ("e", "i") and name not in self.variables:
            return Node("constant", name=name)
        node = self._indexed(name)
        # f(x) is a value of a function; of other letters a bracket is a factor.
        if name in "fF" and self._sees(_OPENING):
            return Node(f"value {node.name or node.op}", (*node.args, *self._arguments(_OPENING)))
        return node

    def _indexed(self, name: str) -> Node:
        """A letter with its index; where that is a formula or a list, a value of `x_`."""
        if self._sees(_FORMULA_AS_INDEX):
            self._take("_")
            return Node(f"value {name}_", self._arguments(_BRACE))
        return letter(name + self._subscript())

    def _subscript(self) -> str:
        index = ""
        if match := self._take(r"_\s*(?:\{\s*(\\?[A-Za-z0-9]+)\s*\}|(\\[a-z]+|[A-Za-z0-9]))"):
            index = "_" + (match[1] or match[2]).lstrip("\\")
        if match := self._take(r"'+"):
            index += match.group()
        return index

    def _command(self, command: str) -> Node:
        name = command[1:]
        if name == "frac":
            if derivative := self._take(_DERIVATIVE):
                return self._derivative(derivative)
            return Node("/", (self._argument(), self._argument()))
        if name in ("binom", "dbinom", "tbinom"):
            return Node("binomial", (self._argument(), self._argument()))
        if name == "sqrt":
            return self._root()
        if name in _CONSTANTS:
            return Node("constant", name=_CONSTANTS[name])
        if name in ("int", "sum", "prod", "lim"):
            return self._operator(name)
        if name in FUNCTIONS:
            return self._function(_ALIASES.get(name, name))
        if name == "overline":
            return self._conjugate()
        if name in _GREEK:
            return letter(name.removeprefix("var") + self._subscript())
        if command in _CLOSING:
            inside = self._until(_CLOSING[command])
            return Node({"lfloor": "floor", "lceil": "ceil", "lvert": "abs"}[name], (inside,))
        raise UnreadError(command)

    def _derivative(self, match: re.Match[str]) -> Node:
        """`\\frac{dy}{dx}` as a value that is not computed; the operator `\\frac{d}{dx}` is not read."""
        if match["whole"] is None:
            raise UnreadError("a derivative")
        return Node("value " + "".join(match["whole"].split()))

    def _conjugate(self) -> Node:
        inside = self._argument()
        if inside.letters or not inside.is_complex:
            raise UnreadError("a line over letters")
        return Node("conjugate", (inside,))

    def _root(self) -> Node:
        degree = number(2)
        if self._take(r"\["):
            degree = self._until("]")
        if self._take(r"\("):
            return Node("root", (degree, self._until(")")))
        # `\sqrt13` is the root of 1 times 3 in LaTeX, but whoever types it means 13.
        if self._take(r"\d(?=\d)"):
            raise UnreadError("a root of digits without braces")
        return Node("root", (degree, self._argument()))

    def _function(self, name: str) -> Node:
        if name == "sqrt":
            return self._root()
        if name == "cbrt":
            return Node("root", (number(3), self._argument()))
        base = None
        if name == "log" and self._take(r"_"):
            base = self._argument()
        power = self._exponent() if self._take(r"\^") else None
        if power is not None and power.op == "number" and power.value == -1:
            if name not in _INVERSES:
                raise UnreadError("an inverse function")
            name, power = _INVERSES[name], None
        node = self._applied(name, base)
        return node if power is None else Node("^", (node, power))

    def _applied(self, name: str, base: Node | None) -> Node:
        if name in ("gcd", "lcm", "max", "min"):
            given = self._arguments(_OPENING)
            return given[0] if len(given) == 1 and name in ("max", "min") else Node(name, given)
        inside = self._function_argument()
        if name == "exp":
            return Node("^", (Node("constant", name="e"), inside))
        if name == "lg" or (name == "log" and base is None and self._habits.decadic):
            base = number(10)
        if name in ("log", "ln", "lg"):
            logarithm = Node("ln", (inside,))
            return logarithm if base is None else Node("/", (logarithm, Node("ln", (base,))))
        return Node(name, (inside,))

    def _arguments(self, bracket: re.Pattern[str]) -> tuple[Node, ...]:
        """In brackets, where a comma is no mark between thousands."""
        opening = self._take(bracket)
        if opening is None:
            raise UnreadError("no arguments")
        numerals, self._numerals = self._numerals, UNGROUPED
        found = [self._sum()]
        while self._take(r","):
            found.append(self._sum())
        self._numerals = numerals
        if not self._take(re.escape(_CLOSING[opening.group()])):
            raise UnreadError("a bracket is missing")
        return tuple(found)

    def _function_argument(self) -> Node:
        """`(x+1)`, `{x}` or `|x|`; else the product that follows, up to an operator or a function."""
        if opening := self._take(r"[({\[]"):
            return self._until(_CLOSING[opening.group()])
        node = minus(self._factor()) if self._take(r"-") else self._factor()
        function = re.compile(
            r"\\(?:" + "|".join(FUNCTIONS) + r")(?![A-Za-z])|(?:" + "|".join(FUNCTIONS) + r")[^A-Za-z]"
        )
        while True:
            if self._habits.tight and self._take(_OVER):
                node = Node("/", (node, self._factor()))
            elif not self._sees(function) and not self._sees(re.compile(r"\(")) and self._implicit_follows():
                node = _times(node, self._factor())
            else:
                return node


def _times(left: Node, right: Node) -> Node:
    return Node("*", (*left.args, right) if left.op == "*" else (left, right))
