"""The environment: one lock for all systems, and set-up that is whole or not there."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import hfgnn

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKED = [
    Requirement(line) for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()
]
EXTRAS = PROJECT["optional-dependencies"]
WISHES = [*PROJECT["dependencies"], *EXTRAS["text"], *EXTRAS["cluster"], *EXTRAS["dev"]]
DECLARED = [wish for wish in map(Requirement, WISHES) if wish.name != PROJECT["name"]]
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win32": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
BOTH = [(python, system) for python in ("3.11", "3.12", "3.13") for system in SYSTEMS]


def wanted(entries: list[Requirement], python: str, system: str) -> list[Requirement]:
    """Return the entries that are meant for one Python on one system."""
    machine = {**default_environment(), **SYSTEMS[system], "python_version": python}
    machine |= {"python_full_version": f"{python}.9", "implementation_version": f"{python}.9"}
    return [entry for entry in entries if not entry.marker or entry.marker.evaluate(machine)]


def chosen(python: str, system: str) -> dict[str, list[str]]:
    """Return the versions that the lock gives for one Python on one system, by name."""
    found: dict[str, list[str]] = {}
    for entry in wanted(LOCKED, python, system):
        found.setdefault(canonicalize_name(entry.name), []).append(str(entry.specifier))
    return found


@pytest.mark.parametrize(("python", "system"), BOTH)
def test_the_lock_gives_each_dependency_one_version(python: str, system: str) -> None:
    versions = chosen(python, system)
    assert [name for name, given in versions.items() if len(given) > 1] == []
    for wish in wanted(DECLARED, python, system):
        (pinned,) = versions[canonicalize_name(wish.name)]
        assert wish.specifier.contains(pinned.removeprefix("=="))


def test_the_lock_is_pinned_and_names_no_place_and_no_build() -> None:
    for entry in LOCKED:
        assert re.fullmatch(r"==[\w.]+", str(entry.specifier)), f"{entry} has a local version"
        assert entry.url is None
        assert not re.match(r"nvidia|cuda|triton", entry.name), f"{entry} is torch's own choice"


def test_what_is_installed_is_what_is_locked() -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    versions = chosen(here, sys.platform)
    for wish in wanted(DECLARED, here, sys.platform):
        found = importlib.metadata.version(wish.name).partition("+")[0]
        assert [f"=={found}"] == versions[canonicalize_name(wish.name)], wish.name


def test_what_the_package_imports_is_declared() -> None:
    wishes = [*PROJECT["dependencies"], *EXTRAS["text"], *EXTRAS["cluster"]]  # one module each
    declared = {canonicalize_name(Requirement(wish).name) for wish in wishes}
    owners = importlib.metadata.packages_distributions()
    texts = (path.read_text("utf-8") for path in sorted((ROOT / "hfgnn").rglob("*.py")))
    lines = (re.findall(r"^\s*(?:import|from) (\w+)", text, flags=re.MULTILINE) for text in texts)
    words = {word for found in lines for word in found if word in owners and word != "hfgnn"}
    missing = [w for w in words if not {canonicalize_name(o) for o in owners[w]} & declared]
    assert {"numpy", "torch", "yaml"} <= words
    assert missing == []


def test_contributing_says_why_each_dependency() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Dependencies")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table, flags=re.MULTILINE)[1:]
    reasons = {name: reason for names, reason in rows for name in names.split(", ")}
    assert set(reasons) - {"---"} == {wish.name for wish in DECLARED}
    assert [name for name, reason in reasons.items() if name != "---" and " " not in reason] == []


def test_conda_and_binder_install_from_the_lock() -> None:
    made = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert made["channels"][0] == "conda-forge"
    python, pip, below = made["dependencies"]
    assert re.fullmatch(r"python=3\.1[123]", python)
    assert pip == "pip"
    assert below == {"pip": ["-r requirements.lock", "-e ."]}


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    first = text.partition("```bash\n")[2].partition("```")[0].splitlines()
    assert [line.split("#")[0].strip() for line in first] == ["make book", "make test"]
    assert text.index("```bash") < 40


def test_the_cell_for_colab_takes_an_address_and_installs_what_is_declared() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (cell,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert cell.startswith('REPOSITORY = "…"\n!git clone ')
    installed = re.search(r"%pip install --quiet (.+)", cell)
    assert installed is not None
    declared = {canonicalize_name(Requirement(wish).name) for wish in PROJECT["dependencies"]}
    assert set(installed.group(1).split()) <= declared


def test_the_readme_links_to_files_that_are_there() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert len(targets) >= 4
    assert [name for name in targets if not (ROOT / name).exists()] == []


def test_the_readme_shows_each_command_that_there_is() -> None:
    from hfgnn.cli import app

    known = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    known |= {str(group.name) for group in app.registered_groups}
    shown = re.findall(r"`hfgnn (\w+)", (ROOT / "README.md").read_text("utf-8"))
    assert set(shown) == known


def test_versions_agree() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == hfgnn.__version__
    assert citation["license"] == PROJECT["license"] == "MIT"


SCHEMAS = [
    (".github/workflows/book.yml", "vendor.github-workflows"),
    (".github/workflows/book.yml", "custom.github-workflows-require-timeout"),
    ("CITATION.cff", "vendor.citation-file-format"),
]


def fits(path: Path, schema: str) -> bool:
    """Return whether a file fits a schema that check-jsonschema carries with it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.parametrize(("name", "schema"), SCHEMAS)
