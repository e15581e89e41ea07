"""Patients as nodes: who is near to whom, who hears whom, and what such a graph is like."""
