"""The records of all audits: of the book's own parameters, their shares sum, luck is worth none."""

import numpy as np
import pytest

from hfgnn.evaluate.shapley import shares
from hfgnn.pipeline.audits import REPEATS, audits
from hfgnn.pipeline.later import now
from hfgnn.pipeline.profiles import BOOK
from hfgnn.train import audit_dual, audit_selfsup, audit_thesis

AUDITS = {"thesis": audit_thesis, "dual": audit_dual, "selfsup": audit_selfsup}


@pytest.fixture(params=AUDITS)
def kept(request):
    """Return a work, and its recorded sets."""
    audit = AUDITS[request.param]
    stage = next(stage for stage in audits(BOOK, 2025) if stage.name == f"audit.{request.param}")
    table = audit.WORK.read(audit.told(now(stage.params)))
    assert table is not None, "the record is of other parameters than the book's"
    return audit.WORK, table


def test_a_record_has_every_set_of_the_books_own_parameters_in_eight_repeats(kept):
    work, table = kept
    assert table["repeat"].nunique() == REPEATS
    assert len(table) == REPEATS * work.sets


def test_shares_sum_to_the_whole_difference(kept):
    work, table = kept
    decisions, whole = work.tables(table)
    total = whole.set_index("of").loc["difference"]
    for score in work.scores:
        part = decisions["share" if score == "reported" else score]
        assert part.sum() == pytest.approx(total[score], abs=1e-9)
        direct = shares(work.values(table, score)).mean(axis=1)
        np.testing.assert_allclose(part, direct, atol=1e-12)


def test_a_planted_decision_is_worth_nothing_within_its_interval(kept):
    work, table = kept
    planted = work.tables(table)[0].set_index("decision").loc["null"]
    assert planted["low"] <= 0 <= planted["high"]
    for score in work.scores[1:]:
        assert planted[f"{score} low"] <= 0 <= planted[f"{score} high"]
    for part in ("alone", "last"):
        assert planted[f"{part} low"] <= 0 <= planted[f"{part} high"]
