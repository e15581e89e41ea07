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

from hfgnn.ledger.claims import ID, LedgerError
from hfgnn.ledger.figures import Theme, darken, draw, extract
from hfgnn.ledger.results import canonical, write
from hfgnn.ledger.text import show


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
        self._write("meta.json", canonical({"chapter": chapter, "parameters": settings} | settings))
        self._write("claims.json", canonical({}))

    def record(
        self, id: str, value: Any, *, n: int | None = None, interval: Sequence[float] | None = None
    ) -> None:
        """Record one value: a number, a text, or a list of numbers."""
        plain = _plain(value, id)
        count = None if n is None else _plain(n, id)
        if count is not None and not isinstance(count, int):
            raise LedgerError(f"{id}: n is {n!r}; it counts cases, give a whole number")
        ends = None if interval is None else _plain(list(interval), id)
        if ends is not None and not (len(ends) == 2 and ends[0] <= ends[1]):
            raise LedgerError(f"{id}: interval is {ends}; give (low, high)")
        self._enter(id)
        self.claims[id] = {"value": plain, "n": count, "interval": ends}
        self._write("claims.json", canonical(self.claims))
        line = f"{id} = {plain}" + (f" {ends}" if ends else "")
        _display({"text/plain": line}, "claim", id)

    def figure(self, figure: Figure, id: str, *, caption: str, alt: str) -> None:
        """Record a figure with its data, its caption, and what it shows in words."""
        _say(id, caption=caption, alt=alt)
        if alt.strip() == caption.strip():
            raise LedgerError(
                f"{id}: alt repeats the caption; alt says what is to be seen, for who cannot see it"
            )
        data = {"id": id, "caption": caption.strip(), "alt": alt.strip()} | extract(figure)
        self._enter(id)
        light = draw(figure)
        self._write(f"figures/{id}.light.svg", light)
        self._write(f"figures/{id}.dark.svg", darken(light, self.theme))
        self._write(f"figures/{id}.json", canonical(data))
        picture = io.BytesIO()
        figure.savefig(picture, format="png", metadata={"Software": None})
        plt.close(figure)
        _display({"image/png": base64.b64encode(picture.getvalue()).decode()}, "figure", id)

    def table(
        self,
        frame: pd.DataFrame,
        id: str,
        *,
        caption: str,
        formats: Mapping[str, str] | None = None,
    ) -> None:
        """Record a table cell by cell; `formats` says how each column is printed."""
        _say(id, caption=caption)
        formats = dict(formats or {})
        index, columns = _names(frame.index, id, "row"), _names(frame.columns, id, "column")
        if unknown := set(formats) - set(columns):
            raise LedgerError(f"{id}: formats for {sorted(unknown)}; the columns are {columns}")
        rows = [list(row) for row in frame.itertuples(index=False, name=None)]
        cells = [[_cell(value, id) for value in row] for row in rows]
        shown = [
            [show(v, formats.get(c, "")) for c, v in zip(columns, row, strict=True)]
            for row in cells
        ]
        data = {"id": id, "caption": caption.strip(), "formats": formats, "cells": cells}
        data |= {"index_name": str(frame.index.name or ""), "index": index, "columns": columns}
        self._enter(id)
        self._write(f"tables/{id}.json", canonical(data))
        html = pd.DataFrame(shown, index=index, columns=columns).to_html()
        _display({"text/html": html}, "table", id)

    def _enter(self, id: str) -> None:
        if not ID.fullmatch(id):
            raise LedgerError(f"{id!r}: is no id; use a-z, 0-9 and _, in parts joined by dots")
        if self.folder and id in self.used:
            raise LedgerError(
                f"{id}: this chapter records it twice; an id is used once, rename one"
            )
        self.used.add(id)

    def _write(self, name: str, text: str) -> None:
        if self.folder:
            write(self.folder / name, text)


def _say(id: str, **texts: str) -> None:
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise LedgerError(f"{id}: {name} is empty; say in words what is shown")


def _plain(value: Any, id: str) -> Any:
    """Return the value as JSON: a finite number, a text, or a list of them."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(inner, id) for inner in value]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        kind = type(value).__name__
        raise LedgerError(f"{id}: {value!r} is a {kind}; record a number, a text or a list of them")
    if isinstance(value, float) and not math.isfinite(value):
        raise LedgerError(f"{id}: {value} is not finite; record a number that exists")
    return value


def _cell(value: Any, id: str) -> Any:
    return None if pd.isna(value) else _plain(value, id)


def _names(labels: "pd.Index[Any]", id: str, what: str) -> list[str]:
    names = [str(label).strip() for label in labels]
    for name in names:
        if not name or "/" in name or "`" in name or names.count(name) > 1:
            raise LedgerError(
                f"{id}: {what} {name!r}; each {what} has its own name, without / or backtick"
            )
    return names


def _display(bundle: dict[str, str], kind: str, id: str) -> None:
    if shell := get_ipython():
        shell.display_pub.publish(data=bundle, metadata={"hfgnn": {"kind": kind, "id": id}})
