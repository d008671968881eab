"""Surroundings: what reproduces is there, what identifies is not."""

from __future__ import annotations

import getpass
import os
import platform
import socket
import subprocess
import sys
import uuid
from importlib import metadata
from pathlib import Path

import pytest

from workbench.origin.record import Environment
from workbench.training import environment

A_DIGEST = "sha256:" + "ab" * 32


def git(folder: Path, *words: str) -> str:
    clear = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    clear |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=clear, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "train.py").write_text("x = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "start")
    return folder


class TestWhole:
    def test_it_can_be_signed(self) -> None:
        """And is read back as it was."""
        found = environment.describe()
        assert Environment.from_bytes(found.to_bytes()) == found
        assert found.python == platform.python_version()
        assert found.machine["architecture"] == platform.machine()
        assert found.machine["cores"] == len(os.sched_getaffinity(0))

    def test_nothing_in_it_tells_whose_machine_it_was(self, repository: Path) -> None:
        """No name of machine or person, no address, no folder, no serial number."""
        text = environment.describe(repository).to_bytes().decode().lower()
        identifying = {
            socket.gethostname(),
            platform.node(),
            socket.getfqdn(),
            getpass.getuser(),
            str(Path.home()),
            str(Path.cwd()),
            str(repository),
            sys.prefix,
            sys.executable,
            platform.release(),
            platform.version(),
            f"{uuid.getnode():012x}",
            ":".join(f"{uuid.getnode():012x}"[i : i + 2] for i in range(0, 12, 2)),
            *(info[4][0] for info in socket.getaddrinfo("localhost", None)),
        }
        for file in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
            if Path(file).exists():
                identifying.add(Path(file).read_text().strip())
        for word in identifying - {""}:
            assert f'"{word.lower()}"' not in text
            assert len(word) < 5 or word.lower() not in text
        assert "/" not in text
        assert "example.org" not in text

    def test_memory_is_rounded(self) -> None:
        """To whole GiB: enough to know whether it fits."""
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        found = environment.machine()["memory (GiB)"]
        assert isinstance(found, int)
        assert abs(found - pages / 2**30) <= 0.5


class TestPackages:
    def test_what_is_imported_is_there_with_its_version(self) -> None:
        """As the installed distribution says, whose name may differ from the module's."""
        found = environment.packages()
        assert found["pytest"] == metadata.version("pytest") == pytest.__version__
        assert found["pydantic"] == metadata.version("pydantic")

    def test_what_is_only_installed_is_not(self) -> None:
        """Asked in a fresh interpreter, which has loaded next to nothing."""
        program = (
            "import json, yaml\n"
            "from workbench.training import environment\n"
            "print(json.dumps(environment.packages()))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        assert f'"PyYAML": "{metadata.version("PyYAML")}"' in done.stdout
        for absent in ("torch", "scikit-learn", "pandas", "numpy"):
            assert f'"{absent}"' not in done.stdout

    def test_frameworks_say_how_they_compute(self) -> None:
        """The library below numpy, pools of threads, and whether torch is deterministic."""
        program = (
            "import json, numpy, sklearn.linear_model, torch\n"
            "torch.set_num_threads(1)\n"
            "from workbench.training import environment\n"
            "print(json.dumps(environment.machine()))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        assert '"blas": "' in done.stdout
        assert '"threads (' in done.stdout
        assert '"torch threads": 1' in done.stdout
        assert '"torch deterministic": false' in done.stdout
        assert "/" not in done.stdout


class TestThreads:
    def test_only_what_decides_sums_and_chance(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """And only plain values: a variable may hold anything."""
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        monkeypatch.setenv("PYTHONHASHSEED", "0")
        monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        monkeypatch.setenv("MKL_NUM_THREADS", "/home/anna")
        monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
        found = environment.threads()
        assert found["OMP_NUM_THREADS"] == "2"
        assert found["PYTHONHASHSEED"] == "0"
        assert found["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        assert "MKL_NUM_THREADS" not in found
        assert "hunter2" not in str(found)


class TestGit:
    def test_a_clean_commit(self, repository: Path) -> None:
        """As git itself says it, from a folder below as well."""
        (repository / "below").mkdir()
        for folder in (repository, repository / "below"):
            found = environment.commit(folder)
            assert found is not None
            assert found.commit == git(repository, "rev-parse", "HEAD")
            assert found.dirty is False

    @pytest.mark.parametrize("file", ["train.py", "new.py"])
    def test_anything_changed_or_new_is_said(self, repository: Path, file: str) -> None:
        """The code may not be what the commit holds."""
        (repository / file).write_text("x = 2\n")
        found = environment.commit(repository)
        assert found is not None
        assert found.dirty is True

    def test_no_repository_no_commit_no_git(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is said, and nothing raised."""
        assert environment.commit(tmp_path) is None
        assert environment.commit(tmp_path / "missing") is None
        git(tmp_path, "init", "-q")
        assert environment.commit(tmp_path) is None
        monkeypatch.setenv("PATH", str(tmp_path))
        assert environment.commit(tmp_path) is None

    def test_a_repository_cannot_have_programs_run(self, repository: Path) -> None:
        """Its watcher and hooks stay unasked."""
        mark = repository.parent / "ran"
        program = repository.parent / "program"
        program.write_text(f"#!/bin/sh\necho x > {mark}\n")
        program.chmod(0o755)
        git(repository, "config", "core.fsmonitor", str(program))
        git(repository, "config", "core.hooksPath", str(repository.parent))
        (repository / "train.py").write_text("x = 3\n")
        assert environment.commit(repository) is not None
        assert not mark.exists()

    def test_the_surroundings_cannot_point_elsewhere(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A variable that names another repository is not followed."""
        other = tmp_path / "other"
        other.mkdir()
        git(other, "init", "-q")
        git(other, "commit", "-q", "--allow-empty", "-m", "other")
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(other))
        found = environment.commit(repository)
        assert found is not None
        assert found.commit == git(repository, "rev-parse", "HEAD")

    def test_reading_leaves_the_repository_alone(self, repository: Path) -> None:
        """Not even its index is refreshed."""
        index = repository / ".git" / "index"
        (repository / "train.py").touch()
        before = index.read_bytes(), index.stat().st_mtime_ns
        environment.commit(repository)
        assert (index.read_bytes(), index.stat().st_mtime_ns) == before


class TestContainer:
    @pytest.fixture(autouse=True)
    def _bare(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in environment.IMAGES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(environment, "CONTAINER_FILE", tmp_path / "containerenv")

    def test_a_hub_says_the_digest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The digest only: the address of a registry may tell who works where."""
        monkeypatch.setenv("JUPYTER_IMAGE_SPEC", f"registry.example/lab/notebook:1@{A_DIGEST}")
        assert environment.container() == A_DIGEST

    def test_podman_says_it(self, tmp_path: Path) -> None:
        """In a file of its own."""
        said = f'engine="podman"\nname="anna"\nimageid="{A_DIGEST[7:]}"\n'
        (tmp_path / "containerenv").write_text(said)
        assert environment.container() == A_DIGEST

    @pytest.mark.parametrize("image", ["", "lab/notebook:latest", "x@sha256:abc", A_DIGEST + "ab"])
    def test_a_name_is_no_digest(self, monkeypatch: pytest.MonkeyPatch, image: str) -> None:
        """A tag can point to something else tomorrow."""
        monkeypatch.setenv("JUPYTER_IMAGE", image)
        assert environment.container() is None
