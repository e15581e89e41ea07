"""What happens to a page between the printer and its reader: light, and a hand that is not steady.

Pages [n, 3, h, w] are lightened or darkened, and some are tilted, shifted and stretched a little.
They are never flipped: a mirrored ECG runs backwards, and belongs to no one.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from hfgnn.features.augment import SHEET

TILT, SHIFT, ZOOM = 1.5, 0.03, 0.02  # degrees; shares of the page: more would change the rate
LIGHT, CONTRAST = 0.3, 0.15  # spreads of a pixel; share


def altered(x: torch.Tensor, dice: np.random.Generator, *, moved: float, side: int) -> torch.Tensor:
    """Return pages [n, 3, h, w] as [n, 3, side, side] in other light, a share of them `moved`."""
    n = len(x)
    gain, lift = dice.uniform([1 - CONTRAST, -LIGHT], [1 + CONTRAST, LIGHT], (n, 2)).T
    angle = np.radians(dice.uniform(-TILT, TILT, n))
    zoom, shift = dice.uniform(1 - ZOOM, 1 + ZOOM, (n, 2)), dice.uniform(-SHIFT, SHIFT, (n, 2))
    across = np.stack([zoom[:, 0], -np.sin(angle) / SHEET, shift[:, 0]], axis=1)
    down = np.stack([np.sin(angle) * SHEET, zoom[:, 1], shift[:, 1]], axis=1)
    who = np.flatnonzero(dice.random(n) < moved)

    def held(values: NDArray[np.floating]) -> torch.Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(x.device)

    x = x * held(gain)[:, None, None, None] + held(lift)[:, None, None, None]
    if len(who):
        place = held(np.stack([across, down], axis=1)[who])
        grid = functional.affine_grid(place, [len(who), *x.shape[1:]], align_corners=False)
        x[who] = functional.grid_sample(x[who], grid, padding_mode="border", align_corners=False)
    if side != x.shape[-1]:
        x = functional.interpolate(x, (side, side), mode="bilinear", antialias=True)
    return x.contiguous(memory_format=torch.channels_last)
