"""The text of an ECG as numbers: one row for each SCP-ECG statement, averaged by likelihood.

t[i] = sum over s of w[i, s] e[s], with w[i, s] = likelihood[i, s] / (sum of i's likelihoods). The
71 statements and their wording are PTB-XL's (Wagner et al. 2020, CC BY 4.0); e [71, 384] is what
a language model made of "category: description" (`hfgnn.train.statements` makes it anew).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import load, save

from hfgnn.features.shipped import SHIPPED, checked

Read = Sequence[Mapping[str, float]]  # of each person, code -> likelihood in percent

WORDING = SHIPPED / "statements.csv"  # code, category, description
FILE = SHIPPED / "statements.safetensors"
SHA256 = "fa513ba93fcbf442e6c8c9d0fc708090031583944f9ba6322c3826a815f989dc"
ZEROS = {"dropped": 0.0, "certain": 100.0}  # what a likelihood of 0 weighs


@dataclass(frozen=True)
class Statements:
    """SCP-ECG statements, and a row of numbers for each."""

    codes: tuple[str, ...]
    texts: tuple[str, ...]  # "category: description"
    embedding: NDArray[np.float32]  # [statements, width]
    model: str  # who read the texts
    sha256: str = ""  # of that model's weights; empty where nobody read
    pooling: str = ""  # how its numbers of the words became those of the text


def statements() -> Statements:
    """Return the 71 statements as all-MiniLM-L6-v2 reads them, [71, 384]."""
    return unpack(checked(FILE, SHA256))


def wording() -> pd.DataFrame:
    """Return the 71 statements of PTB-XL: code, category, description, in its order."""
    return pd.read_csv(WORDING, dtype=str, keep_default_na=False)


def pack(table: Statements) -> bytes:
    """Return a table as safetensors, all that is no array as JSON in its metadata.

    Under one key: safetensors would shuffle several from file to file.
    """
    told = {name: value for name, value in vars(table).items() if name != "embedding"}
    rows = np.ascontiguousarray(table.embedding, np.float32)
    return save({"embedding": rows}, {"statements": json.dumps(told)})


def unpack(file: bytes) -> Statements:
    """Return the table that was packed."""
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])  # as safetensors has it
    told = json.loads(header["__metadata__"]["statements"])
    codes, texts = tuple(told.pop("codes")), tuple(told.pop("texts"))
    return Statements(codes, texts, load(file)["embedding"], **told)


def weights(read: Read, codes: Sequence[str], *, zeros: str = "dropped") -> NDArray[np.float64]:
    """Return w [n, statements], what each counts in a person's mean; rows add up to one.

    PTB-XL writes 0 where nobody graded: for most statements of form and rhythm, for a few others.
    As published they are `dropped`; `certain` keeps them, each with the weight of 100. A row of
    zeros is of someone who has no statement left.
    """
    if zeros not in ZEROS:
        raise ValueError(f"zeros are {zeros!r}; choose one of {', '.join(ZEROS)}")
    place = {code: column for column, code in enumerate(codes)}
    w = np.zeros((len(read), len(place)))
    for person, (row, said) in enumerate(zip(w, read, strict=True)):
        for code, likelihood in said.items():
            if code not in place or not 0 <= likelihood <= 100:
                raise ValueError(
                    f"person {person} has the statement {code!r} with the likelihood {likelihood}; "
                    f"it has to be one of the table's {len(place)} codes, with a percentage (0 "
                    "where nobody graded it); correct it, or leave it out"
                )
            row[place[code]] = likelihood or ZEROS[zeros]
    total = w.sum(axis=1, keepdims=True)
    return w / np.where(total > 0, total, 1)


def text_of(read: Read, table: Statements, *, zeros: str = "dropped") -> NDArray[np.float32]:
    """Return t [n, width], the mean row of each person's statements, weighted by likelihood.

    Who has no statement left gets zeros, which no text has: `text.any(axis=1)` tells who has one.
    """
    mean = weights(read, table.codes, zeros=zeros) @ table.embedding.astype(np.float64)
    return mean.astype(np.float32)


def shuffled(table: Statements, rng: np.random.Generator) -> Statements:
    """Return a control: the same rows, dealt to the statements by chance.

    Whoever stated the same still gets the same numbers; which statements are akin is lost.
    """
    rows = rng.permutation(table.embedding)
    return replace(table, embedding=rows, model=f"{table.model}, shuffled")


def one_hot(table: Statements) -> Statements:
    """Return a control that no language model made: a number for each code, [71, 71]."""
    rows = np.eye(len(table.codes), dtype=np.float32)
    return replace(table, embedding=rows, model="one-hot", sha256="", pooling="")
