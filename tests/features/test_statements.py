"""The statements' numbers: the table that is shipped, and the mean of a person's rows."""

import ast
import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.features import statements as room
from hfgnn.features.shipped import SHIPPED
from hfgnn.features.statements import (
    FILE,
    SHA256,
    Statements,
    one_hot,
    pack,
    shuffled,
    statements,
    text_of,
    unpack,
    weights,
    wording,
)
from hfgnn.seeding import rng
from hfgnn.train.statements import BUNDLED, BUNDLED_SHA256
from hfgnn.world.latent import hearts
from hfgnn.world.report import CODES, as_dicts, codes

TABLE = statements()
SMALL = Statements(("A", "B", "C"), ("a: a", "b: b", "c: c"), np.eye(3, 2, dtype=np.float32), "no")
SAID = st.dictionaries(st.sampled_from(TABLE.codes), st.sampled_from([0.0, 15, 35, 50, 80, 100]))


def test_the_shipped_table_is_whole_small_and_says_who_made_it() -> None:
    assert TABLE.embedding.shape == (71, 384)
    assert TABLE.embedding.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(TABLE.embedding, axis=1), 1, rtol=1e-6)
    assert len(set(TABLE.codes)) == len(set(TABLE.texts)) == 71
    assert (TABLE.model, TABLE.sha256, TABLE.pooling) == (BUNDLED, BUNDLED_SHA256, "tokens")
    assert FILE.stat().st_size < 200e3
    told = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert SHA256 in told
    assert BUNDLED_SHA256 in told
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256


def test_codes_and_texts_in_the_file_are_those_of_the_list_beside_it() -> None:
    table = wording()
    assert list(table) == ["code", "category", "description"]
    assert TABLE.codes == tuple(table["code"])
    for text, row in zip(TABLE.texts, table.to_dict("records"), strict=True):
        assert text == f"{row['category']}: {row['description']}"
        assert row["category"]
        assert row["description"]


@pytest.mark.data
def test_the_list_is_ptb_xl_s_and_covers_what_its_readers_wrote(real_data) -> None:
    folder = real_data / "ptb-xl-400"
    theirs = pd.read_csv(folder / "scp_statements.csv", index_col=0)
    assert wording()["code"].tolist() == theirs.index.tolist()
    assert wording()["category"].tolist() == theirs["Statement Category"].tolist()
    assert wording()["description"].tolist() == theirs["SCP-ECG Statement Description"].tolist()
    read = [ast.literal_eval(x) for x in pd.read_csv(folder / "ptbxl_database.csv")["scp_codes"]]
    assert text_of(read, TABLE).any(axis=1).all()
    assert any(0 in said.values() for said in read)


def test_every_statement_of_the_simulated_reader_has_a_row() -> None:
    assert set(CODES) <= set(TABLE.codes)
    read = as_dicts(codes(hearts(300, rng(5, "text")), rng(6, "text")))
    assert text_of(read, TABLE, zeros="certain").any(axis=1).all()  # a rhythm, at least
    told = text_of(read, TABLE).any(axis=1)
    assert told.tolist() == [any(said.values()) for said in read]
    assert 0 < told.sum() < 300


@given(st.lists(SAID, max_size=5), st.sampled_from(["dropped", "certain"]))
def test_it_is_the_mean_weighted_by_likelihood(read: list[dict[str, float]], zeros: str) -> None:
    found = text_of(read, TABLE, zeros=zeros)
    assert found.shape == (len(read), 384)
    assert found.dtype == np.float32
    for row, said in zip(found, read, strict=True):
        rows, counts = [], []
        for code, likelihood in said.items():
            weight = 100.0 if likelihood == 0 and zeros == "certain" else likelihood
            if weight > 0:
                rows.append(TABLE.embedding[TABLE.codes.index(code)].astype(float))
                counts.append(weight)
        expected = np.average(rows, axis=0, weights=counts) if rows else np.zeros(384)
        np.testing.assert_allclose(row, expected, atol=1e-7)
        assert row.any() == bool(rows)


