"""Three sizes of one book."""

from dataclasses import fields

import pytest

from hfgnn.pipeline.places import BuildError
from hfgnn.pipeline.profiles import BOOK, PAPER, PROFILES, SMOKE, profile_named
from hfgnn.pipeline.rivals import SIZES


def test_a_profile_is_found_by_its_name() -> None:
    assert {name: profile_named(name).name for name in PROFILES} == {n: n for n in PROFILES}
    assert set(PROFILES) == {"smoke", "book", "paper"}


@pytest.mark.parametrize("name", ["Book", "", "full", "book "])
def test_another_name_is_refused_with_those_to_choose_from(name: str) -> None:
    with pytest.raises(BuildError, match=f"'{name}' is not known: .* smoke, book, paper"):
        profile_named(name)


def test_every_size_grows_from_smoke_to_book_to_paper() -> None:
    sizes = [field.name for field in fields(SMOKE) if field.name not in ("name", "network")]
    assert sizes
    for size in sizes:
        small, middle, large = (getattr(profile, size) for profile in (SMOKE, BOOK, PAPER))
        assert small <= middle <= large, size
    networks = [profile.network for profile in (SMOKE, BOOK, PAPER)]
    assert networks == list(SIZES)
    assert SMOKE != BOOK != PAPER
