"""One hidden heart, seen from many sides; for now the clinical table as the thesis drew it."""
