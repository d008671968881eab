"""The key agent: private, bounded, and never showing a secret."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.crypto.keys import DeviceSecret
from workbench.encoding import b64encode, canonical
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

DEVICE = DeviceSecret.generate(classical=True)


@pytest.fixture
def place() -> Iterator[Path]:
    """A path for a socket: short, whatever the temporary folder of the tests is called."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "run" / "agent"


@pytest.fixture
def server(place: Path) -> Iterator[AgentServer]:
    """An agent with one device."""
    keystore = MemoryKeystore()
    keystore.create("alice", DEVICE.to_bytes())
    with serve(keystore, place) as running:
        yield running


class Broken(MemoryKeystore):
    """A keystore whose uses raise what it is given."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def sign(self, name: str, message: bytes) -> bytes:
        raise self.error


def raw(path: Path, *pieces: bytes, finish: bool = False) -> bytes:
    """Send bytes as they are; return all that comes back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.fspath(path))
        try:
            for piece in pieces:
                connection.sendall(piece)
            if finish:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


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


class TestHostile:
    @pytest.mark.parametrize(
        "request_",
        [
            {"op": "export", "name": "alice"},
            {"op": "secret", "name": "alice"},
            {"op": "public"},
            {"op": "public", "name": "alice", "more": ""},
            {"op": "public", "name": 7},
            {"op": "_do"},
            {"op": "__class__"},
            {"name": "alice"},
            {},
            [],
            None,
            "public",
        ],
    )
    def test_there_is_no_other_request(self, server: AgentServer, request_: Any) -> None:
        """Unknown operations, missing and surplus fields, other types: all refused."""
        answer = json.loads(raw(server.path, canonical(request_) + b"\n"))
        assert answer["error"]["class"] == "InputError"

    def test_no_answer_ever_holds_a_secret(self, server: AgentServer) -> None:
        """Every operation there is, called as it may be."""
        sealed = b64encode(b"x")
        fields = {"name": "alice", "secret": sealed, "data": sealed, "sealed": sealed}
        fields["person"] = "noor"
        answers = b""
        for op, (wanted, _) in agent._OPERATIONS.items():
            request = {"op": op, **{field: fields[field] for field in wanted}}
            answers += raw(server.path, canonical(request) + b"\n", finish=True)
        assert answers.count(b"\n") == len(agent._OPERATIONS)
        for secret in json.loads(DEVICE.to_bytes()).values():
            if secret != "device":
                assert json.dumps(secret).encode()[1:-1] not in answers
        assert b"PRIVATE" not in answers
        assert b"SECRET" not in answers

    @pytest.mark.parametrize(
        "data",
        [
            b"\n",
            b"\xff\n",
            b"{\n",
            b'{"op": "names"}\n',
            b'{"op":"names","op":"names"}\n',
            b"[" * 5000 + b"\n",
            b'{"op":"open","name":"alice","sealed":"A"}\n',
        ],
    )
    def test_what_is_no_message_is_refused(self, server: AgentServer, data: bytes) -> None:
        """Not JSON, not canonical, too deep, not base64."""
        answer = json.loads(raw(server.path, data))
        assert answer["error"]["class"] == "InputError"
        assert AgentKeystore(server.path).names() == ["alice"]

    def test_a_message_without_end_is_cut_off(self, server: AgentServer) -> None:
        """At one MiB the agent says so and hangs up."""
        answer = raw(server.path, *[b"x" * 65536] * 40)
        assert b"over 1048576 bytes" in answer or answer == b""
        assert AgentKeystore(server.path).names() == ["alice"]

    def test_what_is_to_be_signed_is_bounded(
        self, server: AgentServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On both sides, in all parts together."""
        with pytest.raises(InputError, match="to sign is at most"):
            AgentKeystore(server.path).sign("alice", bytes(agent.MAX_SIGNED + 1))
        monkeypatch.setattr(agent, "MAX_SIGNED", 1000)
        part = canonical({"op": "part", "data": b64encode(bytes(600))}) + b"\n"
        answers = raw(server.path, part, part).splitlines()
        assert json.loads(answers[0]) == {"value": None}
        assert "at most 1000" in json.loads(answers[1])["error"]["message"]

    def test_parts_do_not_outlive_their_signature_or_conversation(
        self, server: AgentServer
    ) -> None:
        """What one client handed over is never signed for another, or twice."""
        part = canonical({"op": "part", "data": b64encode(b"m")}) + b"\n"
        sign = canonical({"op": "sign", "name": "alice"}) + b"\n"
        raw(server.path, part, finish=True)
        answers = raw(server.path, part, sign, sign, finish=True).splitlines()
        first, second = (json.loads(line)["value"] for line in answers[1:])
        verify = DEVICE.signing.public.verify
        verify(b"m", __import__("base64").b64decode(first))
        verify(b"", __import__("base64").b64decode(second))

    def test_an_idle_client_is_hung_up_on(
        self, server: AgentServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A conversation has its time; then its place is free again."""
        monkeypatch.setattr(messages, "PATIENCE", 0.0)
        assert raw(server.path) == b""

    def test_too_many_at_once_are_turned_away(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Places are few; one that becomes free is given again."""
        monkeypatch.setattr(agent, "MAX_CLIENTS", 2)
        with serve(MemoryKeystore(), place):
            idle = [socket.socket(socket.AF_UNIX) for _ in range(2)]
            for connection in idle:
                connection.connect(os.fspath(place))
            assert raw(place, canonical({"op": "names"}) + b"\n", finish=True) == b""
            for connection in idle:
                connection.close()
            answers = {raw(place, canonical({"op": "names"}) + b"\n", finish=True)}
            assert answers == {b'{"value":[]}\n'}

    def test_a_conversation_ends_with_the_agent(self, place: Path) -> None:
        """After closing, not even an open connection can use a key."""
        keystore = MemoryKeystore()
        keystore.create("alice", DEVICE.to_bytes())
        server = serve(keystore, place)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.fspath(place))
            connection.sendall(canonical({"op": "names"}) + b"\n")
            assert connection.recv(1000) == b'{"value":["alice"]}\n'
            server.close()
            connection.sendall(canonical({"op": "sign", "name": "alice"}) + b"\n")
            assert json.loads(connection.recv(1000))["error"]["class"] == "Unavailable"

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.binary(max_size=60))
    def test_any_bytes_leave_it_running(self, server: AgentServer, data: bytes) -> None:
        """One agent survives them all and answers the next client."""
        for line in raw(server.path, data, finish=True).splitlines():
            assert json.loads(line)["error"]["class"] == "InputError"
        assert AgentKeystore(server.path).names() == ["alice"]
