"""What a chapter lays down: plain files, in one form, or a clear refusal."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure

from hfgnn.ledger.claims import LedgerError
from hfgnn.ledger.desk import Desk, _html
from hfgnn.ledger.evidence import _ends
from hfgnn.ledger.text import with_ends

THEME = {"#ffffff": "#101010"}
WORDS = {"caption": "A curve", "alt": "It rises"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk("03_clinical", profile="book", seed=7, folder=tmp_path, theme=THEME)


def read(folder: Path, name: str) -> object:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_values_become_plain_numbers(desk: Desk, tmp_path: Path) -> None:
    desk.record("a.metric", np.float64(0.1), n=np.int64(9), interval=(np.float64(0), 0.5))
    desk.record("a.count", np.int32(3))
    desk.record("a.order", np.array([2.0, 1.0]))
    desk.record("a.word", "five")
    held = read(tmp_path, "claims.json")
    none = {"n": None, "interval": None}
    assert held == {
        "a.metric": {"value": 0.1, "n": 9, "interval": [0.0, 0.5]},
        "a.count": {"value": 3} | none,
        "a.order": {"value": [2.0, 1.0]} | none,
        "a.word": {"value": "five"} | none,
    }
    parameters = {"profile": "book", "seed": 7}
    meta = parameters | {"chapter": "03_clinical", "parameters": parameters}
    assert read(tmp_path, "meta.json") == meta


def test_files_have_one_form(desk: Desk, tmp_path: Path) -> None:
    desk.record("b", "é")
    desk.record("a", 1)
    text = (tmp_path / "claims.json").read_text(encoding="utf-8")
    wanted = json.dumps(json.loads(text), sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert text == wanted
    assert "é" in text
    assert not list(tmp_path.rglob(".*"))  # no draft is left


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "not finite"),
        (np.inf, "not finite"),
        ([1.0, float("nan")], "not finite"),
        (True, "is a bool"),
        (None, "is a NoneType"),
        ({"a": 1}, "is a dict"),
        (1j, "is a complex"),
    ],
)
def test_what_is_no_value_is_refused(desk: Desk, value: object, said: str) -> None:
    with pytest.raises(LedgerError, match=rf"a\.b.*{said}"):
        desk.record("a.b", value)


@pytest.mark.parametrize(
    "more", [{"n": 2.5}, {"interval": (1, 0)}, {"interval": (1,)}, {"interval": (0, np.nan)}]
)
def test_what_goes_with_a_value_is_checked(desk: Desk, more: dict[str, object]) -> None:
    with pytest.raises(LedgerError, match=r"a\.b"):
        desk.record("a.b", 0.5, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["A", "a b", "a-b", "", "a/b", "ä", "a."])
def test_an_id_that_is_none_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(LedgerError, match="is no id"):
        desk.record(name, 1)


def test_an_id_is_used_once(desk: Desk) -> None:
    desk.record("a.b", 1)
    with pytest.raises(LedgerError, match="twice"):
        desk.table(pd.DataFrame({"x": [1]}), "a.b", caption="A table")


def test_without_a_folder_a_cell_may_be_run_again(tmp_path: Path) -> None:
    desk = Desk("03_clinical", profile="book", seed=7, folder=None, theme=THEME)
    desk.record("a.b", 1)
    desk.record("a.b", 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        {"caption": "", "alt": "It rises"},
        {"caption": "A curve", "alt": " "},
        {"caption": "A curve", "alt": "A curve "},
    ],
)
def test_a_figure_needs_its_words(desk: Desk, words: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="a.b"):
        desk.figure(Figure(), "a.b", **words)
    assert not (tmp_path / "figures").exists()


def test_a_figure_is_data_and_two_drawings(desk: Desk, tmp_path: Path) -> None:
    figure = Figure()
    figure.add_subplot().plot([0, 1], [2, 3])
    desk.figure(figure, "a.b", **WORDS)
    held = read(tmp_path, "figures/a.b.json")
    assert isinstance(held, dict)
    assert held["axes"][0]["lines"][0]["y"] == [2, 3]
    assert {key: held[key] for key in WORDS} == WORDS
    light, dark = ((tmp_path / f"figures/a.b.{kind}.svg").read_text() for kind in ("light", "dark"))
    assert light.replace("#ffffff", "#101010") == dark != light


def test_a_table_is_kept_cell_by_cell(desk: Desk, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"AUROC": [0.91234, np.nan], "n": [3, 4], "kind": ["a", None]}, index=["age", "sex"]
    )
    desk.table(frame, "a.t", caption="The table", formats={"AUROC": ".3f"})
    held = read(tmp_path, "tables/a.t.json")
    assert isinstance(held, dict)
    assert held["cells"] == [[0.91234, 3, "a"], [None, 4, None]]
    assert (held["index"], held["columns"]) == (["age", "sex"], ["AUROC", "n", "kind"])
    assert held["formats"] == {"AUROC": ".3f"}


@pytest.mark.parametrize(
    ("frame", "formats", "said"),
    [
        (pd.DataFrame({"x": [1]}), {"y": ".2f"}, "formats for"),
        (pd.DataFrame({"x": ["word"]}), {"x": ".2f"}, "does not fit"),
        (pd.DataFrame({"x": [np.inf]}), {}, "not finite"),
        (pd.DataFrame({"x": [1, 2]}, index=["a", "a"]), {}, "row 'a'"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), {}, "column 'x'"),
        (pd.DataFrame({"x": [1]}, index=["a/b"]), {}, "row 'a/b'"),
    ],
)
def test_a_table_that_cannot_be_named_or_printed_is_refused(
    desk: Desk, frame: pd.DataFrame, formats: dict[str, str], said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        desk.table(frame, "a.t", caption="The table", formats=formats)


SPANS = pd.DataFrame({"AUROC": [0.9, 0.8], "low": [0.85, np.nan], "high": [0.95, np.nan]})


def test_a_table_keeps_the_ends_of_its_intervals_and_shows_them_behind(
    desk: Desk, tmp_path: Path
) -> None:
    frame = SPANS.set_index(pd.Index(["age", "sex"]))
    ends, how = {"AUROC": ("low", "high")}, {"AUROC": ".2f"}
    desk.table(frame, "a.t", caption="The table", formats=how, intervals=ends)
    held = read(tmp_path, "tables/a.t.json")
    assert isinstance(held, dict)
    assert held["cells"] == [[0.9, 0.85, 0.95], [0.8, None, None]]  # compared like all others
    assert held["intervals"] == {"AUROC": ["low", "high"]}
    kept, rows = with_ends(held)
    assert kept == ["AUROC"]
    assert rows == [[("AUROC", 0.9, "[0.85, 0.95]")], [("AUROC", 0.8, "")]]
    assert _ends(held, "a.t/age/AUROC") == [0.85, 0.95]
    assert _ends(held, "a.t/sex/AUROC") is None
    assert _ends(held, "a.t/published once/AUROC") is None
    assert "<td>0.90 [0.85, 0.95]</td>" in _html(held)
    assert "low" not in _html(held)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"AUROC": ("low", "top")}, "top"),
        ({"C": ("low", "high")}, "C"),
        ({"AUROC": ("high", "low")}, "above"),
    ],
)
def test_an_interval_of_no_column_or_upside_down_is_refused(
    desk: Desk, tmp_path: Path, ends: dict[str, tuple[str, str]], said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        desk.table(SPANS, "a.t", caption="The table", intervals=ends)
    assert not (tmp_path / "tables/a.t.json").exists()


def test_each_display_says_which_entry_it_shows(desk: Desk) -> None:
    InteractiveShell.instance()
    try:
        with capture_output() as shown:
            desk.record("a.b", 0.5, interval=(0.25, 0.75))
            desk.figure(Figure(), "a.f", **WORDS)
            desk.table(pd.DataFrame({"x": [1.23456]}), "a.t", caption="T", formats={"x": ".1f"})
    finally:
        InteractiveShell.clear_instance()
    entries = [output.metadata["hfgnn"] for output in shown.outputs]
    assert entries == [
        {"kind": "claim", "id": "a.b"},
        {"kind": "figure", "id": "a.f"},
        {"kind": "table", "id": "a.t"},
    ]
    text, picture, html = (output.data for output in shown.outputs)
    assert text["text/plain"] == "a.b = 0.5 [0.25, 0.75]"
    assert picture["image/png"].startswith("iVBOR")
    assert "<td>1.2</td>" in html["text/html"]
