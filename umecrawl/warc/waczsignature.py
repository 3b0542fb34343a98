"""Signs a WACZ and checks the signature: the anonymous form of WACZ Signing and Verification 0.1.0.

An ECDSA key on P-384 signs the text of the datapackage's checksum with SHA-256; the signature is r and s of 48
octets each, as Web Crypto has it and ReplayWeb.page checks it. It proves that whoever holds the key made the file,
and nothing about who that is or when it was.
"""

import base64
import os
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from umecrawl.errors import UsageError
from umecrawl.warc.disk import writing

_OCTETS: Final = 48  # of a number on P-384


class SigningKey:
    """A private key; what it signs can be told from what another key signed."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read the key of a PEM file, or make one there, readable for its owner alone, where there is no file.

        Raises `UsageError` for a file that holds no key on P-384.
        """
        if not path.exists():
            key = ec.generate_private_key(ec.SECP384R1())
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with writing(path):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(pem)
            return cls(key)
        try:
            found = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise UsageError(
                f"{path}: there is no key in this file ({error})",
                hint="Name a PEM file without password, or one that is not there yet.",
            ) from error
        if not isinstance(found, ec.EllipticCurvePrivateKey) or not isinstance(found.curve, ec.SECP384R1):
            raise UsageError(
                f"{path}: the key is none on the curve P-384, which players expect",
                hint="Make one: openssl ecparam -name secp384r1 -genkey -noout -out KEYFILE",
            )
        return cls(found)

    def public_key(self) -> str:
        """Return the public key: DER (SubjectPublicKeyInfo) in Base64."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode("ascii")

    def sign(self, checksum: str, created: str, software: str) -> dict[str, str]:
        """Return `signedData` for the checksum (`sha256:` and hex) of a datapackage."""
        try:
            algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)  # the same octets each time (RFC 6979)
        except UnsupportedAlgorithm:  # before OpenSSL 3.2
            algorithm = ec.ECDSA(hashes.SHA256())
        r, s = decode_dss_signature(self._key.sign(checksum.encode("ascii"), algorithm))
        signature = r.to_bytes(_OCTETS, "big") + s.to_bytes(_OCTETS, "big")
        return {
            "hash": checksum,
            "created": created,
            "software": software,
            "signature": base64.b64encode(signature).decode("ascii"),
            "publicKey": self.public_key(),
        }


def signature_flaws(digest: Mapping[str, object], package: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong with the signature of a WACZ, from its datapackage-digest.json and datapackage.json.

    A signature with a domain's certificate is compared, not verified: that needs the authorities of its day.
    """
    signed = digest.get("signedData")
    if signed is None:
        return
    if not isinstance(signed, dict):
        yield "signedData is no object"
        return
    if signed.get("hash") != digest.get("hash"):
        yield "the signature is for another package: it names another hash"
    if signed.get("created") != package.get("created"):
        yield f"the signature was made at {signed.get('created')}, the package says {package.get('created')}"
    if "domainCert" not in signed and not is_signed(signed):
        yield "the signature does not fit the hash and the public key"


def is_signed(signed: Mapping[str, object]) -> bool:
    """Return whether an anonymous signature fits its checksum and public key."""
    try:
        octets = base64.b64decode(str(signed["signature"]), validate=True)
        key = serialization.load_der_public_key(base64.b64decode(str(signed["publicKey"]), validate=True))
        if not isinstance(key, ec.EllipticCurvePublicKey) or len(octets) != 2 * _OCTETS:
            return False
        r, s = int.from_bytes(octets[:_OCTETS], "big"), int.from_bytes(octets[_OCTETS:], "big")
        key.verify(encode_dss_signature(r, s), str(signed["hash"]).encode(), ec.ECDSA(hashes.SHA256()))
    except (KeyError, ValueError, Base64Error, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True
