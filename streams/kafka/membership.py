"""One group follows one journey. Workers of two in a group would share out its partitions, and each read half."""

from functools import partial

from confluent_kafka.admin import AdminClient

from streams.kafka.faults import LostError, patiently
from streams.settings import Settings

ANSWER_S = 5.0


def client_id(settings: Settings, journey: str) -> str:
    """Who a member of the group is: which worker, of which journey."""
    return f"journey-{settings.instance}@{journey}"


def refuse_others(settings: Settings, admin: AdminClient, journey: str) -> None:
    """LostError if a worker of another journey is in our group."""
    group = settings.consumer_group
    found = patiently(partial(_members, admin, group), ANSWER_S)
    others = sorted({other for _, _, other in (name.partition("@") for name in found) if other not in ("", journey)})
    if others:
        raise LostError(
            f"group {group} follows the journey {others[0]}, and this worker {journey}: each would read a part of the "
            "events; give each its own JOURNEY_CONSUMER_GROUP and JOURNEY_TOPIC_PREFIX, or end the other's workers, "
            f"and wait {settings.session_timeout_ms / 1000:g} s for those that were killed"
        )


def _members(admin: AdminClient, group: str) -> list[str]:
    asked = admin.describe_consumer_groups([group], request_timeout=ANSWER_S)
    return [member.client_id for member in asked[group].result(ANSWER_S).members]
