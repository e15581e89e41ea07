"""The diagram shows the arrows it is given, causes above effects, and none over a node."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.transforms import Affine2D

from hfgnn.plots import style
from hfgnn.plots.causes import BOX, COLUMNS, causes, routes
from hfgnn.plots.layers import places, rows
from hfgnn.plots.style import BEST, INK, MUTED, SICK, THEME, WIDTH
from hfgnn.world.latent import ARROWS

SMALL = {"person": ["age", "sex"], "disease": ["b", "a", "c"], "muscle": ["mass", "ef"]}
PAIRS = [("age", "a"), ("sex", "a"), ("age", "mass"), ("a", "b"), ("b", "mass"), ("c", "ef")]
PAIRS += [("a", "ef")]
HEART = {
    "person": ["sex", "age", "bsa"],
    "disease": ["diabetes", "hypertension", "infarct", "infarct_size", "acute"],
    "load": ["cardiomyopathy", "pressure"],
    "muscle": ["edv", "ef", "esv", "mass"],
    "electricity": ["conduction", "af", "ischaemia", "strain", "low_voltage"],
    "after": ["filling", "rate"],
}
NOTED = ("sex", "age", "bsa")
SCALE = Affine2D().scale(1000)  # curves are flattened to a fraction of one unit


@pytest.fixture
def ax():
    with plt.rc_context():
        style.apply()
        figure, axes = plt.subplots()
        yield axes
        plt.close(figure)


@pytest.fixture(scope="module")
def heart():
    """The places and the curves of the population's own model."""
    arrows = [(a.cause, a.effect) for a in ARROWS if a.cause not in NOTED]
    at = places(rows(HEART, arrows, columns=COLUMNS), arrows, columns=COLUMNS)
    return {node: (1.04 * x, -0.7 * y) for node, (x, y) in at.items()}, arrows


def test_every_arrow_is_drawn_or_written_below_its_effect(ax):
    causes(ax, SMALL, PAIRS, noted=("age", "sex"), names={"a": "the cause"})
    assert sum(isinstance(p, FancyArrowPatch) for p in ax.patches) == 4
    assert sum(isinstance(p, FancyBboxPatch) for p in ax.patches) == 7
    words = [text.get_text() for text in ax.texts]
    assert sorted(words) == sorted(
        ["age", "sex", "b", "the cause", "age · sex", "c", "mass", "age", "ef"]
    )


def test_an_arrow_has_the_colour_of_its_causes_group(ax):
    causes(ax, SMALL, PAIRS)
    arrows = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    assert sorted(to_hex(p.get_edgecolor()) for p in arrows) == sorted([MUTED] * 3 + [SICK] * 4)
    words = {text.get_text(): text.get_color() for text in ax.texts}
    assert (words["age"], words["a"], words["ef"]) == (MUTED, SICK, BEST)
    shown = [to_hex(f) for p in ax.patches for f in (p.get_edgecolor(), p.get_facecolor())]
    assert {*shown, *words.values(), INK} <= set(THEME)


def test_the_diagram_is_as_wide_as_the_page_and_its_text_large_enough(ax):
    causes(ax, SMALL, PAIRS, noted=("age",))
    ax.figure.canvas.draw()
    assert ax.figure.get_figwidth() == WIDTH
    inches = np.diff(ax.transData.transform([(0, 0), (1, 1)]), axis=0) / ax.figure.dpi
    np.testing.assert_allclose(inches, 1, rtol=0.05)
    assert min(text.get_fontsize() for text in ax.texts) >= 9


def test_causes_stand_above_effects_and_groups_below_each_other():
    placed = rows(SMALL, PAIRS, columns=5)
    assert placed == [["age", "sex"], ["a", "c"], ["b"], ["mass", "ef"]]
    wide = rows({"g": list("abcdefg")}, [], columns=5)
    assert wide == [list("abcde"), list("fg")]


def test_no_two_nodes_lie_on_each_other(heart):
    at, _ = heart
    for (x, y), (u, v) in itertools.combinations(at.values(), 2):
        assert abs(x - u) > BOX[0] or abs(y - v) > BOX[1]


def test_no_arrow_runs_over_a_node(heart):
    """Oracle: matplotlib's own flattening of the curves, finely."""
    at, arrows = heart
    for (cause, effect), path in routes(at, arrows).items():
        curve = np.asarray(path.transformed(SCALE).to_polygons(closed_only=False)[0]) / 1000
        for node in set(at) - {cause, effect}:
            inside = np.abs(curve - at[node]) < np.array(BOX) / 2
            assert not inside.all(axis=1).any(), (cause, effect, node)


def test_every_arrow_goes_down_from_its_cause_to_its_effect(heart):
    at, arrows = heart
    for (cause, effect), path in routes(at, arrows).items():
        first, last = path.vertices[0], path.vertices[-1]
        assert abs(first[0] - at[cause][0]) < BOX[0] / 2
        assert abs(last[0] - at[effect][0]) < BOX[0] / 2
        assert at[cause][1] > first[1] > last[1] > at[effect][1]


def test_the_search_finds_the_order_without_crossings():
    """Oracle: a small diagram that can be drawn without a crossing, and as given has four."""
    pairs = [("a", "z"), ("b", "y"), ("c", "x"), ("c", "y")]
    at = places([list("abc"), list("xyz")], pairs, columns=3)
    assert cut(at, pairs) == 0
    straight = {n: (float(i % 3), float(i // 3)) for i, n in enumerate("abcxyz")}
    assert cut(straight, pairs) == 4


def test_the_search_beats_the_order_given(heart):
    at, arrows = heart
    given = rows(HEART, arrows, columns=COLUMNS)
    middle = {
        node: (x + (COLUMNS - len(row)) / 2, -y)
        for y, row in enumerate(given)
        for x, node in enumerate(row)
    }
    assert cut(at, arrows) < 0.7 * cut(middle, arrows)


def test_the_same_model_has_the_same_picture(heart):
    at, arrows = heart
    again = places(rows(HEART, arrows, columns=COLUMNS), arrows, columns=COLUMNS)
    assert {n: (1.04 * x, -0.7 * y) for n, (x, y) in again.items()} == at


def test_circles_upward_arrows_and_strangers_are_refused(ax):
    with pytest.raises(ValueError, match="form a circle"):
        causes(ax, {"g": ["a", "b"]}, [("a", "b"), ("b", "a")])
    with pytest.raises(ValueError, match="point upwards"):
        causes(ax, {"g": ["a"], "h": ["b"]}, [("b", "a")])
    with pytest.raises(ValueError, match=r"no group has \['c'\]"):
        causes(ax, {"g": ["a", "b"]}, [("a", "c")])
    with pytest.raises(ValueError, match="7 groups"):
        causes(ax, {str(n): [str(n)] for n in range(7)}, [])


def cut(at, pairs):
    """Count the pairs of straight arrows that cross, by solving for where they would meet."""
    count = 0
    for (a, b), (c, d) in itertools.combinations(pairs, 2):
        p, q, r, s = (np.array(at[n]) for n in (a, b, c, d))
        matrix = np.column_stack([q - p, r - s])
        if abs(np.linalg.det(matrix)) > 1e-12 and len({a, b, c, d}) == 4:
            meet = np.linalg.solve(matrix, r - p)
            count += int(((meet > 0) & (meet < 1)).all())
    return count
