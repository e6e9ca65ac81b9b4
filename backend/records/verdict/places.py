"""Which record has which status bit, in some thirty bytes a record: an audit reads millions."""

from backend.records.verdict.leaf import RecordRef
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import ENTRIES

_ID = 16
_PAGE = 64
_FREE = bytes(_ID)


class Places:
    def __init__(self) -> None:
        self._pages: dict[tuple[int, int], bytearray] = {}
        """By list and page: the record's id at each place, zeros where there is none."""
        self._seen: set[int] = set()
        """Hashes of 64 bits, under this process's own secret: ids that differ in spite of one hash
        come once in a thousand audits of a hundred million records."""

    def take(self, ref: RecordRef) -> None:
        """Refused where the record has a place already, or another record has this one."""
        record = ref.record_bytes
        if ref.index >= ENTRIES or record == _FREE:
            raise Refused(f"{ref.text}: outside its status list")
        if hash(record) in self._seen:
            raise Refused(f"{ref.record} is issued twice")
        page, at = self._page(ref)
        if page[at : at + _ID] != _FREE:
            raise Refused(f"two records share the status bit {(ref.list_number, ref.index)}")
        page[at : at + _ID] = record
        self._seen.add(hash(record))

    def is_of(self, ref: RecordRef) -> bool:
        """Whether this very record has this very place."""
        page = self._pages.get((ref.list_number, ref.index // _PAGE))
        at = ref.index % _PAGE * _ID
        return page is not None and page[at : at + _ID] == ref.record_bytes

    def _page(self, ref: RecordRef) -> tuple[bytearray, int]:
        number, slot = divmod(ref.index, _PAGE)
        key = (ref.list_number, number)
        if key not in self._pages:
            self._pages[key] = bytearray(_PAGE * _ID)
        return self._pages[key], slot * _ID
