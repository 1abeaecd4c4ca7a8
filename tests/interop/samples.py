"""Records that every client sends and must get back byte for byte: text that compresses, random
bytes, every byte value, empty and absent values, keys and headers."""

import random

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")

_random = random.Random(7)
VALUES = [
    b"a line of text, again and again; " * 60,
    bytes(range(256)) * 4,
    _random.randbytes(5_000),
    b"",
    "žluťoučký kůň 日本".encode(),
    b"\x00",
    b"x" * 100_000,
]
KEYS = [b"key", b"\x00\xff\n:", b"", None, "klíč".encode(), b"k" * 1000, b"0"]
HEADERS = [("trace", b"1"), ("binary", b"\x00\x01\xfe\xff"), ("empty", b""), ("trace", b"2")]


def compressible(count):
    return [b"record %06d " % at + b"the same words in each record " * 4 for at in range(count)]
