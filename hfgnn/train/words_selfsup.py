"""The third work's decisions in words, in the order of `protocol_selfsup.Protocol`."""

from hfgnn.train.audited import Decision

DECISIONS = (
    Decision(
        "counted",
        "A balanced file taught the head, and weights as the whole file asks for counted in it.",
        "Training files named balanced, and class weights of 1.02 and 47.86 beside them.",
        "Make a rare disease count once: a balanced file, or weights, or a threshold.",
        "Share of those who are called ill: twice counted, it is far above the disease's.",
    ),
    Decision(
        "frozen",
        "The configuration said frozen, and encoders went on learning at a rate of 1e-6.",
        "`Evaluator`: the lines that freeze are comments.",
        "Freeze, and look: not a weight and not a running mean may move.",
        "Hash the encoder's file of weights before and after.",
    ),
    Decision(
        "blind",
        "What was called self-supervised met as many well people as ill ones, chosen by label.",
        "`ContrastiveECGDataset`, where it trains.",
        "Meet everybody; whoever chooses by label has looked at the label.",
        "Search the code of a stage without labels for the word label.",
    ),
    Decision(
        "crop",
        "Pre-training saw the heart cut out, the evaluation the whole picture.",
        "`EvalImageDataset`, beside the contrastive one's fixed crop.",
        "Show both the same.",
        "Lay one picture of each stage side by side, as the network gets it.",
    ),
    Decision(
        "epoch",
        "The last weights were tested; that of the best validation was kept and not loaded.",
        "`evaluate.py`: the line that loads the best is a comment.",
        "Test what validation has chosen.",
        "See which file of weights the test has loaded.",
    ),
    Decision(
        "null",
        "The head's first stream of dice is the one that is reported.",
        "Nowhere: it is planted here, to see what luck alone is worth.",
        "The second one is; nothing else changes, and neither is better.",
        "Plant such a decision in your own list: if it is worth something, so is luck.",
    ),
)
