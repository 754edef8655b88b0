"""Make p256_edges.json: P-256 envelopes at the edges of what ECDSA allows, each with the one right verdict.

Owns the arithmetic the verdicts come from: affine points and inverses written out, none of our protocol code
and no library's verification, so a fault cannot hide in both sides. A signature's public key can be worked
out from any r, s and message (SEC 1, 4.1.6): that is how numbers at the bounds become valid signatures.

Every key derives from SEED: never hold money with one. `python tests/vectors/make_p256_edges.py` writes the
file, `--check` compares it with what is committed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

HERE = Path(__file__).resolve().parent
FILE = HERE / "p256_edges.json"
SEED = "alba P-256 edges 1"

FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HALF_ORDER = ORDER // 2
A = FIELD - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int]
KIND = b"\x02"
HIGHEST = 2**256 - 1
MAX_SEARCH = 100_000


# ---- the curve


def add(first: Point | None, second: Point | None) -> Point | None:
    """The sum of two points; None is the point at infinity."""
    if first is None or second is None:
        return second if first is None else first
    if first[0] == second[0]:
        if (first[1] + second[1]) % FIELD == 0:
            return None
        slope = (3 * first[0] ** 2 + A) * pow(2 * first[1], -1, FIELD) % FIELD
    else:
        slope = (second[1] - first[1]) * pow(second[0] - first[0], -1, FIELD) % FIELD
    x = (slope**2 - first[0] - second[0]) % FIELD
    return x, (slope * (first[0] - x) - first[1]) % FIELD


def times(scalar: int, point: Point | None) -> Point | None:
    """scalar * point."""
    total: Point | None = None
    for bit in bin(scalar % ORDER)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def lift(x: int) -> Point | None:
    """The point with that x and an even y, or None when there is none."""
    square = (x**3 + A * x + B) % FIELD
    y = pow(square, (FIELD + 1) // 4, FIELD)  # FIELD is 3 modulo 4
    if y * y % FIELD != square:
        return None
    return x, y if y % 2 == 0 else FIELD - y


def on_curve(x: int, y: int) -> bool:
    """Whether the two numbers are a point in its one canonical form."""
    return x < FIELD and y < FIELD and (y * y - (x**3 + A * x + B)) % FIELD == 0


def verdict(point: Point, r: int, s: int, digest: bytes) -> bool:
    """ECDSA with SHA-256 over `digest` as the message (FIPS 186-5), and s in the lower half."""
    if not (0 < r < ORDER and 0 < s <= HALF_ORDER) or not on_curve(*point):
        return False
    inverse = pow(s, -1, ORDER)
    reached = add(times(hashed(digest) * inverse, G), times(r * inverse, point))
    return reached is not None and reached[0] % ORDER == r


def hashed(digest: bytes) -> int:
    """The number ECDSA signs: SHA-256 of the 32 bytes."""
    return int.from_bytes(hashlib.sha256(digest).digest(), "big")


# ---- making signatures


def scalar(label: str) -> int:
    """A number in [1, order - 1] derived from the seed."""
    return int.from_bytes(keccak(text=f"{SEED}/{label}"), "big") % (ORDER - 1) + 1


def public(secret: int) -> Point:
    """The point of a secret."""
    point = times(secret, G)
    assert point is not None
    return point


def sign(secret: int, digest: bytes, nonce: int) -> tuple[int, int]:
    """r and the lower s."""
    r = public(nonce)[0] % ORDER
    s = pow(nonce, -1, ORDER) * (hashed(digest) + r * secret) % ORDER
    return r, min(s, ORDER - s)


def key_for(reached: Point, r: int, s: int, digest: bytes) -> Point:
    """The public key under which (r, s) signs `digest` by way of the point `reached`."""
    inverse = pow(r, -1, ORDER)
    back = times(ORDER - hashed(digest) % ORDER, G)
    point = times(inverse, add(times(s, reached), back))
    assert point is not None
    return point


def nonce_whose_r_is_short(zero_bytes: int) -> int:
    """A nonce whose r begins with that many zero bytes."""
    start, step = scalar("short r"), public(scalar("short r"))
    reached: Point | None = step
    for number in range(MAX_SEARCH):
        assert reached is not None
        if reached[0] % ORDER < 1 << (256 - 8 * zero_bytes):
            return start + number
        reached = add(reached, G)
    raise RuntimeError("no short r was found")


def first_point_from(x: int) -> Point:
    """The first point whose x is at least `x`."""
    for candidate in range(x, x + MAX_SEARCH):
        point = lift(candidate)
        if point is not None:
            return point
    raise RuntimeError("no point was found")


@dataclass(frozen=True)
class Edge:
    """One envelope and what everybody must say to it."""

    name: str
    digest: bytes
    envelope: bytes
    point: Point
    valid: bool

    def as_json(self) -> dict[str, Any]:
        """How it stands in the file."""
        key = word(self.point[0]) + word(self.point[1])
        return {
            "name": self.name,
            "digest": hex0x(self.digest),
            "envelope": hex0x(self.envelope),
            "signer": to_checksum_address(keccak(key)[-20:]),
            "valid": self.valid,
        }


def word(number: int) -> bytes:
    """32 bytes, big-endian."""
    return number.to_bytes(32, "big")


def hex0x(data: bytes) -> str:
    """Lower-case hex with 0x."""
    return "0x" + data.hex()


DIGEST = keccak(text=f"{SEED}/digest")
SECRET = scalar("key")
POINT = public(SECRET)
R, S = sign(SECRET, DIGEST, scalar("nonce"))


def edge(name: str, point: Point, r: int, s: int, expected: bool, digest: bytes = DIGEST) -> Edge:
    """A whole envelope; the verdict expected here must be the arithmetic's."""
    assert verdict(point, r, s, digest) is expected, name
    envelope = KIND + word(point[0]) + word(point[1]) + word(r) + word(s)
    return Edge(name, digest, envelope, point, expected)


