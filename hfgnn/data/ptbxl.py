"""PTB-XL, the public ECG collection (Wagner et al. 2020): records in the order of `LEADS`, in mV.

Its headers write AVR where others write aVR, and other collections order leads otherwise: leads are
found by name, never by position.
"""

import ast
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import wfdb
from numpy.typing import NDArray

from hfgnn.cohort import LEADS, Cohort

DATABASE = "ptbxl_database.csv"
COLUMNS = ["ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold"]
FOLDS = {**dict.fromkeys(range(1, 9), "train"), 9: "val", 10: "test"}  # as its authors advise
SURE = 80  # likelihood, in percent, from which a reader's NORM counts
HIDDEN, OLDEST = 300, 90.0  # years: PTB-XL writes 300 for whoever is older than 89
PRIORITY = {  # the most specific first; a pacemaker or flutter is none of the groups
    "other": {"PACE", "AFLT"},
    "CLBBB": {"CLBBB"},
    "CRBBB": {"CRBBB"},
    "AFIB": {"AFIB"},
    "AMI": {"AMI", "ASMI", "ALMI"},
    "IMI": {"IMI", "ILMI"},
    "LVH": {"LVH"},
    "LAFB": {"LAFB"},
}


@dataclass(frozen=True)
class Record:
    """One recording and what PTB-XL says of it."""

    ecg_id: int
    patient_id: int
    age: float  # years; NaN where unknown
    sex: int  # 0 male, 1 female
    codes: dict[str, float]  # SCP-ECG code -> likelihood in percent; 0 is unknown
    group: str  # one of hfgnn.cohort.GROUPS
    fold: int  # 1-10; all records of a patient are in one fold
    signal: NDArray[np.float32]  # [12, T] mV
    fs: float  # samples a second


def group_of(codes: dict[str, float]) -> str:
    """Return the first group of PRIORITY that a code names; else NORM if sure of it; else other."""
    for group, names in PRIORITY.items():
        if names & codes.keys():
            return group
    return "NORM" if codes.get("NORM", 0) >= SURE else "other"


def records(folder: Path, *, high: bool = True, first: bool = True) -> Iterator[Record]:
    """Yield the records of a PTB-XL folder whose signals are there.

    `high` reads the 500 Hz files and else the 100 Hz ones; `first` takes one record a patient, the
    first in the table, before looking which signals are there.
    """
    column = "filename_hr" if high else "filename_lr"
    table = _database(folder, column)
    table = table.drop_duplicates("patient_id") if first else table
    there = [(folder / f"{name}.hea").is_file() for name in table[column]]
    if not any(there):
        raise FileNotFoundError(
            f"{folder} has none of the {len(table)} signals that its {DATABASE} names in {column}, "
            f"such as {table[column].iloc[0]}.hea; download them into it, or read the other rate"
        )
    for row in table[there].to_dict("records"):
        if not (folder / row[column]).resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{column} {row[column]!r} leads out of {folder}; correct {DATABASE}")
        yield _record(row, folder / row[column])


def _database(folder: Path, column: str) -> pd.DataFrame:
    path = folder / DATABASE
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; give the folder that holds PTB-XL")
    table = pd.read_csv(path)
    absent = [name for name in [*COLUMNS, column] if name not in table]
    if absent or table.empty:
        raise ValueError(
            f"{path}: {len(table)} rows, without {absent or 'any record'}; PTB-XL's table has a "
            "row a record and these columns, so download it again"
        )
    return table


def _record(row: dict[Hashable, Any], path: Path) -> Record:
    codes = parsed(row["scp_codes"])
    signal, fs = read(path)
    return Record(
        ecg_id=int(row["ecg_id"]),
        patient_id=int(row["patient_id"]),
        age=OLDEST if row["age"] == HIDDEN else float(row["age"]),
        sex=int(row["sex"]),
        codes=codes,
        group=group_of(codes),
        fold=int(row["strat_fold"]),
        signal=signal,
        fs=fs,
    )


def parsed(text: str) -> dict[str, float]:
    """Read the codes of a record, written as a Python dict; nothing in the text is executed."""
    try:
        codes = ast.literal_eval(text)
        return {str(code): float(likelihood) for code, likelihood in codes.items()}
    except (
        ValueError,
        SyntaxError,
        TypeError,
        AttributeError,
        MemoryError,
        RecursionError,
    ) as error:
        raise ValueError(
            f"scp_codes {str(text)[:80]!r}: codes are a dict of likelihoods such as "
            "{'NORM': 100.0}; compare the row with PTB-XL's own table"
        ) from error


def read(path: Path) -> tuple[NDArray[np.float32], float]:
    """Return a record's signal [12, T] in mV, leads by name in the order of LEADS, and its rate."""
    try:
        values, header = wfdb.rdsamp(str(path))
    except Exception as error:  # wfdb raises what its parsing meets, of any kind
        raise ValueError(
            f"{path}: not a readable WFDB record ({error}); download its .hea and .dat again"
        ) from error
    names = [name.upper() for name in header["sig_name"]]
    wanted = [lead.upper() for lead in LEADS]
    if sorted(names) != sorted(wanted) or set(header["units"]) != {"mV"}:
        raise ValueError(
            f"{path}: leads {names} in {header['units']}; a record has each of {wanted} once, in "
            "mV, so leave it out or convert it first"
        )
    signal = values.T[[names.index(name) for name in wanted]].astype(np.float32)
    if not np.isfinite(signal).all():
        raise ValueError(f"{path}: samples are missing; leave the record out or fill them first")
    return signal, float(header["fs"])


def load(folder: Path, *, high: bool = True) -> Cohort:
    """Return one record a patient as a cohort: id, patient, split, group, age, sex, codes; ecg."""
    rows, signals = [], []
    for record in records(folder, high=high):
        rows.append(
            {
                "id": f"{record.ecg_id:05d}",
                "patient": record.patient_id,
                "split": FOLDS[record.fold],
                "group": record.group,
                "age": record.age,
                "sex": record.sex,
                "codes": str(record.codes),
            }
        )
        signals.append(record.signal)
    return Cohort(pd.DataFrame(rows), ecg=np.stack(signals))
