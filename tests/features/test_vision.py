"""torchvision works with any build of torch. Each check runs in a fresh process, as imports do."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def said(code: str, *, before: Path = ROOT) -> str:
    """Run code in a fresh process, warnings being errors, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        env=os.environ | {"PYTHONPATH": f"{before}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_network_of_torchvision_answers() -> None:
    code = """
import torch
from hfgnn.features.vision import models
network = models.resnet18(weights=None).eval()
with torch.no_grad():
    print(tuple(network(torch.rand(2, 3, 64, 64)).shape))
"""
    assert said(code) == "(2, 1000)"


def test_a_transform_turns_a_picture() -> None:
    code = """
import torch
from hfgnn.features.vision import transforms
picture = torch.arange(16.0).reshape(1, 4, 4)
turned = transforms.functional.rotate(picture, 90.0)
print(torch.equal(turned, torch.rot90(picture, 1, dims=(1, 2))))
"""
    assert said(code) == "True"


def test_the_schemas_are_declared_once_whoever_imports_next() -> None:
    code = """
import importlib
import torch
from hfgnn.features import vision
before = len(vision.declared)
import torchvision
assert importlib.import_module("hfgnn.features.vision") is vision
assert torchvision.models is vision.models
print(before == len(vision.declared) <= 1, bool(torch.ops.torchvision.nms.default))
"""
    assert said(code) == "True True"


def test_nothing_is_declared_where_torchvision_needs_no_help(tmp_path: Path) -> None:
    whole = tmp_path / "torchvision"
    (whole / "transforms").mkdir(parents=True)
    (whole / "__init__.py").write_text("from torchvision import models\n")
    (whole / "models.py").write_text("")
    (whole / "transforms" / "__init__.py").write_text("")
    (whole / "transforms" / "v2.py").write_text("")
    code = "from hfgnn.features import vision; print(vision.models.__file__, vision.declared)"
    assert said(code, before=tmp_path) == f"{whole / 'models.py'} []"


def test_another_fault_of_torchvision_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('the disk is on fire')\n")
    code = """
try:
    import hfgnn.features.vision
except RuntimeError as error:
    print(error)
"""
    assert said(code, before=tmp_path) == "the disk is on fire"


def test_the_fault_that_is_mended_is_the_one_that_was_met(tmp_path: Path) -> None:
    missing = 'raise RuntimeError("operator torchvision::nms does not exist")'
    whole = tmp_path / "torchvision"
    (whole / "transforms").mkdir(parents=True)
    (whole / "__init__.py").write_text(
        "import torch\nfrom torchvision import models\n"
        f"if not hasattr(torch.ops.torchvision, 'qnms'):\n    {missing}\n"
    )
    (whole / "models.py").write_text("")
    (whole / "transforms" / "__init__.py").write_text("")
    (whole / "transforms" / "v2.py").write_text("")
    code = "from hfgnn.features import vision; print(len(vision.declared))"
    assert said(code, before=tmp_path) == "1"
