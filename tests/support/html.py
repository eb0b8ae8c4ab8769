"""HTML validation of pages in a test, with the Nu HTML checker (the W3C validator's)."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def nu_errors(pages: dict[str, str]) -> list[str]:
    """Return the checker's messages about pages (name -> HTML) as "name:line: message". One call checks many."""
    jar = os.environ.get("VNU_JAR", "")
    if not (jar and Path(jar).is_file() and shutil.which("java")):
        message = "the Nu HTML checker is missing (VNU_JAR and java): run the tests with script/test"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with tempfile.TemporaryDirectory(prefix="hsp-nu-") as folder:
        names = {}
        for number, (name, html) in enumerate(pages.items()):
            path = Path(folder) / f"{number}.html"
            path.write_text(html, encoding="utf-8")
            names[path.name] = name
        command = ["java", "-Xmx512m", "-jar", jar, "--exit-zero-always", "--format", "json", "--stdout", folder]
        finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, f"the Nu HTML checker failed: {finished.stderr}"
    return [
        f"{names[Path(message['url']).name]}:{message.get('lastLine', '?')}: {message['message']}"
        for message in json.loads(finished.stdout)["messages"]
        if message["type"] != "info" or message.get("subType") == "warning"
    ]
