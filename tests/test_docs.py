"""What the documents say is so: links lead somewhere, files and commands exist, tables agree with the code."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from forum.management.commands import demo_people
from forum.models import Delivery, Subscription
from forum.notifications.events import EVENTS
from forum.states import MOVES, Move, State

pytestmark = pytest.mark.database_neutral
ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "articles", "config", "forum")
MAPPED = {*APPS, "templates", "static", "tests", "script", "benchmarks"}
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
DOCUMENTS = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
OUTSIDE = ("http://", "https://", "mailto:")


def document(name: str) -> str:
    """Return the text of one document."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return what stands under a heading, to the next one of the same or a higher level."""
    level = re.escape(heading.split(" ")[0])
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level.count('#')}}} |\Z)", document(name), re.M | re.S)
    assert found, f"{name} has no heading {heading!r}"
    return found[1]


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables in a text, without headings and rules."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        rule_follows = number + 1 < len(lines) and lines[number + 1].startswith("|--")
        if line.startswith("|") and not line.startswith("|--") and not rule_follows:
            yield [cell.strip() for cell in line.strip("|").split("|")]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if target.startswith(OUTSIDE):
            continue
        name, _, anchor = target.partition("#")
        goal = (path.parent / name).resolve() if name else path
        assert goal.exists(), f"{path.name} links to {target}"
        assert not anchor or anchor in anchors(goal), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_exist(path: Path) -> None:
    """Doors can be run, options are known to some door, management commands are known to Django."""
    text = path.read_text(encoding="utf-8")
    for door in re.findall(r"(?<![\w/.])(script/[a-z]+|\.ci/run)(?![\w/.])", text):
        assert os.access(ROOT / door, os.X_OK), f"{path.name} names {door}"
    for command in re.findall(r"manage\.py ([a-z_]+)", text):
        assert command in get_commands(), f"{path.name} names manage.py {command}"
    programs = [*(ROOT / "script" / "lib").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
    known = "".join(file.read_text(encoding="utf-8") for file in programs)
    for call in re.findall(r"(?:script/[a-z]+)((?: --[a-z-]+(?: \w+)?)+)", text):
        for option in re.findall(r"--[a-z-]+", call):
            assert f'"{option}"' in known, f"{path.name} names {option}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_speaks_of_one_machine(path: Path) -> None:
    assert not re.findall(r"(?:^|[\s`(])/(?:home|root|tmp|work|Users)/\S*", path.read_text(encoding="utf-8"))


def test_docs_are_short() -> None:
    """Longer ones are not read; docs/structure.md has 1,500 words of these."""
    words = {path.name: len(path.read_text(encoding="utf-8").split()) for path in (ROOT / "docs").glob("*.md")}
    assert sum(words.values()) <= 14_000, words


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])
def test_paths_named_for_contributors_exist(name: str) -> None:
    """Paths from the root of the checkout, up to a placeholder (<kind>); of files without a folder, one of that name."""
    found = CODE.findall(document(name))
    paths = [text.split("<")[0] for text in found if re.fullmatch(r"[\w.][\w./-]*/[\w./<>-]*", text)]
    files = [text for text in found if re.fullmatch(r"[\w-]+\.(?:py|md|txt|html|toml)", text)]
    assert paths and files
    assert not [path for path in paths if not (ROOT / path).exists()]
    places = [ROOT / folder for folder in (*APPS, "templates", "tests")]
    assert not [file for file in files if not (ROOT / file).exists() and not any(any(p.rglob(file)) for p in places)]


def test_pre_commit_and_ci_call_the_scripts() -> None:
    """Read as text: no YAML package is among the requirements."""
    hook = document(".pre-commit-config.yaml")
    assert re.search(r"^ +entry: script/lint\n +language: system\n +pass_filenames: false$", hook, re.M)
    workflow = document(".github/workflows/ci.yml")
    assert re.search(r"^ +- run: \.ci/run$", workflow, re.M)
    assert re.search(r"^permissions:\n  contents: read$", workflow, re.M)
    assert re.search(r"^ +timeout-minutes: 30$", workflow, re.M)


def test_readme_names_the_demo_people() -> None:
    readme = document("README.md")
    assert set(re.findall(r"`([a-z0-9]+)@example\.org`", readme)) == {
        label for label, _name, _groups in demo_people.PEOPLE
    }
    assert f"`{demo_people.PASSWORD}`" in readme


def test_readme_begins_with_what_the_site_is_how_it_looks_and_two_commands() -> None:
    """All on the first screen."""
    first = document("README.md").splitlines()[:20]
    assert sum(line.startswith("![") for line in first) == 1
    assert [line.split()[0] for line in first if line.startswith("script/")] == ["script/server", "script/test"]