def bytes_edge(name: str, envelope: bytes) -> Edge:
    """Bytes that are no P-256 envelope at all."""
    return Edge(name, DIGEST, envelope, POINT, False)


# ---- the edges


def valid_edges() -> Iterator[Edge]:
    """Proper signatures that careless code refuses."""
    yield edge("ordinary", POINT, R, S, True)
    for name, digest in (("zero", bytes(32)), ("of ones", b"\xff" * 32)):
        yield edge(f"digest {name}", POINT, *sign(SECRET, digest, scalar(name)), True, digest)
    for secret, name in ((1, "1"), (2, "2"), (ORDER - 1, "order - 1"), (ORDER - 2, "order - 2")):
        yield edge(f"secret {name}", public(secret), *sign(secret, DIGEST, scalar("nonce")), True)
    for nonce, name in ((1, "1"), (2, "2"), (ORDER - 1, "order - 1")):
        yield edge(f"nonce {name}", POINT, *sign(SECRET, DIGEST, nonce), True)
    short = nonce_whose_r_is_short(2)
    yield edge("r begins with two zero bytes", POINT, *sign(SECRET, DIGEST, short), True)
    reached = public(scalar("reached"))
    r = reached[0] % ORDER
    for s, name in ((1, "1"), (2, "2"), (2**16, "2^16"), (HALF_ORDER, "half the order")):
        yield edge(f"s is {name}", key_for(reached, r, s, DIGEST), r, s, True)
    small = first_point_from(1)
    yield edge(f"r is {small[0]}, the smallest", key_for(small, small[0], S, DIGEST), small[0], S, True)
    wrapped, r = unreduced()
    yield edge("the point's x passes the order", key_for(wrapped, r, S, DIGEST), r, S, True)
    yield doubled()


def doubled() -> Edge:
    """u1 * G and u2 * key are the same point: adding them as different ones divides by zero."""
    half = scalar("doubled")
    r = public(2 * half % ORDER)[0] % ORDER
    z = hashed(DIGEST)
    s = z * pow(half, -1, ORDER) % ORDER
    if s > HALF_ORDER:
        half, s = ORDER - half, ORDER - s
    return edge("both summands are the same point", public(z * pow(r, -1, ORDER)), r, s, True)


def invalid_numbers() -> Iterator[Edge]:
    """r and s at and outside their bounds."""
    bounds = {
        "0": 0,
        "1": 1,
        "order - 1": ORDER - 1,
        "order": ORDER,
        "order + 1": ORDER + 1,
        "field": FIELD,
        "2^256 - 1": HIGHEST,
    }
    for name, value in bounds.items():
        yield edge(f"r is {name}, s as it was", POINT, value, S, False)
        yield edge(f"s is {name}, r as it was", POINT, R, value, False)
        yield edge(f"r and s are {name}", POINT, value, value, False)
    yield edge("s in the upper half", POINT, R, ORDER - S, False)
    reached = public(scalar("reached"))
    r = reached[0] % ORDER
    yield edge(
        "s is half the order + 1", key_for(reached, r, HALF_ORDER + 1, DIGEST), r, HALF_ORDER + 1, False
    )
    yield edge("s is order - 1, truly signed", key_for(reached, r, ORDER - 1, DIGEST), r, ORDER - 1, False)
    yield edge("s is 1 + order", key_for(reached, r, 1, DIGEST), r, 1 + ORDER, False)
    small = first_point_from(1)
    key = key_for(small, small[0], S, DIGEST)
    yield edge("r is the smallest + order", key, small[0] + ORDER, S, False)
    yield edge("r is not reduced", key_for(*unreduced(), S, DIGEST), unreduced()[0][0], S, False)
    yield edge("r and s changed places", POINT, S, R, False)
    yield edge("one bit of r", POINT, R ^ 1, S, False)
    yield edge("one bit of s", POINT, R, S ^ 1, False)
    z = hashed(DIGEST)
    opposite = public(-z * pow(R, -1, ORDER) % ORDER)
    yield edge("the summands cancel to infinity", opposite, R, S, False)


