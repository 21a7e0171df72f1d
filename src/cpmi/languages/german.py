"""German."""

from cpmi.languages.language import Judgment, Language

GERMAN = Language(
    code="de",
    name="German",
    templates=(
        "Du liest gleich eine Mathematikaufgabe und danach einen Teil einer schriftlichen Lösung. Folge der "
        "Überlegung genau, führe die noch fehlenden Rechnungen aus und gib dann die eine endgültige Antwort "
        "auf die Aufgabe in der verlangten Form an.",
        "Unten stehen eine Textaufgabe und ein Teil dessen, was jemand in der Klasse dazu notiert hat. "
        "Nutze diese Arbeit, so weit sie reicht, ergänze selbst, was noch zu tun bleibt, und gib am Ende das "
        "Ergebnis der ganzen Aufgabe an.",
        "Hier sind eine Übungsaufgabe und ein Stück der Lösung, die jemand dazu geschrieben hat. Überlege, "
        "nach welcher Größe gefragt ist, setze die begonnene Überlegung fort, bis diese Größe bekannt ist, "
        "und nenne ihren Wert als einzige endgültige Antwort, ohne weitere Erklärung.",
        "Lies zuerst die Frage und danach die Notizen darunter. Die Notizen enthalten vielleicht nur einige "
        "der nötigen Schritte. Entscheide, was aus den Notizen folgt, führe die übrigen Schritte aus und "
        "schließe mit der endgültigen Antwort auf die gestellte Frage.",
    ),
    problem="Aufgabe: ",
    solution="Lösung:",
    run_on=("\nAufgabe:", "\nFrage:"),
    cues=(
        "Die Antwort lautet:",
        "Endergebnis:",
        "Das Ergebnis ist also:",
        "Die endgültige Antwort lautet daher:",
    ),
    gap=" ",
    wrong_answer="Unten stehen eine Aufgabe und ein Lösungsentwurf, der Fehler enthalten kann. In diesem "
    "Entwurf ist ein Fehler unterlaufen: eine falsche Rechenart, ein vergessener Schritt oder ein "
    "Rechenfehler. Schreibe ein falsches Endergebnis auf, zu dem man so leicht gelangen könnte. Gib nur das "
    "Ergebnis an.",
    wrong_answer_cue="Das falsche Ergebnis lautet:",
    judge="Unten stehen eine Aufgabe und eine Lösung, die Fehler enthalten kann. Prüfe die Lösung Schritt "
    "für Schritt: Ein Schritt ist richtig, wenn seine Zahlen, seine Rechnung und seine Begründung aus der "
    "Aufgabe und den vorangehenden Schritten folgen; sonst ist er falsch.",
    judgments=(
        Judgment("Urteil über den letzten Schritt:", " richtig", " falsch"),
        Judgment("Ist der letzte Schritt richtig? Antwort:", " Ja", " Nein"),
        Judgment("Wahr oder falsch: Der letzte Schritt stimmt.", " Wahr", " Falsch"),
        Judgment("Bewertung des letzten Schritts:", " korrekt", " fehlerhaft"),
    ),
)
