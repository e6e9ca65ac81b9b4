from tests.backend.records.conftest import context, issued, keyring, someone

__all__ = ["context", "issued", "keyring", "someone"]
