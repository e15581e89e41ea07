"""The masked autoencoder as its description reads, of torch's own layers: the benchmark's rival.

A block is timm's: norm, one linear layer to queries, keys and values, torch's fused attention, a
linear layer, and a perceptron four times as wide; patches are cut by a convolution, what is left
is gathered, and mask tokens are appended and put in order, as in the public code of He et al.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from hfgnn.models.masked import PUBLISHED, Sizes


class PlainBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(n, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        heard = scaled_dot_product_attention(*qkv.unbind(0))
        x = x + self.proj(heard.transpose(1, 2).reshape(n, tokens, width))
        return x + self.mlp(self.norm2(x))


class PlainMasked(nn.Module):
    def __init__(self, where: Tensor, told_where: Tensor, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.sizes, (narrow, deep, heads) = sizes, sizes.told
        self.cut = nn.Conv2d(1, sizes.width, (1, sizes.patch), (1, sizes.patch))
        self.blocks = nn.Sequential(
            *[PlainBlock(sizes.width, sizes.heads) for _ in range(sizes.depth)],
            nn.LayerNorm(sizes.width),
        )
        self.bridge, self.unknown = (
            nn.Linear(sizes.width, narrow),
            nn.Parameter(torch.zeros(narrow)),
        )
        self.decoder = nn.Sequential(
            *[PlainBlock(narrow, heads) for _ in range(deep)], nn.LayerNorm(narrow)
        )
        self.tell = nn.Linear(narrow, sizes.patch)
        self.where, self.told_where = where, told_where

    def forward(self, x: Tensor, order: Tensor, left: int) -> Tensor:
        """Tell records of the first `left` patches of an order [n, tokens]."""
        tokens = self.cut(x[:, None]).flatten(2).transpose(1, 2) + self.where
        seen = tokens.gather(1, order[:, :left, None].expand(-1, -1, tokens.shape[2]))
        known = self.bridge(self.blocks(seen))
        rest = self.unknown.expand(len(x), order.shape[1] - left, -1)
        mixed, back = torch.cat([known, rest], dim=1), order.argsort(dim=1)
        placed = mixed.gather(1, back[:, :, None].expand_as(mixed))
        told = self.tell(self.decoder(placed + self.told_where))
        return told.reshape(len(x), self.sizes.leads, -1)
