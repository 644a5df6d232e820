import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from streams.kafka.topic_admin import TopicsError, check_topics, create_topics
from streams.kafka.topics import Topics, layouts


def test_names_hang_on_the_prefix_and_never_hold_an_underscore() -> None:
    names = set(layouts(Topics("eu-1.journey")))
    assert {"eu-1.journey.events", "eu-1.journey.dead-letters", "eu-1.journey.users-changelog"} < names
    assert len(names) == 16
    assert not any("_" in name for name in names)


@pytest.mark.parametrize("prefix", ["", "a_b", "Journey", "a b", "a/b", "ä", "x\n", "x" * 201])
def test_a_prefix_kafka_could_confuse_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="topic prefix"):
        Topics(prefix)


@pytest.mark.broker
def test_topics_are_created_once_and_then_exist(admin: AdminClient, topic_prefix: str) -> None:
    topics = Topics(topic_prefix)
    assert {outcome for _, outcome in create_topics(admin, topics, partitions=3)} == {"created"}
    assert {outcome for _, outcome in create_topics(admin, topics, partitions=5)} == {"exists"}
    assert check_topics(admin, topics) == []
    assert check_topics(admin, topics, partitions=3) == []


@pytest.mark.broker
def test_all_co_partitioned_topics_have_the_partitions_asked_for(admin: AdminClient, topic_prefix: str) -> None:
    topics = Topics(topic_prefix)
    create_topics(admin, topics, partitions=3)
    found = admin.list_topics(timeout=10).topics
    together = (topics.events, topics.account_events, topics.users_changelog, topics.state_changelog)
    assert [len(found[name].partitions) for name in together] == [3, 3, 3, 3]


@pytest.mark.broker
def test_missing_topics_are_named_with_the_command_that_makes_them(admin: AdminClient, topic_prefix: str) -> None:
    problems = check_topics(admin, Topics(topic_prefix))
    assert {problem.topic for problem in problems} == set(layouts(Topics(topic_prefix)))
    assert {problem.remedy for problem in problems} == {"run: journey topics create"}


@pytest.mark.broker
def test_a_wrong_partition_count_is_reported_and_left_alone(admin: AdminClient, topic_prefix: str) -> None:
    topics = Topics(topic_prefix)
    admin.create_topics([NewTopic(topics.account_events, 2, 1)])[topics.account_events].result(10)
    create_topics(admin, topics, partitions=4)
    (problem,) = check_topics(admin, topics)
    assert str(problem).startswith(f"{topics.account_events}: has 2 partitions where 4 are needed")
    assert len(admin.list_topics(timeout=10).topics[topics.account_events].partitions) == 2


@pytest.mark.broker
def test_a_changelog_that_forgets_is_reported(admin: AdminClient, topic_prefix: str) -> None:
    topics = Topics(topic_prefix)
    admin.create_topics([NewTopic(topics.state_changelog, 4, 1)])[topics.state_changelog].result(10)
    create_topics(admin, topics)
    (problem,) = check_topics(admin, topics)
    assert problem.problem == "has cleanup.policy=delete where compact is needed"
    assert topics.state_changelog in problem.remedy


@pytest.mark.broker
def test_more_replicas_than_brokers_is_an_error_in_words(admin: AdminClient, topic_prefix: str) -> None:
    with pytest.raises(TopicsError, match=r"cannot be created: .*replication factor"):
        create_topics(admin, Topics(topic_prefix), replication=99)
