"""The grammar of the gate, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfgnn.ledger.gate import bare_numbers

NAMES = """
V1 V1, (V6) V1-V6 V1–V6 V1/V2 ResNet18 ResNet18's F1 F1-score T1-weighted B0 H2O x2 R² χ² GPT-4
COVID-19 12-lead 12-lead. 5-NN “5-NN” 2-fold 10-fold 10-second 12-lead/5-NN 1st 2nd 3rd 4th 11th
21st 1970s 2020s 3D 2D aVR five twenty-two SCP-ECG SARS-CoV-2 SARS-CoV-2-like B4 T2 T1w B12 CO2 SpO2
CHA2DS2-VASc ResNet101 ResNet-50 DenseNet121 MobileNetV2 MiniLM-L6-v2 VGG16 IL-6 2-class 3-D 12-Lead
30-day 5-nearest-neighbour 2nd-order 18-layer
"""
NUMBERS = """
906 0 -5 +5 0.97 .5 5. 0.97x 2x 10x 10ms 25mm 25-mm 10-ms 250-Hz 97% 97%. (906) 906, n=906 p<0.05
0.93-0.94 3-5 3–5 3/5 678/228 1,000 1e5 10² ×10 ² ½ ⅓ Ⅳ ٣ 5's #1 $5 100° ±3 2.1-fold v1.2 5- 90s
3-5-fold I_5 recall@5 1:2 12 1970 ① accuracy97 Accuracy97 acc97 AUC97 AUC-97 AUC-9 accuracy-9 N906
N90 P95 n12 906-page 97-correct 97-percent 906-lead 100-fold 9060s 906th 12leads GPT-906
ResNet1018 VGG-906
"""


@pytest.mark.parametrize("word", NAMES.split())
def test_a_name_passes(word: str) -> None:
    assert bare_numbers(f"a {word} b") == []


@pytest.mark.parametrize("word", NUMBERS.split())
def test_a_number_is_refused(word: str) -> None:
    assert len(bare_numbers(f"a {word} b")) == 1


def test_the_word_is_named_without_its_punctuation() -> None:
    assert bare_numbers("Of 1,000 people (97 %), V1 said “0.5”.") == ["1,000", "97", "0.5"]


@given(st.text(alphabet=st.characters(exclude_categories=["Nd", "Nl", "No", "Lo"])))
def test_text_without_numbers_passes(text: str) -> None:
    assert bare_numbers(text) == []


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0), st.sampled_from(["", "%"]))
def test_every_printed_float_is_refused(number: float, unit: str) -> None:
    assert bare_numbers(f"{number}{unit}") != []
