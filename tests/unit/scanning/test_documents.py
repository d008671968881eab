"""Documents and texts: templates, settings that run code, notebooks, programs."""

from __future__ import annotations

import codecs
import json
from contextlib import suppress
from pathlib import Path

import jinja2
import jinja2.sandbox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import budget, cell, look_at, notebook, rules, unsafe
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.templates import check_template

EXAMPLES = Path(__file__).parents[3] / "examples"

CHATML = (
    "{%- if tools %}{{- '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}"
    "{{- messages[0].content + '\\n\\n' }}{%- endif %}{%- for tool in tools %}{{- tool | tojson }}"
    "{%- endfor %}{%- endif %}{%- set ns = namespace(multi_step_tool=true, last_query_index="
    "messages|length - 1) %}{%- for message in messages[::-1] %}{%- set index = (messages|length "
    "- 1) - loop.index0 %}{%- if message.content is string and not(message.content.startswith("
    "'<tool_response>') and message.content.endswith('</tool_response>')) %}{%- set "
    "ns.multi_step_tool = false %}{%- endif %}{%- endfor %}{{ {'a': {'b': [1, 2]}} | tojson }}"
)
LLAMA = (
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% else %}"
    "{% set loop_messages = messages %}{% endif %}{% for message in loop_messages %}{% if "
    "(message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('no') }}{% endif %}"
    "{{ bos_token + '[INST] ' + message['content'].strip() + ' [/INST]' }}{% endfor %}{# a note #}"
    "{% raw %}{{ x.__class__ }}{% endraw %}{%- macro f(x) -%}{{ x|map(attribute='y')|list }}{%- "
    "endmacro -%}{{ strftime_now('%d %b %Y') }}{{ date_string | default('26 Jul 2024') }}"
)
SAFE = [CHATML, LLAMA, "no code at all", "{{ x }}", "{{ 1.5 }}", "{% for _ in x %}{% endfor %}",
        "{% for i in range(3) %}{{ 2 * i }}{% endfor %}"]  # fmt: skip
EVIL = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''['__cl' ~ 'ass__'] }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ ''['\\137\\137class'] }}",
    "{{ ''['\\u005f\\u005fclass'] }}",
    "{{ ''[('_' * 2) ~ 'class'] }}",
    "{{ ''|attr('a') }}",
    "{{ '' | attr(x) }}",
    "{{ x|map(attribute='__class__')|list }}",
    "{{ dict(__class__=1)|join }}",
    "{{ '%c%cclass'|format(95, 95) }}",
    "{{ '{:c}'.format(95) }}",
    "{{ '{0.a}'.format(x) }}",
    "{{ '{0[a]}'.format_map(x) }}",
    "{{ lipsum }}",
    "{{ cycler('a') }}",
    "{{ joiner() }}",
    "{{ self }}",
    "{{ config }}",
    "{% include 'a' %}",
    "{%- import 'a' as b %}",
    "{%+ extends 'a' %}",
    "{% from 'a' import b %}",
    "{{ x._private }}",
    "{{ x.gi_frame.f_globals }}",
    "{% set x = ''.__class__ %}",
    "{% if ''.__class__ %}{% endif %}",
    "{{ x[1:''.__len__()] }}",
    "{{ {'a': ''.__class__} }}",
    "{# #}{{ ''.__class__ }}{# #}",
    "{{ '}}' ~ ''.__class__ }}",
    "{{ x.ｍro }}",
    "{{ x",
    "{% x",
    "{# x",
    "{% raw %} x",
    "{{ 'x }}",
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in range(99999999) %}x{% endfor %}",
    "{{ 'x' * 99999999999 }}",
    "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
]


@pytest.mark.parametrize("template", SAFE)
def test_templates_in_use_are_fine(template: str) -> None:
    assert list(check_template(template, "here", budget())) == []


@pytest.mark.parametrize("template", EVIL)
def test_templates_that_reach_out_are_refused(template: str) -> None:
    levels = {one.level for one in check_template(template, "here", budget())}
    assert Level.unsafe in levels
    unsafe(json.dumps({"chat_template": template}).encode(), "template")
    unsafe(
        json.dumps({"chat_template": [{"name": "a", "template": template}]}).encode(), "template"
    )
    unsafe(template.encode(), "template", "chat_template.jinja")


PIECES = st.sampled_from(
    [
        *("{{", "}}", "{%", "%}", "{#", "#}", "''", "'a'", ".", "[", "]", "(", ")", "|", "x", " "),
        *("~", "__class__", "attr", "'__a'", "lipsum", "set y=", "if x", "endif", "raw", "endraw"),
        *("-", "0"),
    ]
)


