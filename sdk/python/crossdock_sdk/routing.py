"""Where an order can be shipped from: the warehouses, and what each has."""

from __future__ import annotations

from typing import Any

from .decimals import Decimal
from .values import Column, Warehouse


class Candidates:
    """The candidates for one order."""

    def __init__(self, record: Any):
        self.record = record
        self._warehouses: list[Warehouse] | None = None
        self._stock: Column | None = None

    @property
    def warehouses(self) -> list[Warehouse]:
        """The warehouses, in the operator's order of preference."""
        if self._warehouses is None:
            self._warehouses = self.record.warehouses()
        return self._warehouses

    def stock(self, warehouse: int, line: int) -> Decimal:
        """What a warehouse (by its place in `warehouses`) has of a line's SKU, as the host last heard.

        0 when there is no such warehouse or line. Two lines of the same SKU see the same stock: count it down yourself.
        """
        if self._stock is None:
            self._stock = self.record.stock()
        lines = len(self._stock.units) // max(len(self.warehouses), 1)
        known = 0 <= line < lines and 0 <= warehouse < len(self.warehouses)
        return self._stock[warehouse * lines + line] if known else Decimal(0)
