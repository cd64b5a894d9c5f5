"""One certificate authority per test session, and a certificate for this machine."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

import trustme

from tests.servers.ports import HOST


class Certificates:
    def __init__(self, folder: Path, not_after: datetime | None = None) -> None:
        self.ca_file = folder / "ca.pem"
        self.cert_file = folder / "cert.pem"
        self.key_file = folder / "key.pem"
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", HOST, not_after=not_after)
        authority.cert_pem.write_to_path(self.ca_file)
        issued.private_key_pem.write_to_path(self.key_file)
        for number, pem in enumerate(issued.cert_chain_pems):
            pem.write_to_path(self.cert_file, append=number > 0)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context

    @staticmethod
    def trusting(ca_file: Path) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(ca_file))

    def environment(self) -> dict[str, str]:
        """Makes a child process trust the authority, in ssl and in requests."""
        return {"SSL_CERT_FILE": str(self.ca_file), "REQUESTS_CA_BUNDLE": str(self.ca_file)}
