"""Private database servers for tests: in a temporary directory, on free loopback ports, gone with the process.

``scripts/services`` runs a command with one of each engine; tests that stop and start a server make their own.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

__all__ = ['MariaDBServer', 'PostgreSQLServer', 'RedisServer', 'Server', 'running']

HOST = '127.0.0.1'
USERNAME = 'colibris'
PASSWORD = 'secret'  # of servers that live for minutes, on the loopback interface
UNPRIVILEGED = 'nobody'
START_SECONDS = 60
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


class Server:
    """One server with its data.

    :param directory: an existing empty directory, which the caller deletes.
    """

    engine: str
    package: str
    stop_signal: signal.Signals

    def __init__(self, directory):
        self.directory = Path(directory)
        self.data = self.directory / 'data'
        self.port = _free_port()
        self._process = None
        _give_to_unprivileged(self.directory)

    @property
    def url(self):
        """Where the server is, with user and password."""
        return f'{self.engine}://{USERNAME}:{PASSWORD}@{HOST}:{self.port}'

    def prepare(self):
        """Make the data directory."""
        raise NotImplementedError

    def command(self):
        """The program and its arguments."""
        raise NotImplementedError

    def launch(self):
        """Start the server, without waiting for it."""
        log = (self.directory / 'log').open('ab')
        with log:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                preexec_fn=lambda: _die_with_parent(self.stop_signal),
                **_unprivileged(),
            )

    def wait(self):
        """Wait until the server answers.

        :raises RuntimeError: it has ended, or does not answer in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f'{self.engine} does not start:\n{(self.directory / "log").read_text()[-2000:]}')
            time.sleep(0.02)

    def start(self):
        """Start the server, and wait until it answers."""
        self.launch()
        self.wait()

    def stop(self):
        """Stop the server as an administrator would: at once, but properly."""
        self._end(self.stop_signal)

    def kill(self):
        """End the server as a crash would."""
        self._end(signal.SIGKILL)

    def is_ready(self):
        """Whether the server accepts connections."""
        raise NotImplementedError

    def _end(self, number):
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _run(self, *command, **options):
        result = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, **_unprivileged(), **options, check=False
        )
        if result.returncode:
            raise RuntimeError(f'{command[0]} failed:\n{result.stdout}\n{result.stderr}')


