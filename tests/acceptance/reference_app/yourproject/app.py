from colibris import app, persist


def init(app, loop):
    app['initialized'] = True


def get_health():
    if not persist.connectivity_check():
        raise app.HealthException('database connectivity check failed')

    return 'healthy'
