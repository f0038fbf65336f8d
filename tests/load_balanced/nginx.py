"""The nginx that `deploy/nginx` describes, on ports, names and certificates of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.certificate_authority import CertificateAuthority
from tests.engines.server import Server, free_port, new_directory

SHIPPED: Final = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
FOR_BROWSERS: Final = "id.example"
FOR_CERTIFICATES: Final = "mtls.id.example"

_MAIN: Final = """
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
{user}
worker_processes 1;
daemon off;
pid {directory}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/countersign.conf;
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """A running nginx; `bundle` is the authority that its certificates are from."""

    server: Server
    port: int
    bundle: Path

    @property
    def requests(self) -> list[str]:
        """What it has logged of each request, in the order of their ends."""
        return (self.server.directory / "countersign.log").read_text(encoding="utf-8").splitlines()

    @property
    def log(self) -> str:
        """Everything that it has written, wherever."""
        files = [self.server.log, *self.server.directory.glob("countersign*.log")]
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)


@contextmanager
def nginx_before(upstreams: Sequence[str]) -> Iterator[Nginx]:
    """Run it before two addresses, each HOST:PORT, until the block ends."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert program is not None, "nginx is missing: sh deploy/test-system-packages.sh"
    directory, port = new_directory("nginx", None), free_port()
    authority = CertificateAuthority(directory / "tls")
    for host in (FOR_BROWSERS, FOR_CERTIFICATES):
        authority.issue(host)
    first, second = upstreams
    ours = {
        "10.0.0.11:8400": first,
        "10.0.0.12:8400": second,
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/nginx/tls/": f"{directory}/tls/",
        "/etc/nginx/client_cert.js": f"{SHIPPED}/client_cert.js",
        "/etc/nginx/countersign-proxy.conf;": f"{directory}/countersign-proxy.conf;",
    }
    _write(directory, "countersign.conf", ours)
    _write(directory, "countersign-proxy.conf", {"/var/log/nginx/": f"{directory}/"})
    user = "user root;" if os.geteuid() == 0 else ""
    (directory / "nginx.conf").write_text(_MAIN.format(directory=directory, user=user), encoding="utf-8")
    server = Server(
        command=[program, "-p", str(directory), "-e", "stderr", "-c", str(directory / "nginx.conf")],
        answers=lambda: listens(port),
        quit=signal.SIGTERM,
        directory=directory,
    )
    try:
        server.start()
        yield Nginx(server=server, port=port, bundle=authority.bundle)
    finally:
        server.remove()


def _write(directory: Path, name: str, ours: dict[str, str]) -> None:
    text = (SHIPPED / name).read_text(encoding="utf-8")
    for theirs, own in ours.items():
        assert theirs in text, theirs
        text = text.replace(theirs, own)
    (directory / name).write_text(text, encoding="utf-8")


def listens(port: int) -> bool:
    """Whether anybody accepts connections at a port of this machine."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