class Spy(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """Jinja2's own sandbox, noting what it would have to forbid."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        fine = super().is_safe_attribute(obj, attr, value)
        self.asked = getattr(self, "asked", []) + ([] if fine else [attr])
        return fine


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_where_ours_finds_nothing_the_sandbox_has_nothing_to_forbid(pieces: list[str]) -> None:
    template = "".join(pieces)
    if list(check_template(template, "here", budget())):
        return
    spy = Spy()
    spy.asked = []
    with suppress(jinja2.TemplateError, TypeError, ValueError, AttributeError):
        spy.from_string(template).render(x="text")
    assert spy.asked == []


def keras(name: str, module: str | None = "keras.layers", **config: object) -> bytes:
    layer = {"module": module, "class_name": name, "config": config, "registered_name": None}
    return json.dumps(
        {
            "module": "keras",
            "class_name": "Sequential",
            "config": {"name": "m", "layers": [layer]},
            "registered_name": None,
        }
    ).encode()


def test_keras_layers_are_allowed() -> None:
    initializer = {"module": "keras.initializers", "class_name": "Zeros", "config": {}}
    for data in (
        keras("Dense", units=3, activation="relu", bias_initializer=initializer),
        keras("Conv2D", None, filters=3),
        keras("Dense", dtype={"module": "keras", "class_name": "DTypePolicy", "config": {}}),
        keras("Adam", "keras.src.backend.torch.optimizers.torch_adam"),
        keras("StringLookup", vocabulary=["a", "b"]),
        keras("TFOpLambda", None, function="math.add"),
    ):
        found = look_at(data)
        assert (found.kind, found.outcome) == ("keras config", Outcome.allowed), found


GADGETS = {
    "lambda": keras("Lambda", function=["4wEAAA==", None, None], function_type="lambda"),
    "lambda of Keras 2": keras("Lambda", None, function="x"),
    "function as code": keras("Dense", activation={"class_name": "__lambda__", "config": {}}),
    "any module (CVE-2025-1550)": keras("run", "subprocess", args=["true"]),
    "os": keras("system", "os"),
    "getter of files (CVE-2025-8747)": keras("get_file", "keras.utils"),
    "function of a utility": keras(
        "Dense",
        activation={"module": "keras.utils", "class_name": "function", "config": "get_file"},
    ),
    "unsafe mode (CVE-2025-9906)": keras("enable_unsafe_deserialization", "keras.config"),
    "vocabulary (CVE-2025-12058)": keras("StringLookup", vocabulary="/etc/passwd"),
    "torch (CVE-2025-49655)": keras("TorchModuleWrapper", module="gAR9lC4="),
    "TensorFlow program": keras("TFSMLayer", filepath="/srv/x"),
    "operation on files": keras("TFOpLambda", None, function="io.write_file"),
    "raw operation": keras("TFOpLambda", None, function="raw_ops.ReadFile"),
    "loader": keras("function", "keras.models", config="load_model"),
    "function of Python": keras(
        "Dense", activation={"module": "builtins", "class_name": "function", "config": "exec"}
    ),
    "path in the class": keras("a.b/../c", None),
    "package that starts alike": keras("Dense", "keras_evil.layers"),
    "no text": json.dumps({"class_name": {"a": 1}, "config": {}}).encode(),
}


@pytest.mark.parametrize("data", GADGETS.values(), ids=GADGETS.keys())
def test_keras_configurations_that_do_more_are_refused(data: bytes) -> None:
    unsafe(data, "keras-config")
    unsafe(json.dumps({"wrapped": [json.loads(data)]}).encode(), "keras-config")


def test_own_layers_of_keras_are_a_concern() -> None:
    data = json.loads(keras("Dense"))
    data["config"]["layers"][0]["registered_name"] = "my_package>Mine"
    found = look_at(json.dumps(data).encode())
    assert (found.outcome, rules(found)) == (Outcome.allowed, {"keras-own-class"})


JSONS = {
    "auto_map": ({"auto_map": {"AutoModel": "modeling.Mine"}}, "remote-code"),
    "trust": ({"a": [{"trust_remote_code": True}]}, "remote-code"),
    "pipelines": ({"custom_pipelines": {"x": {"impl": "a.B"}}}, "remote-code"),
    "jsonpickle": ({"py/object": "os.system"}, "json-objects"),
    "jsonpickle within": ({"a": [{"b": {"py/reduce": []}}]}, "json-objects"),
}


@pytest.mark.parametrize(("value", "rule"), JSONS.values(), ids=JSONS.keys())
def test_settings_that_run_code_are_refused(value: object, rule: str) -> None:
    unsafe(json.dumps(value).encode(), rule)
    unsafe(json.dumps(value).replace("auto", "\\u0061uto").encode(), rule)


def test_plain_settings_are_safe() -> None:
    for data in (b'{"a": [1, NaN, null]}', b"[]", b'{"auto_map": {}}', b'\xef\xbb\xbf{"a": 1}'):
        assert look_at(data).outcome is Outcome.safe
    assert look_at(b'{"a": 1}\n{"a": 2}\n').kind == "text"  # one document a line


def test_documents_are_read_strictly() -> None:
    unsafe(b'{"a": 1, "a": 2}', "said-twice")
    assert look_at(b"[" * 200_000).outcome is Outcome.safe  # no document: text
    assert look_at(b'{"a": ' + b"1" * 10_000 + b"}").outcome is Outcome.safe
    unsafe(b"[" + b"1," * (13 << 20) + b"1]", "too-large")


PROGRAMS = [
    b"#!/bin/sh\necho\n",
    b"import os\nos.system('true')\n",
    b"from os import system\nsystem('true')\n",
    b"def f(x):\n    return x\n",
    b"import os;os.system('true')\n",
    b"\x7fELF" + bytes(60),
    b"MZ" + bytes(60),
    b"\xca\xfe\xba\xbe" + bytes(60),
    b"\xcf\xfa\xed\xfe" + bytes(60),
    b"\0asm\1\0\0\0",
    b"\xa7\x0d\r\n\0\0\0\0" + bytes(20),
    b"\x4c\0\0\0\x01\x14\x02\0" + bytes(20),
]


@pytest.mark.parametrize("data", PROGRAMS)
def test_programs_are_refused(data: bytes) -> None:
    unsafe(data, "program")


TEXTS = {
    "yaml": (b"a: !!python/object/apply:os.system ['true']\n", "yaml-objects"),
    "yaml by its long name": (b"a: !<tag:yaml.org,2002:python/name:os.system>\n", "yaml-objects"),
    "yaml with a handle": (b"%TAG !e! tag:yaml.org,2002:py\n---\n", "yaml-objects"),
    "entities": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>', "xml-entities"),
    "yaml settings": (b"model:\n  trust_remote_code: true\n", "remote-code"),
}


@pytest.mark.parametrize(("data", "rule"), TEXTS.values(), ids=TEXTS.keys())
def test_texts_that_make_readers_run_code_are_refused(data: bytes, rule: str) -> None:
    unsafe(data, rule)
    unsafe(b"# words\n" * 140_000 + data, rule)
    unsafe(data.decode().encode("utf-16"), rule)
    unsafe(codecs.BOM_UTF16_BE + data.decode().encode("utf-16-be"), rule)


def test_plain_texts_are_safe() -> None:
    for data in (
        b"# Model card\n\n```python\nimport workbench as wb\n```\n",
        b"age,sex\n1,2\n",
        b"country\nname\nRwanda\n",  # three instructions of a pickle that fails
        b"column\nRow\n",
        "Grüße\n".encode(),
        "edad;años\n1;2\n".encode("cp1252"),
        "edad;años;雪\n1;2;3\n".encode("utf-16"),
        b"a: 1\nb:\n  - c\n",
    ):
        found = look_at(data)
        assert (found.outcome, found.findings) == (Outcome.safe, ()), found
    found = look_at(b"As in <script>, say.\n")
    assert (found.outcome, rules(found)) == (Outcome.safe, {"script"})
    assert [one.rule for one in look_at("a\u202eb".encode()).findings] == ["hidden-order"]


def test_pages_and_drawings_with_scripts_are_refused() -> None:
    """A browser runs them as soon as they are opened; a plain drawing is fine."""
    for data in (
        b"<!DOCTYPE html><html><script>1</script></html>",
        b"<svg><rect onclick='x()'/></svg>",
        b"<html><a href='javascript:x()'>x</a></html>",
    ):
        unsafe(data, "script")
    assert look_at(b"<svg><rect width='1'/><text>on average = 3</text></svg>").findings == ()


def test_what_is_not_known_is_refused() -> None:
    for data in (
        b"\0\1\2\3" * 10,
        b"\xff\xfeh\0i\0\0\0",
        b"\xff\xfeh\0i",
        b"hi\0there",
        b"\x93NUMP",
    ):
        unsafe(data, "unknown")


def test_pictures_and_tables_end_as_they_should() -> None:
    png = (EXAMPLES / "pictures" / "share.png").read_bytes()
    assert (look_at(png).kind, look_at(png).outcome) == ("png", Outcome.safe)
    unsafe(png + b"x", "damaged")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_anything_is_handled(value: str | bytes) -> None:
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    assert look_at(data).outcome in Outcome


SLOW = {
    "template": b'{"chat_template": "{{ \'' + b"{:" * 200_000 + b"' }}\"}",
    "template of dots": b'{"chat_template": "{{ \'' + b"{." * 200_000 + b"' }}\"}",
    "template without an end": b'{"chat_template": "{{ \'' + b"a" * 400_000 + b'"}',
    "brackets in a template": b'{"chat_template": "{{ ' + b"[" * 400_000 + b'"}',
    "lines of a cell": notebook(cell("\n" * 200_000)),
    "tags of a cell": notebook(cell("1", [{"data": {"text/html": "<" + " " * 300_000}}])),
    "lines": b"\n" * 1_000_000 + b"x",
    "fences": b"```\n~~~\n" * 100_000,
    "document types": b"<!DOCTYPE " * 100_000,
    "a long line": b"def f(" + b", " * 500_000 + b"x",
    "imports": b"import a" + b" " * 500_000 + b"x",
    "marks": b"(" * 1_000_000,
    "nested lists": b"[" * 900 + b"]" * 900,
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW.keys())
def test_nothing_takes_more_than_a_time_that_grows_with_its_length(data: bytes) -> None:
    """Each of these took minutes or for ever with a careless pattern."""
    assert look_at(data).outcome in Outcome
