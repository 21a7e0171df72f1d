"""The program that renders a chat template: `python chat_template_worker.py LIMIT_S MEMORY_BYTES CHARACTERS`.

Both directions are lines of JSON. The first line in is the template and the variables that it may name; every
other line is `[turns, generation]`, and `{"text": ...}` or `{"error": ...}` goes out. It ends when its input
ends. A conversation may take LIMIT_S seconds of *processor time*; then the kernel ends the program.

It imports nothing of torch, so that it starts in a second.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from typing import Any, TextIO

from transformers.utils.chat_template_utils import render_jinja_template

from cpmi.steps.pattern_worker import OUT_OF_MEMORY, bound_memory, listen_to_timers, start_timer, stop_timer

_SHOWN = 300


def main(limit_s: float, memory_bytes: int, max_characters: int) -> None:
    """Answer the conversations on the standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C concerns the caller, who ends this program
    listen_to_timers()
    bound_memory(memory_bytes)
    replies = _own_output()
    template, variables = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        turns, generation = json.loads(line)
        random.seed(0)  # for the filter `random`
        start_timer(limit_s)
        try:
            reply = _reply(template, variables, turns, generation)
            most = max_characters + 2 * len(line)
            if len(reply.get("text", "")) > most:
                reply = {"error": f"a text of {len(reply['text']):,} characters; expected at most {most:,}"}
            said = json.dumps(reply)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        stop_timer()
        replies.write(said + "\n")
        replies.flush()


def _reply(template: str, variables: dict[str, Any], turns: list[Any], generation: bool) -> dict[str, str]:
    try:
        rendered: Any = render_jinja_template(  # texts, and what is of no use here
            conversations=[turns], chat_template=template, add_generation_prompt=generation, **variables
        )
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  a template is a program of its own, and may raise anything
        return {"error": f"{type(error).__name__}: {error}"[:_SHOWN]}
    return {"text": str(rendered[0][0])}


def _own_output() -> TextIO:
    """The standard output for replies alone: what a library prints is dropped."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    return replies


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
