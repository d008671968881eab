"""What people see: records as plain JSON with names instead of ids, and events as sentences.

One form for the command line's ``--json``, for notebooks and for the Lab, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workbench.errors import NotFound, WorkbenchError
from workbench.findings.rows import rows
from workbench.findings.statement import TITLES as MEASURED
from workbench.findings.statement import Inspection
from workbench.origin.statement import TITLES, read
from workbench.origin.tables import tables
from workbench.policy import lifecycle
from workbench.policy.seeing import watches
from workbench.records import (
    Decision,
    Entry,
    Event,
    Facts,
    Grant,
    Listing,
    Person,
    Release,
    Request,
    Terms,
    Vote,
)
from workbench.release.copied import Copy
from workbench.services import markable
from workbench.services.descent import ancestors
from workbench.session import Session
from workbench.vocabulary import (
    GrantState,
    RequestState,
    Right,
    Role,
)

__all__ = [
    "RIGHT_WORDS",
    "checks_view",
    "copy_view",
    "decision_view",
    "event_view",
    "grant_view",
    "parents_view",
    "person_view",
    "release_view",
    "request_detail",
    "request_view",
    "terms_view",
    "watching",
    "who",
]

RIGHT_WORDS = {
    Right.infer: "run hosted",
    Right.retrieve: "get the weights",
    Right.fine_tune: "fine-tune",
}
_OTHERS = {"holders", "custodians"}  # details that name people besides actor and subject
_EXCHANGE = {"id": "exchange", "name": "The exchange", "roles": [], "region": ""}


def person_view(person: Person) -> dict[str, Any]:
    """Return a person without keys."""
    return {
        "id": person.id,
        "name": person.name,
        "roles": [role.value for role in person.roles],
        "region": person.devices[0].region if person.devices else "",
    }


def who(session: Session, person_id: str) -> dict[str, Any]:
    """Return a person by id; somebody unknown keeps their id as a name."""
    try:
        return person_view(session.context.records.get(Person, person_id))
    except NotFound:
        return {**_EXCHANGE, "id": person_id, "name": person_id}


def terms_view(terms: Terms) -> dict[str, Any]:
    """Return terms with the digest by which they are accepted."""
    return {"digest": terms.key, "title": terms.title, "text": terms.text}


def copy_view(copy: Copy, people: Sequence[Person]) -> dict[str, Any]:
    """Return what is said of a marked copy: which grant it names, by whom it was made, and how."""
    device = copy.signer.fingerprint
    granter = next((one.name for one in people if one.device(device) is not None), device)
    said = copy.said.model_dump(mode="json", include={"grant", "person", "marked"})
    return {**said, "granter": granter}


def decision_view(decision: Decision) -> dict[str, Any]:
    """Return the gateway's answer."""
    return decision.model_dump(mode="json")


def grant_view(session: Session, grant: Grant) -> dict[str, Any]:
    """Return a grant and whether this person could revoke it."""
    plain = grant.model_dump(mode="json", include={"id", "request", "release", "right", "state"})
    times = grant.model_dump(mode="json", include={"not_before", "not_after"})
    person = session.person
    may = bool({Role.reviewer, Role.steward} & set(person.roles))
    may = may or person.id == session.release(grant.release).listing.owner
    active = grant.state is GrantState.active and grant.not_after > session.context.now()
    state = grant.state if grant.state is not GrantState.active or active else GrantState.expired
    return {
        **plain,
        **times,
        "state": state.value,
        "person": who(session, grant.person),
        "marked": grant.copy_manifest is not None,
        "revocable": bool(may and active),
    }


def release_view(session: Session, release: Release) -> dict[str, Any]:
    """Return a release as the catalogue shows it; holders only to those whose business they are."""
    listing = release.listing
    plain = listing.model_dump(mode="json", exclude={"schema_version", "commitment", "owner"})
    person = session.person
    mine = listing.owner == person.id
    steering = mine or Role.steward in person.roles
    holders = session.holders(release.key) if watching(session, release) else []
    return {
        **plain,
        "facts": {name: str(getattr(listing.facts, name)) for name in Facts.model_fields},
        "parents": parents_view(session, release),
        "ref": release.key,
        "owner": who(session, listing.owner),
        "state": release.state.value,
        "published": release.model_dump(mode="json")["published"],
        "manifest": release.manifest,
        "terms": terms_view(session.terms(release)),
        "mine": mine,
        "hosted": session.hosted(),
        "holders": [grant_view(session, grant) for grant in holders],
        "verbs": lifecycle.release_verbs(release.state) if steering else [],
    }


