"""A figure inside a page: one SVG whose colours follow the page's theme."""

import re

from markupsafe import escape

from hfgnn.ledger.figures import HEX


def inline(light: str, dark: str, *, name: str, alt: str) -> str:
    """Return the light drawing with each colour that the dark one changes as a CSS variable.

    Ids begin with `name`, and rules apply to this drawing alone, so that a page may hold many.
    """
    pairs = list(zip(HEX.findall(light), HEX.findall(dark), strict=True))
    variables = {
        pair: f"--c{n}" for n, pair in enumerate(sorted({p for p in pairs if len(set(p)) > 1}))
    }
    colours = (f"var({variables[pair]})" if pair in variables else pair[0] for pair in pairs)
    svg = HEX.sub(lambda _: next(colours), light)
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    scope = f"#{name}-svg"
    rules = [
        f"{scope}{{{''.join(f'{var}:{pair[0]};' for pair, var in variables.items())}}}",
        f"@media screen{{html[data-theme=dark] {scope}"
        f"{{{''.join(f'{var}:{pair[1]};' for pair, var in variables.items())}}}}}",
    ]
    svg = re.sub(r"<style[^>]*>\*", f"<style>{' '.join(rules)} {scope} *", svg, count=1)
    return svg.replace("<svg ", f'<svg id="{name}-svg" role="img" aria-label="{escape(alt)}" ', 1)
