#!/usr/bin/env python3
"""Mixed models beside R's lme4, lmerTest and pbkrtest on the same data: time, memory, and the same results.

    python3 benches/mixed.py [--folder FOLDER] [--runner PROGRAM] [--repeats N] [CASE…]

Makes the data in FOLDER (a temporary one if none is named) by benches/mixed.R with a fixed seed, builds the program
benches/mixed.rs (or takes PROGRAM), and runs each case in a process of its own, first with R, then with trialbook.
Times are medians of the fits alone, from columns in memory to a fitted model; processor time is the mean of all
threads. Memory is the largest resident set of the process, and in brackets what of it reading the data takes (in R with
the packages loaded). A result that differs beyond the tolerances below ends the program with status 1.

Needs R with lme4, lmerTest and pbkrtest."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

SLOPES = "y ~ arm * (t1 + t2) + age + sex + (1 + t1 + t2 | id)"
LOGISTIC = "event ~ arm * t1 + decades + (1 | id)"
# name: what is timed, data, formula, repeats, the goal as R's time over ours
CASES = {
    "slopes": ("lmer", "slopes", SLOPES, 9, 20),
    "times": ("lmer", "times", SLOPES, 9, None),
    "intercepts": ("lmer", "intercepts", "y ~ x + arm + (1 | id)", 5, 20),
    "crossed": ("lmer", "insteval", "y ~ service + (1 | s) + (1 | d)", 3, 1),
    "crossed-three": ("lmer", "insteval", "y ~ service + (1 | s) + (1 | d) + (1 | dept:service)", 3, 1),
    "satterthwaite": ("satterthwaite", "slopes", SLOPES, 3, None),
    "kenward-roger": ("kenward-roger", "small", SLOPES, 3, None),
    "profile": ("profile", "small", "y ~ arm * t1 + (1 + t1 | id)", 1, None),
    "laplace": ("laplace", "binary", LOGISTIC, 3, None),
    "quadrature": ("quadrature", "binary", LOGISTIC, 3, None),
}
WHAT = {
    "slopes": "2,315 × 8 visits, 15% missing, 3 correlated effects",
    "times": "the same, each with times of their own",
    "intercepts": "500,000 rows, 125,000 random intercepts",
    "crossed": "InstEval, 73,421 rows, students and lecturers",
    "crossed-three": "the same with department × service",
    "satterthwaite": "`slopes` with Satterthwaite's df (lmerTest)",
    "kenward-roger": "200 × 4 visits, 3 effects, Kenward–Roger (pbkrtest)",
    "profile": "200 × 4 visits, 2 effects, profile intervals of all",
    "laplace": "logistic, 2,315 × 8, random intercept, Laplace",
    "quadrature": "the same, quadrature of 7 points",
}
# lme4's optimisers stop early: its default for lmer when θ changes by less than about 1e-6 of itself, glmer's when the
# likelihood changes by 1e-7 of itself. Estimates may differ by so many of their standard errors, the others by such
# a share; a criterion may be better than R's by 0.01 and worse by 1e-5. Tests compare with exact optima.
TOLERANCE = {"estimate": 1e-3, "se": 2e-3, "component": 5e-3, "df": 2e-2, "low": 5e-3, "high": 5e-3}
BETTER, WORSE = 0.01, 1e-5


def measured(command):
    """What a process printed as JSON, and its largest resident set in MiB."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(command)} ended with {status}")
        out.seek(0)
        return json.loads(out.read()), usage.ru_maxrss / 1024


def built():
    """The program of benches/mixed.rs, built like the releases are."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    command = ["cargo", "bench", "--bench", "mixed", "--no-run", "--message-format", "json"]
    lines = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    for message in map(json.loads, lines):
        if message.get("reason") == "compiler-artifact" and message["target"]["name"] == "mixed":
            return message["executable"]
    sys.exit("cargo named no program")


def differences(theirs, ours):
    """Every result beyond its tolerance, and the greatest share of a tolerance that any other one takes."""
    found, greatest = [], 0.0
    for name, values in theirs.items():
        own = ours.get(name, [])
        if len(own) != len(values):
            found.append(f"{name}: {len(own)} values, R has {len(values)}")
            continue
        for index, (r, t) in enumerate(zip(values, own)):
            if r is None or t is None:
                continue
            if name == "criterion":
                share = (r - t) / BETTER if t < r else (t - r) / (WORSE * max(1.0, abs(r) * 1e-5))
            else:
                unit = theirs["se"][index] if name == "estimate" else max(abs(r), 1e-6)
                if name in ("low", "high"):
                    unit = max(abs(theirs["high"][index] - theirs["low"][index]), 1e-6)
                share = abs(r - t) / (unit * TOLERANCE[name])
            greatest = max(greatest, share)
            if share > 1:
                found.append(f"{name} {index + 1}: {t} here, {r} in R")
    return found, greatest


def side(command, repeats):
    """Median and processor seconds, results, versions, and memory with the fits and without."""
    _, data = measured(command + ["0"])
    printed, memory = measured(command + [str(repeats)])
    cpu = statistics.fmean(printed["cpu"])
    return statistics.median(printed["seconds"]), cpu, printed, f"{memory:.0f} ({data:.0f})", memory


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder")
    parser.add_argument("--runner")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    asked = parser.parse_args()
    unknown = [name for name in asked.cases if name not in CASES]
    if unknown:
        parser.error(f"no case {unknown[0]}")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mixed.R")
    runner = os.path.abspath(asked.runner) if asked.runner else built()
    folder = asked.folder or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    if not all(os.path.exists(os.path.join(folder, f"{case[1]}.csv")) for case in CASES.values()):
        subprocess.run(["Rscript", script, "data", folder], check=True)
    print("| case | | R: s | processor | MiB | trialbook: s | processor | MiB | R / trialbook: s | processor | goal |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    wrong, versions = [], set()
    for name in asked.cases or CASES:
        kind, data, formula, repeats, goal = CASES[name]
        repeats = asked.repeats or repeats
        case = [kind, os.path.join(folder, f"{data}.csv"), formula]
        r, r_cpu, theirs, r_memory, _ = side(["Rscript", script, "fit", *case], repeats)
        own, own_cpu, ours, memory, _ = side([runner, *case], max(repeats, 5))
        found, greatest = differences(theirs["values"], ours["values"])
        wrong += [f"{name}: {line}" for line in found]
        versions |= {theirs["versions"], ours["versions"]}
        wanted = "" if goal is None else f"{goal}"
        print(f"| {name} | {WHAT[name]} | {r:.3f} | {r_cpu:.3f} | {r_memory} | {own:.4f} | {own_cpu:.4f} | {memory} | "
              f"{r / own:.1f} | {r_cpu / max(own_cpu, 1e-9):.1f} | {wanted} |", flush=True)
        print(f"{name}: the greatest difference is {greatest:.2g} of its tolerance", file=sys.stderr)
    print("\n".join(sorted(versions)))
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
