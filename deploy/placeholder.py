"""A certificate for nginx to start with, until certbot was here; no browser trusts it: `placeholder.py HOST FOLDER`."""

from __future__ import annotations

import datetime
import ipaddress
import os
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

YEARS = 10


def name_of(host: str) -> x509.GeneralName:
    """How a certificate names a host: by address or by name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def make(host: str, folder: Path) -> None:
    """Write placeholder.crt and placeholder.key (mode 0600) into a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Roost, until certbot was here")])
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + datetime.timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName([name_of(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    (folder / "placeholder.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    handle = os.open(folder / "placeholder.key", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
