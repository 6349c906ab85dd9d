"""Each package by its ecosystem's written rules, and by its own tool where one can be had."""

import configparser
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

import kconfiglib
import pytest
import yaml
from pyocd.target.pack.cmsis_pack import CmsisPack

from tests.packages import unpack


@pytest.fixture(scope="module")
def packages(exported, tmp_path_factory):
    *_, folder = exported(units=13)
    return unpack(folder, tmp_path_factory.mktemp("packages"))


def paths_in(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# --- Arduino library specification 1.5, rev. 2.2

CATEGORIES = {
    "Display",
    "Communication",
    "Signal Input/Output",
    "Sensors",
    "Device Control",
    "Timing",
    "Data Storage",
    "Data Processing",
    "Other",
}
PROPERTIES = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"}


@pytest.fixture
def properties(packages):
    lines = (packages["arduino"].folder / "library.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_library_properties_has_every_field_in_its_form(properties, packages):
    assert PROPERTIES <= set(properties) <= PROPERTIES | {"includes", "license", "depends"}
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}", properties["name"])
    assert not properties["name"].lower().startswith("arduino")
    assert re.fullmatch(r"\d+\.\d+\.\d+", properties["version"])
    assert properties["category"] in CATEGORIES
    assert re.fullmatch(r"[a-z0-9_]+(,[a-z0-9_]+)*", properties["architectures"])
    assert not re.search(r"\barduino\b", properties["sentence"] + properties["paragraph"], re.IGNORECASE)
    assert properties["paragraph"].count(properties["sentence"]) == 0, "the paragraph follows the sentence"
    assert packages["arduino"].folder.name == properties["name"].replace(" ", "_")


def test_the_arduino_folder_is_laid_out_as_format_1_5(properties, packages):
    folder = packages["arduino"].folder
    assert (folder / "src" / properties["includes"]).is_file()
    assert not [
        path for path in folder.iterdir() if path.suffix in {".c", ".cpp", ".h", ".ino"} or path.name == "utility"
    ]
    sketches = [*(folder / "examples").rglob("*.ino")]
    assert sketches and all(sketch.stem == sketch.parent.name for sketch in sketches)
    assert not [path for path in folder.rglob("*") if path.name.startswith(".") or not path.name.isascii()]


# --- PlatformIO


@pytest.fixture
def platformio_home(tmp_path, monkeypatch):
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "platformio"))
    monkeypatch.setenv("PLATFORMIO_SETTING_ENABLE_TELEMETRY", "no")


def test_platformio_packs_and_accepts_the_library(packages, tmp_path, platformio_home, monkeypatch):
    """What `pio pkg pack` does, but for one thing: it fetches the list of licences from the network."""
    from platformio.package.manifest.parser import ManifestParserFactory
    from platformio.package.manifest.schema import ManifestSchema
    from platformio.package.pack import PackagePacker

    monkeypatch.setattr(ManifestSchema, "load_spdx_licenses", lambda self: {"licenses": [{"licenseId": "MIT"}]})
    packed = PackagePacker(str(packages["platformio"].archive)).pack(str(tmp_path))
    manifest = ManifestSchema().load_manifest(ManifestParserFactory.new_from_archive(packed).as_dict())
    assert manifest["headers"] == ["Jerboa.h"] and manifest["license"] == "MIT"
    assert manifest["examples"][0]["base"] == "examples/Microphone"


def test_platformio_installs_the_library(packages, tmp_path, platformio_home):
    storage = tmp_path / "storage"
    storage.mkdir()
    library = f"file://{packages['platformio'].archive}"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "platformio",
            "pkg",
            "install",
            "--library",
            library,
            "--storage-dir",
            storage,
            "--no-save",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "Jerboa@0.1.0 has been installed" in done.stdout, done.stdout + done.stderr
    installed = paths_in(storage / "Jerboa") - {".piopm"}
    assert installed == paths_in(packages["platformio"].folder)


def test_library_json_names_files_that_are_there(packages):
    folder = packages["platformio"].folder
    manifest = json.loads((folder / "library.json").read_text())
    assert (folder / "src" / manifest["headers"]).is_file()
    for example in manifest["examples"]:
        assert all((folder / example["base"] / name).is_file() for name in example["files"])
        project = configparser.ConfigParser()
        project.read(folder / example["base"] / "platformio.ini")
        assert {"platform", "board", "framework"} <= set(project["env:nano33ble"])


# --- CMSIS-Pack: PACK.xsd's `package`, `component` and `file`

PACKAGE_MUST = {"vendor", "name", "description", "url", "releases"}
PACKAGE_MAY = {"license", "keywords", "taxonomy", "conditions", "components"}
CATEGORIES_OF_FILES = {"doc", "header", "include", "source", "sourceAsm"}


