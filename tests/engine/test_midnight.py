"""Midnight: all accounts of a partition close their day at one instant, and no message waits until all have."""

import orjson

from schemas.spans import DAY_MS
from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.message import Message
from streams.engine.times import rfc3339
from tests.driver import START
from tests.laws.streams import JOURNEY

ACCOUNTS = 50


def event(number: int, at: int) -> Message:
    account = f"a{number % ACCOUNTS}"
    who = {"userId": "ann", "context": {"groupId": account}}
    when = {"timestamp": rfc3339(at), "receivedAt": rfc3339(at)}
    what = {"type": "track", "event": "Report Created", "messageId": str(number)}
    return Message(account.encode(), orjson.dumps(what | who | when), None, number)


def at_midnight() -> FollowPartition:
    partition = FollowPartition(JOURNEY)
    list(partition.receive([event(number, START) for number in range(ACCOUNTS)]))
    partition.hear(Progress(1, {0: (START + 3 * DAY_MS, False)}))
    return partition


def test_messages_may_come_between_the_accounts_that_are_due() -> None:
    partition = at_midnight()
    partition.advance(ACCOUNTS // 10)
    assert partition.is_due
    assert partition.can_wait


def test_an_account_is_brought_up_to_the_clock_before_its_message_and_only_it() -> None:
    def days(partition: FollowPartition, number: int) -> int:
        account = partition.account(f"a{number}".encode())
        assert account is not None
        return account.hot.decided // DAY_MS

    partition = at_midnight()
    before = days(partition, 0)
    list(partition.receive([event(ACCOUNTS, START + 3 * DAY_MS)]))
    assert days(partition, 0) > before == days(partition, 1)
