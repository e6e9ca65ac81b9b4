"""The formats that others read too: vectors from their own documents, and hostile input."""

import gzip
import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.records.verdict.bundle import (
    MAX_BUNDLE_BYTES,
    Bundle,
    StatusEvidence,
    read_bundle,
    write_bundle,
)
from backend.records.verdict.canonical import (
    base64url,
    canonical,
    from_base64url,
    parse_canonical,
)
from backend.records.verdict.credential import MOMENT_FORMAT, seconds
from backend.records.verdict.jws import Jwk
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, parse_leaf, parse_record_ref
from backend.records.verdict.notes import (
    Checkpoint,
    NoteKey,
    open_checkpoint,
    open_note,
    sign_checkpoint,
)
from backend.records.verdict.proof import Proof
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import ENTRIES, Bits, replay
from backend.records.verdict.trust import parse_trust

# --- signed notes -----------------------------------------------------------------------------

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    f"{GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = Ed25519PrivateKey.generate()
NOTE_KEY = NoteKey("a.example/log", KEY.public_key().public_bytes_raw())
HEAD = Checkpoint("a.example/log", 5, b"\x07" * 32)


def test_a_note_made_by_the_go_library_opens() -> None:
    key = NoteKey.parse(GO_KEY)
    assert open_note(GO_NOTE, key) == GO_TEXT
    assert key.text == GO_KEY


def test_a_checkpoint_survives_signing_and_a_witness_line_beside_it() -> None:
    note = sign_checkpoint(HEAD, KEY)
    assert open_checkpoint(note, NOTE_KEY) == HEAD
    witnessed = f"{note}— witness.example {'A' * 12}\n"
    assert open_checkpoint(witnessed, NOTE_KEY) == HEAD


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda note: note.replace("\n5\n", "\n6\n"), id="another size"),
        pytest.param(lambda note: note.replace("\n5\n", "\n05\n"), id="a leading zero"),
        pytest.param(lambda note: note.replace("— a.example", "— b.example"), id="another name"),
        pytest.param(lambda note: note.rstrip("\n"), id="cut at the end"),
        pytest.param(lambda note: note + "\n", id="a line too many"),
        pytest.param(lambda note: note.replace("\n", "\r\n"), id="foreign line ends"),
        pytest.param(lambda note: note + f"— w.example {'A' * 12}\n" * 20, id="too many signers"),
        pytest.param(lambda note: note[:0], id="nothing"),
    ],
)
def test_a_spoiled_checkpoint_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused):
        open_checkpoint(spoil(sign_checkpoint(HEAD, KEY)), NOTE_KEY)


def test_a_checkpoint_of_another_log_by_the_same_key_is_refused() -> None:
    note = sign_checkpoint(Checkpoint("b.example/log", 5, b"\x07" * 32), KEY)
    with pytest.raises(Refused):
        open_checkpoint(note, NOTE_KEY)


# --- proofs, leaves ---------------------------------------------------------------------------


@given(
    st.integers(0, 2**40),
    st.lists(st.binary(min_size=32, max_size=32), max_size=40),
    st.binary(max_size=400),
)
def test_a_proof_survives_its_text(index: int, hashes: list[bytes], entry: bytes) -> None:
    proof = Proof(index, hashes, sign_checkpoint(HEAD, KEY), entry)
    assert Proof.parse(proof.text) == proof
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\nextra ")


@given(st.text(max_size=300))
def test_no_text_makes_the_proof_reader_stumble(text: str) -> None:
    with pytest.raises(Refused):
        Proof.parse(text)


def test_a_proof_in_a_log_of_ten_million_has_two_kilobytes() -> None:
    entry = canonical(
        {"v": 1, "sha256": "0" * 64, "kid": "k" * 90, "ref": "r" * 60, "ts": "t" * 20}
    )
    proof = Proof(9_999_999, [b"\x01" * 32] * 24, sign_checkpoint(HEAD, KEY), entry)
    assert len(proof.text) <= 2_048


