"""One space for beats and for what was written of them: [n, 512] and [n, width] -> two [n, 128].

Chen et al. (2025) teach an encoder by holding these two next to each other. Which text it is comes
from outside: a language model's numbers of the statements, or the codes alone, one number for each.
"""

from torch import Tensor, nn

INSIDE, SHARED = 256, 128  # numbers between and behind a projector's two layers, as published


class Projector(nn.Sequential):
    """Linear to 256, gelu, linear to 128: [n, width] -> [n, 128]."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Linear(width, INSIDE), nn.GELU(), nn.Linear(INSIDE, SHARED))


class TextAlignment(nn.Module):
    """Two projectors, of 512 features and of a text as wide as its source makes it."""

    def __init__(self, text_width: int, *, features: int = 512) -> None:
        super().__init__()
        self.beat, self.text = Projector(features), Projector(text_width)

    def forward(self, features: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        """Return beats and texts as points [n, 128] of one space, whose angles are compared."""
        return self.beat(features), self.text(text)
