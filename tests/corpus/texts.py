"""Texts that run something when they are read by the usual program."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.sample import Hostile, dropped, several

__all__ = ["texts"]


YAML = {
    "apply": "a: !!python/object/apply:os.system [': wb-canary']\n",
    "apply-map": "a: !!python/object/apply:subprocess.Popen\n  args: [['true']]\n",
    "new": "!!python/object/new:type\nargs: [z, !!python/tuple [], {extend: !!python/name:exec }]\n"
    "listitems: \"__import__('os').getenv('WB_CANARY')\"\n",
    "object": "a: !!python/object:threading.Timer {}\n",
    "name": "a: !!python/name:os.system ''\n",
    "module": "a: !!python/module:antigravity ''\n",
    "verbatim": "a: !<tag:yaml.org,2002:python/object/apply:os.system> [': wb-canary']\n",
    "handle": "%TAG !p! tag:yaml.org,2002:python/\n---\n"
    "a: !p!object/apply:os.system [': wb-canary']\n",
    "handle-main": "%TAG ! tag:yaml.org,2002:python/object/apply:\n---\na: !os.system [': wb']\n",
    "escaped": "a: !!python%2Fobject%2Fapply:os.system [': wb-canary']\n",
    "second": "a: 1\n---\nb: !!python/object/apply:os.system [': wb-canary']\n",
    "key": "? !!python/object/apply:os.system [': wb-canary']\n: 1\n",
    "flow": "{a: [1, {b: !!python/object/apply:os.system [': wb-canary']}]}\n",
    "anchor": "a: &x !!python/object/apply:os.system [': wb-canary']\nb: *x\n",
    "utf16": "\ufeffa: !!python/object/apply:os.system [': wb-canary']\n",
    "java": "a: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]\n",
    "hydra": "model:\n  _target_: os.system\n  command: ': wb-canary'\n",
    "hydra-list": "callbacks:\n  - {_target_: builtins.eval, _args_: ['1']}\n",
    "class-path": "model:\n  class_path: subprocess.Popen\n  init_args: {args: ['true']}\n",
}
XXE = '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><PMML>&x;</PMML>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><PMML>&j;</PMML>"
)
MLMODEL = (
    "flavors:\n  python_function:\n    loader_module: evil_module\n    code: code\n    data: data\n"
)


def _rows() -> Iterator[tuple[str, str, str, bytes]]:
    for trick, text in YAML.items():
        coding = "utf-16" if trick == "utf16" else "utf-8"
        yield f"yaml-{trick}", "settings.yaml", "made while YAML is read", text.encode(coding)
    yield (
        "yaml-as-json",
        "settings.json",
        "YAML readers take JSON names too",
        YAML["apply"].encode(),
    )
    yield "yaml-as-model", "MLmodel", "MLflow's settings are YAML", YAML["apply"].encode()
    yield "mlmodel", "MLmodel", "MLflow imports the loader that is named", MLMODEL.encode()
    yield "pmml-entity", "model.pmml", "an entity that is read from a file", XXE.encode()
    yield "pmml-laughs", "model.pmml", "entities in entities until memory is full", LAUGHS.encode()
    yield "xml-entity", "model.xml", "an entity that is read from a file", XXE.encode()
    yield (
        "spacy",
        "config.cfg",
        "registered code of another package",
        (b'[initialize.before_init]\n@callbacks = "evil.run.v1"\n[paths]\ncode = "evil.py"\n'),
    )


def texts() -> Iterator[Hostile]:
    """YAML, XML, JSON and settings."""
    yield from dropped("text", _rows())
    yield Hostile(
        "text/mlflow-folder",
        "MLflow runs the code that lies beside the settings",
        several(
            {
                "MLmodel": MLMODEL.encode(),
                "code/evil_module.py": b"import os\nos.getenv('WB_CANARY')\n",
            }
        ),
    )
