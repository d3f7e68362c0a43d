"""The same service with long pages, and with as many routes as the variable ``ROUTES`` says."""