class PostgreSQLServer(Server):
    """PostgreSQL."""

    engine = 'postgresql'
    package = 'postgresql'
    stop_signal = signal.SIGINT

    def prepare(self):
        password = self.directory / 'password'
        password.write_text(PASSWORD)
        _give_to_unprivileged(password)
        options = ['--auth=password', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions']
        self._run(
            self._program('initdb'), f'--pgdata={self.data}', f'--username={USERNAME}', f'--pwfile={password}', *options
        )

    def command(self):
        settings = {
            'listen_addresses': HOST,
            'port': self.port,
            'unix_socket_directories': '',
            'max_connections': 200,
            'shared_buffers': '32MB',
            'fsync': 'off',
            'synchronous_commit': 'off',
            'full_page_writes': 'off',
            'wal_level': 'minimal',
            'max_wal_senders': 0,
            'autovacuum': 'off',
        }
        words = [word for name, value in settings.items() for word in ('-c', f'{name}={value}')]
        return [self._program('postgres'), '-D', str(self.data), *words]

    def is_ready(self):
        startup = bytes.fromhex('00000008 04d2162f')  # asks whether TLS is spoken: one byte comes back
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as connection:
            connection.sendall(startup)
            return connection.recv(1) in (b'S', b'N') and 'ready to accept' in self._log()[self._seen :]
        return False

    def launch(self):
        self._seen = len(self._log())
        super().launch()

    def kill(self):
        super().kill()
        _wait_until_left(self.data)  # the connections' processes end by themselves, a little later
        (self.data / 'postmaster.pid').unlink(missing_ok=True)

    def _log(self):
        path = self.directory / 'log'
        return path.read_text() if path.exists() else ''

    @staticmethod
    def _program(name):
        versions = Path('/usr/lib/postgresql').glob(f'*/bin/{name}')
        newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
        return str(newest or shutil.which(name) or _missing(name, PostgreSQLServer.package))


class MariaDBServer(Server):
    """MariaDB."""

    engine = 'mysql'
    package = 'mariadb-server-core'
    stop_signal = signal.SIGTERM

    def prepare(self):
        small = ['--innodb-log-file-size=4M', '--innodb-data-file-path=ibdata1:4M:autoextend']
        self._run(
            shutil.which('mariadb-install-db') or _missing('mariadb-install-db', self.package),
            '--no-defaults',
            f'--datadir={self.data}',
            '--auth-root-authentication-method=normal',
            '--skip-test-db',
            f'--tmpdir={self.directory}',
            *small,
        )
        self._first_statements = self.directory / 'first.sql'
        self._first_statements.write_text(
            f"CREATE USER IF NOT EXISTS '{USERNAME}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USERNAME}'@'%' WITH GRANT OPTION;\n"
        )
        _give_to_unprivileged(self._first_statements)

    def command(self):
        program = shutil.which('mariadbd') or shutil.which('mariadbd', path='/usr/sbin:/usr/local/sbin')
        return [
            program or _missing('mariadbd', self.package),
            '--no-defaults',
            f'--datadir={self.data}',
            f'--tmpdir={self.directory}',  # a server that starts removes every server's temporary tables in its own
            f'--bind-address={HOST}',
            f'--port={self.port}',
            f'--socket={self.directory / "socket"}',
            f'--pid-file={self.directory / "pid"}',
            f'--init-file={self._first_statements}',
            '--max-connections=200',
            '--skip-name-resolve',
            '--skip-log-bin',
            '--innodb-flush-log-at-trx-commit=0',
            '--innodb-flush-method=nosync',
            '--innodb-doublewrite=0',
            '--innodb-log-file-size=4M',
            '--innodb-data-file-path=ibdata1:4M:autoextend',
            '--innodb-buffer-pool-size=32M',
            '--character-set-server=utf8mb4',
        ]

    def is_ready(self):
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as connection:
            return len(connection.recv(1)) == 1  # the server speaks first
        return False


class RedisServer(Server):
    """Redis, which writes every change to its log file, so that a stopped or killed server comes back with its data."""

    engine = 'redis'
    package = 'redis-server'
    stop_signal = signal.SIGTERM

    @property
    def url(self):
        return f'redis://:{PASSWORD}@{HOST}:{self.port}'

    def prepare(self):
        self.data.mkdir()
        _give_to_unprivileged(self.data)

    def command(self):
        program = shutil.which('redis-server') or _missing('redis-server', self.package)
        settings = {
            'bind': HOST,
            'port': self.port,
            'requirepass': PASSWORD,
            'dir': self.data,
            'databases': 64,
            'save': '',
            'appendonly': 'yes',
            'appendfsync': 'no',
        }
        return [program, *(word for name, value in settings.items() for word in (f'--{name}', str(value)))]

    def is_ready(self):
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as connection:
            connection.sendall(f'AUTH {PASSWORD}\r\nPING\r\n'.encode())
            return b'PONG' in _received(connection, len(b'+OK\r\n+PONG\r\n'))
        return False


@contextlib.contextmanager
def running(*kinds):
    """Have a server of each kind for the block, started side by side."""
    with tempfile.TemporaryDirectory(prefix='colibris-', ignore_cleanup_errors=True) as parent:
        Path(parent).chmod(0o755)  # the servers' user has to get through
        servers = []
        try:
            for kind in kinds:
                directory = Path(parent) / kind.engine
                directory.mkdir()
                servers.append(kind(directory))
            _side_by_side([server.prepare for server in servers])
            for server in servers:
                server.launch()
            for server in servers:
                server.wait()
            yield servers
        finally:
            for server in servers:
                server.stop()


KINDS = (PostgreSQLServer, MariaDBServer, RedisServer)
_VARIABLE = 'COLIBRIS_TEST_{}'


def addresses_of(servers):
    """The environment variables that tell tests where the servers are."""
    return {_VARIABLE.format(server.engine.upper()): server.url for server in servers}


def addresses_in(environ):
    """Those of these environment variables that are set."""
    names = [_VARIABLE.format(kind.engine.upper()) for kind in KINDS]
    return {name: environ[name] for name in names if name in environ}


def _received(connection, size):
    data = b''
    while len(data) < size and (chunk := connection.recv(size)):
        data += chunk
    return data


def _side_by_side(functions):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(functions)) as executor:
        for future in [executor.submit(function) for function in functions]:
            future.result()


def _free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _unprivileged():
    return {'user': UNPRIVILEGED, 'group': _group(), 'extra_groups': []} if os.geteuid() == 0 else {}


def _group():
    import pwd

    return pwd.getpwnam(UNPRIVILEGED).pw_gid


def _give_to_unprivileged(path):
    if os.geteuid() == 0:
        shutil.chown(path, UNPRIVILEGED, _group())


def _die_with_parent(number):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def _wait_until_left(directory):
    deadline = time.monotonic() + STOP_SECONDS
    while any(_working_directory(process) == directory for process in Path('/proc').glob('[0-9]*')):
        if time.monotonic() > deadline:
            raise RuntimeError(f'a killed server goes on in {directory}')
        time.sleep(0.01)


def _working_directory(process):
    try:
        return (process / 'cwd').readlink()
    except OSError:  # it has ended, or is not ours
        return None


def _missing(program, package):
    raise RuntimeError(f'the program {program} is missing; install the Debian package {package}')
