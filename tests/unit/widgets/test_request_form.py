"""The request form over a real exchange: no dead ends between a release and a request for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w
import pytest

from workbench.app import Workplace
from workbench.errors import NotFound
from workbench.session import Session
from workbench.vocabulary import PurposeKind, RequestState, Right, Sensitivity
from workbench.widgets.request_form import RequestForm

Buttons = Callable[[Any], list[w.Button]]
BOTH = (Right.infer, Right.retrieve)


@pytest.fixture
def make(place: Workplace, released: Callable[..., str]) -> Callable[..., RequestForm]:
    """Publish a release and return Ben's form for it."""

    def form(days: int = 14, **fields: Any) -> RequestForm:
        ref = released(**{"rights": (Right.retrieve,), **fields})
        return RequestForm(session=lambda: place.session("ben"), ref=ref, days=days)

    return form


def answer(form: RequestForm) -> str:
    return " ".join(one.value for one in form.policy.children if isinstance(one, w.HTML))


def requests(place: Workplace) -> list[Any]:
    return list(place.session("ben").my_requests())


def test_a_new_form_says_what_is_missing(make: Callable[..., RequestForm]) -> None:
    """The policy's answer is there at once; a purpose and the terms are still needed."""
    form = make()
    assert "✓ Policy: allowed · approvals needed: 1" in answer(form)
    assert "To go on: say what for and accept the terms." in form.message.value
    assert form.send.disabled
    form.purpose.value = "Check it on our own data."
    assert "To go on: accept the terms." in form.message.value
    assert form.send.disabled
    form.accept.value = True
    assert form.message.value == ""
    assert not form.send.disabled
    form.purpose.value = "  "
    assert "To go on: say what for." in form.message.value
    assert form.send.disabled


def test_only_what_is_offered_can_be_chosen(make: Callable[..., RequestForm]) -> None:
    """Each right says in words what it means."""
    form = make(rights=BOTH)
    assert [value for _, value in form.right.options] == list(BOTH)
    assert all(": " in label for label, _ in form.right.options)


def test_the_terms_can_be_read_before_they_are_accepted(
    make: Callable[..., RequestForm], shown: Callable[[Any], list[Any]]
) -> None:
    """In full, in the form."""
    texts = [one.value for one in shown(make().widget) if isinstance(one, w.HTML)]
    assert any("No re-identification" in text for text in texts)


def test_sending_ends_in_a_card(place: Workplace, make: Callable[..., RequestForm]) -> None:
    """The request is there with what was entered; the form says where its state is seen."""
    form = make()
    form.category.value = PurposeKind.evaluation
    form.purpose.value = "Check it on our own data."
    form.days.value = 7
    form.accept.value = True
    form.send.click()
    (request,) = requests(place)
    assert form.made == request
    assert (request.right, request.days) == (Right.retrieve, 7)
    assert request.purpose.category is PurposeKind.evaluation
    assert request.purpose.text == "Check it on our own data."
    assert request.state is RequestState.in_review
    assert f"✓ Sent ({request.id}): in review." in form.message.value
    assert "My requests" in form.message.value
    form.days.value = 8
    assert form.send.disabled
    assert len(requests(place)) == 1


def test_too_long_a_period_is_mended_by_a_button(
    place: Workplace, make: Callable[..., RequestForm], buttons: Buttons
) -> None:
    """The reason, the longest period as a button, and after it the request goes through."""
    form = make(days=400)
    form.purpose.value = "Check it."
    form.accept.value = True
    assert form.send.disabled
    assert "at most 180 days" in answer(form)
    (offer,) = buttons(form)
    assert offer.description.startswith("Ask for 180 days instead of 400")
    offer.click()
    assert form.days.value == 180
    assert form.purpose.value == "Check it."
    assert form.accept.value
    assert "✓ Policy: allowed" in answer(form)
    form.send.click()
    assert requests(place)[0].days == 180


def test_another_right_is_one_press_away(
    place: Workplace, make: Callable[..., RequestForm], buttons: Buttons
) -> None:
    """What no host can serve is not preselected; chosen all the same, it leads back."""
    form = make(rights=BOTH)
    assert form.right.value is Right.retrieve
    form.right.value = Right.infer
    assert "no evaluator host" in answer(form)
    (offer,) = buttons(form)
    offer.click()
    assert form.right.value is Right.retrieve
    assert "✓ Policy: allowed" in answer(form)


def test_another_purpose_is_one_press_away(
    make: Callable[..., RequestForm], buttons: Buttons
) -> None:
    """Production is not covered; every other kind is offered, and each of them is allowed."""
    form = make()
    form.category.value = PurposeKind.production
    assert "do not cover this purpose" in answer(form)
    offers = buttons(form)
    assert len(offers) == 4
    for place, kind in enumerate(k for k in PurposeKind if k is not PurposeKind.production):
        form.category.value = PurposeKind.production
        buttons(form)[place].click()
        assert form.category.value is kind
        assert "✓ Policy: allowed" in answer(form)


def test_two_things_are_mended_at_once(make: Callable[..., RequestForm], buttons: Buttons) -> None:
    """One button sets both fields."""
    form = make(days=400)
    form.category.value = PurposeKind.production
    offer = buttons(form)[0]
    offer.click()
    assert form.days.value == 180
    assert form.category.value is not PurposeKind.production
    assert "✓ Policy: allowed" in answer(form)


def test_where_no_button_can_help_the_advice_says_what_can(
    place: Workplace, make: Callable[..., RequestForm], buttons: Buttons
) -> None:
    """Confidential weights that nobody measured do not leave, whatever is chosen."""
    form = make(sensitivity=Sensitivity.confidential)
    assert buttons(form) == []
    assert "First: Run the inspection, or ask the owner to run it" in answer(form)
    assert form.send.disabled


def test_a_refusal_keeps_what_was_entered(
    place: Workplace, make: Callable[..., RequestForm]
) -> None:
    """Two requests for the same: the second is refused, in words, and nothing is lost."""
    form = make()
    other = RequestForm(session=lambda: place.session("ben"), ref="clinic/risk:1.0", days=14)
    for one in (form, other):
        one.purpose.value = "Check it."
        one.accept.value = True
    form.send.click()
    other.send.click()
    assert other.made is None
    assert "role='alert'" in other.message.value
    assert other.purpose.value == "Check it."
    assert other.accept.value
    assert len(requests(place)) == 1


def test_a_release_that_was_retired_meanwhile_is_told(
    place: Workplace, anna: Session, make: Callable[..., RequestForm]
) -> None:
    """The next key asks the policy again."""
    form = make()
    form.purpose.value = "Check it."
    form.accept.value = True
    assert not form.send.disabled
    anna.change_state("clinic/risk:1.0", "retire", "A better one is there.")
    form.send.click()
    assert form.made is None
    assert "role='alert'" in form.message.value
    form.days.value = 13
    assert "This release is retired" in answer(form)
    assert form.send.disabled


def test_an_open_release_is_granted_at_once(
    place: Workplace, make: Callable[..., RequestForm]
) -> None:
    """Nobody has to approve; the form says that it is granted."""
    form = make(sensitivity=Sensitivity.open)
    assert "approvals needed" not in answer(form)
    form.purpose.value = "Teach with it."
    form.accept.value = True
    form.send.click()
    assert ": granted." in form.message.value
    assert requests(place)[0].state is RequestState.granted


def test_an_unknown_release_is_refused_before_a_form_is_shown(place: Workplace) -> None:
    """A form for nothing would be a dead end."""
    with pytest.raises(NotFound):
        RequestForm(session=lambda: place.session("ben"), ref="clinic/none:1.0", days=14)
