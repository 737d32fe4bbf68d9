"""Arrow IPC files and streams for the tests.

Run by hand from this folder: python3 arrow.py (pyarrow 26.0.1). Writes ../../it/fixtures/arrow/*.
"""

import datetime as dt
import decimal
from pathlib import Path

import pyarrow as pa
from pyarrow import feather, ipc, parquet

FOLDER = Path(__file__).parent / "../../it/fixtures/arrow"
FOLDER.mkdir(exist_ok=True)
N = [1, None, 3, 4]
TABLE = pa.table({
    "i8": pa.array(N, pa.int8()),
    "u16": pa.array(N, pa.uint16()),
    "i64": pa.array(N, pa.int64()),
    "f32": pa.array([0.1, None, 2.5, 4], pa.float32()),
    "f64": pa.array([0.125, None, 2.5, 4], pa.float64()),
    "text": pa.array(["ä", None, "", "d"], pa.string()),
    "large": pa.array(["a", None, "c", "d"], pa.large_string()),
    "view": pa.array(["a", None, "longer than twelve bytes", "d"], pa.string_view()),
    "arm": pa.array(["WL", None, "CCT", "WL"]).dictionary_encode(),
    "truth": pa.array([True, None, False, True]),
    "day": pa.array([dt.date(2023, 6, 23), None, dt.date(1900, 2, 28), dt.date(2024, 2, 29)], pa.date32()),
    "moment": pa.array([dt.datetime(2023, 6, 23, 12, 30), None, dt.datetime(2023, 1, 1), None], pa.timestamp("us")),
    "midnight": pa.array([dt.datetime(2023, 6, 23), None, dt.datetime(2023, 1, 1), None], pa.timestamp("ns")),
    "nothing": pa.nulls(4),
})


def write(name, table, options=None, stream=False):
    new = ipc.new_stream if stream else ipc.new_file
    with new(FOLDER / name, table.schema, options=options) as out:
        out.write_table(table, max_chunksize=3)


write("plain.arrow", TABLE)
write("lz4.arrow", TABLE, ipc.IpcWriteOptions(compression="lz4"))
write("zstd.arrow", TABLE, ipc.IpcWriteOptions(compression="zstd"))
write("stream.arrows", TABLE, stream=True)
write("stream-zstd.arrows", TABLE, ipc.IpcWriteOptions(compression="zstd"), stream=True)
feather.write_feather(TABLE.drop_columns(["view"]), FOLDER / "two.feather")
feather.write_feather(pa.table({"a": [1, 2]}), FOLDER / "one.feather", version=1)
write("odd.arrow", pa.table({
    "list": pa.array([[1], [2, 3]]),
    "struct": pa.array([{"a": 1}, {"a": 2}]),
    "large": pa.array([2**60, 1], pa.int64()),
    "fine": pa.array([1, 2]),
}))
write("decimal.arrow", pa.table({"dec": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(6, 2))}))
write("time.arrow", pa.table({"clock": pa.array([dt.time(1, 2, 3), None], pa.time32("s"))}))
write("binary.arrow", pa.table({"bytes": pa.array([b"a", None], pa.binary())}))
write("empty.arrow", TABLE.slice(0, 0))

# Types that polars is built without, for Parquet.
parquet.write_table(pa.table({
    "u8": pa.array([1, None, 255], pa.uint8()),
    "u16": pa.array([1, 2, 65535], pa.uint16()),
    "i8": pa.array([-128, None, 3], pa.int8()),
    "clock": pa.array([dt.time(1, 2, 3), None, dt.time(23, 59, 59, 500_000)], pa.time64("us")),
}), FOLDER.parent / "pyarrow-short.parquet")
