"""Each path of the Lab's interface is one plain function from arguments to JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from workbench import views
from workbench.errors import InputError
from workbench.lab.desk import Desk
from workbench.services.copying import CASTING, UNCHANGED
from workbench.services.request import Wish
from workbench.tracing.changed import changes_view
from workbench.tracing.checked import checks_view
from workbench.tracing.exported import export
from workbench.tracing.family import lineage_view, recall
from workbench.tracing.shown import provenance_view
from workbench.tracing.trail import trail
from workbench.tracing.whose import whose_view

__all__ = ["GET", "POST", "Arguments", "Attachment"]

V = TypeVar("V")
_NUMBER = re.compile(r"-?[0-9]{1,15}")  # what a database and a browser can both count to
MAX_ENTRIES = 500  # log entries in one answer


@dataclass(frozen=True)
class Attachment:
    """A file to download."""

    name: str
    data: bytes
    type: str = "text/plain; charset=utf-8"


class Arguments:
    """Query or body fields, taken out by type; anything else is an :class:`InputError`."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        return self._take(name, str)

    def optional(self, name: str) -> str | None:
        """Return a text, or ``None`` if it is absent or empty."""
        return self._take(name, str) if self._fields.get(name) else None

    def number(self, name: str, default: int | None = None) -> int | None:
        """Return a whole number, also where it came as text."""
        value = self._fields.get(name)
        if value is None or value == "":
            return default
        text = str(value) if isinstance(value, int | str) else ""
        if isinstance(value, bool) or not _NUMBER.fullmatch(text):
            raise InputError(f"{name} must be a whole number.", unchanged="Nothing was changed.")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return whether something is asked for; absent is no."""
        return self._take(name, bool) if name in self._fields else False

    def part(self, name: str) -> Arguments:
        """Return a nested object."""
        return Arguments(self._take(name, dict))

    def _take(self, name: str, kind: type[V]) -> V:
        value = self._fields.get(name)
        if not isinstance(value, kind):
            raise InputError(f"{name} is missing.", unchanged="Nothing was changed.")
        return value


Route = Callable[[Desk, Arguments], Any]


def _status(desk: Desk, _: Arguments) -> Any:
    return desk.status()


def _identity(desk: Desk, given: Arguments) -> Any:
    desk.workplace.play(given.text("person"))
    return desk.status()


def _unlock(desk: Desk, given: Arguments) -> Any:
    desk.unlock(given.text("passphrase"))
    return desk.status()


def _catalogue(desk: Desk, _: Arguments) -> Any:
    session = desk.session()
    releases = session.catalogue()[::-1]
    return {"releases": [views.release_view(session, release) for release in releases]}


def _release(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    return views.release_view(session, session.release(given.text("ref")))


def _requests(desk: Desk, _: Arguments) -> Any:
    session = desk.session()
    return {"requests": [views.request_view(session, item) for item in session.my_requests()]}


def _review(desk: Desk, _: Arguments) -> Any:
    session = desk.session()
    return {"requests": [views.request_view(session, item) for item in session.queue()]}


def _request_detail(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    return views.request_detail(session, session.request_by_id(given.text("id")))


def _explain(desk: Desk, given: Arguments) -> Any:
    wish = Wish.of(
        right=given.text("right"),
        category=given.text("purpose_category"),
        text="-",  # the gateway decides on the category; people read the words
        days=given.number("days", 0),
    )
    session = desk.session()
    return views.decision_view(session.check_request(given.text("ref"), wish))


def _ask(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    request = session.request(given.text("ref"), _wish(given), given.optional("accepted_terms"))
    return views.request_view(session, request)


def _take_back(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    return views.request_view(session, session.withdraw_request(given.text("id")))


def _resubmit(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    request = session.resubmit(given.text("id"), _wish(given), given.optional("accepted_terms"))
    return views.request_view(session, request)


def _decide(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    said = "Cancelled: your vote was not cast.", UNCHANGED
    with desk.works.doing(given.optional("work"), *said, last=CASTING) as progress:
        request = session.decide(
            given.text("id"),
            given.text("vote"),
            given.text("rationale"),
            days=given.number("days"),
            right=given.optional("right"),
            mark=given.flag("mark"),
            progress=progress,
        )
    return views.request_view(session, request)


def _release_state(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    release = session.change_state(
        given.text("ref"), given.text("verb"), given.optional("rationale") or ""
    )
    return views.release_view(session, release)


def _revoke(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    grant = session.revoke(given.text("grant"), given.optional("rationale") or "")
    return views.grant_view(session, grant)


def _ledger(desk: Desk, given: Arguments) -> Any:
    session = desk.session()
    entries = session.timeline(
        release=given.optional("release"),
        person=given.optional("person"),
        kind=given.optional("kind"),
        before=given.number("before"),
        limit=min(max(given.number("limit", 100) or 100, 1), MAX_ENTRIES),
    )
    first = session.first_entry()
    return {
        "size": session.log_size(),
        "entries": [views.event_view(session, entry) for entry in entries],
        "verified": desk.verified(),
        "since": first.event.model_dump(mode="json")["at"] if first else None,
    }


def _verify(desk: Desk, _: Arguments) -> Any:
    return desk.verify()


def _receipt(desk: Desk, given: Arguments) -> Any:
    index = given.number("index")
    if index is None:
        raise InputError("index is missing.")
    return Attachment(f"receipt-{index}.tlog-proof", desk.session().receipt(index))


def _checks(desk: Desk, given: Arguments) -> Any:
    return checks_view(desk.session(), given.text("ref"))


def _provenance(desk: Desk, given: Arguments) -> Any:
    return provenance_view(desk.session(), given.text("ref"))


def _export(desk: Desk, given: Arguments) -> Any:
    exported = export(trail(desk.session(), given.text("ref")), given.text("format"))
    return Attachment(exported.name, exported.data, exported.type)


def _changes(desk: Desk, given: Arguments) -> Any:
    return changes_view(desk.session(), given.text("ref"), given.optional("since"))


def _lineage(desk: Desk, given: Arguments) -> Any:
    return lineage_view(desk.session(), given.text("ref"))


def _recall(desk: Desk, given: Arguments) -> Any:
    return recall(desk.session(), given.text("dataset"))


def _trace(desk: Desk, given: Arguments) -> Any:
    found = desk.files(given.text("path"))
    said = "Cancelled.", "Nobody was named."
    with desk.works.doing(given.optional("work"), *said) as progress:
        return whose_view(desk.session(), found, given.text("ref"), progress)


def _work(desk: Desk, given: Arguments) -> Any:
    return {"work": desk.works.view(given.text("id"))}


def _cancel(desk: Desk, given: Arguments) -> Any:
    return {"cancelled": desk.works.cancel(given.text("id"))}


def _wish(given: Arguments) -> Wish:
    purpose = given.part("purpose")
    return Wish.of(
        right=given.text("right"),
        category=purpose.text("category"),
        text=purpose.text("text").strip(),
        days=given.number("days", 0),
    )


GET: dict[str, Route] = {
    "status": _status,
    "catalogue": _catalogue,
    "release": _release,
    "requests": _requests,
    "review": _review,
    "request": _request_detail,
    "ledger": _ledger,
    "ledger/receipt": _receipt,
    "checks": _checks,
    "provenance": _provenance,
    "provenance/export": _export,
    "changes": _changes,
    "lineage": _lineage,
    "recall": _recall,
    "work": _work,
}
POST: dict[str, Route] = {
    "identity": _identity,
    "unlock": _unlock,
    "explain": _explain,
    "request": _ask,
    "request/withdraw": _take_back,
    "request/resubmit": _resubmit,
    "decide": _decide,
    "release/state": _release_state,
    "revoke": _revoke,
    "ledger/verify": _verify,
    "trace": _trace,
    "work/cancel": _cancel,
}
