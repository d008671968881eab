"""The Lab's HTTP interface in a real Jupyter server: each route, each kind of refusal."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from tests.unit.lab.conftest import PASSPHRASE, REF
from workbench import errors
from workbench.crypto.keys import LogSecret
from workbench.lab import handlers, routes
from workbench.lab.handlers import problem
from workbench.ledger import proof

WISH = {
    "ref": REF,
    "right": "retrieve",
    "days": 14,
    "purpose": {"category": "research", "text": "x"},
}
XSRF = "0123456789abcdef" * 2


async def play(ask: Any, person: str) -> None:
    assert (await ask("identity", {"person": person})).body["person"]["id"] == person


async def requested(ask: Any, **changes: Any) -> dict[str, Any]:
    """Ask for access as Noor, the terms accepted."""
    await play(ask, "noor")
    release = (await ask("release", ref=REF)).body
    sent = await ask("request", {**WISH, "accepted_terms": release["terms"]["digest"], **changes})
    assert sent.status == 200, sent.body
    return sent.body


async def test_one_story_takes_every_route(
    workshop: Any, markable: str, ask: Any, jp_root_dir: Path
) -> None:
    """From the catalogue to the receipt; each path is used, and no answer holds a secret."""
    used: set[tuple[str, str]] = set()
    heard: list[str] = []

    async def call(path: str, body: Any = None, **query: str) -> Any:
        answer = await ask(path, body, **query)
        used.add(("GET" if body is None else "POST", path))
        heard.append(answer.raw.body.decode())
        assert answer.status == 200, answer.body
        return answer.body

    status = await call("status")
    assert (status["mode"], status["person"]["id"], status["locked"]) == ("workshop", "noor", False)
    assert [person["id"] for person in status["people"]] == ["ada", "noor", "rui", "sam"]
    assert status["ledger"]["ok"]
    assert [one["ref"] for one in (await call("catalogue"))["releases"]] == [markable, REF]
    accepted = (await call("release", ref=REF))["terms"]["digest"]
    told = await call("explain", {**WISH, "days": 400, "purpose_category": "research"})
    assert (told["allowed"], told["policies"]) == (False, ["longest-grant-internal"])
    assert told["alternatives"][0]["change"] == {"days": 180}
    first = await call("request", {**WISH, "accepted_terms": accepted})
    assert first["state"] == "in_review"
    assert (await call("request/withdraw", {"id": first["id"]}))["state"] == "withdrawn"
    second = await requested(ask)
    assert [item["id"] for item in (await call("requests"))["requests"]] == [
        second["id"], first["id"],
    ]  # fmt: skip
    await call("identity", {"person": "rui"})
    assert (await call("status"))["pending"] == 1
    assert [item["id"] for item in (await call("review"))["requests"]] == [second["id"]]
    assert (await call("request", id=second["id"]))["evidence"]["available"]
    checked = await call("checks", ref=REF)
    assert (checked["available"], checked["scan"]["files"][0]["outcome"]) == (True, "safe")
    lineage = await call("provenance", ref=REF)
    assert (lineage["available"], len(lineage["graph"]["nodes"]) > 5) == (True, True)
    assert (await call("provenance/export", ref=REF, format="prov"))["entity"]
    assert (await call("changes", ref=REF))["since"] is None
    assert (await call("lineage", ref=REF))["descendants"] == []
    assert (await call("recall", dataset="patients"))["releases"][0]["ref"] == REF
    decide = {"id": second["id"], "rationale": "Which site?"}
    assert (await call("decide", {**decide, "vote": "return"}))["state"] == "returned"
    await play(ask, "noor")
    again = {**WISH, "id": second["id"], "accepted_terms": accepted}
    assert (await call("request/resubmit", again))["state"] == "in_review"
    await play(ask, "rui")
    granted = await call("decide", {**decide, "vote": "approve", "days": 7, "right": "retrieve"})
    assert granted["state"] == "granted"
    revoked = await call("revoke", {"grant": granted["grant"]["id"], "rationale": "A mistake."})
    assert revoked["state"] == "revoked"
    third = await requested(ask, ref=markable)
    await play(ask, "rui")
    assert (await call("work", id="no-such-work"))["work"] is None
    assert (await call("work/cancel", {"id": "no-such-work"}))["cancelled"] is False
    approval = {"id": third["id"], "vote": "approve", "rationale": "Fine.", "mark": True}
    assert (await call("decide", {**approval, "work": "some-work"}))["grant"]["marked"]
    (jp_root_dir / "found.safetensors").write_bytes(
        (Path(os.environ["WORKBENCH_HOME"]).parent / "m.safetensors").read_bytes()
    )
    traced = await call("trace", {"path": "found.safetensors", "ref": markable})
    assert (traced["verdict"], traced["files"][0]["unmarked"]) == ("nobody", True)
    await play(ask, "ada")
    retired = await call("release/state", {"ref": REF, "verb": "retire", "rationale": "Old."})
    assert retired["state"] == "retired"
    page = await call("ledger", limit="3", release=REF)
    assert [entry["kind"] for entry in page["entries"]] == ["retired", "revoked", "granted"]
    older = await call("ledger", limit="3", before=str(page["entries"][-1]["index"]))
    assert older["entries"][0]["index"] == page["entries"][-1]["index"] - 1
    receipt = await call("ledger/receipt", index="1")
    assert proof.parse(receipt.encode()).index == 1
    assert (await call("ledger/verify", {}))["size"] == page["size"]
    assert (await call("unlock", {"passphrase": PASSPHRASE}))["locked"] is False
    assert used == {("GET", path) for path in routes.GET} | {("POST", path) for path in routes.POST}
    said = "\n".join(heard)
    for secret in ("PRIVATE KEY", "PRIVATE+KEY", "AGE-SECRET-KEY", PASSPHRASE, 'sealed":'):
        assert secret not in said


async def test_a_receipt_is_a_file(workshop: Any, ask: Any) -> None:
    """It comes as a download under a name, and nothing keeps a copy of the other answers."""
    answer = await ask("ledger/receipt", index="0")
    assert (
        answer.raw.headers["Content-Disposition"] == 'attachment; filename="receipt-0.tlog-proof"'
    )
    assert (await ask("status")).raw.headers["Cache-Control"] == "no-store"


async def test_refusals_keep_their_sentences(workshop: Any, ask: Any) -> None:
    """Each kind of refusal has its status; what happened, what not, what to do travel along."""
    taken = await requested(ask)
    refused = {
        "NotFound": await ask("release", ref="lab/other:1.0"),
        "InputError": await ask("request", {**WISH, "days": 0}),
        "Denied": await ask("request", {**WISH, "days": 400}),
    }
    statuses = {name: (answer.body["error"], answer.status) for name, answer in refused.items()}
    assert statuses == {
        "NotFound": ("NotFound", 404), "InputError": ("InputError", 400), "Denied": ("Denied", 403),
    }  # fmt: skip
    for answer in refused.values():
        assert answer.body["message"]
        assert answer.body["unchanged"] or answer.body["hint"]
    denied = refused["Denied"].body["decision"]
    assert denied["allowed"] is False
    assert len(denied["alternatives"]) > 0
    assert taken["state"] == "in_review"


async def test_an_approval_with_a_mark(workshop: Any, ask: Any) -> None:
    """A model that cannot carry one says so, and waits as before; a mark is asked for by yes or no.

    That marking is off the event loop is how every route runs.
    """
    taken = await requested(ask)
    await play(ask, "rui")
    decide = {"id": taken["id"], "vote": "approve", "rationale": "Fine."}
    for mark, words in (("yes", "mark is missing"), (True, "cannot carry a mark")):
        refused = await ask("decide", {**decide, "mark": mark})
        assert (refused.status, refused.body["error"]) == (400, "InputError")
        assert words in refused.body["message"]
        assert refused.body["unchanged"]
    assert (await ask("request", id=taken["id"])).body["state"] == "in_review"
    granted = (await ask("decide", {**decide, "mark": False})).body
    assert (granted["state"], granted["grant"]["marked"]) == ("granted", False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("a"), 404),
        (errors.Conflict("a"), 409),
        (errors.InputError("a"), 400),
        (errors.Denied("a"), 403),
        (errors.TrustError("receipt", "a"), 422),
        (errors.Unavailable("a"), 503),
    ],
)
def test_every_kind_of_error_has_a_status(error: errors.WorkbenchError, status: int) -> None:
    """The front end tells them apart by number, people by sentences."""
    code, body = problem(error)
    assert code == status
    assert set(body) == {"error", "message", "unchanged", "hint", "step", "decision"}
    assert body["step"] == ("receipt" if status == 422 else None)


async def test_a_stopped_agent_is_unavailable(workshop: Any, ask: Any) -> None:
    """Without its keys the server answers that, and says what to do."""
    workshop.close()
    answer = await ask("requests")
    assert (answer.status, answer.body["error"]) == (503, "Unavailable")
    assert "cannot be reached" in answer.body["message"]
    assert answer.body["hint"]


async def test_a_log_that_does_not_match_is_a_trust_failure(
    workshop: Any, ask: Any, place: Any
) -> None:
    """Another log key in the exchange's place: 422 with the step, and the status says so too."""
    other = LogSecret.generate("sharing-workbench.invalid/embedded").verifier
    (place / "exchange" / "log.vkey").write_text(other)
    answer = await ask("catalogue")
    assert (answer.status, answer.body["error"]) == (422, "TrustError")
    assert answer.body["step"] == "log key"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "JSON"),
        (b"[1]", "not an object"),
        (b'{"person": "a", "person": "b"}', "twice"),
        (b"\xff\xfe", ""),
        (b'{"person": 7}', "person is missing"),
        (b'{"person": "' + b"x" * handlers.MAX_BODY + b'"}', "bytes"),
        (b"[" * 5000, ""),
    ],
)
async def test_hostile_bodies(workshop: Any, ask: Any, body: bytes, words: str) -> None:
    """Whatever is sent, the answer is 400 with a sentence, and the same person acts."""
    answer = await ask("identity", body)
    assert (answer.status, answer.body["error"]) == (400, "InputError")
    assert words in answer.body["message"]
    assert workshop.current == "noor"


