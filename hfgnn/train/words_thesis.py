"""The decisions of the thesis's protocol in words, in the order of `protocol_thesis.Protocol`."""

from hfgnn.train.audited import Decision

DECISIONS = (
    Decision(
        "pages",
        "1,576 new pages made the smaller class as large as the other, all from its first page.",
        "The cell that balances: its loop over `flow` never ends by itself, so no second page.",
        "No new page; where classes must weigh alike, weigh them in the loss.",
        "Count how many different originals the new pages come from.",
    ),
    Decision(
        "order",
        "Pages were made first, and 16 % held out afterwards: validation meets its own siblings.",
        "The cell named division, which splits the table that was balanced before.",
        "Hold out first; make new pages from training pages only.",
        "Look for pages of one original on both sides of the split.",
    ),
    Decision(
        "copies",
        "Folders of 4,064 files, four times as many as the public collection has sheets, "
        "were dealt file by file.",
        "The sizes of the folders, beside the 929 sheets of the collection; file names agree.",
        "Each person once, on one side.",
        "Hash the files, and compare small pictures of them, across all sides.",
    ),
    Decision(
        "values",
        "Five clinical values were drawn at random from laws that depend on the label, "
        "in the test as well.",
        "`add_clinical_features`.",
        "Values that were measured; without any, none.",
        "Train on these columns alone: what nobody measured must not tell the label.",
    ),
    Decision(
        "direction",
        "A patient heard those who had chosen it, and one whom nobody chose heard nobody.",
        "Edges from `np.array(knn_graph.nonzero())`, which flow from the first row to the second.",
        "Each hears its own five nearest.",
        "Count how many edges come in to each node: it must be five.",
    ),
    Decision(
        "distance",
        "Near was told by 512 numbers of the page as they came and five z-scores side by side.",
        "The graph cell: one table of 517 columns goes into the search for neighbours.",
        "Either modality has equal say: it varies by one in sum.",
        "Divide each modality's share of the squared distance by the whole.",
    ),
    Decision(
        "attached",
        "Tested files were a graph of their own, so what one is told depends on who else is asked.",
        "The graph cell, run once for each split.",
        "Each newcomer is attached, alone, to the graph that was trained on.",
        "Ask about one patient alone and among others: the answer must be the same.",
    ),
    Decision(
        "epoch",
        "The network of the thirtieth epoch was tested, whatever validation said of it.",
        "The training loop, which keeps no weights but the last.",
        "The epoch of the lowest loss in validation.",
        "See which weights the test has loaded, and who chose them.",
    ),
    Decision(
        "starts",
        "One training was reported, from a start that nobody can have again.",
        "No seed is set anywhere.",
        "Report the mean over several starts, and how far they lie apart.",
        "Run it twice.",
    ),
    Decision(
        "null",
        "The first start of the network is the one that is reported.",
        "Nowhere: it is planted here, to see what luck alone is worth.",
        "The second one is; nothing else changes, and neither is better.",
        "Plant such a decision in your own list: if it is worth something, so is luck.",
    ),
)
