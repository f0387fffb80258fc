"""What a repository's address brings: links from a chapter, and a chapter that runs on its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from browser import ROOT
from bs4 import BeautifulSoup
from test_build import Copy

from casebook import elsewhere, load, rerun
from casebook.elsewhere import SETUP, Elsewhere, place_setup, read

SERVICES = {
    "binderhub": "https://binder.example.org",
    "colab": "https://colab.example.org",
    "jupyterhub": "https://hub.example.org",
}
PAGE = "book/chapters/small"
LINKS = [
    ("Binder", f"https://binder.example.org/v2/gh/you/it/main?urlpath=lab/tree/{PAGE}.ipynb"),
    ("Colab", f"https://colab.example.org/github/you/it/blob/main/{PAGE}.ipynb"),
    (
        "Class hub",
        "https://hub.example.org/hub/user-redirect/git-pull"
        f"?repo=https%3A//github.com/you/it&branch=main&urlpath=lab/tree/it/{PAGE}.ipynb",
    ),
    ("Codespaces", "https://codespaces.new/you/it/tree/main?quickstart=1"),
]


def settings(url: str, services: dict[str, str], **more: str) -> str:
    launch = {f"{name}_url": address for name, address in services.items()}
    return yaml.safe_dump({"repository": {"url": url, **more}, "launch_buttons": launch})


def from_text(folder: Path, text: str) -> Elsewhere:
    (folder / "_config.yml").write_text(text, encoding="utf-8")
    return read(folder / "_config.yml")


def test_without_an_address_there_is_neither_link_nor_cell(tmp_path: Path) -> None:
    for text in (settings("", SERVICES), "title: none\n", "repository:\nlaunch_buttons:\n"):
        found = from_text(tmp_path, text)
        assert found.links(PAGE) == []
        assert found.setup() == ""


@pytest.mark.parametrize("url", ["https://github.com/you/it", "https://github.com/you/it.git/"])
def test_an_address_at_github_gives_every_link(tmp_path: Path, url: str) -> None:
    assert from_text(tmp_path, settings(url, SERVICES)).links(PAGE) == LINKS


def test_a_service_without_an_address_has_no_link(tmp_path: Path) -> None:
    text = settings("https://github.com/you/it", {"colab": "", "binderhub": ""})
    found = from_text(tmp_path, text)
    assert [name for name, _ in found.links(PAGE)] == ["Codespaces"]


def test_another_host_has_the_links_that_work_there(tmp_path: Path) -> None:
    url = "https://git.example.org/a/group/it"
    where = {"branch": "term-2", "path_to_book": "/books/it/"}
    found = from_text(tmp_path, settings(url, SERVICES, **where))
    assert found.links(PAGE) == [
        (
            "Binder",
            "https://binder.example.org/v2/git/https%3A%2F%2Fgit.example.org%2Fa%2Fgroup%2Fit/term-2"
            f"?urlpath=lab/tree/books/it/{PAGE}.ipynb",
        ),
        (
            "Class hub",
            "https://hub.example.org/hub/user-redirect/git-pull"
            "?repo=https%3A//git.example.org/a/group/it&branch=term-2"
            f"&urlpath=lab/tree/it/books/it/{PAGE}.ipynb",
        ),
    ]
    assert f'"git+{url}@term-2#subdirectory=books/it"' in found.setup()


def test_a_page_has_the_links_of_the_address_and_nothing_without(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    config = copy.root / "_config.yml"
    given = yaml.safe_load(config.read_text(encoding="utf-8"))
    given["launch_buttons"] = {f"{name}_url": address for name, address in SERVICES.items()}

    def build(url: str) -> BeautifulSoup | None:
        given["repository"] = {"url": url, "branch": "main"}
        config.write_text(yaml.safe_dump(given), encoding="utf-8")
        chapter = copy.root / f"{PAGE}.ipynb"
        notebook = nbformat.read(chapter, as_version=4)
        place_setup(notebook, read(config).setup())
        nbformat.write(notebook, chapter)
        done = copy.build()
        assert done.returncode == 0, done.stdout + done.stderr
        return BeautifulSoup(copy.page(), "html.parser").select_one("details.run")

    shown = build("https://github.com/you/it")
    assert shown is not None
    assert shown.summary.get_text() == "Run this chapter"
    assert [(a.get_text(), a["href"]) for a in shown.find_all("a")] == LINKS
    # nothing else on the page knows the address, not even the cell that fetches the package
    assert copy.page().count("you/it") == len(LINKS)
    assert "At least 38 people." in copy.page()

    assert build("") is None
    assert not re.search(r"""["'(]https?://(?!www\.w3\.org/)""", copy.page())


