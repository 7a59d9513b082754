"""Opens sealed bytes by the book and by nothing of ours: what docs/decisions/0006 promises to any other program."""

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["opened_by_hand", "unwrapped"]


def unwrapped(wrapped: bytes, path: str, key_file: Path) -> bytes:
    """The data key that lies wrapped under this path of a store."""
    document = json.loads(wrapped)
    master = base64.b64decode(json.loads(key_file.read_bytes())["keys"][document["master"]])
    return AESSIV(master).decrypt(base64.b64decode(document["wrapped"]), [path.encode()])


def opened_by_hand(sealed: bytes, secret: bytes) -> bytes:
    """The plain text of a sealed file."""
    head, salt, body = sealed[:32], sealed[32:64], sealed[64:]
    cipher = AESGCM(HKDF(SHA256(), 32, salt=salt, info=head).derive(secret))
    length = int.from_bytes(head[12:16], "big") + 16
    chunks = [body[at : at + length] for at in range(0, len(body), length)]
    flags = [b"\0"] * (len(chunks) - 1) + [b"\1"]
    nonces = [number.to_bytes(11, "big") + flag for number, flag in enumerate(flags)]
    return b"".join(cipher.decrypt(nonce, chunk, None) for nonce, chunk in zip(nonces, chunks, strict=True))
