"""The dual attention network as its description reads, lead by lead, of torch's own layers.

What the package does with all leads at once is here a loop over twelve modules; what it lays out
side by side in memory is here as torch makes it. It is the measure of results and of speed.
"""

import math

import torch
from torch import Tensor, nn

from hfgnn.models.dual_attention import PUBLISHED, Encoder, Sizes


class Mask(nn.Module):
    """Dropout with one mask along the shared axes."""

    def __init__(self, p: float, shared: tuple[int, ...]) -> None:
        super().__init__()
        self.p, self.shared = p, shared

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        shape = [1 if axis in self.shared else size for axis, size in enumerate(x.shape)]
        return x * torch.bernoulli(x.new_full(shape, 1 - self.p)) / (1 - self.p)


class Layer(nn.Module):
    """A pre-norm transformer layer, [n, tokens, width], with the published masks."""

    def __init__(self, width: int, sizes: Sizes, inside: nn.Module) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.attention = nn.MultiheadAttention(width, sizes.heads, batch_first=True)
        self.mask = Mask(sizes.dropout, (0,))
        wide, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.perceptron = nn.Sequential(wide, nn.GELU(), inside, narrow, inside)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norms[0](x)
        x = x + self.mask(self.attention(normed, normed, normed, need_weights=False)[0])
        return x + self.perceptron(self.norms[1](x))


class Residual(nn.Module):
    """Two convolutions of five taps beside a max-pool and a convolution of one."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.way = nn.Sequential(
            nn.Conv2d(before, after, (1, 5), stride=(1, 2), padding=(0, 2), bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, (1, 5), padding=(0, 2), bias=False),
            nn.BatchNorm2d(after),
        )
        self.around = nn.Sequential(nn.MaxPool2d((1, 2)), nn.Conv2d(before, after, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.way(x) + self.around(x))


def told(count: int, width: int) -> Tensor:
    """Return the sines and cosines of places, [count, width], one by one."""
    rows = [
        [
            (math.cos if i % 2 else math.sin)(place / 10000 ** ((i - i % 2) / width))
            for i in range(width)
        ]
        for place in range(count)
    ]
    return torch.tensor(rows, dtype=torch.float64)


class PlainEncoder(nn.Module):
    """Beats [n, 12, 608] -> features [n, 512], positions counting people as in the public code."""

    def __init__(self, sizes: Sizes = PUBLISHED, *, sound: bool = False) -> None:
        super().__init__()
        self.leads, self.sound = sizes.leads, sound
        width, maps = sizes.channels[-1], sizes.leads * sizes.channels[0]
        self.stem = nn.Sequential(
            nn.Conv1d(sizes.leads, maps, 5, padding=2, groups=sizes.leads),
            nn.GroupNorm(sizes.leads, maps),
            nn.GELU(),
            nn.Conv1d(maps, maps, 5, padding=2),
            nn.GroupNorm(sizes.leads, maps),
            nn.GELU(),
        )
        pairs = zip(sizes.channels[:-1], sizes.channels[1:], strict=True)
        self.blocks = nn.Sequential(*[Residual(*pair) for pair in pairs])
        layers = [Layer(width, sizes, Mask(sizes.dropout, (1,))) for _ in range(sizes.leads)]
        self.time = nn.ModuleList(layers)
        self.lead = Layer(width * sizes.moments, sizes, nn.Dropout(sizes.dropout))
        self.mean = nn.Conv1d(sizes.leads * width, sizes.features // 2, 1)
        self.largest = nn.Conv1d(sizes.leads * width, sizes.features // 2, 1)
        self.moments, self.tokens = (told(500, size) for size in (width, width * sizes.moments))

    def placed(self, x: Tensor, places: Tensor) -> Tensor:
        places = places.to(x)
        return x + (places[: x.shape[1]] if self.sound else places[: len(x), None])

    def forward(self, x: Tensor) -> Tensor:
        h = self.stem(x).reshape(len(x), self.leads, -1, x.shape[2]).transpose(1, 2)
        h = self.blocks(h).permute(0, 2, 3, 1)  # [n, 12, 19, 16]
        over_time = []
        for lead, layer in enumerate(self.time):
            over_time.append(layer(self.placed(h[:, lead], self.moments)))
        over_leads = self.lead(self.placed(h.flatten(2), self.tokens)).reshape(h.shape)
        summed = (torch.stack(over_time, dim=1) + over_leads).transpose(2, 3).flatten(1, 2)
        return torch.cat([self.mean(summed).mean(2), self.largest(summed).amax(2)], dim=1)


class PlainDecoder(nn.Module):
    """Features [n, 512] -> beats [n, 12, 608]; maps before leads, as torch lays them."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        maps, self.shape = sizes.channels[0], (sizes.leads, sizes.moments, sizes.channels[0])
        self.start = nn.Linear(sizes.features, maps * sizes.moments)
        self.spread = nn.Linear(maps * sizes.moments, maps * sizes.moments * sizes.leads)
        steps = []
        for _ in sizes.channels[1:]:
            anew = nn.Conv2d(maps, maps, (1, 5), padding=(0, 2), bias=False)
            more = nn.Conv2d(maps, 2 * maps, (1, 5), padding=(0, 2), bias=False)
            norms = nn.GroupNorm(1, maps), nn.GroupNorm(1, 2 * maps)
            steps.append(nn.Sequential(anew, norms[0], nn.ReLU(), more, norms[1], nn.ReLU()))
        self.blocks = nn.ModuleList(steps)
        self.last = nn.Conv2d(maps, 1, (1, 9), padding=(0, 4), bias=False)
        self.norm = nn.GroupNorm(1, 1)

    def forward(self, features: Tensor) -> Tensor:
        x = nn.functional.gelu(self.start(features))
        x = self.spread(x).unflatten(1, self.shape).permute(0, 3, 1, 2)
        for block in self.blocks:
            first, second = block(x).chunk(2, dim=1)
            x = torch.stack([first, second], dim=4).flatten(3)
        return self.norm(self.last(x)).squeeze(1)


