"""The rules of the house, each one proven by planting what it forbids.

A rule takes the root of a tree and returns its complaints. It must be silent about this repository,
silent about a small clean tree, and speak when one violation is planted in that tree.
"""

import ast
import io
import re
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
Rule = Callable[[Path], list[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

TOP = {"book", "notebooks", "hfgnn", "tests", "_config.yml", "_toc.yml", "environment.yml"}
TOP |= {"README.md", "pyproject.toml", "requirements.lock", "Makefile", "CHANGELOG.md"}
TOP |= {"CONTRIBUTING.md", "LICENSE", "CITATION.cff"}
MODULE, FUNCTION = 250, 40  # lines
# Lines of code, without docstrings, comments and blank lines, of five parts that each can be read
# alone: what makes and checks a book, the simulated world, how that which the package brings along
# was made (the world's tables, the backbone's weights), what reads, judges, draws and is typed for
# every work alike, and the works that the book is about, with what answers its title from them all.
THIN = {"machinery": 3400, "world": 3150, "brought": 1200, "shared": 3300, "works": 10400}
PARTS = {"pipeline": "machinery", "ledger": "machinery", "world": "world"}
RECIPES = ("stages", "rivals", "answers", "audits", "swept")
PARTS |= dict.fromkeys((f"pipeline/{name}.py" for name in RECIPES), "works")
PARTS |= {"pipeline/profiles.py": "works"}
PARTS |= dict.fromkeys(("data", "evaluate", "plots", "cli"), "shared")
MADE = ("waves", "beats", "noise", "refit", "backbone", "reader", "attributes", "handling")
MADE += ("statements",)  # what a language model made of texts
PARTS |= dict.fromkeys((f"train/{module}.py" for module in MADE), "brought")
VAGUE = re.compile(r"(?:my_.*|.*_)?(?:utils?|misc|helpers?|base|common|tools?)")
SETTINGS = {".yml", ".yaml", ".toml", ".ini", ".cfg", ".json"}
SPEAKING = {"print", "pprint.pprint", "sys.stdout.write", "sys.stderr.write"}
MAY_SPEAK = {"hfgnn/cli/speech.py": SPEAKING}
MAY_SPEAK["hfgnn/pipeline/work.py"] = {"sys.stdout.write"}  # lines of JSON for the parent process
PICKLERS = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
NETWORK = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib3"}
NETWORK |= {"urllib.request", "websockets", "xmlrpc"}
UNIX = {"fcntl", "grp", "pwd", "resource", "termios"}
MACHINE = re.compile(
    r"(?<![\w.~}>*-])/(?:home|root|Users|work|tmp|opt|mnt|media|srv|scratch|private)/[\w.]"
    r"|\b[A-Za-z]:\\{1,2}(?:Users|Windows|Program)"
)
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pypi\.python\.org|pythonhosted\.org|download\.pytorch\.org|npmjs\.(?:org|com)"
    r"|anaconda\.(?:org|com)|deb\.debian\.org|(?:archive|ports)\.ubuntu\.com|proxy\.golang\.org)\b"
)
VENDORED = "book/_static/mathjax/"


def paths(root: Path) -> list[Path]:
    """Return the files that git keeps or would keep; in a tree without git, all of them."""
    if not (root / ".git").exists():
        return sorted(path for path in root.rglob("*") if path.is_file())
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others"]
    done = subprocess.run([*command, "--exclude-standard"], capture_output=True, check=True)
    found = (root / name for name in done.stdout.decode().split("\0") if name)
    return sorted(path for path in found if path.is_file())


def modules(root: Path, *, only: str = "hfgnn") -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each Python file below a folder."""
    for path in paths(root):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py" and name.startswith(f"{only}/" if only else ""):
            yield name, path.read_text(encoding="utf-8")


def nodes(root: Path, *, only: str = "hfgnn") -> Iterator[tuple[str, ast.AST]]:
    """Yield each node of each syntax tree, with the name of its file."""
    for name, text in modules(root, only=only):
        for node in ast.walk(ast.parse(text)):
            yield name, node


def imported(node: ast.AST) -> set[str]:
    """Return the modules that a node imports, with the packages they lie in."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom) and node.module:
        names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return {".".join(name.split(".")[:depth]) for name in names for depth in (1, 2, 3)}


def public(name: str, text: str) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Yield the public functions, classes and methods of a module."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield f"{name}: {node.name}", node
            for inner in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(inner, Function) and not inner.name.startswith("_"):
                    yield f"{name}: {node.name}.{inner.name}", inner


def the_top_level_is_fixed(root: Path) -> list[str]:
    tops = {path.relative_to(root).parts[0] for path in paths(root)}
    return [f"{name} is not part of the house" for name in tops - TOP if not name.startswith(".")]


def modules_are_short(root: Path) -> list[str]:
    sizes = {name: len(text.splitlines()) for name, text in modules(root)}
    return [f"{name}: {size} lines > {MODULE}" for name, size in sizes.items() if size > MODULE]


def functions_are_short(root: Path) -> list[str]:
    found = [(name, node) for name, node in nodes(root) if isinstance(node, Function)]
    sizes = {f"{name}: {n.name}": (n.end_lineno or 0) - n.lineno + 1 for name, n in found}
    return [f"{name}: {size} lines > {FUNCTION}" for name, size in sizes.items() if size > FUNCTION]


def _coded(text: str) -> int:
    """Count the lines that hold code: explaining costs nothing."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    silent |= {tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    held = [range(t.start[0], t.end[0] + 1) for t in tokens if t.type not in silent]
    told = [
        range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node)
    ]
    return len({n for lines in held for n in lines} - {n for lines in told for n in lines})


def the_package_is_thin(root: Path) -> list[str]:
    sizes = dict.fromkeys(THIN, 0)
    for name, text in modules(root):
        inside = name.removeprefix("hfgnn/")
        part = PARTS.get(inside) or PARTS.get(inside.split("/")[0], "works")
        sizes[part] += _coded(text)
    over = [part for part in sizes if sizes[part] > THIN[part]]
    return [f"{part}: {sizes[part]} lines of code > {THIN[part]}" for part in over]


def only_the_command_line_speaks(root: Path) -> list[str]:
    calls = [(name, node) for name, node in nodes(root) if isinstance(node, ast.Call)]
    spoken = [(n, c.lineno, ast.unparse(c.func)) for n, c in calls]
    spoken = [(n, at, word) for n, at, word in spoken if word in SPEAKING - MAY_SPEAK.get(n, set())]
    return [f"{name}:{line} {word} speaks" for name, line, word in spoken]


def names_say_something(root: Path) -> list[str]:
    parts = {part for name, _ in modules(root) for part in name.removesuffix(".py").split("/")}
    return [f"{part} says nothing of what is in it" for part in parts if VAGUE.fullmatch(part)]


def everything_public_says_what_it_is(root: Path) -> list[str]:
    found = []
    for name, text in modules(root):
        owned = [(name, ast.parse(text)), *public(name, text)]
        found += [who for who, node in owned if not (ast.get_docstring(node) or "").strip()]
    return [f"{who} has no docstring" for who in found]


def everything_public_is_typed(root: Path) -> list[str]:
    found = []
    for name, text in modules(root):
        for who, node in public(name, text):
            if isinstance(node, Function):
                a = node.args
                several = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
                bare = [x.arg for x in several if x and not x.annotation]
                bare = [arg for arg in bare if arg not in ("self", "cls")]
                found += [f"{who}({', '.join(bare)})"] if bare or not node.returns else []
    return [f"{who} is not fully typed" for who in found]


def settings_are_code(root: Path) -> list[str]:
    inside = [p.relative_to(root) for p in paths(root) if p.is_relative_to(root / "hfgnn")]
    found = [f"{p} is a file of settings" for p in inside if p.suffix in SETTINGS]
    for name, node in nodes(root):
        if isinstance(node, ast.Name | ast.FunctionDef | ast.ClassDef):
            word = node.id if isinstance(node, ast.Name) else node.name
            found += [f"{name}: {word}"] if "registry" in word.lower() else []
    return found


def nothing_is_pickled(root: Path) -> list[str]:
    found = []
    for name, node in nodes(root, only=""):
        if imported(node) & PICKLERS:
            found.append(f"{name}:{node.lineno} imports a pickler")
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            given = {k.arg: ast.unparse(k.value) for k in node.keywords}
            unsafe = given.get("allow_pickle", "False") != "False"
            unsafe &= not (name.startswith("tests/") and called == "np.save")  # to be refused
            unsafe |= called == "torch.load" and given.get("weights_only") != "True"
            unsafe |= called.rpartition(".")[2] in ("read_pickle", "to_pickle")
            found += [f"{name}:{node.lineno} {called} pickles"] if unsafe else []
    return found


def nothing_is_fetched(root: Path) -> list[str]:
    found = [*nodes(root), *nodes(root, only="notebooks")]
    return [f"{name}:{node.lineno} reaches out" for name, node in found if imported(node) & NETWORK]


def the_front_door_is_light(root: Path) -> list[str]:
    door = [(name, node) for name, node in nodes(root) if name == "hfgnn/__init__.py"]
    named = {word.partition(".")[0] for _, node in door for word in imported(node)}
    return [f"hfgnn/__init__.py imports {word}" for word in named - sys.stdlib_module_names]


def one_function_seeds_torch(root: Path) -> list[str]:
    text = dict(modules(root)).get("hfgnn/seeding.py", "")
    outside = [node for node in ast.parse(text).body if not isinstance(node, Function)]
    heavy = [node for top in outside for node in ast.walk(top) if "torch" in imported(node)]
    functions = [node for node in ast.parse(text).body if isinstance(node, Function)]
    asking = [f.name for f in functions if any("torch" in imported(n) for n in ast.walk(f))]
    found = [f"hfgnn/seeding.py:{n.lineno} asks for torch outside a function" for n in heavy]
    return found + [f"hfgnn/seeding.py: {name} asks for torch, too" for name in asking[1:]]


def it_runs_on_every_system(root: Path) -> list[str]:
    found = []
    for name, text in modules(root):
        tops = [node for node in ast.parse(text).body if imported(node) & UNIX]
        found += [f"{name}:{node.lineno} can be imported on Unix only" for node in tops]
    return found


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    for path in paths(root):
        name, raw = path.relative_to(root).as_posix(), path.read_bytes()
        if not name.startswith(VENDORED) and b"\0" not in raw[:8000]:
            yield name, raw.decode("utf-8")


def _mentions(root: Path, pattern: re.Pattern[str]) -> list[str]:
    found = [(name, pattern.search(text)) for name, text in _texts(root)]
    return [f"{name}: {match.group()}" for name, match in found if match]


def no_file_knows_a_machine(root: Path) -> list[str]:
    return _mentions(root, MACHINE)


def no_file_names_a_registry(root: Path) -> list[str]:
    return _mentions(root, REGISTRY)


def _complaints(command: list[str], root: Path) -> list[str]:
    done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def ruff_is_content(root: Path) -> list[str]:
    return _complaints(
        ["-m", "ruff", "check", "--no-cache", "--output-format", "concise", "."], root
    )


def ruff_would_format_nothing(root: Path) -> list[str]:
    return _complaints(["-m", "ruff", "format", "--no-cache", "--check", "."], root)


def mypy_is_content(root: Path) -> list[str]:
    known = ROOT / ".mypy_cache"  # of other packages above all, which take minutes to read
    return _complaints(["-m", "mypy", "--no-error-summary", f"--cache-dir={known}"], root)


def imports_point_down(root: Path) -> list[str]:
    start = "from importlinter.cli import lint_imports_command as run; run()"
    return _complaints(["-c", start, "--no-cache", "--no-logo"], root)


CLEAN = {
    "hfgnn/__init__.py": '"""The whole."""\n\n__version__ = "1"\n',
    "hfgnn/cli/__init__.py": '"""It speaks."""\n\nimport typer\n\napp = typer.Typer()\n',
    "hfgnn/seeding.py": '"""Numbers."""\n\n\ndef seed_torch() -> None:\n    """Start."""\n'
    "    import torch\n\n    torch.manual_seed(1)\n",
    "hfgnn/evaluate/__init__.py": '"""Scores."""\n',
    "hfgnn/ledger/__init__.py": '"""Claims."""\n',
    "hfgnn/pipeline/__init__.py": '"""Roads."""\n',
    "hfgnn/pipeline/chapters.py": '"""Chapters."""\n\nimport papermill\n\nrun = papermill.run\n',
    "hfgnn/world/__init__.py": '"""Hearts."""\n',
}
SAID = '"""Says what it is."""\n'
DEF = f"{SAID}\n\ndef beat(rate: int) -> int:\n    "

PLANTED: list[tuple[Rule, str, str]] = [
    (the_top_level_is_fixed, "results.csv", "a,b\n"),
    (the_top_level_is_fixed, "scripts/run.py", SAID),
    (modules_are_short, "hfgnn/world/long.py", SAID + "x = 1\n" * 250),
    (functions_are_short, "hfgnn/world/long.py", DEF + "rate += 1\n    " * 40 + "return rate\n"),
    (the_package_is_thin, "hfgnn/models/long.py", "x = 1\n" * 10401),
    (the_package_is_thin, "hfgnn/train/waves.py", "x = 1\n" * 1201),
    (the_package_is_thin, "hfgnn/plots/long.py", "x = 1\n" * 3301),
    (the_package_is_thin, "hfgnn/world/long.py", "x = 1\n" * 3151),
    (the_package_is_thin, "hfgnn/ledger/long.py", "x = 1  # one\n\n" * 3401),
    (only_the_command_line_speaks, "hfgnn/world/loud.py", DEF + "print(rate)\n"),
    (only_the_command_line_speaks, "hfgnn/world/loud.py", "import sys\nsys.stdout.write('a')\n"),
    (only_the_command_line_speaks, "hfgnn/pipeline/work.py", DEF + "print(rate)\n"),
    (names_say_something, "hfgnn/world/utils.py", SAID),
    (names_say_something, "hfgnn/world/ecg_helpers.py", SAID),
    (names_say_something, "hfgnn/misc/beat.py", SAID),
    (everything_public_says_what_it_is, "hfgnn/world/mute.py", "x = 1\n"),
    (everything_public_says_what_it_is, "hfgnn/world/mute.py", DEF + "return 1\n"),
    (everything_public_says_what_it_is, "hfgnn/world/mute.py", SAID + "class Heart:\n    x = 1\n"),
    (everything_public_is_typed, "hfgnn/world/bare.py", "def beat(rate) -> int:\n    return 1\n"),
    (everything_public_is_typed, "hfgnn/world/bare.py", "def beat(rate: int):\n    return 1\n"),
    (everything_public_is_typed, "hfgnn/world/bare.py", "def beat(*rates) -> None:\n    pass\n"),
    (settings_are_code, "hfgnn/world/settings.yml", "rate: 60\n"),
    (settings_are_code, "hfgnn/world/models.py", "MODEL_REGISTRY = {}\n"),
    (nothing_is_pickled, "hfgnn/world/store.py", "import pickle\n"),
    (nothing_is_pickled, "tests/test_store.py", "from joblib import dump\n"),
    (nothing_is_pickled, "hfgnn/world/store.py", "a = np.load('a', allow_pickle=True)\n"),
    (nothing_is_pickled, "notebooks/01_a.py", "a = torch.load('a')\n"),
    (nothing_is_pickled, "hfgnn/world/store.py", "a = torch.load('a', weights_only=False)\n"),
    (nothing_is_pickled, "hfgnn/world/store.py", "frame.to_pickle('a')\n"),
    (nothing_is_fetched, "hfgnn/world/web.py", "import requests\n"),
    (nothing_is_fetched, "hfgnn/world/web.py", "from urllib.request import urlopen\n"),
    (nothing_is_fetched, "hfgnn/world/web.py", "from urllib import request\n"),
    (nothing_is_fetched, "notebooks/01_a.py", "import http.client\n"),
    (the_front_door_is_light, "hfgnn/__init__.py", "import numpy\n"),
    (the_front_door_is_light, "hfgnn/__init__.py", "from hfgnn.world import heart\n"),
    (one_function_seeds_torch, "hfgnn/seeding.py", "import torch\n"),
    (
        one_function_seeds_torch,
        "hfgnn/seeding.py",
        "def a() -> None:\n    import torch\n\n\ndef b() -> None:\n    from torch import rand\n",
    ),
    (it_runs_on_every_system, "hfgnn/world/memory.py", "import resource\n"),
    (no_file_knows_a_machine, "book/page.md", "It lies in " + "/home" + "/ada/book.\n"),
    (no_file_knows_a_machine, "hfgnn/world/place.py", 'WHERE = "' + "/tmp" + '/heart"\n'),
    (no_file_knows_a_machine, "README.md", "C:" + "\\Users\\ada\n"),
    (no_file_names_a_registry, "README.md", "--index-url https://download." + "pytorch.org/whl\n"),
    (no_file_names_a_registry, "requirements.lock", "--index-url https://pypi" + ".org/simple\n"),
    (ruff_is_content, "hfgnn/world/lint.py", SAID + "\nimport os\n"),
    (ruff_is_content, "tests/test_lint.py", "import numpy as np\n\nnp.random.seed(1)\n"),
    (ruff_would_format_nothing, "hfgnn/world/form.py", SAID + "x = { 'a' : 1 }\n"),
    (mypy_is_content, "hfgnn/world/types.py", DEF + 'return "sixty"\n'),
    (imports_point_down, "hfgnn/attic/__init__.py", SAID),
    (imports_point_down, "hfgnn/world/up.py", "import hfgnn.pipeline\n"),
    (imports_point_down, "hfgnn/world/across.py", "import hfgnn.ledger\n"),
    (imports_point_down, "hfgnn/seeding.py", "import hfgnn.world\n"),
    (imports_point_down, "hfgnn/world/heavy.py", "import torch\n"),
    (imports_point_down, "hfgnn/pipeline/heavy.py", "from torch import nn\n"),
    (imports_point_down, "hfgnn/models/sight.py", "import torchvision\n"),
    (imports_point_down, "hfgnn/models/speech.py", "import transformers\n"),
    (imports_point_down, "hfgnn/train/statements.py", "import huggingface_hub\n"),
    (imports_point_down, "hfgnn/pipeline/pairs.py", "import jupytext\n"),
    (imports_point_down, "hfgnn/train/records.py", "import wfdb\n"),
    (imports_point_down, "hfgnn/pipeline/words.py", "import typer\n"),
    (imports_point_down, "hfgnn/ledger/sums.py", "from scipy import stats\n"),
    (imports_point_down, "hfgnn/evaluate/draw.py", "import matplotlib.pyplot\n"),
    (imports_point_down, "hfgnn/__init__.py", "import numpy\n"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))


def planted(root: Path, files: dict[str, str]) -> Path:
    """Lay out a small tree with this repository's settings."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for folder in {(root / name).parent for name in files if name.startswith("hfgnn/")}:
        if not (folder / "__init__.py").exists():
            (folder / "__init__.py").write_text('"""A room."""\n', encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_this_repository_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_has_nothing_against_a_clean_tree(rule: Rule, tmp_path: Path) -> None:
    assert rule(planted(tmp_path, CLEAN)) == []


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_the_rule_finds_what_it_forbids(rule: Rule, name: str, text: str, tmp_path: Path) -> None:
    assert rule(planted(tmp_path, CLEAN | {name: text})) != []


def test_every_rule_of_this_page_is_proven() -> None:
    page = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    rules = [n.name for n in page.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
    stated = {n for n in rules if list(globals()[n].__annotations__) == ["root", "return"]}
    stated = {n for n in stated if globals()[n].__annotations__["return"] == list[str]}
    assert stated == {rule.__name__ for rule in RULES}
