"""Record batches of format 2, written and read, as far as the script needs them."""

import struct
import time

from raw_kafka import crc32c, record


def batch(values, producer=None, sequence=0, **how):
    """A batch of values. `producer` is (id, epoch) of an idempotent one, with the sequence of its
    first record. `how`: attributes, timestamp, crc, magic, count, last_delta, epoch."""
    producer_id, producer_epoch = producer or (-1, -1)
    timestamp = how.get("timestamp", int(time.time() * 1000))
    records = b"".join(record(at, value) for at, value in enumerate(values))
    tail = struct.pack(
        ">hiqqqhii",
        how.get("attributes", 0),
        how.get("last_delta", len(values) - 1),
        timestamp,
        timestamp,
        producer_id,
        producer_epoch,
        sequence if producer else -1,
        how.get("count", len(values)),
    )
    tail += records
    checksum = how.get("crc", crc32c(tail))
    head = struct.pack(">ibI", -1, how.get("magic", 2), checksum)
    return struct.pack(">qi", 0, len(head) + len(tail)) + head + tail


def batches_in(data):
    """What the batches of a fetch say, times left out; their records as the bytes they are."""
    found, at = [], 0
    while at + 61 <= len(data):
        base, length, epoch = struct.unpack_from(">qii", data, at)
        if at + 12 + length > len(data):
            break
        attributes, last_delta = struct.unpack_from(">hi", data, at + 21)
        producer_id, producer_epoch, sequence, count = struct.unpack_from(">qhii", data, at + 43)
        found.append(
            {
                "base": base,
                "last": base + last_delta,
                "epoch": epoch,
                "attributes": attributes,
                "producer": (producer_id, producer_epoch, sequence),
                "count": count,
                "records": data[at + 61 : at + 12 + length],
            }
        )
        at += 12 + length
    return found
