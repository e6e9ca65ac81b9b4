"""What a stranger's hand can do to tokens, proofs and JSON, drawn from one seed."""

import base64
import json
import unicodedata
from collections.abc import Callable
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backend.records.verdict.canonical import base64url, from_base64url

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNS = b'ABCabcxyz0189+/-_=. \n\t\r\0"\\{}[]:,#@\xe4\xbd\xa0\xff\xc0\x80'
NUMBERS = ["0", "-0", "1", "1.0", "1e0", "10e-1", "1E400", "01", "-1", "1e-400", "9" * 30, "0x1"]
WORDS = ["null", "true", "false", '""', '" "', '"undefined"', '"NaN"', "[]", "{}", "[[]]", "NaN"]
TEXTS = [
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"a\\/b"',
    '"\\x41"',
    '"\u0001"',
    '"\u2003"',
    '"\u0085"',
    '"\ufeff"',
    '"undef\u0131ned"',
    '"NULL."',
    '"Nonesuch"',
    '"2026-02-30T00:00:00Z"',
    '"9999-12-31T23:59:59Z"',
    '"1969-12-31T23:59:59Z"',
    '"e\u0301"',
    '"\u00e9"',
]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def raw_signature(content: bytes, key: Key) -> bytes:
    """As a JWS has it."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(content, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def token(header: bytes, payload: bytes, key: Key) -> bytes:
    """A compact JWS of exactly these bytes."""
    signed = f"{base64url(header)}.{base64url(payload)}".encode()
    return signed + b"." + base64url(raw_signature(signed, key)).encode()


def nudged(dice: Random, content: bytes) -> bytes:
    """A byte or a slice changed, lost, doubled or moved."""
    if not content:
        return bytes([dice.randrange(256)])
    at, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    one = dice.randrange(len(content))
    sign = bytes([dice.choice(SIGNS)])
    flipped = bytes([content[one] ^ (1 << dice.randrange(8))])
    return dice.choice(
        [
            content[:one] + flipped + content[one + 1 :],
            content[:one] + sign + content[one + 1 :],
            content[:one] + sign + content[one:],
            content[:one] + content[one + 1 :],
            content[:at],
            content[:at] + content[end:],
            content[:end] + content[at:],
            content[end:] + content[:end],
            content + sign,
            sign + content,
        ]
    )


def loose_end(dice: Random, part: str) -> str:
    """Another last sign: mostly the same bytes by a reader that drops what is left over."""
    return part[:-1] + dice.choice("ABCDEFGHQgwxyz0189-_")


def retold(dice: Random, jws: bytes, other: bytes) -> bytes:
    """A token told in another way, without a key; `other` lends its parts."""
    head, body, signature = jws.decode().split(".")
    head2, body2, signature2 = other.decode().split(".")
    raw = from_base64url(signature)
    r, s = raw[:32], raw[32:]
    high = (ORDER - int.from_bytes(s)).to_bytes(32)
    own = base64url(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    signatures = [s + r, r + high, bytes(64), r + bytes(32), bytes(32) + s, r + r, raw[:63]]
    signatures += [raw + b"\0", ORDER.to_bytes(32) + s, r + ORDER.to_bytes(32), b"\xff" * 64, b""]
    texts = [
        *(f"{head}.{body}.{base64url(other_one)}" for other_one in signatures),
        f"{head}.{body}.{loose_end(dice, signature)}",
        f"{head}.{loose_end(dice, body)}.{signature}",
        f"{loose_end(dice, head)}.{body}.{signature}",
        f"{head}.{body}.{signature}{dice.choice(['=', '==', '.', ' ', chr(10), chr(0), 'A', 'é'])}",
        f"{head}{dice.choice(['=', '.', ''])}.{body}=.{signature}",
        f"{head}.{body}.{signature.replace('-', '+').replace('_', '/')}",
        f"{head}.{body}.{base64.b64encode(raw).decode()}",
        f"{head}.{body}",
        f"{head}..{signature}",
        f".{body}.{signature}",
        f"{own}.{body}.",
        f"{head2}.{body}.{signature}",
        f"{head}.{body2}.{signature}",
        f"{head}.{body}.{signature2}",
        f"{head}.{body}.{signature}.{signature}",
        f"{head}.{body}.{signature}.{dice.choice(['', 'e30', '..'])}",
        f" {head}.{body}.{signature}",
        unicodedata.normalize("NFD", f"\ufeff{head}.{body}.{signature}"),
        f"{head.lower()}.{body}.{signature}",
    ]
    return dice.choice(texts).encode()


def header(dice: Random, right: str, kid: str, other_kid: str) -> bytes:
    """What may stand in a header, and much that may not."""
    jwk = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}
    alg: list[Any] = ["none", "None", "HS256", "ES384", "PS256", "RS256", "ES256", "EdDSA"]
    alg += ["es256", "ES256 ", "", 256, None]
    typ = ["JWT", "vc+jwt", "jwt", "JOSE", "application/vc+jwt", "", None, ["JWT"]]
    kids = [kid, kid.upper(), f"{kid}/", f"{kid}#", kid.replace("https", "http"), f" {kid}"]
    kids += [kid.split("/")[-1], other_kid, f"{kid}\u0000", unicodedata.normalize("NFKD", kid), ""]
    more: list[dict[str, Any]] = [{}, {"crit": []}, {"crit": ["exp"]}, {"jwk": jwk}, {"b64": False}]
    more += [{"x5c": ["AA"]}, {"jku": kid}, {"ALG": "none"}, {"zip": "DEF"}, {"cty": "JWT"}]
    plain: dict[str, Any] = {"alg": right, "kid": kid, "typ": "JWT"}
    wanted = {
        "alg": lambda: plain | {"alg": dice.choice(alg)},
        "typ": lambda: plain | {"typ": dice.choice(typ)},
        "kid": lambda: plain | {"kid": dice.choice(kids)},
        "more": lambda: plain | dice.choice(more),
        "less": lambda: {k: v for k, v in plain.items() if k != dice.choice([*plain])},
        "order": lambda: dict(sorted(plain.items(), reverse=True)),
    }[dice.choice(["alg", "typ", "kid", "more", "less", "order"])]()
    text = json.dumps(wanted, separators=dice.choice([(",", ":"), (", ", ": "), (" ,\n", "\t:")]))
    doubled = f'{text[:-1]},"{dice.choice(["alg", "kid", "typ", "a"])}":"{dice.choice(alg)}"}}'
    escaped = text.replace('"alg"', '"\\u0061lg"')
    spelled = dice.choice(
        [text, text, text, doubled, escaped, f"\ufeff{text}", f"{text}\0", f" {text}\n"]
    )
    return nudged(dice, spelled.encode()) if dice.random() < 0.1 else spelled.encode()


class Told:
    """Text that stands in JSON as it is: a number of this spelling, a member given twice."""

    def __init__(self, text: str) -> None:
        self.text = text


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with every key or index into it."""
    if not isinstance(value, dict | list):
        return []
    names: list[Any] = [*(value if isinstance(value, dict) else range(len(value)))]
    deeper = [place for name in names for place in places(value[name])]
    return [*((value, name) for name in names), *deeper]


