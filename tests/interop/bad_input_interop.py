"""What no client should send: each gets Kafka's error code, or its connection closed, and nothing
else is touched."""

import random
import socket
import struct
import threading
import time
import unittest

import raw_kafka as kafka
from ottla_cluster import Cluster, free_ports, run_to_end, wait_until

TOPIC = "untouched"
KEPT = [b"acknowledged before", b"and still there after"]
cluster = None


def setUpModule():
    global cluster
    cluster = Cluster().start()
    with connect() as connection:
        assert connection.create_topic(TOPIC, 1, 3, {"max.message.bytes": "2000"}) == kafka.NONE
    with kafka.at_leader(cluster.first_address(), TOPIC) as leader:
        wait_until(
            lambda: leader.produce(TOPIC, 0, kafka.batch(KEPT))[0] == kafka.NONE,
            "the first records in",
        )


def tearDownModule():
    cluster.stop()


def connect(seconds=30):
    return kafka.Connection(*cluster.first_address(), seconds=seconds)


def refused_notes():
    return [event["text"] for event in cluster.events() if event["kind"] == "client_refused"]


class BadInput(unittest.TestCase):
    def setUp(self):
        # A client that does nothing wrong, connected all the while.
        self.bystander = connect()
        self.assertEqual(self.bystander.api_versions()[0], kafka.NONE)

    def tearDown(self):
        with self.bystander:
            self.assertEqual(
                self.bystander.api_versions()[0], kafka.NONE, "another connection was touched"
            )
        with kafka.at_leader(cluster.first_address(), TOPIC) as leader:
            error, watermark, data = leader.fetch(TOPIC, 0)
        self.assertEqual((error, watermark), (kafka.NONE, len(KEPT)))
        for value in KEPT:
            self.assertIn(value, data)

    def produce(self, records, topic=TOPIC):
        with kafka.at_leader(cluster.first_address(), topic) as leader:
            return leader.produce(topic, 0, records)[0]

    # --- frames ---

    def test_garbage_closes_the_connection(self):
        """frames of random bytes"""
        draw = random.Random(1)
        for _ in range(30):
            with connect() as connection:
                connection.send_frame(b"\x7f" + draw.randbytes(draw.randrange(7, 400)))
                self.assertTrue(connection.is_closed_by_peer())

    def test_an_empty_frame_closes_the_connection(self):
        """a frame without a header"""
        for content in (b"", b"\0", b"\0\x12\0"):
            with connect() as connection:
                connection.send_frame(content)
                self.assertTrue(connection.is_closed_by_peer(), content)

    def test_an_oversized_length_closes_the_connection_and_is_noted(self):
        """lengths over socket.request.max.bytes, and negative ones"""
        before = len(refused_notes())
        for length in (100 * 1024 * 1024 + 1, 0x7FFFFFFF, -1, -0x80000000):
            with connect() as connection:
                connection.send_raw(struct.pack(">i", length) + b"x" * 16)
                self.assertTrue(connection.is_closed_by_peer(), length)
        wait_until(lambda: len(refused_notes()) >= before + 4, "the reasons in the event log")

    def test_a_frame_that_ends_early_is_forgotten_with_its_connection(self):
        """half a frame, half a length, then a close"""
        for data in (struct.pack(">i", 1000) + b"x" * 10, b"\0\0"):
            with connect() as connection:
                connection.send_raw(data)

    def test_a_body_that_ends_early_closes_the_connection(self):
        """a Metadata request cut off, and one whose array claims two thousand million topics"""
        for body in (
            struct.pack(">i", 1),
            struct.pack(">i", 0x7FFFFFFF),
            struct.pack(">ih", 1, 500) + b"ab",
        ):
            with connect() as connection:
                connection.send(kafka.METADATA, 4, body)
                self.assertTrue(connection.is_closed_by_peer(), body)

    def test_more_requests_than_may_wait_are_answered_in_order(self):
        """20 000 requests, sent before the first answer is read"""
        count = 20_000
        with connect() as connection:
            sender = threading.Thread(
                target=lambda: [
                    connection.send(kafka.API_VERSIONS, 0, b"") for _ in range(count)
                ]
            )
            sender.start()
            time.sleep(1)  # What is sent stays unread in its socket, or waits.
            for expected in range(1, count + 1):
                frame = connection.receive()
                self.assertIsNotNone(frame, f"closed before answer {expected}")
                self.assertEqual(kafka.Reader(frame).take("i"), expected)
            sender.join()

    # --- heads ---

    def test_an_unknown_api_key_closes_the_connection(self):
        """API keys that do not exist"""
        for key in (999, 32767, -1):
            with connect() as connection:
                connection.send(key, 0, b"")
                self.assertTrue(connection.is_closed_by_peer(), key)

    def test_an_unknown_version_of_a_known_api_closes_the_connection(self):
        """Metadata v99"""
        with connect() as connection:
            connection.send(kafka.METADATA, 99, b"\0" * 8)
            self.assertTrue(connection.is_closed_by_peer())

    def test_api_versions_of_an_unknown_version_is_answered_in_version_0(self):
        """ApiVersions v99: UNSUPPORTED_VERSION with the list, and the connection goes on"""
        with connect() as connection:
            # v3 and later are flexible, so this is what a newer client would send.
            reader = connection.ask(kafka.API_VERSIONS, 99, b"\x04abc\x021\0", flexible=True)
            self.assertEqual(reader.take("h"), kafka.UNSUPPORTED_VERSION)
            ranges = {
                key: (low, high) for key, low, high in reader.array(lambda: reader.take("hhh"))
            }
            self.assertIn(kafka.API_VERSIONS, ranges)
            self.assertEqual(reader.at, len(reader.data), "more than version 0 has")
            error, full = connection.api_versions()
            self.assertEqual(error, kafka.NONE)
            self.assertEqual(
                full[kafka.PRODUCE][0], 0, "librdkafka compresses only where Produce begins at 0"
            )
            self.assertEqual(ranges[kafka.API_VERSIONS], full[kafka.API_VERSIONS])

    # --- records ---

    def test_a_wrong_crc_is_a_corrupt_message(self):
        """a batch whose CRC is wrong"""
        self.assertEqual(self.produce(kafka.batch([b"v"], crc=0x12345678)), kafka.CORRUPT_MESSAGE)

    def test_a_batch_that_ends_early_is_an_invalid_record(self):
        """a batch cut off in its records, and one in its header"""
        whole = kafka.batch([b"value" * 20])
        for length in (len(whole) - 1, 61, 30):
            # Kafka finds no whole batch in it (ProduceRequest.validateRecords).
            self.assertEqual(self.produce(whole[:length]), kafka.INVALID_RECORD, length)

    def test_an_unknown_codec_is_refused(self):
        """codecs 5 to 7"""
        for codec in (5, 6, 7):
            self.assertEqual(
                self.produce(kafka.batch([b"v"], attributes=codec)), kafka.UNSUPPORTED_COMPRESSION
            )

    def test_compressed_data_that_is_none_is_refused(self):
        """batches that say gzip, snappy, lz4 or zstd and are not"""
        for codec in (1, 2, 3, 4):
            self.assertNotEqual(
                self.produce(kafka.batch([b"v" * 100], attributes=codec)), kafka.NONE, codec
            )

    def test_zstd_is_refused_where_the_version_does_not_know_it(self):
        """a zstd batch in Produce version 3, which is older than zstd (KIP-110)"""
        zstd = 4
        self.assertEqual(
            self.produce(kafka.batch([b"v"], attributes=zstd)), kafka.UNSUPPORTED_COMPRESSION
        )

    def test_a_topics_codec_holds_whatever_a_producer_sends(self):
        """plain batches to topics with a compression.type, and what comes back"""
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            topic = "stored-as-" + codec
            with connect() as connection:
                self.assertEqual(
                    connection.create_topic(topic, configs={"compression.type": codec}), kafka.NONE
                )
            wait_until(
                lambda topic=topic: self.produce(kafka.batch([b"v" * 100] * 3), topic) == kafka.NONE,
                "the records in",
            )
            self.assertEqual(kafka.batch_codecs(cluster.first_address(), topic), {codec})

    def test_a_record_over_the_limit_is_too_large(self):
        """a batch over the topic's max.message.bytes"""
        self.assertEqual(self.produce(kafka.batch([b"x" * 2000])), kafka.MESSAGE_TOO_LARGE)

    # --- topics ---

    def test_names_that_kafka_refuses_are_invalid_topics(self):
        """names that are empty, too long, dots, or of other characters"""
        for name in ("", ".", "..", "a/b", "a b", "ž", "x" * 250):
            with connect() as connection:
                self.assertEqual(connection.create_topic(name), kafka.INVALID_TOPIC, name)
        for name in ("a/b", "x" * 250):
            with connect() as connection:
                self.assertEqual(
                    connection.metadata(name, create=True)[0], kafka.INVALID_TOPIC, name
                )


