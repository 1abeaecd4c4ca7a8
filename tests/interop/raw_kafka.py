"""As much of the Kafka protocol as it takes to send what no client library would: frames of one's
own, record batches with anything wrong in them, and the few requests to look at the result. The
versions are old ones that a Kafka 4 broker still serves, with plain (not flexible) encoding.
"""

import socket
import struct
import time

PRODUCE, FETCH, METADATA, API_VERSIONS, CREATE_TOPICS = 0, 1, 3, 18, 19

UNKNOWN_SERVER_ERROR = -1
NONE, CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_TOPIC, UNSUPPORTED_VERSION = 0, 2, 10, 17, 35
UNSUPPORTED_COMPRESSION, INVALID_RECORD = 76, 87
CODECS = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}


def _crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc32c_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def string(text):
    if text is None:
        return struct.pack(">h", -1)
    raw = text.encode()
    return struct.pack(">h", len(raw)) + raw


def byte_string(raw):
    return struct.pack(">i", -1) if raw is None else struct.pack(">i", len(raw)) + raw


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value & ~0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def record(offset_delta, value, key=None):
    body = b"\0" + varint(0) + varint(offset_delta)
    for field in (key, value):
        body += varint(-1) if field is None else varint(len(field)) + field
    body += varint(0)
    return varint(len(body)) + body


def batch(values, attributes=0, crc=None, magic=2):
    """A record batch of format 2, of now; `crc` in place of the right one."""
    timestamp = int(time.time() * 1000)
    records = b"".join(record(at, value) for at, value in enumerate(values))
    tail = struct.pack(
        ">hiqqqhii", attributes, len(values) - 1, timestamp, timestamp, -1, -1, -1, len(values)
    )
    tail += records
    checksum = crc32c(tail) if crc is None else crc
    head = struct.pack(">ibI", -1, magic, checksum)
    return struct.pack(">qi", 0, len(head) + len(tail)) + head + tail


