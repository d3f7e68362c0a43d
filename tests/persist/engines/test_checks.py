"""``manage.py check --deploy`` compares the pool with the server."""

from colibris.checks.builtin.database import check_connections


def test_pool_that_fits(database, engine):
    assert (database.max_connections() or 0) > 5 or engine == 'sqlite'
    assert list(check_connections()) == []


def test_pool_that_is_too_large(make_database, engine):
    limit = make_database(pool_size=100_000).max_connections()
    found = [(problem.id, str(limit) in problem.message) for problem in check_connections()]
    assert found == ([] if engine == 'sqlite' else [('colibris.W017', True)])


def test_pools_of_several_processes(make_database, engine, monkeypatch):
    limit = make_database(pool_size=60).max_connections()  # 200, as the tests' servers are started
    assert list(check_connections()) == []
    monkeypatch.setenv('WEB_CONCURRENCY', '4')
    found = [(problem.id, '240' in problem.message) for problem in check_connections()]
    assert found == ([] if limit is None else [('colibris.W017', True)])
    monkeypatch.setenv('WEB_CONCURRENCY', 'many')
    assert list(check_connections()) == []
