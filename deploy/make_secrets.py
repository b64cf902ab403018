"""Makes what a secured installation needs, once: `python deploy/make_secrets.py deploy/secrets` (or `make secrets`).

    ca.pem, ca-key.pem              an authority of the installation's own; keep the key off the servers
    NODE.pem, NODE-key.pem          one certificate for each node of OpenSearch
    admin.pem, admin-key.pem        the certificate that may load roles and users (securityadmin.sh)
    api.password, indexer.password, operator.password     one random password for each user of roles.yml
    internal_users.yml              the same users for OpenSearch, passwords as bcrypt hashes
    suppression.key                 the key of the suppression list: without it the list no longer holds, so keep a copy

What exists is kept, so it may run again, for one more node, say. To change a password, delete its file, run this, and load
internal_users.yml (docs/opensearch.md). The folder is for its owner only. What containers are given is readable by all within it: a
container reads a secret with a user of its own, and does not see the folder.
"""

from __future__ import annotations

import argparse
import ipaddress
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bcrypt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

USERS = ("api", "indexer", "operator")
NODES = ("opensearch-1", "opensearch-2", "opensearch-3")
ROUNDS = 12  # what OpenSearch's own hash tool uses; the server checks a password at each new connection, cached for an hour
AUTHORITY_DAYS, CERTIFICATE_DAYS = 3650, 825  # clients refuse a server's certificate that is valid for more than 825 days
KEY_BITS = 3072  # as long as NIST SP 800-57 asks beyond 2030

Signer = tuple[x509.Certificate, rsa.RSAPrivateKey]


def main() -> None:
    """Make what is missing and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nodes", nargs="+", default=NODES, metavar="NAME", help="host names of the nodes (default: %(default)s)")
    given = parser.parse_args()
    for name in make_secrets(given.folder, tuple(given.nodes)):
        print(given.folder / name)


def make_secrets(folder: Path, nodes: tuple[str, ...] = NODES) -> list[str]:
    """Make what the folder lacks; the names of the files made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    authority = make_authority(folder)
    for name in (*nodes, "admin"):
        make_certificate(folder, name, authority, server=name != "admin")
    fresh = [user for user in USERS if keep(folder / f"{user}.password", secrets.token_urlsafe(24))]
    keep(folder / "suppression.key", secrets.token_hex(32))
    if fresh or not (folder / "internal_users.yml").exists():
        (folder / "internal_users.yml").unlink(missing_ok=True)  # it is read-only
        keep(folder / "internal_users.yml", internal_users(folder))
    return sorted(path.name for path in folder.iterdir() if before.get(path.name) != path.stat().st_mtime_ns)


def keep(path: Path, text: str) -> bool:
    """Write a secret where there is none; whether it was written."""
    if path.exists():
        return False
    path.write_text(text)
    path.chmod(0o444)
    return True


def internal_users(folder: Path) -> str:
    """The users of OpenSearch, in the file format of its security plugin."""
    lines = ["# Made by deploy/make_secrets.py. The users of roles_mapping.yml; nobody else can log in.", "_meta:"]
    lines += ["  type: internalusers", "  config_version: 2"]
    for user in USERS:
        password = (folder / f"{user}.password").read_text().strip()
        hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS, prefix=b"2a")).decode()  # 2a: the form the server reads
        lines += [f"roster-{user}:", f'  hash: "{hashed}"', "  reserved: true"]
    return "\n".join(lines) + "\n"


def make_authority(folder: Path) -> Signer:
    """The installation's own authority, made or read."""
    if (folder / "ca.pem").exists():
        key = serialization.load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise SystemExit(f"{folder / 'ca-key.pem'}: not an RSA key")
        return x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()), key
    key = rsa.generate_private_key(65537, KEY_BITS)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        unsigned("authority", named("authority"), key, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_pair(folder, "ca", certificate, key)
    return certificate, key


def make_certificate(folder: Path, name: str, authority: Signer, server: bool) -> None:
    """A certificate signed by the authority, where there is none. server: for a host of this name, and to show to other nodes."""
    if (folder / f"{name}.pem").exists():
        return
    issuer, signing_key = authority
    key = rsa.generate_private_key(65537, KEY_BITS)
    builder = (
        unsigned(name, issuer.subject, key, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if server:
        hosts = [x509.DNSName(name), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if server else [])]
    certificate = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False).sign(signing_key, hashes.SHA256())
    write_pair(folder, name, certificate, key)


def unsigned(name: str, issuer: x509.Name, key: rsa.RSAPrivateKey, days: int) -> x509.CertificateBuilder:
    """A certificate in the making, valid from an hour ago (clocks differ)."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
    )


def named(common: str) -> x509.Name:
    """The name that opensearch.yml writes "CN=common,O=roster"."""
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "roster"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def write_pair(folder: Path, name: str, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
    """A certificate and its key (PKCS 8, the one form the server reads), key first: a certificate without its key is never seen."""
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for path, content in ((folder / f"{name}-key.pem", secret), (folder / f"{name}.pem", certificate.public_bytes(pem))):
        path.touch(mode=0o600)
        path.write_bytes(content)
        if name not in ("ca", "admin"):  # no container is given these two
            path.chmod(0o444)


if __name__ == "__main__":
    main()
