"""The differences that are known, each with its reason, which docs/fidelity.md repeats. One that
explains nothing any more fails the test, so that the list stays true."""

import collections

MISSING = "(not there)"

Explained = collections.namedtuple("Explained", "where reason holds sometimes")


def explained(where, reason, holds=lambda kafka, ottla: True, sometimes=False):
    """`where` is a pattern of step/path; `holds` says of both values whether it is this
    difference; `sometimes` marks what depends on timing."""
    return Explained(where, reason, holds, sometimes)


def not_there(_, ottla):
    return ottla == MISSING


def newer(kafka, ottla):
    return ottla == (kafka[0], kafka[1] + 1)


ANNOUNCED = "the_apis_and_features_are_announced/answers"
CONTROLLERS = "controllers_announce_the_same_apis/answers"
TOPICS, CONFIGS = "bad_topics_are_refused/answers", "configs_of_topics_are_changed/answers"
DESCRIBED = "configs_are_described/answers"
RECORDS = "bad_records_are_refused/answers"
CHANGED = "requests_that_changed_on_the_way/answers"

OTHER_APIS = "transactions, ACLs, SASL, the newer group protocols and share groups are not served"
SCHEMAS = "the messages are those of Kafka 4.2, which has one more version"
FEATURES = "only metadata.version and eligible.leader.replicas.version are known"
ACCIDENT = "Kafka answers UNKNOWN_SERVER_ERROR because of an exception that it does not expect"
CLASSES = "the only classes are those that Kafka uses where none is set"
OWN_WORDS = "the documentation of configs is in Ottla's own words"

LIKE_BROKERS = "who asks a controller directly is checked and answered like who asks a broker"
CHECKED_LIKE_BROKERS = {
    "CreateTopics": ("one twice", "the metadata log"),
    "CreatePartitions": ("one twice",),
    "IncrementalAlterConfigs": (
        *("one twice", "a config twice", "of no type", "of a logger", "of a controller"),
        "of one that cannot change",
    ),
    "AlterConfigs": ("one twice", "of no type", "of a logger"),
}

EXPLAINED = [
    explained(f"{CONTROLLERS}/apis of */*", OTHER_APIS, not_there),
    explained(f"{CONTROLLERS}/apis of */*", SCHEMAS, newer),
    *(
        explained(f"controllers_answer_who_asks_them/answers/{api} v* {label}, *", LIKE_BROKERS)
        for api, labels in CHECKED_LIKE_BROKERS.items()
        for label in labels
    ),
    explained(
        "*/answers/* v16*/NodeEndpoints",
        "who leads the quorum is told with its address since version 16, not 17",
    ),
    explained(f"{ANNOUNCED}/apis/*", OTHER_APIS, not_there),
    explained(f"{ANNOUNCED}/apis/*", SCHEMAS, newer),
    explained(f"{ANNOUNCED}/*Features/*", FEATURES, not_there),
    explained("topics_are_described/answers/neither/*", ACCIDENT),
    explained(f"{CONFIGS}/operation/*", ACCIDENT),
    explained(f"{DESCRIBED}/documented/*/Documentation", OWN_WORDS),
    explained("lists_take_and_refuse_the_same_items/answers/4 process.roles *", ACCIDENT),
    explained("*_values/answers/*.class='org.*", CLASSES),
    explained(f"{CHANGED}/IncrementalAlterConfigs */Error*", ACCIDENT),
    explained(
        f"{CHANGED}/Produce */ErrorMessage", "the length of a batch that is none is not told in words"
    ),
    explained(
        f"{RECORDS}/unknown format/*",
        "a format that no record batch has is refused for its partition, not for the whole request",
    ),
    explained(f"{RECORDS}/unknown codec/*", ACCIDENT),
    explained(
        f"{RECORDS}/from the future/*/BatchIndexErrorMessage",
        "what is wrong with a single record is said in Ottla's own words",
    ),
]
