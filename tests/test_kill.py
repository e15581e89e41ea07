"""Kill it, start two at once, interrupt it, corrupt its store: the next build is right."""

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
def smoke_results(built_smoke: Copy) -> dict[str, bytes]:
    """Return what an undisturbed smoke build records."""
    return built_smoke.results("smoke")


@pytest.mark.slow
def test_killed_twenty_times_at_random_moments(
    fresh: Copy, smoke_results: dict[str, bytes], killing: Kill
) -> None:
    """Each time with nothing made yet, or with whatever the killed builds before have left."""
    moments = np.random.default_rng(11).uniform(0.5, 9.0, size=20)
    killed = 0
    for number, moment in enumerate(moments):
        if number % 4 == 0:
            fresh.hfgnn("clean", "--all")
        process = fresh.start("build", "--profile", "smoke", "--jobs", "2")
        time.sleep(moment)
        killed += process.poll() is None
        killing(process)
        entries = [path for path in store(fresh).glob("[!.]*") if path.is_dir()]
        assert all((entry / "manifest.json").is_file() for entry in entries), "a half entry"
    assert killed >= 10, "the moments must fall into the build"
    done = fresh.hfgnn("build", "--profile", "smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert fresh.results("smoke") == smoke_results
    assert not list(store(fresh).glob(".draft-*"))


def store(copy: Copy) -> Path:
    """Return the store of the copy's smoke builds."""
    return copy.root / "_build" / "smoke" / "store"


def test_two_builds_at_once_end_well(fresh: Copy, smoke_results: dict[str, bytes]) -> None:
    both = [fresh.start("build", "--profile", "smoke") for _ in range(2)]
    told = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(told)
    assert fresh.results("smoke") == smoke_results


def test_ctrl_c_leaves_nothing_broken(fresh: Copy, smoke_results: dict[str, bytes]) -> None:
    process = fresh.start("build", "--profile", "smoke")
    time.sleep(4)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert time.monotonic() - started < 10
    assert "Traceback" not in said
    assert fresh.hfgnn("build", "--profile", "smoke").returncode == 0
    assert fresh.results("smoke") == smoke_results


@pytest.mark.parametrize("how", ["flip", "cut", "empty", "lose", "nonsense"])
def test_a_corrupt_store_entry_is_made_anew(
    built_smoke_copy: Copy, smoke_results: dict[str, bytes], how: str
) -> None:
    for entry in sorted(path for path in store(built_smoke_copy).iterdir() if path.is_dir()):
        for file in sorted(path for path in entry.rglob("*") if path.is_file())[::3]:
            spoil(file, how)
    (built_smoke_copy.root / "_build/smoke/results/03_clinical/claims.json").unlink()
    done = built_smoke_copy.hfgnn("build", "--profile", "smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert built_smoke_copy.results("smoke") == smoke_results


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


def test_jobs_do_not_change_a_byte(built_smoke: Copy, fresh: Copy) -> None:
    assert fresh.hfgnn("build", "--profile", "smoke", "--jobs", "1").returncode == 0
    assert fresh.results("smoke") == built_smoke.results("smoke")
    one, other = (contents(copy.root / "_build/smoke/site") for copy in (fresh, built_smoke))
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
