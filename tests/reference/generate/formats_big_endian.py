"""A big-endian SPSS file, which haven can't write, byte by byte after PSPP's description of the format."""
import struct

I = lambda *n: struct.pack(f">{len(n)}i", *n)
D = lambda *x: struct.pack(f">{len(x)}d", *x)
SYSMIS = -struct.unpack(">d", bytes.fromhex("7fefffffffffffff"))[0]
F8_2, DATE11, A4 = 5 << 16 | 8 << 8 | 2, 20 << 16 | 11 << 8, 1 << 16 | 4 << 8


def variable(width, name, fmt, missing=(), label=None):
    out = I(2, width, 0 if label is None else 1, len(missing), fmt, fmt) + name.ljust(8).encode()
    if label is not None:
        out += I(len(label)) + label.encode().ljust(-(-len(label) // 4) * 4)
    return out + D(*missing)


def file(compression):
    out = b"$FL2" + b"@(#) SPSS DATA FILE made by hand".ljust(60) + I(2, 3, compression, 0, 4) + D(100.0)
    out += b"01 Jan 2412:00:00" + b"".ljust(64) + b"\0\0\0"
    out += variable(0, "SCORE", F8_2, (-1.0,), "The score")
    out += variable(0, "VISIT", DATE11) + variable(4, "SITE", A4)
    out += I(3, 2) + D(1.0) + b"\x03low    " + D(2.5) + b"\x04high   " + I(4, 1, 1)
    out += I(3, 1) + b"A   ".ljust(8) + b"\x06Aarhus\0" + I(4, 1, 3)
    out += I(7, 3, 4, 8) + I(20, 0, 0, -1, 1, compression, 1, 65001)
    out += I(7, 4, 8, 3) + D(SYSMIS, -SYSMIS, -1.7976931348623155e308)
    out += I(999, 0)
    day = lambda n: (n + 141428) * 86400.0
    rows = [(1.0, day(19000), b"A"), (2.5, day(-5), b"B"), (-1.0, SYSMIS, b""), (SYSMIS, day(0), "ż".encode())]
    if compression == 0:
        return out + b"".join(D(a, b) + c.ljust(8) for a, b, c in rows)
    codes, values = b"", b""
    for a, b, c in rows:
        for x in (a, b):
            if x == SYSMIS:
                codes += b"\xff"
            elif x == int(x) and -99 <= x <= 151:
                codes += bytes([int(x) + 100])
            else:
                codes, values = codes + b"\xfd", values + D(x)
        codes, values = (codes + b"\xfe", values) if not c else (codes + b"\xfd", values + c.ljust(8))
    codes += b"\xfc"
    # Eight codes, then the values of those that have none.
    taken, at = b"", 0
    for start in range(0, len(codes), 8):
        group = codes[start : start + 8]
        count = group.count(b"\xfd") * 8
        taken += group.ljust(8, b"\0") + values[at : at + count]
        at += count
    return out + taken


for name, compression in (("plain", 0), ("codes", 1)):
    with open(f"../data/formats/big-endian-{name}.sav", "wb") as to:
        to.write(file(compression))
