"""Settings that make programs call what they name: JSON, YAML, and configuration files."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.scanning.building import look_at, rules, unsafe
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.targets import is_known

NAMES = [
    *(
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "torch.load",
        "torch.hub.load",
        "evil.Model",
    ),
    *(
        "torch.nn.Module.load_state_dict",
        "torch.nn._reduction.Enum",
        "torchx.nn.Linear",
        "torch.nn",
    ),
    *("transformers.AutoModel", "transformers.agents.PythonTool", "transformers.TextPipeline"),
    *("lightning.pytorch.callbacks.LambdaCallback", "lightning.pytorch.cli.LightningCLI", ""),
    *("nemo.utils.model_utils.import_class", "omegaconf.OmegaConf", "torch.nn.Linear\u0430"),
    *("sklearn.datasets.Loader", "sklearn.utils.Bunch", "torch.nn.Linear.__init__", "${oc.env:A}"),
]
FINE = [
    *("torch.nn.Linear", "torch.nn.modules.linear.Linear", "torch.optim.AdamW"),
    "lightning.pytorch.Trainer",
    *("torch.optim.lr_scheduler.CosineAnnealingLR", "torchvision.transforms.v2.Resize"),
    *("nemo.collections.asr.models.EncDecCTCModel", "transformers.TrainingArguments"),
    *("sklearn.ensemble._forest.RandomForestClassifier", "diffusers.UNet2DModel"),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_not_known_are_refused(name: str) -> None:
    """Wherever they stand, and however they are written."""
    assert not is_known(name)
    quoted = json.dumps(name, ensure_ascii=False)
    for text in (
        f"model:\n  _target_: {quoted}\n",
        f"- {{_target_: {quoted}, _args_: [1]}}\n",
        f'"_target_" : {quoted}\na: 1\n',
        f"? _target_\n: {quoted}\n",
        f"_target_:\n  {quoted}\n",
        f"a: 1\n_target_: !!str {quoted}\n",
        f"&a _target_: {quoted}\n",
        json.dumps({"a": [{"_target_": name}]}),
        json.dumps({"a": 1, "_target_": [name]}),
    ):
        unsafe(text.encode(), "settings-code")


@pytest.mark.parametrize("name", FINE)
def test_known_names_are_a_concern(name: str) -> None:
    """A program calls them, so it is no plain data; but they only compute."""
    for text in (
        f"model:\n  _target_: {name}  # a layer\n  size: 3\n",
        f"model: {{_target_: '{name}', size: 3}}\n",
        f"model:\n  class_path: {name}\n",
        json.dumps({"model": {"_target_": name}}),
        json.dumps({"model": {"class_path": name}}),
    ):
        found = look_at(text.encode())
        assert found.outcome is Outcome.allowed, (text, found)
        assert [(one.rule, one.level) for one in found.findings] == [
            ("settings-known-code", Level.concern)
        ]


@pytest.mark.parametrize(
    "text",
    [
        "a: &k _target_\n*k : os.system\n",
        "? |-\n  _target_\n# more\n: os.system\n",
        '"\\x5ftarget_": os.system\n',
        '{a: 1, "\\u005f\\u0074arget_": os.system}\n',
    ],
)
def test_hidden_names_are_refused(text: str) -> None:
    assert "_target_" in json.dumps(yaml.safe_load(text))  # a reader sees it
    unsafe(text.encode(), "settings-hidden")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python%2Fobject%2Fapply:os.system [x]\n",
        "a: !!p%79thon/object/apply:os.system [x]\n",
        "a: !!javax.script.ScriptEngineManager []\n",
        "a: !!Unknown {}\n",
        "a: &x !!ruby/object:Gem::Installer {}\n",
        "- !<tag:yaml.org,2002:python/object/apply:os.system> [x]\n",
        "- !<tag:yaml.org,2002:%70ython/name:os.system> ''\n",
        "a: !new:os.system\n",
        "a: !apply:os.system [x]\n",
        "[1,!!perl/hash:X {}]\n",
    ],
)
def test_tags_of_objects_are_refused(text: str) -> None:
    unsafe(text.encode(), "yaml-objects")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!str 3\nb: !!set {x}\nc: !!float 1\nd: !ENV home\ne: !<!local> 1\n",
        "a: !<tag:yaml.org,2002:int> 3\n",
        "# Notes\n\n!!! note\n    Fever!! Then better!: see ![plot](plot.png)\n",
        "id,note\n1,wow !!great\n2,no!\n",
        "class_path: data\npath: a.b\ntarget: age.group\nparams: 3\n",
        "The key `_target_` names a class.\n",
        "seed: 1\ncode: 3\nuser@example.org\n",
    ],
)
def test_plain_settings_and_prose_are_safe(text: str) -> None:
    found = look_at(text.encode())
    assert (found.outcome, found.findings) == (Outcome.safe, ())


def test_settings_of_mlflow() -> None:
    start = "flavors:\n  python_function:\n    loader_module: "
    assert look_at(f"{start}mlflow.sklearn\n    code: null\n".encode()).outcome is Outcome.allowed
    for end in ("evil\n", "mlflow.evil\n", "mlflow.sklearn\n    code: code\n"):
        unsafe((start + end).encode(), "settings-code")
    flavour = {"loader_module": "mlflow.xgboost", "code": None}
    assert look_at(json.dumps(flavour).encode()).outcome is Outcome.allowed
    unsafe(json.dumps({**flavour, "code": "code"}).encode(), "settings-code")
    unsafe(json.dumps({"loader_module": "evil"}).encode(), "settings-code")


def test_settings_of_spacy() -> None:
    fine = '[a]\n@architectures = "spacy.Tagger.v2"\n[b]\n@optimizers = "Adam.v1"\n'
    assert look_at(fine.encode()).outcome is Outcome.safe
    unsafe(b'[a]\n@callbacks = "evil.run.v1"\n', "settings-code")
    unsafe(fine.encode() + b'[paths]\ncode = "evil.py"\n', "settings-code")


def test_settings_of_hubs() -> None:
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Pooling"}
    assert look_at(json.dumps([module]).encode()).outcome is Outcome.safe
    for name in (
        "evil.Pooling",
        "sentence_transformers.models.Evil",
        "sentence_transformers.x.IDF",
    ):
        unsafe(json.dumps([{**module, "type": name}]).encode(), "settings-code")
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DModel"],
             "safety_checker": [None, None], "size": [3, 4]}  # fmt: skip
    assert look_at(json.dumps(index).encode()).outcome is Outcome.safe
    unsafe(json.dumps({**index, "unet": ["evil", "Model"]}).encode(), "settings-code")
    unsafe(json.dumps({**index, "_class_name": ["pipeline", "Own"]}).encode(), "settings-code")
    latent = "model:\n  target: {}\n  params:\n    a: 1\n"
    unsafe(latent.format("ldm.models.Evil").encode(), "settings-code")
    assert look_at(latent.format("torch.nn.Linear").encode()).outcome is Outcome.allowed


def test_long_texts_cost_no_more_than_their_length() -> None:
    """Patterns that go back and forth would not end within the time that a test has."""
    for piece in (",&", ": !a", "!<", "_target_ ", "- &a ", '"\\x', "@a=", "target: a.", "? "):
        found = look_at(piece.encode() * (1 << 18) + b"_target_" + b" " * (1 << 18))
        assert found.kind == "text"


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    data = text.encode("utf-8", "replace")
    assert rules(look_at(data + b"\n_target_: evil.Run\n")) >= {"settings-code"} or (
        look_at(data + b"\n_target_: evil.Run\n").outcome is Outcome.unsafe
    )
