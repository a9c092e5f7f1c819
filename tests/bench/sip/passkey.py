"""A passkey in software for the bench: P-256 (FIPS 186-5), attestation `none`, and the browser around it.

One nonce serves all signatures, so that signing is a multiplication. Two of them give the private key away, which here
guards nothing; they are as much work to verify as any.
"""

import base64
import hashlib
import http.client
import json
import secrets
import urllib.parse

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SYNCED, ATTESTED = 0x1D, 0x40  # present, verified, backup eligible, backed up; attested data follow (WebAuthn L3 §6.1)


def add(one, two):
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if one == two else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(point, factor):
    total = None
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def integer(number):
    data = number.to_bytes(33, "big").lstrip(b"\0")
    data = data if data[0] < 0x80 else b"\0" + data
    return b"\x02" + bytes([len(data)]) + data


class Browser:
    """Whoever signs in, over one connection."""

    def __init__(self, url):
        place = urllib.parse.urlsplit(url)
        self.origin, self.netloc, self.rp = url, place.netloc, place.hostname
        self.wire, self.cookie = http.client.HTTPConnection("127.0.0.1", place.port, timeout=30), None

    def ask(self, method, path, body=None):
        fields = {"Host": self.netloc, "Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        if body is not None:
            fields["Content-Type"] = "application/json"
        if self.cookie:
            fields["Cookie"] = self.cookie
        self.wire.request(method, path, None if body is None else json.dumps(body), fields)
        answer = self.wire.getresponse()
        said = answer.read().decode()
        if answer.getheader("Set-Cookie"):
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        if answer.status >= 300:
            raise OSError(f"{method} {path}: {answer.status} {said}")
        return json.loads(said) if said else None


class Passkey:
    def __init__(self, browser):
        """Made for whoever the browser is signed in as."""
        self.rp, self.origin, self.id = browser.rp, browser.origin, secrets.token_bytes(32)
        self.secret = secrets.randbelow(N - 1) + 1
        nonce = secrets.randbelow(N - 1) + 1
        self.r, self.inverse = times(G, nonce)[0] % N, pow(nonce, -1, N)
        asked = browser.ask("POST", "/api/me/passkeys/begin", {})
        options = asked["publicKey"]
        self.user = options["user"]["id"]
        x, y = (part.to_bytes(32, "big") for part in times(G, self.secret))
        key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
        data = self.data(SYNCED | ATTESTED) + bytes(16) + b"\0\x20" + self.id + key
        made = {
            "clientDataJSON": text(self.client("webauthn.create", options)),
            "attestationObject": text(b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data),
            "transports": ["internal", "hybrid"],
        }
        browser.ask("POST", "/api/me/passkeys/finish", {"ticket": asked["ticket"], "credential": self.credential(made)})

    def data(self, flags):
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + bytes(4)

    def client(self, kind, options):
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said, separators=(",", ":")).encode()

    def credential(self, response):
        more = {"authenticatorAttachment": "platform", "clientExtensionResults": {}, "response": response}
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", **more}

    def sign_in(self, browser):
        asked = browser.ask("POST", "/api/sign-in/passkey/begin", {})
        client, data = self.client("webauthn.get", asked["publicKey"]), self.data(SYNCED)
        digest = int.from_bytes(hashlib.sha256(data + hashlib.sha256(client).digest()).digest(), "big")
        body = integer(self.r) + integer(self.inverse * (digest + self.r * self.secret) % N)
        made = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(b"\x30" + bytes([len(body)]) + body),
            "userHandle": self.user,
        }
        browser.ask("POST", "/api/sign-in/passkey/finish", {"ticket": asked["ticket"], "credential": self.credential(made)})