@pytest.fixture
def pdsc(packages):
    return ElementTree.parse(packages["cmsis_pack"].folder / "Jerboa.Jerboa.pdsc").getroot()


def test_the_description_has_the_elements_of_the_schema_each_once(pdsc):
    counts = Counter(child.tag for child in pdsc)
    assert PACKAGE_MUST <= set(counts) <= PACKAGE_MUST | PACKAGE_MAY
    assert set(counts.values()) == {1}
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", pdsc.get("schemaVersion"))
    for component in pdsc.iter("component"):
        assert Counter(child.tag for child in component) == {"description": 1, "files": 1}
        assert {"Cclass", "Cgroup", "Cversion"} <= set(component.attrib)


def test_pack_and_description_are_named_by_vendor_name_and_version(pdsc, packages):
    vendor, name = pdsc.findtext("vendor"), pdsc.findtext("name")
    version = pdsc.find("releases/release").get("version")
    assert packages["cmsis_pack"].archive.name == f"{vendor}.{name}.{version}.pack"
    assert re.fullmatch(r"[\w-]+", vendor) and re.fullmatch(r"[\w-]+", name)
    assert (packages["cmsis_pack"].folder / f"{vendor}.{name}.pdsc").is_file()
    assert {component.get("Cversion") for component in pdsc.iter("component")} == {version}


def test_the_description_lists_every_file_and_none_that_is_missing(pdsc, packages):
    folder = packages["cmsis_pack"].folder
    files = [*pdsc.iter("file")]
    assert {file.get("category") for file in files} <= CATEGORIES_OF_FILES
    included = {file.get("name") for file in files if file.get("category") == "include"}
    assert all((folder / place).is_dir() and place.endswith("/") for place in included)
    listed = Counter(file.get("name") for file in files if file.get("category") != "include")
    assert set(listed.values()) == {1}
    listed = set(listed) | {pdsc.findtext("license"), "Jerboa.Jerboa.pdsc"}
    headers = {path for path in paths_in(folder) if path.startswith("src/kws/") and path.endswith(".h")}
    assert listed | headers == paths_in(folder) and not listed & headers, "inner headers are found from beside them"
    assert all(file.get("select") for file in files if file.get("attr") == "template")


def test_pyocd_reads_the_pack(packages):
    """As it reads a chip vendor's; one of software has no devices."""
    pack = CmsisPack(str(packages["cmsis_pack"].archive))
    assert pack.pdsc.pack_name == "Jerboa" and pack.devices == []
    with pack.get_file("src/Jerboa.h") as header:
        assert header.read() == (packages["cmsis_pack"].folder / "src" / "Jerboa.h").read_bytes()


def test_every_condition_is_defined_and_used(pdsc):
    defined = [condition.get("id") for condition in pdsc.iter("condition")]
    used = {element.get("condition") for element in pdsc.iter() if element.get("condition")}
    assert len(set(defined)) == len(defined) and set(defined) == used


# --- Zephyr: `Module yaml file description`, Kconfig, prj.conf


def test_module_yml_names_places_that_are_there(packages):
    module = packages["zephyr"].folder
    description = yaml.safe_load((module / "zephyr" / "module.yml").read_text())
    assert set(description) == {"name", "build", "samples"} and set(description["build"]) == {"cmake", "kconfig"}
    assert (module / description["build"]["cmake"] / "CMakeLists.txt").is_file()
    assert (module / description["build"]["kconfig"]).is_file()
    samples = [path.parent for place in description["samples"] for path in (module / place).rglob("sample.yaml")]
    assert samples
    for sample in samples:
        told = yaml.safe_load((sample / "sample.yaml").read_text())
        assert set(told) == {"sample", "tests"} and told["sample"]["name"]
        boards = {board.replace("/", "_") for test in told["tests"].values() for board in test["platform_allow"]}
        assert boards == {path.stem for path in (sample / "boards").glob("*.overlay")}


def test_the_sample_configures_what_kconfig_defines(packages, tmp_path, monkeypatch):
    module = packages["zephyr"].folder
    monkeypatch.chdir(module)
    zephyrs_own = "\n".join(f"config {symbol}\n\tbool\n\tprompt 'of Zephyr'" for symbol in ("AUDIO", "AUDIO_DMIC"))
    (tmp_path / "Kconfig").write_text(f'{zephyrs_own}\nsource "zephyr/Kconfig"\n')
    kconfig = kconfiglib.Kconfig(str(tmp_path / "Kconfig"), warn_to_stderr=False)
    kconfig.warn_assign_undef = True
    kconfig.load_config(str(module / "samples" / "microphone" / "prj.conf"))
    assert kconfig.warnings == []
    assert kconfig.syms["JERBOA"].str_value == "y" and kconfig.syms["AUDIO_DMIC"].str_value == "y"
