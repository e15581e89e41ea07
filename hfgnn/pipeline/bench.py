"""What the book costs on one machine: seconds and memory, never entries of the ledger."""

import datetime
import platform
from importlib.metadata import version
from pathlib import Path

from hfgnn.ledger.results import canonical, write
from hfgnn.pipeline import build
from hfgnn.pipeline import chapters as chapter_files
from hfgnn.pipeline.key import cpu_capability
from hfgnn.pipeline.notebook import stages_of
from hfgnn.pipeline.order import Order
from hfgnn.pipeline.places import Places, places
from hfgnn.pipeline.progress import Watcher
from hfgnn.pipeline.stages import SEED, workshop
from hfgnn.pipeline.store import remove


def measure(here: Places, progress: Watcher) -> Path:
    """Make every chapter from an empty store and write what it cost, with the date."""
    cold = places(cold=True)
    remove(cold.build)
    order = Order(cold)
    build.make(order, progress)
    found = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "device": f"{platform.machine()}, {cpu_capability()}, one thread",
        "versions": {name: version(name) for name in ("numpy", "torch", "scikit-learn")},
        "chapters": {chapter: _cost(chapter, order) for chapter in order.wanted},
    }
    target = here.ledger / "machine.json"
    write(target, canonical(found))
    return target


def _cost(chapter: str, order: Order) -> dict[str, float]:
    shop = workshop("book", SEED, order.places)
    names = stages_of(chapter_files.source(chapter, order.places), chapter)
    entries = [shop.entry(name) for name in shop.order(names)]
    entries.append(chapter_files.entry(chapter, {}, order.places))
    costs = [build.cost(entry, order.places) for entry in entries]
    seconds = round(sum(cost["seconds"] for cost in costs))
    return {"seconds": seconds, "megabytes": max(cost["megabytes"] for cost in costs)}
