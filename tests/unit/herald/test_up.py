"""What `herald up` does about what it finds on the machine."""

import socket
from pathlib import Path

import pytest

from herald import up
from herald.settings import DataDirectory
from herald.supervisor import Supervisor


def test_an_alertmanager_that_runs_already_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(up, "ALERTMANAGER_PORT", taken.getsockname()[1])
        monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/prometheus-alertmanager")
        supervisor = Supervisor(logs=tmp_path, say=print)
        assert up._start_alertmanager(DataDirectory(tmp_path), supervisor) == ()
    assert supervisor.pids() == {}
    assert "give --alertmanager URL" in " ".join(capsys.readouterr().err.split())