def test_a_statement_that_nobody_graded_is_dropped_as_published_or_certain() -> None:
    read = [{"A": 0.0, "B": 50.0}, {"A": 0.0}, {}]
    np.testing.assert_array_equal(weights(read, SMALL.codes), [[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    kept = weights(read, SMALL.codes, zeros="certain")
    np.testing.assert_allclose(kept, [[2 / 3, 1 / 3, 0], [1, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {"A": 100.0, "LVHX": 80.0},
            "person 1 has the statement 'LVHX'.*one of the table's 3 codes.*correct it",
        ),
        ({"A": -1.0}, "person 1 has the statement 'A' with the likelihood -1.*percentage"),
        ({"A": 101.0}, "likelihood 101.*percentage"),
        ({"A": float("nan")}, "likelihood nan.*percentage"),
    ],
)
def test_what_no_reader_writes_is_refused(said: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        text_of([{"B": 100.0}, said], SMALL)


def test_another_rule_for_zeros_is_refused() -> None:
    with pytest.raises(ValueError, match="'kept'; choose one of dropped, certain"):
        weights([], SMALL.codes, zeros="kept")


def test_one_hot_gives_the_weights_back() -> None:
    read = [{"NORM": 80.0, "PVC": 0.0}, {"CLBBB": 100.0, "LVH": 50.0, "IMI": 15.0}, {"SR": 0.0}]
    table = one_hot(TABLE)
    assert table.embedding.shape == (71, 71)
    assert (table.codes, table.model, table.sha256) == (TABLE.codes, "one-hot", "")
    np.testing.assert_allclose(text_of(read, table), weights(read, TABLE.codes), rtol=1e-6)


def test_shuffled_deals_the_same_rows_to_other_statements() -> None:
    before = TABLE.embedding.copy()
    table = shuffled(TABLE, np.random.default_rng(3))
    np.testing.assert_array_equal(TABLE.embedding, before)
    assert (table.codes, table.texts, table.sha256) == (TABLE.codes, TABLE.texts, TABLE.sha256)
    assert table.model != TABLE.model
    where = [np.flatnonzero((before == row).all(axis=1)).item() for row in table.embedding]
    assert sorted(where) == list(range(71))
    assert sum(here == there for here, there in enumerate(where)) < 10
    again = shuffled(TABLE, np.random.default_rng(3)).embedding
    np.testing.assert_array_equal(again, table.embedding)


def akin(table: Statements) -> float:
    """How much more alike two statements are within a category than between two, on average."""
    category = np.array([text.partition(": ")[0] for text in table.texts])
    alike, same = table.embedding @ table.embedding.T, category[:, None] == category
    other = ~np.eye(len(category), dtype=bool)
    return float(alike[same & other].mean() - alike[~same].mean())


def test_the_model_puts_a_category_together_and_the_shuffled_control_does_not() -> None:
    assert akin(TABLE) > 0.2
    dealt = [akin(shuffled(TABLE, np.random.default_rng(seed))) for seed in range(20)]
    assert max(map(abs, dealt)) < 0.1
    assert akin(one_hot(TABLE)) == 0


def test_a_packed_table_is_the_same_bytes_each_time_and_comes_back() -> None:
    assert {pack(TABLE) for _ in range(20)} == {FILE.read_bytes()}
    again = unpack(pack(SMALL))
    np.testing.assert_array_equal(again.embedding, SMALL.embedding)
    assert vars(again) | {"embedding": 0} == vars(SMALL) | {"embedding": 0}


def test_a_table_that_is_not_the_one_meant_is_refused(tmp_path, monkeypatch) -> None:
    path, file = tmp_path / FILE.name, FILE.read_bytes()
    monkeypatch.setattr(room, "FILE", path)
    with pytest.raises(FileNotFoundError, match="check it out of the repository again$"):
        statements()
    path.write_bytes(file[:-1] + bytes([file[-1] ^ 1]))
    with pytest.raises(ValueError, match="damaged or another file, and is not loaded; delete it"):
        statements()
    path.write_bytes(file)
    np.testing.assert_array_equal(statements().embedding, TABLE.embedding)
