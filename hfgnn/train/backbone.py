"""How the backbone `ecg` comes to be: pages of people whom no chapter meets, and reading them.

What it learns to read stands in `attributes`, how in `reader`. The head that names the attributes
is thrown away; ResNet18's own weights are kept, in fp16, with the curve and the recipe.
"""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import torch

from hfgnn.features.resnet import pack
from hfgnn.train.attributes import BY_LEAD, WHOLE, YES_NO, crowd, printed, sheaves
from hfgnn.train.reader import CURVE, Progress, Recipe, Run

TRUNK, TOLD, SAME = "ecg.safetensors", "ecg.json", "recipe.json"


def backbone(
    recipe: Recipe, work: Path, out: Path, *, jobs: int = 2, device: str = "cpu"
) -> Iterator[Progress]:
    """Print the pages, learn to read them, and write weights, curve and recipe to `out`.

    All lies in `work` while it is made: called again, the run goes on where it was cut off.
    """
    work.mkdir(parents=True, exist_ok=True)
    _same(recipe, work / SAME)
    plan = sheaves(crowd(recipe.people, recipe.seed))
    plan += sheaves(crowd(recipe.check, recipe.seed + 1), recipe.people)
    for done, total in printed(plan, work, jobs=jobs):
        yield Progress("pages", done, total, {})
    run = Run(recipe, work, torch.device(device))
    yield from run.steps()
    written(run, out)


def _same(recipe: Recipe, path: Path) -> None:
    """Refuse to go on with another recipe; only how many steps there are to be may change."""
    asked = asdict(recipe)
    begun = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else asked
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
        "scores": run.scores(),
        "hours": round(run.seconds / 3600, 3),
        "device": torch.cuda.get_device_name(run.device) if cuda else " ".join(kind),
        "made": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / TRUNK).write_bytes(file)
    (out / TOLD).write_text(json.dumps(told, indent=1), encoding="utf-8")
    shutil.copyfile(run.work / CURVE, out / CURVE)
    return out / TRUNK
