"""A passkey device in software, whose every answer a test can bend.

Written from WebAuthn level 2, §6.1 (authenticator data), §6.5.4 (attestation "none") and RFC 9053
(ES256); the real ceremonies are done by Chromium in tests/browser.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    origin: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""
    counter: int = 0

    def make(self, options: dict[str, Any], **bent: Any) -> dict[str, Any]:
        """The answer of navigator.credentials.create()."""
        self.user_handle = unb64(options["user"]["id"])
        length = len(self.credential_id).to_bytes(2, "big")
        attested = bytes(16) + length + self.credential_id + self._cose_key()
        data = self._data(options["rp"]["id"], ATTESTED, bent) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", options, bent)),
            "attestationObject": b64(attestation),
            "transports": ["internal"],
        }
        return self._credential(response)

    def sign(self, options: dict[str, Any], **bent: Any) -> dict[str, Any]:
        """The answer of navigator.credentials.get()."""
        self.counter += 1
        data = self._data(options["rpId"], 0, bent)
        client = self._client("webauthn.get", options, bent)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(bent.get("user_handle", self.user_handle)),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = b64(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _client(self, kind: str, options: dict[str, Any], bent: dict[str, Any]) -> bytes:
        said = {
            "type": bent.get("type", kind),
            "challenge": bent.get("challenge", options["challenge"]),
            "origin": bent.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _data(self, rp_id: str, flags: int, bent: dict[str, Any]) -> bytes:
        flags |= bent.get("flags", PRESENT | VERIFIED)
        counter: int = bent.get("counter", self.counter)
        name = str(bent.get("rp_id", rp_id))
        return sha256(name.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")

    def _cose_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