class BadSurroundings(unittest.TestCase):
    def refusal(self, *options, **how):
        code, said = run_to_end("--no-workload", *options, **how)
        self.assertEqual(code, 1, said)
        lines = said.strip().splitlines()
        self.assertTrue(lines and lines[-1].startswith("ottla: ") and lines[-1].endswith("."), said)
        return said

    def test_a_port_in_use_is_named(self):
        """the second broker's port is in use"""
        first = free_ports(3)
        with socket.create_server(("127.0.0.1", first + 1)):
            said = self.refusal("--port", first)
        self.assertIn(str(first + 1), said)
        self.assertIn("in use", said)

    def test_the_control_port_in_use_is_named(self):
        """the control API's port is in use"""
        first = free_ports(4)
        with socket.create_server(("127.0.0.1", first + 3)):
            said = self.refusal("--port", first, "--control", first + 3)
        self.assertIn(str(first + 3), said)

    def test_ports_beyond_the_last_are_refused(self):
        """three brokers from port 65534 on, and three controllers"""
        self.assertIn("65536", self.refusal("--port", 65534))
        said = self.refusal("--controllers", 3, "--controller-port", 65534)
        self.assertIn("3 controllers from port 65534 on would need port 65536", said)

    def test_ports_that_are_given_twice_are_refused(self):
        """to a broker and a controller, and to a controller and the control API"""
        said = self.refusal("--port", 20000, "--controllers", 3, "--controller-port", 19998)
        self.assertIn("19998 to 20000, and the brokers', 20000 to 20002, overlap", said)
        said = self.refusal("--controller-port", 21000, "--control", 21000)
        self.assertIn("--control 21000 is one of the controllers' ports", said)

    def test_a_controller_s_port_in_use_is_named(self):
        """the second controller's port is in use"""
        first = free_ports(5)
        with socket.create_server(("127.0.0.1", first + 4)):
            said = self.refusal(
                *("--port", first, "--controllers", 2, "--controller-port", first + 3)
            )
        self.assertIn(f"Port {first + 4} is in use. Choose another with --controller-port", said)

    def test_wrong_options_say_what_is_right(self):
        """an option that does not exist, and a value that is none"""
        code, said = run_to_end("--brokrs", 3)
        self.assertNotIn(code, (0, -6, -11))
        self.assertIn("--brokers", said)
        code, said = run_to_end("--port", "kafka")
        self.assertNotIn(code, (0, -6, -11))
        self.assertIn("--port", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
