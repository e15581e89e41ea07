"""Names of what is not imported yet: they give the thing itself, and a key that tells it apart."""

import subprocess
import sys
from dataclasses import is_dataclass

import pytest

from hfgnn.pipeline.later import later, now, place, told
from hfgnn.pipeline.profiles import PROFILES
from hfgnn.pipeline.stages import catalogue

controls = later("hfgnn.train.controls")


def test_a_name_gives_the_thing_and_a_call_what_it_returns():
    from hfgnn.train.controls import RivalsParams, rivals

    assert now(controls.rivals) is rivals
    assert now(controls.RivalsParams(7, repeats=3)) == RivalsParams(7, repeats=3)
    assert now(RivalsParams(7)) == RivalsParams(7)
    assert place(controls.rivals) == place(rivals) == ("hfgnn.train.controls", "rivals")


def test_a_call_inside_a_call_is_made_too():
    deep = later("dataclasses").replace(controls.RivalsParams(7), repeats=2)
    assert now(deep).repeats == 2


@pytest.mark.parametrize(
    "other",
    [
        controls.RivalsParams(8, repeats=3),
        controls.RivalsParams(7, repeats=4),
        controls.RivalsParams(7),
        controls.SampledParams(7, repeats=3),
        later("hfgnn.train.hidden").RivalsParams(7, repeats=3),
        controls.RivalsParams(controls.RivalsParams(7), repeats=3),
    ],
)
def test_other_parameters_are_told_otherwise(other):
    assert told(other) != told(controls.RivalsParams(7, repeats=3))
    assert told(controls.RivalsParams(7, repeats=3)) == told(controls.RivalsParams(7, repeats=3))


def test_a_name_that_is_not_there_is_noticed_when_it_is_needed():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        now(controls.nothing_of_the_kind)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_every_stage_of_the_book_names_what_is_there(profile):
    for stage in catalogue(profile, 7):
        assert callable(now(stage.make)), stage.name
        assert is_dataclass(now(stage.params)), stage.name
        assert hash(now(stage.params)), "parameters are frozen"


def test_the_recipe_imports_nothing_that_is_slow():
    code = "import sys, hfgnn.pipeline.stages as s; s.catalogue(s.profile_named('book'), 7); "
    code += "print([m for m in ('torch', 'sklearn', 'scipy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pandas']", "the store reads tables; nothing else is needed"
