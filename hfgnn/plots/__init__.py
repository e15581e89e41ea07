"""How the book's figures look, and the drawings too long for a cell."""
