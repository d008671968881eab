"""Which files are data: a person's, and data sets inside packages; nothing of the machine's."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import IPython
import pytest
import sklearn

from workbench.senses.sources import is_source

PACKAGE = "/opt/venv/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    "path",
    [
        "/home/anna/project/a.csv",
        "/home/anna/project/.hidden/a.csv",
        "/home/anna/project/.patients.csv",
        "/home/anna/project/params.yaml",
        "/home/anna/project/model.pt",
        "/home/anna/project/notes",
        "/home/anna/.cache/huggingface/datasets/x/data.arrow",
        "/mnt/share/images/1.dcm",
        "/data/lib/a.csv",
        "/tmp/run/a.csv",  # noqa: S108
        "/dev/shm/cohort.parquet",  # noqa: S108
        f"{PACKAGE}/sklearn/datasets/data/breast_cancer.csv",
        f"{PACKAGE}/sklearn/datasets/data/digits.csv.gz",
        f"{PACKAGE}/statsmodels/datasets/longley/longley.csv",
        f"{PACKAGE}/some/data/rows.npz",
        f"{PACKAGE}/some/data/rows.parquet",
    ],
)
def test_data(path: str) -> None:
    """Whatever lies in a person's folders, whatever its ending."""
    assert is_source(path)


@pytest.mark.parametrize(
    "path",
    [
        "/home/anna/project/helper.py",
        "/home/anna/project/__pycache__/helper.cpython-311.pyc.140",
        "/home/anna/project/fast.cpython-311-x86_64-linux-gnu.so",
        "/home/anna/project/libx.so.1.2",
        "/home/anna/project/study.ipynb",
        "/home/anna/project/.ipynb_checkpoints/study-checkpoint.csv",
        "/home/anna/project/.git/index",
        "/home/anna/project/.env",
        "/home/anna/project/requirements.txt",
        "/home/anna/project/x.db-journal",
        "/home/anna/.ipython/profile_default/history.sqlite",
        "/home/anna/.jupyter/custom.json",
        "/home/anna/.config/matplotlib/x",
        "/home/anna/.cache/matplotlib/fontlist-v390.json",
        "/home/anna/.local/share/jupyter/runtime/kernel.json",
        "/home/anna/.cache/huggingface/token",
        "/home/anna/.aws/config",
        "/home/anna/fonts/x.ttf",
        "/proc/self/status", "/sys/devices/x", "/dev/null", "/etc/mime.types", "/etc/localtime",
        "/usr/share/zoneinfo/UTC", "/usr/share/locale/de/x.mo", "/usr/lib/x.csv",
        "/tmp/ipykernel_123/456",  # noqa: S108
        "/tmp/joblib_memmapping_folder_1_2/3.pkl",  # noqa: S108
        "/dev/shm/joblib_memmapping_folder_1/x",  # noqa: S108
        f"{PACKAGE}/sklearn/datasets/descr/breast_cancer.rst",
        f"{PACKAGE}/datasets/utils/resources/languages.csv",
        f"{PACKAGE}/pandas/tests/io/data/csv/iris.csv",
        f"{PACKAGE}/certifi/cacert.pem",
        f"{PACKAGE}/some-1.0.dist-info/RECORD",
        f"{PACKAGE}/license_expression/data/index.json",
        f"{PACKAGE}/some/rows.csv",
        "/home/anna/project/",
    ],
)  # fmt: skip
def test_no_data(path: str) -> None:
    """Code, notebooks, settings, secrets, caches, and all that belongs to machine and packages."""
    assert not is_source(path)


def test_the_interpreter_and_its_packages_are_no_data() -> None:
    """No file of this interpreter's library is, whatever the machine calls its folders."""
    for folder in (sysconfig.get_path("stdlib"), os.path.dirname(IPython.__file__)):
        files = [path for path in Path(folder).glob("*/*") if path.is_file()]
        assert files
        assert [path for path in files if is_source(str(path))] == []
    assert not is_source(f"{sys.prefix}/share/x.csv")


def test_the_data_sets_of_scikit_learn_are() -> None:
    """And of its thousands of files nothing else."""
    root = Path(sklearn.__file__).parent
    found = {path for path in root.rglob("*") if path.is_file() and is_source(str(path))}
    assert root / "datasets" / "data" / "breast_cancer.csv" in found
    folders = {path.parent.relative_to(root / "datasets").as_posix() for path in found}
    assert folders == {"data", "images"}
