"""The second work's decisions in words, in the order of `protocol_dual.Protocol`."""

from hfgnn.train.audited import Decision

DECISIONS = (
    Decision(
        "folds",
        "Two folds of 800 people: some sixteen events to learn from, and as many to test on.",
        "The split of the study, with each of five dice.",
        "As many folds as leave most events to learn from; here ten.",
        "Count the events that one model has learned from.",
    ),
    Decision(
        "chosen",
        "Of several files of weights the one with the highest C of those tested was looked at.",
        "The notebooks that draw the curves, which sort files by the score in their name.",
        "Let people choose who are neither learned from nor tested.",
        "See who gives the score by which a file of weights is chosen.",
    ),
    Decision(
        "leak",
        "The first die's folds were asked of all five dice's models, so most had met those tested.",
        "One `KFold` with seed 42, used for the models of all seeds.",
        "Ask each model about those whom it has not met.",
        "For each model, intersect who taught it with who tests it: nobody may be in both.",
    ),
    Decision(
        "shared",
        "Masks meant for a whole batch were each person's, or each moment's, inside the encoder.",
        "`batch_first` in the perceptron of time; plain dropout in that of leads.",
        "One mask for all of a batch, so that risks in it can be compared.",
        "Drop out with two equal people in a batch: they must stay equal.",
    ),
    Decision(
        "spread",
        "What stands behind the mean is the SD of the two folds, averaged over dice.",
        "The evaluation of the folds.",
        "The SD of all folds and dice; and say that their people are the same.",
        "Ask of every plus-minus: the SD of what, over what?",
    ),
    Decision(
        "null",
        "The heads' first streams of dice are the ones that are reported.",
        "Nowhere: it is planted here, to see what luck alone is worth.",
        "The second ones are; nothing else changes, and neither is better.",
        "Plant such a decision in your own list: if it is worth something, so is luck.",
    ),
)
