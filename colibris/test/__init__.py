"""Testing a project: the pytest plugin :mod:`colibris.test.plugin` and the helpers of :mod:`colibris.test.utils`."""
