"""What only the whole book can show: it is green, and an edit makes anew what can reach it."""

import yaml

from tests.conftest import Copy
from tests.test_rebuild import CHAPTER, CONTROLS, why
from tests.test_red import verdicts


def test_the_untouched_build_is_green(breakable_whole: Copy) -> None:
    found = verdicts(breakable_whole)
    assert len(found) > 20
    claims = yaml.safe_load((breakable_whole.root / "book/ledger/claims.yml").read_text("utf-8"))
    whose = {name: claims[name.split("/")[0]] for name in found}
    recorded = {name for name in found if whose[name].get("tier") == "recorded"}  # no data here
    assert {found[name]["verdict"] for name in found.keys() - recorded} <= {"exact", "within"}
    assert {found[name]["verdict"] for name in recorded} <= {"exact", "within", "not_run"}
    done = breakable_whole.hfgnn("build")
    assert done.returncode == 0
    assert "nothing to make; site as it was" in done.stdout


def test_a_package_edit_makes_anew_only_what_can_reach_it(breakable_whole: Copy) -> None:
    breakable_whole.edit("hfgnn/train/flat.py", "\n\n\n", "\n\nSPARE = 1\n\n\n")
    seen = set(why(breakable_whole))
    assert {"stage gnn.both", "chapter 06_gnn"} <= seen
    assert "stage thesis.pages" not in seen, "who reads pages needs no control without a graph"
    assert not {f"chapter {name}" for name in ("01_data", CHAPTER, "05_graph")} & seen
    breakable_whole.edit("hfgnn/train/flat.py", "\n\nSPARE = 1\n\n\n", "\n\n\n")
    assert why(breakable_whole) == {}
    breakable_whole.edit(CONTROLS, "\n\n\n", "\n\nSPARE = 1\n\n\n")
    reasons = why(breakable_whole)
    assert set(reasons) == {
        "stage clinical.sampled",
        "stage clinical.rivals",
        "stage clinical.hidden",
        "stage gnn.homophily",
        "stage gnn.drawn",
        "stage gnn.top",
        f"chapter {CHAPTER}",
        "chapter 06_gnn",
    }
    # Smoke tests keep what they make in the same store, with other parameters.
    assert "module hfgnn.train.controls changed" in reasons["stage clinical.rivals"].split("; ")
    assert "stages clinical.rivals changed" in reasons[f"chapter {CHAPTER}"]
    assert "clinical.ceiling" not in reasons[f"chapter {CHAPTER}"]