def spelled(dice: Random, value: Any) -> str:
    """JSON, with spaces and escapes where one may write them."""
    if isinstance(value, Told):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{spelled(dice, v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spelled(dice, inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=dice.random() < 0.5)


def claims(dice: Random, payload: bytes) -> bytes:
    """Claims with one or two things in them changed, or only told otherwise."""
    value = json.loads(payload)
    for _ in range(dice.choice([1, 1, 1, 2])):
        container, name = dice.choice(places(value))
        _change(dice, container, name)
    text = spelled(dice, value)
    if dice.random() < 0.1:
        text = dice.choice(
            [f" {text}\n", f"\ufeff{text}", f"{text}\0", f"{text[:-1]},}}", f"{text}x"]
        )
    return text.encode()


def _change(dice: Random, container: Any, name: Any) -> None:
    value = container[name]
    told = spelled(dice, value)
    new = dice.choice([*NUMBERS, *WORDS, *TEXTS])
    what = dice.choice(
        ["value", "value", "value", "gone", "twice", "more", "order", "near", "near"]
    )
    if what == "value":
        container[name] = Told(new)
    elif what == "gone":
        del container[name]
    elif what == "near":
        container[name] = Told(_near(dice, value, told))
    elif isinstance(container, list):
        container.append(Told(dice.choice([told, new])))
    elif what == "twice":
        first, second = dice.choice([(told, new), (new, told), (told, told)])
        escaped = f'"\\u{ord(name[0]):04x}{name[1:]}"' if name else '""'
        key = dice.choice([json.dumps(name), escaped])
        container[name] = Told(f"{first},{key}:{second}")
    elif what == "more":
        container[dice.choice(["vc", "x", "", "@type", name.upper(), f"{name} "])] = Told(new)
    else:
        turned = [*container.items()][::-1]
        container.clear()
        container.update(turned)


def _near(dice: Random, value: Any, told: str) -> str:
    """Almost the same."""
    if isinstance(value, int):
        return dice.choice(
            [f"{value}.0", f"{value}e0", f"{value + 1}", f'"{value}"', f" {value}", f"+{value}"]
        )
    if isinstance(value, str) and value:
        at = dice.randrange(len(value))
        texts = [value + " ", value.upper(), value[:-1], unicodedata.normalize("NFD", f"{value}é")]
        texts += [
            value[:at] + value[at:].swapcase(),
            f"{value}\u200b",
            value.replace("-", "\u2010"),
        ]
        escaped = (
            f'"\\u{ord(value[0]):04X}{json.dumps(value[1:])[1:]}' if ord(value[0]) < 65536 else told
        )
        return dice.choice([*map(json.dumps, texts), escaped])
    return f"[{told}]"


def proof(dice: Random, text: bytes, other: bytes) -> bytes:
    """A proof with its lines changed; `other` lends lines."""
    head, _, note = text.decode().partition("\n\n")
    head2, _, note2 = other.decode().partition("\n\n")
    lines, lines2 = head.split("\n"), head2.split("\n")
    index, path = int(lines[2][6:]), lines[3:]
    spot = dice.randrange(len(path) + 1)
    node = base64.b64encode(dice.randbytes(32)).decode()
    numbers = [
        index + 1,
        index - 1,
        index + 2**32,
        index + 2**64,
        0,
        10**18,
        f"0{index}",
        f"+{index}",
    ]
    numbers += [f"{index}.0", f" {index}", "\u0663", ""]
    options: list[Callable[[], tuple[list[str], str]]] = [
        lambda: ([*lines[:2], f"index {dice.choice(numbers)}", *path], note),
        lambda: ([*lines[:3], *path[:spot], *path[spot + 1 :]], note),
        lambda: ([*lines[:3], *path[:spot], node, *path[spot:]], note),
        lambda: ([*lines[:3], *path[:spot], *path[:1], *path[spot:]], note),
        lambda: ([*lines[:3], *path[::-1]], note),
        lambda: ([*lines[:3], *[node] * 64], note),
        lambda: ([*lines[:3], *(f"{line}{dice.choice('= A')}" for line in path)], note),
        lambda: ([*lines[:3], *(f"{line[:-2]}{dice.choice('AQx')}=" for line in path)], note),
        lambda: (lines, note2),
        lambda: (lines2, note),
        lambda: ([*lines[:1], lines2[1], *lines[2:]], note),
        lambda: ([dice.choice(["c2sp.org/tlog-proof@v2", "", lines[0] + " "]), *lines[1:]], note),
        lambda: ([lines[0], lines[2], lines[1], *path], note),
        lambda: (lines, checkpoint(dice, note)),
        lambda: (lines, checkpoint(dice, note)),
        lambda: (lines, f"\n{note}"),
    ]
    told = "\n\n".join(["\n".join((made := dice.choice(options)())[0]), made[1]])
    spelling = dice.random()
    if spelling < 0.05:
        return told.replace("\n", "\r\n").encode()
    return nudged(dice, told.encode()) if spelling < 0.1 else told.encode()


def checkpoint(dice: Random, note: str) -> str:
    """A signed note with its text or its signatures changed, without a key."""
    text, _, signatures = note.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    line = signatures.rstrip("\n")
    dash, name, signature = line.split(" ")
    raw = bytearray(base64.b64decode(signature))
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    bad = f"— {name} {base64.b64encode(raw).decode()}"
    witness = f"— witness.example {base64.b64encode(dice.randbytes(76)).decode()}"
    options = [
        (f"{origin}\n{int(size) + 1}\n{root}", line),
        (f"{origin}\n0{size}\n{root}", line),
        (f"{origin}\n{size}\n{root}\nextra", line),
        (f"{origin}x\n{size}\n{root}", line),
        (text, f"{line}\n{witness}"),
        (text, f"{witness}\n{line}"),
        (text, f"{line}\n{line}"),
        (text, f"{line}\n{bad}"),
        (text, bad),
        (text, witness),
        (text, "\n".join([line] * 17)),
        (text, f"{line}\n— {name} AAAAAA=="),
        (text, f"{dash} {name}\u00a0{signature}"),
        (text, f"{dash}  {name} {signature}"),
        (text, f"- {name} {signature}"),
        (text, f"{line}\n\n{line}"),
        (f"{text}\n", line),
        (text, f"{line}="),
        (unicodedata.normalize("NFD", f"{text}é"), line),
    ]
    told, signed = dice.choice(options)
    return f"{told}\n\n{signed}{dice.choice([chr(10)] * 9 + [''])}"
