"""The laws try the same examples on every run, so that red means a change. `LAWS=search` tries new ones."""

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("LAWS") == "search" else "steady")
