"""A server that speaks ListUsers over HTTP: `MOMENT USERS MILLISECONDS RATE` prints its port as JSON, then serves.

RATE is hard: no span of a second holds more accepted requests than that, what exceeds it is refused with 429. It ends
when its standard input does. `GET /` answers with how many requests it accepted and refused.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid
from collections import deque
from typing import Any, cast

PAGE = 60
GIVEN = ("Carla", "Amira", "Bisi", "Dag", "Elif", "Fabio", "Grace", "Hiro", "Inês", "Jana", "Kofi")
FAMILY = ("Moreno", "Haddad", "Okafor", "Lindqvist", "Kaya", "Rossi", "Mensah", "Tanaka", "Duarte")


class Crowd:
    """The pages of the pool: of each first digit of the subject, made beforehand, and of everybody, when asked for."""

    def __init__(self, count: int) -> None:
        self._subs: dict[str, list[str]] = {"": []}
        for sub in subjects(count):
            self._subs[""].append(sub)
            self._subs.setdefault(sub[0], []).append(sub)
        self._pages = {
            (digit, start): self._page(digit, start)
            for digit, subs in self._subs.items()
            if digit
            for start in range(0, len(subs), PAGE)
        }

    def page(self, digit: str, start: int) -> bytes:
        """The answer with up to 60 users, and the token of the next page if there is one."""
        return self._pages.get((digit, start)) or self._page(digit, start)

    def _page(self, digit: str, start: int) -> bytes:
        subs, end = self._subs.get(digit, []), start + PAGE
        answer: dict[str, Any] = {"Users": [record(sub) for sub in subs[start:end]]}
        if end < len(subs):
            answer["PaginationToken"] = str(end)
        return json.dumps(answer).encode()


def subjects(count: int) -> list[str]:
    """The subjects of the pool, always the same."""
    draw = random.Random(7)
    return [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(count)]


def record(sub: str) -> dict[str, Any]:
    """A user of nine attributes, as ListUsers writes them."""
    number = int(sub[:8], 16)
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number % len(FAMILY)]
    attributes = {
        "sub": sub,
        "email": f"{given}.{family}.{number}@northwind.example".lower(),
        "email_verified": "true",
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "phone_number": f"+1415{number % 10**7:07}",
        "custom:organizationId": f"tidewater-{number % 500}",
        "custom:role": "user",
    }
    return {
        "Username": sub,
        "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
        "UserCreateDate": 1_760_000_000.0 + number % 25_000_000,
        "UserLastModifiedDate": 1_760_000_000.5 + number % 25_000_000,
        "Enabled": number % 20 != 0,
        "UserStatus": "CONFIRMED",
    }


class Turnstile:
    """Lets in at most `rate` in any second, by the server's clock."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._entered: deque[float] = deque()
        self.accepted = self.refused = 0

    def enter(self) -> bool:
        """Whether this request may pass."""
        now = time.monotonic()
        while self._entered and self._entered[0] <= now - 1.0:
            self._entered.popleft()
        if len(self._entered) >= self._rate:
            self.refused += 1
            return False
        self._entered.append(now)
        self.accepted += 1
        return True


class Connection(asyncio.Protocol):
    """One connection: requests are counted the moment they have arrived, and answered after the latency."""

    def __init__(self, crowd: Crowd, turnstile: Turnstile, seconds: float) -> None:
        self._crowd = crowd
        self._turnstile = turnstile
        self._seconds = seconds
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(fields.get(b"content-length", b"0"))
            if len(rest) < length:
                return
            self._received = rest[length:]
            self._serve(fields.get(b"x-amz-target", b""), rest[:length])

    def _serve(self, target: bytes, body: bytes) -> None:
        if not target:
            self._answer(200, {"accepted": self._turnstile.accepted, "refused": self._turnstile.refused})
        elif not target.endswith(b".listusers"):
            self._answer(400, {"__type": "UnknownOperationException", "message": "only ListUsers here"})
        elif not self._turnstile.enter():
            self._answer(429, {"__type": "TooManyRequestsException", "message": "Rate exceeded"})
        else:
            asked = json.loads(body)
            digit = asked.get("Filter", '""').rsplit('"', 2)[1]
            page = self._crowd.page(digit, int(asked.get("PaginationToken", 0)))
            asyncio.get_running_loop().call_later(self._seconds, self._send, 200, page)

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        self._send(status, json.dumps(answer).encode())

    def _send(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def main(users: int, seconds: float, rate: int) -> None:
    """Serve until standard input ends."""
    crowd, turnstile = Crowd(users), Turnstile(rate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(crowd, turnstile, seconds), "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[2]), float(sys.argv[3]) / 1000, int(sys.argv[4])))
