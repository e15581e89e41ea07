"""The rules of a verdict: what is equal, what is near enough, what cannot be compared.

|value - expected| ≤ abs + rel·|expected|, in decimal arithmetic: a limit means what it says.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hfgnn.ledger.claims import Claim, is_number
from hfgnn.ledger.results import Result, compact

EXACT: Mapping[str, Any] = {"exact": True}


def agree(value: Any, expected: Any, rule: Mapping[str, Any]) -> str:
    """Return the verdict on one value, list or mapping of them."""
    same = compact(value) == compact(expected)
    if "margin" in rule and isinstance(value, list):
        near = _decimal(value[0]) - _decimal(value[1]) > _decimal(rule["margin"])
        same = same and near
    else:
        near = not same and "exact" not in rule and _near(value, expected, rule)
    return "exact" if same else "within" if near else "different"


def _near(a: Any, b: Any, rule: Mapping[str, Any]) -> bool:
    if is_number(a) and is_number(b):
        rel, bound = (_decimal(rule.get(key, 0)) for key in ("rel", "abs"))
        return abs(_decimal(a) - _decimal(b)) <= bound + rel * abs(_decimal(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_near(x, y, rule) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_near(a[key], b[key], rule) for key in a)
    return compact(a) == compact(b)


def _decimal(number: float) -> Decimal:
    return Decimal(repr(number))


def terms(claim: Claim) -> dict[str, Any]:
    """What may not change without being accepted again."""
    terms: dict[str, Any] = {"kind": claim.kind, "tolerance": dict(claim.tolerance)}
    if claim.kind == "table":
        terms["columns"] = {name: dict(rule["tolerance"]) for name, rule in claim.columns.items()}
    return terms


def unfit(claim: Claim, result: Result) -> str:
    """Return why a result cannot be what was declared, or nothing."""
    if result.chapter != claim.chapter:
        return f"recorded by {result.chapter}, declared for {claim.chapter}"
    if claim.kind in ("table", "figure") or result.kind != "claim":
        return "" if claim.kind == result.kind else f"is a {result.kind}, declared a {claim.kind}"
    if claim.kind == "order" and result.data["interval"]:
        return "an order has no interval"
    value = result.data["value"]
    pair = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
    whole, words = isinstance(value, int), isinstance(value, str)
    fits = {"count": whole, "string": words, "order": pair, "interval": pair}
    return "" if fits.get(claim.kind, is_number(value)) else f"{value!r} is no {claim.kind}"
