"""``Dockerfile``, ``docker-compose.yml`` and ``Procfile``."""

import contextlib
import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from . import files
from .conftest import tool


def test_hadolint(project):
    assert tool('hadolint', 'Dockerfile', cwd=project) == (0, '')


def test_hadolint_would_find_something(project, tmp_path):
    (tmp_path / 'Dockerfile').write_text('FROM python\nRUN cd /x && sudo pip install x\n')
    status, found = tool('hadolint', 'Dockerfile', cwd=tmp_path)
    assert status == 1
    assert {'DL3006', 'DL3003', 'DL3004'} <= set(re.findall(r'DL\d{4}', found))


def test_stages(project):
    """The server is what is built without a target; what is needed to install things is in none of the images."""
    stages = files.stages(project)
    assert list(stages) == ['build', 'base', 'worker', 'server']
    assert json.loads(files.last(stages['server'], 'CMD')) == ['my-project', 'runserver']
    assert json.loads(files.last(stages['worker'], 'CMD')) == ['my-project', 'runworker']
    for name in ('server', 'worker'):
        assert ('COPY', '--from=build /venv /venv') in stages[name]
        assert not any(rest.startswith('. ') for word, rest in stages[name] if word == 'COPY')


def test_nobody_is_root(project):
    for name in ('server', 'worker'):
        stage = files.stages(project)[name]
        user = files.last(stage, 'USER')
        assert user.isdecimal(), 'Kubernetes has to see that it is not root'
        assert any(f'--uid {user}' in rest for word, rest in stage if word == 'RUN')


def test_the_server_says_how_it_is(project):
    server = files.stages(project)['server']
    check = files.last(server, 'HEALTHCHECK')
    python, option, code = json.loads(check.partition(' CMD ')[2])
    assert (python, option) == ('python', '-c')
    here = f'127.0.0.1:{files.last(server, "EXPOSE")}/'
    assert f'{here}ready' in code
    with answering(200) as (ready, hosts), answering(503) as (unready, _):
        assert subprocess.run([sys.executable, '-c', code.replace(here, ready)]).returncode == 0
        assert subprocess.run([sys.executable, '-c', code.replace(here, unready)], capture_output=True).returncode == 1
    assert hosts == ['localhost'], 'as in ALLOWED_HOSTS'


@contextlib.contextmanager
def answering(status):
    """A server that answers so; gives its address, and the hosts that it is asked for."""
    hosts = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hosts.append(self.headers['Host'])
            self.send_response(status)
            self.end_headers()

    with HTTPServer(('127.0.0.1', 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f'127.0.0.1:{server.server_port}/', hosts
        finally:
            server.shutdown()
            thread.join()


def test_compose_file_is_valid(project):
    schema = ('--builtin-schema', 'vendor.compose-spec')
    assert tool('check-jsonschema', *schema, 'docker-compose.yml', cwd=project) == (0, 'ok -- validation done\n')


def test_compose_file_would_be_found_wrong(project, tmp_path):
    text = (project / 'docker-compose.yml').read_text().replace('healthcheck:', 'healthchek:')
    (tmp_path / 'docker-compose.yml').write_text(text)
    status, found = tool('check-jsonschema', '--builtin-schema', 'vendor.compose-spec', tmp_path / 'docker-compose.yml')
    assert status == 1
    assert 'healthchek' in found


def test_services(project):
    services = files.compose(project)['services']
    assert set(services) == {'server', 'worker', 'scheduler', 'migrate', 'database', 'redis'}
    assert services['server']['build']['target'] == 'server'
    assert {services[name]['build']['target'] for name in ('worker', 'scheduler', 'migrate')} == {'worker'}
    for name in ('database', 'redis'):
        assert 'ports' not in services[name], 'only the services reach it'
        assert services[name]['healthcheck']['test']


def test_what_waits_for_what(project):
    services = files.compose(project)['services']
    assert services['migrate']['depends_on'] == {'database': {'condition': 'service_healthy'}}
    for name in ('server', 'worker', 'scheduler'):
        assert services[name]['depends_on'] == {
            'migrate': {'condition': 'service_completed_successfully'},
            'redis': {'condition': 'service_healthy'},
        }


def test_secrets_come_from_the_environment(project):
    """Without one of them ``docker compose`` says which, and starts nothing."""
    text = (project / 'docker-compose.yml').read_text()
    assert set(re.findall(r'(?<!\$)\$\{(\w+)', text)) == {'SECRET_KEY', 'DATABASE_PASSWORD', 'REDIS_PASSWORD'}
    assert len(re.findall(r'(?<!\$)\$\{\w+:\?has to be in \.env\}', text)) == text.count('${')


def test_settings_are_where_the_image_looks_for_them(project):
    services, stages = files.compose(project)['services'], files.stages(project)
    for name in ('server', 'worker', 'scheduler', 'migrate'):
        directory = files.last(stages[services[name]['build']['target']], 'WORKDIR')
        assert services[name]['volumes'] == [f'./deploy/settings.yml:{directory}/settings.yml:ro']


def test_procfile(project):
    status, found = tool('honcho', 'check', cwd=project)
    assert status == 0
    assert 'Valid procfile detected (release, web, worker, scheduler)' in found