def test_a_rerun_writes_the_setup_cell_and_takes_it_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "small.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Small", id="title")]
    cells.append(nbformat.v4.new_code_cell("from casebook import load", id="load"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    monkeypatch.setattr(elsewhere, "read", Elsewhere)
    rerun.run(path)
    before = path.read_bytes()

    here = Elsewhere(url="https://github.com/you/it", branch="main")
    monkeypatch.setattr(elsewhere, "read", lambda: here)
    rerun.run(path)
    cells = nbformat.read(path, as_version=4).cells
    assert [cell["id"] for cell in cells] == ["title", SETUP, "load"]
    assert cells[1].source == here.setup()
    assert cells[1].metadata == {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
    assert cells[1].outputs == []
    assert rerun.run(path).endswith("unchanged")

    monkeypatch.setattr(elsewhere, "read", Elsewhere)
    rerun.run(path)
    assert path.read_bytes() == before


def bare_python(folder: Path) -> Path:
    """Return a Python with all that a chapter needs but the package."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    # a folder added this way brings its packages, but not the editable ones
    (Path(own) / "rest.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def repository(folder: Path) -> str:
    """Return the address of a git repository with the package and its tables."""
    for name in ("casebook", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    git = ["git", "-C", str(folder), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message=All"], check=True)
    return folder.as_uri()


def test_a_chapter_on_its_own_fetches_package_and_tables(tmp_path: Path) -> None:
    python = bare_python(tmp_path / "python")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["IPYTHONDIR"] = str(tmp_path / "ipython")

    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-m", "IPython", "--colors=NoColor", str(path)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    chapter = min((ROOT / "book" / "chapters").glob("*.ipynb"), key=lambda p: p.stat().st_size)
    notebook = nbformat.read(chapter, as_version=4)
    place_setup(notebook, "")
    kinds = [cell.cell_type for cell in notebook.cells]
    probe = "import casebook\nprint('read', casebook.__file__, len(book.statements))"
    notebook.cells = notebook.cells[: kinds.index("code") + 1]
    notebook.cells.append(nbformat.v4.new_code_cell(probe, id="probe"))
    path = tmp_path / "alone.ipynb"
    nbformat.write(notebook, path)
    assert "No module named 'casebook'" in run(path).stdout

    place_setup(notebook, Elsewhere(url=repository(tmp_path / "it"), branch="main").setup())
    nbformat.write(notebook, path)
    done = run(path)
    found = re.search(r"^read (\S+) (\d+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    assert Path(found[1]).is_relative_to(tmp_path / "python")
    assert int(found[2]) == len(load().statements)


# The recipes for services


def test_binder_installs_the_lock_and_the_package_from_the_repository() -> None:
    folder = ROOT / ".binder"
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [line.split() for line in lines if not line.startswith("#")]
    # pip reads a file beside the one that names it, a package beside the working folder
    assert [option for option, _ in asked] == ["-c", "-e"]
    assert (folder / asked[0][1]).resolve() == ROOT / "requirements.txt"
    assert (ROOT / asked[1][1] / "pyproject.toml").is_file()
    assert (folder / "runtime.txt").read_text(encoding="utf-8").strip() == "python-3.12"


def test_recipes_run_what_is_there() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    commands = [container["postCreateCommand"]]
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
        commands += [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    made = [command.removeprefix("make ") for command in commands if command.startswith("make ")]
    assert set(made) == {"book", "test", "lock", "wheels"}
    assert set(made) <= targets
    assert ".ci/run" in commands
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_oldest_versions_tried_are_the_oldest_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = (re.match(r"([\w-]+)>=([\d.]+)", text) for text in project["dependencies"])
    recipe = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    tried = dict(re.findall(r"([\w-]+)==([\d.]+)\.\*", recipe))
    assert tried
    assert tried.items() <= {bound[1]: bound[2] for bound in bounds if bound}.items()
