"""ECGs a second in training: the masked autoencoder beside its description in torch's own layers.

Both hold 7,067,492 parameters, read the same ten seconds, see the same quarter of the patches, and
take one step of AdamW down the published loss. Seconds are those of one core; they take turns. And
pictures a second: three moments of the middle slice.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from hfgnn.losses import restored
from hfgnn.models.masked import PUBLISHED, Masked
from hfgnn.seeding import seed_torch
from hfgnn.world.cmr import draw
from hfgnn.world.latent import hearts
from tests.benchmarks.test_speed_dual import seconds
from tests.benchmarks.test_speed_features import CPU, UNITS
from tests.plain_masked import PlainMasked

BATCH, LEFT = 8, 75
MATRICES = CPU.is_file() and set(CPU.read_text(encoding="utf-8").split()) >= UNITS
PICTURES, ASKED = 100, 300  # drawn, and asked for a second of two cores


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def nets() -> tuple[Masked, PlainMasked]:
    """Return both with the same weights."""
    with torch.random.fork_rng():
        seed_torch(1, "speed")
        ours = Masked()
    plain = PlainMasked(ours.where, ours.told_where)
    given = {"cut.weight": ours.embed.weight[:, None, None], "cut.bias": ours.embed.bias}
    for name, own in (("blocks", ours.layers), ("decoder", ours.decoder)):
        *layers, norm = own
        given |= {f"{name}.{len(layers)}.{part}": w for part, w in norm.named_parameters()}
        for place, layer in enumerate(layers):
            parts = {"norm1": layer.norms[0], "norm2": layer.norms[1], "qkv": layer.asked}
            parts |= {"proj": layer.said, "mlp.0": layer.tell[0], "mlp.2": layer.tell[2]}
            for part, one in parts.items():
                given |= {f"{name}.{place}.{part}.{k}": w for k, w in one.named_parameters()}
    given["unknown"] = ours.unknown
    for part in ("bridge", "tell"):
        given |= {f"{part}.{k}": w for k, w in getattr(ours, part).named_parameters()}
    plain.load_state_dict({name: w.detach().clone() for name, w in given.items()})
    return ours, plain


@pytest.fixture(scope="module")
def asked() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(BATCH, 12, PUBLISHED.samples, generator=generator)
    order = torch.rand(BATCH, PUBLISHED.tokens, generator=generator).argsort(dim=1)
    order[:, :LEFT] = order[:, :LEFT].sort(dim=1).values
    return x, order


def step(net: nn.Module, tell: Callable[[], Tensor], x: Tensor, *, bf16: bool = False):
    adam = torch.optim.AdamW(net.parameters(), 1e-5)

    def stepped() -> None:
        adam.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            told = tell()
        restored(told.float(), x).backward()
        adam.step()

    return stepped


def test_both_tell_the_same(nets, asked):
    (ours, plain), (x, order) = nets, asked
    with torch.inference_mode():
        one, other = ours(x, order[:, :LEFT]), plain(x, order, LEFT)
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in plain.parameters())


@pytest.mark.slow
def test_a_step_is_no_slower_than_of_plain_blocks(nets, asked, benchmark):
    (ours, plain), (x, order) = nets, asked
    mine = step(ours, lambda: ours(x, order[:, :LEFT]), x)
    theirs = step(plain, lambda: plain(x, order, LEFT), x)
    benchmark.pedantic(mine)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        mine()
    own = {e.key: e.self_cpu_time_total for e in found.key_averages()}
    for name in sorted(own, key=own.__getitem__, reverse=True)[:6]:
        benchmark.extra_info[f"share of a step, {name}"] = own[name] / sum(own.values())
    plain_took, took = seconds([theirs, mine])
    told = {"plain": plain_took, "ours": took}
    for name, each in told.items():
        benchmark.extra_info[f"ECGs a second of one core, {name}"] = BATCH / each
    assert took <= 1.05 * plain_took, told  # two turns of the same work differ by as much


@pytest.mark.slow
@pytest.mark.skipif(not MATRICES, reason="this processor has no matrix units (AMX)")
def test_bf16_is_twice_as_fast_where_there_are_matrix_units(nets, asked, benchmark):
    ours, (x, order) = nets[0], asked
    works = [step(ours, lambda: ours(x, order[:, :LEFT]), x, bf16=half) for half in (False, True)]
    benchmark.pedantic(works[1])
    whole, half = seconds(works)
    benchmark.extra_info["times as fast as in fp32"] = whole / half
    assert whole >= 2 * half, (whole, half)


@pytest.mark.slow
def test_three_hundred_pictures_a_second_of_two_cores(benchmark, pace):
    heart = hearts(PICTURES, np.random.default_rng(3))
    benchmark.pedantic(lambda: draw(heart, np.random.default_rng(4)))
    (took,) = seconds([lambda: draw(heart, np.random.default_rng(4))])
    benchmark.extra_info["pictures a second of one core"] = PICTURES / took
    assert took <= pace * PICTURES / (ASKED / 2), took
