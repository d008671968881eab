"""How much a model tells about the records that it was trained on, as attacks measured it.

Counts, rates, names of columns and positions of rows; never a value of a record.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from workbench.forms import Model, Word
from workbench.vocabulary import Band

__all__ = [
    "FALSE_POSITIVE_RATES",
    "LEAST",
    "MAX_COLUMNS",
    "MAX_CURVE",
    "MAX_GAPS",
    "MAX_GROUPS",
    "MAX_POSITIONS",
    "Answers",
    "Attack",
    "Attribute",
    "Canaries",
    "Exposure",
    "Group",
    "Interval",
    "LeakageReport",
    "Method",
    "Performance",
    "Rate",
    "Strongest",
    "Tail",
    "Task",
    "Tier",
    "band",
]

FALSE_POSITIVE_RATES = (0.1, 0.01, 0.001)
LEAST = 10  # records of a group that is shown; a smaller one would point at people
MAX_CURVE = 60  # points of a curve
MAX_GROUPS = 20
MAX_POSITIONS = 20
MAX_COLUMNS = 20
MAX_GAPS = 50

# Where the bands begin; the reasons are in `band`.
HIGH_AUC = 0.75
LOW_AUC = 0.6
HIGH_RATES = {0.1: 0.5, 0.01: 0.1}  # members recognised, by the share of false alarms
LOW_RATES = {0.01: 0.05}
ENOUGH_REFERENCES = 4

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Tier(StrEnum):
    """How much was tried."""

    quick = "quick"  # only the model itself was asked
    thorough = "thorough"  # it was trained again on parts of the data, to compare


class Task(StrEnum):
    """What the model predicts."""

    classification = "classification"
    regression = "regression"


class Answers(StrEnum):
    """What a model tells whoever asks it; the more it tells, the more can be learned from it."""

    probabilities = "probabilities"
    scores = "scores"  # of each class, on a scale of their own
    labels = "labels"  # the class alone
    numbers = "numbers"


class Method(StrEnum):
    """An attack on membership, by what it compares the model's answer with."""

    loss = "loss"  # with the truth: Yeom et al. 2018
    by_class = "by_class"  # with other answers for the same class
    by_neighbours = "by_neighbours"  # with its answers for the most similar other records
    ratio = "ratio"  # with models that never saw the record: RMIA, Zarifzadeh et al. 2024
    difference = "difference"  # the same, as a difference of logarithms
    offline = "offline"  # with their normal distribution: LiRA offline, Carlini et al. 2022
    online = "online"  # and with that of models that saw it: LiRA online
    learned = "learned"  # with all of these, weighed as such models teach: after Shokri et al. 2017


