"""The studentised range by brute force in 30 digits: composite Gauss-Legendre rules in z and in √s. Needs mpmath (gmpy2 makes it ten times faster): python3 studentized_range_exact.py, by hand."""

import sys
from mpmath import mp, mpf, erfc, exp, gamma, inf, log, pi, sqrt

mp.dps = 30
NODES = {}


def legendre(n):
    if n not in NODES:
        rule = []
        for i in range(1, n + 1):
            x = mp.cos(pi * (i - mpf(1) / 4) / (n + mpf(1) / 2))
            for _ in range(60):
                before, here = mpf(1), x
                for k in range(2, n + 1):
                    before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
                slope = n * (x * here - before) / (x * x - 1)
                step = here / slope
                x -= step
                if abs(step) < mpf(10) ** -28:
                    break
            rule.append((x, 2 / ((1 - x * x) * slope * slope)))
        NODES[n] = rule
    return NODES[n]


def integrate(f, low, high, panels, n):
    width = (high - low) / panels
    total = [mpf(0), mpf(0)]
    for panel in range(panels):
        middle = low + width * (panel + mpf(1) / 2)
        for x, weight in legendre(n):
            for i, part in enumerate(f(middle + width / 2 * x)):
                total[i] += weight * part
    return [t * width / 2 for t in total]


def phi(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def cdf(z):
    return erfc(-z / sqrt(mpf(2))) / 2


def tails_of_range(w, k, width, n):
    """P(range <= w) and P(range > w) of k standard normal values."""

    def f(z):
        below, all_ = cdf(z - w), cdf(z)
        # Enough digits are left of the differences: the tails here are above 1e-12.
        inside = (all_ - below) ** (k - 1)
        return phi(z) * inside, phi(z) * (all_ ** (k - 1) - inside)

    # Of many values the largest is never low.
    low, high = mpf(-9 if k < 20 else -5), max(w / 2 + 8, mpf(9))
    return [k * part for part in integrate(f, low, high, int((high - low) / width) + 1, n)]


def tails(q, k, df):
    inner = (mpf(3), 22) if k < 20 else (mpf(2), 22) if k < 100 else (mpf(5) / 4, 22)
    if df == inf:
        return tails_of_range(q, k, *inner)
    constant = 2 * (df / 2) ** (df / 2) / gamma(df / 2)

    def f(x):
        s = x * x
        density = constant * s ** (df - 1) * exp(-df * s * s / 2) * 2 * x
        return [density * part for part in tails_of_range(q * s, k, *inner)]

    spread = 10 / sqrt(2 * df)
    low = sqrt(max(mpf(0), 1 - spread)) if df > 60 else mpf(0)
    high = sqrt(1 + spread + (0 if df > 60 else mpf(8) / df))
    return integrate(f, low, high, 6 if k < 20 else 9, 20 if df < 10 else 16)


def points():
    few = (mpf(2), mpf(5) / 2, mpf(5), mpf(12), mpf(48), mpf(1000), mpf(30000), inf)
    # More means take minutes each.
    for k in (3, 6):
        for df in few:
            middle = 3 + log(mpf(k)) / 2
            for q in (middle * mpf(2) / 3, middle * mpf(5) / 4, middle * 2):
                yield mpf(round(q * 4)) / 4, k, df


def main():
    columns = {name: [] for name in ("q", "k", "df", "lower", "upper")}
    worst = mpf(0)
    for index, (q, k, df) in enumerate(points()):
        found = tails(q, k, df)
        if min(found) < mpf(10) ** -12:
            continue
        worst = max(worst, abs(sum(found) - 1))
        print(index, q, k, df, mp.nstr(sum(found) - 1, 3), file=sys.stderr)
        for name, value in zip(columns, (q, mpf(k), df, *found)):
            columns[name].append("inf" if value == inf else mp.nstr(value, 17, min_fixed=-1, max_fixed=-1))
    import mpmath

    with open("../expected/studentized_range_exact.toml", "w") as out:
        print("[source]", file=out)
        print(f'package = "mpmath"\nversion = "{mpmath.__version__}"', file=out)
        print('call = "composite Gauss-Legendre rules in 30 digits, studentized_range_exact.py"', file=out)
        print(f'sum = "both tails add up to 1 within {mp.nstr(worst, 2)}"', file=out)
        print("\n[tolerance]\nrelative = 1e-13\nabsolute = 0.0\n\n[range]", file=out)
        for name, values in columns.items():
            print(f"{name} = [{', '.join(values)}]", file=out)


if __name__ == "__main__":
    main()
