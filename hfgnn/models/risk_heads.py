"""Many risk heads side by side, as one network: [many, n, 512] -> log risks [many, n].

A study of few people is learned from again and again, in many folds and with many dice. Heads are
so small that a step of one costs what a step of fifty does. Each has weights, norms and masks of
its own and never hears of another: the result is that of as many `RiskHead`s.
"""

from torch import Tensor, nn
from torch.nn.functional import relu

from hfgnn.models.attention import BatchwiseDropout, Linears
from hfgnn.models.dual_attention import PUBLISHED, Sizes


class RiskHeads(nn.Module):
    """As many heads as asked for, each of 2,573 parameters as published."""

    def __init__(self, many: int, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.many, few = many, sizes.risk_width
        self.norm = nn.BatchNorm1d(many * sizes.features)
        self.drop = BatchwiseDropout(sizes.risk_dropout)
        self.first = Linears(many, sizes.features, few)
        self.inner = nn.BatchNorm1d(many * few)
        self.last = Linears(many, few, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return log risks [many, n] of people of each head's own, x [many, n, width]."""
        x = self.drop(_normed(self.norm, x.transpose(0, 1))).transpose(0, 1)
        x = _normed(self.inner, relu(self.first(x.unsqueeze(2))[:, :, 0]).transpose(0, 1))
        told: Tensor = self.last(x.transpose(0, 1).unsqueeze(2))[:, :, 0, 0]
        return told

    def of(self, x: Tensor) -> Tensor:
        """Return log risks [many, n] of the same people for all, x [n, width], heads at rest.

        The norms are then linear, and act on the weights behind them: no [many, n, width] is made.
        """
        weights, bias = _at_rest(self.norm, self.first)
        flat = x @ weights.transpose(0, 1).flatten(1)  # one product for all heads
        hidden = relu(flat.unflatten(1, (self.many, -1)).transpose(0, 1) + bias)
        weights, bias = _at_rest(self.inner, self.last)
        return (hidden @ weights + bias)[:, :, 0]


def _normed(norm: nn.BatchNorm1d, x: Tensor) -> Tensor:
    """Return x [n, many, width], each head's columns normalised by its own people."""
    normed: Tensor = norm(x.flatten(1)).view(x.shape)
    return normed


def _at_rest(norm: nn.BatchNorm1d, linear: Linears) -> tuple[Tensor, Tensor]:
    """Return weights [many, width, out] and bias [many, 1, out] of a norm at rest and a layer."""
    mean, var = norm.running_mean, norm.running_var
    assert mean is not None
    assert var is not None
    many, width, _ = linear.weight.shape
    scale = (norm.weight / (var + norm.eps).sqrt()).view(many, width, 1)
    shift = norm.bias.view(many, width, 1) - mean.view(many, width, 1) * scale
    bias = (shift * linear.weight).sum(1, keepdim=True) + linear.bias
    return scale * linear.weight, bias
