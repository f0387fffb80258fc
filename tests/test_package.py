"""The description of the data: whole, true to the files, and a Data Package."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from typing import Any

import frictionless
import pytest

from casebook.package import DATA, Field, read_package

DESCRIPTOR: dict[str, Any] = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in DESCRIPTOR["resources"]}
FIELDS = [
    pytest.param(field, name, id=f"{name}.{field['name']}")
    for name, resource in RESOURCES.items()
    for field in resource["schema"]["fields"]
]
# https://datapackage.org/standard/table-schema/#field-types
TYPES = {
    "string",
    "number",
    "integer",
    "boolean",
    "object",
    "array",
    "list",
    "datetime",
    "date",
    "time",
    "year",
    "yearmonth",
    "duration",
    "geopoint",
    "geojson",
    "any",
}
TABLES = {
    "scores",
    "sources",
    "passages",
    "actors",
    "events",
    "statements",
    "figures",
    "forces",
    "propositions",
    "positions",
    "relations",
    "conflicts",
    "record",
}


def test_package_has_what_the_profile_requires() -> None:
    assert DESCRIPTOR["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch(r"[a-z0-9._-]+", DESCRIPTOR["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", DESCRIPTOR["version"])
    assert dt.datetime.fromisoformat(DESCRIPTOR["created"]).tzinfo is not None
    assert DESCRIPTOR["title"]
    assert DESCRIPTOR["description"]
    assert DESCRIPTOR["resources"]
    assert all("name" in licence or "path" in licence for licence in DESCRIPTOR["licenses"])
    assert DESCRIPTOR["licenses"]


def test_package_has_its_tables_once() -> None:
    assert len(RESOURCES) == len(DESCRIPTOR["resources"])
    assert set(RESOURCES) == TABLES


@pytest.mark.parametrize("name", RESOURCES)
def test_resource_has_what_the_profile_requires(name: str) -> None:
    resource = RESOURCES[name]
    assert resource["type"] == "table"
    assert resource["format"] == "csv"
    assert resource["mediatype"] == "text/csv"
    assert resource["encoding"] == "utf-8"
    assert resource["dialect"] == {"delimiter": ",", "lineTerminator": "\n"}
    assert resource["title"]
    assert resource["description"]
    schema = resource["schema"]
    assert schema["$schema"] == "https://datapackage.org/profiles/2.0/tableschema.json"
    assert schema["missingValues"] == [""]
    names = [field["name"] for field in schema["fields"]]
    assert len(names) == len(set(names)) > 1
    assert schema["primaryKey"]
    assert set(schema["primaryKey"]) <= set(names)


@pytest.mark.parametrize("standards", ["v1", "v2", "v2-strict"])
def test_frictionless_accepts_the_description(standards: str) -> None:
    with frictionless.system.use_context(standards=standards):
        assert list(frictionless.Package.metadata_validate(DESCRIPTOR)) == []


def test_frictionless_finds_the_data_valid() -> None:
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.flatten(["title", "message"]) == []
    assert report.valid
    assert len(report.tasks) == len(TABLES)


@pytest.mark.parametrize("name", RESOURCES)
def test_every_column_is_described_in_order(name: str) -> None:
    path = DATA / RESOURCES[name]["path"]
    assert path.parent == DATA
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [field["name"] for field in RESOURCES[name]["schema"]["fields"]]


def test_every_csv_is_described() -> None:
    assert {path.name for path in DATA.glob("*.csv")} == {
        resource["path"] for resource in RESOURCES.values()
    }


@pytest.mark.parametrize("name", RESOURCES)
def test_files_are_plain_csv(name: str) -> None:
    content = (DATA / RESOURCES[name]["path"]).read_bytes()
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\n")
    assert b"\n\n" not in content


@pytest.mark.parametrize(("field", "table"), FIELDS)
def test_field_is_described(field: dict[str, Any], table: str) -> None:
    assert field["type"] in TYPES
    assert re.fullmatch(r"[a-z_]+", field["name"])
    assert field["description"].endswith(".")
    assert field["example"] not in ("", None)


@pytest.mark.parametrize(("field", "table"), FIELDS)
def test_example_fits(field: dict[str, Any], table: str) -> None:
    example = field["example"]
    constraints = field.get("constraints", {})
    match field["type"]:
        case "string":
            assert isinstance(example, str)
        case "integer":
            assert type(example) is int
        case "number":
            assert type(example) in (int, float)
        case "date":
            assert dt.date.fromisoformat(example).isoformat() == example
        case kind:
            pytest.fail(f"no test for the type {kind}")
    if "pattern" in constraints:
        assert re.fullmatch(constraints["pattern"], example)
    if "enum" in constraints:
        assert example in constraints["enum"]


@pytest.mark.parametrize(("field", "table"), FIELDS)
def test_listed_values_are_the_categories(field: dict[str, Any], table: str) -> None:
    categories = field.get("categories", [])
    values = [category["value"] for category in categories]
    assert values == field.get("constraints", {}).get("enum", [])
    assert len(values) == len(set(values))
    assert all(category["label"] for category in categories)
    assert categories or not field.get("categoriesOrdered")


@pytest.mark.parametrize("name", RESOURCES)
def test_foreign_keys_point_at_a_primary_key(name: str) -> None:
    names = {field["name"] for field in RESOURCES[name]["schema"]["fields"]}
    for key in RESOURCES[name]["schema"].get("foreignKeys", []):
        assert set(key["fields"]) <= names
        # an empty name is the table itself
        target = RESOURCES[key["reference"]["resource"] or name]
        assert key["reference"]["fields"] == target["schema"]["primaryKey"]


@pytest.mark.parametrize("name", RESOURCES)
def test_columns_named_like_a_key_are_foreign_keys(name: str) -> None:
    schema = RESOURCES[name]["schema"]
    keys = {field for key in schema.get("foreignKeys", []) for field in key["fields"]}
    ids = {field["name"] for field in schema["fields"] if field["name"].endswith("_id")}
    assert ids - set(schema["primaryKey"]) <= keys


def test_description_is_read_as_written() -> None:
    tables = read_package().tables
    assert list(tables) == list(RESOURCES)
    table = tables["statements"]
    assert table.path == DATA / "statements.csv"
    assert table.key == ["statement_id"]
    fields = {field.name: field for field in table.fields}
    certainty = fields["certainty"]
    assert isinstance(certainty, Field)
    assert certainty.ordered
    assert certainty.required
    assert list(certainty.categories) == ["uncommitted", "possible", "probable", "stated"]
    assert fields["via_id"].refers_to == "actors"
    assert not fields["via_id"].required
    assert {f.name: f.refers_to for f in tables["positions"].fields}["responds_to"] == "positions"
    assert {f.name: f.refers_to for f in tables["actors"].fields}["affiliation_id"] == "actors"
    assert fields["statement_id"].pattern == r"^[a-z]+[0-9]{4}\.p[0-9]{2}[a-z]$"
