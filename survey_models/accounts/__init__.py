"""账号: people of the office, roles, sessions."""