class Interval(Model):
    """Where the true share, or difference of shares, lies; how surely is said beside it."""

    low: Annotated[float, Field(ge=-1, le=1)]
    high: Annotated[float, Field(ge=-1, le=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("an interval begins below its end")
        return self


class Rate(Model):
    """Which share of the members an attack recognises at a rate of false alarms.

    Attributes:
        at: the share of non-members that may be taken for members.
        value: the share of members recognised; ``None`` where there are fewer than 1 / ``at``
            non-members, so that the sample cannot show such a rate at all.
        interval: 95 %; it allows for chance in the threshold as well as in the members. It begins
            at 0 where there are too few non-members to be sure of the threshold.
        false_positives: how many non-members the threshold takes for members here.
    """

    at: Share
    value: Share | None
    interval: Interval | None
    false_positives: Count

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.value is None) != (self.interval is None):
            raise ValueError("a rate has an interval")
        return self


class Attack(Model):
    """How well one attack tells members from non-members.

    Attributes:
        auc: how often, of a member and a non-member, the member is picked; 0.5 is chance.
        interval: of the AUC, 95 %, for this attack by itself.
        rates: at each of :data:`FALSE_POSITIVE_RATES`.
        curve: pairs of false and true positive rate, evenly spaced in the logarithm of the first.
    """

    method: Method
    auc: Share
    interval: Interval
    rates: Annotated[tuple[Rate, ...], Field(max_length=len(FALSE_POSITIVE_RATES))]
    curve: Annotated[tuple[tuple[Share, Share], ...], Field(max_length=MAX_CURVE)] = ()


class Strongest(Model):
    """The best of all attacks, with intervals that allow for having tried several.

    Attributes:
        tried: how many attacks were tried.
        method: the one with the highest AUC.
        auc: its AUC.
        interval: of the highest AUC, at 95 % together with ``rate``'s (Bonferroni).
        rate_method: the one that recognises most members at ``rate.at``.
        rate: at a false positive rate of 1 %, or 10 % where there are too few non-members to be
            sure where 1 % is.
    """

    tried: Annotated[int, Field(ge=1)]
    method: Method
    auc: Share
    interval: Interval
    rate_method: Method
    rate: Rate


class Exposure(Model):
    """Members that an attack recognises almost without false alarms.

    Attributes:
        at: the rate of false positives among non-members that was allowed.
        recognised: how many members were above the threshold.
        expected: how many would be by chance.
        positions: rows of the training data, most exposed first, each record once; at most
            :data:`MAX_POSITIONS`, and none where chance could have done as much, for any of the
            attacks that were tried.
    """

    method: Method
    at: Share
    recognised: Count
    expected: Annotated[float, Field(ge=0)]
    positions: Annotated[tuple[Count, ...], Field(max_length=MAX_POSITIONS)] = ()


class Group(Model):
    """How exposed the members of a class, or of a group that the owner named, are.

    Attributes:
        of: ``class``, or the name of the column or grouping.
        name: the class or group; none with fewer than :data:`LEAST` records on either side.
        interval: of the AUC, 95 % for all groups together (Bonferroni).
    """

    of: Word
    name: Word
    members: Annotated[int, Field(ge=LEAST)]
    nonmembers: Annotated[int, Field(ge=LEAST)]
    auc: Share
    interval: Interval


class Attribute(Model):
    """How well one column of a record can be guessed by who knows all else of it, and the label.

    Attributes:
        column: its name or number.
        choices: how many values there are to choose from.
        records: members that this was tried on.
        with_model: share of members guessed right with the model.
        without_model: share of the same members guessed right from other people's data alone.
        advantage: the difference.
        interval: of ``advantage``, 95 % for all columns together (Bonferroni).
        outsiders: share of non-members guessed right with the model. What works as well on them is
            knowledge about everybody, not about those in the training data.
        training: ``with_model`` − ``outsiders``.
        training_interval: of ``training``, as ``interval``.
    """

    column: Word
    choices: Annotated[int, Field(ge=2)]
    records: Annotated[int, Field(ge=1)]
    with_model: Share
    without_model: Share
    advantage: Annotated[float, Field(ge=-1, le=1)]
    interval: Interval
    outsiders: Share
    training: Annotated[float, Field(ge=-1, le=1)]
    training_interval: Interval


class Tail(Model):
    """Whether members are missing among the records that the model is most wrong about.

    Attributes:
        share: of all records, members or not, that count as the tail.
        members: share of members in it.
        nonmembers: share of non-members in it.
        p_value: the chance of so few members there if membership made no difference (Fisher's
            exact test, one-sided).
    """

    share: Share
    members: Share
    nonmembers: Share
    p_value: Share


class Performance(Model):
    """How good the model is on records it was trained on, and on others."""

    metric: Word
    members: float
    nonmembers: float

    @property
    def gap(self) -> float:
        """How much better it is on its own training data."""
        return self.members - self.nonmembers


class LeakageReport(Model):
    """What was tried on a model at Share, and what came of it.

    Attributes:
        answers: what the attacker was allowed to see for each record.
        members: records of the training data.
        nonmembers: records that the model has not seen.
        repeated: records of the holdout that are in the training data too. They were left out, on
            both sides.
        references: models trained again to compare with.
        wanted: how many were asked for.
        seed: of all chance.
        shifted: columns, or ``truth``, in which training data and holdout surely differ. Attacks
            that only tell one kind of record from another look stronger or weaker than they are.
        gaps: sentences: what was not measured, and why.
    """

    tier: Tier
    task: Task
    answers: Answers
    members: Annotated[int, Field(ge=1)]
    nonmembers: Annotated[int, Field(ge=1)]
    repeated: Count = 0
    references: Count = 0
    wanted: Count = 0
    seed: Count = 0
    attacks: Annotated[tuple[Attack, ...], Field(max_length=len(Method))]
    strongest: Strongest | None
    tail: Tail | None = None
    exposure: Exposure | None = None
    groups: Annotated[tuple[Group, ...], Field(max_length=MAX_GROUPS)] = ()
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=MAX_COLUMNS)] = ()
    performance: Performance | None = None
    shifted: Annotated[tuple[Word, ...], Field(max_length=MAX_COLUMNS)] = ()
    gaps: Annotated[tuple[Sentence, ...], Field(max_length=MAX_GAPS)] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if bool(self.attacks) != (self.strongest is not None):
            raise ValueError("the strongest attack is one of those tried")
        if self.strongest is not None and self.strongest.tried != len(self.attacks):
            raise ValueError("the number of attacks tried is that of the attacks listed")
        return self


