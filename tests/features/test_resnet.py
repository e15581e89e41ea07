"""The page's 512 numbers: torchvision's ResNet18, its weights, and pages of any size."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from hfgnn.features import resnet
from hfgnn.features.resnet import BACKBONES, backbone, features, pack, small, trained, unpack
from hfgnn.features.vision import models, transforms
from hfgnn.train.backbone import TOLD
from hfgnn.world.page import CLEAN
from hfgnn.world.population import block, population
from hfgnn.world.population import pages as sheets

ROOT = Path(__file__).resolve().parents[2]
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def pages() -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return trained("random", seed=3)


def jpeg(size: tuple[int, int]) -> bytes:
    x, y = np.meshgrid(np.linspace(0, 6, size[0]), np.linspace(0, 4, size[1]))
    grey = 127 + 60 * np.sin(7 * x) * np.cos(5 * y)
    image = Image.fromarray(np.stack([grey, 0.8 * grey, 255 - grey], axis=2).astype(np.uint8))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


def test_is_torchvision_s_resnet18_up_to_its_last_layer(pages: Pixels, net: nn.Module) -> None:
    whole = models.resnet18(weights=None).eval()
    whole.load_state_dict({**whole.state_dict(), **net.state_dict()})
    seen = []
    whole.fc.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    as_torchvision = transforms.Compose(
        [
            transforms.ToImage(),
            transforms.ToDtype(torch.float32, scale=True),
            transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
    )
    with torch.inference_mode():
        whole(torch.stack([as_torchvision(Image.fromarray(page)) for page in pages]))
    np.testing.assert_allclose(features(pages, net), seen[0].numpy(), rtol=1e-4, atol=1e-5)
    quick = backbone("random", seed=3)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in quick.modules())
    np.testing.assert_allclose(features(pages, quick), seen[0].numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 16])
def test_no_page_depends_on_the_others_in_its_batch(
    pages: Pixels, net: nn.Module, batch: int
) -> None:
    found = features(pages, net, batch=batch)
    assert found.shape == (3, 512)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, features(pages, net, batch=2), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        found[::-1], features(pages[::-1], net, batch=batch), rtol=1e-5, atol=1e-5
    )


def test_repeats_itself_to_the_last_bit(pages: Pixels) -> None:
    first, again = (features(pages[:2], backbone("random", seed=3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(features(pages[:2], backbone("random", seed=4)) - first).max() > 0.01


def test_eight_bits_of_precision_change_little(pages: Pixels, net: nn.Module) -> None:
    exact, rough = features(pages, net), features(pages, net, bf16=True)
    off = np.linalg.norm(rough - exact) / np.linalg.norm(exact)
    assert 0 < off < 0.02


def test_a_seeded_backbone_leaves_torch_s_own_stream_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    backbone("random", seed=1)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 3, 224, 224), np.uint8), np.zeros((2, 224, 224, 3))]
)
def test_refuses_what_is_no_stack_of_small_pages(
    wrong: NDArray[np.generic], net: nn.Module
) -> None:
    with pytest.raises(ValueError, match=r"uint8 \[n, 224, 224, 3\]"):
        features(wrong, net)


def test_no_pages_have_no_features(net: nn.Module) -> None:
    assert features(np.zeros((0, 224, 224, 3), np.uint8), net).shape == (0, 512)


def test_squeezes_the_whole_sheet_as_torchvision_does() -> None:
    image = Image.open(io.BytesIO(jpeg((553, 393)))).convert("RGB")
    np.testing.assert_array_equal(small(image), np.asarray(transforms.Resize((224, 224))(image)))
    np.testing.assert_array_equal(small(jpeg((553, 393))), small(image))
    assert small(image.convert("L")).shape == (224, 224, 3)


def test_a_large_jpeg_is_decoded_small_and_looks_the_same() -> None:
    file = jpeg((2213, 1572))
    full = small(Image.open(io.BytesIO(file)).convert("RGB")).astype(float)
    assert np.abs(small(file) - full).mean() < 1  # of 255


@pytest.mark.parametrize("size", [CLEAN.size, (2213, 1572)])
def test_simulated_pages_have_no_exif_and_are_read_as_ever(size: tuple[int, int]) -> None:
    people = population("thesis", people=2, seed=7)
    for sheet in sheets(people, block(people, 0), 0, size):
        image = Image.open(io.BytesIO(sheet))
        assert not image.getexif()
        image.draft("RGB", (448, 448))
        bilinear = Image.Resampling.BILINEAR
        ever = image.convert("RGB").resize((224, 224), bilinear, reducing_gap=2.0)
        np.testing.assert_array_equal(small(sheet), np.asarray(ever))


@pytest.mark.parametrize("size", [(553, 393), (2213, 1572)])
def test_a_photograph_is_turned_as_its_exif_says(size: tuple[int, int]) -> None:
    plain = Image.open(io.BytesIO(jpeg(size)))
    stored = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 6: "ROTATE_90", 8: "ROTATE_270"}
    for number, turn in stored.items():
        exif, file = Image.Exif(), io.BytesIO()
        exif[0x0112] = number
        plain.transpose(Image.Transpose[turn]).save(file, "JPEG", quality=95, exif=exif)
        off = np.abs(small(file.getvalue()).astype(float) - small(jpeg(size)))
        assert off.mean() < 2  # of 255, both JPEGs' own errors


def test_refuses_bytes_that_are_no_picture() -> None:
    with pytest.raises(ValueError, match="9 bytes that are no picture"):
        small(b"no page..")


def test_refuses_a_backbone_that_nobody_knows() -> None:
    assert BACKBONES == ("ecg", "imagenet", "random")
    with pytest.raises(ValueError, match="choose one of ecg, imagenet, random"):
        backbone("resnet50")


def test_half_precision_keeps_the_features(pages: Pixels, net: nn.Module) -> None:
    again = unpack(pack(net)).eval()
    off = features(pages, again) - features(pages, net)
    assert 0 < np.linalg.norm(off) / np.linalg.norm(features(pages, net)) < 2e-3
    assert pack(again) == pack(net)  # a second round trip changes nothing
    assert len(pack(net)) < 25e6


def test_the_project_s_weights_are_loaded_only_if_they_are_the_ones_meant(
    net: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, file = tmp_path / "ecg.safetensors", pack(net)
    monkeypatch.setattr(resnet, "ECG_FILE", path)
    with pytest.raises(FileNotFoundError, match="check it out of the repository again$"):
        backbone("ecg")
    path.write_bytes(file)
    monkeypatch.setattr(resnet, "ECG_SHA256", hashlib.sha256(file).hexdigest())
    assert pack(trained("ecg")) == file
    path.write_bytes(file[:-1] + bytes([file[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"damaged or another file, and is not loaded"):
        backbone("ecg")


def test_the_shipped_weights_are_whole_and_small_and_tell_pages_apart() -> None:
    assert resnet.ECG_FILE.stat().st_size <= 25e6
    assert resnet.ECG_SHA256 in resnet.ECG_FILE.with_name("README.md").read_text(encoding="utf-8")
    told = ROOT / "book" / "ledger" / "recorded" / "backbone" / TOLD
    assert json.loads(told.read_text(encoding="utf-8"))["sha256"] == resnet.ECG_SHA256
    people = population("thesis", people=4, seed=7)
    printed = sheets(people, block(people, 0), 0, CLEAN.size)
    found = features(np.stack([small(sheet) for sheet in printed]), backbone())
    assert found.shape == (4, 512)
    assert np.isfinite(found).all()
    assert (found.std(axis=0) > 0).mean() > 0.9  # nearly every number tells pages apart


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, nn.Module]:
    """Publish a small file as ImageNet's weights, and point the cache to an empty folder."""
    whole = models.resnet18(weights=None)
    far = tmp_path / "far" / "resnet18-f37072fd.pth"
    far.parent.mkdir()
    torch.save(whole.state_dict(), far)
    monkeypatch.setenv("HFGNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(resnet, "_imagenet_url", far.as_uri)
    digest = hashlib.sha256(far.read_bytes()).hexdigest()
    monkeypatch.setattr(resnet, "IMAGENET_SHA256", digest)
    return far, whole


def test_imagenet_s_weights_are_fetched_only_when_asked(
    published: tuple[Path, nn.Module], tmp_path: Path
) -> None:
    far, whole = published
    there = tmp_path / "cache" / "resnet18-f37072fd.pth"
    with pytest.raises(FileNotFoundError, match="fetched only when asked") as told:
        backbone("imagenet")
    assert str(there) in str(told.value)
    assert far.as_uri() in str(told.value)
    assert not there.exists()
    net = trained("imagenet", download=True)
    far.unlink()
    for loaded in (net, trained("imagenet")):  # the second time from the cache
        for name, weight in loaded.state_dict().items():
            assert torch.equal(weight, whole.state_dict()[name])


def test_a_wrong_download_is_neither_kept_nor_loaded(
    published: tuple[Path, nn.Module], tmp_path: Path
) -> None:
    published[0].write_bytes(b"something else")
    with pytest.raises(RuntimeError, match="invalid hash value"):
        backbone("imagenet", download=True)
    there = tmp_path / "cache" / "resnet18-f37072fd.pth"
    assert not there.exists()
    there.write_bytes(b"something else")
    with pytest.raises(ValueError, match="damaged or another file"):
        backbone("imagenet", download=True)


def test_the_pinned_file_is_the_one_that_torchvision_names() -> None:
    name = resnet.imagenet_file().name
    assert name == "resnet18-f37072fd.pth"
    assert resnet.IMAGENET_SHA256.startswith("f37072fd")
    assert len(resnet.IMAGENET_SHA256) == 64
