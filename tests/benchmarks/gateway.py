"""Decisions of the policy gateway, against Cedar given the policies as text each time.

The peer answers yes or no. Ours adds the words people read and, to a no, the nearest requests that
would be allowed, each of them asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import resources

import cedarpy

from tests.benchmarks.measuring import Row, emit, median, peak, per_second, rate
from workbench.policy.gate import Gate
from workbench.policy.question import Question

ROUNDS = 3
ALLOWED = Question(
    action="request",
    person="ben",
    roles=("researcher",),
    suspended=False,
    person_is_owner=False,
    person_is_requester=True,
    name="bench/model:1.0",
    sensitivity="confidential",
    regions=("eu",),
    rights=("infer", "retrieve"),
    license="Apache-2.0",
    license_known=True,
    license_allows_redistribution=True,
    terms_present=True,
    state="published",
    scan="passed",
    leakage="low",
    retained_rows="passed",
    exchange_is_custodian=False,
    right="retrieve",
    days=14,
    purpose="research",
    terms_accepted=True,
    device_region="eu",
    evaluator_regions=("eu",),
    reviewers_available=2,
    signed=True,
    evidence_present=True,
)


def measure(count: int) -> list[Row]:
    """Return the rows about ``count`` decisions."""
    found = decide(count)
    words = {"allowed": "allowed", "denied": "denied, with alternatives"}
    return [
        Row(
            f"gateway: {words[kind]}",
            per_second(found[kind]),
            f"{per_second(found[f'peer {kind}'])} cedarpy from text, yes or no",
            found[kind] / found[f"peer {kind}"],
            f"{peak():.0f} MiB",
        )
        for kind in words
    ]


def decide(count: int) -> dict[str, float]:
    """Return decisions per second of both sides."""
    gate = Gate.default()
    far = Question(**{name: getattr(ALLOWED, name) for name in Question.__slots__} | {"days": 300})
    if not gate.decide(ALLOWED).allowed or not gate.decide(far).alternatives:
        sys.exit("the questions of this benchmark do not get the answers they are meant to get")
    catalog = resources.files("workbench.policy") / "catalog"
    texts = sorted((item.name, item.read_text()) for item in catalog.iterdir())
    policies = "\n".join(text for name, text in texts if name.endswith(".cedar"))
    schema = next(text for name, text in texts if name.endswith(".cedarschema"))

    def text(question: Question) -> Callable[[], object]:
        return lambda: cedarpy.is_authorized(
            question.request(), policies, question.entities(), schema=schema
        )

    works: dict[str, Callable[[], object]] = {
        "allowed": lambda: gate.decide(ALLOWED),
        "peer allowed": text(ALLOWED),
        "denied": lambda: gate.decide(far),
        "peer denied": text(far),
    }
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times = max(1, count // 10) if "peer" in name else count
            rates[name].append(rate(times, lambda work=work, n=times: [work() for _ in range(n)]))
    return {name: median(values) for name, values in rates.items()}


if __name__ == "__main__":
    emit(measure(int(sys.argv[1])))
