"""Work is done in one environment, and what goes wrong is said in a sentence."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from hfgnn.pipeline import worker
from hfgnn.pipeline.places import BuildError, Places
from hfgnn.pipeline.work import SLOW, Step, Task
from hfgnn.pipeline.worker import Crew, environment, stop_all

T = TypeVar("T")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def task(**changed: object) -> Task:
    usual = {"kind": "chapter", "name": "01_small", "profile": "smoke", "seed": 7}
    return Task(**(usual | {"entry": "01_small-0123"} | changed))  # type: ignore[arg-type]


def perform(one: Task, here: Places, step: Step = lambda done, of: None) -> float:
    """Do a task with a crew that is there for it alone."""
    crew = Crew(here)
    try:
        return crew.perform(one, step)
    finally:
        crew.close()


def test_the_threads_are_those_that_were_declared(
    here: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in THREADS:
        monkeypatch.setenv(name, "64")
    for threads in (1, 2):
        given = environment(here, threads)
        assert {given[name] for name in THREADS} == {str(threads)}


def test_nothing_personal_leaks_in(here: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    before = environment(here, 1)
    personal = {
        "MATPLOTLIBRC": "/elsewhere/me/loud.rc",
        "MPLCONFIGDIR": "/elsewhere/me/mpl",
        "MPLBACKEND": "tkagg",
        "PYTHONSTARTUP": "/elsewhere/me/start.py",
        "PYTHONHASHSEED": "4711",
        "IPYTHONDIR": "/elsewhere/me/ipython",
        "SOURCE_DATE_EPOCH": "1",
        "TZ": "Asia/Tokyo",
        "TQDM_DISABLE": "0",
        "JUPYTER_PREFER_ENV_PATH": "0",
        "PYTHONUTF8": "0",
    }
    for name, value in personal.items():
        monkeypatch.setenv(name, value)
    after = environment(here, 1)
    assert after == before
    assert not {"/elsewhere/me"} & set(after.values())
    assert after["MPLCONFIGDIR"].startswith(str(here.root))


def test_the_repository_s_package_comes_first(
    here: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["/one", "/two"]))
    assert environment(here, 1)["PYTHONPATH"].split(os.pathsep) == [str(here.root), "/one", "/two"]
    monkeypatch.delenv("PYTHONPATH")
    assert environment(here, 1)["PYTHONPATH"] == str(here.root)


def test_a_child_sees_the_environment(here: Places) -> None:
    names = "'TZ', 'OMP_NUM_THREADS', 'HFGNN_BUILD'"
    ask = (
        "import json, os, matplotlib\n"
        f"print(json.dumps([matplotlib.get_backend(), *map(os.environ.get, ({names}))]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", ask], env=environment(here, 2), capture_output=True, check=True
    )
    assert json.loads(said.stdout) == ["agg", "UTC", "2", str(here.build)]


def test_a_fault_comes_back_in_its_own_words(here: Places) -> None:
    with pytest.raises(BuildError, match="has no parameter 'sead'; it has profile = 'smoke'"):
        perform(task(parameters={"sead": 7}), here)
    with pytest.raises(BuildError, match=r"^stage 'gone' is not known"):
        perform(task(kind="stage", name="gone"), here)
    assert not [path for path in (here.build / "costs").iterdir() if path.suffix == ".stderr"]


def test_what_breaks_unexpectedly_is_shown_with_its_end(here: Places) -> None:
    here.lock.unlink()
    with pytest.raises(BuildError, match=r"(?s)chapter 01_small failed:.*requirements\.lock"):
        perform(task(), here)


def test_a_script_that_is_not_utf8_is_named(here: Places) -> None:
    (here.notebooks / "01_small.py").write_bytes(b"# \xff not utf-8\n")
    with pytest.raises(BuildError, match=r"notebooks/01_small\.py is not UTF-8 text"):
        perform(task(), here)


def test_a_killed_child_is_named_with_its_signal(
    here: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = here.root / "sh"
    script.write_text("#!/bin/sh\nkill -9 $$\n")
    script.chmod(0o755)
    monkeypatch.setattr(worker.sys, "executable", str(script))
    with pytest.raises(BuildError, match=f"was killed by signal {int(signal.SIGKILL)}; run the"):
        perform(task(), here)


def test_what_a_child_reports_is_heard_and_what_it_prints_is_not(
    here: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = here.root / "child"
    script.write_text(
        "#!/bin/sh\n"
        "echo hello; echo 7; echo '[1]'; echo '{\"half\":'\n"
        'echo \'{"step": 1, "of": 3}\'; echo noise; echo \'{"step": 2, "of": 3}\'\n'
    )
    script.chmod(0o755)
    monkeypatch.setattr(worker.sys, "executable", str(script))
    heard: list[tuple[int, int]] = []
    seconds = perform(task(), here, lambda done, of: heard.append((done, of)))
    assert heard == [(1, 3), (2, 3)]
    assert 0 <= seconds < 60


def test_children_can_be_ended(here: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    script = here.root / "sleeper"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr(worker.sys, "executable", str(script))
    failed: list[BuildError] = []

    def wait() -> None:
        try:
            perform(task(), here)
        except BuildError as error:
            failed.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    deadline = time.monotonic() + 30
    while not worker._running and time.monotonic() < deadline:
        time.sleep(0.01)
    stop_all()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert "was killed by signal 15" in str(failed[0])
    assert not worker._running


def test_a_chapter_made_by_a_child_is_in_the_store_with_its_cost(here: Places) -> None:
    steps: list[tuple[int, int]] = []
    seconds = perform(task(), here, lambda done, of: steps.append((done, of)))
    (cost,) = (here.build / "costs").glob("*.json")
    held = json.loads(cost.read_text())
    assert cost.name == "01_small-0123.json"
    assert 0 < held["seconds"] <= seconds + 0.01
    assert 20 < held["megabytes"] < 4000
    assert steps == [(0, 4), (1, 4), (2, 4), (3, 4)]
    (made,) = here.store.iterdir()
    assert made.name.startswith("01_small-")
    assert Path(made / "results" / "claims.json").is_file()


@pytest.fixture
def crew(here: Places) -> Iterator[Crew]:
    found = Crew(here)
    yield found
    found.close()


def stage(name: str) -> Task:
    return task(kind="stage", name=name, entry=f"{name}-0123")


@pytest.mark.skipif(not worker.CAN_FORK, reason="processes are not forked here")
def test_one_process_forks_for_each_task_and_has_no_threads_when_it_does(
    here: Places, crew: Crew
) -> None:
    crew.perform(stage("clinical.ceiling"))
    assert "sklearn.ensemble" not in crew.common, "nothing is imported before it was needed"
    crew.perform(stage("clinical.sampled"))
    assert {"sklearn.ensemble", "sklearn.pipeline"} <= crew.common <= set(SLOW)
    (one,) = crew.idle[1]
    crew.perform(stage("clinical.rivals"))
    assert crew.idle[1] == [one]
    threads = Path(f"/proc/{one.child.pid}/task").glob("*/comm")
    names = [path.read_text().strip() for path in threads]
    assert len(names) - names.count("jemalloc_bg_thd") == 1, "only that allocator minds forks"
    loaded = Path(f"/proc/{one.child.pid}/maps").read_text()
    assert "sklearn" in loaded, "it keeps ready what the tasks have needed"


@pytest.mark.skipif(not worker.CAN_FORK, reason="processes are not forked here")
def test_a_fork_makes_the_same_bytes_as_a_process_of_its_own(here: Places, crew: Crew) -> None:
    kept = []
    for _ in range(2):  # the second time in a process that has imported what the first needed
        crew.perform(stage("clinical.rivals"))
        (folder,) = here.store.glob("clinical.rivals-*")
        kept.append({path.name: path.read_bytes() for path in folder.iterdir()})
        shutil.rmtree(folder)
    perform(stage("clinical.rivals"), here)
    (folder,) = here.store.glob("clinical.rivals-*")
    kept.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert kept[0] == kept[1] == kept[2]


def test_after_a_fault_the_next_task_is_done(here: Places, crew: Crew) -> None:
    with pytest.raises(BuildError, match=r"^stage 'gone' is not known"):
        crew.perform(stage("gone"))
    crew.perform(stage("clinical.ceiling"))
    assert list(here.store.glob("clinical.ceiling-*"))


@pytest.mark.skipif(not worker.CAN_FORK, reason="processes are not forked here")
def test_a_killed_fork_ends_alone_and_an_ended_worker_takes_its_fork_along(
    here: Places, crew: Crew
) -> None:
    for kill, code in ((fork_of, signal.SIGKILL), (lambda pid: pid, signal.SIGTERM)):
        failed: list[BuildError] = []

        def work(failed: list[BuildError] = failed) -> None:
            try:
                crew.perform(stage("data.ceilings"))
            except BuildError as error:
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        fork = until(lambda: worker._running and fork_of(next(iter(worker._running)).pid))
        os.kill(kill(next(iter(worker._running)).pid), code)
        thread.join(timeout=30)
        assert f"was killed by signal {int(code)}" in str(failed[0])
        until(lambda fork=fork: not Path(f"/proc/{fork}").exists())
    assert not crew.idle[1]


def fork_of(pid: int) -> int:
    """Return the child of a process, or 0."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else 0


def until(found: Callable[[], T]) -> T:
    """Wait for something, half a minute at most."""
    deadline = time.monotonic() + 30
    while not (said := found()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said
    return said
