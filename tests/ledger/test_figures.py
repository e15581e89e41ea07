"""What a figure shows is read back as numbers, and drawn twice with the same bytes."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from hfgnn.ledger.figures import draw, extract
from hfgnn.ledger.results import digest
from hfgnn.ledger.svg import darken
from tests.conftest import ROOT

X, Y = [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]


def drawn(shift: float = 0.0) -> Figure:
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot(X, np.array(Y) + shift, label="a line")
    axes.set(title="Title", xlabel="time", ylabel="value", yscale="symlog")
    axes.legend()
    return figure


def test_a_line_keeps_its_numbers_and_words() -> None:
    axes = extract(drawn())["axes"][0]
    assert axes["lines"] == [{"label": "a line", "x": X, "y": Y}]
    assert (axes["title"], axes["xlabel"], axes["ylabel"]) == ("Title", "time", "value")
    assert (axes["xscale"], axes["yscale"]) == ("linear", "symlog")
    assert axes["legend"] == ["a line"]
    assert axes["xticks"] == []


def test_bars_points_areas_and_categories() -> None:
    figure = Figure()
    axes = figure.add_subplot()
    axes.bar(["left", "right"], [3.0, 5.0], width=0.5)
    axes.scatter([1, 2], [3, 4], c=[7, 8], s=[9, 10])
    axes.fill_between([0, 1], [2, 2])
    axes.vlines([6], 0, 1)
    axes.text(0.5, 0.25, "a word")
    shown = extract(figure)["axes"][0]
    assert [bar["box"] for bar in shown["bars"]] == [[-0.25, 0, 0.5, 3], [0.75, 0, 0.5, 5]]
    assert shown["points"][0]["at"] == [[1, 3], [2, 4]]
    assert shown["points"][0]["values"] == [7, 8]
    assert shown["points"][0]["sizes"] == [9, 10]
    assert {tuple(point) for point in shown["areas"][0]["paths"][0]} >= {(0, 2), (1, 2)}
    assert shown["areas"][1]["paths"] == [[[6, 0], [6, 1]]]
    assert shown["xticks"] == ["left", "right"]
    assert shown["texts"] == [{"text": "a word", "x": 0.5, "y": 0.25}]


def test_meshes_pictures_and_words_of_the_figure() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.pcolormesh([0, 1, 2], [0, 1], [[5.0, 6.0]])
    right.imshow(np.array([[0.0, 2.0], [4.0, 6.0]]))
    inset = right.inset_axes((0.5, 0.5, 0.2, 0.2))
    inset.plot([1, 2], [3, 4])
    figure.suptitle("Both")
    shown = extract(figure)
    mesh, picture, small = shown["axes"]
    assert mesh["areas"][0]["values"] == [[5, 6]]
    held = picture["images"][0]
    assert (held["shape"], held["blocks"]) == ([2, 2], [[0, 2], [4, 6]])
    assert small["lines"][0]["y"] == [3, 4]
    assert shown["texts"][0]["text"] == "Both"


def test_what_is_not_finite_is_named_rather_than_lost() -> None:
    figure = Figure()
    figure.add_subplot().plot([0, 1, 2], [1, np.nan, np.inf])
    assert extract(figure)["axes"][0]["lines"][0]["y"] == [1, "nan", "inf"]


@pytest.mark.parametrize(("shift", "same"), [(0.0, True), (1e-9, True), (1e-4, False)])
def test_noise_keeps_the_data_and_a_change_does_not(shift: float, same: bool) -> None:
    assert (digest(extract(drawn(shift + 0.5))) == digest(extract(drawn(0.5)))) is same


@pytest.mark.parametrize(("shift", "same"), [(1e-9, True), (1e-4, False)])
def test_a_picture_changes_as_its_numbers_do(shift: float, same: bool) -> None:
    pixels = np.linspace(0.1, 0.9, 12).reshape(3, 4)
    found = []
    for change in (0.0, shift):
        figure = Figure()
        figure.add_subplot().imshow(pixels + change * (pixels == pixels.max()))
        found.append(extract(figure)["axes"][0]["images"][0]["blocks"])
    assert (found[0] == found[1]) is same


def test_a_large_picture_is_held_by_the_means_of_its_blocks() -> None:
    pixels = np.random.default_rng(0).random((70, 33, 3))
    figure = Figure()
    figure.add_subplot().imshow(pixels)
    held = extract(figure)["axes"][0]["images"][0]
    blocks = np.array(held["blocks"])
    assert (held["shape"], blocks.shape) == ([70, 33, 3], (32, 32))
    assert blocks[0, 0] == pytest.approx(pixels[:3, :2].mean(), rel=1e-6)
    assert blocks[-1, -1] == pytest.approx(pixels[-2:, -1:].mean(), rel=1e-6)


def test_the_style_is_not_data() -> None:
    with mpl.rc_context({"figure.facecolor": "#000000", "lines.linewidth": 9, "font.size": 20}):
        dark = extract(drawn())
    assert dark == extract(drawn())


def test_the_drawing_is_svg_with_text_that_can_be_selected() -> None:
    texts = {node.text for node in ET.fromstring(draw(drawn())).iter() if node.tag.endswith("text")}
    assert {"Title", "time", "value", "a line"} <= texts
    assert "date" not in draw(drawn()).lower()


def test_dark_changes_the_colours_of_the_theme_only() -> None:
    light = draw(drawn())
    dark = darken(light, {"#FFFFFF": "#101010", "#1f77b4": "#ffffff"})
    assert "#101010" in dark
    assert "#1f77b4" not in dark
    undone = dark.replace("#ffffff", "#1f77b4").replace("#101010", "#ffffff")
    assert undone == light


def test_two_processes_draw_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from matplotlib.figure import Figure; from hfgnn.ledger.figures import draw\n"
        "f = Figure(); a = f.add_subplot(); a.plot([0, 1], [0, 1]); a.scatter([0], [1])\n"
        "a.fill_between([0, 1], [1, 2]); sys.stdout.write(draw(f))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert found[0].startswith(b"<?xml")