def unreduced() -> tuple[Point, int]:
    """A point whose x passes the order, and that x reduced."""
    point = first_point_from(ORDER + 1)
    return point, point[0] - ORDER


def invalid_keys() -> Iterator[Edge]:
    """Numbers that are no point, or another one."""
    x, y = POINT
    yield edge("the key is (0, 0)", (0, 0), R, S, False)
    yield edge("the key is (0, 0), r and s 1", (0, 0), 1, 1, False)
    yield edge("y + 1 is off the curve", (x, y + 1), R, S, False)
    yield edge("x + 1 is off the curve", (x + 1, y), R, S, False)
    yield edge("x and y changed places", (y, x), R, S, False)
    yield edge("the opposite key", (x, FIELD - y), R, S, False)
    yield edge("another key", public(scalar("another")), R, S, False)
    yield edge("y is the field", (x, FIELD), R, S, False)
    yield edge("x is the field, y of x = 0", (FIELD, first_point_from(0)[1]), R, S, False)
    yield edge("x is 2^256 - 1", (HIGHEST, y), R, S, False)
    yield edge("x and y are 2^256 - 1", (HIGHEST, HIGHEST), R, S, False)
    zero = lift(0)
    assert zero is not None
    yield edge("the point with x = 0", zero, R, S, False)
    yield edge("a point of secp256k1", SECP256K1_G, R, S, False)


SECP256K1_G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def invalid_messages() -> Iterator[Edge]:
    """Proper signatures over something else."""
    for name, signed in (
        ("the digest itself, not hashed", int.from_bytes(DIGEST, "big")),
        ("keccak256 of the digest", int.from_bytes(keccak(DIGEST), "big")),
        ("SHA-256 twice", hashed(hashlib.sha256(DIGEST).digest())),
        ("the digest in hex", hashed(DIGEST.hex().encode())),
        ("SHA-512", int.from_bytes(hashlib.sha512(DIGEST).digest()[:32], "big")),
        ("zero", 0),
    ):
        nonce = scalar(f"other {name}")
        r = public(nonce)[0] % ORDER
        s = pow(nonce, -1, ORDER) * (signed + r * SECRET) % ORDER
        yield edge(f"signed was {name}", POINT, r, min(s, ORDER - s), False)
    yield edge("another digest", POINT, R, S, False, keccak(DIGEST))


def invalid_shapes() -> Iterator[Edge]:
    """Wrong lengths and kinds."""
    key, signature = word(POINT[0]) + word(POINT[1]), word(R) + word(S)
    whole = KIND + key + signature
    yield bytes_edge("nothing", b"")
    yield bytes_edge("a kind alone", KIND)
    for length in (65, 66, 97, 128):
        yield bytes_edge(f"{length} bytes", whole[:length])
    yield bytes_edge("130 bytes", whole + b"\x00")
    yield bytes_edge("a word too long", whole + bytes(32))
    yield bytes_edge("2048 bytes", whole.ljust(2048, b"\x00"))
    yield bytes_edge("2049 bytes", whole.ljust(2049, b"\x00"))
    yield bytes_edge("the key with its 0x04", KIND + b"\x04" + key + signature)
    yield bytes_edge("the key compressed", KIND + bytes([2 + POINT[1] % 2]) + word(POINT[0]) + signature)
    yield bytes_edge("the signature in DER", KIND + key + der(R, S))
    yield bytes_edge("leading zeros left out", KIND + key + signature.lstrip(b"\x00")[:63])
    for kind in (0, 1, 3, 4, 0x82, 0xFF):
        yield bytes_edge(f"kind {kind}", bytes([kind]) + key + signature)


def der(r: int, s: int) -> bytes:
    """The ASN.1 form that most libraries give."""

    def integer(number: int) -> bytes:
        data = number.to_bytes(number.bit_length() // 8 + 1, "big")
        return b"\x02" + bytes([len(data)]) + data

    body = integer(r) + integer(s)
    return b"\x30" + bytes([len(body)]) + body


def content() -> str:
    """The file's text."""
    groups = (valid_edges, invalid_numbers, invalid_keys, invalid_messages, invalid_shapes)
    edges = [found.as_json() for group in groups for found in group()]
    names = [found["name"] for found in edges]
    assert len(set(names)) == len(names), "every edge has a name of its own"
    about = (
        "P-256 envelopes at the edges, made by tests/vectors/make_p256_edges.py. `valid`: whether the"
        " envelope is `signer`'s over `digest`; nobody may say otherwise. Keys derive from the seed: never"
        " hold money with them."
    )
    whole = {"about": about, "seed": SEED, "vectors": edges}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file, or with --check say whether it is what this script makes."""
    if sys.argv[1:] == ["--check"]:
        if FILE.read_text(encoding="utf-8") != content():
            sys.exit(f"{FILE.name} is not what {Path(__file__).name} makes")
        return
    FILE.write_text(content(), encoding="utf-8")


if __name__ == "__main__":
    main()
