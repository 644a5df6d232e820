"""Messages that wait until their sources are known: so many, and no larger than one record may be."""

from streams.engine.ahead import MAX_AHEAD_BYTES, Ahead
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.message import Message


def test_when_those_that_wait_are_too_large_together_the_first_makes_room() -> None:
    ahead, filler = Ahead(), "x" * (MAX_AHEAD_BYTES // 2)
    for number in range(3):
        value = (
            f'{{"type":"track","messageId":"m{number}","userId":"ann","event":"Viewed",'
            f'"timestamp":"2026-03-02T09:00:00Z","properties":{{"text":"{filler[number:]}"}}}}'
        ).encode()
        event = decode(value, 1_800_000_000_000)
        assert isinstance(event, Event)
        ahead.put(b"acme", Message(b"acme", value, 1_800_000_000_000, number), event)
    taken = []
    while ahead.is_full(b"acme"):
        message, must_go = ahead.first(b"acme")
        taken.append((message.offset, must_go))
        ahead.drop(b"acme")
    assert taken == [(0, True), (1, True)]
    assert ahead.first(b"acme")[1] is False
