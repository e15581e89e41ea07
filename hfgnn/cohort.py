"""Cohort: the one record that every maker of patients returns, simulated or real.

table [n rows]   one row a patient: id, split, group, class, labels, age, sex, ef, ..., time, event
ecg              float32 [n, 12, T] in millivolts, leads in the order of LEADS
page             paths of n JPEGs, or uint8 [n, height, width, 3]
cmr              uint8 [n, 3, 96, 96]: end-diastole, mid-systole and end-systole of the mid slice
report           n texts
A part that a source does not have is None.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
FS = 250  # samples a second
SECONDS = 10.0
GROUPS = ("NORM", "LVH", "IMI", "AMI", "CLBBB", "CRBBB", "LAFB", "AFIB", "other")


@dataclass(frozen=True)
class Cohort:
    """Patients, and what was recorded of each."""

    table: pd.DataFrame
    ecg: NDArray[np.float32] | None = None
    page: NDArray[np.uint8] | tuple[str, ...] | None = None
    cmr: NDArray[np.uint8] | None = None
    report: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse parts of different lengths, and a patient who is there twice."""
        for name, part in self.parts().items():
            if len(part) != len(self.table):
                raise ValueError(
                    f"Cohort.{name} holds {len(part)} patients and the table {len(self.table)}; "
                    "each part has one entry for each row of the table"
                )
        if "id" not in self.table or self.table["id"].duplicated().any():
            raise ValueError("Cohort.table needs a column `id` without repetitions")
        if self.ecg is not None and (self.ecg.dtype != np.float32 or self.ecg.shape[1:2] != (12,)):
            raise ValueError(
                f"Cohort.ecg is {self.ecg.dtype} {self.ecg.shape}; it has to be float32 [n, 12, T]"
            )

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.table)

    def parts(self) -> dict[str, Any]:
        """Return the parts beside the table that are there."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: v for name, v in values.items() if v is not None and name != "table"}

    def take(self, rows: NDArray[np.intp]) -> "Cohort":
        """Return these patients, by position, in this order."""
        chosen: dict[str, Any] = {
            name: part[rows] if isinstance(part, np.ndarray) else tuple(part[i] for i in rows)
            for name, part in self.parts().items()
        }
        return replace(self, table=self.table.iloc[rows].reset_index(drop=True), **chosen)


def joined(cohorts: list[Cohort]) -> Cohort:
    """Return the patients of several cohorts as one."""
    whole: dict[str, Any] = {}
    for name in cohorts[0].parts():
        parts = [getattr(cohort, name) for cohort in cohorts]
        arrays = isinstance(parts[0], np.ndarray)
        whole[name] = np.concatenate(parts) if arrays else tuple(x for part in parts for x in part)
    return Cohort(pd.concat([c.table for c in cohorts], ignore_index=True), **whole)
