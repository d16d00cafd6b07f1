"""A token decides tenant and site: whatever a request claims, on either road, now and after a crash."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import Decoder, Encoding, Signal
from collector.errors import UndecodableError
from collector.stamp import stamp
from model import names
from model.access import AgentToken
from tests.unit.collector.messages import gauge, logs_request, metrics_request, to_otlp_json, traces_request
from tests.unit.collector.test_roads import log_requests, metric_requests, trace_requests

DECODER = Decoder()
TENANT, SITE = names.ATTR_TENANT_ID, names.ATTR_SITE_ID
TOKEN = AgentToken(name="a", digest=b"", tenant="lab", site="delft", created_ns=0)
GATEWAY = AgentToken(name="b", digest=b"", tenant="lab", site=None, created_ns=0)
REQUESTS = {
    Signal.METRICS: metrics_request(gauge([1.0])),
    Signal.LOGS: logs_request(),
    Signal.TRACES: traces_request(),
}


def resource_of(signal: Signal, body: bytes) -> dict[str, object]:
    batch = DECODER.decode(signal, Encoding.PROTOBUF, body).batch
    resources = [item.resource for items in (batch.numbers.series, batch.events, batch.spans) for item in items]
    return dict(resources[0])


@pytest.mark.parametrize("signal", Signal)
def test_tenant_and_site_are_added_to_what_the_sender_says(signal):
    stamped = resource_of(signal, stamp(signal, Encoding.PROTOBUF, REQUESTS[signal].SerializeToString(), TOKEN))
    assert (stamped[TENANT], stamped[SITE]) == ("lab", "delft")


def claiming(tenant: str, site: str):
    message = metrics_request(gauge([1.0]))
    for _ in range(2):  # twice: of a repeated key the last counts
        message.resource_metrics[0].resource.attributes.add(key=TENANT).value.string_value = tenant
        message.resource_metrics[0].resource.attributes.add(key=SITE).value.string_value = site
    return message


def test_claims_of_the_sender_do_not_count():
    stamped = stamp(Signal.METRICS, Encoding.PROTOBUF, claiming("other", "hague").SerializeToString(), TOKEN)
    assert b"other" not in stamped
    found = resource_of(Signal.METRICS, stamped)
    assert found == {"service.name": "test", TENANT: "lab", SITE: "delft"}


def test_a_gateway_s_senders_name_their_own_sites():
    stamped = stamp(Signal.METRICS, Encoding.PROTOBUF, claiming("other", "hague").SerializeToString(), GATEWAY)
    found = resource_of(Signal.METRICS, stamped)
    assert (found[TENANT], found[SITE]) == ("lab", "hague")


def test_a_request_without_resource_gets_one():
    message = metrics_request(gauge([1.0]))
    message.resource_metrics[0].ClearField("resource")
    stamped = stamp(Signal.METRICS, Encoding.PROTOBUF, message.SerializeToString(), TOKEN)
    assert resource_of(Signal.METRICS, stamped) == {TENANT: "lab", SITE: "delft"}


@settings(max_examples=60)
@given(
    st.one_of(
        st.tuples(st.just(Signal.METRICS), metric_requests()),
        st.tuples(st.just(Signal.LOGS), log_requests()),
        st.tuples(st.just(Signal.TRACES), trace_requests()),
    )
)
def test_nothing_but_the_resource_changes_and_both_roads_agree(case):
    signal, message = case
    plain = message.SerializeToString()
    stamped = type(message).FromString(stamp(signal, Encoding.PROTOBUF, plain, TOKEN))
    as_json = stamp(signal, Encoding.JSON, json.dumps(to_otlp_json(message)).encode(), TOKEN)
    assert repr(DECODER.decode_request(type(message).FromString(as_json))) == repr(DECODER.decode_request(stamped))
    for request in (message, stamped):
        for group in getattr(request, request.DESCRIPTOR.fields[0].name):
            group.ClearField("resource")
    assert stamped.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


def test_the_same_request_of_two_tenants_is_not_a_retry():
    body = REQUESTS[Signal.METRICS].SerializeToString()
    other = AgentToken(name="c", digest=b"", tenant="other", site="delft", created_ns=0)
    digests = {
        DECODER.decode(
            Signal.METRICS, Encoding.PROTOBUF, stamp(Signal.METRICS, Encoding.PROTOBUF, body, t)
        ).batch.digest
        for t in (TOKEN, TOKEN, other)
    }
    assert len(digests) == 2


@settings(max_examples=200)
@given(st.sampled_from(Signal), st.sampled_from(Encoding), st.binary(max_size=60))
def test_any_bytes_are_stamped_or_refused(signal, encoding, body):
    try:
        stamp(signal, encoding, body, TOKEN)
    except UndecodableError as exc:
        assert str(exc)  # noqa: PT017 - either outcome is right
