import socket
import threading

import pytest
import urllib3

from collector import CollectorServer, DirectPipeline, serve
from collector.testing import MemoryConsumer
from model.errors import DependencyError, InvalidInputError, PortInUseError


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("doors", [("{}", None), (None, "{}"), ("{}", "127.0.0.1:0")])
def test_a_port_in_use_is_named(taken_port, doors):
    grpc, http = (door and door.replace("{}", f"127.0.0.1:{taken_port}") for door in doors)
    with pytest.raises(PortInUseError, match=f"port {taken_port} on 127.0.0.1 is in use"):
        CollectorServer(grpc, http, DirectPipeline(MemoryConsumer()))


@pytest.mark.parametrize("address", ["", "4318", "host:", "host:http", "host:70000"])
def test_what_is_not_an_address_is_refused(address):
    with pytest.raises(InvalidInputError, match="is not an address — write host:port"):
        CollectorServer(None, address, DirectPipeline(MemoryConsumer()))


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(DependencyError, match=r"cannot listen on 192\.0\.2\.1:4318"):
        CollectorServer(None, "192.0.2.1:4318", DirectPipeline(MemoryConsumer()))


def test_it_serves_until_told_to_stop(http: urllib3.PoolManager):
    stop, ready = threading.Event(), threading.Event()
    ports = []

    def note(server):
        ports.append(server.http_port)
        ready.set()

    pipeline = DirectPipeline(MemoryConsumer())
    thread = threading.Thread(
        target=serve, args=("127.0.0.1:0", "127.0.0.1:0", pipeline, stop), kwargs={"on_ready": note}
    )
    thread.start()
    assert ready.wait(10)
    assert http.request("GET", f"http://127.0.0.1:{ports[0]}/healthz").status == 200
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    with pytest.raises(urllib3.exceptions.NewConnectionError):
        urllib3.PoolManager(retries=False).request("GET", f"http://127.0.0.1:{ports[0]}/healthz")
