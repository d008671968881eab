"""Names, licences and periods that cannot be used: a clear error, and nothing has changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.exchange import REF, Exchange, unpublished, wish
from workbench.errors import Conflict, Denied, InputError, NotFound, WorkbenchError

NOBODY = 65534


# Words -------------------------------------------------------------------------------------------


def test_a_version_is_published_once(exchange: Exchange, model: Path) -> None:
    """The same name and version again is a conflict, also for somebody else."""
    release = exchange.publish(model)
    for who in ("ada", "noor"):
        with pytest.raises(Conflict, match="already published") as caught:
            exchange.publish(model, by=who)
        assert caught.value.hint
    assert exchange.ada.catalogue() == [release]


@pytest.mark.parametrize(
    "ref",
    ["model:1", "Lab/model:1", "lab/model:", "lab/../x:1", "lab/model:1 0", "lab/mo del:1",
     "lab/model:-1", "lab/a/b:1"],
)  # fmt: skip
def test_names_of_releases(memory: Exchange, model: Path, ref: str) -> None:
    """A name is ``org/name:version`` of plain characters."""
    unpublished(memory, lambda: memory.publish(model, ref), "cannot be used")


@pytest.mark.parametrize("license_id", ["Apache", "MIT License", "LicenseRef-", "../MIT"])
def test_unknown_licence(memory: Exchange, model: Path, license_id: str) -> None:
    """Not on the SPDX list, nor a named licence of one's own."""
    error = unpublished(
        memory, lambda: memory.publish(model, license=license_id), re.escape(license_id)
    )
    assert isinstance(error, InputError)


def test_licences_are_listed_in_their_normal_spelling(memory: Exchange, model: Path) -> None:
    """Whoever looks up the licence of a listing finds it on the SPDX list."""
    assert memory.publish(model, license="mit or apache-2.0").listing.license == (
        "MIT OR Apache-2.0"
    )


def test_no_licence(memory: Exchange, model: Path) -> None:
    """Without any, the gateway says what to choose."""
    error = unpublished(memory, lambda: memory.publish(model, license=""), "licence")
    assert isinstance(error, Denied)
    assert error.decision is not None
    assert "license-known" in error.decision.policies


@pytest.mark.parametrize("days", [0, -1, -10_000])
def test_no_days(exchange: Exchange, model: Path, days: int) -> None:
    """A request for no time at all is no request."""
    exchange.publish(model)
    with pytest.raises(InputError, match="makes no sense") as caught:
        exchange.ask(days=days)
    assert caught.value.unchanged == "No request was made."
    assert exchange.noor.my_requests() == []


@pytest.mark.parametrize("days", [181, 3650, 3651, 10**12])
def test_more_days_than_the_policy_allows(exchange: Exchange, model: Path, days: int) -> None:
    """Too long for the level, or for any: refused, and nothing is asked."""
    exchange.publish(model)
    with pytest.raises(WorkbenchError) as caught:
        exchange.ask(days=days)
    assert caught.value.exit_code in (1, 2)
    if isinstance(caught.value, Denied):
        assert caught.value.decision is not None
        (shorter,) = [
            item for item in caught.value.decision.alternatives if item.change.get("days")
        ]
        assert exchange.ask(days=shorter.change["days"]).days == 180
    else:
        assert exchange.noor.my_requests() == []


@pytest.mark.parametrize("days", [0, -5])
def test_a_reviewer_s_days(exchange: Exchange, model: Path, days: int) -> None:
    """A reviewer cannot allow no time, which could end before it began."""
    exchange.publish(model)
    request = exchange.ask()
    with pytest.raises(InputError, match="makes no sense"):
        exchange.approve(request, days=days)
    with pytest.raises(InputError, match="fewer, not more"):
        exchange.approve(request, days=request.days + 1)
    assert exchange.noor.grant_of(request) is None


@pytest.mark.parametrize("text", ["", "x" * 4001, "a\x00b", "\u202eabc"])
def test_purposes(text: str) -> None:
    """A purpose is words: some, not endless, without hidden characters."""
    with pytest.raises(InputError, match="cannot be used") as caught:
        wish(text=text)
    assert caught.value.unchanged == "No request was made."


@pytest.mark.parametrize("ref", ["lab/none:1", "lab/model:2.0", "", "\x00", "x" * 10_000])
def test_no_such_release(exchange: Exchange, model: Path, ref: str) -> None:
    """A release that is not there is not found, however it is asked for."""
    exchange.publish(model)
    with pytest.raises(NotFound, match="no release"):
        exchange.noor.request(ref, wish(), None)
    with pytest.raises(NotFound, match="no release"):
        exchange.noor.verify(ref)


def test_a_nearby_version_is_named(memory: Exchange, model: Path) -> None:
    """Who mistypes the version is told which there is."""
    memory.publish(model)
    with pytest.raises(NotFound) as caught:
        memory.noor.release("lab/model:2.0")
    assert REF in caught.value.hint
