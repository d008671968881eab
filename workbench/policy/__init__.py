"""May this person do this, and does this state allow it?

``question``      what the gateway may look at, as plain values
``gate``          the answer: allowed or not, by which policies, and what would be allowed instead
``rules``         reads a catalogue of Cedar policies and refuses a broken one
``alternatives``  the nearest questions that the same policies would allow
``wording``       the sentence in which an alternative is offered
``lifecycle``     what each state of a request, a release or a grant allows, as tables
``seeing``        who may see what happened, by role or by their part in it
``licenses``      which licences are known, and whether they let a model be passed on
``terms``         the terms that come with this package, and the purposes that terms allow

``catalog/`` holds the default policies, one file a topic, and the schema they are checked against.

Example::

    decision = Gate.default().decide(Question(action="request", ...))
    decision.allowed, decision.rationale, decision.alternatives
"""

from __future__ import annotations

__all__: list[str] = []
