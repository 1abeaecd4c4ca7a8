"""Names in C++ for names in schemas."""
import re

KEYWORDS = {"default", "delete", "namespace", "operator", "register", "class", "new", "export", "union", "version"}
# Names of our own types that a struct nested in a message hides.
OUTER_TYPES = {"ApiKey", "ApiVersion", "BrokerId", "PartitionIndex", "Offset", "LeaderEpoch", "PartitionEpoch",
               "BrokerEpoch", "ProducerId", "ProducerEpoch", "GenerationId", "ErrorCode", "Uuid", "Bytes", "ByteChain",
               "Result", "DecodeError", "ByteReader", "ByteWriter"}


def snake_case(name: str) -> str:
    """FetchRequest -> fetch_request, KRaftVersion -> kraft_version, TopicIDs -> topic_ids."""
    name = name.replace("KRaft", "Kraft").replace("IDs", "Ids")
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def member(name: str) -> str:
    result = snake_case(name)
    return result + "_" if result in KEYWORDS else result


def header(message_name: str) -> str:
    return f"engine/protocol/messages/{snake_case(message_name)}.h"


def api_enumerator(message) -> str:
    stem = message.name.removesuffix("Request").removesuffix("Response")
    return f"ApiKey::{snake_case(stem)}"
