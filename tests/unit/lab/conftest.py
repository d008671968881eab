"""A real Jupyter server with our extension; behind it a workshop, or one person's workplace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import safetensors.numpy
from pytest_jupyter.jupyter_server import *  # noqa: F403 - fixtures, for this folder alone
from tornado.httpclient import HTTPClientError, HTTPResponse

from tests.traced import OPENABLE, publish
from workbench.app import Workplace
from workbench.policy import terms
from workbench.services.publish import Draft
from workbench.stores import agent
from workbench.stores.agent import AgentKeystore
from workbench.stores.keystore import FileKeystore, MemoryKeystore
from workbench.workshop import PEOPLE

REF = "lab/model:1.0"
MARKED = "lab/marked:1.0"
PASSPHRASE = "correct horse battery staple"


@dataclass
class Answer:
    """What the server said."""

    status: int
    body: Any
    raw: HTTPResponse


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Nothing is open to somebody who did not log in."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"workbench": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own; what the server sets in its environment ends with the test."""
    for name in ("AGENT", "PASSPHRASE", "PROFILE", "EXCHANGE"):
        monkeypatch.setenv(f"WORKBENCH_{name}", "")
        monkeypatch.delenv(f"WORKBENCH_{name}")
    home = tmp_path / "wb"
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return home


@pytest.fixture
def workshop(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[agent.AgentServer]:
    """Four people; Ada has published a release and Noor is being played."""
    keystore = MemoryKeystore()
    workplace = Workplace(place, keystore)
    for name, display, roles in PEOPLE:
        workplace.init(name, display=display, roles=roles)
    model = place.parent / "model.bin"
    model.write_bytes(b"weights")
    name, _, version = REF.partition(":")
    draft = Draft.of(
        name=name, version=version, title="A model", license="CC-BY-4.0",
        terms=terms.standard(), regions=("eu",),
    )  # fmt: skip
    publish(workplace.session("ada"), draft, workplace.files(model), OPENABLE)
    socket = place.parent / "agent.sock"
    monkeypatch.setenv("WORKBENCH_AGENT", str(socket))
    with agent.serve(keystore, socket) as server:
        server.current = "noor"
        yield server


@pytest.fixture
def markable(workshop: agent.AgentServer, place: Path) -> str:
    """A second release of Ada's, one that can carry a mark."""
    layer = {"layer": np.random.default_rng(1).normal(size=(64, 32)).astype("f4")}
    model = place.parent / "m.safetensors"
    model.write_bytes(safetensors.numpy.save(layer))
    workplace = Workplace(place, AgentKeystore(place.parent / "agent.sock"))
    name, _, version = MARKED.partition(":")
    draft = Draft.of(name=name, version=version, license="CC-BY-4.0", terms=terms.standard())
    return workplace.session("ada").publish(draft, workplace.files(model)).key


@pytest.fixture(scope="package")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person's home, made once: deriving a key from a passphrase is slow on purpose."""
    home = tmp_path_factory.mktemp("installed") / "wb"
    keystore = FileKeystore(home / "keystore.age", lambda: PASSPHRASE)
    Workplace(home, keystore).init("ada")
    return home


@pytest.fixture
def personal(place: Path, installed: Path) -> None:
    """One person, whose keys are in a file under a passphrase; the server does not know it."""
    shutil.copytree(installed, place)


@pytest.fixture
def ask(jp_fetch: Any) -> Any:
    """Ask the server as the front end does: a path, and a body if something is to be done."""

    async def send(path: str, body: Any = None, **query: str) -> Answer:
        method = "GET" if body is None else "POST"
        data = body if isinstance(body, bytes | None) else json.dumps(body)
        try:
            raw = await jp_fetch(
                "workbench", "api", *path.split("/"), method=method, body=data, params=query
            )
        except HTTPClientError as error:
            raw = cast(HTTPResponse, error.response)
        text = raw.body.decode()
        is_json = raw.headers["Content-Type"].startswith("application/json")
        return Answer(raw.code, json.loads(text) if is_json else text, raw)

    return send