def parents_view(session: Session, release: Release) -> list[dict[str, str]]:
    """Return what a release was derived from, nearest first, with where each is in its life."""
    above = ancestors(session.context.records, release)
    return [{"ref": other.key, "state": other.state.value} for other in above]


def request_view(session: Session, request: Request) -> dict[str, Any]:
    """Return a request with whose turn it is and what the viewer may do."""
    release = session.release(request.release)
    plain = request.model_dump(
        mode="json",
        include={"id", "right", "purpose", "days", "turn", "created", "updated"},
    )
    grant = session.grant_of(request)
    votes = session.votes(request)
    shown_grant = grant_view(session, grant) if grant else None
    state = request.state.value
    if shown_grant and request.state is RequestState.granted:
        state = "granted" if shown_grant["state"] == "active" else shown_grant["state"]
    return {
        **plain,
        "state": state,
        "ref": request.release,
        "title": release.listing.title,
        "person": who(session, request.person),
        "owner": lifecycle.request_owner(request.state),
        "votes": {
            "given": session.votes_given(request),
            "needed": session.votes_needed(request),
            "visible": [vote_view(session, vote) for vote in votes],
        },
        "grant": shown_grant,
        "reason": _reason(request, votes),
        "verbs": _verbs(session, request),
    }


def vote_view(session: Session, vote: Vote) -> dict[str, Any]:
    """Return a vote."""
    return {
        "reviewer": who(session, vote.reviewer),
        **vote.model_dump(mode="json", include={"vote", "rationale", "at", "days", "right"}),
        "mark": vote.mark,
    }


def request_detail(session: Session, request: Request) -> dict[str, Any]:
    """Return everything a reviewer needs on one page."""
    release = session.release(request.release)
    history = session.timeline(release=request.release, limit=200)
    mine = watching(session, release)
    concerned = [entry for entry in history if _concerns(entry.event, request, mine)]
    evidence, unmarkable = _evidence(session, release)
    return {
        **request_view(session, request),
        "release": release_view(session, release),
        "decision": decision_view(session.check_decide(request)),
        "evidence": evidence,
        "unmarkable": unmarkable,
        "checks": checks_view(release.listing),
        "earlier": [request_view(session, other) for other in session.earlier(request)],
        "history": [event_view(session, entry) for entry in concerned],
        "technical": _technical(request, release),
    }


def watching(session: Session, release: Release) -> bool:
    """Return whether other people's dealings with a release are this person's business."""
    person = session.person
    return release.listing.owner == person.id or watches(person)


def _concerns(event: Event, request: Request, mine: bool) -> bool:
    """Return whether an event belongs to a request's history: its own, or the release's life."""
    if event.request is None and event.kind == "refused":
        return mine or event.actor == request.person
    return event.request in (None, request.id)


def _evidence(session: Session, release: Release) -> tuple[dict[str, Any], str | None]:
    """Return the evidence, opened with this person's keys, as titled tables.

    Beside it why a copy of the release cannot be marked, as far as the evidence says it.
    """
    try:
        evidence = session.evidence(release.key)
        kept = tables(read(evidence.statements))
    except WorkbenchError as error:
        return {"available": False, "why": str(error), "statements": []}, None
    statements = [
        {
            "title": "Model files",
            "rows": [[resource.name, resource.digest] for resource in evidence.resources],
        }
    ]
    statements += [{"title": title, "rows": rows} for title, rows in kept]
    for statement in evidence.statements:
        if statement.get("predicateType") in {*TITLES, *MEASURED}:
            continue  # shown as tables above, and as checks
        predicate = statement.get("predicate", {})
        rows = [[str(name), _short(value)] for name, value in predicate.items() if name != "title"]
        title = str(predicate.get("title") or statement.get("predicateType", "Statement"))
        statements.append({"title": title, "rows": rows})
    shown = {"available": True, "why": None, "statements": statements}
    return shown, markable.why_not(evidence.statements)


def checks_view(listing: Listing) -> list[dict[str, str]]:
    """Return what a listing says was measured, in words; unknown says so."""
    return rows(listing.facts, Inspection())


