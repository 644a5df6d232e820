"""This project: one worker as `journey worker` runs it, with settings from the environment. Argument: the journey."""

import sys

from bench.journeys import BY_NAME
from streams.app import run_worker
from streams.kafka.topics import Topics
from streams.settings import load_settings
from streams.stages import journey_stages

if __name__ == "__main__":
    settings = load_settings()
    sys.exit(run_worker(settings, sys.argv[1], journey_stages(BY_NAME[sys.argv[1]](), Topics(settings.topic_prefix))))
