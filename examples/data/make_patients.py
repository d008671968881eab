"""Make patients.csv: 400 people who do not exist, discharged from a hospital that does not exist.

Run it from anywhere; it writes the same bytes each time. The numbers are drawn from textbook-like
ranges and joined by an invented formula: they teach nothing about real patients.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from random import Random
from statistics import NormalDist

ROWS = 400
SEED = 20260301
COLUMNS = (
    "patient",
    "age",
    "ejection_fraction",
    "creatinine",
    "sodium",
    "hemoglobin",
    "systolic_bp",
    "length_of_stay",
    "admissions_last_year",
    "lives_alone",
    "follow_up_booked",
    "readmitted",
)


def patient(number: int, random: Random) -> list[str]:
    """Return one invented person as a row of the table."""

    def normal(mean: float, spread: float, low: float, high: float) -> float:
        # clamped away from 0 and 1, where the inverse is infinite
        share = min(max(random.random(), 1e-6), 1 - 1e-6)
        return min(max(NormalDist(mean, spread).inv_cdf(share), low), high)

    def chance(probability: float) -> int:
        return int(random.random() < probability)

    age = round(normal(72, 10, 40, 98))
    ejection_fraction = round(normal(42, 11, 15, 70))
    creatinine = round(normal(1.2, 0.4, 0.5, 4.0), 1)
    sodium = round(normal(138, 3.5, 122, 150))
    hemoglobin = round(normal(12.6, 1.7, 7.0, 17.5), 1)
    systolic_bp = round(normal(126, 18, 80, 200))
    admissions = sum(chance(0.28) for _ in range(5))
    length_of_stay = max(1, round(normal(6 + admissions, 3, 1, 30)))
    lives_alone = chance(0.35)
    follow_up = chance(0.6)
    score = (
        -1.1
        + 0.03 * (age - 72)
        - 0.05 * (ejection_fraction - 42)
        + 0.9 * (creatinine - 1.2)
        - 0.09 * (sodium - 138)
        - 0.15 * (hemoglobin - 12.6)
        + 0.55 * (admissions - 1.4)
        + 0.05 * (length_of_stay - 7)
        + 0.5 * lives_alone
        - 0.8 * follow_up
    )
    readmitted = chance(1 / (1 + math.exp(-score)))
    return [
        f"SYN-{number:04d}",
        str(age),
        str(ejection_fraction),
        f"{creatinine:.1f}",
        str(sodium),
        f"{hemoglobin:.1f}",
        str(systolic_bp),
        str(length_of_stay),
        str(admissions),
        str(lives_alone),
        str(follow_up),
        str(readmitted),
    ]


def table() -> bytes:
    """Return the whole file."""
    random = Random(SEED)
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(patient(number, random) for number in range(1, ROWS + 1))
    return text.getvalue().encode("ascii")


if __name__ == "__main__":
    Path(__file__).with_name("patients.csv").write_bytes(table())
