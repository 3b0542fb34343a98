"""What is recorded of TLS, and which certificates are accepted."""

import ssl

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadFailedError
from servers.torture import Certificates, TortureServer

from umecrawl.fetch.tls import client_context, iana_suite
from umecrawl.model.capture import FailureKind


@pytest.mark.parametrize(
    ("openssl", "iana"),
    [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
        ("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        ("DHE-RSA-AES256-CCM8", "TLS_DHE_RSA_WITH_AES_256_CCM_8"),
        ("ECDHE-ARIA256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"),
        ("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
        ("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        ("ADH-AES128-SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
        ("OF-NO-KNOWN-FORM", "OF-NO-KNOWN-FORM"),
    ],
)
def test_cipher_suites_have_their_iana_names(openssl, iana):
    """OpenSSL's names of old suites are mapped to the registry's."""
    assert iana_suite(openssl) == iana


def test_every_suite_on_offer_has_an_iana_name():
    """No suite that a connection may use is left with OpenSSL's name."""
    assert {iana_suite(suite["name"])[:4] for suite in ssl.create_default_context().get_ciphers()} == {"TLS_"}


def test_the_facts_of_a_connection_are_recorded(tls_fetcher, certificates):
    """Version, suite and chain are those of the connection."""
    tls_fetcher.get("plain")
    facts = tls_fetcher.exchange.tls
    assert facts.version == "tls/1.3"
    assert facts.cipher.startswith("TLS_")
    authority = ssl.PEM_cert_to_DER_cert(certificates.authority.cert_pem.bytes().decode())
    assert facts.chain
    assert all(certificate[:1] == b"\x30" for certificate in facts.chain)
    assert authority not in facts.chain


def test_an_old_version_is_named(loop_factory, fetcher, certificates):
    """TLS 1.2 and its suite are told as the records write them."""
    context = certificates.server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with TortureServer(tls=context) as server:
        fetcher.port, fetcher.scheme = server.port, "https"
        fetcher.get("plain")
    assert fetcher.exchange.tls.version == "tls/1.2"
    assert "_WITH_" in fetcher.exchange.tls.cipher


def test_the_leaf_is_given_to_the_spider(tls_fetcher):
    """The certificate of the response is the first of the chain."""
    response = tls_fetcher.get("plain")
    assert response.certificate == tls_fetcher.exchange.tls.chain[0]


def test_a_certificate_of_a_known_authority_is_accepted(tls_fetcher, certificates, tmp_path, monkeypatch):
    """The default is to verify by the system's store, host name included."""
    store = tmp_path / "store.pem"
    certificates.authority.cert_pem.write_to_path(store)
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    tls_fetcher.settings = {"UMECRAWL_INSECURE": False}
    assert tls_fetcher.get("plain").status == 200
    (error,) = tls_fetcher.run(Request("https://other.example/plain"))
    assert isinstance(error, DownloadFailedError)
    assert "certificate" in str(error)
    assert tls_fetcher.sink.fetched[-1].kind is FailureKind.TLS


def test_a_certificate_of_an_unknown_authority_is_refused(tls_fetcher, tls_server):
    """No request is sent to a server that cannot prove its name; the failure says why."""
    tls_fetcher.settings = {"UMECRAWL_INSECURE": False}
    (error,) = tls_fetcher.run(Request(tls_fetcher.url("plain")))
    assert isinstance(error, DownloadFailedError)
    (failure,) = tls_fetcher.sink.fetched
    assert failure.kind is FailureKind.TLS
    assert "certificate" in failure.detail
    assert failure.request == b""
    assert tls_server.served == []


def test_a_plain_server_is_no_tls_server(fetcher, server):
    """A handshake with a server that speaks HTTP fails as TLS."""
    fetcher.scheme = "https"
    (error,) = fetcher.run(Request(fetcher.url("plain")))
    assert isinstance(error, DownloadFailedError)
    assert fetcher.sink.fetched[0].kind is FailureKind.TLS


def test_an_empty_store_falls_back_on_certifi(tmp_path, monkeypatch):
    """Where the system has no certificates, those of certifi serve."""
    empty = tmp_path / "empty.pem"
    empty.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert client_context().cert_store_stats()["x509_ca"] > 50


def test_only_http_1_1_is_offered(loop_factory, fetcher):
    """A server that prefers HTTP/2 is not given the choice."""
    context = Certificates().server_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with TortureServer(tls=context) as server:
        fetcher.port, fetcher.scheme = server.port, "https"
        assert fetcher.get("plain").status == 200


def test_a_name_is_told_in_the_handshake_and_an_address_is_not(fetcher, certificates):
    """SNI holds host names only (RFC 6066 §3); both ways the octets of the answer are recorded."""
    told = []
    context = certificates.server_context()
    context.sni_callback = lambda _, name, __: told.append(name)
    with TortureServer(tls=context) as server:
        fetcher.port, fetcher.scheme = server.port, "https"
        for host in ("torture.example", "127.0.0.1"):
            fetcher.run(Request(f"https://{host}/plain"))
            assert fetcher.exchange.response_head + fetcher.exchange.response_body == server.served[-1].response
    assert told == ["torture.example", None]


def test_a_server_that_does_not_know_the_name_is_a_failure(fetcher, certificates):
    """It ends the handshake with an alert; nothing is asked, and the failure is one of TLS."""
    context = certificates.server_context()
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    with TortureServer(tls=context) as server:
        fetcher.port, fetcher.scheme = server.port, "https"
        with pytest.raises(DownloadFailedError):
            fetcher.get("plain")
        assert not server.served
    failure = fetcher.sink.fetched[-1]
    assert failure.kind is FailureKind.TLS
    assert "unrecognized name" in failure.detail.lower()
