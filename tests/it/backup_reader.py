"""Opens a backup of Linekey by the layout in DESIGN.md alone: reader.py FILE PASSPHRASE. Prints each part's name, length and
SHA-256. Wants argon2-cffi and cryptography (Debian: python3-argon2, python3-cryptography)."""

import hashlib
import hmac
import struct
import sys
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

HEAD, CHUNK, TAG = 72, 65536, 16

path, passphrase = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()
head, body = data[:HEAD], data[HEAD:]
magic, version, memory, passes, salt, file, check = struct.unpack("<15sBII16s16s16s", head)
assert (magic, version) == (b"linekey backup\n", 1)

spelled = unicodedata.normalize("NFC", passphrase.strip()).encode()
root = hash_secret_raw(spelled, salt, passes, memory, 1, 32, Type.ID)
derive = lambda purpose, value: hmac.new(root, purpose + b"\0" + value, hashlib.sha256).digest()
assert derive(b"linekey backup check", head[:56])[:16] == check, "another passphrase"
cipher = ChaCha20Poly1305(derive(b"linekey backup key", file))

content = b""
pieces = [body[at : at + CHUNK + TAG] for at in range(0, len(body), CHUNK + TAG)]
for number, piece in enumerate(pieces):
    last = number == len(pieces) - 1
    content += cipher.decrypt(b"\0\0\0" + struct.pack(">Q?", number, last), piece, head)

table, at = [], 1
for _ in range(content[0]):
    length = content[at]
    name = content[at + 1 : at + 1 + length].decode()
    at += 1 + length
    table.append((name, struct.unpack_from("<Q", content, at)[0]))
    at += 8
for name, length in table:
    print(name, length, hashlib.sha256(content[at : at + length]).hexdigest())
    at += length
assert at == len(content), "something is left over"
