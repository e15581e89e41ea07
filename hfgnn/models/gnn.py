"""Networks over a graph of patients: x [n, 517] and edges int64 [2, E] in, logits [n, 2] out.

An edge (j, i), source above target, says that i hears j: N(i) = {j : (j, i) is an edge}. All four
networks are the thesis's but for their two graph layers:

    logits = L relu(second(dropout(relu(first(x)))))

The thesis publishes the GCN. It compares a GAT whose code is lost, so ours has the GCN's widths;
GraphSAGE and the graph transformer are ours.
"""

import sys
import warnings
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import dropout, relu

with warnings.catch_warnings():  # in a notebook it misses the widgets of its progress bars
    warnings.simplefilter("ignore")
    absent = sys.modules.setdefault("transformers", None)  # type: ignore[arg-type]
    from torch_geometric.nn import GATConv, GCNConv, SAGEConv, TransformerConv

    if absent is None:  # it would import language models, for half a second, where they are there
        del sys.modules["transformers"]


@dataclass(frozen=True)
class Widths:
    """How wide a network is: the thesis's numbers; the heads of attention are ours."""

    inputs: int = 517  # the page's 512 numbers, then five clinical ones
    hidden: int = 128  # after either graph layer
    classes: int = 2  # normal, sick
    dropout: float = 0.5  # once, between the two graph layers
    heads: int = 4  # of 32 numbers each: attention as wide as the GCN (not published)

    def __post_init__(self) -> None:
        if self.hidden % self.heads:
            raise ValueError(
                f"{self.hidden} hidden numbers do not divide into {self.heads} heads; "
                "let hidden be a multiple of heads"
            )


class Network(nn.Module):
    """Two graph layers and a linear one: x [n, inputs], edges [2, E] -> logits [n, classes]."""

    def __init__(self, first: nn.Module, second: nn.Module, widths: Widths) -> None:
        super().__init__()
        self.first, self.second = first, second
        self.inputs, self.dropout = widths.inputs, widths.dropout
        self.last = nn.Linear(widths.hidden, widths.classes)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """Return logits [n, classes]; a softmax of them is the chances."""
        heard = relu(self.first(x, edges))
        heard = dropout(heard, self.dropout, self.training)
        heard = relu(self.second(heard, edges))
        logits: Tensor = self.last(heard)
        return logits


class GCN(Network):
    """The thesis's network, 83,074 parameters (Kipf and Welling 2017): D^-1/2 (A + I) D^-1/2 X W.

    A_ij = 1 where i hears j, and D_ii = 1 + |N(i)|, the number of those whom i hears, itself
    included. Edges may go one way: who is heard is then weighed by how many it itself hears.
    A loop that is in the edges already is not added again.

    x_i' = sum over j in N(i) and i of W x_j / sqrt(D_ii D_jj) + b
    """

    def __init__(self, widths: Widths = Widths()) -> None:
        first = GCNConv(widths.inputs, widths.hidden)
        super().__init__(first, GCNConv(widths.hidden, widths.hidden), widths)


class GAT(Network):
    """Attention over those heard and oneself, 83,586 parameters (Velickovic et al. 2018).

    x_i' = sum over j in N(i) and i of a_ij W x_j + b, each head by itself, with
    a_ij = softmax over j of leaky_relu(u . W x_j + v . W x_i). Loops are replaced, not doubled.
    """

    def __init__(self, widths: Widths = Widths()) -> None:
        each = widths.hidden // widths.heads
        first = GATConv(widths.inputs, each, heads=widths.heads)
        super().__init__(first, GATConv(widths.hidden, each, heads=widths.heads), widths)


class SAGE(Network):
    """The mean of those heard beside oneself, 165,634 parameters (Hamilton et al. 2017).

    x_i' = W mean over j in N(i) of x_j + b + V x_i; a mean over nobody is zero.
    """

    def __init__(self, widths: Widths = Widths()) -> None:
        first = SAGEConv(widths.inputs, widths.hidden)
        super().__init__(first, SAGEConv(widths.hidden, widths.hidden), widths)


class Transformer(Network):
    """Queries to those heard beside oneself, 331,522 parameters (Shi et al. 2021).

    x_i' = V x_i + c + sum over j in N(i) of a_ij (U x_j + d), each head of width h by itself, with
    a_ij = softmax over j of (Q x_i + q) . (K x_j + k) / sqrt(h).
    """

    def __init__(self, widths: Widths = Widths()) -> None:
        each = widths.hidden // widths.heads
        first = TransformerConv(widths.inputs, each, heads=widths.heads)
        super().__init__(first, TransformerConv(widths.hidden, each, heads=widths.heads), widths)
