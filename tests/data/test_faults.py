"""An audit finds every planted fault and every copy, and nothing else."""

import numpy as np
import pytest

from hfgnn.data.clean import REMEDIES
from hfgnn.data.faults import EXACT, FAULTS, NEAR, plant
from hfgnn.data.folders import check


def test_there_is_a_fault_for_each_reason_and_no_other():
    assert set(FAULTS) == {*REMEDIES, EXACT, NEAR}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_planted_fault_is_found_and_nothing_else(drawn_pages, tmp_path, seed):
    planted = plant(tmp_path / "planted", drawn_pages, np.random.default_rng(seed))
    assert set(planted["kind"]) | set(planted.attrs["skipped"]) == set(FAULTS)
    report = check(tmp_path / "planted")
    faults = planted[planted["kind"].isin(list(REMEDIES))]
    assert dict(report.rejected[["file", "reason"]].to_numpy()) == dict(
        faults[["file", "kind"]].to_numpy()
    )
    files = report.files
    again = files[files["group"].duplicated() | files["group"].duplicated(keep=False)]
    copies = planted[planted["kind"].isin([EXACT, NEAR])]
    assert set(copies["file"]) == {name for name in again["file"] if "/Page" not in name} | {
        name for name in again["file"] if "Copy" in name
    }
    for name in copies["file"]:  # each with the page that it was made from
        group = files.loc[files["file"] == name, "group"].item()
        number = int("".join(c for c in name.split("/")[1] if c.isdigit()))
        own = f"{name.split('/')[0]}/Page {number:03d}.jpg"
        assert files.loc[files["file"] == own, "group"].item() == group
    exact = files[files["page"].duplicated()]["file"]
    assert len(exact) == (planted["kind"] == EXACT).sum()


def test_the_same_seed_plants_the_same_faults(drawn_pages, tmp_path):
    first = plant(tmp_path / "a", drawn_pages, np.random.default_rng(7))
    second = plant(tmp_path / "b", drawn_pages, np.random.default_rng(7))
    assert first.equals(second)


def test_what_cannot_be_planted_is_refused(drawn_pages, tmp_path):
    with pytest.raises(FileExistsError, match="give a new folder"):
        plant(tmp_path, drawn_pages, np.random.default_rng(0))
    with pytest.raises(ValueError, match="a page or more of each class"):
        plant(tmp_path / "new", {"MI": []}, np.random.default_rng(0))
