"""Requests that are not for who is asked: what only controllers answer, sent to a broker."""

from .play import step
from .side import BROKERS

# With a version that controllers serve: no broker announces them.
ONLY_FOR_CONTROLLERS = {
    "AllocateProducerIds": (0, {"BrokerId": 1, "BrokerEpoch": -7}),
    "AlterPartition": (3, {"BrokerId": 1, "BrokerEpoch": -7, "Topics": []}),
    "BrokerHeartbeat": (
        1,
        {
            "BrokerId": 99,
            "BrokerEpoch": 1,
            "CurrentMetadataOffset": 1,
            "WantFence": False,
            "WantShutDown": False,
            "OfflineLogDirs": [],
        },
    ),
    "BrokerRegistration": (
        4,
        {
            "BrokerId": 99,
            "ClusterId": "another",
            "IncarnationId": bytes(15) + b"1",
            "Listeners": [],
            "Features": [],
            "Rack": None,
            "IsMigratingZkBroker": False,
            "LogDirs": [],
            "PreviousBrokerEpoch": -1,
        },
    ),
}


@step
def a_broker_is_asked_what_controllers_answer(play):
    for api, (version, body) in ONLY_FOR_CONTROLLERS.items():
        play.ask(api, api, body, to=BROKERS[0], version=version)