def test_screenshot_is_small() -> None:
    picture = (ROOT / "docs" / "screenshot.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000


def map_paths() -> set[str]:
    """Return the files and folders that the map in docs/structure.md names from the root of the checkout."""
    found = CODE.findall(section("docs/structure.md", "## The map"))
    return {name for name in found if name.split("/")[0] in MAPPED and "<" not in name and "*" not in name}


def test_the_map_names_only_what_exists() -> None:
    names = map_paths()
    assert len(names) > 40
    assert not [name for name in sorted(names) if not (ROOT / name).exists()]


def test_the_map_leaves_no_package_out() -> None:
    """A new package wants a line there, and so does a module that belongs to none."""
    passed_over = {"migrations", "commands", "models", "management", "templatetags", "files"}
    packages = {path.parent for app in APPS for path in (ROOT / app).rglob("*.py") if not passed_over & set(path.parts)}
    folders = {f"{path.relative_to(ROOT).as_posix()}/" for path in packages} - {"forum/", "forum/views/"}
    alone = {f"forum/{path.name}" for path in (ROOT / "forum").glob("[!_]*.py")} - {"forum/apps.py", "forum/urls.py"}
    assert not sorted((folders | alone) - map_paths())


def test_structure_is_short() -> None:
    assert len(document("docs/structure.md").split()) <= 1_500


def test_the_moves_of_a_post_are_those_of_the_code() -> None:
    described = {}
    for move, _who, sources, target in rows(section("docs/structure.md", "## The life of a post")):
        states = frozenset() if sources == "(new)" else frozenset(State(name) for name in sources.split(", "))
        described[Move(move)] = (states, State(target))
    assert described == MOVES


def test_the_states_of_a_mail_are_those_of_the_code() -> None:
    described = [row[0] for row in rows(section("docs/structure.md", "## The life of a mail"))]
    assert sorted(described) == sorted(Delivery.State.values)


def test_the_order_of_imports_is_the_one_that_is_checked() -> None:
    contracts = tomllib.loads(document("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    drawn = section("docs/structure.md", "## The order of imports").split("```")[1].strip().splitlines()
    assert drawn == layers


def test_what_is_sent_to_whom_is_the_same_in_words_and_in_code() -> None:
    """Row by row: the event, who, when, the templates, and the lists that stop it."""
    described = list(rows(section("docs/notifications.md", "## Events and recipients")))
    assert len(described) == len(EVENTS)
    for event, (what, who, when, mail, stops) in zip(EVENTS, described, strict=True):
        assert what == event.what
        assert who.startswith(event.who) and when.startswith(event.when), what
        assert CODE.findall(mail)[-1] in {f"emails/{event.mail}/", Delivery.Kind.ACCOUNT.value}, what
        lists = {name for name in CODE.findall(stops) if name in Subscription.Kind.values}
        assert lists == set(event.stopped_by), what
        assert stops.startswith("none") == (not event.stopped_by), what


def test_every_kind_of_mail_has_a_row_and_every_list_stops_something() -> None:
    assert {event.mail for event in EVENTS} == set(Delivery.Kind)
    assert {stop for event in EVENTS for stop in event.stopped_by} == set(Subscription.Kind)


def test_every_kind_of_mail_is_in_the_table() -> None:
    table = section("docs/notifications.md", "## Events and recipients")
    for kind in Delivery.Kind.values:
        if kind == Delivery.Kind.ACCOUNT:
            assert f"`{kind}`" in table
        else:
            assert f"`emails/{kind}/`" in table
            assert (ROOT / "templates" / "emails" / kind / "subject.txt").exists()


def test_every_header_in_the_table_is_set_in_the_code() -> None:
    code = document("forum/notifications/mails/parts.py") + document("forum/notifications/delivery/send.py")
    for names, _value, _where in rows(section("docs/notifications.md", "## Headers")):
        for name in CODE.findall(names):
            assert f'"{name}"' in code


def variables() -> dict[str, list[str]]:
    """Return the rows of the tables in docs/configuration.md, by variable."""
    found = {}
    for cells in rows(document("docs/configuration.md")):
        for name in re.findall(r"`([A-Z][A-Z_]+)`", cells[0]):
            found[name] = cells
    return found


def test_every_documented_variable_is_read_somewhere() -> None:
    places = [
        *(ROOT / "config").glob("*.py"),
        *(ROOT / "script").rglob("*.py"),
        *(ROOT / "tests" / "support").glob("*.py"),
    ]
    code = "".join(path.read_text(encoding="utf-8") for path in [*places, ROOT / "Procfile"])
    assert len(variables()) > 25
    assert not [name for name in variables() if not re.search(rf'["$]{name}\b', code)]


def test_defaults_and_bounds_of_numbers_are_those_of_the_code() -> None:
    """environment.number(NAME, default, low, high), wherever these are plain numbers."""
    seen = 0
    for node in ast.walk(ast.parse(document("config/settings.py"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "number"):
            continue
        name, *numbers = [part.value if isinstance(part, ast.Constant) else None for part in node.args]
        _variable, default, _what, refused = variables()[str(name)]
        assert default == f"`{numbers[0]!r}`", name
        said = [int(part.replace(",", "")) for part in re.findall(r"[\d,]+", refused)]
        assert [a for a, b in zip(said, numbers[1:], strict=True) if b is not None and a != b] == [], name
        seen += 1
    assert seen > 8


def test_the_list_of_dependencies_names_only_pinned_ones() -> None:
    pins = document("requirements.txt") + document("requirements-dev.txt")
    pinned = {name.lower() for name in re.findall(r"^([A-Za-z0-9-]+)(?:\[\w+\])?==", pins, re.M)}
    listed = {row[0].split(" (")[0].lower() for row in rows(document("docs/dependencies.md"))}
    assert listed == pinned


def test_the_markers_in_the_guide_to_the_tests_are_those_of_pytest() -> None:
    options = tomllib.loads(document("pyproject.toml"))["tool"]["pytest"]["ini_options"]
    described = {CODE.findall(row[0])[0] for row in rows(section("docs/testing.md", "## Markers"))}
    assert described == {re.split(r"[(:]", marker)[0] for marker in options["markers"]}


def test_every_test_in_the_guide_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", document("docs/testing.md"))
    assert len(named) > 20
    for path, function in named:
        assert (ROOT / path).exists(), path
        assert not function or re.search(rf"^(?:    )?def {function}\(", document(path), re.M), f"{path}::{function}"


def test_every_promise_has_a_row() -> None:
    promises = {row[0].split(" ")[0] for row in rows(section("docs/testing.md", "## Promises"))}
    assert {number for number in promises if number} == {str(number) for number in range(1, 11)}
