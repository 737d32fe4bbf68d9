"""sas.sas7bdat with its rows compressed, which haven can't write: by RLE (SASYZCRL) and by RDC (SASYZCR2).

After Shotwell's description of the format and Ross's of RDC (The C Users Journal, 1992)."""
import struct

HEADER, PAGE, POINTERS = 8192, 4096, 40


def rle(row):
    out, literal, at = b"", b"", 0

    def flush():
        nonlocal out, literal
        while literal:
            piece = literal[: 64 if len(literal) < 80 else 4000]
            n = len(piece)
            out += bytes([0x80 | n - 1]) if n <= 16 else bytes([0x90 | n - 17]) if n <= 32 else \
                bytes([0xA0 | n - 33]) if n <= 48 else bytes([0xB0 | n - 49]) if n <= 64 else bytes([n - 64 >> 8, n - 64 & 255])
            out, literal = out + piece, literal[n:]

    while at < len(row):
        byte, run = row[at], 1
        while at + run < len(row) and row[at + run] == byte and run < 4000:
            run += 1
        special = {0x20: (0x60, 0xE0), 0x00: (0x70, 0xF0), 0x40: (0x50, 0xD0)}.get(byte)
        if run < 3:
            literal += row[at : at + run]
        elif special and run <= 17:
            flush()
            out += bytes([special[1] | run - 2])
        elif special:
            flush()
            out += bytes([special[0] | run - 17 >> 8, run - 17 & 255])
        elif run <= 18:
            flush()
            out += bytes([0xC0 | run - 3, byte])
        else:
            flush()
            out += bytes([0x40 | run - 18 >> 8, run - 18 & 255, byte])
        at += run
    flush()
    return out


def rdc(row):
    groups, at = [], 0
    while at < len(row):
        run = 1
        while at + run < len(row) and row[at + run] == row[at] and run < 4000:
            run += 1
        best = (0, 0)
        for back in range(max(0, at - 4000), at - 2):
            n = 0
            while at + n < len(row) and n < 200 and back + n < at and row[back + n] == row[at + n]:
                n += 1
            if n > best[0] and at - back >= 3:
                best = (n, at - back)
        n, distance = best
        if run >= 3 and run >= n:
            code = bytes([run - 3, row[at]]) if run <= 18 else bytes([0x10 | run - 19 & 15, run - 19 >> 4, row[at]])
            groups.append((1, code))
            at += run
        elif n >= 16:
            groups.append((1, bytes([0x20 | distance - 3 & 15, distance - 3 >> 4, n - 16])))
            at += n
        elif n >= 3:
            groups.append((1, bytes([n << 4 | distance - 3 & 15, distance - 3 >> 4])))
            at += n
        else:
            groups.append((0, row[at : at + 1]))
            at += 1
    out = b""
    for start in range(0, len(groups), 16):
        part = groups[start : start + 16]
        bits = sum(bit << 15 - i for i, (bit, _) in enumerate(part))
        out += struct.pack(">H", bits) + b"".join(code for _, code in part)
    return out


def file(plain, mark, pack):
    out = bytearray(plain)
    size, = struct.unpack_from("<Q", plain, HEADER + 3288 + 40)
    count, = struct.unpack_from("<Q", plain, HEADER + 3288 + 48)
    # The mark in the texts of the first page, and where it is, in the description of the rows.
    text, rows = HEADER + 3092, HEADER + 3288
    out[text + 20 : text + 28] = mark
    struct.pack_into("<HHH", out, rows + 808 - 118, 0, 12, 8)
    page = HEADER + PAGE
    assert struct.unpack_from("<H", plain, page + 32)[0] == 0x100
    packed = [pack(plain[page + 40 + i * size : page + 40 + (i + 1) * size]) for i in range(count)]
    new = bytearray(PAGE)
    new[:32] = plain[page : page + 32]
    struct.pack_into("<HHH", new, 32, 0, count, count)
    end = PAGE
    for i, row in enumerate(packed):
        assert len(row) < size
        end -= len(row)
        new[end : end + len(row)] = row
        struct.pack_into("<QQBB", new, POINTERS + 24 * i, end, len(row), 4, 1)
    assert end > POINTERS + 24 * count
    out[page : page + PAGE] = new
    return bytes(out)


plain = open("../data/formats/sas.sas7bdat", "rb").read()
for name, mark, pack in (("rle", b"SASYZCRL", rle), ("rdc", b"SASYZCR2", rdc)):
    open(f"../data/formats/compressed-{name}.sas7bdat", "wb").write(file(plain, mark, pack))
