"""A tiny application behind `broker.serving`, as a process of its own: `python -m tests.broker.tiny_application`.

It tells who works (`/worker`), waits (`/wait`), reads a body (`/body`), shows what a request brought (`/request`),
and ends its worker (`/crash`). Started with `--broken` it cannot be built.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from broker.serving import Application, BindAddress, ServingError, TlsFiles, serve

WAIT_SECONDS = 1.5
Start = Callable[[str, list[tuple[str, str]]], object]


def answer(environ: dict[str, Any], start: Start) -> list[bytes]:
    body = "well"
    match environ["PATH_INFO"]:
        case "/worker":
            body = str(os.getpid())
        case "/wait":
            time.sleep(WAIT_SECONDS)
        case "/body":
            body = str(len(environ["wsgi.input"].read()))
        case "/request":
            body = f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']} {environ['SERVER_PROTOCOL']}"
        case "/crash":
            os._exit(9)
        case _:
            pass
    start("200 OK", [("Content-Type", "text/plain")])
    return [body.encode()]


def build() -> Application:
    return answer


def build_in_vain() -> Application:
    raise ValueError("no keys are there")


@click.command()
@click.argument("port", type=int)
@click.option("--workers", type=int, default=1)
@click.option("--threads", type=int, default=4)
@click.option("--broken", is_flag=True)
@click.option("--tls", type=click.Path(path_type=Path))
def main(*, port: int, workers: int, threads: int, broken: bool, tls: Path | None) -> None:
    """Serve on 127.0.0.1; `tls` is a directory with certificate.pem and key.pem."""
    files = TlsFiles(certificate=tls / "certificate.pem", key=tls / "key.pem") if tls else None
    try:
        serve(
            BindAddress(host="127.0.0.1", port=port),
            build_in_vain if broken else build,
            workers=workers,
            threads=threads,
            tls=files,
        )
    except ServingError as error:
        sys.exit(f"{type(error).__name__}: {error.detail}")


if __name__ == "__main__":
    main()
