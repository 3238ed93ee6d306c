"""Mail goes to the server that the operator has named, and to nobody who stands in its place."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.notices.errors import TransportFailed
from app.notices.transports import send_mail
from tests.functional.notices.test_notices import PostOffice, _Counter

NOW = datetime.now(UTC)


class SealedPostOffice(PostOffice):
    """A post office behind TLS from the first byte, with a certificate that it has made itself."""

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        super().__init__()

    def get_request(self) -> tuple[Any, Any]:
        line, address = super().get_request()
        return self._context.wrap_socket(line, server_side=True), address


class _Opener(_Counter):
    """Offers to encrypt, and does."""

    server: "OpeningPostOffice"

    def handle(self) -> None:
        self._say("220 post office")
        self.rfile.readline()
        self.wfile.write(b"250-post office\r\n250 STARTTLS\r\n")
        self.rfile.readline()
        self._say("220 go on")
        try:
            self.server.context.wrap_socket(self.request, server_side=True)
        except OSError:
            self.server.turned_away.set()


class OpeningPostOffice(PostOffice):
    """A post office that encrypts when it is asked to."""

    def __init__(self, certificate: Path) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.turned_away = threading.Event()
        super().__init__()
        self.RequestHandlerClass = _Opener


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and certificate of 127.0.0.1, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "post.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def sealed(certificate: Path) -> Iterator[SealedPostOffice]:
    with SealedPostOffice(certificate) as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        yield office
        office.shutdown()


@pytest.fixture
def opening(certificate: Path) -> Iterator[OpeningPostOffice]:
    with OpeningPostOffice(certificate) as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        yield office
        office.shutdown()


def send(office: PostOffice, scheme: str) -> None:
    url = office.url.replace("smtp://", f"{scheme}://post:secret@")
    send_mail(url, sender="a@fengxi.example", recipient="b@fengxi.example", subject="办理", text="好", key="1")


def test_a_server_that_proves_nothing_gets_no_mail(sealed: SealedPostOffice) -> None:
    with pytest.raises(TransportFailed, match="CERTIFICATE_VERIFY_FAILED"):
        send(sealed, "smtps")
    assert sealed.mails == []


def test_nor_does_one_that_encrypts_when_asked(opening: OpeningPostOffice) -> None:
    with pytest.raises(TransportFailed, match="CERTIFICATE_VERIFY_FAILED"):
        send(opening, "smtp+starttls")
    assert opening.turned_away.wait(10)


def test_a_certificate_that_the_machine_trusts_is_enough(
    sealed: SealedPostOffice, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send_mail(
        sealed.url.replace("smtp://", "smtps://"),
        sender="a@fengxi.example",
        recipient="b@fengxi.example",
        subject="办理",
        text="好",
        key="1",
    )
    assert sealed.mails[0]["Subject"] == "办理"
