"""Writes 2.0.0/btheb.parquet: 1.0.0/btheb.csv with one row for each participant and visit after baseline.

Run in this folder: python3 lengthen.py (made with Python 3.11 and pyarrow 26.0.1; another version of pyarrow may write
other bytes, as a Parquet file names its writer).
"""

import csv

import pyarrow as pa
import pyarrow.parquet as pq

VISITS = {"bdi.2m": 2, "bdi.3m": 3, "bdi.5m": 5, "bdi.8m": 8}
SCHEMA = pa.schema(
    [
        ("participant", pa.int32()),
        ("drug", pa.string()),
        ("length", pa.string()),
        ("treatment", pa.string()),
        ("bdi.pre", pa.int32()),
        ("visit", pa.int32()),
        ("bdi", pa.int32()),
    ]
)


def number(cell):
    return None if cell == "NA" else int(cell)


with open("1.0.0/btheb.csv", newline="") as file:
    rows = [
        {
            "participant": int(wide["participant"]),
            "drug": wide["drug"],
            "length": wide["length"],
            "treatment": wide["treatment"],
            "bdi.pre": number(wide["bdi.pre"]),
            "visit": visit,
            "bdi": number(wide[column]),
        }
        for wide in csv.DictReader(file)
        for column, visit in VISITS.items()
    ]

pq.write_table(pa.Table.from_pylist(rows, SCHEMA), "2.0.0/btheb.parquet", compression="zstd")
