"""Reading an answer step by step, knowing at each step where one stands.

A `Reader` is a value of the answer and its path. Each method either returns what was asked for or raises
`BadAnswer` with the exact path (`data[3].attributes.limits.memory`). Fields that nobody asks for are never
looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from portal.pterodactyl.calls import Answer
from portal.pterodactyl.errors import BadAnswer
from portal.pterodactyl.models import Page
from portal.pterodactyl.text import clean

T = TypeVar("T")

_LARGEST = 2**63 - 1


class Reader:
    """A value inside an answer, which knows its path and the request that brought it.

    A long list makes thousands of these, so a path is put together only when somebody asks for it.
    """

    __slots__ = ("_above", "_step", "request", "value")

    def __init__(self, value: Any, request: str = "", above: Reader | None = None, step: str | int = "") -> None:
        self.value = value
        self.request = request
        self._above = above
        self._step = step

    @classmethod
    def of(cls, answer: Answer) -> Reader:
        """Start at the top of an answer."""
        return cls(answer.json, answer.request)

    @property
    def path(self) -> str:
        """Where it stands (`data[3].attributes`); "" at the top."""
        if self._above is None:
            return ""
        above = self._above.path
        if isinstance(self._step, int):
            return f"{above}[{self._step}]"
        return f"{above}.{self._step}" if above else self._step

    def fail(self, expected: str) -> NoReturn:
        """Raise BadAnswer for this place."""
        raise BadAnswer(f"expected {expected}", path=clean(self.path), request=self.request)

    def field(self, name: str) -> Reader:
        """A field of an object, which must be there."""
        try:
            value = self.value[name]
        except (KeyError, TypeError):
            self.mapping()
            Reader(None, self.request, self, name).fail("a value")
        return Reader(value, self.request, self, name)

    def field_or_none(self, name: str) -> Reader | None:
        """A field of an object, or None if there is none of that name. A field that holds null is there."""
        found = self.mapping()
        return Reader(found[name], self.request, self, name) if name in found else None

    def mapping(self) -> Mapping[str, Any]:
        """The object itself."""
        if not isinstance(self.value, dict):
            self.fail("an object")
        return self.value

    def php_mapping(self) -> Mapping[str, Any]:
        """An object; PHP writes an empty one as `[]`."""
        return {} if self.value == [] else self.mapping()

    def fields(self) -> tuple[tuple[str, Reader], ...]:
        """Name and value of every field of an object, in the panel's order."""
        return tuple((name, Reader(value, self.request, self, name)) for name, value in self.php_mapping().items())

    def items(self) -> tuple[Reader, ...]:
        """The items of an array."""
        if not isinstance(self.value, list):
            self.fail("an array")
        return tuple([Reader(value, self.request, self, index) for index, value in enumerate(self.value)])

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            self.fail("a string")
        return self.value

    def text_or_none(self) -> str | None:
        """A string or null."""
        return None if self.value is None else self.text()

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.fail("true or false")
        return self.value

    def number(self) -> float:
        """A finite number, written with or without a fraction."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.fail("a number")
        if not abs(self.value) <= _LARGEST:  # so written, it is true for NaN as well
            self.fail("a number of 64 bits")
        return float(self.value)

    def integer(self) -> int:
        """A whole number of at most 64 bits; 5.0 counts as 5, true does not count as 1."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and abs(self.value) <= _LARGEST:
            return self.value
        whole = int(self.number())
        if whole != self.value:
            self.fail("a whole number")
        return whole

    def integer_or_none(self) -> int | None:
        """A whole number or null."""
        return None if self.value is None else self.integer()

    def moment(self) -> datetime:
        """A point in time with its offset, as UTC."""
        try:
            moment = datetime.fromisoformat(self.text())
            if moment.tzinfo is None:
                raise ValueError("no offset")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("a time with its offset")

    def moment_or_none(self) -> datetime | None:
        """A point in time or null."""
        return None if self.value is None else self.moment()

    def words(self) -> tuple[str, ...]:
        """Strings; PHP writes an array with holes as an object."""
        if isinstance(self.value, dict):
            return tuple(entry.text() for _, entry in self.fields())
        return tuple(entry.text() for entry in self.items())

    def words_or_none(self) -> tuple[str, ...]:
        """Strings, or none at all for null."""
        return () if self.value is None else self.words()

    def attributes(self, kind: str) -> Reader:
        """The attributes of an item, which must be of the given kind."""
        said = self.field("object")
        if said.text() != kind:
            said.fail(f"an object of kind {kind}")
        return self.field("attributes")

    def each(self, read: Callable[[Reader], T]) -> tuple[T, ...]:
        """The items of a list (`{"object": "list", "data": [...]}`), read one by one."""
        said = self.field("object")
        if said.text() != "list":
            said.fail("a list")
        return tuple(read(entry) for entry in self.field("data").items())

    def included(self, name: str) -> Reader | None:
        """A relationship of these attributes; None if not asked for, or withheld (`null_resource`)."""
        relationships = self.field_or_none("relationships")
        found = relationships.field_or_none(name) if relationships else None
        if found is None or found.field("object").text() == "null_resource":
            return None
        return found

    def page(self, read: Callable[[Reader], T]) -> Page[T]:
        """A list together with its `meta.pagination`."""
        items = self.each(read)
        numbers = self.field("meta").field("pagination")
        return Page(
            items=items,
            total=numbers.field("total").integer(),
            count=numbers.field("count").integer(),
            per_page=numbers.field("per_page").integer(),
            current_page=numbers.field("current_page").integer(),
            total_pages=numbers.field("total_pages").integer(),
        )
