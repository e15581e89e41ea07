"""How the backbone `ecg` comes to be: pages of people whom no chapter meets, and reading them.

What it learns to read stands in `attributes`, how in `reader`. The head that names the attributes
is thrown away; ResNet18's own weights are kept, in fp16, with the curve and the recipe.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

import torch

from hfgnn.features.resnet import pack
from hfgnn.train.attributes import BY_LEAD, WHOLE, YES_NO, crowd, legible, printed, sheaves
from hfgnn.train.reader import COUNTED, CURVE, Progress, Recipe, Run

TRUNK, TOLD = "ecg.safetensors", "recipe.json"
ASKED = "asked.json"  # in the work folder: the recipe alone


def backbone(
    recipe: Recipe, work: Path, out: Path, *, jobs: int = 2, device: str = "cpu"
) -> Iterator[Progress]:
    """Print the pages, learn to read them, and write weights, curve and recipe to `out`.

    All lies in `work` while it is made: called again, the run goes on where it was cut off.
    """
    place = _there(device)
    for folder in (out, work):
        ready(folder)
    _same(recipe, work / ASKED)
    plan = sheaves(crowd(recipe.people, recipe.seed))
    plan += sheaves(crowd(recipe.check, recipe.seed + 1), recipe.people)
    for done, total in printed(plan, work, jobs=jobs):
        yield Progress("pages", done, total, {})
    with closing(Run(recipe, work, place)) as run:
        yield from run.steps()
        written(run, out)


def _there(device: str) -> torch.device:
    """Return the device, or say at once that it is not there: printing pages takes minutes."""
    fine = device == "cpu" or (device == "cuda" and torch.cuda.is_available())
    if not fine:
        raise ValueError(f"device {device!r} is not there; choose cpu, or cuda where torch sees it")
    return torch.device(device)


def ready(folder: Path) -> None:
    """Make a folder and see that files can be made in it, before an hour is spent."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(
            f"{folder} is no folder that can be written to ({error.strerror}); name another one, "
            "which need not be there"
        ) from error


def _same(recipe: Recipe, path: Path) -> None:
    """Refuse to go on with another recipe; only how many steps there are to be may change."""
    asked = begun = asdict(recipe)
    if path.is_file():
        with legible(path, "what lies beside it is of an unknown recipe, so name an empty folder"):
            begun = dict(json.loads(path.read_text(encoding="utf-8")))
    if begun | {"steps": recipe.steps} != asked:
        raise ValueError(
            f"{path} tells of another recipe than the one asked for: its pages and weights would "
            "be mixed up with these; name an empty folder, or ask for the recipe in that file"
        )
    path.write_text(json.dumps(asked, indent=1), encoding="utf-8")


def written(run: Run, out: Path) -> Path:
    """Write the trunk in fp16, the curve, and how, where and with what the weights were made."""
    file = pack(run.net[0])
    kind = platform.machine(), torch.backends.cpu.get_cpu_capability(), f"{os.cpu_count()} cores"
    cuda = run.device.type == "cuda"
    told = {
        "sha256": hashlib.sha256(file).hexdigest(),
        "recipe": asdict(run.recipe),
        "steps": run.step,
        "reads": [*WHOLE, *BY_LEAD, *YES_NO],
        "scores": run.curve.iloc[-1].drop([*COUNTED]).dropna().to_dict(),
        "hours": round(run.seconds / 3600, 3),
        "device": torch.cuda.get_device_name(run.device) if cuda else " ".join(kind),
        "made": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
    }
    (out / TRUNK).write_bytes(file)
    (out / TOLD).write_text(json.dumps(told, indent=1), encoding="utf-8")
    run.curve.to_csv(out / CURVE, index=False)
    return out / TRUNK