@pytest.mark.parametrize(
    "entry",
    [
        b"{}",
        b'{"v":1}',
        b'{"v": 1}',
        b'{"kid":"","ref":"","sha256":"","ts":"","type":"record.issued","v":1,"v":1}',
        canonical(
            {"v": 1, "type": "x", "ts": "", "kid": "", "sha256": "0" * 64, "ref": ""},
        ),
        b"[" * 5_000,
        b"x" * 70_000,
    ],
    ids=lambda entry: entry[:24].decode(),
)
def test_what_is_no_leaf_is_refused(entry: bytes) -> None:
    with pytest.raises(Refused):
        parse_leaf(entry)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.builds(Leaf, type=st.sampled_from(Kind), ts=words, kid=words, sha256=words, ref=words))
def test_the_entry_of_a_leaf_is_canonical_json(leaf: Leaf) -> None:
    assert leaf.entry == canonical(msgspec.to_builtins(leaf))


@given(st.builds(Leaf, type=st.sampled_from(Kind), ts=words, kid=words, ref=words, sha256=hashes))
def test_a_leaf_is_read_from_its_entry_and_from_no_other_spelling(leaf: Leaf) -> None:
    entry = leaf.entry
    assert parse_leaf(entry) == leaf
    for other in (b" " + entry, entry.replace(b":", b": ", 1), entry.replace(b'"v":1', b'"v":1.0')):
        with pytest.raises(Refused):
            parse_leaf(other)


@given(st.integers(2**53) | st.integers(max_value=-(2**53)))
def test_a_leaf_s_number_that_not_every_reader_of_json_has_is_no_json(number: int) -> None:
    leaf = Leaf(v=number, type=Kind.STATUS, ts="", kid="", ref="", sha256="0" * 64)
    with pytest.raises(Refused, match="not JSON"):
        parse_leaf(leaf.entry)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(-1e9, 1e9)
        | words,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_is_written_fast_is_what_rfc_8785_asks(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(st.uuids(), st.integers(0, 10**8), st.integers(0, ENTRIES))
def test_a_records_place_survives_its_reference(record: object, number: int, index: int) -> None:
    ref = RecordRef(f"urn:uuid:{record}", number, index)
    assert parse_record_ref(ref.text) == ref


# --- canonical bytes, keys --------------------------------------------------------------------


@given(st.binary(max_size=60))
def test_base64url_has_one_spelling(content: bytes) -> None:
    text = base64url(content)
    assert from_base64url(text) == content
    for other in (text + "=", text + " ", text + "\n", text + "é", "!" + text, text + "+///"):
        with pytest.raises(Refused):
            from_base64url(other)


@given(st.text("AQgw-_+/=! é", max_size=9))
def test_a_text_is_read_as_base64url_only_when_it_is_how_its_bytes_are_written(text: str) -> None:
    with suppress(Refused):
        assert base64url(from_base64url(text)) == text


@given(st.integers(-(10**9), 2**33))
def test_a_moment_has_one_spelling(at: int) -> None:
    text = datetime.fromtimestamp(at, UTC).strftime(MOMENT_FORMAT)
    if at >= 0:
        assert seconds(text) == at
    else:
        with pytest.raises(Refused):
            seconds(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02T01:00:00",
        "2026-03-02T01:00:00+00:00",
        "2026-03-02T01:00:00z",
        "20260302T010000Z",
        "2026-W10-1T01:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T01:00:60Z",
        "2026-3-2T01:00:00ZZZ",
        "2026-03-02 01:00:00Z",
        "2026-03-02T01:00:00.0Z",
        "2026-03-02T01:00:00.000000Z",
        "２026-03-02T01:00:00Z",
    ],
)
def test_any_other_moment_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        seconds(text)


def test_json_in_any_other_form_is_refused() -> None:
    assert parse_canonical(b'{"a":1,"b":[true,null]}') == {"a": 1, "b": [True, None]}
    for text in (
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'"\\u0061"',
        b"nan",
        b"\xff",
        b'"\xff"',
    ):
        with pytest.raises(Refused):
            parse_canonical(text)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    """RFC 8037, appendix A.3."""
    key = Jwk("OKP", "Ed25519", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"v":2,"issuers":[],"log":{}}', b"\xff"])
def test_a_damaged_trust_file_pins_nothing(content: bytes) -> None:
    with pytest.raises(Refused):
        parse_trust(content)


