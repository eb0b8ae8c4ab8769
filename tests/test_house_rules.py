"""The rules of the house that a reader of one file cannot see broken (DESIGN 2 to 4)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "articles", "config", "forum")
MARKUP = ROOT / "articles" / "text" / "markup.py"
RETENTION = ROOT / "forum" / "privacy" / "retention.py"
TRANSITIONS = ROOT / "forum" / "posts" / "transitions.py"


def sources() -> list[Path]:
    """Return the site's own Python files, without migrations."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    assert len(files) > 40, "the house is larger than this: the search has lost its way"
    return files


def templates() -> list[Path]:
    """Return all templates."""
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    assert len(files) > 40
    return files


def syntax(path: Path) -> ast.Module:
    """Return the file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted name of everything a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield the last name of every call, with the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute | ast.Name):
                yield function.attr if isinstance(function, ast.Attribute) else function.id, node


def test_bleach_is_imported_in_one_file_and_really_used_there() -> None:
    importers = {path for path in sources() if any(name.split(".")[0] == "bleach" for name in imported(syntax(path)))}
    assert importers == {MARKUP}


def test_html_is_trusted_in_one_file_only() -> None:
    trusting = {"mark_safe", "format_html", "SafeString", "SafeText", "format_html_join"}
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path != MARKUP
        and any(name.rsplit(".", 1)[-1] in trusting - {"SafeString"} for name in imported(syntax(path)))
    }
    assert not importers
    makers = [
        path for path in sources() if path != MARKUP and any(name == "SafeString" for name, _ in called(syntax(path)))
    ]
    assert not makers


def test_no_template_switches_escaping_off_for_html() -> None:
    unsafe = re.compile(r"\|\s*(safe|safeseq)\b|autoescape\s+off")
    found = [path for path in templates() if path.suffix == ".html" and unsafe.search(path.read_text(encoding="utf-8"))]
    assert not found


def test_no_template_holds_inline_script_or_style() -> None:
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+\s*=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    pages = [path for path in templates() if path.suffix == ".html" and "emails" not in path.parts]
    assert not [path for path in pages if inline.search(path.read_text(encoding="utf-8"))]


def test_the_state_of_a_post_is_written_in_one_place() -> None:
    """No assignment to .state, and no update(state=...) or Post(state=...), outside the transitions and the deliveries."""
    writers = set()
    for path in sources():
        tree = syntax(path)
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets):
                writers.add(path)
        for name, call in called(tree):
            if name in {"update", "Post", "create", "bulk_update"} and any(
                word.arg == "state" for word in call.keywords
            ):
                writers.add(path)
    # The outbox's rows have a state of their own, which is not a post's.
    mail = {path for path in writers if "notifications" in path.parts or path == RETENTION}
    # Requests to be recognised have one, too.
    requests = {ROOT / "accounts" / "erasing.py"}
    assert writers - mail - requests == {TRANSITIONS}
    for path in mail:
        assert "Post.objects" not in path.read_text(encoding="utf-8").split(".update(")[0].rsplit("\n", 3)[-1]


def test_the_outbox_alone_makes_deliveries() -> None:
    """Previews make one to compose it, and never save it."""
    makers = set()
    for path in sources():
        for name, call in called(syntax(path)):
            saves = name in {"create", "bulk_create", "get_or_create", "update_or_create"}
            if name == "Delivery" or (saves and ast.unparse(call.func).startswith("Delivery.objects")):
                makers.add(path.relative_to(ROOT).as_posix())
    assert {name for name in makers if "dev_mail" not in name} == {"forum/notifications/outbox.py"}


def test_only_delivery_reads_addresses() -> None:
    """`.address` and allauth's e-mail table: read by delivery; written or erased by the few files named here."""
    allowed = {
        "forum/notifications/delivery/send.py",  # the reader
        "forum/posts/submit.py",  # takes it from the form into Contact
        "forum/views/shared/submission.py",  # hands the form's value on
        "forum/views/by_link/confirm.py",  # asks whether one is still there
        "forum/notifications/delivery/backend.py",  # takes it from allauth's message into Contact
        "forum/management/commands/demo_people.py",  # makes the demo people's
        "accounts/models/contacts.py",  # the table; keyed hashes of verified ones
        "accounts/erasing.py",  # deletes an erased member's
        "accounts/admin.py",  # takes allauth's lists of addresses out of the admin
    }
    found = set()
    for path in sources():
        tree = syntax(path)
        reads = any(isinstance(node, ast.Attribute) and node.attr == "address" for node in ast.walk(tree))
        if reads or any(name.endswith("EmailAddress") for name in imported(tree)):
            found.add(path.relative_to(ROOT).as_posix())
    assert found <= allowed
    assert "forum/notifications/delivery/send.py" in found


# Ways of asking the database for an address without naming an attribute: values_list("address"), F("address"), ...
BY_NAME = {"values", "values_list", "only", "F", "get_attname", "attrgetter", "getattr", "in_bulk", "dates"}
BY_KEYWORD = {"filter", "exclude", "get", "get_or_create", "update_or_create", "Q", "order_by", "annotate", "aggregate"}