def test_the_file_fits_its_schema(name: str, schema: str, tmp_path: Path) -> None:
    assert fits(ROOT / name, schema)
    broken = yaml.safe_load((ROOT / name).read_text("utf-8").replace("\non:", '\n"on":'))
    broken.get("jobs", broken)["extra"] = {"runs-on": "nowhere", "steps": "none"}
    (tmp_path / Path(name).name).write_text(json.dumps(broken), encoding="utf-8")
    assert not fits(tmp_path / Path(name).name, schema)


def test_the_workflow_asks_for_little_and_publishes_from_main_only() -> None:
    flow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text("utf-8"))
    assert flow["permissions"] == {"contents": "read"}
    jobs = flow["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert "refs/heads/main" in jobs["publish"]["if"]
    assert set(jobs["publish"]["needs"]) == {"test", "book"}
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    uses = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in uses)
    targets = {w for job in jobs.values() for s in job["steps"] for w in s.get("run", "").split()}
    assert {"lint", "test", "book"} <= targets


# The Makefile, with a Python that only writes down what it is asked to do.

FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
  -V) echo "Python $FAKE_VERSION" ;;
  -c*) case "$FAKE_VERSION" in 3.11.*|3.12.*|3.13.*) ;; *) exit 1 ;; esac ;;
  "-m venv"*)
    rm -rf .venv; mkdir -p .venv/bin
    cp "$0" .venv/bin/python; cp "$0" .venv/bin/hfgnn ;;
  *requirements.lock) [ -z "$FAIL" ] ;;
