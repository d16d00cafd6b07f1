"""The compose file keeps its promises: pinned images, health checks, no password, only files that exist."""

import re
from pathlib import Path
from typing import Any

import pytest

from model.yaml_text import parse_yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = parse_yaml((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RUNNING = {name: service for name, service in SERVICES.items() if service.get("restart") != "no"}
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*")
REQUIRED = re.compile(r"\$\{([A-Z_]+):\?[^}]+\}")


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str):
    assert PINNED.fullmatch(SERVICES[name]["image"])


@pytest.mark.parametrize("file", ["Dockerfile", "deploy/gateway/Dockerfile"])
def test_every_base_image_is_pinned(file: str):
    text = (ROOT / file).read_text(encoding="utf-8")
    images = re.findall(r"^(?:FROM |ARG PYTHON_IMAGE=)([^\s$]+)", text, re.MULTILINE)
    assert images
    assert all(PINNED.fullmatch(image) for image in images)


@pytest.mark.parametrize("name", RUNNING)
def test_every_running_service_has_a_health_check(name: str):
    assert RUNNING[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_services_wait_for_what_they_need(name: str):
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_healthy" if needed in RUNNING else "service_completed_successfully"
        assert how == {"condition": wanted}


def test_passwords_come_from_the_environment_and_are_required():
    environment = {k: v for service in SERVICES.values() for k, v in service.get("environment", {}).items()}
    secrets = {key: value for key, value in environment.items() if "PASSWORD" in key}
    assert {"POSTGRES_PASSWORD", "PGPASSWORD", "GF_SECURITY_ADMIN_PASSWORD"} <= set(secrets)
    assert [key for key, value in secrets.items() if not REQUIRED.fullmatch(value)] == []


def test_no_url_carries_a_password():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert re.findall(r"://[^/\s]+:[^/\s@]+@", text) == []


def test_the_example_environment_names_what_is_required_and_sets_nothing():
    required = set(REQUIRED.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if line and not line.startswith("#")} == {f"{name}=" for name in required}


def test_the_database_is_new_enough_to_be_right():
    """Versions before 2.29.2 drop rows in some queries."""
    version = SERVICES["timescaledb"]["image"].split(":")[1].removesuffix("-pg17")
    assert tuple(map(int, version.split("."))) >= (2, 29, 2)


@pytest.mark.parametrize("name", SERVICES)
def test_mounted_files_exist_and_are_read_only(name: str):
    for volume in SERVICES[name].get("volumes", ()):
        source, *_, mode = volume.split(":")
        if source.startswith("."):
            assert (ROOT / source).is_file()
            assert mode == "ro"
        else:
            assert source in COMPOSE["volumes"]


def test_ports_are_open_to_this_machine_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_gateway_acknowledges_nothing_before_the_collector_did():
    gateway = parse_yaml((ROOT / "deploy" / "gateway" / "gateway.yaml").read_text(encoding="utf-8"))
    for pipeline in gateway["service"]["pipelines"].values():
        assert "batch" not in pipeline["processors"]
        assert all(
            gateway["exporters"][name]["sending_queue"] == {"enabled": False} for name in pipeline["exporters"]
        )


def test_the_image_holds_every_package_of_the_product():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    packages = {path.parent.name for path in ROOT.glob("*/py.typed")}
    assert {package for package in packages if f"COPY {package} {package}\n" not in text} == set()
