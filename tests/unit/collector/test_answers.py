import pytest
from google.rpc import code_pb2  # type: ignore[import-untyped]

from collector.answers import answer_to, render_error
from collector.errors import (
    BodyTooLargeError,
    OverloadedError,
    SpoolFullError,
    UndecodableError,
    UnsupportedContentError,
)
from model.errors import DatabaseUnavailableError, DirectoryNotWritableError


@pytest.mark.parametrize(
    ("error", "http", "code", "retry_after_s"),
    [
        (UndecodableError("x"), 400, code_pb2.INVALID_ARGUMENT, None),
        (BodyTooLargeError(1), 413, code_pb2.RESOURCE_EXHAUSTED, None),
        (UnsupportedContentError("x"), 415, code_pb2.INVALID_ARGUMENT, None),
        (SpoolFullError("x"), 503, code_pb2.UNAVAILABLE, 1),
        (OverloadedError("x"), 503, code_pb2.UNAVAILABLE, 1),
        (DirectoryNotWritableError("x"), 503, code_pb2.UNAVAILABLE, 1),
        (DatabaseUnavailableError("x"), 503, code_pb2.UNAVAILABLE, 1),
        (ZeroDivisionError("x"), 500, code_pb2.INTERNAL, None),
    ],
)
def test_every_error_has_its_answer(error, http, code, retry_after_s):
    answer = answer_to(error)
    assert (answer.http_status, answer.grpc_code, answer.retry_after_s) == (http, code, retry_after_s)


def test_the_inside_of_an_unexpected_error_goes_to_the_log_only(caplog):
    assert "secret" not in render_error(RuntimeError("secret"))
    assert "secret" in caplog.text