esac
"""


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """A folder with the Makefile and the fake Python."""
    root = tmp_path / "a book"
    (root / "bin").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    (root / "bin" / "python3").write_text(FAKE, encoding="utf-8")
    (root / "bin" / "python3").chmod(0o755)
    return root


def make(
    root: Path, *targets: str, version: str = "3.11.7", fail: str = ""
) -> tuple[int, str, list[str]]:
    """Run make there; return its exit code, its words, and what Python was asked to do."""
    log = root / "log"
    log.write_text("", encoding="utf-8")
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    env = {key: value for key, value in env.items() if key not in ("PYTHON", "JOBS", "PIP_ARGS")}
    env |= {"PATH": f"{root / 'bin'}{os.pathsep}{env['PATH']}", "LOG": str(log)}
    done = subprocess.run(
        ["make", "-C", str(root), *targets],
        env=env | {"FAKE_VERSION": version, "FAIL": fail},
        capture_output=True,
        text=True,
    )
    asked = [line for line in log.read_text("utf-8").splitlines() if not line.endswith("-V")]
    return done.returncode, done.stdout + done.stderr, asked


def test_make_book_sets_up_once(yard: Path) -> None:
    code, said, asked = make(yard, "book")
    assert code == 0, said
    assert [line.split()[0] for line in asked] == [
        "python3",
        "python3",
        "python",
        "python",
        "hfgnn",
    ]
    assert asked[-3:] == [
        "python -m pip install --quiet -r requirements.lock",
        "python -m pip install --quiet --no-deps --no-build-isolation -e .",
        "hfgnn build",
    ]
    assert make(yard, "book", "JOBS=2")[2] == ["hfgnn build --jobs 2"]
    assert make(yard, "test")[2] == ["python -m pytest"]
    assert make(yard, "test", "JOBS=2")[2] == [
        "python -m pytest -n 2 --dist loadscope --ignore tests/benchmarks",
        "python -m pytest tests/benchmarks",  # what is timed runs alone
    ]


def test_the_ways_without_make_do_what_make_does(yard: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for line in make(yard, "book")[2][-3:]:
        plain = line.replace(" --quiet", "")
        assert f"\n.venv/bin/{plain}\n" in text
        assert f"\n.venv\\Scripts\\{plain}\n" in text


def test_make_without_a_target_is_make_book(yard: Path) -> None:
    assert make(yard)[2][-1] == "hfgnn build"


def test_a_torch_for_cpus_is_the_persons_choice(yard: Path) -> None:
    asked = make(yard, "book", "PIP_ARGS=--extra-index-url there")[2]
    assert "python -m pip install --quiet --extra-index-url there -r requirements.lock" in asked


def test_a_set_up_that_failed_is_never_taken_for_a_good_one(yard: Path) -> None:
    code, _, asked = make(yard, "book", fail="yes")
    assert code != 0
    assert "hfgnn build" not in asked
    assert "python3 -m venv --clear .venv" in make(yard, "book")[2]


def test_a_new_lock_that_fails_spoils_the_set_up(yard: Path) -> None:
    make(yard, "book")
    os.utime(yard / "requirements.lock", (2e9, 2e9))
    code, _, asked = make(yard, "book", fail="yes")
    assert code != 0
    assert "python3 -m venv --clear .venv" not in asked
    assert "python3 -m venv --clear .venv" in make(yard, "book")[2]


def test_a_folder_that_moved_is_set_up_anew(yard: Path) -> None:
    make(yard, "book")
    moved = yard.rename(yard.with_name("another"))
    assert "python3 -m venv --clear .venv" in make(moved, "book")[2]


def test_another_python_is_another_set_up(yard: Path) -> None:
    make(yard, "book")
    other = yard / "bin" / "python3.12"
    other.write_text(FAKE.replace("$FAKE_VERSION", "3.12.1"), encoding="utf-8")
    other.chmod(0o755)
    assert "python3.12 -m venv --clear .venv" in make(yard, "book", "PYTHON=python3.12")[2]
    assert make(yard, "book", "PYTHON=python3.12")[2] == ["hfgnn build"]
    assert make(yard, "book")[2] == ["hfgnn build"]


@pytest.mark.parametrize(
    ("arguments", "version", "named"),
    [([], "3.10.13", "Python 3.10.13"), ([], "3.14.0", "3.14.0"), (["PYTHON=none"], "", "none")],
)
def test_a_wrong_python_is_named_with_the_rule_and_the_remedy(
    yard: Path, arguments: list[str], version: str, named: str
) -> None:
    code, said, asked = make(yard, "book", *arguments, version=version)
    assert code != 0
    assert all(part in said for part in (named, "3.11, 3.12 or 3.13", "make PYTHON="))
    assert not any("venv" in line for line in asked)


def test_clean_leaves_the_environment(yard: Path) -> None:
    make(yard, "book")
    (yard / "_build" / "site").mkdir(parents=True)
    assert make(yard, "clean")[0] == 0
    assert not (yard / "_build").exists()
    assert (yard / ".venv" / "ready").exists()


def test_what_every_change_must_pass_runs_from_anywhere(tmp_path: Path) -> None:
    root = tmp_path / "there"
    (root / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", root / ".ci")
    (root / "Makefile").write_text("lint test:\n\t@echo $@ in $(CURDIR)\nbook:\n\t@exit 3\n")
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    env = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", root / ".ci" / "run"], env=env, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"lint in {root}" in done.stdout
    assert f"test in {root}" in done.stdout
