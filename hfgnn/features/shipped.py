"""Files of numbers that come with the package or from elsewhere: only the one that was meant."""

import hashlib
from pathlib import Path

SHIPPED = Path(__file__).parent / "weights"


def checked(path: Path, sha256: str, remedy: str = "check it out of the repository again") -> bytes:
    """Return a file's bytes if they are the ones that were meant."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; {remedy}")
    file = path.read_bytes()
    found = hashlib.sha256(file).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path} has the SHA-256 {found} and should have {sha256}: it is damaged or another "
            f"file, and is not loaded; delete it, then {remedy}"
        )
    return file
