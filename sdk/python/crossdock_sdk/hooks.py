"""The three hooks: a base class for each, between the component's exports and the author's rule.

A plugin's module defines a class of the same name for each hook that it answers: `class PreMap(crossdock_sdk.PreMap)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _backing
from .answers import Hold, Proceed, Reject, Route, Ship, Verdict
from .document import Document
from .errors import EditError, Failed, HookError
from .order import Order
from .routing import Candidates
from .values import Context


class PreMap:
    """The hook before mapping: segment discounts, tagging, holding, rejecting."""

    def decide(self, context: Context, order: Order) -> Verdict:
        """Looks at the order and edits it. On hold, reject and error the edits are discarded."""
        raise NotImplementedError

    def run(self, context: Any, order: Any) -> Any:
        """For the host."""
        said, record = _backing.opened(context, order)
        return _backing.verdict(_decided(Proceed, self.decide, said, Order(record)))


class RouteOrder:
    """The hook that decides which warehouse ships what."""

    def decide(self, context: Context, order: Order, candidates: Candidates) -> Route:
        """Looks at the order and the candidates, changes neither."""
        raise NotImplementedError

    def run(self, context: Any, order: Any, candidates: Any) -> Any:
        """For the host."""
        said, record, found = _backing.opened(context, order, candidates)
        return _backing.route(_decided(Ship, self.decide, said, Order(record), Candidates(found)))


class PostMap:
    """The hook after mapping, once per document: payment terms, salesperson, codes, the ERP's own fields."""

    def decide(self, context: Context, order: Order, document: Document) -> Verdict:
        """Looks at the order, and edits the document that was made of it."""
        raise NotImplementedError

    def run(self, context: Any, order: Any, document: Any) -> Any:
        """For the host."""
        said, record, made = _backing.opened(context, order, document)
        return _backing.verdict(_decided(Proceed, self.decide, said, Order(record), Document(made)))


def _decided(goes_on: type, decide: Callable[..., Any], *given: Any) -> Any:
    """What the rule decides; its errors in the form that the host takes. The host shows the traceback of any other."""
    try:
        answer = decide(*given)
        # A forgotten `return` must not let an order pass that was to be held.
        if not isinstance(answer, (goes_on, Hold, Reject)):
            expected = f"{goes_on.__name__}, Hold or Reject"
            raise TypeError(f"the hook must return {expected}: is a `return` missing?")
        return answer
    except HookError as error:
        raise _backing.refused(error) from None
    except EditError as error:
        raise _backing.refused(Failed(f"an edit was refused: {error}")) from None
