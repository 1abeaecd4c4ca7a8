"""Client quotas: set, taken back and described, and what is refused."""

from .play import step

USER, CLIENT, IP = "user", "client-id", "ip"
EXACT, DEFAULT, ANY = 0, 1, 2


def entity(**parts):
    """The parts of who a quota is for; None stands for the default."""
    return [
        {"EntityType": kind.replace("_", "-"), "EntityName": name} for kind, name in parts.items()
    ]


def quotas(*entries, validate=False):
    """`entries` are (entity, {key: value, or None to remove it})."""
    return {
        "Entries": [
            {
                "Entity": whom,
                "Ops": [
                    {"Key": key, "Value": value or 0.0, "Remove": value is None}
                    for key, value in keys.items()
                ],
            }
            for whom, keys in entries
        ],
        "ValidateOnly": validate,
    }


def component(kind, match_type, match=None):
    return {"EntityType": kind, "MatchType": match_type, "Match": match}


def in_order(answer):
    """Entries, their entities and values come in the order of hash tables."""
    if answer.get("Entries"):
        for entry in answer["Entries"]:
            entry["Entity"].sort(key=str)
            entry.get("Values", []).sort(key=str)
        answer["Entries"].sort(key=str)
    return answer


def alter(play, label, *entries, **how):
    answer = play.quietly("AlterClientQuotas", quotas(*entries, **how))
    play.note(label, without_throttle(in_order(answer)))


def describe(play, label, *components, strict=False):
    body = {"Components": list(components), "Strict": strict}
    answer = play.quietly("DescribeClientQuotas", body)
    play.note(label, without_throttle(in_order(answer)))


def without_throttle(answer):
    return {name: value for name, value in answer.items() if name != "ThrottleTimeMs"}


@step
def quotas_are_set_and_refused(play):
    def change(label, whom, validate=False, **keys):
        alter(play, label, (whom, keys), validate=validate)

    change("user", entity(user="alice"), producer_byte_rate=1000.0, consumer_byte_rate=2000.5)
    change("client", entity(client_id="billing"), request_percentage=12.5)
    change("default user", entity(user=None), producer_byte_rate=5000.0)
    change("default client", entity(client_id=None), controller_mutation_rate=3.25)
    change("both", entity(user="alice", client_id="billing"), producer_byte_rate=100.0)
    change("both defaults", entity(user=None, client_id=None), producer_byte_rate=77.0)
    change("user and default client", entity(user="bob", client_id=None), consumer_byte_rate=9.0)
    change("address", entity(ip="127.0.0.1"), connection_creation_rate=100.0)
    change("default address", entity(ip=None), connection_creation_rate=200.0)
    change("name of a host", entity(ip="localhost"), connection_creation_rate=100.0)
    change("no address", entity(ip="no.such.host.invalid"), connection_creation_rate=1.0)
    change("empty address", entity(ip=""), connection_creation_rate=1.0)
    change("IPv6", entity(ip="::1"), connection_creation_rate=100.0)
    change("address and user", entity(ip="127.0.0.1", user="alice"), producer_byte_rate=1.0)
    change("no entity", [], producer_byte_rate=1.0)
    change("empty user", entity(user=""), producer_byte_rate=1.0)
    change("empty client", entity(client_id=""), producer_byte_rate=1.0)
    change("unknown entity", entity(nation="x"), producer_byte_rate=1.0)
    change("empty entity", [{"EntityType": "", "EntityName": "x"}], producer_byte_rate=1.0)
    change("entity twice", entity(user="alice") + entity(user="bob"), producer_byte_rate=1.0)
    change("unknown key", entity(user="alice"), nonsense=1.0)
    change("empty key", entity(user="alice"), **{"": 1.0})
    change("key of an address for a user", entity(user="alice"), connection_creation_rate=1.0)
    change("key of a user for an address", entity(ip="127.0.0.1"), producer_byte_rate=1.0)
    change("nothing to do", entity(user="alice"))
    change("removed", entity(user="bob", client_id=None), consumer_byte_rate=None)
    change("removed again", entity(user="bob", client_id=None), consumer_byte_rate=None)
    change("unknown key removed", entity(user="bob"), nonsense=None)
    change("validated", entity(user="carol"), producer_byte_rate=8.0, validate=True)
    alter(
        play,
        "several",
        (entity(user="dave"), {"producer_byte_rate": 4.0}),
        (entity(nation="x"), {"producer_byte_rate": 4.0}),
        (entity(user="erin"), {"nonsense": 4.0}),
        (entity(user="frank"), {"request_percentage": 4.0}),
    )
    same = (entity(user="grace"), {"producer_byte_rate": 4.0})
    alter(play, "entity's entry twice", same, same)
    alter(play, "none")
    same_key = quotas((entity(user="heidi"), {"producer_byte_rate": 4.0}))
    same_key["Entries"][0]["Ops"] *= 2
    play.note("key twice", without_throttle(play.quietly("AlterClientQuotas", same_key)))


