"""Make the data that the notebooks in this folder read: patients, samples and plates that do not exist.

``python make_data.py`` writes a folder ``data`` beside this file (or where its argument says), the
same values each time. Every number is drawn from a random generator and joined by an invented
formula, so nothing can be learned from it about anybody.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

SEED = 20260401
LETTERS = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"))

Random = np.random.Generator


def codes(random: Random, count: int, prefix: str) -> list[str]:
    """Return made-up identifiers such as ``SYN-7QK4ZP``, each one once."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{prefix}-{''.join(random.choice(LETTERS, 6))}"] = None
    return list(found)


def chance(random: Random, score: np.ndarray) -> np.ndarray:
    """Return 1 with the probability whose log-odds are ``score``, else 0; shape ``(n,)``."""
    return (random.random(len(score)) < 1 / (1 + np.exp(-score))).astype(int)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a small CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def admissions(random: Random, folder: Path) -> None:
    """Notebook 01: admissions, the names of laboratory codes, and what the canteen sold."""
    count = 240
    age, crp = random.normal(71, 11, count), random.lognormal(3, 0.8, count)
    stay = random.gamma(3, 2.1, count)
    frame = pd.DataFrame(
        {
            "patient": codes(random, count, "SYN"),
            "age": age.round(1),
            "crp": crp.round(3),
            "length_of_stay": stay.round(3),
            "main_code": random.choice(["L01", "L02", "L03"], count),
            "readmitted": chance(random, 0.05 * (age - 71) + 0.03 * (crp - 25) + 0.1 * (stay - 6)),
        }
    )
    frame.loc[random.choice(count, 11, replace=False), "crp"] = np.nan
    frame.to_csv(folder / "admissions.csv", index=False)
    names = [("L01", "pneumonia"), ("L02", "heart failure"), ("L03", "urosepsis")]
    write_rows(folder / "lab_codes.csv", ("code", "name"), names)
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    sold = [(day, int(random.integers(80, 300))) for day in days for _ in range(4)]
    write_rows(folder / "canteen.csv", ("weekday", "meals"), sold)


def scans(random: Random, folder: Path) -> None:
    """Notebook 02: a partitioned dataset of scans, labels, and last decade's scans."""
    count = 300
    thickness, density = random.normal(2.4, 0.4, count), random.normal(140, 22, count)
    names = codes(random, count, "SCAN")
    table = pd.DataFrame(
        {
            "scan": names,
            "thickness_mm": thickness.round(4),
            "density_hu": density.round(3),
            "site": random.choice(["north", "south", "west"], count),
        }
    )
    ds.write_dataset(
        pa.Table.from_pandas(table, preserve_index=False),
        folder / "scans",
        format="parquet",
        partitioning=ds.partitioning(pa.schema([("site", pa.string())]), flavor="hive"),
        existing_data_behavior="overwrite_or_ignore",
    )
    growth = 2.2 * (thickness - 2.4) + 0.03 * (density - 140)
    labels = pd.DataFrame({"scan": names, "progressed": chance(random, growth)})
    labels.to_parquet(folder / "labels.parquet")
    table.sample(80, random_state=7).to_parquet(folder / "scans_2014.parquet")


def databases(random: Random, folder: Path) -> None:
    """Notebook 03: two databases that matter, one that does not, and visits as parquet."""
    count = 200
    who = codes(random, count, "SYN")
    potassium, egfr = random.normal(4.3, 0.5, count), random.normal(68, 19, count)
    lab = pd.DataFrame({"patient": who, "potassium": potassium.round(4), "egfr": egfr.round(3)})
    clinic = pd.DataFrame(
        {
            "patient": who,
            "born": random.integers(1930, 1990, count),
            "smoker": random.integers(0, 2, count),
            "dialysis": chance(random, -1 - 0.07 * (egfr - 68) + 1.1 * (potassium - 4.3)),
        }
    )
    for name, tables in {
        "lab": {"results": lab, "devices": pd.DataFrame({"device": ["AU-5800"], "room": ["2.14"]})},
        "clinic": {"people": clinic},
        "audit": {"logins": pd.DataFrame({"who": who[:9], "times": range(9)})},
    }.items():
        path = folder / f"{name}.sqlite"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        for table, frame in tables.items():
            frame.to_sql(table, connection, index=False)
        connection.close()
    visits = pd.DataFrame({"patient": random.choice(who, 900), "kind": random.choice(["ward", "home"], 900)})
    visits.to_parquet(folder / "visits.parquet")


