"""What a recipe names without importing it: a stage's maker and parameters, read when it is made.

Importing every room of the package takes seconds, and most builds have nothing to make. So a recipe
holds names: `pages = later("hfgnn.train.pages")` gives `pages.PagesParams(7)`, of which the module,
the name and what is given are known, and nothing else until `now` asks for it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Named:
    """Something in a module that nobody has imported yet."""

    module: str
    name: str

    def __call__(self, *given: Any, **named: Any) -> "Called":
        """Return what calling it will give."""
        return Called(self, given, tuple(sorted(named.items())))


@dataclass(frozen=True)
class Called:
    """What something named will give for these arguments."""

    maker: Named
    given: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class later:  # noqa: N801 - it reads as a verb
    """A module whose parts are names until they are asked for."""

    module: str

    def __getattr__(self, name: str) -> Named:
        """Return the name of one of its parts."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Named(self.module, name)


def now(thing: Any) -> Any:
    """Return what was named, imported; what was called, called; anything else as it is."""
    if isinstance(thing, Named):
        return getattr(import_module(thing.module), thing.name)
    if isinstance(thing, Called):
        named = {name: now(value) for name, value in thing.named}
        return now(thing.maker)(*map(now, thing.given), **named)
    return thing


def place(maker: Named | Callable[..., Any]) -> tuple[str, str]:
    """Return the module of a function and its name there."""
    if isinstance(maker, Named):
        return maker.module, maker.name
    return maker.__module__, maker.__qualname__


def told(thing: Any) -> Any:
    """Return parameters in a form that a key can hold; defaults are in the code, which it holds."""
    if isinstance(thing, Called):
        words = {str(i): told(value) for i, value in enumerate(thing.given)}
        return {"of": ".".join(place(thing.maker))} | words | {n: told(v) for n, v in thing.named}
    if isinstance(thing, Named):
        return ".".join(place(thing))
    return asdict(thing) if is_dataclass(thing) and not isinstance(thing, type) else thing
