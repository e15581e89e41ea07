"""What a graph of patients is like: edges [2, E] from who speaks to who hears, a label per node."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import skew

Ints = NDArray[np.int64]


def homophily(edges: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of edges between two nodes of one label, in [0, 1]."""
    label = np.asarray(labels)
    speaks, hears = _ends(edges, len(label))
    if not len(speaks):
        raise ValueError("a graph without edges has no share of them; give at least one edge")
    return float((label[speaks] == label[hears]).mean())


def chance_homophily(labels: ArrayLike) -> float:
    """Return the homophily to expect if labels were dealt anew, sum_c n_c (n_c - 1) / (n (n - 1)).

    It is that of every graph without edges from a node to itself, whatever else its edges are.
    """
    sizes = pd.Series(np.asarray(labels)).value_counts().to_numpy()
    people = sizes.sum()
    if people < 2:
        raise ValueError(f"{people} labels; a pair, and so an edge, takes two nodes or more")
    return float((sizes * (sizes - 1)).sum() / (people * (people - 1)))


def mixing(edges: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Return by label of who hears (rows) the shares of labels that are heard (columns).

    Rows add up to 1; a label whose nodes hear nobody has a row of NaN. Labels are sorted.
    """
    label = np.asarray(labels)
    speaks, hears = _ends(edges, len(label))
    every = pd.Index(np.unique(label))
    counts = pd.crosstab(label[hears], label[speaks]).reindex(
        index=every.rename("hears"), columns=every.rename("heard"), fill_value=0
    )
    return counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0)


def heard(edges: ArrayLike, nodes: int) -> Ints:
    """Return the in-degree [n]: how many each node hears."""
    return np.bincount(_ends(edges, nodes)[1], minlength=nodes)


def degrees(edges: ArrayLike, nodes: int) -> pd.Series:
    """Return how many nodes hear 0, 1, 2, ... others: the distribution of the in-degree."""
    counts = np.bincount(heard(edges, nodes))
    return pd.Series(counts, pd.RangeIndex(len(counts), name="heard"), name="nodes")


def unheard(edges: ArrayLike, nodes: int) -> float:
    """Return the share of nodes that hear nobody: to a graph network, they are alone."""
    return float((heard(edges, nodes) == 0).mean())


def chosen(near: ArrayLike, nodes: int) -> Ints:
    """Return the k-occurrence [nodes]: how often each is among the nearest [n, k] of another."""
    return np.bincount(np.asarray(near).ravel(), minlength=nodes)


def hubness(near: ArrayLike, nodes: int) -> float:
    """Return the skewness of the k-occurrence: large where a few are everyone's."""
    times = chosen(near, nodes)
    return float(skew(times)) if np.ptp(times) else 0.0


def copies(edges: ArrayLike, people: ArrayLike) -> float:
    """Return the share of edges on which a node hears another picture of the same person."""
    return homophily(edges, people)


@dataclass(frozen=True)
class Anatomy:
    """A graph in a few numbers."""

    nodes: int
    edges: int
    homophily: float  # share of edges within a class
    by_chance: float  # the same, had the classes been dealt anew
    unheard: float  # share of nodes that hear nobody
    most: int  # that any node hears
    copies: float | None  # share of edges within a person; None where nobody says who is who


def anatomy(edges: ArrayLike, classes: ArrayLike, people: ArrayLike | None = None) -> Anatomy:
    """Measure a graph whose nodes have these classes [n] and belong to these people [n]."""
    nodes = len(np.asarray(classes))
    return Anatomy(
        nodes=nodes,
        edges=len(_ends(edges, nodes)[0]),
        homophily=homophily(edges, classes),
        by_chance=chance_homophily(classes),
        unheard=unheard(edges, nodes),
        most=int(heard(edges, nodes).max()),
        copies=None if people is None else copies(edges, people),
    )


def _ends(edges: ArrayLike, nodes: int) -> Ints:
    ends = np.asarray(edges, dtype=np.int64)
    if ends.ndim != 2 or len(ends) != 2:
        raise ValueError(f"edges of shape {ends.shape}; give [2, E], from row 0 to row 1")
    if ends.size and not 0 <= ends.min() <= ends.max() < nodes:
        raise ValueError(
            f"edges between nodes {ends.min()} and {ends.max()} of {nodes}; "
            "give one label per node, numbered from 0, those of attached patients last"
        )
    return ends
