"""One space for the picture of a heart and for what is cheap to have of it: points [n, 128].

Girlanda et al. (2024): a picture's 2,048 features go through one projector, the 384 of an ECG and
the 384 of a table, side by side, through another. There is no third term: ECG and table never meet
a loss of their own, nor picture and table, so that "trimodal" is two sides.
"""

import torch
from torch import Tensor, nn

INSIDE = SHARED = 128  # numbers between and behind a projector's two layers, as published
WIDTH = 384  # features of a table, as published


class Table(nn.Sequential):
    """A perceptron of a table's columns: linear, batch norm, relu, linear; [n, columns] -> [n, w].

    It reads z-scores.
    """

    def __init__(self, columns: int, width: int = WIDTH) -> None:
        first = (nn.Linear(columns, width), nn.BatchNorm1d(width), nn.ReLU())
        super().__init__(*first, nn.Linear(width, width))


class Pooled(nn.Module):
    """Many tokens as few, [n, groups tokens, width] -> [n, groups width]: means, side by side.

    weights = softmax over a group of tokens q / sqrt(width), with q zero at first: plain means. One
    group is how we read the published attention pooling; a group for each lead leaves to whoever
    reads it which lead says what.
    """

    def __init__(self, width: int, groups: int = 1) -> None:
        super().__init__()
        self.asked, self.groups = nn.Parameter(torch.zeros(width)), groups

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the means of the tokens."""
        each = tokens.unflatten(1, (self.groups, -1))
        weights = (each @ self.asked / len(self.asked) ** 0.5).softmax(dim=2)
        mean: Tensor = (weights[:, :, None] @ each).flatten(1)
        return mean


class Projector(nn.Sequential):
    """Linear to 128, relu, linear: [n, width] -> [n, shared]."""

    def __init__(self, width: int, shared: int = SHARED) -> None:
        super().__init__(nn.Linear(width, INSIDE), nn.ReLU(), nn.Linear(INSIDE, shared))


def corrupted(
    table: Tensor, marginals: Tensor, generator: torch.Generator, *, share: float
) -> Tensor:
    """Return a table [n, columns], a share of each row replaced by what others have there.

    How many of a row's columns is fixed, as published (nine of thirty-three); which, and whose
    value of `marginals` [m, columns] is taken, is drawn for each row.
    """
    n, columns = table.shape
    order = torch.rand(n, columns, generator=generator).argsort(dim=1).argsort(dim=1)
    whose = torch.randint(len(marginals), (n, columns), generator=generator)
    return torch.where(order < int(share * columns), marginals.gather(0, whose), table)