def event_view(session: Session, entry: Entry) -> dict[str, Any]:
    """Return a log entry as a sentence with its parts.

    Whom it names besides is shown to those whose business it is.
    """
    event = entry.event
    plain = event.model_dump(
        mode="json", include={"kind", "at", "release", "request", "subject", "reason", "details"}
    )
    details = plain.pop("details")
    if _OTHERS & details.keys() and not session.viewer().concerned(event):
        details = {name: value for name, value in details.items() if name not in _OTHERS}
    return {
        **plain,
        "details": details,
        "index": entry.index,
        "actor": who(session, event.actor),
        "policies": list(event.policies),
        "sentence": sentence(event, lambda person: str(who(session, person)["name"])),
    }


def sentence(event: Event, name: Callable[[str], str]) -> str:
    """Return an event in words; ``name`` turns a person's id into a name."""
    actor = name(event.actor)
    subject = name(event.subject) if event.subject else "somebody"
    details = event.details
    right = _right_words(details.get("right"))
    period = f", {details['days']} days" if "days" in details else ""
    period += ", as a marked copy" if details.get("marked") is True else ""
    sentences = {
        "enrolled": f"{actor} joined",
        "published": f"{actor} published {event.release}",
        "requested": f"{actor} asked to {right} {event.release}{period}",
        "resubmitted": f"{actor} answered and asked again to {right} {event.release}{period}",
        "request_withdrawn": f"{actor} took back the request for {event.release}",
        "voted": f"{actor} voted on {subject}'s request for {event.release}",
        "approved": f"{actor} approved {subject}'s request for {event.release}",
        "returned": f"{actor} returned {subject}'s request for {event.release} with questions",
        "rejected": f"{actor} rejected {subject}'s request for {event.release}",
        "granted": f"{subject} may now {right} {event.release}{period}",
        "revoked": f"{actor} revoked {subject}'s grant for {event.release}",
        "expired": f"{subject}'s grant for {event.release} ended",
        "opened": f"{actor} opened {event.release}",
        "loaded": f"{actor} loaded {event.release} as a program, having been told what that means",
        "refused": f"{actor} was refused to {_verb_words(details.get('verb'))} "
        f"{event.release or ''}".rstrip(),
        "deprecated": f"{actor} deprecated {event.release}",
        "retired": f"{actor} retired {event.release}",
        "withdrawn": f"{actor} withdrew {event.release}",
        "custodian_added": f"{actor} gave {subject} the keys to review {event.release}",
        "suspended": f"{actor} suspended {subject}",
        "reinstated": f"{actor} let {subject} back in",
        "policy_changed": f"{actor} changed the policies",
    }
    return sentences.get(event.kind, f"{actor}: {event.kind.replace('_', ' ')}")


def _verb_words(verb: object) -> str:
    words = {
        "decide": "decide on a request for",
        "add_custodian": "add a reviewer to",
        "change_policy": "change the policies",
    }
    text = str(verb or "do something with")
    return words.get(text, text.replace("_", " "))


def _right_words(value: object) -> str:
    """``retrieve`` as ``get the weights of``, to stand before a release's name."""
    return {"infer": "run", "retrieve": "get the weights of", "fine_tune": "fine-tune"}.get(
        str(value), "use"
    )


def _reason(request: Request, votes: list[Vote]) -> str | None:
    if request.state in (RequestState.submitted, RequestState.in_review):
        return None
    return " · ".join(vote.rationale for vote in votes) or None


def _verbs(session: Session, request: Request) -> list[str]:
    if request.person == session.actor.person:
        verbs = [v for v in ("withdraw", "resubmit") if _may(request.state, v, "requester")]
        ended = (RequestState.granted, RequestState.expired)
        return [*verbs, "renew"] if request.state in ended else verbs
    return ["decide"] if session.waits_for_me(request) else []


def _may(state: RequestState, verb: str, by: str) -> bool:
    return lifecycle.may_request(state, verb, by)


def _technical(request: Request, release: Release) -> list[list[str]]:
    return [
        ["Request", request.id],
        ["Manifest (OCI)", release.manifest],
        ["Terms accepted (digest)", request.terms],
        ["Commitment to the model", release.listing.commitment],
        ["Requester's device (signing key)", request.device],
        ["Signed request (DSSE in a Sigstore bundle)", request.statement],
        ["Signed release statement", release.statement],
    ]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 500 else text[:499] + "…"