class Reader:
    """Takes values from a response in turn."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, layout):
        value = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return value[0] if len(value) == 1 else value

    def raw(self, length):
        value = self.data[self.at : self.at + length]
        self.at += length
        return value

    def string(self):
        length = self.take("h")
        return None if length < 0 else self.raw(length).decode()

    def byte_string(self):
        length = self.take("i")
        return None if length < 0 else self.raw(length)

    def array(self, read):
        return [read() for _ in range(self.take("i"))]


class Connection:
    def __init__(self, host, port, seconds=30):
        self.socket = socket.create_connection((host, port), timeout=seconds)
        self.correlation_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_raw(self, data):
        self.socket.sendall(data)

    def send_frame(self, content):
        self.send_raw(struct.pack(">i", len(content)) + content)

    def send(self, key, version, body, flexible=False):
        self.correlation_id += 1
        head = struct.pack(">hhi", key, version, self.correlation_id) + string("raw")
        self.send_frame(head + (b"\0" if flexible else b"") + body)

    def receive(self):
        """The next frame; None when the connection was closed."""
        head = self._exactly(4)
        if head is None:
            return None
        return self._exactly(struct.unpack(">i", head)[0])

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionResetError:
                return None
            if not more:
                return None
            data += more
        return data

    def is_closed_by_peer(self):
        """Waits for the peer's close; False when it answers or stays silent."""
        try:
            return self.receive() is None
        except socket.timeout:
            return False

    def ask(self, key, version, body, flexible=False):
        """Sends, and gives what comes after the correlation id."""
        self.send(key, version, body, flexible)
        frame = self.receive()
        assert frame is not None, f"the connection was closed on request {key} v{version}"
        reader = Reader(frame)
        assert reader.take("i") == self.correlation_id, "the answer to another request"
        return reader

    # --- requests ---

    def api_versions(self, version=0):
        """(error code, {key: (min, max)})"""
        reader = self.ask(API_VERSIONS, version, b"")
        error = reader.take("h")
        return error, {
            key: (low, high) for key, low, high in reader.array(lambda: reader.take("hhh"))
        }

    def metadata(self, topic, create=False):
        """(topic's error, {broker: (host, port)}, {partition: leader})"""
        reader = self.ask(METADATA, 4, array([string(topic)]) + struct.pack(">?", create))
        reader.take("i")
        brokers = {}

        def broker():
            node, host, port = reader.take("i"), reader.string(), reader.take("i")
            reader.string()
            brokers[node] = (host, port)

        reader.array(broker)
        reader.string()
        reader.take("i")
        leaders, errors = {}, []

        def partition():
            _, index, leader = reader.take("hii")
            reader.array(lambda: reader.take("i"))
            reader.array(lambda: reader.take("i"))
            leaders[index] = leader

        def one_topic():
            errors.append(reader.take("h"))
            reader.string()
            reader.take("?")
            reader.array(partition)

        reader.array(one_topic)
        return errors[0], brokers, leaders

    def create_topic(self, name, partitions=1, replicas=1, configs=None):
        """The error code."""
        settings = array([string(key) + string(value) for key, value in (configs or {}).items()])
        topic = string(name) + struct.pack(">ih", partitions, replicas) + array([]) + settings
        reader = self.ask(CREATE_TOPICS, 2, array([topic]) + struct.pack(">i?", 30_000, False))
        reader.take("i")
        return reader.array(lambda: (reader.string(), reader.take("h"), reader.string()))[0][1]

    def produce(self, topic, partition, records, acks=-1):
        """(error code, base offset)"""
        body = string(None) + struct.pack(">hi", acks, 30_000)
        body += array(
            [string(topic) + array([struct.pack(">i", partition) + byte_string(records)])]
        )
        reader = self.ask(PRODUCE, 3, body)
        results = []

        def one_partition():
            _, error, offset, _ = reader.take("ihqq")
            results.append((error, offset))

        def one_topic():
            reader.string()
            reader.array(one_partition)

        reader.array(one_topic)
        return results[0]

    def fetch(self, topic, partition, offset=0, bytes_max=1 << 24):
        """(error code, high watermark, record batches as bytes)"""
        wanted = struct.pack(">iqi", partition, offset, bytes_max)
        body = struct.pack(">iiiib", -1, 500, 1, bytes_max, 0) + array(
            [string(topic) + array([wanted])]
        )
        reader = self.ask(FETCH, 4, body)
        reader.take("i")
        results = []

        def one_partition():
            _, error, watermark, _ = reader.take("ihqq")
            reader.array(lambda: reader.take("qq"))
            results.append((error, watermark, reader.byte_string() or b""))

        def one_topic():
            reader.string()
            reader.array(one_partition)

        reader.array(one_topic)
        return results[0]


def at_leader(address, topic, partition=0):
    """A connection to the broker that leads the partition."""
    end = time.monotonic() + 30
    while True:
        with Connection(*address) as connection:
            error, brokers, leaders = connection.metadata(topic)
        if error == NONE and leaders.get(partition, -1) in brokers:
            return Connection(*brokers[leaders[partition]])
        assert time.monotonic() < end, f"{topic}-{partition} has no leader: error {error}"
        time.sleep(0.05)


def batch_codecs(address, topic, partition=0):
    """The codecs of the batches in a partition's log, as the broker sends them."""
    found, offset = set(), 0
    with at_leader(address, topic, partition) as connection:
        while True:
            error, watermark, data = connection.fetch(topic, partition, offset)
            assert error == NONE, f"fetch of {topic}-{partition}: error {error}"
            if offset >= watermark:
                return found
            at = 0
            while at + 61 <= len(data):
                base, length = struct.unpack_from(">qi", data, at)
                if at + 12 + length > len(data):
                    break
                attributes, last_delta = struct.unpack_from(">hi", data, at + 21)
                found.add(CODECS[attributes & 7])
                offset = base + last_delta + 1
                at += 12 + length
