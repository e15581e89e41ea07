"""What the package holds of the published works is what cited.yml says they published."""

import importlib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CITED = yaml.safe_load((ROOT / "book" / "ledger" / "cited.yml").read_text(encoding="utf-8"))
ENTRIES = CITED["literature"] | CITED["constants"]
HELD = {name: entry for name, entry in ENTRIES.items() if "code" in entry}


def look_up(code):
    """Follow "module:name.attribute.0" to its value."""
    module, _, path = code.partition(":")
    value = importlib.import_module(module)
    for part in path.split("."):
        if part.isdigit():
            value = value[int(part)]
        else:
            value = value[part] if isinstance(value, dict) else getattr(value, part)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", HELD)
def test_the_code_holds_the_published_value(name):
    assert look_up(HELD[name]["code"]) == HELD[name]["value"]


def test_every_law_and_clip_is_compared():
    assert len([name for name in HELD if name.startswith("thesis.")]) >= 30


def test_every_bibkey_is_in_the_references():
    references = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    for entry in CITED["literature"].values():
        assert f"{{{entry['bibkey']}," in references


PRINTED = ["0.99", "0.97", "0.98", "0.91", "0.96", "0.94", "0.97", "0.95", "0.97", "0.96"]


def report(a, b, *, sick, normal):
    """Precision, recall and F1 of the sick and of the normal, accuracy, the three macro means."""
    rows = []
    for right, missed, wrong in ((a, sick - a, normal - b), (b, normal - b, sick - a)):
        precision, recall = right / (right + wrong), right / (right + missed)
        rows.append([precision, recall, 2 * precision * recall / (precision + recall)])
    macro = [(one + other) / 2 for one, other in zip(*rows, strict=True)]
    return [f"{x:.2f}" for x in [*rows[0], *rows[1], (a + b) / (sick + normal), *macro]]


def test_only_two_pairs_of_counts_fit_the_whole_printed_report():
    lit = {k: v["value"] for k, v in CITED["literature"].items()}
    const = {k: v["value"] for k, v in CITED["constants"].items()}
    sizes = {"sick": lit["thesis.test_sick"], "normal": lit["thesis.test_normal"]}
    pairs = [(a, b) for a in range(600, sizes["sick"] + 1) for b in range(200, sizes["normal"] + 1)]
    fits = [pair for pair in pairs if report(*pair, **sizes) == PRINTED]
    assert sum(sizes.values()) == lit["thesis.test_pages"]
    assert [a + b for a, b in fits] == [const["thesis.right_low"], const["thesis.right"]]
    assert fits[1] == (const["thesis.sick_right"], const["thesis.normal_right"])