def vitals(random: Random, folder: Path) -> None:
    """Notebook 04: hourly vital signs in parts, stays, and a list of devices."""
    beds = codes(random, 120, "STAY")
    pulse, sepsis = random.normal(88, 14, 120), random.normal(0, 1, 120)
    for part in range(3):
        stay = random.integers(0, 120, 500)
        signs = {
            "stay": [beds[i] for i in stay],
            "pulse": (pulse[stay] + random.normal(0, 6, 500)).round(3),
            "spo2": (96 - 1.5 * sepsis[stay] + random.normal(0, 1, 500)).round(3),
        }
        (folder / "vitals").mkdir(exist_ok=True)
        pd.DataFrame(signs).to_parquet(folder / "vitals" / f"part-{part}.parquet")
    outcome = chance(random, 1.4 * sepsis + 0.03 * (pulse - 88))
    rows = zip(beds, random.integers(19, 95, 120), outcome, strict=True)
    write_rows(folder / "stays.csv", ("stay", "age", "sepsis"), rows)
    write_rows(folder / "devices.csv", ("serial", "ward"), [(c, "7B") for c in codes(random, 9, "DEV")])


def registry(random: Random, folder: Path) -> None:
    """Notebook 05: what a web server serves."""
    site = folder / "registry"
    site.mkdir(exist_ok=True)
    count = 150
    size, grade = random.normal(21, 7, count), random.integers(1, 4, count)
    rows = zip(
        codes(random, count, "CASE"),
        size.round(3),
        grade,
        chance(random, 0.12 * (size - 21) + 0.9 * (grade - 2)),
        strict=True,
    )
    write_rows(site / "cohort.csv", ("case", "size_mm", "grade", "relapse"), rows)
    weights = {str(level): round(float(level**1.5), 5) for level in (1, 2, 3)}
    (site / "grades.json").write_text(json.dumps({"weights": weights}))
    (site / "status.json").write_text(json.dumps({"state": "in service"}))


def weeks(random: Random, folder: Path) -> None:
    """Notebook 06: one file per week, one array per sensor, notes of the quality control."""
    (folder / "weeks").mkdir(exist_ok=True)
    (folder / "sensors").mkdir(exist_ok=True)
    (folder / "qc").mkdir(exist_ok=True)
    names = codes(random, 4, "SENSOR")
    for week in range(1, 7):
        glucose = random.normal(7 + 0.2 * week, 1.2, 40)
        steps = random.integers(500, 12000, 40)
        event = chance(random, 0.8 * (glucose - 7.5) - 0.0001 * steps)
        rows = zip(random.integers(0, 4, 40), glucose.round(4), steps, event, strict=True)
        write_rows(folder / "weeks" / f"week-{week:02}.csv", ("sensor", "glucose", "steps", "event"), rows)
        write_rows(folder / "qc" / f"qc-{week:02}.csv", ("checked_by", "drift"), [("MTA", week / 7)])
    for number in range(4):
        np.save(folder / "sensors" / f"{number}.npy", random.normal(0, 0.1, 64))
    write_rows(folder / "sensors.csv", ("number", "serial"), enumerate(names))


def cohort(random: Random, folder: Path) -> None:
    """Notebook 07: a cohort in foreign units, who withdrew, and how to convert."""
    count = 220
    who = codes(random, count, "SYN")
    cholesterol, weight = random.normal(203, 41, count), random.normal(174, 33, count)
    event = chance(random, 0.02 * (cholesterol - 203) + 0.015 * (weight - 174))
    rows = zip(who, cholesterol.round(3), weight.round(3), event, strict=True)
    write_rows(folder / "cohort.csv", ("patient", "cholesterol_mgdl", "weight_lb", "event"), rows)
    (folder / "withdrawn.txt").write_text("\n".join(random.choice(who, 12, replace=False)) + "\n")
    units = {"cholesterol_mgdl": 0.02586, "weight_lb": 0.45359}
    (folder / "units.json").write_text(json.dumps(units, indent=1))
    write_rows(folder / "reference.csv", ("lab", "mean"), [("core", 5.2517), ("satellite", 5.3119)])
    (folder / "settings.ini").write_text("[model]\nalpha = 0.35\nfolds = 4\n")


