"""Redis in other arrangements than a single server."""

import contextlib
import shutil
import socket

import redis

from colibris.test.cache import eventually
from tests.services import HOST, PASSWORD, RedisServer, running

CLUSTER_NODES = 3
MASTER = 'mymaster'


class ClusterNode(RedisServer):
    """A node of a cluster, whose bus has a port of its own."""

    def command(self):
        directives = {'cluster-enabled': 'yes', 'cluster-node-timeout': '2000', 'cluster-port': self.bus_port}
        return [*super().command(), *(word for name, value in directives.items() for word in (f'--{name}', str(value)))]

    @property
    def bus_port(self):
        if not hasattr(self, '_bus_port'):
            self._bus_port = free_port()
        return self._bus_port


class Sentinel(RedisServer):
    """A sentinel, which is told what to watch once it runs."""

    def prepare(self):
        super().prepare()
        (self.directory / 'sentinel.conf').write_text('')
        for path in (self.directory, self.directory / 'sentinel.conf'):
            path.chmod(0o777)

    def command(self):
        program = shutil.which('redis-server')
        path = self.directory / 'sentinel.conf'
        return [program, str(path), '--sentinel', '--port', str(self.port), '--bind', HOST, '--requirepass', PASSWORD]


@contextlib.contextmanager
def cluster():
    """Have a cluster of several nodes; gives their addresses."""
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(running(ClusterNode))[0] for _ in range(CLUSTER_NODES)]
        clients = [stack.enter_context(contextlib.closing(redis.Redis.from_url(node.url))) for node in nodes]
        bounds = [number * 16384 // CLUSTER_NODES for number in range(CLUSTER_NODES + 1)]
        for number, client in enumerate(clients):
            client.execute_command('CLUSTER ADDSLOTSRANGE', bounds[number], bounds[number + 1] - 1)
            client.execute_command('CLUSTER SET-CONFIG-EPOCH', number + 1)
            client.execute_command('CLUSTER MEET', HOST, nodes[0].port, nodes[0].bus_port)
        for client in clients:
            eventually(lambda client=client: is_complete(client))
        yield [node.url for node in nodes]


@contextlib.contextmanager
def watched_master():
    """Have a master and a sentinel that watches it; gives the sentinel's port, and the master."""
    with running(RedisServer) as [master], running(Sentinel) as [sentinel]:
        with contextlib.closing(redis.Redis.from_url(sentinel.url)) as client:
            client.execute_command('SENTINEL MONITOR', MASTER, HOST, master.port, 1)
            client.execute_command('SENTINEL SET', MASTER, 'auth-pass', PASSWORD)
        yield sentinel.port, master


def is_complete(client):
    info = client.execute_command('CLUSTER INFO')
    return info['cluster_state'] == 'ok' and info['cluster_known_nodes'] == str(CLUSTER_NODES)


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
