"""A drawn graph shows every tie once and every node in its place."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Annotation

from hfgnn.plots.graphs import arrows, network
from hfgnn.plots.style import INK, NORMAL, PAPER, SICK

AT = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_each_edge_is_a_stroke_whoever_else_is_tied(ax):
    network(ax, AT, [[0, 1, 2], [1, 0, 0]], [True, False, True])
    x, y = ax.lines[0].get_data()
    strokes = np.column_stack([x, y]).reshape(-1, 3, 2)
    assert np.isnan(strokes[:, 2]).all()
    assert [tuple(map(tuple, s[:2])) for s in strokes] == [
        ((0.0, 0.0), (1.0, 0.0)),
        ((1.0, 0.0), (0.0, 0.0)),
        ((0.0, 2.0), (0.0, 0.0)),
    ]


def test_nodes_have_their_label_s_look_and_a_rim_if_marked(ax):
    network(ax, AT, [[0], [1]], [True, False, True], marked=[False, False, True])
    drawn = {
        tuple(map(float, place)): (to_hex(dots.get_facecolor()[0]), to_hex(rim))
        for dots in ax.collections
        for place, rim in zip(dots.get_offsets(), dots.get_edgecolor(), strict=True)
    }
    assert drawn == {(0, 0): (SICK, PAPER), (1, 0): (NORMAL, PAPER), (0, 2): (SICK, INK)}
    assert ax.get_legend_handles_labels()[1] == ["sick", "normal"]
    assert [len(dots.get_offsets()) for dots in ax.collections] == [2, 1]  # whoever has a rim


def test_an_arrow_runs_from_who_speaks_to_who_hears(ax):
    arrows(ax, AT, [[2, 0], [1, 1]], ["Ada", "Ben", "Cem"])
    ends = [
        (tuple(map(float, note.xyann)), tuple(map(float, note.xy)))
        for note in ax.texts
        if isinstance(note, Annotation)
    ]
    assert ends == [((0.0, 2.0), (1.0, 0.0)), ((0.0, 0.0), (1.0, 0.0))]
    assert [t.get_text() for t in ax.texts if not isinstance(t, Annotation)] == [
        "Ada",
        "Ben",
        "Cem",
    ]
