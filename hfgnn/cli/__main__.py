"""So that `python -m hfgnn.cli` is the command `hfgnn`."""

from hfgnn.cli import main

main()
