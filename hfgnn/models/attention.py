"""Transformer layers side by side: each of a stack reads its own tokens with its own weights.

Everything here reads [stack, n, tokens, width]. A stack of twelve is one batched product where a
loop would take twelve; a stack of one is an ordinary layer.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm

Axes = tuple[int, ...]  # along which a mask is shared
BATCH, TOKENS = 1, 2
EXPANSION = 4  # the perceptron behind attention is so many times as wide inside, as published


class BatchwiseDropout(nn.Dropout):
    """Dropout with one mask for all along the shared axes: so people of a batch stay comparable.

    x -> x m / (1 - p) in training, where m is 0 with chance p (of torch's own stream), else x.
    """

    def __init__(self, p: float, shared: Axes = (0,)) -> None:
        super().__init__(p)
        self.shared = shared

    def forward(self, x: Tensor) -> Tensor:
        """Return x with a share p of it dropped, and the rest larger."""
        if not self.training:
            return x
        shape = [1 if axis in self.shared else size for axis, size in enumerate(x.shape)]
        return x * ((torch.rand(shape, device=x.device) >= self.p) / (1 - self.p))


class Linears(nn.Module):
    """Several linear layers at once, [stack, n, tokens, before] -> [stack, n, tokens, after].

    With `normed` each has its own LayerNorm before it, whose scale and shift act on the weights:
    (x s + b) W + c = x (s W) + (b W + c).
    """

    def __init__(self, stack: int, before: int, after: int, *, normed: bool = False) -> None:
        super().__init__()
        bound = before**-0.5  # as nn.Linear begins
        self.weight = nn.Parameter(torch.empty(stack, before, after).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(stack, 1, after).uniform_(-bound, bound))
        self.scale = nn.Parameter(torch.ones(stack, before, 1)) if normed else None
        self.shift = nn.Parameter(torch.zeros(stack, 1, before)) if normed else None

    def forward(self, x: Tensor) -> Tensor:
        """Return what each layer makes of its own slice of x."""
        weight: Tensor = self.weight
        bias: Tensor = self.bias
        if self.scale is not None and self.shift is not None:
            x = layer_norm(x, x.shape[-1:])
            bias, weight = torch.baddbmm(bias, self.shift, weight), self.scale * weight
        return torch.baddbmm(bias, x.flatten(1, 2), weight).view(*x.shape[:3], -1)


class Attention(nn.Module):
    """Pre-norm transformer layers, each with its own weights: [stack, n, tokens, width].

    y = x + drop(say attend(norm x)), then y + mask(narrow(mask(gelu(widen norm y)))). What `drop`
    drops, it drops for the whole batch; `inside` names the axes that share a `mask`.
    """

    def __init__(self, stack: int, width: int, *, heads: int, p: float, inside: Axes) -> None:
        super().__init__()
        self.heads, inner = heads, EXPANSION * width
        self.asked = Linears(stack, width, 3 * width, normed=True)  # queries, keys, values
        self.said = Linears(stack, width, width)
        self.wide = Linears(stack, width, inner, normed=True)
        self.narrow = Linears(stack, inner, width)
        self.drop, self.mask = BatchwiseDropout(p, (BATCH,)), BatchwiseDropout(p, inside)

    def heard(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return who listens to whom, [stack n, heads, tokens, tokens], and what each would say.

        weights = softmax(queries keys^T / sqrt(d)), rows of which sum to one. For heads as narrow
        as these the plain products are faster than torch's fused attention.
        """
        each = self.asked(x).flatten(0, 1).unflatten(2, (3, self.heads, -1))
        queries, keys, values = each.permute(2, 0, 3, 1, 4)
        scores = queries / keys.shape[-1] ** 0.5 @ keys.transpose(2, 3)
        return scores.softmax(dim=-1), values

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens after they have attended to one another."""
        weights, values = self.heard(x)
        x = x + self.drop(self.said((weights @ values).transpose(1, 2).reshape(x.shape)))
        return torch.add(x, self.mask(self.narrow(self.mask(gelu(self.wide(x))))))


def positions(count: int, width: int) -> Tensor:
    """Return [count, width]: place p is told by sin(p r) and cos(p r), r = 10000^(-2i / width)."""
    rates = 1e4 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.arange(count)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :width]
