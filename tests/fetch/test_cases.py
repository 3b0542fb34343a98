"""Every case of the torture server, plain and over TLS, on both loops: what was sent is what is recorded."""

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from servers.torture import CASES, End

from umecrawl.model.capture import Exchange, FailureKind, FetchFailure

# Whether rubbish comes in time to be seen as excess is a matter of luck; test_keep_alive.py has that case.
ANSWERED = [case for case in CASES if case.failure is None and case.end not in {End.LATE, End.RUBBISH}]
FAILED = [case for case in CASES if case.failure is not None]
RAISED = {FailureKind.TIMEOUT: DownloadTimeoutError}


def by_name(cases):
    """Return the cases as parameters named after them."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def check_answer(fetcher, server, case):
    """Fetch a case and compare record and response with what the server did."""
    meta = {"download_maxsize": case.max_body, "download_timeout": case.timeout}
    (response,) = fetcher.run(Request(fetcher.url(case.name), method=case.method, meta=meta))
    assert isinstance(response, Response), response
    (exchange,) = fetcher.sink.fetched
    assert isinstance(exchange, Exchange)
    (served,) = server.of(case.name)
    body = case.body if case.recorded is None else case.recorded
    assert exchange.request == served.request
    assert exchange.interim == case.interim
    assert exchange.response_head == case.head
    assert exchange.response_body == body
    assert exchange.excess == case.excess
    assert exchange.truncated is case.truncated
    assert bool(exchange.note) >= (case.truncated is not None)
    assert response.body == (case.body if case.entity is None else case.entity)
    assert response.status == case.status
    assert response.flags == (["truncated"] if case.truncated else [])


def check_failure(fetcher, server, case):
    """Fetch a case that has no head and compare the failure with what the server did."""
    (error,) = fetcher.run(Request(fetcher.url(case.name), meta={"download_timeout": case.timeout}))
    assert type(error) is RAISED.get(case.failure, DownloadFailedError), error
    (failure,) = fetcher.sink.fetched
    assert isinstance(failure, FetchFailure)
    (served,) = server.of(case.name)
    assert failure.request == served.request
    assert failure.kind is case.failure
    assert failure.detail
    assert failure.ip == "127.0.0.1"
    assert failure.partial == case.raw[: len(failure.partial)]
    if case.name != "endless_head":
        assert failure.partial == case.raw


@by_name(ANSWERED)
def test_an_answer_is_recorded_to_the_byte(fetcher, server, case):
    """Over plain HTTP, head, body, 1xx heads and excess octets are those that were sent."""
    check_answer(fetcher, server, case)


@by_name(ANSWERED)
def test_an_answer_over_tls_is_recorded_to_the_byte(tls_fetcher, tls_server, case):
    """Over TLS, head, body, 1xx heads and excess octets are those that were sent."""
    check_answer(tls_fetcher, tls_server, case)


@by_name(FAILED)
def test_an_answer_without_head_is_a_failure(fetcher, server, case):
    """Over plain HTTP, what arrived before a head is kept with the failure."""
    check_failure(fetcher, server, case)


@by_name(FAILED)
def test_an_answer_without_head_over_tls_is_a_failure(tls_fetcher, tls_server, case):
    """Over TLS, what arrived before a head is kept with the failure."""
    check_failure(tls_fetcher, tls_server, case)
