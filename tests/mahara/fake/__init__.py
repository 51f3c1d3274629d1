"""A Mahara for tests: answers as a real 22.10 was recorded to (``tests/fixtures/mahara/http``), mistakes included."""

from tests.mahara.fake.server import FakeMahara

__all__ = ["FakeMahara"]