# --- status lists -----------------------------------------------------------------------------

W3C_EMPTY = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def test_the_list_in_the_w3c_document_reads_as_empty() -> None:
    assert Bits.decode(W3C_EMPTY) == Bits()


def test_the_first_bit_is_the_highest_of_the_first_byte() -> None:
    bits = Bits()
    bits[0] = bits[9] = True
    raw = gzip.decompress(from_base64url(bits.encoded[1:]))
    assert (raw[:2], len(raw)) == (b"\x80\x40", ENTRIES // 8)


@given(st.sets(st.integers(0, ENTRIES - 1), max_size=50))
@settings(max_examples=40, deadline=None)
def test_bits_survive_their_encoding(places: set[int]) -> None:
    bits = Bits()
    for place in places:
        bits[place] = True
    again = Bits.decode(bits.encoded)
    assert again == bits
    assert {place for place in places if again[place]} == places
    assert again.encoded == bits.encoded


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(W3C_EMPTY[1:], id="no multibase sign"),
        pytest.param("z" + W3C_EMPTY[1:], id="another multibase"),
        pytest.param("u" + base64url(b"no gzip"), id="not gzip"),
        pytest.param("u" + base64url(gzip.compress(bytes(100))), id="too short"),
        pytest.param("u" + base64url(gzip.compress(bytes(10_000_000))), id="a bomb"),
        pytest.param("u" + base64url(gzip.compress(bytes(ENTRIES // 8)) + b"x"), id="a tail"),
        pytest.param("u" + "A" * 1_000_000, id="too long"),
    ],
)
def test_any_other_list_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Bits.decode(text)


def test_an_index_outside_the_list_is_refused() -> None:
    with pytest.raises(Refused):
        _ = Bits()[ENTRIES]


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(0, 7)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_replaying_decisions_gives_the_last_word_on_each_record(
    decisions: list[tuple[Kind, int]],
) -> None:
    for index in range(8):
        own = [kind for kind, place in decisions if place == index]
        holds = [k for k in own if k in {Kind.SUSPENDED, Kind.REINSTATED}]
        assert replay("revocation", decisions)[index] is (Kind.REVOKED in own)
        assert replay("refresh", decisions)[index] is (Kind.SUPERSEDED in own)
        assert replay("suspension", decisions)[index] is (holds[-1:] == [Kind.SUSPENDED])


# --- bundles ----------------------------------------------------------------------------------


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


RECORD = ("record.jwt", b"a.b.c")


def test_a_bundle_survives_its_zip() -> None:
    status = {"revocation": StatusEvidence(b"list", b"proof")}
    bundle = Bundle(record=b"a.b.c", proof=b"p", checkpoint=b"c", status=status)
    assert read_bundle(write_bundle(bundle, "读我")) == bundle
    assert write_bundle(bundle, "x") == write_bundle(bundle, "x")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: zipped(), id="empty"),
        pytest.param(lambda: zipped(("record.tlog-proof", b"x")), id="no record"),
        pytest.param(lambda: zipped(RECORD, ("trust.json", b"{}")), id="brings its own pins"),
        pytest.param(lambda: zipped(RECORD, ("../x", b"")), id="climbs out of its folder"),
        pytest.param(lambda: zipped(RECORD, RECORD), id="a file given twice"),
        pytest.param(lambda: zipped(("record.jwt", bytes(30_000_000))), id="a bomb"),
        pytest.param(lambda: zipped(*[(f"{i}", b"") for i in range(100)]), id="a hundred files"),
        pytest.param(lambda: bytes(MAX_BUNDLE_BYTES + 1), id="too large"),
        pytest.param(lambda: zipped(RECORD)[:-10], id="cut short"),
        pytest.param(lambda: zipped(RECORD, method=zipfile.ZIP_LZMA), id="another compression"),
    ],
)
def test_any_other_zip_is_refused(content) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused):
        read_bundle(content())


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_zip_is_refused_or_read_and_never_an_error(data: st.DataObject) -> None:
    content = bytearray(zipped(RECORD, ("record.tlog-proof", b"proof" * 50)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Refused):
        read_bundle(bytes(content))
