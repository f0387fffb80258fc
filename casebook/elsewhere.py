"""Where else a chapter runs: links to services, and the cell that brings the package along.

Both follow the address of the repository in ``_config.yml``; without one there is neither. The
theme builds such links too, but fails without an address or at a host it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import nbformat
import yaml

from casebook.sources import ROOT

CONFIG = ROOT / "_config.yml"
GITHUB = "https://github.com/"
SETUP = "setup"
CODE = """\
# where the book's package is missing, as on Colab, it comes with its tables
import importlib.util

if not importlib.util.find_spec("casebook"):
    %pip install --quiet "{}"
"""


@dataclass(frozen=True)
class Elsewhere:
    """The repository and the services, as ``_config.yml`` names them; an empty text for none."""

    url: str = ""
    branch: str = ""
    folder: str = ""
    services: dict[str, str] = field(default_factory=dict)

    def links(self, page: str) -> list[tuple[str, str]]:
        """Return name and address of each service that opens a chapter, given as its page."""
        if not self.url:
            return []
        path = "/".join(filter(None, [self.folder, f"{page}.ipynb"]))
        name = self.url.rsplit("/", 1)[-1]
        place = self.url.removeprefix(GITHUB) if self.url.startswith(GITHUB) else ""
        binder, colab = self.services.get("binderhub"), self.services.get("colab")
        hub = self.services.get("jupyterhub")
        found = []
        if binder:
            where = f"gh/{place}" if place else f"git/{quote(self.url, safe='')}"
            found.append(("Binder", f"{binder}/v2/{where}/{self.branch}?urlpath=lab/tree/{path}"))
        if colab and place:
            found.append(("Colab", f"{colab}/github/{place}/blob/{self.branch}/{path}"))
        if hub:
            target = {"repo": self.url, "branch": self.branch, "urlpath": f"lab/tree/{name}/{path}"}
            query = urlencode(target, safe="/")
            found.append(("Class hub", f"{hub}/hub/user-redirect/git-pull?{query}"))
        if place:
            start = f"https://codespaces.new/{place}/tree/{self.branch}?quickstart=1"
            found.append(("Codespaces", start))
        return found

    def setup(self) -> str:
        """Return the code that installs the package where it is missing, "" without an address."""
        if not self.url:
            return ""
        part = f"#subdirectory={self.folder}" if self.folder else ""
        return CODE.format(f"git+{self.url}@{self.branch}{part}").rstrip()


def read(path: Path = CONFIG) -> Elsewhere:
    """Read the address of the repository and those of the services."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    repository, launch = (config.get(key) or {} for key in ("repository", "launch_buttons"))
    services = {
        key.removesuffix("_url"): address.strip("/")
        for key, address in launch.items()
        if key.endswith("_url") and address
    }
    return Elsewhere(
        url=(repository.get("url") or "").strip("/").removesuffix(".git"),
        branch=repository.get("branch") or "main",
        folder=(repository.get("path_to_book") or "").strip("/"),
        services=services,
    )


def place_setup(notebook: nbformat.NotebookNode, code: str) -> None:
    """Put the setup before the first cell of code, out of sight; without code, take it away."""
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") != SETUP]
    if code:
        hidden = {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
        kinds = [cell.cell_type for cell in notebook.cells]
        first = kinds.index("code") if "code" in kinds else len(kinds)
        cell = nbformat.v4.new_code_cell(code, id=SETUP, metadata=hidden)
        notebook.cells.insert(first, cell)
