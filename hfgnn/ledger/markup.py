"""The HTML of the ledger: every element that our own directives and roles put on a page."""

from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

LINK = """
{%- if href and b.role != "machine" -%}
<a class="hf-{{ b.role }} {{- " hf-" + b.verdict if b.verdict }}
 {{- " hf-badge" if b.text == "not run here" }} reference internal" href="{{ href }}"
 data-evidence="{{ facts }}">{{ b.text }}</a>
{%- else -%}
<span class="hf-{{ b.role }}{{ " hf-" + b.verdict if b.verdict }}">{{ b.text }}</span>
{%- endif -%}
"""
PARTS = """
{%- macro badge(verdict, words) -%}
<span class="hf-badge hf-{{ verdict }}">{{ words }}</span>
{%- endmacro %}
{%- macro table(label, names) -%}
<div class="hf-table" tabindex="0" role="region" aria-label="{{ label }}"><table>
<thead><tr>{% for name in names %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{{ caller() }}
</tbody></table></div>
{% endmacro %}
"""
TOOLS = """
<ul class="hf-figure-tools">
{%- for href, words in files %}<li><a href="{{ href }}" download>{{ words }}</a></li>{% endfor -%}
</ul>
"""
CARD = """
{% from "parts" import badge -%}
<div class="hf-chapter-card"><dl>
{%- for name, value in rows %}<div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>{% endfor -%}
<div><dt>Run it yourself</dt><dd><code>hfgnn run {{ number }}</code></dd></div></dl>
<ul class="hf-strip">
{%- for verdict, words in counts %}<li>{{ badge(verdict, words) }}</li>{% endfor -%}
</ul>
<p><a href="{{ notebook }}" download>Download the notebook with its results</a></p></div>
"""
HEADLINE = """
{% from "parts" import badge, table -%}
{% call table("What we claim, and whether it reproduces",
              ["What we claim", "This build", "Published", "Does it reproduce?"]) -%}
{% for row in rows %}
<tr><th scope="row">{{ row.wording }}</th><td>{{ row.link }}</td><td>{{ row.published }}</td>
<td>{{ badge(row.verdict, row.words) }}</td></tr>
{%- endfor %}{% endcall %}
"""
LEDGER = """
{% from "parts" import badge, table -%}
{%- macro lines(label, rows) -%}
{% call table(label, ["Entry", "This build", "Published", "Tolerance", "Verdict"]) -%}
{% for row in rows %}
<tr id="{{ row.anchor }}" data-verdict="{{ row.verdict }}">
<th scope="row">{{ row.wording }} <code>{{ row.name }}</code></th>
<td>{% if row.figure %}<a href="{{ row.figure }}">figure</a> {% endif %}{{ row.value }}</td>
<td>{{ row.published }}</td><td>{{ row.tolerance }} <small>{{ row.because }}</small></td>
<td>{{ badge(row.verdict, row.words) }} <small>{{ row.reason }}</small></td></tr>
{%- endfor %}{% endcall %}
{%- endmacro -%}
<form class="hf-filter" hidden></form>
<div class="hf-ledger">
{%- for chapter in chapters %}
<h2>{% if chapter.href %}<a href="{{ chapter.href }}">{{ chapter.name }}</a>
{%- else %}{{ chapter.name }}{% endif %}</h2>
{%- if chapter.single %}
{{ lines("Claims and figures of " + chapter.name, chapter.single) }}{% endif %}
{%- for t in chapter.tables %}
<details id="{{ t.id }}"><summary>{{ t.wording }} <code>{{ t.id }}</code>
{%- for verdict, words in t.counts %} {{ badge(verdict, words) }}{% endfor %}</summary>
{{ lines("Cells of " + t.id, t.cells) }}</details>
{%- endfor %}
{%- endfor %}
{%- if constants %}
<h2>Definitions</h2>
{% call table("Definitions", ["Definition", "Value", "Reason"]) -%}
{% for row in constants %}
<tr id="const-{{ row.id }}"><th scope="row">{{ row.id }}</th>
<td>{{ row.value }}</td><td>{{ row.reason }}</td></tr>
{%- endfor %}{% endcall %}
{%- endif %}
</div>
"""
SHEETS = Environment(
    loader=DictLoader(
        {
            "link": LINK,
            "parts": PARTS,
            "tools": TOOLS,
            "card": CARD,
            "headline": HEADLINE,
            "ledger": LEDGER,
        }
    ),
    autoescape=True,
    undefined=StrictUndefined,
)


def html(sheet: str, **shown: Any) -> Markup:
    """Return a sheet filled in; whatever is not HTML already is escaped."""
    return Markup(SHEETS.get_template(sheet).render(shown).strip())
