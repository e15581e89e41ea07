"""A drawing's colours, light and dark, and the drawing as part of a page.

Apart from `figures`, so that a page is rendered without what draws.
"""

import re
from collections.abc import Mapping

from markupsafe import escape

HEX = re.compile(r"#[0-9a-fA-F]{6}(?![0-9a-zA-Z_])")
Theme = Mapping[str, str]


def darken(svg: str, theme: Theme) -> str:
    """Return the SVG in the dark colours of the theme (light hex → dark hex)."""
    dark = {light.lower(): colour for light, colour in theme.items()}
    return HEX.sub(lambda found: dark.get(found[0].lower(), found[0]), svg)


def inline(light: str, dark: str, *, name: str, alt: str) -> str:
    """Return one SVG for a page: the browser takes each colour from its light or dark pair.

    Ids begin with `name`, and rules apply to this drawing alone, so that a page may hold many.
    """
    pairs = zip(HEX.findall(light), HEX.findall(dark), strict=True)
    colours = (one if one == other else f"light-dark({one},{other})" for one, other in pairs)
    svg = HEX.sub(lambda _: next(colours), light)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg[svg.index("<svg") :])
    svg = re.sub(r"<style[^>]*>\*", f"<style>#{name}-svg *", svg, count=1)
    return svg.replace("<svg ", f'<svg id="{name}-svg" role="img" aria-label="{escape(alt)}" ', 1)
