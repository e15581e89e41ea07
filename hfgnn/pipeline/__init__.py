"""From stages to the site. A chapter needs one name of it: `open_chapter`."""

from hfgnn.pipeline.open import open_chapter

__all__ = ["open_chapter"]
