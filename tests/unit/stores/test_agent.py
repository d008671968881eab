"""The key agent: private, bounded, and never showing a secret."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.unit.stores.agents import Broken, raw
from workbench.encoding import canonical
from workbench.errors import (
    Conflict,
    Denied,
    InputError,
    NotFound,
    TrustError,
    Unavailable,
    WorkbenchError,
)
from workbench.stores import agent, messages
from workbench.stores.agent import AgentKeystore, AgentServer, serve
from workbench.stores.keystore import MemoryKeystore


class TestPlace:
    def test_the_socket_is_the_owners_alone(self, server: AgentServer) -> None:
        """Folder 0700, socket 0600."""
        assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(server.path.parent.stat().st_mode) == 0o700

    @pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
    def test_a_folder_others_may_enter_is_refused(self, place: Path, mode: int) -> None:
        """The permissions are not changed silently: it may be a shared folder."""
        place.parent.mkdir()
        place.parent.chmod(mode)
        with pytest.raises(InputError, match="Others may enter"):
            serve(MemoryKeystore(), place)
        assert os.listdir(place.parent) == []

    def test_a_folder_behind_a_link_is_refused(self, place: Path) -> None:
        """The link's owner could lead clients elsewhere."""
        (place.parent.parent / "real").mkdir(mode=0o700)
        place.parent.symlink_to("real")
        with pytest.raises(InputError, match="Others may enter"):
            serve(MemoryKeystore(), place)

    def test_a_long_path_is_refused_on_both_sides(self, place: Path) -> None:
        """The system's own error would not say what to do."""
        long = place.with_name("x" * 100)
        with pytest.raises(InputError, match="longer than 100 bytes"):
            serve(MemoryKeystore(), long)
        with pytest.raises(InputError, match="longer than 100 bytes"):
            AgentKeystore(long)

    def test_a_running_agent_is_left_alone(self, server: AgentServer) -> None:
        """A second one at the same place is a conflict, and the first goes on."""
        with pytest.raises(Conflict, match="running"):
            serve(MemoryKeystore(), server.path)
        assert AgentKeystore(server.path).names() == ["alice"]

    def test_a_dead_agents_socket_is_replaced(self, place: Path) -> None:
        """After a crash the next one starts."""
        program = (
            "import os, sys, pathlib\n"
            "from workbench.stores.agent import serve\n"
            "from workbench.stores.keystore import MemoryKeystore\n"
            "serve(MemoryKeystore(), pathlib.Path(sys.argv[1]))\n"
            "os.kill(os.getpid(), 9)\n"
        )
        ended = subprocess.run([sys.executable, "-c", program, str(place)], check=False)
        assert ended.returncode == -9
        assert stat.S_ISSOCK(place.stat().st_mode)
        with pytest.raises(Unavailable, match="connection refused"):
            AgentKeystore(place).names()
        with serve(MemoryKeystore(), place):
            assert AgentKeystore(place).names() == []

    @pytest.mark.parametrize("kind", ["file", "folder", "link"])
    def test_something_else_in_the_place_is_left_alone(self, place: Path, kind: str) -> None:
        """Only a socket is ever removed."""
        place.parent.mkdir(mode=0o700)
        if kind == "file":
            place.write_bytes(b"mine")
        elif kind == "folder":
            place.mkdir()
        else:
            place.symlink_to("elsewhere")
        with pytest.raises(Conflict, match="no socket"):
            serve(MemoryKeystore(), place)
        assert os.path.lexists(place)

    def test_of_many_started_at_once_one_runs(self, place: Path) -> None:
        """The place is taken by one; the others hear so."""
        outcomes: list[Any] = []

        def start() -> None:
            try:
                outcomes.append(serve(MemoryKeystore(), place))
            except Conflict as error:
                outcomes.append(error)

        threads = [threading.Thread(target=start) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        running = [outcome for outcome in outcomes if isinstance(outcome, AgentServer)]
        assert (len(running), len(outcomes)) == (1, 6)
        assert AgentKeystore(place).names() == []
        running[0].close()

    def test_closing_takes_the_socket_away_but_not_a_successors(self, place: Path) -> None:
        """Closing twice, or late, harms nobody."""
        first = serve(MemoryKeystore(), place)
        first.close()
        assert not place.exists()
        with serve(MemoryKeystore(), place):
            first.close()
            assert AgentKeystore(place).names() == []

    def test_without_an_agent_it_is_unavailable(self, place: Path) -> None:
        """The hint says how to get one."""
        with pytest.raises(Unavailable, match=r"cannot be reached.*JupyterLab"):
            AgentKeystore(place).names()


class TestWho:
    def test_another_users_program_is_turned_away(
        self, server: AgentServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even one that gets to the socket: here the superuser, who passes all permissions."""
        real = messages.peer
        monkeypatch.setattr(agent, "peer", lambda connection: real(connection) + 1)
        assert raw(server.path, canonical({"op": "names"}) + b"\n") == b""

    def test_another_users_agent_is_not_trusted(
        self, server: AgentServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The client looks before it says anything."""
        monkeypatch.setattr(agent.os, "geteuid", lambda: 4242)
        # It lets us in, as a hostile one would.
        monkeypatch.setattr(
            agent.AgentServer, "verify_request", lambda own, *_: own._places.acquire()
        )
        with pytest.raises(Unavailable, match="belongs to somebody else"):
            AgentKeystore(server.path).names()

    def test_the_kernel_tells_who_is_there(self) -> None:
        """The real credentials of a real pair of sockets."""
        one, other = socket.socketpair(socket.AF_UNIX)
        with one, other:
            assert messages.peer(one) == os.geteuid()

    def test_the_current_person_is_the_servers_to_say(self, server: AgentServer) -> None:
        """Clients see the change at once; they cannot make it."""
        client = AgentKeystore(server.path)
        assert client.current() is None
        server.current = "bob"
        assert client.current() == "bob"
        answer = raw(server.path, canonical({"op": "current", "name": "eve"}) + b"\n")
        assert json.loads(answer)["error"]["class"] == "InputError"
        assert server.current == "bob"


class TestErrors:
    @pytest.mark.parametrize(
        "error",
        [
            InputError("m", unchanged="u", hint="h"),
            NotFound("m", hint="h"),
            Conflict("m", unchanged="u"),
            Denied("m"),
            Unavailable("m", unchanged="u", hint="h"),
            TrustError("envelope", "m", unchanged="u", hint="h"),
            TrustError("", "m"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_arrive_as_they_left(self, place: Path, error: WorkbenchError) -> None:
        """The class, the three sentences, the step and the exit code."""
        with serve(Broken(error), place), pytest.raises(WorkbenchError) as caught:
            AgentKeystore(place).sign("alice", b"")
        found = caught.value
        assert type(found) is type(error)
        assert (str(found), found.hint, found.unchanged) == (
            str(error),
            error.hint,
            error.unchanged,
        )
        assert getattr(found, "step", None) == getattr(error, "step", None)

    def test_a_fault_of_the_agent_does_not_say_what_it_held(self, place: Path) -> None:
        """Neither on the wire nor in the client's error."""
        with serve(Broken(ValueError("AGE-SECRET-KEY-1X")), place):
            with pytest.raises(Unavailable, match=r"failed at sign \(ValueError\)"):
                AgentKeystore(place).sign("alice", b"")
            answer = raw(place, canonical({"op": "sign", "name": "a"}) + b"\n")
        assert b"AGE-SECRET" not in answer

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"hello\n",
            b"[]\n",
            b"{}\n",
            b'{"value":7}\n',
            b'{"value":[]}',
            b'{"error":{}}\n',
            b'{"error":{"class":"SystemExit","hint":"","message":"","step":"","unchanged":""}}\n',
            b'{"error":7}\n',
            b"x" * (messages.MAX_LINE + 100_000),
        ],
    )
    def test_a_lying_agent_is_unavailable(self, place: Path, answer: bytes) -> None:
        """Whatever comes back, it is a sentence and not a crash."""
        place.parent.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.fspath(place))
            listening.listen()

            def lie() -> None:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    with suppress(OSError):
                        connection.sendall(answer)

            liar = threading.Thread(target=lie)
            liar.start()
            with pytest.raises(Unavailable, match="cannot be reached"):
                AgentKeystore(place).describe()
            liar.join()
