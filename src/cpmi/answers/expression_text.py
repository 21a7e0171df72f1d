r"""One spelling for the signs, fractions, fonts and superscripts of a formula, before it is read."""

from __future__ import annotations

import re

_SIGNS = str.maketrans(
    {
        "−": "-", "–": "-", "‐": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/",
        "√": r"\sqrt ", "∛": r"\sqrt[3]", "π": r"\pi ", "∞": r"\infty ", "°": r"^\circ ", "±": r"\pm ",
        "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "λ": r"\lambda ", "φ": r"\phi ",
        "ω": r"\omega ", "½": r"\frac{1}{2}", "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}", "¼": r"\frac{1}{4}",
        "¾": r"\frac{3}{4}", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∪": r"\cup ", "∈": r"\in ",
        "→": r"\to ",        "，": ",", "（": "(", "）": ")",
    }
)  # fmt: skip
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ"
_NORMAL = str.maketrans(_SUPERSCRIPTS, "0123456789-n")
_RAISED = re.compile(f"[{_SUPERSCRIPTS}]+")
_SIZES = re.compile(
    r"\\(?:m?left|m?right|[bB]igg?[lrm]?|displaystyle|limits|tiny|small|large)(?![A-Za-z])\.?"
)
_BLANKS = re.compile(r"\\(?:[;: ]|,(?!\d{3})|!|quad|qquad|hspace\{[^{}]*\})|~|\$|&")
_FRACTIONS = re.compile(r"\\[dtc]frac(?![A-Za-z])|\\cfrac")
_FONT = re.compile(
    r"\\(?:mathrm|operatorname\*?|text|textrm|textnormal|mathit|mathbf|boldsymbol|textbf|mathsf|mbox)\s*\{\s*"
    r"(?P<name>[A-Za-z]+)\s*\}"
)
_TIMES_TEN = re.compile(r"(?<=\d)\s*[xX]\s*(?=10\s*(?:\^|\*\*))")
_COMMA_WITHOUT_BLANK = re.compile(r",\\!\s*|\{,\}|\\!,")
_DEGREE = re.compile(
    r"\^\s*(?:\{\s*\\(?:circ|degree)\s*\}|\\(?:circ|degree)(?![A-Za-z]))|\\degree(?![A-Za-z])"
)
_BAR = r"(?:\||\\[lr]?[vV]ert|\\\|)"
_LEFT_BAR = re.compile(rf"\\(?:m?left|[bB]igg?l)\s*{_BAR}|\\l[vV]ert")
_RIGHT_BAR = re.compile(rf"\\(?:m?right|[bB]igg?r)\s*{_BAR}|\\r[vV]ert")
_BRACKETS = {
    r"\vert": "|", r"\Vert": "|", r"\|": "|", r"\lbrace": r"\{", r"\rbrace": r"\}",
    r"\lbrack": "[", r"\rbrack": "]",    r"\lgroup": "(", r"\rgroup": ")",
}  # fmt: skip
# No other command begins as these do: `\lbracex` is `\lbrace x`.
_BRACKET = re.compile("|".join(map(re.escape, _BRACKETS)))
_THOUSANDS = re.compile(r"(?<![\d.,}!])[1-9]\d{0,2}(?:(?:,\\!\s?|\\!,|\{,\})\d{3})+(?!\d)")
# 0.333... and 0.2727...: a digit written three times, or some written twice, go on.
_GOES_ON = re.compile(
    r"(?P<head>\d{0,20}\.\d{0,20}?)(?:(?P<one>\d)(?P=one){2,}|(?P<some>\d{2,6})(?P=some)+)"
    r"\s*(?:\.\.\.|…|\\l?dots(?![A-Za-z])|\\cdots(?![A-Za-z]))"
)
_ROOT_OF_DIGITS = re.compile(r"(?:√|(?<!\\)\bsqrt)\s*(\d+(?:\.\d+)?)")
_CHOOSE = re.compile(r"\{([^{}]*)\\choose(?![A-Za-z])([^{}]*)\}")
_MOD = re.compile(r"(?<![A-Za-z\\])mod(?![A-Za-z])")
FUNCTIONS = frozenset(
    ["sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
     "arsinh", "arcosh", "artanh", "arcsinh", "arccosh", "arctanh", "floor", "ceil", "ln", "log", "lg",
     "exp", "gcd", "lcm", "max", "min"]
)  # fmt: skip


def plain_formula(text: str) -> str:
    """The formula in the one spelling that the reader knows. Time is linear in the length."""
    text = _ROOT_OF_DIGITS.sub(r"\\sqrt{\1}", text)
    text = _THOUSANDS.sub(lambda match: re.sub(r"\D", "", match.group()), text.translate(_SIGNS))
    text = _COMMA_WITHOUT_BLANK.sub(",", text)
    text = _RIGHT_BAR.sub(r"\\rvert ", _LEFT_BAR.sub(r"\\lvert ", text))
    text = _BRACKET.sub(lambda match: _BRACKETS[match.group()], text)
    text = _RAISED.sub(lambda match: "^{" + match.group().translate(_NORMAL) + "}", text)
    text = _SIZES.sub(" ", text)
    text = _BLANKS.sub(" ", text)
    text = _GOES_ON.sub(lambda m: rf"{m['head']}\overline{{{m['one'] or m['some']}}}", text)
    text = _FRACTIONS.sub(r"\\frac", text)
    text = _FONT.sub(_bare, text)
    text = _DEGREE.sub("°", text)
    if "mod" in text:
        text = _MOD.sub(r"\\bmod ", text)
    text = _CHOOSE.sub(r"\\binom{\1}{\2}", text)
    return _TIMES_TEN.sub("*", text).replace("**", "^").strip()


def _bare(match: re.Match[str]) -> str:
    name = match["name"]
    if name in FUNCTIONS:
        return "\\" + name + " "
    return f" {name} " if len(name) == 1 else match.group()
