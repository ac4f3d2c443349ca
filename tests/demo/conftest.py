"""What the tests of this folder may ask for."""

from tests.demo.fixtures import demo, own_demo, postgres_demo, sqlite_demo

__all__ = ["demo", "own_demo", "postgres_demo", "sqlite_demo"]
