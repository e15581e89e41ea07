"""The thesis's folders: few people, many files, as published and as it should be.

As published, each person's page was copied until the folders held FILES, and the copies were dealt
to training and test one by one. As it should be, each person's page is there once, on one side.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FILES = {  # by class: files in the thesis's training folder and in its test folder
    "MI": (791, 228),
    "Abnormal": (791, 228),
    "History_MI": (785, 222),
    "Normal": (791, 228),
}
TEST = 906 / 4064  # the test's share of all files


def published(classes: NDArray[np.str_], rng: np.random.Generator) -> pd.DataFrame:
    """Copy and deal the pages of people of these classes [n]: one row a file, `row` its person."""
    parts = []
    for label, (train, test) in FILES.items():
        people = rng.permutation(np.flatnonzero(classes == label))
        if not len(people):
            raise ValueError(f"no person of class {label!r}; the thesis's folders need every class")
        rows = rng.permutation(np.resize(people, train + test))  # as often each, or once more
        split = np.repeat(["train", "test"], [train, test])
        parts.append(pd.DataFrame({"row": rows, "class": label, "split": split}))
    files = pd.concat(parts, ignore_index=True)
    copy = files.groupby("row").cumcount()
    return files.assign(id=files["row"].map("{:06d}".format) + "-" + copy.astype(str))


def apart(classes: NDArray[np.str_], rng: np.random.Generator) -> pd.DataFrame:
    """Deal the people themselves, class by class, with the thesis's share of tests."""
    split = np.full(len(classes), "train", dtype="<U5")
    for label in FILES:
        people = rng.permutation(np.flatnonzero(classes == label))
        split[people[: round(TEST * len(people))]] = "test"
    rows = np.arange(len(classes))
    return pd.DataFrame(
        {"row": rows, "class": classes, "split": split, "id": [f"{row:06d}" for row in rows]}
    )
