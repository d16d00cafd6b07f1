"""As whom telemetry counts: a token's tenant and site replace what the resources of a request claim.

Done on the request's bytes, before anything else sees them: the digest, the spool and whoever decodes again after a
crash know only the stamped request. All three signals share the outline below, so the bulk of a request is copied
unread.
"""

from typing import Any, Protocol, cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.containers import RepeatedCompositeFieldContainer
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1 import resource_pb2

from collector.decode import parse_request
from collector.errors import UndecodableError
from collector.signals import REQUESTS, Encoding, Signal
from model import names
from model.access import AgentToken


class _Group(Protocol):
    resource: resource_pb2.Resource


def stamp(signal: Signal, encoding: Encoding, body: bytes, token: AgentToken) -> bytes:
    """Return the request as protobuf, sent by whom the token says. Raises UndecodableError."""
    plain = body if encoding is Encoding.PROTOBUF else parse_request(signal, encoding, body).SerializeToString()
    outline: Any = _OUTLINE()
    try:
        outline.ParseFromString(plain)
    except DecodeError as exc:
        name = REQUESTS[signal].DESCRIPTOR.name
        raise UndecodableError(f"the body of {len(body)} bytes is not a protobuf {name}") from exc
    claims = _claims(token)
    for group in cast("RepeatedCompositeFieldContainer[Any]", outline.groups):
        _replace(group, claims)
    stamped: bytes = outline.SerializeToString()
    return stamped


def _claims(token: AgentToken) -> dict[str, str]:
    claims = {names.ATTR_TENANT_ID: token.tenant}
    return claims if token.site is None else claims | {names.ATTR_SITE_ID: token.site}


def _replace(group: _Group, claims: dict[str, str]) -> None:
    attributes = group.resource.attributes
    kept = [attribute for attribute in attributes if attribute.key not in claims]
    if len(kept) < len(attributes):
        del attributes[:]
        attributes.extend(kept)
    attributes.extend(KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in claims.items())


def _make_outline() -> type[Message]:
    """Return the class of what all Export*ServiceRequest messages have in common; the rest are unknown fields to it.

    message Outline { repeated Group groups = 1; }  message Group { Resource resource = 1; }
    """
    file = descriptor_pb2.FileDescriptorProto(
        name="herald/collector/outline.proto", package="herald.collector", syntax="proto3"
    )
    file.dependency.append(resource_pb2.DESCRIPTOR.name)
    field = descriptor_pb2.FieldDescriptorProto
    outline, group = file.message_type.add(name="Outline"), file.message_type.add(name="Group")
    outline.field.add(
        name="groups",
        number=1,
        label=field.LABEL_REPEATED,
        type=field.TYPE_MESSAGE,
        type_name=".herald.collector.Group",
    )
    group.field.add(
        name="resource",
        number=1,
        label=field.LABEL_OPTIONAL,
        type=field.TYPE_MESSAGE,
        type_name=f".{resource_pb2.Resource.DESCRIPTOR.full_name}",
    )
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("herald.collector.Outline"))


_OUTLINE = _make_outline()
