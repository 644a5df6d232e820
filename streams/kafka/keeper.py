"""Keeps one child process no longer than the process that asked for it: `keeper.py FOLDER COMMAND…`.

Run as a script of its own, because nothing inside a process can act on its own `kill -9`.
Standard input is a pipe from the asker: when it ends, or the asker is gone, the child is killed and FOLDER
(unless empty) is removed. When the child ends first, so does the keeper, and FOLDER stays.
The first line on standard output is the child's process id; the child's own output goes to standard error.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys

LOOK_EVERY_S = 0.05
PR_SET_PDEATHSIG = 1


def keep(folder: str, command: list[str]) -> int:
    """Run the command until it ends or the asker leaves. The exit code is the command's."""
    asker = os.getppid()
    child = subprocess.Popen(  # noqa: S603 - the command is our own
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=_end_with_keeper,  # noqa: PLW1509 - there is one thread here
    )
    print(child.pid, flush=True)  # noqa: T201 - the contract above
    while child.poll() is None and not _left(asker):
        pass
    if child.poll() is None:
        child.kill()
        child.wait()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    return child.returncode


def _left(asker: int) -> bool:
    # The parent's id, too: a forked copy of the asker may hold the pipe open after the asker's death.
    ended, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_S)
    return bool(ended) or os.getppid() != asker


def _end_with_keeper() -> None:
    # The keeper itself may be killed with -9; Linux alone can carry that on to the child.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(abs(keep(sys.argv[1], sys.argv[2:])))
