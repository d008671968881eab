"""Turn what the laboratory sends into SI units. Shared by the notebooks of the lipid group."""

import json
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent / "data"
FACTORS = json.loads((DATA / "units.json").read_text())
NAMES = {"cholesterol_mgdl": "cholesterol_mmoll", "weight_lb": "weight_kg"}


def to_si(frame):
    """Convert the columns that have a factor, and name them anew."""
    converted = {column: frame[column] * factor for column, factor in FACTORS.items()}
    return frame.assign(**converted).rename(columns=NAMES)


def reference_means():
    """What both laboratories found in the last ring trial."""
    return pd.read_csv(DATA / "reference.csv").set_index("lab")["mean"]
