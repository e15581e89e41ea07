"""Kill it, start two at once, interrupt it, corrupt its store: the next build is right.

The book has one chapter here, which is killed as well as many and built in a tenth of the time.
"""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Copy, contents

Kill = Callable[[subprocess.Popen[str]], None]


@pytest.fixture(scope="module")
def smoke_results(short_smoke: Copy) -> dict[str, bytes]:
    """Return what an undisturbed smoke build records."""
    return short_smoke.results("smoke")


@pytest.mark.slow
def test_killed_twenty_times_at_random_moments(
    fresh_short: Copy, smoke_results: dict[str, bytes], killing: Kill
) -> None:
    """Each time with nothing made yet, or with whatever the killed builds before have left."""
    moments = np.random.default_rng(11).uniform(0.5, 9.0, size=20)
    killed = 0
    for number, moment in enumerate(moments):
        if number % 4 == 0:
            fresh_short.hfgnn("clean", "--all")
        process = fresh_short.start("build", "--profile", "smoke", "--jobs", "2")
        time.sleep(moment)
        killed += process.poll() is None
        killing(process)
        entries = [path for path in store(fresh_short).glob("[!.]*") if path.is_dir()]
        assert all((entry / "manifest.json").is_file() for entry in entries), "a half entry"
    assert killed >= 10, "the moments must fall into the build"
    done = fresh_short.hfgnn("build", "--profile", "smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert fresh_short.results("smoke") == smoke_results
    assert not list(store(fresh_short).glob(".draft-*"))


def store(copy: Copy) -> Path:
    """Return the store of the copy's smoke builds."""
    return copy.root / "_build" / "smoke" / "store"


def test_two_builds_at_once_end_well(fresh_short: Copy, smoke_results: dict[str, bytes]) -> None:
    both = [fresh_short.start("build", "--profile", "smoke") for _ in range(2)]
    told = [process.communicate(timeout=900)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(told)
    assert fresh_short.results("smoke") == smoke_results


def test_ctrl_c_leaves_nothing_broken(fresh_short: Copy, smoke_results: dict[str, bytes]) -> None:
    process = fresh_short.start("build", "--profile", "smoke")
    time.sleep(4)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert time.monotonic() - started < 10
    assert "Traceback" not in said
    assert fresh_short.hfgnn("build", "--profile", "smoke").returncode == 0
    assert fresh_short.results("smoke") == smoke_results


@pytest.mark.parametrize("first", [0, 2])
def test_corrupt_store_entries_are_made_anew(
    breakable_smoke: Copy, smoke_results: dict[str, bytes], first: int
) -> None:
    """Every entry is spoiled, each in a way of its own; the other time in another way."""
    entries = sorted(path for path in store(breakable_smoke).iterdir() if path.is_dir())
    assert len(entries) > len(WAYS)
    assert all(map(sound, entries))
    for number, entry in enumerate(entries):
        for file in sorted(path for path in entry.rglob("*") if path.is_file())[::3]:
            spoil(file, WAYS[(first + number) % len(WAYS)])
    assert not any(map(sound, entries))
    (breakable_smoke.root / "_build/smoke/results/03_clinical/claims.json").unlink()
    done = breakable_smoke.hfgnn("build", "--profile", "smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert breakable_smoke.results("smoke") == smoke_results
    assert "Traceback" not in done.stdout + done.stderr
    assert [entry.name for entry in entries if not sound(entry)] == []


WAYS = ("flip", "cut", "empty", "lose", "nonsense")


def sound(entry: Path) -> bool:
    """Return whether an entry's files are those that it lists."""
    try:
        listed = json.loads((entry / "manifest.json").read_bytes())["files"]
    except (OSError, ValueError):
        return False
    there = contents(entry).items()
    held = {name: hashlib.sha256(content).hexdigest() for name, content in there}
    held.pop("manifest.json")
    return bool(listed == held)


def spoil(file: Path, how: str) -> None:
    """Damage a file."""
    content = bytearray(file.read_bytes())
    if how == "flip":
        content[len(content) // 2] ^= 1
    elif how == "cut":
        content = content[: len(content) // 2]
    elif how == "empty":
        content = bytearray()
    elif how == "nonsense":
        content = bytearray(b'{"files": {}}')
    file.write_bytes(content)
    if how == "lose":
        file.unlink()


def test_jobs_do_not_change_a_byte(short_smoke: Copy, fresh_short: Copy) -> None:
    assert fresh_short.hfgnn("build", "--profile", "smoke", "--jobs", "1").returncode == 0
    assert fresh_short.results("smoke") == short_smoke.results("smoke")
    one, other = (contents(copy.root / "_build/smoke/site") for copy in (fresh_short, short_smoke))
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
