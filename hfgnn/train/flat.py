"""Controls without a graph: x [n, d] in, whichever columns are given; what a graph has to beat.

Those of CONTROLS scale their columns on the rows that they are fitted to, and on no others; the
vote takes rows as distances are measured between them. The control that is nearest to the GCN is
the GCN itself where nobody hears anybody: `hfgnn.train.nodes.NOBODY`.
"""

from collections.abc import Callable
from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def logistic(seed: int) -> Any:
    """Return a logistic regression; it needs no chance, so that every seed gives the same."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def boosting(seed: int) -> Any:
    """Return gradient boosting of small trees, which need no scale.

    A split looks at a tenth of the columns: where many tell the same, a tenth is as good, and fast.
    """
    return HistGradientBoostingClassifier(max_leaf_nodes=6, max_features=0.1, random_state=seed)


def perceptron(seed: int) -> Any:
    """Return a perceptron of the GCN's widths; a tenth of its people say when to stop."""
    network = MLPClassifier((128, 128), early_stopping=True, random_state=seed)
    return make_pipeline(StandardScaler(), network)


def vote(k: int) -> Any:
    """Return the vote of the k nearest, which are those of the graph if x is what it is made of."""
    return KNeighborsClassifier(k)


# Name -> seed -> what scikit-learn fits: fit(x, y), then predict_proba(x) [n, 2].
CONTROLS: dict[str, Callable[[int], Any]] = {
    "logistic regression": logistic,
    "gradient boosting": boosting,
    "multilayer perceptron": perceptron,
}
