"""The one place where torchvision is imported, so that it can be imported at all.

torchvision's compiled half fits one build of torch only. Where it meets another (a CPU build of
torch beside the registry's torchvision), it stays unloaded, and `import torchvision` dies with
"operator torchvision::nms does not exist": two Python functions describe the operators `nms` and
`qnms`, which only the compiled half would have declared. No chapter detects objects in pictures, so
it is enough to declare the two by name. Models and transforms are plain torch and work as ever.
Import from here, also before any other package that itself imports torchvision.
"""

import importlib
import sys
from types import ModuleType

import torch

BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
MISSING = (f"nms{BOXES}", f"qnms{BOXES}")  # the second is for quantised tensors

declared: list[torch.library.Library] = []  # lives as long as the process: torch forgets it else


def _importable() -> ModuleType:
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # what the failed import left behind
    declared.append(torch.library.Library("torchvision", "DEF"))
    for schema in MISSING:
        declared[-1].define(schema)
    return importlib.import_module("torchvision")


models = _importable().models
transforms = importlib.import_module("torchvision.transforms.v2")
