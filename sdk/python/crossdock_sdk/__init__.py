"""Crossdock plugins in Python: everything an author imports. Tests import `crossdock_sdk.sample`, too."""

from . import log, settings
from .answers import Hold, Proceed, Reject, Route, Ship, Shipment, ShipmentLine, Verdict
from .decimals import MAX_SCALE, Decimal, total
from .document import Document
from .errors import EditError, Failed, HookError, SettingsError, Unsupported
from .hooks import PostMap, PreMap, RouteOrder
from .order import Line, Order
from .routing import Candidates
from .values import Address, Context, Field, Header, Instant, Payment, Value, Warehouse

__all__ = [
    "MAX_SCALE",
    "Address",
    "Candidates",
    "Context",
    "Decimal",
    "Document",
    "EditError",
    "Failed",
    "Field",
    "Header",
    "Hold",
    "HookError",
    "Instant",
    "Line",
    "Order",
    "Payment",
    "PostMap",
    "PreMap",
    "Proceed",
    "Reject",
    "Route",
    "RouteOrder",
    "SettingsError",
    "Ship",
    "Shipment",
    "ShipmentLine",
    "Unsupported",
    "Value",
    "Verdict",
    "Warehouse",
    "log",
    "settings",
    "total",
]
