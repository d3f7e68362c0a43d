"""``manage.py check --deploy`` compares the pool with the server."""

from colibris.checks.builtin.database import check_connections


def test_pool_that_fits(database, engine):
    assert (database.max_connections() or 0) > 5 or engine == 'sqlite'
    assert list(check_connections()) == []


def test_pool_that_is_too_large(make_database, engine):
    limit = make_database(pool_size=100_000).max_connections()
    found = [(problem.id, str(limit) in problem.message) for problem in check_connections()]
    assert found == ([] if engine == 'sqlite' else [('colibris.W017', True)])
