#!/usr/bin/env python3
"""Large data summarised by arm, beside DuckDB on the same query; time and memory of both, in one run.

    cargo build --release
    python3 -m venv /tmp/bench && /tmp/bench/bin/pip install duckdb==1.4.1
    /tmp/bench/bin/python benches/large.py target/release/trialbook [FOLDER]

Makes a CSV file of 5 million rows and 30 columns and a Parquet file of 50 million rows in FOLDER (a temporary one if
none is named), summarises every numeric column within each arm with `trialbook data describe --by arm` and with DuckDB,
compares the numbers, and prints a table. Trialbook's time holds the verification of the file's digest and the check of
every value; its memory is limited to 4 GiB of address space."""

import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time

import duckdb

MEMORY = 4 << 30
STATS = ["n", "mean", "sd", "min", "p25", "median", "p75", "max"]


def numbers(width):
    """Columns of numbers: whole and decimal ones, some with missing values."""
    made = []
    for i in range(width):
        value = f"hash(r.i * {2 * i + 1}) % 10000"
        value = value if i % 3 else f"({value}) / 100.0"
        missing = f"CASE WHEN hash(r.i + {i}) % 50 = 0 THEN NULL ELSE {value} END"
        made.append(f"{missing if i % 4 == 0 else value} AS x{i}")
    return ", ".join(made)


def table(rows, width):
    arm = "CASE hash(r.i * 7919) % 2 WHEN 0 THEN 'control' ELSE 'active' END AS arm"
    return f"SELECT {arm}, {numbers(width)} FROM range({rows}) AS r(i)"


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def project(folder, files):
    text = "[project]\nname = \"Large\"\n"
    for name, path in files.items():
        text += f"\n[[dataset]]\nname = \"{name}\"\n[[dataset.version]]\nversion = \"1.0.0\"\n"
        text += f"path = \"{os.path.basename(path)}\"\nsha256 = \"{digest(path)}\"\n"
        text += f"bytes = {os.path.getsize(path)}\n"
    with open(os.path.join(folder, "data-manifest.toml"), "w") as file:
        file.write(text)


def measured(command, limit=None):
    """Output, seconds, and the largest resident set in MiB of the process and those it started."""

    def limited():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=out, preexec_fn=limited)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
        if status != 0:
            sys.exit(f"{command[0]} ended with {status}")
        out.seek(0)
        return out.read(), seconds, usage.ru_maxrss / 1024


def peer(query):
    """DuckDB in a process of its own, with its defaults."""
    code = ("import duckdb, json; duckdb.sql('SET enable_progress_bar = false'); "
            f"print(json.dumps(duckdb.sql({query!r}).fetchall()))")
    return measured([sys.executable, "-c", code])


def query(source, width):
    parts = []
    for i in range(width):
        x = f"x{i}"
        parts += [f"count({x})", f"avg({x})", f"stddev_samp({x})", f"min({x})",
                  f"quantile_cont({x}, 0.25)", f"quantile_cont({x}, 0.5)",
                  f"quantile_cont({x}, 0.75)", f"max({x})"]
    return f"SELECT arm, {', '.join(parts)} FROM {source} GROUP BY arm ORDER BY arm"


def compare(ours, theirs, width):
    """How many numbers were compared; a difference beyond 1e-9 ends the program."""
    ours = json.loads(ours)
    columns = {column["name"]: column for column in ours["columns"]}
    arms = [group["value"] for group in ours["by"]["groups"]]
    count = 0
    for arm, *values in json.loads(theirs):
        for i in range(width):
            part = columns[f"x{i}"]["groups"][arms.index(arm)]
            own = {"n": part["n"], **part["numbers"]}
            for stat, value in zip(STATS, values[8 * i:8 * i + 8]):
                count += 1
                if not math.isclose(own[stat], value, rel_tol=1e-9):
                    sys.exit(f"x{i} {arm} {stat}: {own[stat]} is not {value}")
    return count


def main():
    program = os.path.abspath(sys.argv[1])
    folder = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    cases = {"csv": ("wide.csv", 5_000_000, 29, "FORMAT csv, HEADER"),
             "parquet": ("long.parquet", 50_000_000, 3, "FORMAT parquet")}
    files = {}
    for name, (file, rows, width, form) in cases.items():
        path = os.path.join(folder, file)
        if not os.path.exists(path):
            duckdb.sql(f"COPY ({table(rows, width)}) TO '{path}' ({form})")
        files[name] = path
    project(folder, files)
    print("| data | bytes | program | s | MiB |\n|---|---|---|---|---|")
    for name, (file, rows, width, _) in cases.items():
        path = files[name]
        command = [program, "--root", folder, "data", "describe", name, "--by", "arm",
                   "--format", "json"]
        ours, seconds, memory = measured(command, MEMORY)
        theirs, peer_seconds, peer_memory = peer(query(f"'{path}'", width))
        compared = compare(ours, theirs, width)
        what = f"{rows:,} × {width + 1} {name}"
        size = f"{os.path.getsize(path):,}"
        print(f"| {what} | {size} | trialbook | {seconds:.1f} | {memory:.0f} |")
        print(f"| {what} | {size} | DuckDB {duckdb.__version__} | {peer_seconds:.1f} | {peer_memory:.0f} |")
        print(f"| | | ratio ({compared} numbers the same) | {seconds / peer_seconds:.1f} | "
              f"{memory / peer_memory:.1f} |")
    for name, path in files.items():
        _, seconds, _ = measured(["sha256sum", path])
        print(f"sha256sum of {os.path.basename(path)}: {seconds:.1f} s")


if __name__ == "__main__":
    main()
