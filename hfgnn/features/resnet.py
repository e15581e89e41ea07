"""Stage 4, the page's half: ResNet18 without its last layer, page [224, 224, 3] -> 512 numbers.

Three backbones: `ecg` has read generic attributes of simulated pages: no label, and of the heart
only what the page shows as rhythm; `imagenet` is the thesis's, `random` has learned nothing. The
whole sheet is squeezed to a square, whatever its shape, and normalised by ImageNet's means and
spreads, as the thesis does it.
"""

import os
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from safetensors.torch import load, save
from torch import nn
from torch.nn.utils import convert_conv2d_weight_memory_format
from torch.nn.utils.fusion import fuse_conv_bn_eval

from hfgnn.features.shipped import SHIPPED, checked
from hfgnn.features.vision import models
from hfgnn.seeding import seed_torch

Pixels = NDArray[np.uint8]

SIDE = 224  # pixels
WIDTH = 512  # numbers a page
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, from 0 to 1, RGB
ROOM = 2  # a JPEG is decoded at the smallest scale that leaves this many pixels for each kept one

ECG_FILE = SHIPPED / "ecg.safetensors"
ECG_SHA256 = "a58151f9fc6beff9f057a2904cf778461b6c05165bdf4f9386ada7647b177508"
IMAGENET_SHA256 = "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec"


def backbone(name: str = "ecg", *, seed: int = 0, download: bool = False) -> nn.Module:
    """Return ResNet18 without its last layer, [n, 3, 224, 224] -> [n, 512], ready to be asked.

    `seed` is of `random` alone; `download` lets `imagenet` be fetched if it is not there.
    """
    return channels_last(folded(trained(name, seed=seed, download=download)))


def trained(name: str, *, seed: int = 0, download: bool = False) -> nn.Module:
    """Return a backbone with its weights as they were trained, every layer by itself."""
    makers: dict[str, Callable[[], nn.Module]] = {
        "ecg": _ecg,
        "imagenet": partial(_imagenet, download=download),
        "random": partial(untrained, seed),
    }
    if name not in makers:
        raise ValueError(f"backbone {name!r} is not known; choose one of {', '.join(makers)}")
    return makers[name]().eval()


BACKBONES = ("ecg", "imagenet", "random")


def folded(net: nn.Module) -> nn.Module:
    """Return the network with each normalisation folded into the convolution before it.

    The same function up to rounding, a tenth faster; it can no longer be trained.
    """
    before = ""
    for name, layer in list(net.named_children()):
        if isinstance(layer, nn.BatchNorm2d):
            setattr(net, before, fuse_conv_bn_eval(getattr(net, before), layer))
            setattr(net, name, nn.Identity())
        before = name
        folded(layer)
    return net


def channels_last(net: nn.Module) -> nn.Module:
    """Return the network with its weights in the order in which processors convolve fastest."""
    convert_conv2d_weight_memory_format(net, torch.channels_last)
    return net


def untrained(seed: int) -> nn.Module:
    """Return a seeded ResNet18 without its last layer; torch's own stream goes on undisturbed."""
    with torch.random.fork_rng(devices=[]):
        seed_torch(seed, "features", "resnet18")
        net: nn.Module = models.resnet18(weights=None)
    net.fc = nn.Identity()
    return net


def pack(net: nn.Module) -> bytes:
    """Return a network's weights as safetensors, every fraction in fp16."""
    state = {name: w.detach().cpu().contiguous() for name, w in net.state_dict().items()}
    return save({name: w.half() if w.is_floating_point() else w for name, w in state.items()})


def unpack(file: bytes) -> nn.Module:
    """Return the ResNet18 whose weights were packed."""
    net = untrained(0)
    net.load_state_dict(
        {n: w.float() if w.is_floating_point() else w for n, w in load(file).items()}
    )
    return net


def _ecg() -> nn.Module:
    return unpack(checked(ECG_FILE, ECG_SHA256))


def imagenet_file() -> Path:
    """Return where ImageNet's weights belong: in HFGNN_CACHE, else where torchvision keeps them."""
    told = os.environ.get("HFGNN_CACHE")
    folder = Path(told) if told else Path(torch.hub.get_dir()) / "checkpoints"
    return folder / Path(_imagenet_url()).name


def _imagenet_url() -> str:
    return str(models.ResNet18_Weights.IMAGENET1K_V1.url)


def _imagenet(*, download: bool) -> nn.Module:
    path, url = imagenet_file(), _imagenet_url()
    if download and not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path), IMAGENET_SHA256, progress=False)
    remedy = (
        f"it is fetched only when asked: allow the download, or put {path.name} into {path.parent} "
        f"yourself (from {url}), or set HFGNN_CACHE to the folder that holds it"
    )
    file = BytesIO(checked(path, IMAGENET_SHA256, remedy))
    net: nn.Module = models.resnet18(weights=None)
    net.load_state_dict(torch.load(file, weights_only=True))
    net.fc = nn.Identity()
    return net


def small(image: Image.Image | bytes) -> Pixels:
    """Return a page as the thesis reads it: the whole sheet squeezed to [224, 224, 3], bilinear.

    The bytes of a JPEG are decoded at a half, a quarter or an eighth of their size where that still
    leaves enough pixels: a large page is then read several times as fast. They are turned as their
    EXIF says, which every viewer does.
    """
    if isinstance(image, bytes):
        try:
            opened: Image.Image = Image.open(BytesIO(image))
        except UnidentifiedImageError as error:
            raise ValueError(
                f"{len(image)} bytes that are no picture; give the bytes of a JPEG or PNG file"
            ) from error
        opened.draft("RGB", (ROOM * SIDE, ROOM * SIDE))
        ImageOps.exif_transpose(opened, in_place=True)  # upright, as every viewer shows it
        image = opened
    bilinear, gap = Image.Resampling.BILINEAR, float(ROOM)  # a mean of pixels first, while room is
    squeezed = image.convert("RGB").resize((SIDE, SIDE), bilinear, reducing_gap=gap)
    return np.asarray(squeezed, np.uint8)


def normalised(pages: torch.Tensor) -> torch.Tensor:
    """Return uint8 [n, side, side, 3] as (x / 255 - mean) / spread, float [n, 3, side, side]."""
    mean, spread = (torch.tensor(v, device=pages.device) * 255 for v in (MEAN, SPREAD))
    return ((pages.float() - mean) / spread).permute(0, 3, 1, 2)  # channels last in memory


def features(
    pages: Pixels, net: nn.Module, *, batch: int = 8, bf16: bool = False
) -> NDArray[np.float32]:
    """Return the 512 numbers of each page: uint8 [n, 224, 224, 3] -> float32 [n, 512].

    `bf16` multiplies with eight bits of precision: faster where the processor has units for it.
    """
    if pages.ndim != 4 or pages.shape[1:] != (SIDE, SIDE, 3) or pages.dtype != np.uint8:
        raise ValueError(
            f"pages are {pages.dtype} {pages.shape}; they have to be uint8 [n, {SIDE}, {SIDE}, 3], "
            "as `small` returns them"
        )
    found = np.empty((len(pages), WIDTH), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for start in range(0, len(pages), batch):
            part = torch.from_numpy(np.array(pages[start : start + batch]))
            found[start : start + batch] = net(normalised(part)).float().numpy()
    return found
