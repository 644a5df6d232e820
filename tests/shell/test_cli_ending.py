"""How a command ends when what it needs is not there: in one line that says something."""

import pytest

from streams.cli.ending import ending


def test_a_broker_that_does_not_answer_in_time_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, ending():
        raise TimeoutError
    assert ended.value.code == 1
    assert capsys.readouterr().err.strip() == "Kafka: no answer in time; 'journey doctor' looks for the cause"
