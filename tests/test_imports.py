"""The order of imports, from the code itself: imports inside functions and for type checking count as well."""

import ast
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.database_neutral
ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "articles", "config", "forum")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
# Top down; the packages of one rung do not know each other.
RUNGS = [rung.split(" | ") for rung in next(c["layers"] for c in CONTRACTS if c["type"] == "layers")]
RUNG_OF = {package: number for number, rung in enumerate(RUNGS) for package in rung}
# An arrow: who imports, what, and where that stands.
Arrow = tuple[str, str, str]


def modules() -> dict[str, Path]:
    """Return every module of the site by its dotted name; empty packages are only folders."""
    found = {}
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        found[name.removesuffix(".__init__")] = path
    return found


def arrows(*, types: bool = True) -> list[Arrow]:
    """Return every import of one of the site's modules by another, wherever in the file; `types`: those for types, too."""
    known = modules()
    found = []
    for name, path in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree if types else WithoutTypes().visit(tree)):
            for wanted in imported(node):
                target = wanted if wanted in known else wanted.rpartition(".")[0]
                if target in known and target != name:
                    found.append((name, target, f"{path.relative_to(ROOT)}:{node.lineno}"))  # type: ignore[attr-defined] # a statement
    return found


class WithoutTypes(ast.NodeTransformer):
    """Takes out what stands under `if TYPE_CHECKING`."""

    def visit_If(self, node: ast.If) -> ast.If | None:
        """Drop the block, keep any other condition."""
        return None if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" else node


def imported(node: ast.AST) -> list[str]:
    """Return the dotted names that a statement imports; relative imports are not used here."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert not node.level, "write imports in full"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def package_of(module: str) -> str:
    """Return the package of the contract in which a module stands; empty when it stands on no rung."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in RUNG_OF), "")


def test_every_module_stands_on_a_rung() -> None:
    assert len(modules()) > 250
    assert not [name for name in modules() if not package_of(name) and name != "forum"]


def test_no_import_runs_upwards_or_sideways() -> None:
    crossing = [(package_of(a), package_of(b), where) for a, b, where in arrows() if package_of(a) != package_of(b)]
    assert len(crossing) > 500
    assert not [found for found in crossing if RUNG_OF[found[0]] >= RUNG_OF[found[1]]]


def test_no_two_packages_import_each_other() -> None:
    pairs = {(package_of(a), package_of(b)) for a, b, _where in arrows()}
    assert not [(a, b) for a, b in pairs if a < b and (b, a) in pairs]


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Also none over several files: what is left when whatever imports nothing of the rest is taken away.

    Two models that refer to each other may name each other's types.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for name, target, _where in arrows(types=False):
        wanted[name].add(target)
    left = dict(wanted)
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    assert not left


def test_an_import_that_runs_upwards_would_be_noticed() -> None:
    tree = ast.parse("def late():\n    from forum.views.shared import forms\n")
    (found,) = [name for node in ast.walk(tree) for name in imported(node)]
    assert package_of(found) == "forum.views"
    assert RUNG_OF["forum.posts"] >= RUNG_OF[package_of(found)]
