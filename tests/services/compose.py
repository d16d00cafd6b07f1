"""The program that reads docker-compose.yml; checking a file takes no Docker engine."""

import shutil
import subprocess

from tests.services.unavailable import ServiceUnavailableError


def find_compose() -> list[str]:
    """Return the command of Compose, plugin or program; raises ServiceUnavailableError where there is none."""
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if plugin.returncode == 0:
            return ["docker", "compose"]
    if found := shutil.which("docker-compose"):
        return [found]
    raise ServiceUnavailableError(
        "no Docker Compose is installed", remedy="run make test as root, or apt-get install docker-compose"
    )
