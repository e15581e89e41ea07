"""Does the Graph Help? The package behind the book; each room does one thing.

cli        the verbs that a person types        pipeline   from stages to the site
train      fits what is trained                 ledger     what is claimed; does it reproduce
features   page to numbers (torch)              evaluate   arrays in, scores out
graph      who is near, who hears whom          plots      drawings that chapters share
models     networks: tensors in and out         world      patients whose truth is known
data       files that others made               cohort     the record of patients
seeding    named, independent random streams

Imports point down: cli, pipeline, train, then features, graph and models, then all the others.
"""

__version__ = "0.1.0"
