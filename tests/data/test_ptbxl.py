"""Reading of PTB-XL: against wfdb and the independent tool, and on folders that are broken."""

import ast
import shutil

import numpy as np
import pandas as pd
import pytest
import wfdb

from hfgnn.cohort import LEADS
from hfgnn.data.ptbxl import group_of, load, parsed, read, records

ORDER = ["V3", "AVL", "I", "V6", "II", "AVF", "V1", "III", "AVR", "V2", "V5", "V4"]


@pytest.fixture
def folder(tmp_path):
    """Three records of two patients; lead k of LEADS is a ramp of height (k + 1) / 10 mV."""
    (tmp_path / "records500").mkdir()
    rows = []
    for number, patient in ((1, 7), (2, 7), (3, 9)):
        name = f"{number:05d}_hr"
        height = [LEADS.index(lead.replace("AV", "aV")) + 1 for lead in ORDER]
        ramp = np.linspace(0, 1, 50)[:, None] * np.array(height) / 10 * number
        wfdb.wrsamp(
            name,
            fs=500,
            units=["mV"] * 12,
            sig_name=ORDER,
            p_signal=ramp,
            fmt=["16"] * 12,
            adc_gain=[1000.0] * 12,
            baseline=[0] * 12,
            write_dir=str(tmp_path / "records500"),
        )
        rows.append(
            {
                "ecg_id": number,
                "patient_id": float(patient),
                "age": 300.0 if patient == 9 else 61.0,
                "sex": 1,
                "scp_codes": "{'NORM': 100.0, 'SR': 0.0}",
                "strat_fold": patient,
                "filename_lr": "records100/none",
                "filename_hr": f"records500/{name}",
            }
        )
    pd.DataFrame(rows).to_csv(tmp_path / "ptbxl_database.csv", index=False)
    return tmp_path


def edit(folder, **values):
    path = folder / "ptbxl_database.csv"
    pd.read_csv(path).assign(**values).to_csv(path, index=False)


def test_leads_are_found_by_name_wherever_the_header_puts_them(folder):
    signal, fs = read(folder / "records500" / "00001_hr")
    assert fs == 500
    assert signal.dtype == np.float32
    assert signal[:, -1] == pytest.approx(np.arange(1, 13) / 10, abs=5e-4)  # half a step of 1 uV


def test_one_record_a_patient_unless_all_are_wanted(folder):
    assert [r.ecg_id for r in records(folder)] == [1, 3]
    assert [r.ecg_id for r in records(folder, first=False)] == [1, 2, 3]


def test_a_cohort_has_the_published_folds_and_hides_no_age_of_300(folder):
    cohort = load(folder)
    assert list(cohort.table) == ["id", "patient", "split", "group", "age", "sex", "codes"]
    assert cohort.table["split"].tolist() == ["train", "val"]
    assert cohort.table["age"].tolist() == [61, 90]
    assert ast.literal_eval(cohort.table["codes"][0]) == {"NORM": 100, "SR": 0}
    assert cohort.ecg is not None
    assert cohort.ecg.shape == (2, 12, 50)


def test_signals_that_are_not_there_are_passed_over_but_not_all_of_them(folder):
    (folder / "records500" / "00001_hr.hea").unlink()
    assert [r.ecg_id for r in records(folder)] == [3]
    with pytest.raises(FileNotFoundError, match=r"none of the 2 signals .*filename_lr"):
        next(records(folder, high=False))


@pytest.mark.parametrize(
    "text", ["", "nan", "{'NORM'}", "__import__('os').getcwd()", "{'NORM': 'x'}", "[1]", "(" * 9999]
)
def test_codes_are_read_and_never_run(text):
    with pytest.raises(ValueError, match=r"codes are a dict of likelihoods"):
        parsed(text)


def test_errors_say_what_to_do(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="give the folder that holds PTB-XL"):
        next(records(tmp_path / "nowhere"))
    path = folder / "records500" / "00001_hr.dat"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"00001_hr: not a readable .* download"):
        next(records(folder))
    header = path.with_suffix(".hea")
    header.write_text(header.read_text().replace(" AVL", " VX"))
    shutil.copy(folder / "records500" / "00002_hr.dat", path)
    with pytest.raises(ValueError, match=r"VX.*leave it out or convert"):
        next(records(folder))
    edit(folder, sex=None)
    pd.read_csv(folder / "ptbxl_database.csv").drop(columns="sex").to_csv(
        folder / "ptbxl_database.csv", index=False
    )
    with pytest.raises(ValueError, match=r"without \['sex'\]"):
        next(records(folder))


def test_no_name_leads_out_of_the_folder(folder, tmp_path):
    edit(folder, filename_hr="../" + tmp_path.name + "x/records500/00001_hr")
    shutil.copytree(folder, tmp_path.with_name(tmp_path.name + "x"))
    with pytest.raises(ValueError, match=r"leads out of .* correct ptbxl_database"):
        next(records(folder))


def test_a_missing_sample_is_refused(folder):
    path = folder / "records500" / "00001_hr.dat"
    samples = np.fromfile(path, dtype="<i2")
    samples[5] = -32768  # what format 16 writes for no sample
    samples.tofile(path)
    with pytest.raises(ValueError, match="samples are missing"):
        next(records(folder))


@pytest.mark.data
def test_groups_and_people_are_those_of_the_independent_tool(real_data, measuring_tool):
    table = pd.read_csv(real_data / "ptb-xl-400" / "ptbxl_database.csv")
    codes = [parsed(text) for text in table["scp_codes"]]
    assert [group_of(c) for c in codes] == [measuring_tool.group_of(c) for c in codes]
    found = [r.ecg_id for r in records(real_data / "ptb-xl-400", high=False)]
    assert found == table.drop_duplicates("patient_id")["ecg_id"].tolist()


@pytest.mark.data
def test_signals_are_wfdbs_and_obey_einthoven(real_data):
    folder = real_data / "ptb-xl-400"
    files = pd.read_csv(folder / "ptbxl_database.csv").set_index("ecg_id")["filename_hr"]
    for record in list(records(folder))[::20]:
        values, header = wfdb.rdsamp(str(folder / files[record.ecg_id]))
        assert header["sig_name"] == [lead.upper() for lead in LEADS]
        assert np.array_equal(record.signal, values.T.astype(np.float32))
        one, two, three, avr, avl, avf = record.signal[:6]
        assert np.abs(one + three - two).max() <= 0.01
        assert np.abs(avr + (one + two) / 2).max() <= 0.01
        assert np.abs(avl - (one - three) / 2).max() <= 0.01
        assert np.abs(avf - (two + three) / 2).max() <= 0.01
