"""The audit of folders: structure, counts, words; and the public collection as people have it."""

import json
import os
import time

import numpy as np
import pandas as pd
import pytest

from hfgnn.data.folders import check
from hfgnn.pipeline.store import remove

PAGES = "pages.csv"


def lay(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def split_folder(drawn_pages, tmp_path):
    a, b, c, *_ = drawn_pages["MI"]
    x, y, z, *_ = drawn_pages["Normal"]
    files = {"train/MI/1.jpg": a, "train/MI/2.jpg": b, "test/MI/1.jpg": a, "test/MI/3.jpg": c}
    files |= {"train/Normal/1.jpg": x, "train/Normal/2.jpg": y, "test/Normal/1.jpg": z}
    return lay(tmp_path / "split", files | {"train/Normal/3.jpg": a, "readme.md": b"hello"})


def test_copies_across_train_and_test_and_across_classes_are_told(split_folder):
    report = check(split_folder)
    assert report.summary() == {
        "files": 9,
        "accepted": 8,
        "rejected": 1,
        "unique": 6,
        "groups": 6,
        "near_duplicates": 0,
        "under_two_classes": 1,
        "seen_if_dealt_at_random": pytest.approx(3 / 8 * (1 - 0.2**2)),
        "seen_as_it_is": pytest.approx(1 / 3),
    }
    words = "\n".join(report.lines())
    for expected in (
        "9 files in",
        "8 accepted, 1 rejected",
        "1 unknown extension (readme.md)",
        "8 files hold 6 different ones",
        "MI: 4 files, 3 pages",
        "Normal: 4 files, 4 pages",
        "1 pages lie in more than one class",
        "36.0% of its test files",
        "33.3% show a page that is in train",
    ):
        assert expected in words
    assert report.classes.loc["MI"].tolist() == [4, 3]
    assert report.reasons.loc["unknown extension", "files"] == 1


def test_the_report_is_plain_json(split_folder):
    told = json.loads(json.dumps(check(split_folder).to_json(), allow_nan=False))
    assert told["summary"]["accepted"] == len(told["accepted"]) == 8
    assert told["rejected"][0] == {
        "file": "readme.md",
        "reason": "unknown extension",
        "found": ".md",
    }
    assert {"class": "MI", "files": 4, "pages": 3} in told["classes"]


def test_random_splits_show_what_the_report_expects(split_folder):
    files, rng = check(split_folder).files, np.random.default_rng(0)
    group, hits, tests = files["group"].to_numpy(), 0, 0
    for _ in range(4000):
        test = rng.random(len(group)) < 0.2
        hits += np.isin(group[test], group[~test]).sum()
        tests += test.sum()
    assert hits / tests == pytest.approx(check(split_folder).dealt, abs=0.02)


def test_nothing_is_changed(split_folder):
    def state():
        return {
            p: (p.stat().st_mtime_ns, p.stat().st_mode, p.is_file() and p.read_bytes())
            for p in split_folder.rglob("*")
        }

    before = state()
    check(split_folder)
    assert state() == before


def test_places(drawn_pages, tmp_path):
    data = drawn_pages["MI"]
    good = {"MI/1.jpg": data[0], "Test/MI/1.jpg": data[1]}
    bad = {"1.jpg": data[2], "train/1.jpg": data[3], "more/MI/1.jpg": data[4]}
    deep = "train/MI/" + "deep/" * 30 + "1.jpg"
    report = check(lay(tmp_path / "x", good | bad | {deep: data[5]}))
    assert report.files[["file", "split", "class"]].to_numpy().tolist() == [
        ["MI/1.jpg", "", "MI"],
        ["Test/MI/1.jpg", "test", "MI"],
    ]
    assert set(report.rejected["file"]) == {*bad, "train/MI/deep"}
    assert set(report.rejected["reason"]) == {"wrong place"}


def test_folders_that_differ_in_case_only_are_one_to_some(drawn_pages, tmp_path):
    folder = lay(tmp_path / "x", {"MI/1.jpg": drawn_pages["MI"][0]})
    try:
        (folder / "mi").mkdir()
    except FileExistsError:
        pytest.skip("here case does not count in names")
    lay(folder, {"mi/2.jpg": drawn_pages["MI"][1]})
    report = check(folder)
    assert report.rejected[["file", "reason"]].to_numpy().tolist() == [["mi", "name twice"]]


def test_what_is_no_folder_of_pages_is_refused(drawn_pages, tmp_path):
    with pytest.raises(FileNotFoundError, match="give the one above the class folders"):
        check(tmp_path / "gone")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(NotADirectoryError, match="give the one above the class folders"):
        check(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="none of 0 files can be accepted;.*one a class"):
        check(tmp_path / "empty")
    lay(tmp_path / "bad", {"MI/1.jpg": b"", "MI/2.jpg": drawn_pages["MI"][0][:999]})
    with pytest.raises(ValueError, match=r"none of 2 files .*1 empty"):
        check(tmp_path / "bad")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever runs this may read all")
def test_what_may_not_be_read_is_told(drawn_pages, tmp_path):
    folder = lay(tmp_path / "x", {"MI/1.jpg": drawn_pages["MI"][0], "No/2.jpg": b"x"})
    (folder / "No").chmod(0)
    try:
        assert check(folder).rejected["reason"].tolist() == ["unreadable"]
    finally:
        (folder / "No").chmod(0o700)


@pytest.mark.data
@pytest.mark.slow
def test_the_public_collection_is_437_pages_under_2618_names(real_data, tmp_path):
    folder = tmp_path / "public"
    names = pd.read_csv(real_data / "ecg-pages" / "pages.csv").rename(columns={"class": "label"})
    for row in names.itertuples():
        (folder / row.label).mkdir(parents=True, exist_ok=True)
        (folder / row.label / row.file).hardlink_to(real_data / "ecg-pages" / row.page)
    start = time.process_time()
    report = check(folder)
    assert time.process_time() - start <= 60
    remove(folder)
    count = report.summary()
    assert (count["files"], count["rejected"]) == (2618, 0)
    assert (count["unique"], count["groups"], count["under_two_classes"]) == (437, 437, 0)
    assert report.classes["files"].to_dict() == {
        "Abnormal": 718,
        "History_MI": 448,
        "MI": 652,
        "Normal": 800,
    }
    table = pd.read_csv(real_data / "ecg-pages" / PAGES)
    pages = table.set_index(table["class"] + "/" + table["file"])["page"]
    assert (report.files.groupby("page")["file"].agg(lambda f: pages[f].nunique()) == 1).all()
