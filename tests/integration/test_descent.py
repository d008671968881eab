"""Releases made from releases: terms and level are inherited, and descendants are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.exchange import REF, Exchange, unpublished
from workbench.encoding import digest
from workbench.errors import Denied, InputError
from workbench.policy import terms
from workbench.records import Listing, Parent, Release, Terms
from workbench.services.descent import ancestors, descendants
from workbench.tracing.family import lineage_view

CHILD, GRANDCHILD = "noor-lab/child:1.0", "noor-lab/grandchild:1.0"


def parent(release: Release) -> Parent:
    return Parent(ref=release.key, manifest=release.manifest)


def derive(
    exchange: Exchange, model: Path, *parents: Release, ref: str = CHILD, **fields: Any
) -> Release:
    """Noor publishes something made from other releases."""
    named = tuple(parent(release) for release in parents)
    return exchange.publish(model, ref, by="noor", parents=named, **fields)


def refused(exchange: Exchange, model: Path, *parents: Release, **fields: Any) -> Denied:
    with pytest.raises(Denied) as caught:
        derive(exchange, model, *parents, **fields)
    assert [release.key for release in exchange.sam.catalogue()] == [r.key for r in parents]
    assert caught.value.decision is not None
    return caught.value


def test_a_derived_release_names_its_parent_by_digest(exchange: Exchange, model: Path) -> None:
    """Whoever was given the weights may publish what they made of them, under the same terms."""
    release = exchange.publish(model)
    exchange.granted()
    child = derive(exchange, model, release)
    assert child.listing.parents == (parent(release),)
    assert Listing.from_bytes(child.listing.to_bytes()) == child.listing
    assert ancestors(exchange.context.records, child) == [release]
    assert descendants(exchange.context.records, release) == [child]


def test_the_owner_needs_no_grant_and_may_change_the_terms(exchange: Exchange, model: Path) -> None:
    """One's own release binds oneself by level only."""
    release = exchange.publish(model)
    own = terms.of("My terms\nBe kind.")
    child = exchange.publish(model, "lab/child:1.0", parents=(parent(release),), terms=own)
    assert child.listing.terms == own.key != release.listing.terms


def test_weights_that_were_never_given_cannot_be_built_on(exchange: Exchange, model: Path) -> None:
    """A right to have it run hosted, or a revoked grant, is not the weights."""
    release = exchange.publish(model)
    assert refused(exchange, model, release).decision.policies == ("derived-from-what-you-hold",)
    grant = exchange.granted()
    exchange.rui.revoke(grant.id, "It was lent by mistake.")
    assert "derived-from-what-you-hold" in refused(exchange, model, release).decision.policies


def test_the_terms_are_inherited(exchange: Exchange, model: Path) -> None:
    """Other terms are refused, with the way forward in words."""
    release = exchange.publish(model)
    exchange.granted()
    error = refused(exchange, model, release, terms=Terms(title="Mine", text="Anything goes."))
    assert error.decision.policies == ("derived-keeps-terms",)
    assert "under the terms of the release it was made from" in " ".join(error.decision.advice)


@pytest.mark.parametrize(
    "looser",
    [{"sensitivity": "open"}, {"regions": ()}, {"regions": ("eu", "us")}, {"regions": ("us",)}],
)
def test_the_level_is_inherited(exchange: Exchange, model: Path, looser: dict[str, Any]) -> None:
    """A lower level, no regions, or regions beyond the parent's are refused."""
    release = exchange.publish(model, sensitivity="internal", regions=("eu", "ch"))
    exchange.granted()
    given = {"sensitivity": "internal", "regions": ("eu",), **looser}
    assert refused(exchange, model, release, **given).decision.policies == ("derived-keeps-level",)
    assert derive(exchange, model, release, sensitivity="confidential", regions=("eu",))


def test_regions_that_agree_on_nothing_go_nowhere(exchange: Exchange, model: Path) -> None:
    """Made from data of two places with nothing in common, weights go to no device."""
    one = exchange.publish(model, "lab/one:1.0", regions=("eu",))
    other = exchange.publish(model, "lab/other:1.0", regions=("us",))
    both = (parent(one), parent(other))
    made = exchange.publish(model, "lab/both:1.0", parents=both, regions=("nowhere",))
    with pytest.raises(Denied) as caught:
        exchange.ask(made.key)
    assert caught.value.decision is not None
    assert caught.value.decision.policies == ("data-stays-in-region",)


def test_nothing_is_made_from_what_was_withdrawn(exchange: Exchange, model: Path) -> None:
    """After an incident the parent is out of use, for children too."""
    release = exchange.publish(model)
    exchange.granted()
    exchange.ada.change_state(REF, "withdraw", "A patient was recognised.")
    assert "not-from-withdrawn" in refused(exchange, model, release).decision.policies


def test_a_parent_has_to_be_here_and_the_same(exchange: Exchange, model: Path) -> None:
    """An unknown name, or a name with another digest, is no release of this exchange."""
    unknown = Parent(ref="lab/gone:1.0", manifest=digest(b"x"))
    unpublished(
        exchange,
        lambda: exchange.publish(model, parents=(unknown,)),
        "derived from lab/gone:1.0, which is not a release of this exchange",
    )
    release = exchange.publish(model)
    other = parent(release).model_copy(update={"manifest": digest(b"other")})
    with pytest.raises(InputError, match="which is not a release of this exchange"):
        exchange.publish(model, "lab/child:1.0", parents=(other,))


def test_a_withdrawn_parent_finds_every_descendant_and_who_holds_it(
    exchange: Exchange, model: Path
) -> None:
    """Two generations, each with its state and holders; the event names them; others see less."""
    release = exchange.publish(model)
    exchange.granted()
    child = derive(exchange, model, release)
    exchange.join("zoe")
    exchange.granted(CHILD, by="zoe")
    exchange.publish(model, GRANDCHILD, by="noor", parents=(parent(child),))
    exchange.publish(model, "lab/unrelated:1.0")
    exchange.ada.change_state(REF, "withdraw", "A patient was recognised.")
    (event,) = exchange.events("withdrawn")
    assert event.event.details["descendants"] == [CHILD, GRANDCHILD]
    below = lineage_view(exchange.stella, REF)["descendants"]
    assert [(row["ref"], len(row["grants"])) for row in below] == [(CHILD, 1), (GRANDCHILD, 0)]
    assert [grant["person"]["id"] for grant in below[0]["grants"]] == ["zoe"]
    above = lineage_view(exchange.stella, GRANDCHILD)["parents"]
    assert above == [
        {"ref": CHILD, "state": "published"},
        {"ref": REF, "state": "withdrawn"},
    ]
    outsider = lineage_view(exchange.session("zoe"), REF)["descendants"]
    assert [(row["ref"], row["grants"]) for row in outsider] == [(CHILD, []), (GRANDCHILD, [])]
