"""Which files show the same page: equal bytes, or pictures so alike that one came from the other.

ECG pages share letterhead, grid and layout, so a coarse perceptual hash takes all of them for one:
with 64 bits different pages are 0 bits apart, with 256 bits 2, and their plain correlation reaches
.98. What follows was measured on the 437 unique pages of the public collection (95,266 pairs) and
on copies of twenty of them.
Bits of 1,024 that differ: different pages 78 or more (139 pairs up to 100); copies that were saved
again at quality 30-75, scaled x0.37-1.5, made brighter, darker, paler or grey up to 44; cropped by
0.3 %, moved by three pixels or turned by 0.25-0.5 degrees up to 98. So pairs within 100 bits are
looked at again, in tiles, each moved to where it fits best: the worst tile's correlation is at most
.835 for different pages (the 2,000 closest pairs) and at least .88 for all these copies; for real
ECGs printed by hfgnn.world in many styles, .76 and .89.
A copy that was turned by a degree or cropped by 1 % (134 bits and more) is not found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, sparse
from scipy.ndimage import gaussian_filter, uniform_filter
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float32]
SIZE = (276, 196)  # width and height at which pages are compared: half of the simulator's pages


@dataclass(frozen=True)
class Likeness:
    """When two pictures of SIZE count as one page."""

    bits: int = 100  # of 1,024: finds copies that were turned by half a degree
    correlation: float = 0.86  # between .835 (different pages) and .88 (copies)
    tiles: tuple[int, int] = (5, 6)  # rows and columns: a tile holds a heartbeat or two
    reach: int = 4  # pixels that a tile may have moved: the corners of a page turned by one degree
    blur: float = 0.7  # pixels: half a pixel's move does not tear thin lines apart
    flat: float = 6.0  # grey levels: tiles with less in both are bare paper, which light removes


LIKENESS = Likeness()


def fingerprint(picture: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the perceptual hash of a grey picture of SIZE, uint64 [16]."""
    bits = imagehash.phash(Image.fromarray(picture), hash_size=32).hash
    return np.packbits(bits).view(np.uint64)


def close_pairs(
    prints: NDArray[np.uint64], bits: int, *, chunk: int = 64
) -> Iterator[NDArray[np.intp]]:
    """Yield the pairs i < j, [m, 2] with the closest first, of prints [n, 16] within these bits."""
    for start in range(0, len(prints), chunk):
        some, rest = prints[start : start + chunk], prints[start:]
        apart = np.bitwise_count(some[:, None] ^ rest).sum(axis=2, dtype=np.int32)
        i, j = np.nonzero(np.triu(apart <= bits, k=1))
        order = np.argsort(apart[i, j], kind="stable")
        yield start + np.stack([i, j], axis=1)[order]


def worst_tile(a: NDArray[np.uint8], b: NDArray[np.uint8], likeness: Likeness = LIKENESS) -> float:
    """Return min over tiles of the max over moves of the correlation of two grey pictures."""
    first, second = (gaussian_filter(x.astype(np.float32), likeness.blur) for x in (a, b))
    reach, rows, columns = likeness.reach, *likeness.tiles
    h, w = (first.shape[0] - 2 * reach) // rows, (first.shape[1] - 2 * reach) // columns
    y = np.repeat(reach + h * np.arange(rows), columns)[:, None, None]
    x = np.tile(reach + w * np.arange(columns), rows)[:, None, None]
    down, right = np.arange(h + 2 * reach)[:, None], np.arange(w + 2 * reach)
    tile = first[y + down[:h], x + right[:w]]
    tile = tile - tile.mean(axis=(1, 2), keepdims=True)
    around = second[y - reach + down, x - reach + right]  # the tile's place and its surroundings
    moves = slice(2 * reach + 1)
    product = fft.irfft2(
        fft.rfft2(around) * fft.rfft2(tile, around.shape[1:]).conj(), around.shape[1:]
    )[:, moves, moves]
    variance = uniform_filter(second**2, (h, w)) - uniform_filter(second, (h, w)) ** 2
    there = variance[y + h // 2 - reach + down[moves], x + w // 2 - reach + right[moves]]
    here = (tile**2).mean(axis=(1, 2))[:, None, None]
    alike = (product / (h * w) / np.sqrt(np.maximum(here, 1) * np.maximum(there, 1))).max((1, 2))
    quiet = np.maximum(here[:, 0, 0], there[:, reach, reach]) < likeness.flat**2
    return float(np.where(quiet, 1, alike).min())


def near(
    prints: NDArray[np.uint64],
    picture: Callable[[int], NDArray[np.uint8]],
    likeness: Likeness = LIKENESS,
) -> NDArray[np.int64]:
    """Return the group [n] of each picture: those linked by pairs that look like one page.

    `picture` gives picture i, grey, of SIZE; it is asked for close pairs that are not linked yet.
    """
    group = np.arange(len(prints))
    for pairs in close_pairs(prints, likeness.bits):
        for i, j in pairs.tolist():
            if group[i] != group[j]:
                score = worst_tile(picture(i), picture(j), likeness)
                if score >= likeness.correlation:
                    group[group == group[j]] = group[i]
    return numbered(group)


def numbered(*keys: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the group [n] of each row, numbered by first appearance: rows that share any key."""
    n = len(keys[0])
    nodes = [np.unique(key, return_inverse=True)[1] for key in keys]
    starts = n + np.cumsum([0, *(node.max(initial=-1) + 1 for node in nodes)])
    columns = np.concatenate([node + start for node, start in zip(nodes, starts, strict=False)])
    rows = np.tile(np.arange(n), len(keys))
    graph = sparse.coo_array((np.ones(len(rows), bool), (rows, columns)), (starts[-1], starts[-1]))
    label = connected_components(graph, directed=False)[1][:n]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return first.argsort().argsort()[inverse].astype(np.int64)
