"""A waterfall goes from end to end by the shares that it is given, each drawn with its interval."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from hfgnn.plots.style import NORMAL, SICK
from hfgnn.plots.waterfall import waterfall
from hfgnn.seeding import rng
from hfgnn.train.audited import Work

NAMES = ("first", "second", "third", "null")
WORK = Work("audit-test", NAMES, 0.1)


@pytest.fixture
def drawn():
    stream = rng(3, "waterfall")
    keys = [(repeat, number) for repeat in range(4) for number in range(16)]
    table = pd.DataFrame(keys, columns=["repeat", "number"])
    table["reported"], table["true"] = stream.uniform(size=(2, len(table)))
    found = WORK.tables(table)
    fig, (course, worth) = plt.subplots(1, 2, sharey=True)
    waterfall(course, worth, *found)
    yield course, worth, *found
    plt.close(fig)


def test_steps_lead_from_the_published_score_to_the_sound_one(drawn):
    course, _, decisions, whole = drawn
    ends = whole.set_index("of")["reported"]
    bars = [patch for patch in course.patches if patch.get_width()]
    starts = [bar.get_x() for bar in bars]
    stops = [bar.get_x() + bar.get_width() for bar in bars]
    np.testing.assert_allclose([bar.get_width() for bar in bars], decisions["share"])
    assert starts[0] == pytest.approx(ends["published"])
    assert stops[-1] == pytest.approx(ends["sound"])
    np.testing.assert_allclose(starts[1:], stops[:-1])


def test_no_bar_touches_the_edge():
    decisions = pd.DataFrame({"decision": ["up", "down"], "share": [0.1, -0.2]})
    decisions[["low", "high"]] = decisions[["share", "share"]].to_numpy()
    decisions[["true", "true low", "true high"]] = 0.0
    whole = pd.DataFrame({"of": ["published", "sound"], "reported": [0.5, 0.4]})
    for name in ("low", "high", "true", "true low", "true high"):
        whole[name] = whole["reported"]
    fig, (course, worth) = plt.subplots(1, 2, sharey=True)
    waterfall(course, worth, decisions, whole)
    assert course.get_xlim()[1] > 0.6
    plt.close(fig)


def test_what_falls_and_what_rises_differ_in_colour(drawn):
    course, _, decisions, _ = drawn
    bars = [patch for patch in course.patches if patch.get_width()]
    by_hand = [SICK if share < 0 else NORMAL for share in decisions["share"]]
    drawn_in = [plt.matplotlib.colors.to_hex(bar.get_facecolor()) for bar in bars]
    assert drawn_in == by_hand
    assert set(by_hand) == {SICK, NORMAL}


@pytest.mark.parametrize(("name", "before"), [("share", ""), ("true", "true ")])
def test_each_share_stands_in_its_row_with_its_interval(drawn, name, before):
    _, worth, decisions, _ = drawn
    lines = {line.get_label(): line for line in worth.get_lines()}
    dots = lines["reported" if name == "share" else name]
    np.testing.assert_allclose(dots.get_xdata(), decisions[name])
    np.testing.assert_array_equal(np.round(dots.get_ydata()), range(1, len(NAMES) + 1))
    spans = [[part[:, 0] for part in lines.get_segments()] for lines in worth.collections]
    expected = decisions[[f"{before}low", f"{before}high"]].to_numpy()
    assert any(np.allclose(span, expected) for span in spans)


def test_rows_are_named_from_published_down_to_sound(drawn):
    course, *_ = drawn
    names = [label.get_text() for label in course.get_yticklabels()]
    assert names == ["published", *NAMES, "sound"]
    assert course.get_ylim()[0] > course.get_ylim()[1]