@pytest.mark.parametrize("number", ["9" * 40, "1.5", "1_0", "٣", "ten", "NaN"])
async def test_numbers_are_whole_and_small(workshop: Any, ask: Any, number: str) -> None:
    """Nothing else reaches the database."""
    for path, name in (("ledger", "before"), ("ledger", "limit"), ("ledger/receipt", "index")):
        answer = await ask(path, **{name: number})
        assert (answer.status, answer.body["error"]) == (400, "InputError")


async def test_a_page_of_the_log_is_bounded(workshop: Any, ask: Any) -> None:
    """A negative limit is no way to ask for everything."""
    assert len((await ask("ledger", limit="-5")).body["entries"]) == 1


@pytest.mark.parametrize("path", ["", "nowhere", "../status", "identity"])
async def test_unknown_paths(workshop: Any, ask: Any, path: str) -> None:
    """404, also for what exists only as the other method."""
    assert (await ask(path)).status == 404


async def test_nobody_strange_gets_an_answer(workshop: Any, jp_fetch: Any) -> None:
    """Without the token every route refuses, whatever the method."""
    for method, table in (("GET", routes.GET), ("POST", routes.POST)):
        for path in table:
            with pytest.raises(HTTPClientError) as refused:
                await jp_fetch(
                    "workbench", "api", *path.split("/"), method=method,
                    body="{}" if method == "POST" else None,
                    headers={"Authorization": "token wrong"},
                )  # fmt: skip
            assert refused.value.code == 403
    assert workshop.current == "noor"


