"""Everything that learns from patients."""
