"""Settings of the site for Sphinx; `make docs` builds it. Pages made from the package are written first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docs import generate
from sphinx.ext.autodoc.mock import mock

import cpmi

HERE = Path(__file__).parent
NO_BREAK = ",\u00a0"
_INTERVAL = re.compile(r", (?=[+−]?[\d.]+\])")
FINDINGS = HERE.parent / "findings" / "README.md"

project = "cpmi"
project_copyright = "the cpmi authors, Apache-2.0"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["README.md"]

myst_enable_extensions = ["attrs_inline", "colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a table of results may begin at any level

# Optional packages are not imported, so that the site builds in seconds and without them.
autodoc_mock_imports = [
    "accelerate", "datasets", "gguf", "huggingface_hub", "jinja2", "matplotlib", "peft", "safetensors",
    "sklearn", "torch", "transformers",
]  # fmt: skip
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
default_role = "py:obj"
smartquotes_action = "qe"  # quotes and ellipses; a dash may begin an option

html_theme = "furo"
html_title = "cpmi"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5394", "color-brand-content": "#0b5394"},
    "dark_css_variables": {"color-brand-primary": "#7fb4e6", "color-brand-content": "#7fb4e6"},
}


def _adapt(app: Any, docname: str, source: list[str]) -> None:
    """Give tables of results a title and unbroken intervals, and the page of findings its text."""
    del app
    if docname.startswith("tables/"):
        source[0] = f"# {docname.removeprefix('tables/')}\n\n{_INTERVAL.sub(NO_BREAK, source[0])}"
    elif docname == "findings" and FINDINGS.exists():
        source[0] = _as_text(FINDINGS.read_text(encoding="utf-8"))


def _escape_bars(app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """|x| in a docstring is an absolute value, not a substitution."""
    del app, what, name, obj, options
    lines[:] = [line if "`" in line else line.replace("|", "\\|") for line in lines]


def _keep_order(app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Napoleon takes the words before a colon for a type; after an empty comment they stay prose."""
    del app, name, obj, options
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]


def _as_text(page: str) -> str:
    """Links to files outside the site become their text."""
    return re.sub(r"\[([^]]+)\]\((?!https?:)[^)]+\)", r"`\1`", page)


def setup(app: Any) -> None:
    """Write the generated pages, and import all public names while optional packages are mocked."""
    generate.main()
    with mock(autodoc_mock_imports):
        for name in cpmi.__all__:
            getattr(cpmi, name)
    app.connect("source-read", _adapt)
    app.connect("autodoc-process-docstring", _escape_bars)
    app.connect("autodoc-process-docstring", _keep_order, priority=400)  # napoleon's is 500
