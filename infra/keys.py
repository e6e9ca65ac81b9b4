"""Signing keys in files, for development and small installations.

One PEM file a key, readable by its owner alone. A key is created once, atomically: two processes
that start together end up with the same one.
"""

import os
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Kind = Literal["ES256", "RS256", "Ed25519"]
_RSA_BITS = 3072


def load_or_create(folder: Path, name: str, kind: Kind) -> PrivateKey:
    path = folder / f"{name}.pem"
    if not path.exists():
        store(folder, name, new_key(kind))
    return load(path)


def store(folder: Path, name: str, key: PrivateKey) -> None:
    """A key already there under that name wins."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_once(folder / f"{name}.pem", key)


def write_secret_once(path: Path, content: bytes) -> None:
    """Write `path` whole or not at all; a file already there wins."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(scratch, path)
    except FileExistsError:
        pass
    finally:
        scratch.unlink()


def _write_once(path: Path, key: PrivateKey) -> None:
    write_secret_once(
        path,
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def new_key(kind: Kind) -> PrivateKey:
    if kind == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    if kind == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate()


def load(path: Path) -> PrivateKey:
    """FileNotFoundError; TypeError when it is a key of another kind."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, PrivateKey):
        raise TypeError(f"{path.name}: expected an EC P-256, RSA or Ed25519 key")
    return key
