"""A producer that dies, with its whole process, at a chosen step of a chosen transaction."""

import os
import signal

from confluent_kafka import Producer

from streams.kafka import writer

STEPS = ("before_produce", "after_produce", "after_offsets", "after_commit")


class MortalProducer(Producer):  # type: ignore[misc]  # it comes without types
    """Kills its process with -9 at the step that DIES_AT names, in transaction DIES_IN or the next that gets there."""

    transactions = 0

    def begin_transaction(self) -> None:
        type(self).transactions += 1
        self._dies_at("before_produce")
        super().begin_transaction()

    def flush(self, timeout: float = -1) -> int:
        left: int = super().flush(timeout)
        self._dies_at("after_produce")
        return left

    def send_offsets_to_transaction(self, *arguments: object) -> None:
        super().send_offsets_to_transaction(*arguments)
        self._dies_at("after_offsets")

    def commit_transaction(self, *arguments: float) -> None:
        super().commit_transaction(*arguments)
        self._dies_at("after_commit")

    def _dies_at(self, step: str) -> None:
        if os.environ["DIES_AT"] == step and self.transactions >= int(os.environ["DIES_IN"]):
            os.kill(os.getpid(), signal.SIGKILL)


def make_mortal() -> None:
    """Let the writer of this process use a mortal producer, if the environment says so."""
    if "DIES_AT" in os.environ:
        setattr(writer, "Producer", MortalProducer)  # noqa: B010  the module does not offer it
