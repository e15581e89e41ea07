"""Fusion looked at: how a page was printed, which pages are near, and what each side weighs.

The backbone's own training, too, as it was recorded when the weights were made.
"""

import json
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from hfgnn.features.fuse import CLINICAL, Scaler, fuse
from hfgnn.features.resnet import backbone, features, small
from hfgnn.graph.knn import neighbours
from hfgnn.train.pages import Pages, PagesParams, reprinted, sheets
from hfgnn.train.probes import learners
from hfgnn.world.page import styles
from hfgnn.world.population import BLOCK, block, blocks, streams

RECORDED = Path(__file__).parents[2] / "book" / "ledger" / "recorded" / "backbone"
RUN_FILES = (RECORDED / "recipe.json", RECORDED / "curve.csv")


@dataclass(frozen=True)
class RunParams:
    """Which facts of the recorded run are kept."""

    facts: tuple[str, ...] = ("steps", "hours", "device", "made")  # beside the recipe's


@dataclass(frozen=True)
class RecordedRun:
    """How the weights that the package brings were made: read from the record, not made again."""

    facts: dict[str, str | float]  # of the recipe, and of the machine that followed it
    curve: pd.DataFrame  # a row a checkpoint: step, seconds, loss, then R2 or AUROC by attribute


def recorded_run(params: RunParams) -> RecordedRun:
    """Read the record of the one run that made the backbone `ecg`."""
    record = json.loads(RUN_FILES[0].read_text(encoding="utf-8"))
    facts = {**record["recipe"], **{name: record[name] for name in params.facts}}
    facts["torch"], facts["attributes"] = record["versions"]["torch"], len(record["reads"])
    return RecordedRun(facts, pd.read_csv(RUN_FILES[1], float_precision="round_trip"))


@dataclass(frozen=True)
class SizesParams:
    """Whose pages are printed twice, and how large."""

    pages: PagesParams
    people: int = 16  # a large page takes a third of a second
    large: tuple[int, int] = (2213, 1572)  # pixels of the collection's pages


@dataclass(frozen=True)
class Sizes:
    """How far the numbers of one page lie apart, |a - b| / |b|, by what was done to it."""

    apart: pd.DataFrame  # a row a person: decode, size, others
    own: int  # small pages whose nearest large page is that of the same person


def sizes(params: SizesParams) -> Sizes:
    """Read the same pages decoded in full and to scale, and printed large and small.

    `others` is what another person's page is away, on average: the yardstick.
    """
    config, net = params.pages.population, backbone(params.pages.backbone)
    people, rows = block(config, 0), np.arange(params.people)
    large = list(sheets(config, people, 0, rows, params.large))
    little = sheets(config, people, 0, rows, params.pages.size)
    scaled, printed = (
        features(np.stack([small(sheet) for sheet in some]), net) for some in (large, little)
    )
    full = features(np.stack([small(Image.open(BytesIO(sheet))) for sheet in large]), net)
    away = np.linalg.norm(scaled[:, None] - scaled, axis=2).sum(axis=1) / (len(rows) - 1)
    apart = pd.DataFrame(
        {
            "decode": np.linalg.norm(scaled - full, axis=1) / np.linalg.norm(full, axis=1),
            "size": np.linalg.norm(printed - scaled, axis=1) / np.linalg.norm(scaled, axis=1),
            "others": away / np.linalg.norm(scaled, axis=1),
        }
    )
    own = neighbours(printed, 1, among=scaled)[:, 0] == rows
    return Sizes(apart, int(own.sum()))


@dataclass(frozen=True)
class NearestParams:
    """How many pages are near."""

    pages: PagesParams
    k: int = 4  # as many as a picture holds beside the page that is asked about


@dataclass(frozen=True)
class Nearest:
    """Two people's nearest pages among everybody's, and how alike near pages are."""

    rows: NDArray[np.int64]  # [2, 1 + k]: the first sick and the first normal person, then the near
    pictures: NDArray[np.uint8]  # [2, 1 + k, 224, 224, 3]
    alike: pd.DataFrame  # share of near pages that agree (of the rate: r); a column a network