class Canaries(Model):
    """How well planted records are recognised: those planted against those kept aside.

    Attributes:
        exposure: in bits, the mean of log2(candidates) − log2(rank) over the planted ones (Carlini
            et al. 2019); 1.44 is chance for many candidates.
        chance: what ``exposure`` would be by chance with so many candidates.
        auc: how often, of a planted and another one, the planted is picked.
        interval: of the AUC, 95 %.
    """

    planted: Annotated[int, Field(ge=1)]
    aside: Annotated[int, Field(ge=1)]
    auc: Share
    interval: Interval
    exposure: Annotated[float, Field(ge=0)]
    chance: Annotated[float, Field(ge=0)]

    @property
    def remembered(self) -> bool:
        """Whether it is certain that the model remembers some of them."""
        return self.interval.low > 0.5


def band(report: LeakageReport) -> Band:
    """Return what a listing may say of a report.

    *High*: it is certain that some attack works. The best AUC is at least 0.75 (an attacker who has
    to choose between a member and a stranger is right three times out of four); or an attack
    recognises at least ten times as many members as chance at 1 % false alarms, or half of all
    members at 10 %. "At least" is the lower end of the interval, so a small sample that happens to
    look bad is not high, but neither is it low.

    *Low*: the strongest attacks known were tried, and none can be much better than chance. The
    upper end of the best AUC is at most 0.6, and that of the share recognised at 1 % false alarms
    at most five times chance; at least four references were trained; the answers were not labels
    alone, which hide what probabilities would show; and training data and holdout were of one kind.
    This takes 1000 to 1500 records on each side: with fewer, the interval at 1 % does not end so
    low even if the model gives nothing away.

    *Medium*: all else. A quick look is never low: it only asks the model, and misses what
    references find: for a forest on ``load_digits`` an AUC of 0.80 by loss, 0.97 with references.

    *Unknown*: no attack could be carried out.
    """
    best = report.strongest
    if best is None:
        return Band.unknown
    rate = best.rate.interval
    low, high = (rate.low, rate.high) if rate is not None else (0.0, 1.0)
    if best.interval.low >= HIGH_AUC or low >= HIGH_RATES.get(best.rate.at, 1.0):
        return Band.high
    tried = report.tier is Tier.thorough and report.references >= ENOUGH_REFERENCES
    told = report.answers is not Answers.labels
    near = high <= LOW_RATES.get(best.rate.at, 0.0) and best.interval.high <= LOW_AUC
    fair = not report.shifted
    return Band.low if tried and told and fair and near else Band.medium