KEYS = {
    "producer_byte_rate": "user",
    "consumer_byte_rate": "user",
    "request_percentage": "user",
    "controller_mutation_rate": "user",
    "connection_creation_rate": "ip",
}
ODD_NUMBERS = (
    -1.0,
    -0.0,
    1e-320,
    0.4,
    1.0,
    1.5,
    2147483647.0,
    2147483648.0,
    9007199254740993.0,
    9.3e18,
    1e300,
    float("inf"),
    float("-inf"),
    float("nan"),
)


@step
def quotas_take_and_refuse_the_same_numbers(play):
    for key, kind in KEYS.items():
        whom = entity(**{kind: "127.0.0.1"})
        for number in ODD_NUMBERS:
            body = quotas((whom, {key: 1.0}), validate=True)
            body["Entries"][0]["Ops"][0]["Value"] = number
            answer = play.quietly("AlterClientQuotas", body)
            play.note(f"{key}={number}", without_throttle(answer))


@step
def quotas_are_described(play):
    def seen(label, *components, **how):
        describe(play, label, *components, **how)

    def told():
        body = {"Components": [component(USER, EXACT, "frank")], "Strict": False}
        return play.quietly("DescribeClientQuotas", body)

    play.until_answered("told", told, lambda answer: answer["Entries"])
    seen("all")
    seen("all, strictly", strict=True)
    for kind in (USER, CLIENT, IP):
        for strict in (False, True):
            said = f"{kind}, strictly" if strict else kind
            seen(f"any {said}", component(kind, ANY), strict=strict)
            seen(f"default {said}", component(kind, DEFAULT), strict=strict)
    for strict in (False, True):
        said = "strictly" if strict else "loosely"
        seen(f"alice {said}", component(USER, EXACT, "alice"), strict=strict)
        seen(
            f"alice and billing {said}",
            component(USER, EXACT, "alice"),
            component(CLIENT, EXACT, "billing"),
            strict=strict,
        )
        seen(f"any two {said}", component(USER, ANY), component(CLIENT, ANY), strict=strict)
    seen("nobody", component(USER, EXACT, "nobody"))
    seen("exact, of no name", component(USER, EXACT))
    seen("exact, empty", component(USER, EXACT, ""))
    seen("default, with a name", component(USER, DEFAULT, "alice"))
    seen("any, with a name", component(USER, ANY, "alice"))
    seen("unknown match", component(USER, 3, "alice"))
    seen("negative match", component(USER, -1, "alice"))
    seen("unknown entity", component("nation", ANY))
    seen("empty entity", component("", ANY))
    seen("entity twice", component(USER, ANY), component(USER, DEFAULT))
    seen("address and user", component(IP, ANY), component(USER, ANY))


@step
def quotas_are_all_taken_back(play):
    """What comes after this is not held up by them."""

    def told():
        return play.quietly("DescribeClientQuotas", {"Components": [], "Strict": False})["Entries"]

    entries = [
        (
            [{"EntityType": part["EntityType"], "EntityName": part["EntityName"]} for part in one["Entity"]],
            {value["Key"]: None for value in one["Values"]},
        )
        for one in told()
    ]
    alter(play, "all", *entries)
    play.until_answered("none are left", told, lambda entries: not entries)
