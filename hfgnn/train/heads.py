"""What weighs the numbers of a person: without a graph or with one, for a label or for a time.

`flat` is logistic regression or Cox's model. `on_graph` is one of the thesis's networks, which is
trained on a study's own people, and hears whoever is near; newcomers are attached to these people
and heard by nobody. All return a score [m] of newcomers that rises with the risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from hfgnn.data.batches import stratified
from hfgnn.models.gnn import Widths
from hfgnn.seeding import rng
from hfgnn.train import node_risks
from hfgnn.train.clinic import NETWORKS, Seen, Split
from hfgnn.train.counted import NEVER, ProbeParams, probe
from hfgnn.train.cox import COMPONENTS, cox_model
from hfgnn.train.nodes import SOUND, Graph, NodeClassifier
from hfgnn.train.risk import FAILURE

Floats = NDArray[np.float64]
K = 5  # the thesis's
HELD = 5  # one of so many of a study's people chooses the epoch
SURE = 1e-12  # the least chance of which a log odds is told


@dataclass(frozen=True)
class Two:
    """One part of what is seen: of the study's own people [n, d], and of newcomers [m, d]."""

    own: Floats
    new: Floats


def flat(parts: Sequence[Two], table: pd.DataFrame, label: str, *, seed: int) -> Floats:
    """Return log odds, or log risks, of newcomers by what the study's people have taught.

    Cox's model reads the first principal components of a part that has more numbers than these.
    """
    known = [_known(part) for part in parts]
    if label != FAILURE:
        own, new = (np.hstack([getattr(part, side) for part in known]) for side in ("own", "new"))
        teach = np.arange(len(own))
        return probe(ProbeParams(seed, NEVER), own, table[label].to_numpy(bool), teach, new)[0]
    few = [_fewer(part) for part in known]
    own, new = (np.hstack([getattr(part, side) for part in few]) for side in ("own", "new"))
    return cox_model(own, table).of(new)


def _known(part: Two) -> Two:
    """Return a part in which the study's means stand for what is not known."""
    mean = np.nanmean(part.own, axis=0)
    return Two(*(np.where(np.isfinite(side), side, mean) for side in (part.own, part.new)))


def _fewer(part: Two) -> Two:
    if part.own.shape[1] <= COMPONENTS:
        return part
    mean, spread = part.own.mean(axis=0), part.own.std(axis=0)
    spread = np.where(spread > 0, spread, np.inf)
    own, new = ((side - mean) / spread for side in (part.own, part.new))
    pca = PCA(COMPONENTS, svd_solver="covariance_eigh").fit(own)
    return Two(pca.transform(own), pca.transform(new))


def on_graph(
    parts: Sequence[Two], table: pd.DataFrame, label: str, *, net: str, heard: bool, seed: int
) -> Floats:
    """Return log odds, or log risks, of newcomers by a network; `heard`: whether it hears others.

    Where nobody is heard it is the same network of the same people without an edge, its twin.
    """
    both = [np.vstack([part.own, part.new]) for part in map(_known, parts)]
    ill = table[label].to_numpy(bool)
    n, m = len(ill), len(both[0]) - len(ill)
    dealt = stratified(ill, n // HELD, rng(seed, "heads", label))
    split = Split(np.sort(np.concatenate(dealt[1:])), np.sort(dealt[0]), np.arange(n, n + m))
    seen = Seen.of(both, np.r_[ill, np.zeros(m, bool)], split)
    watched, asked = (seen.asked(rows, K if heard else None) for rows in (split.val, split.test))
    edges, train = np.asarray(watched.edges), split.train
    among = edges[:, edges[1] < len(train)]
    how = NodeClassifier(NETWORKS[net], Widths(inputs=seen.x.shape[1]), SOUND)
    if label != FAILURE:
        fit = how.fit(seen.x[train], ill[train], among, seed=seed, validation=watched)
        chance = fit.predict_proba(asked.x, asked.edges)[-m:, 1].clip(SURE, 1 - SURE)
        return np.asarray(np.log(chance / (1 - chance)))
    risk = node_risks.learned(
        how,
        _timed(Graph(seen.x[train], ill[train], among), table.iloc[train]),
        _timed(watched, table.iloc[split.val]),
        seed=seed,
    )
    return node_risks.told(risk, asked.x, asked.edges)[-m:]


def _timed(graph: Graph, who: pd.DataFrame) -> node_risks.Timed:
    time, event = (who[name].to_numpy() for name in ("time", FAILURE))
    return node_risks.Timed(graph.x, graph.edges, time, event)
