"""Every objective of the book on one page: what a network is asked to make small.

    risk         cox: who falls ill first, of those who still could
    signal       reconstruction: (beat - decoded beat)^2
    text         alignment, as published: 1 - cos(beat, its text), without a counterexample
                 contrastive, sound: -log softmax of cos(beat, text) / temperature, over the batch
    all of it    risk_and_reconstruction: half of either, as published
    what is hidden
                 restored: 0.9 (record - decoded)^2 + 0.1 (1 - their correlation), as published
                 foretold: 1 - cos(what one view foretells of another, the other), added later
    two views    of a heart: contrastive, of its picture and what is cheap to have
                 of a picture: views, -log softmax of cos over all other views of the batch

Objectives are means over what they count, so that batches of any size weigh alike.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity, cross_entropy, mse_loss, normalize

Ties = Literal["breslow", "efron"]


def cox(risk: Tensor, *, time: Tensor, event: Tensor, ties: Ties = "breslow") -> Tensor:
    """Return minus Cox's log partial likelihood per event, of log risks [n] of one batch.

    Breslow's, as published: mean over events i of log sum over {j : t_j >= t_i} of exp r_j, less
    r_i. Efron's, nearer to the truth where times tie: the k-th of d events at one time has left
    k - 1 shares of the d tied ones out of that sum, k = 1 ... d.
    """
    if not risk.shape == time.shape == event.shape or risk.ndim != 1:
        shapes = [list(given.shape) for given in (risk, time, event)]
        raise ValueError(f"risk, time and event are {shapes}; each must be [n], flatten them")
    if ties not in ("breslow", "efron"):
        raise ValueError(f"ties {ties!r} are not known; choose breslow or efron")
    if not event.any():
        raise ValueError(
            f"0 events in a batch of {len(event)}; a partial likelihood compares who fell ill "
            "with who still could and needs one: draw batches in which events have their share"
        )
    order = time.argsort(descending=True)
    risk, event = risk[order], event[order].bool()
    _, when, sizes = time[order].unique_consecutive(return_inverse=True, return_counts=True)
    summed = risk.logcumsumexp(0)[sizes.cumsum(0) - 1][when][event]
    risk, when = risk[event], when[event]
    return (summed - risk + (_left_out(risk - summed, when) if ties == "efron" else 0)).mean()


def _left_out(logit: Tensor, when: Tensor) -> Tensor:
    """Return log(1 - (k - 1) / d share) of the k-th of d events at one time, times in order."""
    counts = torch.bincount(when)
    before = torch.arange(len(when), device=when.device) - (counts.cumsum(0) - counts)[when]
    share = logit.new_zeros(len(counts)).index_add(0, when, logit.exp())[when]
    return torch.log1p(-share * before / counts[when])


def reconstruction(decoded: Tensor, beat: Tensor) -> Tensor:
    """Return the mean squared error of decoded beats, both [n, leads, samples]."""
    return mse_loss(decoded, beat)


def restored(decoded: Tensor, record: Tensor, *, shape: float = 0.1) -> Tensor:
    """Return (1 - shape) squared error + shape (1 - correlation), of records [n, leads, samples].

    Both are of all samples, seen and hidden, as published; each record has a correlation.
    """
    return (1 - shape) * mse_loss(decoded, record) + shape * (1 - ncc(decoded, record).mean())


def ncc(decoded: Tensor, record: Tensor) -> Tensor:
    """Return each record's correlation with what was decoded [n], over all leads and samples."""
    one, other = (part.flatten(1) for part in (decoded, record))
    one, other = (part - part.mean(dim=1, keepdim=True) for part in (one, other))
    return cosine_similarity(one, other, eps=1e-12)


def risk_and_reconstruction(risk: Tensor, signal: Tensor, *, alpha: float = 0.5) -> Tensor:
    """Return alpha risk + (1 - alpha) signal, of two losses; half of either was published."""
    return alpha * risk + (1 - alpha) * signal


def alignment(beat: Tensor, text: Tensor) -> Tensor:
    """Return the mean of 1 - cos(beat, its own text), both [n, d]: zero too where all are one."""
    return (1 - cosine_similarity(beat, text)).mean()


def contrastive(beat: Tensor, text: Tensor, *, words: Tensor, temperature: float = 0.07) -> Tensor:
    """Return how badly beats and texts [n, d] find each other in a batch, the mean of both ways.

    -log of exp(cos(b_i, t_i) / T) / sum over j of exp(cos(b_i, t_j) / T), and so for the texts. Who
    has the same `words` [n], a whole number for each different text, is left out of i's sum:
    the same words are no counterexample. T is where Radford et al. (2021) begin.
    """
    scores = normalize(beat) @ normalize(text).T / temperature
    same = (words[:, None] == words).fill_diagonal_(False)
    scores, own = scores.masked_fill(same, -torch.inf), torch.arange(len(beat), device=beat.device)
    return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2


def views(one: Tensor, other: Tensor, *, temperature: float = 0.1) -> Tensor:
    """Return how badly two views of each of n things [n, d] find each other among all 2n views.

    Chen et al. (2020): the mean of -log of exp(cos(v, v') / T) / sum over all w but v of
    exp(cos(v, w) / T), where v' is the other view of what v shows. T is as published.
    """
    both = normalize(torch.cat([one, other]))
    scores = (both @ both.T / temperature).fill_diagonal_(-torch.inf)
    return cross_entropy(scores, torch.arange(len(both), device=both.device).roll(len(one)))


def foretold(told: Tensor, seen: Tensor) -> Tensor:
    """Return the mean of 1 - cos(what was foretold, what is seen), both [n, d]; only `told` learns.

    Chen and He (2021): without a counterexample it could make all of them one, and does not, since
    what is seen stands still.
    """
    return alignment(told, seen.detach())
