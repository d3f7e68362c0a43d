"""The example for Kubernetes."""

import pytest

from . import files
from .conftest import tool

WORKLOADS = [('Deployment', 'server'), ('Deployment', 'worker'), ('Deployment', 'scheduler'), ('Job', 'migrate')]


def paths(project):
    return sorted((project / 'deploy' / 'kubernetes').iterdir())


def test_they_are_valid(project):
    status, found = tool('kubernetes-validate', '--strict', *paths(project))
    assert status == 0, found
    assert found.count(' passed ') == len(files.kubernetes(project)) == 7


def test_they_would_be_found_wrong(project, tmp_path):
    text = (project / 'deploy' / 'kubernetes' / 'server.yaml').read_text()
    (tmp_path / 'server.yaml').write_text(text.replace('livenessProbe', 'livelinessProbe'))
    status, found = tool('kubernetes-validate', '--strict', tmp_path / 'server.yaml')
    assert status != 0
    assert 'livelinessProbe' in found


@pytest.mark.parametrize('workload', WORKLOADS)
def test_labels(project, workload):
    """Who looks for pods finds them, and none of another workload."""
    found = files.kubernetes(project)[workload]
    labels = found['spec']['template']['metadata']['labels']
    assert labels == {'app.kubernetes.io/part-of': 'myproject', 'app.kubernetes.io/component': workload[1]}
    if workload[0] == 'Deployment':
        assert found['spec']['selector']['matchLabels'] == labels


def test_who_looks_for_the_server(project):
    objects = files.kubernetes(project)
    labels = objects['Deployment', 'server']['spec']['template']['metadata']['labels']
    assert objects['Service', 'server']['spec']['selector'] == labels
    assert objects['PodDisruptionBudget', 'server']['spec']['selector']['matchLabels'] == labels
    (constraint,) = files.pod(objects['Deployment', 'server'])['topologySpreadConstraints']
    assert constraint['labelSelector']['matchLabels'] == labels


def test_probes(project):
    (container,) = files.pod(files.kubernetes(project)['Deployment', 'server'])['containers']
    probes = {name: container[f'{name}Probe'] for name in ('startup', 'liveness', 'readiness')}
    assert {name: probe['httpGet']['path'] for name, probe in probes.items()} == {
        'startup': '/live',
        'liveness': '/live',
        'readiness': '/ready',
    }
    port = str(container['ports'][0]['containerPort'])
    assert files.last(files.stages(project)['server'], 'EXPOSE') == port
    for probe in probes.values():
        assert probe['httpGet']['port'] == container['ports'][0]['name']
        assert probe['httpGet']['httpHeaders'] == [{'name': 'Host', 'value': 'localhost'}], 'as in ALLOWED_HOSTS'


@pytest.mark.parametrize('workload', WORKLOADS)
def test_they_may_do_little(project, workload):
    pod = files.pod(files.kubernetes(project)[workload])
    user = files.last(files.stages(project)['server'], 'USER')
    assert pod['securityContext']['runAsNonRoot'] is True
    assert pod['securityContext']['runAsUser'] == int(user)
    assert pod['automountServiceAccountToken'] is False
    (container,) = pod['containers']
    assert container['securityContext'] == {
        'allowPrivilegeEscalation': False,
        'capabilities': {'drop': ['ALL']},
        'readOnlyRootFilesystem': True,
    }
    assert container['resources']['limits']['memory']


@pytest.mark.parametrize('workload', WORKLOADS)
def test_images_settings_and_secrets(project, workload):
    pod = files.pod(files.kubernetes(project)[workload])
    (container,) = pod['containers']
    target = container['image'].partition(':')[2]
    stage = files.stages(project)[target]
    assert target == ('server' if workload[1] == 'server' else 'worker')
    mounts = {mount['name']: mount['mountPath'] for mount in container['volumeMounts']}
    assert mounts == {'settings': files.last(stage, 'WORKDIR'), 'tmp': '/tmp'}
    volumes = {volume['name']: volume for volume in pod['volumes']}
    assert ('ConfigMap', volumes['settings']['configMap']['name']) in files.kubernetes(project)
    assert container['envFrom'] == [{'secretRef': {'name': 'secrets'}}]


def test_a_new_version_takes_nothing_away(project):
    spec = files.kubernetes(project)['Deployment', 'server']['spec']
    assert spec['replicas'] >= 2
    assert spec['strategy']['rollingUpdate']['maxUnavailable'] == 0
