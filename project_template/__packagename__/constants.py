"""What several modules need to agree on."""

ROLE_USER = 'user'
ROLE_ADMIN = 'admin'

# Each role may do what those before it may.
ROLES = (ROLE_USER, ROLE_ADMIN)
