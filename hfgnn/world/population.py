"""The population: one hidden heart a person, and every view of them drawn from that heart alone.

People come in blocks, and each view of a block has a random stream of its own: so the same seed
gives the same people whatever the number of workers, and one view more changes no other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hfgnn.cohort import FS, Cohort, joined
from hfgnn.seeding import rng
from hfgnn.world import clinical, ecg, report, survival, tasks
from hfgnn.world.bedside import bedside
from hfgnn.world.latent import Heart, gathered, hearts
from hfgnn.world.page import jpeg, page, styles

BLOCK = 250  # people who are drawn together
POOL = 4_000  # candidates at a time, from whom a block's people are chosen
WAIT = 100  # pools after which nobody else is expected

Streams = Callable[[str], np.random.Generator]
Names = NDArray[np.str_]

# Who gets an ECG in a hospital: the groups of the first records of PTB-XL; the rest is `other`.
HOSPITAL = {"NORM": 0.58, "LVH": 0.07, "IMI": 0.08, "AMI": 0.076, "CLBBB": 0.016, "CRBBB": 0.016}
HOSPITAL |= {"LAFB": 0.058, "AFIB": 0.026, "other": 0.078}
# The public collection that the thesis seems to have used: pages by class.
COLLECTION = {"MI": 240, "Abnormal": 233, "History_MI": 172, "Normal": 284}
SPLIT = {"train": 0.6, "val": 0.2, "test": 0.2}


@dataclass(frozen=True)
class Population:
    """Who is simulated: how many, from which seed, and by which door they came in."""

    name: str
    people: int
    seed: int
    by: str = ""  # "group" or "class": people are chosen so that its shares are these
    shares: tuple[tuple[str, float], ...] = ()
    study: survival.Study = survival.GENERAL  # how long they are followed
    admits: bool = False  # whether only people whom the study admits come in
    signals: bool = True  # without them, only tables: a hundred times faster


def population(name: str, *, people: int, seed: int, signals: bool = True) -> Population:
    """Return the population of that name: hospital, thesis, or a survival study's."""
    if people < 1:
        raise ValueError(f"{people} people cannot be simulated; ask for one or more")
    plain = Population(name, people, seed, signals=signals)
    if name == "hospital":
        return replace(plain, by="group", shares=tuple(HOSPITAL.items()))
    if name == "thesis":
        return replace(plain, by="class", shares=tuple(COLLECTION.items()))
    studies = {study.name: study for study in survival.STUDIES}
    if name in studies:
        return replace(plain, study=studies[name], admits=True)
    known = ", ".join(["hospital", "thesis", *studies])
    raise ValueError(f"cohort {name!r} is not known; choose one of {known}")


def simulate(config: Population) -> Cohort:
    """Draw everyone, with every view, block by block."""
    return joined([block(config, number) for number in blocks(config)])


def blocks(config: Population) -> range:
    """Return the numbers of the blocks; the last one may not be full."""
    return range(-(-config.people // BLOCK))


def block(config: Population, number: int) -> Cohort:
    """Draw one block of people: hidden hearts, then each view from them."""
    stream = streams(config, number)
    heart, labels = recruited(config, number, stream)
    drawn = ecg.form(heart, stream("form"))
    read = report.codes(heart, stream("reader"))
    views = [
        _identity(config, number, heart, stream("split")),
        labels,
        bedside(heart, stream("bedside")),
        clinical.draw(labels["sick"].to_numpy(), stream("published")).add_prefix("published_"),
        config.study.follow(heart, stream("follow")),
        pd.DataFrame({"codes": [str(codes) for codes in report.as_dicts(read)]}),
        heart.table().add_prefix("heart_"),
    ]
    table = pd.concat(views, axis=1)
    told = tuple(report.sentences(read, stream("report")))
    signals = ecg.draw(drawn, stream("signal")) if config.signals else None
    return Cohort(table, ecg=signals, report=told)


def streams(config: Population, number: int) -> Streams:
    """Return the named random streams of one block."""
    return lambda view: rng(config.seed, "world", config.name, view, str(number))


def recruited(config: Population, number: int, stream: Streams) -> tuple[Heart, pd.DataFrame]:
    """Choose a block's people from the community, with the labels that they were given."""
    wanted = _wanted(config)[number * BLOCK :][:BLOCK]
    community, dice = stream("heart"), stream("labels")
    pools, given = list[Heart](), list[pd.DataFrame]()
    for _ in range(WAIT):
        pool = hearts(POOL, community)
        labels = tasks.labels(pool, dice)
        come = config.study.eligible(pool) if config.admits else np.ones(POOL, bool)
        pools.append(pool.take(come))
        given.append(labels[come])
        everyone, all_labels = gathered(pools), pd.concat(given, ignore_index=True)
        kinds = all_labels["class"] if config.by == "class" else everyone.group
        seats = _seats(wanted, np.asarray(kinds, str) if config.by else np.full(len(kinds), ""))
        if (seats >= 0).all():
            return everyone.take(seats), all_labels.iloc[seats].reset_index(drop=True)
    raise ValueError(
        f"of {WAIT * POOL} people of the community only {(seats >= 0).sum()} of {len(wanted)} fit "
        f"the cohort {config.name!r}; widen whom it admits"
    )


def _wanted(config: Population) -> Names:
    """Return the kind of each person [people], in the shares asked for, shuffled."""
    names, shares = zip(*config.shares or [("", 1.0)], strict=True)
    exact = np.array(shares) / sum(shares) * config.people
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: config.people - counts.sum()]] += 1
    kinds = np.repeat(np.array(names), counts)
    return rng(config.seed, "world", config.name, "door").permutation(kinds)


def _seats(wanted: Names, kinds: Names) -> NDArray[np.intp]:
    """Return who of the candidates takes each wanted place, first come first served; -1: nobody."""
    seats = np.full(len(wanted), -1)
    for kind in np.unique(wanted):
        places, people = np.flatnonzero(wanted == kind), np.flatnonzero(kinds == kind)
        reach = min(len(places), len(people))
        seats[places[:reach]] = people[:reach]
    return seats


def heart_of(table: pd.DataFrame) -> Heart:
    """Return the hidden hearts of a simulated table's people."""
    return Heart(**{f.name: table[f"heart_{f.name}"].to_numpy() for f in fields(Heart)})


def _identity(
    config: Population, number: int, heart: Heart, dice: np.random.Generator
) -> pd.DataFrame:
    first = number * BLOCK
    split = dice.choice(list(SPLIT), len(heart), p=list(SPLIT.values()))
    ids = [f"{config.name}-{first + i:06d}" for i in range(len(heart))]
    return pd.DataFrame({"id": ids, "split": split, "group": heart.group})


def pages(
    config: Population, people: Cohort, number: int, size: tuple[int, int]
) -> Iterator[bytes]:
    """Print the block's ECGs, one JPEG a person."""
    assert people.ecg is not None
    looks = styles(len(people), streams(config, number)("page"), size=size)
    for signals, look in zip(people.ecg, looks, strict=True):
        yield jpeg(page(signals, look, fs=FS), look)
