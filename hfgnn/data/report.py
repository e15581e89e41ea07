"""What the audit of a folder of pages found, as tables, as JSON and in words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hfgnn.data.clean import REMEDIES, written

DEALT = 0.2  # the share of tests in the random split that the report warns of: the commonest
EXAMPLES, LONG = 3, 60  # names a reason, and characters of a name that are shown


@dataclass(frozen=True)
class Report:
    """What a folder holds: accepted files with their pages, and the rejected with reasons."""

    folder: Path
    files: pd.DataFrame  # file, split, class, digest, page (equal bytes), group (equal looks)
    rejected: pd.DataFrame  # file, reason, found

    @property
    def classes(self) -> pd.DataFrame:
        """Files, and groups that look different, by class."""
        by = self.files.groupby("class")
        return by.agg(files=("file", "size"), pages=("group", "nunique"))

    @property
    def reasons(self) -> pd.DataFrame:
        """Rejected files by reason, with an example and the remedy."""
        by = self.rejected.groupby("reason")["file"]
        table = pd.DataFrame({"files": by.size(), "example": by.first()})
        return table.assign(remedy=[REMEDIES[reason] for reason in table.index])

    @property
    def dealt(self) -> float:
        """Share of test files whose page a random split of files is expected to train on, too.

        Mean over files of 1 - q^(m - 1): of its group's m files, the others are not all in test.
        """
        copies = self.files.groupby("group")["file"].transform("size")
        return float((1 - DEALT ** (copies - 1)).mean())

    @property
    def seen(self) -> float | None:
        """Share of the folder's test files whose page is in its train folder, if it has both."""
        low = self.files["split"].str.lower()
        test, train = self.files[low == "test"], self.files[low == "train"]
        if test.empty or train.empty:
            return None
        return float(test["group"].isin(train["group"]).mean())

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        files = self.files
        by_group = files.groupby("group")
        return {
            "files": len(files) + len(self.rejected),
            "accepted": len(files),
            "rejected": len(self.rejected),
            "unique": int(files["page"].nunique()),
            "groups": int(files["group"].nunique()),
            "near_duplicates": int(files["page"].nunique() - files["group"].nunique()),
            "under_two_classes": int((by_group["class"].nunique() > 1).sum()),
            "seen_if_dealt_at_random": self.dealt,
            "seen_as_it_is": self.seen,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the whole report, for programs."""
        return {
            "folder": written(str(self.folder)),
            "summary": self.summary(),
            "classes": self.classes.reset_index().to_dict("records"),
            "rejected": self.rejected.to_dict("records"),
            "accepted": self.files.to_dict("records"),
        }

    def lines(self) -> list[str]:
        """Return the report in words, a line each."""
        count = self.summary()
        told = [
            f"{count['files']:,} files in {written(str(self.folder))}: "
            f"{count['accepted']:,} accepted, {count['rejected']:,} rejected"
        ]
        for reason, several in self.rejected.groupby("reason"):
            names = several["file"].head(EXAMPLES)
            shown = ", ".join(n if len(n) <= LONG else n[: LONG - 3] + "..." for n in names)
            more = ", ..." if len(several) > EXAMPLES else ""
            told += [f"  {len(several):,} {reason} ({shown}{more}): {REMEDIES[str(reason)]}"]
        told += [
            f"same bytes: {count['accepted']:,} files hold {count['unique']:,} different ones",
            f"near-duplicates: of these, {count['near_duplicates']:,} look like another, "
            f"which leaves {count['groups']:,} pages",
        ]
        told += [
            f"  {row.Index}: {row.files:,} files, {row.pages:,} pages"
            for row in self.classes.itertuples()
        ]
        return told + self._warnings(count)

    def _warnings(self, count: dict[str, Any]) -> list[str]:
        told = []
        if count["under_two_classes"]:
            told += [
                f"{count['under_two_classes']:,} pages lie in more than one class: relabel them"
            ]
        if count["groups"] < count["accepted"]:
            told += [
                f"a random split of the files would test on pages it trained on: {self.dealt:.1%} "
                f"of its test files at {DEALT:.0%} tests; split by page instead"
            ]
        if self.seen:
            told += [f"the folder's own test files: {self.seen:.1%} show a page that is in train"]
        return told