def spellings(tree: ast.Module) -> list[str]:
    """Return the calls that read or look for an address by its column's name."""
    found = []
    for name, call in called(tree):
        words = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name in BY_NAME and any(_names_address(word) for word in words):
            found.append(name)
        if name in BY_KEYWORD and any(_names_address(word.arg or "") for word in call.keywords):
            found.append(name)
    return found


def _names_address(word: str) -> bool:
    return "address" in word.split("__") and "address_key" not in word


def test_no_query_reads_addresses_by_the_column_s_name_either() -> None:
    """Forgetting asks whether there is one; delivery alone is told which."""
    allowed = {
        "forum/notifications/delivery/send.py",  # the reader
        "forum/privacy/retention.py",  # leaves out those that have none any more
    }
    found = {path.relative_to(ROOT).as_posix() for path in sources() if spellings(syntax(path))}
    assert found <= allowed
    assert "forum/notifications/delivery/send.py" in found


@pytest.mark.parametrize(
    "code",
    [
        'Contact.objects.values_list("address", flat=True)',
        'Post.objects.values("contact__address")',
        'F("recipient__address")',
        'Contact.objects.filter(address="x")',
        'Contact.objects.exclude(address__iexact="x")',
        'getattr(contact, "address")',
    ],
)
def test_each_spelling_would_be_noticed(code: str) -> None:
    assert spellings(ast.parse(code))
    assert not spellings(ast.parse(code.replace("address", "address_key")))


def test_no_template_shows_an_address() -> None:
    """allauth's own account pages show people their own; nothing else touches an address."""
    shown = re.compile(r"\{[{%][^}]*\b(?:contact\.address|recipient\.address|user\.email|\.email\b(?!\s*%))")
    own = {"account", "mfa", "allauth"}
    found = [
        path.relative_to(ROOT).as_posix()
        for path in templates()
        if not own & set(path.parts) and shown.search(path.read_text(encoding="utf-8"))
    ]
    assert found == [] or set(found) == {"templates/shared/_post_form.html"}  # the form field, {{ form.email }}


def test_every_module_says_what_it_is_for() -> None:
    assert not [path for path in sources() if not ast.get_docstring(syntax(path))]


def test_a_module_s_docstring_begins_with_what_one_would_search_for() -> None:
    """A noun phrase: not "What waits for a moderator", not "How the mail is doing"."""
    first_words = {path: (ast.get_docstring(syntax(path)) or "").split(" ")[0] for path in sources()}
    clauses = {"What", "Who", "How", "Where", "When", "Why", "Which", "Whose", "That", "Whatever", "Whoever"}
    assert not [path for path, word in first_words.items() if word in clauses]


def code_names(folder: Path) -> set[str]:
    """Return what a test file in the mirrored folder can be named after: modules and packages."""
    return {path.stem for path in (ROOT / folder).glob("*.py")} | {path.name for path in (ROOT / folder).iterdir()}


def test_tests_mirror_the_code() -> None:
    """tests/forum/posts/test_submit_hidden_name.py tests forum/posts/submit.py; test_matrix.py a whole package's URLs."""
    files = [path.relative_to(ROOT / "tests") for app in APPS for path in (ROOT / "tests" / app).rglob("test_*.py")]
    assert len(files) > 100
    names = {folder: code_names(folder) for folder in {file.parent for file in files} if (ROOT / folder).is_dir()}
    assert not [file for file in files if file.parent not in names], "no such folder in the code"
    lost = [
        file
        for file in files
        if file.stem != "test_matrix"
        and not any(f"{file.stem}_".startswith(f"test_{name}_") for name in names[file.parent])
    ]
    assert not lost


def test_every_costly_test_is_still_there() -> None:
    """tests/support/costly.txt names them by file and function: a renamed one would come back into a quick run."""
    tests = {
        f"{path.name}::{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in syntax(path).body
        if isinstance(node, ast.FunctionDef)
    }
    listed = (ROOT / "tests" / "support" / "costly.txt").read_text(encoding="utf-8").splitlines()
    assert not [name for name in listed if not name.startswith("#") and name not in tests]


@pytest.mark.parametrize("limit", [300])
def test_files_fit_in_the_head(limit: int) -> None:
    long = [path for path in sources() if len(path.read_text(encoding="utf-8").splitlines()) > limit]
    assert not long


def test_functions_fit_on_a_screen() -> None:
    long = []
    for path in sources():
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 40:
                long.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert not long


def test_every_dependency_is_pinned_and_explained() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        packages = [line.split("#")[0].strip() for line in lines]
        for package in filter(None, packages):
            if package.startswith("-"):
                continue
            assert "==" in package, f"{package} in {name} is not pinned"
            assert re.split(r"[\[=]", package)[0].lower() in explained, f"{package} has no line in docs/dependencies.md"


def test_every_setting_from_the_environment_is_documented() -> None:
    documented = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    code = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in ("settings.py", "environment.py"))
    names = set(re.findall(r'(?:text|boolean|number|choice|db_url)\(\s*"([A-Z][A-Z_]+)"', code))
    assert len(names) > 15
    assert not [name for name in sorted(names) if f"`{name}`" not in documented]