def plates(random: Random, folder: Path) -> None:
    """Notebook 08: a draft and the final readings of a plate, wells not to be used, doses."""
    wells = [f"{row}{column:02}" for row in "ABCDEFGH" for column in range(1, 13)]
    dose = random.choice([0.0, 0.1, 1.0, 10.0], 96)
    signal = 900 / (1 + dose) + random.normal(0, 40, 96)
    for name, shift in (("draft", 180.0), ("final", 0.0)):
        rows = zip(wells, (signal + shift).round(3), random.normal(55, 4, 96).round(3), strict=True)
        write_rows(folder / f"plate_{name}.csv", ("well", "signal", "background"), rows)
    write_rows(folder / "doses.csv", ("well", "dose"), zip(wells, dose, strict=True))
    write_rows(folder / "bad_wells.csv", ("well", "reason"), [("A01", "bubble"), ("H12", "spilled")])
    write_rows(folder / "stock.csv", ("reagent", "ml"), [("Tris-HCl", 410), ("dye", 23)])


def signals(random: Random, folder: Path) -> None:
    """Notebook 09: heart beats as arrays, how to scale them, and beats kept apart."""
    for name, count in (("train", 256), ("holdout", 64)):
        kind = random.integers(0, 2, count)
        time = np.linspace(0, 1, 32)
        wave = np.sin(2 * np.pi * (2 + kind)[:, None] * time) + random.normal(0, 0.5, (count, 32))
        np.savez(folder / f"beats_{name}.npz", x=wave.astype("float32"), y=kind)
    with h5py.File(folder / "scaling.h5", "w") as file:
        file["mean"] = np.full(32, 0.0125, "float32")
        file["std"] = np.full(32, 0.8125, "float32")
        file.attrs["device"] = "ECG-12 (made up)"


def proteins(random: Random, folder: Path) -> None:
    """Notebook 10: the same measurements as libsvm text and as CSV, in three parts."""
    for name, count in (("train", 300), ("valid", 90), ("test", 60)):
        values = random.normal(0, 1, (count, 6)).round(5)
        label = chance(random, 1.3 * values[:, 0] - values[:, 3] + 0.5 * values[:, 5])
        if name == "valid":
            np.savetxt(folder / "proteins.valid.csv", np.c_[label, values], "%.5f", delimiter=",")
            continue
        lines = (
            " ".join([str(y), *(f"{i}:{v}" for i, v in enumerate(row))])
            for y, row in zip(label, values, strict=True)
        )
        (folder / f"proteins.{name}.svm").write_text("\n".join(lines) + "\n")
    np.savetxt(folder / "proteins.weights.txt", random.uniform(0.5, 1.5, 300), "%.5f")


def triage(random: Random, folder: Path) -> None:
    """Notebook 11: an emergency department's triage, and its opening hours."""
    count = 260
    pain, lactate = random.integers(0, 11, count), random.lognormal(0.5, 0.4, count)
    frame = pd.DataFrame(
        {
            "patient": codes(random, count, "SYN"),
            "pain": pain,
            "lactate": lactate.round(4),
            "arrival": random.choice(["ambulance", "walk-in", "transfer"], count),
            "complaint": random.choice(["chest pain", "fever", "fall"], count),
            "admitted": chance(random, 0.25 * (pain - 5) + 1.2 * (lactate - 1.7)),
        }
    )
    frame.loc[random.choice(count, 20, replace=False), "lactate"] = np.nan
    frame.to_csv(folder / "triage.tsv", sep="\t", index=False)
    write_rows(folder / "hours.csv", ("day", "opens"), [("Saturday", 9), ("Sunday", 10)])


MAKERS: tuple[Callable[[Random, Path], None], ...] = (
    admissions,
    scans,
    databases,
    vitals,
    registry,
    weeks,
    cohort,
    plates,
    signals,
    proteins,
    triage,
)


def make(folder: Path) -> None:
    """Write everything into ``folder``; each topic has a generator of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, maker in enumerate(MAKERS):
        maker(np.random.default_rng((SEED, number)), folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")
