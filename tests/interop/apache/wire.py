"""Requests to one broker, one at a time, as dicts: the version is the newest that both clusters
serve, or the one that is named."""

import socket
import struct

from .messages import Schemas, Source, unsigned_varint

CLIENT_ID = "compared"


class Closed(Exception):
    """The broker closed the connection, or does not listen."""


class Connection:
    def __init__(self, schemas: Schemas, address, seconds=40):
        self.schemas = schemas
        try:
            self.socket = socket.create_connection(address, timeout=seconds)
        except OSError as error:
            raise Closed(str(error)) from None
        self.correlation_id = 0

    def close(self):
        self.socket.close()

    def ask(self, api, version, body, answered=True):
        """The response; None where none comes, as to a Produce with acks=0."""
        request = api + "Request"
        self.correlation_id += 1
        head = struct.pack(">hhi", self.schemas.api_key(api), version, self.correlation_id)
        head += struct.pack(">h", len(CLIENT_ID)) + CLIENT_ID.encode()
        flexible = self.schemas.is_flexible(request, version)
        head += unsigned_varint(0) if flexible else b""
        frame = head + self.schemas.encode(request, version, body)
        try:
            self.socket.sendall(struct.pack(">i", len(frame)) + frame)
            return self._response(api, version, flexible) if answered else None
        except (ConnectionError, socket.timeout) as error:
            self.close()
            raise Closed(f"{api}: {error}") from None

    def _response(self, api, version, flexible):
        source = Source(received(self.socket))
        assert source.number(">i") == self.correlation_id, "the answer to another request"
        # ApiVersions must be understood by those who do not know the version.
        if flexible and api != "ApiVersions":
            assert source.unsigned_varint() == 0, "no tagged fields are known in a response's head"
        return self.schemas.decode(api + "Response", version, source.data[source.at :])


def received(client):
    """The next frame, without its length."""
    return exactly(client, struct.unpack(">i", exactly(client, 4))[0])


def exactly(client, count):
    data = b""
    while len(data) < count:
        more = client.recv(count - len(data))
        if not more:
            raise ConnectionError("closed by the broker")
        data += more
    return data


def exchange(address, frame, seconds=2):
    """What comes back for a frame on a connection of its own: the response's frame, "closed", or
    "silent"."""
    with socket.create_connection(address, timeout=seconds) as client:
        try:
            client.sendall(struct.pack(">i", len(frame)) + frame)
            return received(client)
        except socket.timeout:
            return "silent"
        except ConnectionError:
            return "closed"


def served_versions(side):
    """{api: (oldest, newest)} that a side's brokers serve, of those that clients may ask."""
    body = {"ClientSoftwareName": CLIENT_ID, "ClientSoftwareVersion": "1"}
    answer = side.ask(side.witness(), "ApiVersions", 3, body)
    names = side.schemas.api_names()
    return {
        names[one["ApiKey"]]: (one["MinVersion"], one["MaxVersion"])
        for one in answer["ApiKeys"]
        if one["ApiKey"] in names
    }
