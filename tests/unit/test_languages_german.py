"""Answers in German solutions, with decimal commas: found and compared with a gold."""
# ruff: noqa: E501 - a solution stays in one piece

import pytest

from cpmi.types import Relation
from tests.language_cases import expect_answer, expect_case, expect_relation

# Solution, the answer found in it, a gold that is the same, one that differs.
CASES = {
    "announced": (
        "Anna hat zuerst 5 Äpfel. Sie bekommt 3 dazu, also hat sie 5 + 3 = 8 Äpfel. Die Antwort ist 8.",
        "8",
        "8 Äpfel",
        "9",
    ),
    "lautet": (
        "Ein Heft kostet 2 €, vier Hefte kosten also 8 €. Die Antwort lautet daher: 8 €.",
        "8 €",
        "8 Euro",
        "6 Euro",
    ),
    "inverted": (
        "Wir rechnen 48 : 6 = 8 und dann 8 · 3 = 24. Somit lautet die Antwort 24 Stunden.",
        "24 Stunden",
        "24",
        "8",
    ),
    "sentence of the answer": (
        "Rechnung: 120 km : 60 km/h = 2 h\n\nAntwort: Der Zug braucht 2 Stunden.",
        "2",
        "2 Stunden",
        "3 Stunden",
    ),
    "end result in bold": (
        "Zuerst: 12,5 · 4 = 50.\nDann: 50 − 8 = 42.\n\n**Endergebnis:** 42",
        "42",
        "42",
        "50",
    ),
    "decimal comma": ("Der Preis beträgt 3 · 2,50 € = 7,50 €. Das Ergebnis ist 7,5.", "7,5", "7,50", "75"),
    "thousands and decimals": (
        "Zusammen sind das 1.000 € + 234,50 € = 1.234,50 €.",
        "1.234,50",
        "1.234,5",
        "1,234",
    ),
    "thousands": ("Die Stadt hatte 900 Einwohner, heute hat sie 1.234 Einwohner.", "1.234", "1234", "12.340"),
    "boxed with a LaTeX comma": (
        "Es gilt $A = 2{,}5 \\cdot 3 = 7{,}5$, also $\\boxed{7{,}5}$.",
        "7,5",
        "7,5",
        "7,6",
    ),
    "two solutions": (
        "Die Gleichung (x − 2)(x − 3) = 0 hat die Lösungen x = 2 oder x = 3.",
        "2, 3",
        "2; 3",
        "2; 4",
    ),
    "set": (
        "Mit der pq-Formel folgt: Die Lösungsmenge ist $L = \\{-1; 4\\}$.",
        "\\{-1; 4\\}",
        "{4; -1}",
        "{1; 4}",
    ),
    "point": ("Einsetzen ergibt y = 1,5. Die Antwort ist (2 | 1,5).", "(2; 1,5)", "(2; 1,5)", "(1,5; 2)"),
    "percent": (
        "Von 60 Teilen sind 45 in Ordnung. Das sind 75 Prozent. Endergebnis: 75 %",
        "75 %",
        "75 Prozent",
        "60 %",
    ),
    "fraction": (
        "Die Wahrscheinlichkeit ist $\\frac12 \\cdot \\frac12$. Die endgültige Antwort lautet $\\frac{1}{4}$.",
        "\\frac{1}{4}",
        "0,25",
        "0,5",
    ),
    "date": (
        "Vom 28. April an gerechnet vergehen 5 Tage. Die Antwort ist der 3. Mai.",
        "der 3. Mai",
        "der 3. Mai",
        "",
    ),
    "choice": (
        "Die Winkelsumme beträgt 180°, deshalb fallen A und C weg. Die richtige Antwort ist (B).",
        "(B)",
        "B",
        "D",
    ),
    "behind": ("Wir addieren 20 und 22. Damit gilt: 42 ist die richtige Antwort.", "42", "42", "22"),
    "millions": (
        "Jede Fabrik baut 1,5 Millionen Stück, zwei Fabriken bauen 3 Millionen Stück.",
        "3 Millionen",
        "3.000.000",
        "2 Millionen",
    ),
    "word": (
        "Die Zahl 7 lässt sich nicht durch 2 teilen. Die Antwort lautet: ungerade",
        "ungerade",
        "ungerade",
        "gerade",
    ),
    "no announcement": (
        "Er kauft z. B. 3 Brote à 2,40 €, d. h. er zahlt 7,20 €. Am 2. Tag kauft er nichts. Es bleiben ihm also 2,80 €.",
        "2,80",
        "2,8 €",
        "28 €",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_found_and_compared(case: str) -> None:
    expect_case(*CASES[case], "comma")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Das Ergebnis ist 12.\nNun addieren wir 3 und erhalten 15.", "15"),  # a result on the way
        ("Wir beantworten die Frage. 3 + 4 = 7, also sind es 7.", "7"),
        ("Was ist die Antwort? Wir rechnen 3 + 4 = 7.", "7"),
        ("Es sind 12.\nProbe: 3 · 4 = 12. Die Lösung ist korrekt.", "12"),
        ("Die Antwort ist 15:30 Uhr.", "15:30 Uhr"),
        ("Antwort: Anna hat 3 und Ben hat 4. Zusammen sind es 3 + 4 = 7.", "7"),
    ],
)
def test_what_announces_and_what_does_not(text: str, answer: str) -> None:
    expect_answer(text, answer)


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("5 oder mehr", "5", Relation.UNDECIDED),
        ("3 bis 5 Tage", "3", Relation.UNDECIDED),
        ("2 Stunden", "120 Minuten", Relation.SAME),
        ("5 Möhren", "5", Relation.SAME),
        ("ja", "nein", Relation.DIFFERENT),
        ("2 und 3", "2, 3", Relation.SAME),
        ("3 Mrd. Euro", "3000000000 Euro", Relation.SAME),
    ],
)
def test_no_guess(first: str, second: str, relation: Relation) -> None:
    expect_relation(first, second, relation)
