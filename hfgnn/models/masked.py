"""A masked autoencoder of ECGs: most of a record x [n, 12, 2500] is hidden, and told from the rest.

Girlanda et al. (2024), who took it from Turgut et al. (2025). A record is cut into patches of one
lead and less than half a second; an encoder reads those that are left, a small decoder gets one
learned token for each that is not, and tells all of them.

    tokens  = embed(patches) + where                where: which lead, which moment
    z       = norm(layers(tokens[kept]))            [n, kept, width]
    decoded = tell(norm(layers(places(bridge(z), kept) + where)))

At the published size the encoder has 5,362,944 parameters, the decoder 1,704,548. It has no token
of its own for the whole record: what is used later is the mean of z.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from hfgnn.models.attention import EXPANSION, positions


@dataclass(frozen=True)
class Sizes:
    """How large an autoencoder is: the published numbers, but for `samples`, ten seconds here."""

    leads: int = 12
    samples: int = 2500  # published: five seconds at 500 Hz; here ten
    patch: int = 100  # samples
    width: int = 384
    depth: int = 3
    heads: int = 6
    told: tuple[int, int, int] = (256, 2, 8)  # the decoder's width, depth, heads

    def __post_init__(self) -> None:
        if self.samples % self.patch or self.width % self.heads or self.told[0] % self.told[2]:
            raise ValueError(
                f"{self.samples} samples in patches of {self.patch}, widths {self.width} and "
                f"{self.told[0]} for {self.heads} and {self.told[2]} heads; choose numbers that "
                "divide: patches the samples, heads their width"
            )

    @property
    def moments(self) -> int:
        """Return how many patches a lead has."""
        return self.samples // self.patch

    @property
    def tokens(self) -> int:
        """Return how many patches a record has."""
        return self.leads * self.moments


PUBLISHED = Sizes()
SMALL = Sizes(samples=1250, patch=125, width=96, depth=2, heads=3, told=(96, 1, 3))
# For a processor: a patch is a second of one lead, a record has 120 of them.


def kept(n: int, sizes: Sizes, *, hidden: float, generator: torch.Generator) -> Tensor:
    """Draw which patches of each record are left when such a share is hidden: [n, k], rising."""
    left = sizes.tokens - round(hidden * sizes.tokens)
    if not 0 < left <= sizes.tokens:
        told = f"hidden = {hidden} leaves {left} of {sizes.tokens} patches"
        raise ValueError(f"{told}; choose a share from 0 to below 1")
    drawn = torch.rand(n, sizes.tokens, generator=generator).argsort(dim=1)
    return drawn[:, :left].sort(dim=1).values


class Masked(nn.Module):
    """Encoder and decoder."""

    where: Tensor
    told_where: Tensor

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.sizes, (narrow, deep, heads) = sizes, sizes.told
        self.embed = nn.Linear(sizes.patch, sizes.width)
        self.layers = _layers(sizes.width, sizes.depth, sizes.heads)
        self.bridge = nn.Linear(sizes.width, narrow)
        self.unknown = nn.Parameter(0.02 * torch.randn(narrow))
        self.decoder = _layers(narrow, deep, heads)
        self.tell = nn.Linear(narrow, sizes.patch)
        self.register_buffer("where", _where(sizes, sizes.width), persistent=False)
        self.register_buffer("told_where", _where(sizes, narrow), persistent=False)

    def patches(self, x: Tensor) -> Tensor:
        """Cut records [n, leads, samples] into patches [n, tokens, patch], lead after lead."""
        return x.reshape(len(x), self.sizes.tokens, -1)

    def whole(self, patches: Tensor) -> Tensor:
        """Put patches together to records: the inverse of `patches`."""
        return patches.reshape(len(patches), self.sizes.leads, -1)

    def encode(self, x: Tensor, left: Tensor | None = None) -> Tensor:
        """Return what the encoder makes of the patches that are left [n, k, width], or of all."""
        seen = self.patches(x)
        where = self.where.expand(len(x), -1, -1)
        if left is not None:  # before anything else: what is hidden is never looked at
            seen, where = (_taken(part, left) for part in (seen, where))
        z: Tensor = self.layers(self.embed(seen) + where)
        return z

    def decode(self, z: Tensor, left: Tensor) -> Tensor:
        """Tell whole records [n, leads, samples] from what the encoder made of what was left."""
        known = self.bridge(z)
        tokens = self.unknown.to(known).expand(len(z), self.sizes.tokens, -1)
        tokens = tokens.scatter(1, left[:, :, None].expand_as(known), known)
        return self.whole(self.tell(self.decoder(tokens + self.told_where)))

    def forward(self, x: Tensor, left: Tensor) -> Tensor:
        """Return the records as they are told from the patches that are left [n, k]."""
        return self.decode(self.encode(x, left), left)


class Layer(nn.Module):
    """A pre-norm transformer layer [n, tokens, width]: y = x + attend(norm x), y + tell(norm y).

    Attention is torch's fused one, which for heads as wide as these is faster than plain products.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, inner = heads, EXPANSION * width
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.asked, self.said = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.tell = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens after they have attended to one another."""
        each = self.asked(self.norms[0](x)).unflatten(2, (3, self.heads, -1))
        heard = scaled_dot_product_attention(*each.permute(2, 0, 3, 1, 4).unbind(0))
        x = x + self.said(heard.transpose(1, 2).flatten(2))
        return torch.add(x, self.tell(self.norms[1](x)))


def _layers(width: int, depth: int, heads: int) -> nn.Sequential:
    return nn.Sequential(*[Layer(width, heads) for _ in range(depth)], nn.LayerNorm(width))


def _where(sizes: Sizes, width: int) -> Tensor:
    """Return what tells a patch's place [tokens, width]: half of it the lead, half the moment."""
    lead = positions(sizes.leads, width // 2).repeat_interleave(sizes.moments, dim=0)
    moment = positions(sizes.moments, width - width // 2).repeat(sizes.leads, 1)
    return torch.cat([lead, moment], dim=1).float()


def _taken(tokens: Tensor, left: Tensor) -> Tensor:
    return tokens.gather(1, left[:, :, None].expand(-1, -1, tokens.shape[2]))
