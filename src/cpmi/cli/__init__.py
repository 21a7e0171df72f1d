"""The command line: thin faces over `cpmi.api` and `cpmi.runs`. Commands load what they need when called."""

from cpmi.cli.app import app, main

__all__ = ["app", "main"]
