"""The cluster that the settings name, once it has answered."""

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata

from streams.kafka.clients import common_config
from streams.kafka.topics import TopicsError
from streams.settings import Settings

ANSWER_S = 5.0


def connect(settings: Settings) -> tuple[AdminClient, ClusterMetadata]:
    """An admin client and what the cluster said first; TopicsError if it says nothing within seconds."""
    admin = AdminClient(common_config(settings))
    try:
        return admin, admin.list_topics(timeout=ANSWER_S)
    except KafkaException as silent:
        raise TopicsError(
            f"no answer from Kafka at {settings.bootstrap_servers} ({silent.args[0].str()}): "
            "is it up, is JOURNEY_BOOTSTRAP_SERVERS right? 'journey broker' starts one for development"
        ) from None
