"""What the files of deployment say."""

import configparser
import json
import re
import shlex

import yaml

__all__ = [
    'commands',
    'compose',
    'grace_of_compose',
    'grace_of_kubernetes',
    'grace_of_systemd',
    'kubernetes',
    'pod',
    'procfile',
    'seconds',
    'stages',
    'unit',
    'units',
]


def stages(project):
    """The instructions of each stage of the Dockerfile, after those of the stage that it starts from."""
    found = {}
    for line in (project / 'Dockerfile').read_text().splitlines():
        word, _, rest = line.partition(' ')
        if word == 'FROM':
            base, name = re.fullmatch(r'(\S+) AS (\w+)', rest).groups()
            found[name] = list(found.get(base, ()))
        elif word and word != '#':
            found[name].append((word, rest))
    return found


def last(stage, word):
    """What the last instruction of this name says, or ``None``."""
    return next((rest for each, rest in reversed(stage) if each == word), None)


def compose(project):
    return yaml.safe_load((project / 'docker-compose.yml').read_text())


def procfile(project):
    lines = (project / 'Procfile').read_text().splitlines()
    return {name: shlex.split(command) for name, _, command in (line.partition(':') for line in lines)}


def units(project):
    """The names of the units."""
    return sorted(path.name for path in (project / 'deploy' / 'systemd').iterdir() if path.is_file())


def unit(project, name):
    """The sections of a unit, with what all services share."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    directory = project / 'deploy' / 'systemd'
    parser.read([*directory.glob('*.service.d/common.conf'), directory / name])
    return parser


def seconds(text):
    """The seconds of a text like ``3m30s``."""
    minutes, _, rest = text.rpartition('m')
    return int(minutes or 0) * 60 + int(rest.removesuffix('s'))


def grace_of_compose(project):
    """The delay, the time-out, and the seconds after which the server is killed."""
    grace = compose(project)['services']['server']['stop_grace_period']
    return (*_shutdown((project / 'deploy' / 'settings.yml').read_text()), seconds(grace))


def grace_of_systemd(project, name='my-project'):
    """The delay, the time-out, and the seconds after which the server is killed."""
    grace = unit(project, f'{name}-server.service')['Service']['TimeoutStopSec']
    return (*_shutdown((project / 'deploy' / 'settings.yml').read_text()), int(grace))


def grace_of_kubernetes(project):
    """The delay, the time-out, and the seconds after which the server is killed."""
    objects = kubernetes(project)
    grace = pod(objects['Deployment', 'server'])['terminationGracePeriodSeconds']
    return (*_shutdown(objects['ConfigMap', 'settings']['data']['settings.yml']), grace)


def _shutdown(text):
    values = yaml.safe_load(text)
    return values['SHUTDOWN_DELAY'], values['SHUTDOWN_TIMEOUT']


def kubernetes(project):
    """All objects, by kind and name."""
    objects = {}
    for path in sorted((project / 'deploy' / 'kubernetes').iterdir()):
        for each in yaml.safe_load_all(path.read_text()):
            objects[each['kind'], each['metadata']['name']] = each
    return objects


def pod(found):
    """The specification of an object's pods."""
    return found['spec']['template']['spec']


def commands(project):
    """The project's commands that all of the files start, without the program's name."""
    docker = [json.loads(last(stage, 'CMD')) for name, stage in stages(project).items() if last(stage, 'CMD')]
    services = [
        each['command'] for each in compose(project)['services'].values() if 'build' in each and 'command' in each
    ]
    started = [shlex.split(unit(project, name)['Service']['ExecStart']) for name in units(project) if 'service' in name]
    containers = [
        container['command']
        for found in kubernetes(project).values()
        if 'template' in found.get('spec', ())
        for container in pod(found)['containers']
        if 'command' in container
    ]
    for words in [*docker, *services, *procfile(project).values(), *started, *containers]:
        assert words[0] in ('my-project', '/opt/my-project/bin/my-project')
        yield words[1:]
