"""The search: fast in float32, and proven or put right in float64.

Squared distances come from one matrix product, |a - b|^2 = |a|^2 - 2 a.b + |b|^2, and faiss keeps
the smallest of each row. In float32 they are off by up to (d + 16) u (|a| + |b|)^2, u = 2^-24:
wherever that could change who is among the nearest or in what order, distances in float64 decide,
with more candidates until no other row can be nearer. So the answer is that of the dense float64
formula, whatever the mean of the rows, the number of threads, or how a library multiplies.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import faiss
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.floating]
SPARE = 4  # candidates beyond those asked for: they prove that no other is nearer
WIDEN = 8  # times as many candidates where those were not enough
BLOCK = 512  # rows whose distances to as many others are held at once
HELD = 2**24  # candidates at once: 200 MB
ROUNDED = 2.0**-24  # u of float32: what it rounds off, relative to a number
TINY = float(np.finfo(np.float32).tiny)  # below, it may round to zero


@dataclass(frozen=True)
class Search:
    """Rows to ask for and rows to find, and both as faiss sees them: centred, at most 1 long."""

    asked: Rows
    there: Rows
    scale: float
    small_asked: NDArray[np.float32]
    small_there: NDArray[np.float32]
    length_asked: Floats  # of these, each row's
    length_there: Floats

    @classmethod
    def of(cls, asked: Rows, there: Rows) -> "Search":
        """Return the search for rows near to `asked` [n, d] among `there` [m, d], all different."""
        middle = there.mean(axis=0, dtype=np.float64).astype(there.dtype)
        b = there - middle  # far from zero, float32 would lose what differs
        a = b if asked is there else asked - middle
        there_is = _lengths(b)
        asked_is = there_is if asked is there else _lengths(a)
        scale = float(max(asked_is.max(initial=0), there_is.max())) or 1.0
        a, b = ((c / c.dtype.type(scale)).astype(np.float32, copy=False) for c in (a, b))
        return cls(asked, there, scale, a, b, asked_is / scale, there_is / scale)

    def nearest(self, wanted: int) -> tuple[Floats, Ints]:
        """Return the nearest rows of each asked row: squared distances to sort by, and numbers."""
        wanted, width = min(wanted, len(self.there)), wanted + SPARE
        far = np.empty((len(self.asked), wanted))
        near = np.empty((len(self.asked), wanted), dtype=np.int64)
        left = np.arange(len(self.asked))
        while len(left):
            width = min(width, len(self.there))
            parts = np.array_split(left, -(-len(left) * width // HELD))
            left = np.concatenate([self.settled(part, width, far, near) for part in parts])
            width *= WIDEN
        return far, near

    def settled(self, rows: Ints, width: int, far: Floats, near: Ints) -> Ints:
        """Fill in the nearest of these rows, and return those that need more candidates."""
        wanted = far.shape[1]
        about, found = self.proposed(rows, width)
        far[rows], near[rows] = about[:, :wanted], found[:, :wanted]
        wrong = self.rounding(rows, found, about[:, wanted - 1])
        gaps = np.diff(about[:, : wanted + 1].astype(np.float64), axis=1)
        close = gaps.min(axis=1, initial=np.inf) <= 2 * wrong
        rows, found = rows[close], np.sort(found[close], axis=1)
        for row, candidates in zip(rows, found, strict=True):
            far[row], near[row] = self.ordered(row, candidates, wanted)
        beyond = (about[close, -1] - wrong[close]) * self.scale**2  # is every other row
        return rows[far[rows, -1] >= beyond] if width < len(self.there) else rows[:0]

    def proposed(self, rows: Ints, width: int) -> tuple[NDArray[np.float32], Ints]:
        """Return the rounded squared distances to the nearest of these rows, and their numbers."""
        if self.asked is self.there and len(rows) == len(self.there) > 2 * BLOCK:
            square = np.square(self.length_there).astype(np.float32)
            return _mutual(self.small_there, square, width)
        return faiss.knn(self.small_asked[rows], self.small_there, width)

    def rounding(self, rows: Ints, found: Ints, last: NDArray[np.float32]) -> Floats:
        """Return how far proposals may be off, for those found and any that could be nearer.

        No row that is longer than |a| + the distance of the last one wanted can be nearer than it.
        """
        a, b = self.length_asked[rows], self.length_there[found].max(axis=1)
        terms = self.asked.shape[1] + 16
        reach = 2 * a + np.sqrt(np.maximum(last + terms * ROUNDED * (a + b) ** 2, 0))
        return np.asarray(terms * (ROUNDED * np.maximum(a + b, reach) ** 2 + TINY))

    def ordered(self, row: int, candidates: Ints, wanted: int) -> tuple[Floats, Ints]:
        """Return the nearest of some candidates, which rise, by their distances in float64."""
        away = cdist(self.asked[row : row + 1], self.there[candidates], "sqeuclidean")[0]
        order = away.argsort(kind="stable")[:wanted]
        return away[order], candidates[order]


def _mutual(
    x: NDArray[np.float32], square: NDArray[np.float32], width: int
) -> tuple[NDArray[np.float32], Ints]:
    """Return what faiss.knn(x, x, width) returns, in half the time: a distance serves both rows.

    A thread takes one stripe of the matrix after another, as many threads as faiss may use.
    """
    far = np.empty((len(x), width), dtype=np.float32)
    near = np.empty((len(x), width), dtype=np.int64)
    heaps, one_at_a_time = faiss.float_maxheap_array_t(), Lock()
    heaps.k, heaps.nh = width, len(x)
    heaps.val, heaps.ids = faiss.swig_ptr(far), faiss.swig_ptr(near)
    heaps.heapify()

    def stripe(i: int) -> None:
        held = np.empty((2, BLOCK * BLOCK), dtype=np.float32)
        for j in range(i, len(x), BLOCK):
            a, b = slice(i, min(i + BLOCK, len(x))), slice(j, min(j + BLOCK, len(x)))
            some, others = a.stop - i, b.stop - j
            block, back = (h[: some * others] for h in held)
            block, back = block.reshape(some, others), back.reshape(others, some)
            np.matmul(x[a], x[b].T, out=block)
            block *= -2
            block += square[a, None]
            block += square[b]
            np.copyto(back, block.T)
            with one_at_a_time:
                heaps.addn(others, faiss.swig_ptr(block), j, i, some)  # type: ignore[call-arg]
                if i < j:
                    heaps.addn(some, faiss.swig_ptr(back), i, j, others)  # type: ignore[call-arg]

    threads = faiss.omp_get_max_threads()
    work = ThreadPoolExecutor(threads, initializer=faiss.omp_set_num_threads, initargs=(1,))
    with threadpool_limits(1, "blas"), work as pool:
        list(pool.map(stripe, range(0, len(x), BLOCK)))
    heaps.reorder()
    return far, near


def _lengths(rows: Rows) -> Floats:
    return np.asarray(np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64)))
