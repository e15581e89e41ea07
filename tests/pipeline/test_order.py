"""What a person asks for is looked up in _toc.yml."""

import pytest

from hfgnn.pipeline.order import Order, listed, named
from hfgnn.pipeline.places import BuildError, Places

FORMS = {
    "chapters": """
format: jb-book
root: book/index
chapters:
  - file: notebooks/01_data
  - file: book/reproduce
  - file: notebooks/03_clinical
""",
    "parts": """
format: jb-book
root: book/index
parts:
  - caption: Start
    chapters:
      - file: book/how_to_read
  - caption: Stages
    chapters:
      - file: notebooks/01_data
      - file: notebooks/03_clinical
""",
    "sections": """
format: jb-book
root: book/index
chapters:
  - file: notebooks/01_data
    title: The data
    sections:
      - file: notebooks/03_clinical
        sections:
          - file: book/ledger
""",
    "article": """
format: jb-article
root: book/index
sections:
  - file: notebooks/01_data
  - url: https://example.org
    title: Elsewhere
  - file: notebooks/03_clinical
""",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_chapters_are_listed_in_the_order_of_every_form_of_the_contents(
    here: Places, form: str
) -> None:
    (here.root / "_toc.yml").write_text(form)
    assert listed(here) == ["01_data", "03_clinical"]
    assert Order(here).wanted == ("01_data", "03_clinical")


def test_a_chapter_is_found_by_its_number_its_name_or_both(here: Places) -> None:
    (here.root / "_toc.yml").write_text(FORMS["parts"])
    for text in ("03", "clinical", "03_clinical"):
        assert named(text, here) == "03_clinical"


@pytest.mark.parametrize("text", ["3", "04", "clin", "", "03_clinical.py", "book/ledger"])
def test_another_chapter_is_refused_with_those_there_are(here: Places, text: str) -> None:
    (here.root / "_toc.yml").write_text(FORMS["parts"])
    with pytest.raises(BuildError, match="is not known: _toc.yml lists 01_data, 03_clinical"):
        named(text, here)


def test_a_profile_is_one_of_the_parameters(here: Places) -> None:
    assert Order(here).parameters == {}
    assert Order(here, given={"seed": 3}).parameters == {"seed": 3}
    order = Order(here, profile="smoke", given={"seed": 3}, chapters=("01_small",))
    assert order.parameters == {"profile": "smoke", "seed": 3}
    assert order.wanted == ("01_small",)
