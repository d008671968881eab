"""Whoever talks to the agent in another way than its client does gets nothing."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties import SHARED
from tests.unit.stores.agents import DEVICE, raw
from workbench.encoding import b64encode, canonical
from workbench.errors import (
    InputError,
)
from workbench.stores import agent, messages
from workbench.stores.agent import AgentKeystore, AgentServer, serve
from workbench.stores.keystore import MemoryKeystore


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

    @settings(SHARED, max_examples=60)
    @given(data=st.binary(max_size=60))
    def test_any_bytes_leave_it_running(self, server: AgentServer, data: bytes) -> None:
        """One agent survives them all and answers the next client."""
        for line in raw(server.path, data, finish=True).splitlines():
            assert json.loads(line)["error"]["class"] == "InputError"
        assert AgentKeystore(server.path).names() == ["alice"]
