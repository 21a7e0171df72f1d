"""English."""

from cpmi.languages.language import Judgment, Language

ENGLISH = Language(
    code="en",
    name="English",
    # 50 to 60 tokens each.
    templates=(
        "You will read a mathematics problem and then part of a written solution to it. Follow the "
        "reasoning closely, carry out any arithmetic that is still missing, and then state the single final "
        "answer to the problem in the form in which it was asked for.",
        "Below stands a word problem together with some of the work that a student has written down for it. "
        "Use that work as far as it goes, complete what remains to be done on your own, and give the final "
        "result of the whole problem at the end.",
        "Here is an exercise and a piece of somebody's solution. Think about which quantity the exercise "
        "asks for, continue from the given piece of reasoning until that quantity is known, and report its "
        "value as the one and final answer, without any further explanation.",
        "Read the question first and the notes underneath it afterwards. The notes may hold only some of the "
        "steps that are needed. Decide what the notes imply, do the steps that are left, and finish with the "
        "final answer to the question that was asked.",
    ),
    problem="Problem: ",
    solution="Solution:",
    run_on=("\nProblem:", "\nQuestion:"),
    cues=("The answer is:", "Final answer:", "So the result is:", "Therefore, the final answer is:"),
    gap=" ",
    wrong_answer="Below are a problem and a draft solution that may contain mistakes. A student slipped "
    "somewhere in this draft: a wrong operation, a forgotten step, or an arithmetic error. Write a wrong "
    "final result that the student could plausibly have ended with. Give only the result.",
    wrong_answer_cue="The wrong result is:",
    judge="Below are a problem and a solution that may contain mistakes. Check the solution step by step: a "
    "step is correct if its numbers, its arithmetic and its reasoning follow from the problem and the steps "
    "before it, and incorrect otherwise.",
    judgments=(
        Judgment("Judgment of the last step:", " correct", " incorrect"),
        Judgment("Is the last step correct? Answer:", " Yes", " No"),
        Judgment("True or false: the last step holds.", " True", " False"),
        Judgment("Mark for the last step:", " right", " wrong"),
    ),
)
