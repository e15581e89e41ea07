"""The desk of a chapter: it records a claim, a figure or a table, and shows it in the cell."""

import base64
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.core.getipython import get_ipython
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from hfgnn.ledger.claims import ID, refuse
from hfgnn.ledger.figures import draw, extract
from hfgnn.ledger.results import canonical, write
from hfgnn.ledger.svg import Theme, darken
from hfgnn.ledger.text import show, with_ends


class Desk:
    """Where a chapter lays down its results.

    Without a folder (a person in Jupyter) it only shows them; there, a cell may be run again.
    """

    def __init__(
        self, chapter: str, *, profile: str, seed: int, folder: Path | None, theme: Theme
    ) -> None:
        """Open the desk; `theme` maps each light colour to its dark one."""
        self.folder = folder
        self.theme = theme
        self.claims: dict[str, dict[str, Any]] = {}
        self.used: set[str] = set()
        settings = {"profile": profile, "seed": seed}
        self._write("meta.json", {"chapter": chapter, "parameters": settings} | settings)
        self._write("claims.json", {})

    def record(
        self, id: str, value: Any, *, n: int | None = None, interval: Sequence[float] | None = None
    ) -> None:
        """Record one value: a number, a text, or a list of numbers."""
        plain = _plain(value, id)
        count = None if n is None else _plain(n, id)
        ends = None if interval is None else _plain(list(interval), id)
        if not isinstance(count, int | None):
            refuse(id, f"n is {n!r}", "it counts cases, give a whole number")
        if ends is not None and not (len(ends) == 2 and ends[0] <= ends[1]):
            refuse(id, f"interval is {ends}", "give (low, high)")
        self._enter(id)
        self.claims[id] = {"value": plain, "n": count, "interval": ends}
        self._write("claims.json", self.claims)
        _display("text/plain", f"{id} = {plain}" + (f" {ends}" if ends else ""), "claim", id)

    def figure(self, figure: Figure, id: str, *, caption: str, alt: str) -> None:
        """Record a figure with its data, its caption, and what it shows in words."""
        words = {"caption": _said(caption, id), "alt": _said(alt, id)}
        if words["alt"] == words["caption"]:
            refuse(id, "alt repeats the caption", "say what is to be seen, for who cannot see it")
        data = {"id": id} | words | extract(figure)
        self._enter(id)
        light = draw(figure)
        self._write(f"figures/{id}.light.svg", light)
        self._write(f"figures/{id}.dark.svg", darken(light, self.theme))
        self._write(f"figures/{id}.json", data)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", metadata={"Software": None})
        plt.close(figure)
        _display("image/png", base64.b64encode(picture.getvalue()).decode(), "figure", id)

    def table(
        self,
        frame: pd.DataFrame,
        id: str,
        *,
        caption: str,
        formats: Mapping[str, str] | None = None,
        intervals: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Record a table cell by cell; `formats` says how each column is printed.

        `intervals` says of a column which two others are its ends: they are shown behind it.
        """
        index, columns = _names(frame.index, id, "row"), _names(frame.columns, id, "column")
        formats = dict(formats or {})
        if unknown := set(formats) - set(columns):
            refuse(id, f"formats for {sorted(unknown)}", f"the columns are {columns}")
        ends = {name: _pair(frame, name, two, id) for name, two in (intervals or {}).items()}
        rows = [
            [None if pd.isna(value) else _plain(value, id) for value in row]
            for row in frame.itertuples(index=False, name=None)
        ]
        data = {"id": id, "caption": _said(caption, id), "formats": formats, "cells": rows}
        data |= {"index_name": str(frame.index.name or ""), "index": index, "columns": columns}
        data |= {"intervals": ends} if ends else {}
        self._enter(id)
        self._write(f"tables/{id}.json", data)
        _display("text/html", _html(data), "table", id)

    def _enter(self, id: str) -> None:
        if not ID.fullmatch(id):
            refuse(repr(id), "is no id", "use a-z, 0-9 and _, in parts joined by dots")
        if self.folder and id in self.used:
            refuse(id, "this chapter records it twice", "an id is used once, rename one")
        self.used.add(id)

    def _write(self, name: str, content: Any) -> None:
        if self.folder:
            text = content if isinstance(content, str) else canonical(content)
            write(self.folder / name, text)


def _said(text: str, id: str) -> str:
    if not isinstance(text, str) or not text.strip():
        refuse(id, "caption or alt is empty", "say in words what is shown")
    return text.strip()


def _plain(value: Any, id: str) -> Any:
    """Return the value as JSON: a finite number, a text, or a list of them."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(inner, id) for inner in value]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        fault = f"{value!r} is a {type(value).__name__}"
        refuse(id, fault, "record a number, a text or a list of them")
    if isinstance(value, float) and not math.isfinite(value):
        refuse(id, f"{value} is not finite", "record a number that exists")
    return value


def _pair(frame: pd.DataFrame, column: str, ends: tuple[str, str], id: str) -> list[str]:
    """Return the two columns that are the ends of a third, if they are."""
    if unknown := {column, *ends} - {*frame.columns}:
        refuse(id, f"an interval of {sorted(unknown)}", f"the columns are {[*frame.columns]}")
    if (frame[ends[0]] > frame[ends[1]]).any():
        refuse(id, f"an end in {ends[0]!r} is above that in {ends[1]!r}", "give (low, high)")
    return [*ends]


def _html(table: Mapping[str, Any]) -> str:
    """Return a table as a person in Jupyter sees it."""
    columns, rows = with_ends(table)
    specs = table["formats"]
    words = [
        [f"{show(value, specs.get(name, ''))} {ends}".rstrip() for name, value, ends in row]
        for row in rows
    ]
    return pd.DataFrame(words, index=table["index"], columns=columns).to_html()


def _names(labels: "pd.Index[Any]", id: str, what: str) -> list[str]:
    names = [str(label).strip() for label in labels]
    for name in names:
        if not name or "/" in name or "`" in name or names.count(name) > 1:
            refuse(id, f"{what} {name!r}", f"each {what} has its own name, without / or backtick")
    return names


def _display(mime: str, content: str, kind: str, id: str) -> None:
    if shell := get_ipython():
        told = {"hfgnn": {"kind": kind, "id": id}}
        shell.display_pub.publish(data={mime: content}, metadata=told)
