"""Named, independent streams of random numbers: the same names give the same numbers anywhere."""

import hashlib

import numpy as np


def rng(seed: int, *names: str) -> np.random.Generator:
    """Return the stream of this seed and these names, independent of every other name's."""
    if seed < 0:
        raise ValueError(f"seed {seed} is negative; a seed is zero or a positive whole number")
    words = np.frombuffer(hashlib.sha256("\0".join(names).encode()).digest(), dtype="<u4")
    return np.random.default_rng(np.random.SeedSequence([seed, *words.tolist()]))


def seed_torch(seed: int, *names: str) -> None:
    """Start torch's own generator from the named stream: what initialises and drops out weights."""
    import torch

    torch.manual_seed(int(rng(seed, *names).integers(2**63)))
