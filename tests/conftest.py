"""What several tests need: the repository, copies of it to break, and one built book."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from hfgnn.pipeline.key import CPU_VARIABLE, cpu_capability
from tests.short import shorten

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
if "PYTEST_XDIST_WORKER" in os.environ:  # several processes: one thread each, or all wait in turns
    os.environ |= dict.fromkeys(THREADS, "1")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SOURCES = ("hfgnn", "notebooks", "book", "_config.yml", "_toc.yml", "requirements.lock")


# Files whose tests share a built book, and so a process where several run at a time. They take
# longest, so they begin first: at the end no process waits for another one.
TOGETHER = {
    "tests/test_site.py": "built",
    "tests/test_whole.py": "built",
    "tests/test_predict.py": "built",
    "tests/test_red.py": "short",
    "tests/test_rebuild.py": "short",
    "tests/test_bad_input.py": "short",
    "tests/test_kill.py": "killed",
    "tests/test_chapters.py": "smoke",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of TOGETHER before all others, where several processes share the work."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        order = list(TOGETHER)
        places = {item.nodeid: item.nodeid.partition("::")[0] for item in items}
        items.sort(key=lambda item: [*order, places[item.nodeid]].index(places[item.nodeid]))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Deal tests to processes by file, and some files together; the order is that of TOGETHER."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # it would put the files of most tests first

    class ByBook(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return TOGETHER.get(file, file)

    return ByBook(config, log)


@dataclass(frozen=True)
class Copy:
    """A copy of the repository that a test may break, with its own package and builds."""

    root: Path
    said: str = ""  # by the command that built it

    @property
    def environment(self) -> dict[str, str]:
        """The copy's package comes first; torch is asked for the processor's kind once for all."""
        asked = {CPU_VARIABLE: cpu_capability()}
        return os.environ | asked | {"PYTHONPATH": str(self.root), "NO_COLOR": "1", "CI": "true"}

    def hfgnn(self, *arguments: str, timeout: float = 3_000) -> subprocess.CompletedProcess[str]:
        """Run a command of the copy to its end."""
        command = [sys.executable, "-m", "hfgnn.cli", *arguments]
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of the copy in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "hfgnn.cli", *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that must be there, once."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def results(self, profile: str = "book") -> dict[str, bytes]:
        """Return the bytes of every results file of the latest build."""
        build = self.root / "_build" / ("" if profile == "book" else profile)
        return contents(build / "results")

    def site(self) -> dict[str, bytes]:
        """Return the bytes of every file of the site."""
        return contents(self.root / "_build" / "site")


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder, by its path in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(files)}


def copied(target: Path, *, build: Path | None = None) -> Copy:
    """Copy the repository's sources to a folder, with a finished build if one is given."""
    target.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            # With what Python has compiled: it is valid where the sources are of the same time.
            ignored = shutil.ignore_patterns(".ipynb_checkpoints")
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy2(source, target / name)
    if build is not None:
        shutil.copytree(build, target / "_build")
    return Copy(target)


def shortened(target: Path, *, build: Path | None = None) -> Copy:
    """Copy the sources with one chapter only, with a finished build if one is given."""
    copy = copied(target, build=build)
    shorten(copy.root)
    return copy


def whole(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a build said, if it went well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy of the repository with the whole book built; do not change it.

    It takes minutes, so what is made is kept in the repository's own store: `make book` and the
    next tests find it there, by its contents, as these tests find what `make book` has made.
    """
    copy = copied(tmp_path_factory.mktemp("built") / "hfgnn")
    kept_by_all(copy.root / "_build")
    whole(copy.hfgnn("build"))
    return copy


def kept_by_all(build: Path) -> None:
    """Let a build take from the repository's own store, and keep there what it makes."""
    build.mkdir(parents=True)
    for name in ("store", "locks"):
        (ROOT / "_build" / name).mkdir(parents=True, exist_ok=True)
        (build / name).symlink_to(ROOT / "_build" / name)


@pytest.fixture(scope="session")
def built_smoke(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy whose smoke profile was built; do not change it."""
    copy = copied(tmp_path_factory.mktemp("smoke") / "hfgnn")
    kept_by_all(copy.root / "_build" / "smoke")
    return Copy(copy.root, whole(copy.hfgnn("build", "--profile", "smoke", "--jobs", "2")))


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy with one chapter only, built from nothing; do not change it."""
    copy = shortened(tmp_path_factory.mktemp("short") / "hfgnn")
    whole(copy.hfgnn("build"))
    return copy


@pytest.fixture(scope="session")
def short_smoke(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy with one chapter only, its smoke profile built undisturbed."""
    copy = shortened(tmp_path_factory.mktemp("short_smoke") / "hfgnn")
    whole(copy.hfgnn("build", "--profile", "smoke", "--jobs", "2"))
    return copy


@pytest.fixture(scope="session")
def reseeded(short: Copy, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy of the short book whose chapter was run with seed 7; do not change it."""
    copy = shortened(tmp_path_factory.mktemp("reseeded") / "hfgnn", build=short.root / "_build")
    done = copy.hfgnn("run", "03", "-p", "seed=7")
    assert done.returncode == 1, "other draws give other numbers"
    return copy


@pytest.fixture(scope="session")
def site(built: Copy) -> Path:
    """Return the built site."""
    return built.root / "_build" / "site"


@pytest.fixture
def fresh(tmp_path: Path) -> Copy:
    """Return a copy without a build."""
    return copied(tmp_path / "hfgnn")


@pytest.fixture
def fresh_short(tmp_path: Path) -> Copy:
    """Return a copy with one chapter only, without a build."""
    return shortened(tmp_path / "hfgnn")


@pytest.fixture
def breakable(short: Copy, tmp_path: Path) -> Copy:
    """Return a copy with one chapter only and a finished build, to break."""
    return shortened(tmp_path / "hfgnn", build=short.root / "_build")


@pytest.fixture
def breakable_smoke(short_smoke: Copy, tmp_path: Path) -> Copy:
    """Return the same of the smoke profile."""
    return shortened(tmp_path / "hfgnn", build=short_smoke.root / "_build")


@pytest.fixture
def breakable_whole(built: Copy, tmp_path: Path) -> Copy:
    """Return a copy of the whole book with a finished build, to break."""
    return copied(tmp_path / "hfgnn", build=built.root / "_build")


@pytest.fixture
def killing() -> Callable[[subprocess.Popen[str]], None]:
    """Return a function that kills a process and all its children at once."""

    def kill(process: subprocess.Popen[str]) -> None:
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    return kill


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real public data, if this machine has it."""
    folder = Path(os.environ.get("HFGNN_DATA") or SHARED / "data")
    if not (folder / "ptb-xl-400").is_dir():
        pytest.skip(f"no real records in {folder}: set HFGNN_DATA to a folder that has them")
    return folder


@pytest.fixture(scope="session")
def measuring_tool() -> ModuleType:
    """Return the independent program that measures ECGs, if it lies beside this repository."""
    path = SHARED / "tools" / "ecg_features.py"
    if not path.is_file():
        pytest.skip(f"no {path}: the independent measuring program is not here")
    spec = importlib.util.spec_from_file_location("ecg_features", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
