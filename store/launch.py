"""Become a program that dies with its parent: `python -I -S launch.py PARENT_PID IDENTITY PROGRAM ARGS...`.

Runs as a program of its own, between the parent and PostgreSQL, and imports nothing of ours. PostgreSQL refuses to
run as root, so `IDENTITY` says as whom it runs: `self`; `namespace`, a user namespace in which root is an ordinary
user (files stay root's); or `UID:GID`. The kernel then sends SIGINT, PostgreSQL's fast shutdown, when the parent
dies, by kill -9 too.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_OVERFLOW_UID = 65534


def main(argv: list[str]) -> None:
    """Take the identity, tie the life to the parent's, and become the program."""
    parent, identity, *program = argv
    libc = ctypes.CDLL(None, use_errno=True)
    if identity == "namespace":
        _enter_namespace(libc)
    elif identity != "self":
        _become(*map(int, identity.split(":")))
    # After the identity: a change of credentials clears the setting.
    _check(libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0), "prctl")
    if os.getppid() == int(parent):  # else it died before the setting
        os.execv(program[0], program)  # noqa: S606 - the program is our own PostgreSQL


def _enter_namespace(libc: ctypes.CDLL) -> None:
    uid, gid, inside = os.geteuid(), os.getegid(), _ordinary_user()
    _check(libc.unshare(_CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{inside} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{inside} {gid} 1", encoding="ascii")


def _ordinary_user() -> int:
    """Return a user id that this machine has a name for, which initdb asks for; not the kernel's overflow id."""
    return next((user.pw_uid for user in pwd.getpwall() if user.pw_uid not in {0, _OVERFLOW_UID}), _OVERFLOW_UID)


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _check(result: int, call: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(sys.argv[1:])
