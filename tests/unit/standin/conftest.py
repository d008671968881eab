"""Patients that are made up themselves, and stand in for real ones here."""

from __future__ import annotations

import numpy as np
import pandas as pd


def patients(count: int, seed: int = 0) -> pd.DataFrame:
    """A table with all kinds of columns; age, pressure, stage, and the gaps hang together."""
    chance = np.random.default_rng(seed)
    illness = chance.normal(size=count)
    age = np.clip(55 + 12 * (0.6 * illness + 0.8 * chance.normal(size=count)), 18, 100)
    pressure = (130 + 15 * (0.7 * illness + 0.7 * chance.normal(size=count))).round(1)
    gone = illness + chance.normal(size=count) > 1.5
    days = chance.integers(0, 2000, count).astype("timedelta64[D]")
    stages = pd.cut(illness, [-np.inf, -0.5, 0.5, np.inf], labels=["I", "II", "III"])
    return pd.DataFrame(
        {
            "patient": [f"P-{i:06d}" for i in chance.permutation(count)],
            "number": chance.permutation(count) + 1000,
            "age": age.astype(int),
            "pressure": np.where(gone, np.nan, pressure),
            "crp": chance.exponential(5, count),
            "lactate": np.where(gone, np.nan, chance.normal(2, 0.5, count)),
            "visits": chance.poisson(3, count),
            "sex": chance.choice(["F", "M"], count),
            "site": chance.choice(["Kiel", "Bonn", "Bad Homburg"], count, p=[0.6, 0.3, 0.1]),
            "stage": stages,
            "smoker": chance.random(count) < 0.3,
            "insured": pd.array(chance.random(count) < 0.9, dtype="boolean"),
            "children": pd.array(
                np.where(chance.random(count) < 0.2, None, chance.integers(0, 5, count)),
                dtype="Int64",
            ),
            "seen": pd.Series(np.datetime64("2015-01-01") + days),
            "born": (pd.Timestamp("1960-01-01", tz="Europe/Berlin") + pd.to_timedelta(days)),
            "note": [f"Patient {i} said that it hurts on day {i}" for i in range(count)],
            "country": "Germany",
            "outcome": (illness + chance.normal(size=count) > 0.5).astype(int),
        }
    )
