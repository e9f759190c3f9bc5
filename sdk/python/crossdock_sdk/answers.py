"""What a hook answers: verdicts and routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .decimals import Decimal
from .values import Instant


@dataclass(frozen=True)
class Proceed:
    """Go on, with the edits made so far."""


@dataclass(frozen=True)
class Hold:
    """Keep the order and wait: for a person, or until an instant. The reason is one sentence for the merchant's staff.

    Edits of this call are discarded; the hook runs again afterwards.
    """

    reason: str
    until: Instant | None = None


@dataclass(frozen=True)
class Reject:
    """Do not deliver. The reason is one sentence that the merchant reads."""

    reason: str


@dataclass(frozen=True)
class ShipmentLine:
    """So many units of one line in one shipment."""

    line: int
    quantity: Decimal


@dataclass(frozen=True)
class Shipment:
    """What one warehouse ships: one shipment per warehouse, a line at most once in each."""

    warehouse: str
    lines: Sequence[ShipmentLine]


@dataclass(frozen=True)
class Ship:
    """Ship like this. What no shipment holds is backordered."""

    shipments: Sequence[Shipment]


Verdict = Proceed | Hold | Reject
Route = Ship | Hold | Reject
