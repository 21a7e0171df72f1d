"""From a matplotlib figure to SVG that lives inside a page: it follows the theme and scales with its box.

A figure is drawn in stand-in colors, one for each CSS variable; here the variables take their place. So one
drawing serves the light and the dark theme.
"""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

VARIABLES = ("ink", "muted", "line", "surface", "good", "bad", "m0", "m1", "m2", "m3", "m4", "m5")
"""CSS variables of page.css that a drawing may use."""

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cpmi",
    "font.size": 11,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.size": 0,
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
    "axes.linewidth": 0.8,
}


def color(variable: str) -> str:
    """The stand-in for a CSS variable."""
    return f"#0a0b{VARIABLES.index(variable):02x}"


def themed_style() -> Any:
    """matplotlib's settings for a drawing in stand-in colors; their type differs between its releases."""
    return {
        **_STYLE,
        "text.color": color("ink"),
        "axes.labelcolor": color("muted"),
        "axes.edgecolor": color("line"),
        "xtick.color": color("line"),
        "ytick.color": color("line"),
        "xtick.labelcolor": color("muted"),
        "ytick.labelcolor": color("muted"),
    }


def inline_svg(figure: Figure, *, name: str, title: str, classes: str = "plot") -> str:
    """The figure as an <svg> element without document head, styles or metadata.

    Args:
        figure: drawn under `themed_style`, at 72 dots an inch.
        name: letters and dashes, unique in the page: all ids begin with it.
        title: what the figure shows, for those who do not see it.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "cpmi"}):
        figure.savefig(buffer, format="svg", transparent=True, dpi=72, metadata={"Date": None})
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(buffer.getvalue())
    _remove_what_pages_do_not_need(root)
    for element in root.iter():
        _make_local(element, name)
    _, _, width, height = root.get("viewBox", "0 0 1 1").split()
    for attribute in ("version", "width", "height"):
        root.attrib.pop(attribute, None)
    root.set("class", classes)
    root.set("style", f"--width: {float(width):g}; aspect-ratio: {float(width):g} / {float(height):g}")
    root.set("role", "img")
    root.set("aria-label", title)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _remove_what_pages_do_not_need(root: ElementTree.Element) -> None:
    """Metadata, and the <style> by which matplotlib would restyle every element of the page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)


def _make_local(element: ElementTree.Element, name: str) -> None:
    """Ids of its own, the page's fonts, the page's colors."""
    if (id := element.get("id")) is not None:
        element.set("id", f"{name}-{id}")
    if (target := element.attrib.pop(_XLINK_HREF, None)) is not None:
        element.set("href", f"#{name}-{target.removeprefix('#')}")
    for attribute in ("clip-path", "style", "fill", "stroke"):
        if (text := element.get(attribute)) is not None:
            element.set(attribute, _themed(text.replace("url(#", f"url(#{name}-")))


def _themed(style: str) -> str:
    style = re.sub(r"#0a0b([0-9a-f]{2})", lambda found: f"var(--{VARIABLES[int(found[1], 16)]})", style)
    # Older releases of matplotlib write the shorthand `font: 700 11px 'DejaVu Sans', ...`.
    style = re.sub(r"font: (?:(\d{3}) )?([\d.]+px) [^;]*", _long_font, style)
    return re.sub(r"font-family: [^;]*;? ?", "", style)


def _long_font(found: re.Match[str]) -> str:
    weight = f"font-weight: {found[1]}; " if found[1] else ""
    return f"{weight}font-size: {found[2]}"
