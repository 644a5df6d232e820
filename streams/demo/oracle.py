"""The engine's own verdicts, found on a thread while Kafka starts: what comes back from the worker must equal them."""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from schemas.journey import Journey
from streams.demo.alone import decide
from streams.demo.messages import Sent
from streams.demo.verdicts import Verdicts


class Oracle:
    """Begins to decide when entered; leaving it early gives up."""

    def __init__(self, journey: Journey, sent: Sequence[Sent]) -> None:
        self._journey = journey
        self._sent = sent
        self._given_up = threading.Event()
        self._verdicts = Verdicts()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._decide, name="demo-oracle", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given_up.set()
        self._thread.join()

    def verdicts(self) -> Verdicts:
        """All of them, once they are found."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._verdicts

    def _decide(self) -> None:
        try:
            for _, said in decide(self._journey, self._sent):
                if self._given_up.is_set():
                    return
                for topic, body in said:
                    self._verdicts.take(topic, body)
        except Exception as failure:
            self._failure = failure
