"""Who does something, for the audit log: the user of the operating system, whatever else is said."""

import os
import pwd


def name_actor(claimed: str | None) -> str:
    """Return the actor: the user who runs this program, behind `claimed` where somebody is named."""
    user = _os_user()
    return f"{claimed} ({user})" if claimed else user


def _os_user() -> str:
    behind_sudo = os.environ.get("SUDO_USER") if os.geteuid() == 0 else None
    if behind_sudo:
        return f"{behind_sudo} by sudo"
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run as a user that has no name
        return f"uid {os.geteuid()}"