def nearest(params: NearestParams, pages: Pages) -> Nearest:
    """Find the pages that are nearest in the 512 numbers, and ask what they have in common.

    The two networks are compared on the same people, those of the collection.
    """
    sick = pages.table["sick"].to_numpy(bool)
    asked = np.array([np.argmax(sick), np.argmin(sick)])
    seen = pages.seen[params.pages.backbone]
    rows = np.column_stack([asked, neighbours(seen, params.k)[asked]])
    pictures = reprinted(params.pages, rows.ravel())
    table, part = described(params.pages, pages), pages.collected
    alike = {"by chance": agreement(table.iloc[part], others(len(part)))}
    for name in pages.seen:
        alike[name] = agreement(table.iloc[part], neighbours(pages.of_collection(name), params.k))
    return Nearest(rows, pictures.reshape(*rows.shape, *pictures.shape[1:]), pd.DataFrame(alike))


def described(params: PagesParams, pages: Pages) -> pd.DataFrame:
    """Return what a page says of a heart (class, rate, af), and how it looks (layout, colour)."""
    config = params.population
    sizes = [min(BLOCK, params.people - BLOCK * n) for n in blocks(config)]
    drawn = (styles(m, streams(config, n)("page")) for n, m in enumerate(sizes))
    looks = list(chain.from_iterable(drawn))
    return pd.DataFrame(
        {
            "class": pages.table["class"],
            "rate": pages.shown["rate"],
            "af": pages.shown["af"] == 1,
            "layout": [look.layout for look in looks],
            "colour": [look.colour for look in looks],
        }
    )


def agreement(table: pd.DataFrame, near: NDArray[np.int64]) -> pd.Series:
    """Return how alike people and those near them, [n, k], are: a share, or r of the rate.

    Fibrillation is rare: of those who have it, how many near ones have it, too.
    """
    values = {name: table[name].to_numpy() for name in table}
    alike = {name: (v[near] == v[:, None]).mean() for name, v in values.items()}
    rate, af = values["rate"], values["af"]
    alike["rate"] = np.corrcoef(np.repeat(rate, near.shape[1]), rate[near].ravel())[0, 1]
    return pd.Series(alike | {"af": af[near][af].mean()})


def others(n: int) -> NDArray[np.int64]:
    """Return everybody else of each of n people [n, n - 1]: who is near by chance."""
    return (np.arange(n)[:, None] + np.arange(1, n)) % n


@dataclass(frozen=True)
class WeightsParams:
    """How many neighbours are compared."""

    k: int = 5  # the thesis's


@dataclass(frozen=True)
class Weights:
    """What page and clinical values weigh in the thesis's unscaled 517 numbers, by network."""

    width: int  # of the fused row
    table: pd.DataFrame  # page, clinical: variance in sum; share: the page's; near_page, near_five


def weights(params: WeightsParams, pages: Pages) -> Weights:
    """Fuse page and published values as the thesis does, and see which side decides who is near.

    The squared distance of two people is on average twice the variance in sum, so a side's share of
    the variance is its share of the distance. The scaler knows the training rows alone.
    """
    train, table = learners(pages)[pages.collected], pages.table.iloc[pages.collected]
    drawn = table.filter(like="published_").rename(columns=lambda name: name[10:].lower())
    five = drawn[[*CLINICAL]].to_numpy(float)
    scaled, rows = Scaler.fit(five[train])(five), {}
    for name in pages.seen:
        page = pages.of_collection(name)
        x = fuse(page, scaled)
        spread = x[train].var(axis=0)
        sides = spread[: page.shape[1]].sum(), spread[page.shape[1] :].sum()
        near = neighbours(x, params.k)
        kept = [shared(near, neighbours(side, params.k)) for side in (page, scaled)]
        rows[name] = [*sides, sides[0] / sum(sides), *kept]
    columns = ["page", "clinical", "share", "near_page", "near_five"]
    return Weights(x.shape[1], pd.DataFrame.from_dict(rows, orient="index", columns=columns))


def shared(near: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Return the share of neighbours [n, k] who are neighbours in the other list [n, k], too."""
    return float((near[:, :, None] == other[:, None]).any(axis=2).mean())
