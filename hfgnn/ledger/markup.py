"""The HTML of the ledger: every element that our own directives and roles put on a page."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from docutils.nodes import make_id
from jinja2 import Environment, StrictUndefined

from hfgnn.ledger.text import VERDICTS, anchor, plain, tolerance

SOURCE = """
{%- macro link(b, href="") -%}
{%- if href and b.role != "machine" -%}
<a class="hf-{{ b.role }} {{- " hf-" + b.verdict if b.verdict }}
 {{- " hf-badge" if b.text == VERDICTS.not_run }} reference internal" href="{{ href }}"
 data-evidence="{{ plain(b.facts) }}">{{ b.text }}</a>
{%- else -%}
<span class="hf-{{ b.role }}{{ " hf-" + b.verdict if b.verdict }}">{{ b.text }}</span>
{%- endif -%}
{%- endmacro -%}

{%- macro tools(figure, folder) -%}
<ul class="hf-figure-tools">
{%- for kind, words in [("data", "Data (JSON)"), ("light", "Drawing (SVG)"),
                        ("dark", "Drawing for the dark (SVG)")] -%}
<li><a href="{{ folder }}/{{ figure[kind].rpartition("/")[2] }}" download>{{ words }}</a></li>
{%- endfor -%}
</ul>
{%- endmacro -%}

{%- macro badge(verdict, words="") -%}
<span class="hf-badge hf-{{ verdict }}">{{ words or VERDICTS[verdict] }}</span>
{%- endmacro -%}

{%- macro table(title, names) -%}
<div class="hf-table" tabindex="0" role="region" aria-label="{{ title }}"><table>
<thead><tr>{% for name in names %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{{ caller() }}
</tbody></table></div>
{%- endmacro -%}

{%- macro card(chapter, entries, costs, needs, notebook) -%}
<div class="hf-chapter-card"><dl>
{%- for name, value in costs %}<div><dt>{{ name }}</dt><dd>{{ link(value) }}</dd></div>{% endfor -%}
<div><dt>Needs</dt><dd>{{ needs }}</dd></div>
<div><dt>Run it yourself</dt><dd><code>hfgnn run {{ chapter.split("_")[0] }}</code></dd></div></dl>
<ul class="hf-strip">
{%- for verdict, words in counts(entries) %}<li>{{ badge(verdict, words) }}</li>{% endfor -%}
</ul>
<p><a href="{{ notebook }}" download>Download the notebook with its results</a></p></div>
{%- endmacro -%}

{%- macro headline(rows) -%}
{% call table("What we claim, and whether it reproduces",
              ["What we claim", "This build", "Published", "Does it reproduce?"]) -%}
{% for e in rows %}
<tr><th scope="row">{{ e.wording }}</th><td>{{ e.number }}</td><td>{{ e.published }}</td>
<td>{{ badge(e.verdict) }}</td></tr>
{%- endfor %}{% endcall %}
{%- endmacro -%}

{%- macro whole(value, text) -%}
<data value="{{ plain(value) }}" title="{{ plain(value) }}">{{ text }}</data>
{%- endmacro -%}

{%- macro lines(title, rows, page) -%}
{% call table(title, ["Entry", "This build", "Published", "Tolerance", "Verdict"]) -%}
{% for e in rows %}{% set cell = e.id.partition("/")[2] %}
<tr id="{{ anchor(e.id) }}" data-verdict="{{ e.verdict }}">
<th scope="row">{{ e.wording if not cell }} <code>{{ cell or e.id }}</code></th>
<td>{% if page and e.kind == "figure" and e.value -%}
<a href="{{ page }}#{{ make_id("fig-" + e.id) }}">figure</a> {% endif -%}
{{ whole(e.value, e.now) }}</td>
<td>{{ whole(e.expected, e.then) }}</td>
<td>{{ tolerance(e.tolerance) }} <small>{{ e.because if not cell }}</small></td>
<td>{{ badge(e.verdict) }} <small>{{ e.reason }}</small></td></tr>
{%- endfor %}{% endcall %}
{%- endmacro -%}

{%- macro ledger(chapters, constants, bound, numbers) -%}
<p class="hf-coverage">{{ bound }} of the {{ numbers }} numbers that the pages state are bound.</p>
<form class="hf-filter" hidden></form>
<div class="hf-ledger">
{%- for title, page, tables in chapters %}
<h2>{% if page %}<a href="{{ page }}">{{ title }}</a>{% else %}{{ title }}{% endif %}</h2>
{%- if tables[""] %}
{{ lines("Claims and figures: " + title, tables[""], page) }}{% endif %}
{%- for id, cells in tables.items() if id %}
<details id="{{ id }}"><summary>{{ cells[0].wording }} <code>{{ id }}</code>
{%- for verdict, words in counts(cells) %} {{ badge(verdict, words) }}{% endfor %}</summary>
{{ lines("Cells of " + id, cells, page) }}</details>
{%- endfor %}
{%- endfor %}
{%- if constants %}
<h2>Definitions</h2>
{% call table("Definitions", ["Definition", "Value", "Reason"]) -%}
{% for row in constants %}
<tr id="const-{{ row.id }}"><th scope="row">{{ row.id }}</th>
<td>{{ plain(row.value) }}</td><td>{{ row.reason }}</td></tr>
{%- endfor %}{% endcall %}
{%- endif %}
</div>
{% endmacro -%}
"""


def counts(entries: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return how many entries have each verdict, in words."""
    counted = Counter(entry["verdict"] for entry in entries)
    return [(v, f"{counted[v]} {words}") for v, words in VERDICTS.items() if counted[v]]


_sheets = Environment(autoescape=True, undefined=StrictUndefined)
_sheets.globals |= {"VERDICTS": VERDICTS, "anchor": anchor, "counts": counts, "make_id": make_id}
_sheets.globals |= {"plain": plain, "tolerance": tolerance}
html: Any = _sheets.from_string(
    SOURCE
).module  # each macro is a function; what it is given is escaped
