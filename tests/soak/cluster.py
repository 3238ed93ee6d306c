"""A PostgreSQL of the tests' own, which may be stopped, killed and started again."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

ROLE = "maplebridge_soak"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = 32MB
log_min_messages = fatal
"""


def find_binaries() -> Path | None:
    """Where `initdb` and `pg_ctl` are: the newest of Debian's folders, or wherever the path says."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name))[::-1]:
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A server in a temporary folder. Root may not run PostgreSQL: then the system's own account for it does."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="maplebridge-soak-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = next(name for name in ("postgres", "nobody") if _exists(name))
            shutil.chown(self._folder, account)
            self._as = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
        self.port = free_port()
        self._run("initdb", "--auth=trust", f"--username={ROLE}", "--encoding=UTF8", "--no-locale", "--no-sync")
        with (self._folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS + f"port = {self.port}\n")
        self.start()

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self._folder / 'log'}")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def restart(self, mode: str = "fast") -> None:
        """`fast` ends every connection; `immediate` is a crash: what was not committed is gone."""
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{database}"

    def do(self, *statements: str, database: str = "postgres") -> Any:
        """Run statements, each by itself; returns the first value of the last one."""
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    result = connection.execute(text(statement))
                return result.scalar() if result.returns_rows else None
        finally:
            engine.dispose()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), f"--pgdata={self._folder / 'data'}", *arguments]
        done = subprocess.run(
            command, cwd=self._folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **self._as
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode(errors='replace')[-2000:]}"


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True
