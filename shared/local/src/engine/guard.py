"""Runs a command that cannot outlive the process that asked for it.

    python3 -I -S guard.py COMMAND ARGUMENT...

The command runs in a process group of its own. The guard's standard input is a
pipe whose other end only the asker holds; it closes when the asker closes it or
dies, in whatever way. Then, or on SIGTERM or SIGINT, the whole group is
terminated, and killed if it does not go. Whatever the command leaves behind in
its group when it ends by itself is killed too. The guard exits with the
command's status.
"""

import os
import select
import signal
import subprocess
import sys
import threading
import time

# Seconds from "please stop" to "stop": nothing under a guard has a state to save.
GRACE = 1.0
# Seconds between two looks at whether the group is gone.
LOOK = 0.02
# The number of "adopt the orphans among my descendants" in Linux's prctl(2).
PR_SET_CHILD_SUBREAPER = 36
# What a shell answers for a command that cannot be found.
NOT_FOUND = 127
# Added, as a shell does, to the number of the signal that ended the command.
SIGNALLED = 128


def adopt_orphans():
    """Lets the guard take leave of the processes that its command leaves behind.

    Only where the system has it; elsewhere, and in a container without an init
    of its own, they may remain as zombies until the machine's first process
    cares.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def reap_orphans():
    give_up_at = time.monotonic() + GRACE
    while time.monotonic() < give_up_at:
        try:
            orphan, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if orphan == 0:
            time.sleep(LOOK)


def signal_group(group, number):
    """Whether there still was a group to signal."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # What macOS answers for a group of which only zombies are left.
        return False
    return True


def end_group(group):
    signal_group(group, signal.SIGTERM)
    give_up_at = time.monotonic() + GRACE
    while signal_group(group, 0) and time.monotonic() < give_up_at:
        time.sleep(LOOK)
    signal_group(group, signal.SIGKILL)


def end_group_when_asked(group, signals):
    asker = sys.stdin.fileno()
    while True:
        ready, _, _ = select.select([asker, signals], [], [])
        if signals in ready or not os.read(asker, 4096):
            break
    end_group(group)


def main(command):
    adopt_orphans()
    # Signals go through a pipe: one that comes before the command has started
    # is found there when it has.
    signals, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        # A session's leader leads a process group too, of the same number.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return NOT_FOUND
    threading.Thread(
        target=end_group_when_asked, args=(child.pid, signals), daemon=True
    ).start()
    status = child.wait()
    signal_group(child.pid, signal.SIGKILL)
    reap_orphans()
    return SIGNALLED - status if status < 0 else status


if __name__ == "__main__":
    # Without the interpreter's own ending, which would wait for the thread.
    os._exit(main(sys.argv[1:]))
