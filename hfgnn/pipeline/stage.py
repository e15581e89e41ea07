"""A stage: a plain function from parameters and upstream results to a result, kept by its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from hfgnn.pipeline.key import Ingredients, file_digest, reachable, surroundings
from hfgnn.pipeline.later import Named, now, place, told
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.store import Entry, read_result, write_result


@dataclass(frozen=True)
class Stage:
    """`make(params, *results of needs)`, and what a build must know of it beforehand."""

    name: str
    make: Callable[..., Any] | Named
    params: Any  # a frozen dataclass, or what will give one: it is part of the key
    needs: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()  # files it reads: their digests are part of the key
    threads: int = 1  # declared, so that results do not depend on how many jobs run
    seconds: float = 1.0  # expected on two laptop cores: said before the work starts


@dataclass(frozen=True)
class Workshop:
    """The stages of one profile and seed, over the store of one build."""

    stages: Mapping[str, Stage]
    places: Places

    def stage(self, name: str) -> Stage:
        """Return the stage of that name."""
        if name not in self.stages:
            known = ", ".join(sorted(self.stages))
            raise BuildError(f"stage {name!r} is not known: hfgnn/pipeline/stages.py has {known}")
        return self.stages[name]

    def entry(self, name: str) -> Entry:
        """Return where the stage's result lies, by its key."""
        return Entry(self.places.store, name, self.ingredients(name))

    def ingredients(self, name: str) -> Ingredients:
        """Return all that the stage's result depends on."""
        stage = self.stage(name)
        return {
            "parameters": told(stage.params),
            "maker": ".".join(place(stage.make)),
            "upstream": {f"{i} {n}": self.entry(n).key for i, n in enumerate(stage.needs)},
            "inputs": {f"{i} {p.name}": file_digest(p) for i, p in enumerate(stage.inputs)},
            "module": self._code(stage),
            "threads": stage.threads,
            **surroundings(self.places.lock),
        }

    def _code(self, stage: Stage) -> dict[str, str]:
        module, _ = place(stage.make)
        return reachable([module], self.places.root) if module.startswith("hfgnn.") else {}

    def order(self, names: list[str]) -> list[str]:
        """Return these stages and all they need, upstream first."""
        ordered: dict[str, None] = {}
        for name in names:
            ordered |= dict.fromkeys([*self.order(list(self.stage(name).needs)), name])
        return list(ordered)

    def missing(self, names: list[str]) -> list[str]:
        """Return those of these stages, and of what they need, that must be made (anew)."""
        return [name for name in self.order(names) if not self.entry(name).sound]

    def make(self, name: str) -> Path:
        """Return the stage's folder, making it in this process if it is not there or damaged."""
        stage = self.stage(name)

        def build(folder: Path) -> None:
            upstream = [self.load(need) for need in stage.needs]
            write_result(now(stage.make)(now(stage.params), *upstream), folder)

        return self.entry(name).get(build)[0]

    def load(self, name: str) -> Any:
        """Return the stage's result, made first if need be."""
        kind = get_type_hints(now(self.stage(name).make))["return"]
        return read_result(kind, self.make(name))
