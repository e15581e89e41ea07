"""What is cited is held against the package, once for what either says.

To import what holds the values takes seconds, and a build after an edit of prose need not wait.
"""

from hfgnn.ledger.evidence import confirm
from hfgnn.ledger.results import canonical, write
from hfgnn.pipeline.key import digest, file_digest
from hfgnn.pipeline.places import Places

SEAL = "cited.seal"
UNREAD = "__pycache__"  # made of the sources, and made anew while this is read


def confirmed(places: Places) -> None:
    """Refuse a cited value of which the package holds another."""
    package = (path for path in sorted(places.root.glob("hfgnn/**/[!.]*")) if path.is_file())
    read = [places.ledger / "cited.yml", places.lock]
    read += [path for path in package if UNREAD not in path.parts]
    found = {path.relative_to(places.root).as_posix(): file_digest(path) for path in read}
    seal, now = places.build / SEAL, digest(canonical(found))
    if not seal.is_file() or seal.read_text(encoding="utf-8") != now:
        confirm(places.ledger)
        write(seal, now)
