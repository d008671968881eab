"""Every hostile file is called unsafe, no benign one is, and the corpus is what it says it is.

``python -m tests.corpus`` prints the same as a table, with the scanner's reasons.
"""

from __future__ import annotations

import pickletools
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from tests.corpus.assembly import EVAL, SYSTEM, whole
from tests.corpus.estimators import ESTIMATORS, fitted, rows
from tests.corpus.everything import benign, crafted, hostile
from tests.corpus.judging import judged, report, right
from tests.corpus.sample import Benign, Crafted, Hostile, built
from workbench.converting import skops_form
from workbench.converting.loading import load
from workbench.errors import TrustError

PICKLES = [one for one in hostile() if one.name.startswith(("opcodes/", "frames/"))]
HOSTILE = Counter(sample.name.partition("/")[0] for sample in hostile())
BENIGN = Counter(sample.name.partition("/")[0] for sample in benign())
BROKEN = {"broken-after", "no-stop", "cut-after", "huge-text-after", "huge-bytes-after"}


@pytest.mark.parametrize("family", HOSTILE)
def test_hostile_files_are_unsafe(family: str) -> None:
    """None is missed, and none makes the scanner fail."""
    verdicts = judged(_of(family, hostile()))
    assert len(verdicts) == HOSTILE[family]
    assert {v.sample.name: (v.outcome, v.reason) for v in verdicts if not right(v)} == {}


@pytest.mark.parametrize("family", BENIGN)
def test_benign_files_are_not(family: str) -> None:
    """Safe forms are safe; pickles of common models are allowed, neither more nor less."""
    verdicts = judged(_of(family, benign()))
    assert len(verdicts) == BENIGN[family]
    assert {v.sample.name: (v.outcome, v.reason) for v in verdicts if not right(v)} == {}


@pytest.mark.parametrize("sample", crafted(), ids=lambda sample: sample.name)
def test_crafted_numbers_are_told_of_and_not_loaded(sample: Crafted, tmp_path: Path) -> None:
    """The scanner says that there may be some; loading looks at them, and refuses."""
    paths = built(sample, tmp_path)
    said = report(paths, tmp_path)
    rules = {found.rule for file in said.files for found in file.findings}
    assert rules & {"pickle-native", "native-state"} or said.outcome == "unsafe"
    if said.outcome == "allowed":
        assert "could still crash" in said.files[0].reason
    if paths[0].name == skops_form.FILE:
        unknown = [name for name in said.files[0].names if skops_form.NAMEABLE.match(name)]
        with pytest.raises(TrustError, match="a decision tree in it leads out of itself"):
            load(paths[0].parent, unknown)


def test_the_corpus_is_large_and_without_doubles() -> None:
    """As many as were promised, each with a name and a reason of its own, each other bytes."""
    assert len(hostile()) >= 150
    assert len(ESTIMATORS) >= 25
    names = [sample.name for sample in (*hostile(), *benign())]
    assert len(names) == len(set(names))
    assert all(sample.why for sample in hostile())


def test_samples_are_built_the_same_each_time(tmp_path: Path) -> None:
    """A file that was missed once can be built again from its name."""
    for sample in (*PICKLES, *_of("zip", hostile())[:20]):
        first, second = built(sample, tmp_path / "a"), built(sample, tmp_path / "b")
        assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("sample", PICKLES, ids=lambda sample: sample.name)
def test_opcodes_are_what_a_pickle_is_made_of(sample: Hostile, tmp_path: Path) -> None:
    """The disassembler reads them all, but for those that are meant to be broken."""
    data = built(sample, tmp_path)[0].read_bytes()
    if sample.name.partition("/")[2] in BROKEN:
        with pytest.raises(ValueError, match=r"unknown|exhausted|expected|sys\.maxsize"):
            list(pickletools.genops(data))
    else:
        assert list(pickletools.genops(data))[-1][0].name == "STOP"


def test_the_payload_is_there_and_harmless() -> None:
    """What runs, if anything ever did: a shell that does nothing, a look at one variable."""
    strings = [arg for _, arg, _ in pickletools.genops(whole(SYSTEM + b"0" + EVAL)) if arg]
    assert ": wb-canary" in strings
    assert "__import__('os').getenv('WB_CANARY')" in strings


def test_lying_archives_lie(tmp_path: Path) -> None:
    """The standard library refuses the archives that are said to be broken."""
    for trick, error in (("crc", zipfile.BadZipFile), ("encrypted-bit", RuntimeError),
                         ("unknown-method", NotImplementedError)):  # fmt: skip
        (sample,) = [one for one in hostile() if one.name == f"zip/{trick}"]
        with zipfile.ZipFile(built(sample, tmp_path)[0]) as archive, pytest.raises(error):
            archive.read("archive/data.pkl")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_benign_models_are_fitted(name: str) -> None:
    """They predict or transform; nothing here is an empty shell."""
    model, (sample, _) = fitted(name), rows(name)
    use = getattr(model, "predict", None) or getattr(model, "transform", None)
    use = use or (lambda given: model.negative_outlier_factor_)
    assert use(sample).shape[0] == len(sample)  # some give sparse matrices, which have no length


def _of(family: str, samples: tuple[Hostile | Benign, ...]) -> list[Hostile | Benign]:
    return [sample for sample in samples if sample.name.partition("/")[0] == family]
