"""One new patient: `hfgnn predict`, in plain words or as one JSON object."""

import gc
import json
from typing import Annotated, Any

import typer

from hfgnn.cli.records import shop
from hfgnn.cli.speech import say, warn

verbs = typer.Typer()
MODEL = "patient.shipped"
NOTE = (
    "This is a chapter of a book, not a medical device: the model has learned from simulated "
    "people, `sick` is what a simulated reader files a page under, and no doctor has checked it."
)


@verbs.command()
def predict(
    page: Annotated[str, typer.Option(help="A picture of the ECG page", metavar="PATH")] = "",
    ef: Annotated[str, typer.Option(help="Ejection fraction as a fraction, such as .35")] = "",
    bnp: Annotated[str, typer.Option(help="BNP in pg/mL")] = "",
    nyha: Annotated[str, typer.Option(help="NYHA class, 1 to 4")] = "",
    sbp: Annotated[str, typer.Option(help="Systolic blood pressure in mmHg")] = "",
    age: Annotated[str, typer.Option(help="Age in years")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs")] = False,
) -> None:
    """Ask the model of chapter 07 about one new patient. Not a medical device."""
    gc.disable()  # what is imported comes to stay: to look through it for waste takes two seconds
    try:
        _answer(page, {"ef": ef, "bnp": bnp, "nyha": nyha, "sbp": sbp, "age": age}, as_json)
    finally:
        gc.freeze()
        gc.enable()


def _answer(page: str, texts: dict[str, str], as_json: bool) -> None:
    from hfgnn.data.intake import taken

    brought = taken(page, texts)
    if brought.faults:
        for fault in brought.faults:
            warn(f"hfgnn predict: {fault}")
        raise typer.Exit(2)
    told = _told(brought.page, brought.values)
    say(json.dumps(told, indent=1, ensure_ascii=False) if as_json else "\n".join(_lines(told)))


def _told(page: bytes, values: tuple[float, ...]) -> dict[str, Any]:
    """Return all that can be told of the patient, as plain values."""
    import numpy as np

    from hfgnn.features.fuse import fuse
    from hfgnn.features.resnet import backbone, features, small
    from hfgnn.pipeline.later import now
    from hfgnn.train.explain import anew, moved
    from hfgnn.train.patient import KNOWN, ask, in_words, strange

    house = shop(MODEL)
    model, params = house.load(MODEL), now(house.stage(MODEL).params)
    numbers = features(small(page)[None], backbone("ecg"))
    answer = ask(model, numbers, values)
    parts, again = moved(model, answer.graph), anew(model, fuse(numbers, np.array([values])))
    near = answer.neighbours[[*KNOWN, "distance", "page"]].to_dict("records")
    return {
        "chance": round(answer.chance, 4),
        "set": [n for n, held in zip(("normal", "sick"), answer.held, strict=True) if held],
        "coverage": round(1 - params.miss, 4),
        "words": in_words(answer),
        "neighbours": near,
        "moved": {name: round(float(value), 4) for name, value in parts.items()},
        "anew": {name: round(float(value), 4) for name, value in again.items()},
        "warnings": strange(model, answer, values),
        "note": NOTE,
    }


def _lines(told: dict[str, Any]) -> list[str]:
    words = told["words"]
    lines = [
        f"{words['chance']}.",
        f"An answer that holds the truth for {told['coverage']:.0%} of people: {words['set']}.",
    ]
    lines += ["", "The nearest of the people whom the model knows (apart: by squared distance):"]
    for number, one in enumerate(told["neighbours"], start=1):
        lines.append(
            f"  {number}. {one['class']:<10} age {one['age']}, EF {one['ef']:.2f}, BNP "
            f"{one['bnp']:.0f}, NYHA {one['nyha']}; {one['page']:.0%} of what keeps the two apart "
            "is in the ECG, the rest in the values"
        )
    near = {name: by for name, by in told["moved"].items() if name != "farther away"}
    lines += ["", f"With the neighbours as they are, what moved the answer most: {_most(near)}."]
    lines += [f"With an average one instead, and neighbours chosen anew: {_most(told['anew'])}."]
    return [*lines, *(f"Beware: {text}." for text in told["warnings"]), "", told["note"]]


def _most(parts: dict[str, float]) -> str:
    top = sorted(parts.items(), key=lambda part: -abs(part[1]))[:3]
    return ", ".join(f"{name} (towards {'sick' if by > 0 else 'normal'})" for name, by in top)
