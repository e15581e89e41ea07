"""Does the Graph Help? The package behind the book; each room does one thing.

cli        the verbs that a person types        pipeline   from stages to the site
train      fits what is trained                 ledger     what is claimed; does it reproduce
features   page to numbers (torch)              evaluate   arrays in, scores out
world      patients whose truth is known        plots      drawings that chapters share
seeding    named, independent random streams

Imports point down: cli, pipeline, train, features, world, then evaluate, plots and ledger.
"""

__version__ = "0.1.0"