async def test_another_site_cannot_act(
    workshop: Any, jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    """A browser that is logged in by cookie needs the XSRF token as well (not so a token user)."""
    token = jp_serverapp.identity_provider.token
    page = await http_server_client.fetch(f"{jp_base_url}api/me?token={token}")
    cookies = [c.partition(";")[0] for c in page.headers.get_list("Set-Cookie")]
    cookies.append(f"_xsrf={XSRF}")  # which a browser sends along, to whoever makes it ask
    send = {
        "method": "POST", "body": json.dumps({"person": "rui"}), "follow_redirects": False,
        "headers": {"Cookie": "; ".join(cookies)},
    }  # fmt: skip
    url = f"{jp_base_url}workbench/api/identity"
    seen = await http_server_client.fetch(
        f"{jp_base_url}workbench/api/status", headers=send["headers"]
    )
    assert json.loads(seen.body)["person"]["id"] == "noor"  # the cookie alone does log in
    with pytest.raises(HTTPClientError) as refused:
        await http_server_client.fetch(url, **send)
    assert refused.value.code == 403
    assert workshop.current == "noor"
    send["headers"]["X-XSRFToken"] = XSRF
    await http_server_client.fetch(url, **send)
    assert workshop.current == "rui"


async def test_nobody_else_can_be_played(workshop: Any, ask: Any) -> None:
    """A name that is not one of the four is refused, and the same person acts."""
    answer = await ask("identity", {"person": "mallory"})
    assert (answer.status, answer.body["unchanged"]) == (400, "You act as before.")
    assert workshop.current == "noor"


async def test_the_server_goes_on_while_a_route_works(
    workshop: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Routes run off the event loop: while one waits, another is answered."""
    go, threads = threading.Event(), []

    def wait(desk: Any, given: Any) -> dict[str, bool]:
        threads.append(threading.current_thread())
        return {"released": go.wait(60)}

    monkeypatch.setitem(routes.GET, "catalogue", wait)
    waiting = asyncio.ensure_future(ask("catalogue"))
    assert (await ask("status")).status == 200
    assert not waiting.done()
    go.set()
    assert (await waiting).body == {"released": True}
    assert threading.main_thread() not in threads


async def test_a_full_disk_is_said(
    workshop: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses becomes a sentence, not a trace with paths in it."""

    def fail(desk: Any, given: Any) -> None:
        raise OSError(28, "No space left on device", "/somewhere/private")

    monkeypatch.setitem(routes.GET, "catalogue", fail)
    answer = await ask("catalogue")
    assert (answer.status, answer.body["error"]) == (503, "Unavailable")
    assert "No space left" in answer.body["message"]
    assert "/somewhere" not in answer.raw.body.decode()
