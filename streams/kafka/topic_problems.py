"""What can be wrong with a topic, each with the remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """Why a topic cannot be used as it is, and what would do."""

    topic: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.problem}; {self.remedy}"


def missing(topic: str) -> TopicProblem:
    """It is not there."""
    return TopicProblem(topic, "is missing", "run: journey topics create")


def wrong_count(topic: str, found: int, expected: int) -> TopicProblem:
    """A co-partitioned topic would hold keys under other partition numbers than its partners; one order needs one."""
    why = "are needed, so that a key keeps its partition number" if expected > 1 else "is needed, to hold all in order"
    return TopicProblem(
        topic,
        f"has {found} partitions where {expected} {why}",
        "stop the workers, delete it and run journey topics create, or take a new JOURNEY_TOPIC_PREFIX",
    )


def wrong_policy(topic: str, found: str, expected: str) -> TopicProblem:
    """A changelog that deletes loses state; a history that is compacted loses all but its last line."""
    return TopicProblem(
        topic,
        f"has cleanup.policy={found} where {expected} is needed",
        f"run: kafka-configs.sh --alter --topic {topic} --add-config cleanup.policy={expected}",
    )