class PlainHead(nn.Sequential):
    """Features [n, 512] -> log risks [n, 1]."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__(
            nn.BatchNorm1d(sizes.features),
            Mask(sizes.risk_dropout, (0,)),
            nn.Linear(sizes.features, sizes.risk_width),
            nn.ReLU(),
            nn.BatchNorm1d(sizes.risk_width),
            nn.Linear(sizes.risk_width, 1),
        )


def layer_like(given: dict[str, Tensor], at: int) -> dict[str, Tensor]:
    """Return torch's names for the weights, or gradients, of one of our layers side by side."""
    found = {
        f"norms.{i}.weight": given[f"{w}.scale"][at, :, 0] for i, w in ((0, "asked"), (1, "wide"))
    }
    found |= {f"norms.{i}.bias": given[f"{w}.shift"][at, 0] for i, w in ((0, "asked"), (1, "wide"))}
    names = {"asked": "attention.in_proj_", "said": "attention.out_proj."}
    names |= {"wide": "perceptron.0.", "narrow": "perceptron.3."}
    for ours, theirs in names.items():
        found[f"{theirs}weight"] = given[f"{ours}.weight"][at].T
        found[f"{theirs}bias"] = given[f"{ours}.bias"][at, 0]
    return found


def inside(given: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(name): value for key, value in given.items() if key.startswith(name)}


def encoder_like(given: dict[str, Tensor], leads: int) -> dict[str, Tensor]:
    """Return the plain encoder's names for our encoder's weights, or for its gradients."""
    found = {f"stem.{name}": value for name, value in inside(given, "stem.").items()}
    ways = {"halving": "way.0", "norms.0": "way.1", "second": "way.3", "norms.1": "way.4"}
    ways["around"] = "around.1"
    for name, value in inside(given, "blocks.").items():
        block, _, rest = name.partition(".")
        where, _, what = rest.rpartition(".")
        found[f"blocks.{block}.{ways[where]}.{what}"] = value
    for lead in range(leads):
        layer = layer_like(inside(given, "time."), lead)
        found |= {f"time.{lead}.{name}": value for name, value in layer.items()}
    layer = layer_like(inside(given, "lead."), 0)
    found |= {f"lead.{name}": value for name, value in layer.items()}
    for half in ("mean", "largest"):
        found |= {f"{half}.weight": given[f"{half}.weight"][:, :, None]}
        found |= {f"{half}.bias": given[f"{half}.bias"]}
    return found


def decoder_like(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the plain decoder's names for our decoder's weights, or for its gradients.

    Ours makes eight maps as two moments of four; so does the plain one, four maps at a time.
    """
    found = {name: value for name, value in given.items() if name.startswith(("start", "spread"))}
    for name, value in inside(given, "blocks.").items():
        block, step, what = name.split(".", 2)
        at = int(step) + (0 if what == "taps.weight" else 1) + (1 if step == "2" else 0)
        kind = {"taps.weight": "weight", "scale": "weight", "shift": "bias"}[what]
        found[f"blocks.{block}.{at}.{kind}"] = value
    found["last.weight"] = given["last.taps.weight"]
    found["norm.weight"], found["norm.bias"] = given["last.scale"], given["last.shift"]
    return found


def plain_like(encoder: Encoder, *, sound: bool = False) -> PlainEncoder:
    """Return the plain encoder with the weights of ours."""
    plain = PlainEncoder(encoder.sizes, sound=sound).to(encoder.mean.weight.dtype)
    state = dict(encoder.state_dict())
    missing = plain.load_state_dict(encoder_like(state, encoder.sizes.leads), strict=True)
    assert not missing.missing_keys
    return plain
