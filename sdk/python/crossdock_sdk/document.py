"""The ERP document of one shipment, as a plain Python object.

Money, quantities, keys and item codes cannot be set here (`not-allowed`): prices are changed in pre-map.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .values import Field, Value, field_value


class Document:
    """The document after mapping: header fields and lines of fields, named as the ERP names them."""

    def __init__(self, record: Any):
        self.record = record
        self._columns: dict[str, list[Value]] = {}

    @property
    def key(self) -> str:
        """The web order number that the ERP keeps as purchase-order number: the document's natural key."""
        return self.record.key()

    @property
    def warehouse(self) -> str:
        """The warehouse that ships this document."""
        return self.record.warehouse()

    @property
    def fields(self) -> list[Field]:
        """The header fields, in the template's order."""
        return self.record.fields()

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return self.record.line_count()

    def field(self, name: str) -> Value:
        """One header field; None when there is none of this name."""
        return self.record.field(name)

    def line_fields(self, line: int) -> list[Field]:
        """The fields of one line, in the template's order; empty when there is no such line."""
        return self.record.line_fields(line)

    def line_field(self, line: int, name: str) -> Value:
        """One field of one line; None when there is no such line or field."""
        column = self.column(name)
        return column[line] if 0 <= line < len(column) else None

    def column(self, name: str) -> list[Value]:
        """One field over all lines, one entry per line; None where a line has none of this name."""
        # It crosses to the plugin once, however many lines are asked for.
        if name not in self._columns:
            self._columns[name] = self.record.column(name)
        return self._columns[name]

    def set_field(self, name: str, value: Value | int, reason: str) -> None:
        """Sets or adds a header field; None removes it."""
        self.record.set_field(name, field_value(value, f"fields.{name}"), reason)

    def set_line_field(self, line: int, name: str, value: Value | int, reason: str) -> None:
        """Sets or adds a field of one line; None removes it."""
        self.record.set_line_field(line, name, field_value(value, f"lines[{line}].fields.{name}"), reason)
        self._columns.pop(name, None)

    def set_column(self, name: str, values: Sequence[Value | int], reason: str) -> None:
        """Sets one field of every line, one value per line: all or none. The fast way to set a field of many lines."""
        fields = [field_value(value, f"lines[{line}].fields.{name}") for line, value in enumerate(values)]
        self.record.set_column(name, fields, reason)
        self._columns.pop(name, None)
