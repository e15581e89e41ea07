# %% [markdown]
# (chapter-audit)=
# # What each decision is worth
#
# {.hf-lead}
# A published score is the sum of many small decisions: who was counted twice, which epoch was kept,
# who had seen whom. Each of the three works has some that one would take otherwise today. This
# chapter takes them back, one by one and in every combination. **What was each of them worth, in
# the score that is reported and in the truth?**
#
# ```{chapter-card} 11_audit
# ```
#
# That a protocol has a fault is easily said and proves little. Some faults flatter, some are
# harmless, and some cost their authors a better result. Which are which can be measured, where the
# truth is known. This chapter will claim that
#
# - the thesis's protocol would report an AUROC of {claim}`audit.thesis.ends/published/reported:.3f`
#   of a network whose AUROC is {claim}`audit.thesis.ends/published/true:.3f`; values drawn from the
#   label are the largest part of that, copies of the same page the second;
# - the second work's choice of weights by those tested is worth
#   {claim}`audit.dual/chosen/share:+.3f` of C when it is taken back, and curves that are drawn of
#   people whom a model has met part more often than they should;
# - the third work's protocol reports what is so, and less than it could: mended, the same networks
#   report {claim}`audit.selfsup.ends/difference/reported:+.3f` of balanced accuracy, and most of
#   that is true of them;
# - a decision that changes nothing, planted among the others, is worth nothing within its interval,
#   in each of the three.
#
# You need {ref}`the thesis's stages <chapter-gnn>` and the two rivals, {ref}`attention
# <chapter-dual>` and {ref}`self-supervision <chapter-selfsup>`, at least in outline.

# %% tags=["parameters"]
profile = "book"
seed = 2025

# %%
import matplotlib.pyplot as plt
import pandas as pd

from hfgnn.pipeline import open_chapter
from hfgnn.plots.waterfall import waterfall

get, record, figure, table = open_chapter("11_audit", profile=profile, seed=seed)

# %% [markdown]
# ## How to weigh a decision
#
# Take one decision back, leave all others as they were, and see what the score does: that is its
# worth **alone**. Or take back all others first, and this one **last**. The two need not agree. A
# test that is full of copies is passed by memory, whatever else is mended; when the copies are
# gone, the next fault begins to matter. Neither number is wrong, and in general neither kind sums
# to the whole.
#
# A third number does. Mend the decisions in some order and note what each step changes; take the
# mean over all orders. With $v(S)$ the score when the set $S$ of $d$ decisions is mended, decision
# $i$ has the **share**
#
# $$
# \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(d - |S| - 1)!}{d!} \,\bigl[v(S \cup i) - v(S)\bigr],
# $$
#
# which Shapley proposed for players of a game who win something together {cite}`shapley1953`. The
# shares sum to the whole difference between the published protocol and the sound one, and who never
# changes anything has none. The price is that every set must be scored, two to the power of $d$ of
# them. We pay it: for the thesis's ten decisions {claim}`audit.thesis.sets:,d` protocols, for six
# of each rival {claim}`audit.dual.sets`.
#
# All sets are scored in {claim}`audit.thesis.repeats` **repeats**. A repeat draws people of its
# own, and the luck of training, the same for all of its sets; so it has a share of its own for
# every decision, and the spread of these gives an interval by Student's law, of other people and
# other luck at once. Beside what a protocol would **report** stands what is **true** of the very
# network that it would publish: its score among hundreds of newcomers who are measured, asked once
# each, and known to nobody.
#
# Trained on fewer people and for a shorter time than the originals, our networks are not theirs,
# and their scores need not be. What is kept is the protocol. All of it is recorded, by
# `hfgnn sweep audit-thesis`, `audit-dual` and `audit-selfsup`, in less than an hour of one core.
# Each build scores some sets of the first repeat again: as published, each decision mended alone,
# and all mended.

# %%
works = {"thesis": get("audit.thesis"), "dual": get("audit.dual"), "selfsup": get("audit.selfsup")}
for work, found in works.items():
    record(f"audit.{work}.sets", 2 ** len(found.decisions))
    record(f"audit.{work}.repeats", found.repeats)

# %% [markdown]
# Two small functions show what follows. One draws the way from the published protocol to the sound
# one, and beside it each share, of what is reported and of what is true. **A share says what it
# changes to mend a fault: where it is negative, the fault had flattered.**


# %%
def way(found, score):
    fig, axes = plt.subplots(1, 2, figsize=(5.4, 1.3 + 0.26 * len(found.decisions)), sharey=True,
                             width_ratios=(3, 2))  # fmt: skip
    waterfall(*axes, found.decisions, found.whole)
    axes[0].set_xlabel(f"{score}, from the top down")
    axes[1].set_xlabel("share")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


# %% [markdown]
# The other lists shares, with the interval behind each. Columns of ends are named as those of the
# numbers that they belong to, so that one rule finds them all.


# %%
def listed(frame, names):
    columns = {name: [f"{before}low", f"{before}high"] for name, before in names.items()}
    told = pd.DataFrame(index=frame.iloc[:, 0])
    for name, ends in columns.items():
        told[[name, f"{name}, low", f"{name}, high"]] = frame[[name, *ends]].to_numpy()
    return told, {name: (f"{name}, low", f"{name}, high") for name in names}


# %% [markdown]
# ## The thesis: a score that is not the network's
#
# Ten decisions, one of them planted. We expect the values to be worth most, since
# {ref}`they know the label <chapter-clinical>`, and that what is true of the network hardly moves:
# most of the faults are in the test.

# %%
thesis = works["thesis"]
about = "The thesis: from the published protocol to the sound one. Steps sum to the difference."
seen = "Bars step from the upper right far to the left at values; green marks stay where they are."
figure(way(thesis, "AUROC"), "audit.thesis.way", caption=about, alt=seen)
short, ends = listed(thesis.decisions, {"share": "", "alone": "alone ", "last": "last ",
                                        "true": "true "})  # fmt: skip
about = "The thesis's decisions, in AUROC: share, mended alone, mended last, share of the truth."
how = dict.fromkeys(short, "+.3f")
table(short, "audit.thesis", caption=about, formats=how, intervals=ends)

# %%
names = {"reported": "", "true": "true ", "gap": "gap ", "accuracy": "accuracy "}
short, ends = listed(thesis.whole, names)
about = "The thesis's protocol and the sound one: AUROC reported, true, their gap; accuracy."
how = dict.fromkeys(short, ".3f")
short = short.rename_axis("protocol")
table(short, "audit.thesis.ends", caption=about, formats=how, intervals=ends)

# %% [markdown]
# As published, the protocol reports {claim}`audit.thesis.ends/published/reported:.3f`, and
# newcomers are ranked with {claim}`audit.thesis.ends/published/true:.3f`: a gap of
# {claim}`audit.thesis.ends/published/gap:.3f`, in
# {claim}`audit.thesis.ends/published/gap!interval:.3f` ({numref}`fig-audit-thesis-way`,
# {numref}`tab-audit-thesis-ends`). With all decisions mended it reports
# {claim}`audit.thesis.ends/sound/reported:.3f` of a network that has
# {claim}`audit.thesis.ends/sound/true:.3f`, and the gap holds zero. **The network has hardly
# changed; the report has.**
#
# Two decisions make the difference. The others show what an audit is for: some that look grave are
# worth nothing here, some *cost* the published score ({numref}`tab-audit-thesis`). All places are
# in the published notebook {cite}`bouaoune2025`.
#
# values
# : *Published:* five clinical values are drawn at random from laws that depend on the label, in the
#   test as well (`add_clinical_features`). *Sound:* values that were measured; without any, none.
#   *Worth* {claim}`audit.thesis/values/share:+.3f`, in
#   {claim}`audit.thesis/values/share!interval:+.3f`. *To see it:* train on these columns alone;
#   what nobody measured must not tell the label.
#
# copies
# : *Published:* folders of {lit}`thesis.files` files, several times as many as the
#   {lit}`khan.sheets` sheets of the public collection {cite}`khan_ecg_images`, were dealt file by
#   file; names of files agree, and we infer the copies from that. *Sound:* each person once, on one
#   side. *Worth* {claim}`audit.thesis/copies/share:+.3f`, in
#   {claim}`audit.thesis/copies/share!interval:+.3f`. *To see it:* hash the files, and compare small
#   pictures of them, across all sides.
#
# distance
# : *Published:* near is told by {lit}`thesis.inputs` numbers side by side, the page's as they come,
#   five as z-scores (the cell that builds the graph). *Sound:* either modality has equal say.
#   *Worth* {claim}`audit.thesis/distance/share:+.3f`, in
#   {claim}`audit.thesis/distance/share!interval:+.3f`:
#   {ref}`the page drowns the values <chapter-graph>` unless each is weighed. *To see it:* divide
#   each modality's part of the squared distance by the whole.
#
# attached
# : *Published:* tested files are a graph of their own, so that what one is told depends on who else
#   is asked (the graph cell, run for each split). *Sound:* each newcomer is attached, alone, to the
#   graph that was trained on. *Worth* {claim}`audit.thesis/attached/share:+.3f`, in
#   {claim}`audit.thesis/attached/share!interval:+.3f`; nothing in the truth, since newcomers are
#   attached in either case. *To see it:* ask about one patient alone and among others; the answer
#   must be the same.
#
# pages
# : *Published:* {lit}`thesis.new_normals` new pages make the smaller class as large as the other,
#   all from its first page (the cell that balances; its loop never ends by itself, so there is no
#   second page). *Sound:* no new page; where classes must weigh alike, weigh them in the loss.
#   *Worth* {claim}`audit.thesis/pages/share:+.3f` in the report, in
#   {claim}`audit.thesis/pages/share!interval:+.3f`, but {claim}`audit.thesis/pages/true:+.3f` in
#   the truth, in {claim}`audit.thesis/pages/true!interval:+.3f`: newcomers are better off without
#   these pages, and the published test cannot see it. *To see it:* count from how many different
#   originals new pages come.
#
# direction
# : *Published:* a patient hears those who have chosen it, and one whom nobody chose hears nobody
#   (edges from `np.array(knn_graph.nonzero())`, which flow from the first row to the second).
#   *Sound:* each hears its own {lit}`thesis.neighbours` nearest. *Worth*
#   {claim}`audit.thesis/direction/share:+.3f`, in
#   {claim}`audit.thesis/direction/share!interval:+.3f`. *To see it:* count the edges that come in
#   to each node.
#
# epoch
# : *Published:* the network of epoch {lit}`thesis.epochs`, the last, is tested, whatever validation
#   says (the training loop keeps no other weights). *Sound:* the epoch of the lowest loss in
#   validation. *Worth* {claim}`audit.thesis/epoch/share:+.3f`, in
#   {claim}`audit.thesis/epoch/share!interval:+.3f`. *To see it:* see which weights the test has
#   loaded, and who chose them.
#
# order
# : *Published:* new pages are made first and {lit}`thesis.held_out:.0%` held out afterwards, so
#   that validation meets siblings of what was trained on (the cell named division). *Sound:* hold
#   out first. *Worth* {claim}`audit.thesis/order/share:+.4f`, in
#   {claim}`audit.thesis/order/share!interval:+.4f`: validation spoke in the published run, and
#   nobody asked it. *To see it:* look for pages of one original on both sides of the split.
#
# starts
# : *Published:* one training, from a start that nobody can have again; no seed is set. *Sound:* the
#   mean over several starts. *Worth* {claim}`audit.thesis/starts/share:+.4f`, in
#   {claim}`audit.thesis/starts/share!interval:+.4f`; it is not worth points but an interval. *To
#   see it:* run it twice.
#
# null
# : *Planted by us:* the reported start is the first; mended, it is the second, and neither is
#   better. *Worth* {claim}`audit.thesis/null/share:+.4f`, in
#   {claim}`audit.thesis/null/share!interval:+.4f`. *To see it:* plant one in your own list. If it
#   is worth something, so is luck.
#
# ## The second work: what few events can say
#
# The published score is a C of {lit}`dual.cindex_mi` among {lit}`dual.mi_people` people, of whom
# some {lit}`dual.mi_events` fall ill: {lit}`dual.fold_events` to learn from and as many to test on
# {cite}`chen2025`. Our small study has as many people; the encoder has learned once and stands
# still, and heads learn from what it says. Here only some of the decisions touch C. One touches
# what is called its error, one the curves, so the table has four scores: C as reported, the **SD**
# beside it, how often a log-rank test finds that the curves of the high and the low **part**, and
# the C that is true. We expect the choice of weights by those who are tested to be worth most.

# %%
dual = works["dual"]
about = "The second work: C, from the published protocol to the sound one."
seen = "One step right at folds, a long one left at chosen; green marks hardly differ."
figure(way(dual, "C"), "audit.dual.way", caption=about, alt=seen)
names = {"share": "", "alone": "alone ", "last": "last ", "true": "true ", "SD": "SD ",
         "parted": "parted "}  # fmt: skip
short, ends = listed(dual.decisions, names)
about = "The second work's decisions: share of C, mended alone, mended last, truth; SD; parted."
how = dict.fromkeys(short, "+.3f")
table(short, "audit.dual", caption=about, formats=how, intervals=ends)

# %%
names = {name: f"{name} " for name in ("true", "gap", "SD", "parted")}
short, ends = listed(dual.whole, {"reported": ""} | names)
about = "The second work's protocol and the sound one: C reported, true, their gap; SD; parted."
how = dict.fromkeys(short, ".3f")
short = short.rename_axis("protocol")
table(short, "audit.dual.ends", caption=about, formats=how, intervals=ends)

# %% [markdown]
# As published the protocol reports {claim}`audit.dual.ends/published/reported:.3f`, not far from
# the published number, of heads that have {claim}`audit.dual.ends/published/true:.3f`
# ({numref}`fig-audit-dual-way`, {numref}`tab-audit-dual`, {numref}`tab-audit-dual-ends`). The sound
# one reports {claim}`audit.dual.ends/sound/reported:.3f`, where
# {claim}`audit.dual.ends/sound/true:.3f` is true; the gap is
# {claim}`audit.dual.ends/sound/gap:+.3f`, in {claim}`audit.dual.ends/sound/gap!interval:+.3f`. A
# sound protocol is not an exact one: with so few events it is honest about being unsure.
#
# chosen
# : *Published:* where several files of weights exist, the one whose name has the highest C of those
#   tested is looked at (the notebooks that draw the curves). We take the strictest reading: of all
#   epochs the best is taken. *Sound:* people choose who are neither learned from nor tested.
#   *Worth* {claim}`audit.dual/chosen/share:+.3f`, in
#   {claim}`audit.dual/chosen/share!interval:+.3f`; alone {claim}`audit.dual/chosen/alone:+.3f`,
#   last {claim}`audit.dual/chosen/last:+.3f`. *To see it:* see who gives the score by which a file
#   of weights is chosen.
#
# folds
# : *Published:* two folds, with each of five dice. *Sound:* as many folds as leave most events to
#   learn from; here ten. *Worth* {claim}`audit.dual/folds/share:+.3f`, in
#   {claim}`audit.dual/folds/share!interval:+.3f`, as long as epochs are chosen by those tested;
#   last, when nobody is flattered, it is {claim}`audit.dual/folds/last:+.3f`. Heads that learn from
#   more events are a little better, {claim}`audit.dual/folds/true:+.3f`, in
#   {claim}`audit.dual/folds/true!interval:+.3f`, and the score of a single small fold swings more
#   widely, {claim}`audit.dual/folds/SD:+.3f`. *To see it:* count the events that one model has
#   learned from, and those that it is tested on.
#
# leak
# : *Published:* one `KFold` draws the curves of the models of all seeds, so most models are asked
#   about people whom they have met. *Sound:* each about those whom it has not. It changes no C. The
#   share of studies whose curves part goes by {claim}`audit.dual/leak/parted:+.3f`, in
#   {claim}`audit.dual/leak/parted!interval:+.3f`. *To see it:* for each model, intersect who taught
#   it with who is drawn; nobody may be in both.
#
# spread
# : *Published:* what stands behind the mean is the SD of two folds, averaged over dice,
#   {lit}`dual.pair_sd:.3f`; that of all folds is {lit}`dual.fold_sd:.3f`. *Sound:* the SD of all,
#   and the remark that their people are the same. *Worth* {claim}`audit.dual/spread/SD:+.3f` of SD,
#   in {claim}`audit.dual/spread/SD!interval:+.3f`, and nothing of C. *To see it:* ask of every
#   plus-minus: the SD of what, over what?
#
# shared
# : *Published:* masks that are meant for a whole batch are each person's, or each moment's, inside
#   the encoder (`batch_first` in one perceptron, plain dropout in the other). *Sound:* one mask for
#   all, so that risks in a batch can be compared. *Worth* {claim}`audit.dual/shared/share:+.3f`, in
#   {claim}`audit.dual/shared/share!interval:+.3f`, with an encoder that stands still. *To see it:*
#   drop out with two equal people in a batch; they must stay equal.
#
# null
# : *Planted by us:* heads have one stream of dice, or another. *Worth*
#   {claim}`audit.dual/null/share:+.3f`, in {claim}`audit.dual/null/share!interval:+.3f`. That
#   interval is the floor of this study: nothing smaller can be told from luck in it.
#
# ## The third work: faults that cost
#
# The third work reports balanced accuracy, the mean of the shares of ill and of well people who are
# called right, for a rare disease. Ours is the weak pump, seen in a picture of the heart, and not
# the infarction, which would need ten times as many people. Encoders compare looks at pictures and
# a head is put on top, as published {cite}`girlanda2024`. What do we expect? To count a rare
# disease twice moves the line, {ref}`as the chapter before last has shown <chapter-selfsup>`; the
# rest we could not foretell.

# %%
selfsup = works["selfsup"]
about = "The third work: balanced accuracy, from the published protocol to the sound one."
seen = "Bars step mostly to the right, longest at blind; green marks go along with the dark ones."
figure(way(selfsup, "balanced accuracy"), "audit.selfsup.way", caption=about, alt=seen)
names = {"share": "", "alone": "alone ", "last": "last ", "true": "true ", "AUROC": "AUROC "}
short, ends = listed(selfsup.decisions, names)
about = "The third work's decisions: share of balanced accuracy, alone, last, truth; AUROC."
how = dict.fromkeys(short, "+.3f")
table(short, "audit.selfsup", caption=about, formats=how, intervals=ends)

# %%
names = {"reported": "", "true": "true ", "gap": "gap ", "AUROC": "AUROC "}
short, ends = listed(selfsup.whole, names)
about = "The third work's protocol and the sound one: balanced accuracy, its gap; true AUROC."
how = dict.fromkeys(short, ".3f")
short = short.rename_axis("protocol")
table(short, "audit.selfsup.ends", caption=about, formats=how, intervals=ends)

# %% [markdown]
# Nothing in this protocol flatters: what it reports,
# {claim}`audit.selfsup.ends/published/reported:.3f`, is what is true,
# {claim}`audit.selfsup.ends/published/true:.3f` ({numref}`fig-audit-selfsup-way`,
# {numref}`tab-audit-selfsup`, {numref}`tab-audit-selfsup-ends`). But the sound one would report
# {claim}`audit.selfsup.ends/sound/reported:.3f`, and {claim}`audit.selfsup.ends/sound/true:.3f`
# would be true of it. **An audit is not only a hunt for points that were won by mistake.** Here
# {claim}`audit.selfsup.ends/difference/true:.3f` were lost, in
# {claim}`audit.selfsup.ends/difference/true!interval:+.3f`, which is about as much as the gain that
# the work reports, {lit}`mmssl.gain` points or per cent.
#
# blind
# : *Published:* what is called self-supervised meets as many well people as ill ones, chosen by
#   label (`ContrastiveECGDataset`, where it trains). *Sound:* it meets everybody. *Worth*
#   {claim}`audit.selfsup/blind/share:+.3f`, in {claim}`audit.selfsup/blind/share!interval:+.3f`: a
#   rare disease leaves few to meet, and pictures need no label. *To see it:* search the code of a
#   stage without labels for the word label.
#
# crop
# : *Published:* pre-training sees the heart cut out, the evaluation the whole picture
#   (`EvalImageDataset`). *Sound:* both see the same. *Worth*
#   {claim}`audit.selfsup/crop/share:+.3f`, in {claim}`audit.selfsup/crop/share!interval:+.3f`. *To
#   see it:* lay one picture of each stage side by side, as the network gets it.
#
# counted
# : *Published:* a file with as many ill people as well ones teaches the head, and weights of
#   {lit}`mmssl.light` and {lit}`mmssl.heavy` count in it as well. *Sound:* a rare disease counts
#   once, by a balanced file, or weights, or a threshold. *Worth*
#   {claim}`audit.selfsup/counted/share:+.3f`, in
#   {claim}`audit.selfsup/counted/share!interval:+.3f`; alone it is
#   {claim}`audit.selfsup/counted/alone:+.3f`, so beside the other faults nothing is seen of it. *To
#   see it:* look at the share of those who are called ill.
#
# frozen
# : *Published:* encoders that are called frozen learn on at a rate of {lit}`mmssl.slow`
#   (`Evaluator`: the lines that freeze are comments). *Sound:* freeze, and look. *Worth*
#   {claim}`audit.selfsup/frozen/share:+.3f`, in {claim}`audit.selfsup/frozen/share!interval:+.3f`,
#   and {claim}`audit.selfsup/frozen/true:+.3f` of the truth: to learn on helps a little. Weights
#   hardly move at such a rate, but batch norms follow the people that they meet. It is no fault to
#   do so, but to call it frozen. *To see it:* hash the encoder's file of weights before and after.
#
# epoch
# : *Published:* the last weights are tested; those of the best validation are kept and not loaded
#   (`evaluate.py`: the line that loads them is a comment). *Sound:* test what validation has
#   chosen. *Worth* {claim}`audit.selfsup/epoch/share:+.3f`, in
#   {claim}`audit.selfsup/epoch/share!interval:+.3f`: here a mistake that *helped*. Perhaps so
#   because those who validate are few, and a handful of them ill. *To see it:* see which file of
#   weights the test has loaded.
#
# null
# : *Planted by us:* the head has one stream of dice, or another. *Worth*
#   {claim}`audit.selfsup/null/share:+.3f`, in {claim}`audit.selfsup/null/share!interval:+.3f`.
#
# ## What all three have in common
#
# **A fault in the test moves the report, a fault in training moves report and truth.** Who is in
# the test, what is known of them and who chose by them leaves the network as it was, or nearly.
# Values, copies and the choice among epochs flatter so; the graph of the thesis's own test is a
# fault of that kind which does the opposite. What is done in training moves both, and nothing says
# in which direction: the third work's list is of that kind, and lost more than it won. A fault of
# the first kind makes a reader too hopeful, one of the second an author too modest, and both are
# worth an afternoon.
#
# **What looks worst need not be.** New pages from a single original, and made before the split, is
# what anybody would point at first. In the thesis's report they are worth
# {claim}`audit.thesis/pages/share:+.3f` and {claim}`audit.thesis/order/share:+.4f`. That its test
# hears a graph of its own *costs* it points.
#
# **A fault can wear another's clothes.** Ten folds instead of two are worth
# {claim}`audit.dual/folds/alone:+.3f` of C when nothing else is mended, and
# {claim}`audit.dual/folds/last:+.3f` when all else is. What they bring alone is the flattery of
# another fault: where fewer are tested, the best of all epochs is more a matter of luck. And so the
# choice of epochs is worth {claim}`audit.dual/chosen/alone:+.3f` alone and
# {claim}`audit.dual/chosen/last:+.3f` last. Whoever mends one fault and looks at the score has not
# yet seen what it was worth.
#
# ## Made again
#
# The shares come from records. In each build the first repeat is scored anew where one decision is
# mended alone, and at both ends; the differences are those of the column **alone**, in this one
# repeat. We expect the same numbers on the same machine, to the last bit, and on another one
# numbers that differ by what training differs there.

# %%
told = {}
for (work, found), name in zip(works.items(), ("thesis", "second", "third"), strict=True):
    record(f"audit.{work}.again", len(found.again))
    record(f"audit.{work}.apart", found.apart)
    told[name] = found.again.set_index("of").rename(columns={"then": "recorded", "now": "today"})
made = pd.concat(told)[["recorded", "today"]]
made.index = [f"{work}: {name}" for work, name in made.index]
about = "What the first repeat would report: as recorded, and as this build has made it again."
how = dict.fromkeys(made, ".4f")
table(made.rename_axis("mended"), "audit.again", caption=about, formats=how)

# %% [markdown]
# Made again were {claim}`audit.thesis.again`, {claim}`audit.dual.again` and
# {claim}`audit.selfsup.again` sets ({numref}`tab-audit-again`). Their scores differ from the
# recorded ones by {claim}`audit.thesis.apart:.6f`, {claim}`audit.dual.apart:.6f` and
# {claim}`audit.selfsup.apart:.6f` at most; a build in which they differed by more than some
# hundredths would refuse the record.
#
# ## A checklist for your own project
#
# Copy it into an issue or a pull request. Each line is a question that should have a yes; most had
# a no in one of the three works.
#
# ```markdown
# Data
# - [ ] Are all files different, by hash and by small pictures of them?
# - [ ] Was every input measured? Does no column, alone, tell the label better than it should?
# - [ ] Is the label what the title says?
#
# Split
# - [ ] Is each person on one side only, and everything made from that person too?
# - [ ] Were new examples made after the split, from many originals, and for training only?
# - [ ] Do you know how many events one model has learned from, and on how many it is tested?
#
# Training
# - [ ] Does each node hear whom it should? Count the edges that come in.
# - [ ] Does each modality have its say in a distance? Divide its part by the whole.
# - [ ] Does every stage see inputs of one kind? Lay them side by side.
# - [ ] Does a stage without labels never read a label?
# - [ ] Did what is called frozen stay, to the bit, weights and running means?
# - [ ] Is a rare class made to count once, and not twice?
# - [ ] Are equal people in a batch still equal after dropout, where they should be?
#
# Test
# - [ ] Were weights, epoch and threshold chosen by people who are neither taught nor tested?
# - [ ] Has the test loaded the weights that were chosen?
# - [ ] Is the answer about one person the same, whoever else is asked?
# - [ ] Has no model met anybody of whom its curves are drawn?
#
# Report
# - [ ] Does each number have an interval, of other people and of other starts?
# - [ ] Does each plus-minus say of what, and over what?
# - [ ] Is there a baseline without the new part, on the same people, in pairs?
# - [ ] Is there a ceiling, or a control that must come to nothing?
# - [ ] Is a planted decision worth nothing?
# ```
#
# ## What to keep in mind
#
# A share is an answer to one question: what this decision changes, among these others, with these
# networks and these people. With other faults beside it, it would be another. Our people are
# simulated, fewer than the originals, and the networks are small; shares of the second and third
# work say in which direction a fault goes and how it compares with luck here, not how many points
# the published numbers owe to it. That the thesis's folders hold copies is inferred, as said above.
# Intervals are of {claim}`audit.thesis.repeats` repeats and are not widened for being many: of some
# twenty decisions one may leave out zero by luck.
#
# ## Exercises
#
# ````{exercise-start} Nothing for order
# :label: audit-ex-order
# ````
# To hold out after making new pages is a fault that every course warns of, and here it is worth
# nothing. Why? Which other decision would have to be taken otherwise, in the published protocol,
# for it to matter?
# ````{exercise-end}
# ````
#
# ````{solution-start} audit-ex-order
# :class: dropdown
# ````
# It spoils validation and nothing else: the test is a folder of its own. The published run keeps
# the last epoch, so validation is printed and never asked; only where **epoch** is mended can
# **order** change which network is tested. Without new pages it cannot do even that. Had the thesis
# chosen anything by its validation score, or reported it, the fault would have counted.
# ````{solution-end}
# ````
#
# ````{exercise-start} The best of twenty
# :label: audit-ex-best
# ````
# A head has twenty epochs that are equally good, and the C of each, on the few who are tested, is
# off by an error of standard deviation $s$; suppose the errors independent. By how much does the
# best of them flatter, if $s$ is the published {lit}`dual.fold_sd:.3f`? Why is
# {claim}`audit.dual/chosen/alone:+.3f` less?
# ````{exercise-end}
# ````
#
# ````{solution-start} audit-ex-best
# :class: dropdown
# ````

# %%
import numpy as np

from hfgnn.seeding import rng
from hfgnn.train.small_study import PUBLISHED

draws = rng(seed, "exercise").normal(size=(20_000, 20))
best = draws.max(axis=1).mean()
record("audit.exercise.best", best)
record("audit.exercise.flatters", best * np.std(PUBLISHED))

# %% [markdown]
# The largest of twenty standard normal numbers is {claim}`audit.exercise.best:.2f` on average, so
# the best epoch would flatter by {claim}`audit.exercise.flatters:.3f`. Errors of neighbouring
# epochs are anything but independent: the people are the same and the weights nearly so. Twenty
# epochs are worth a few draws only.
# ````{solution-end}
# ````
#
# ````{exercise-start} How many repeats?
# :label: audit-ex-repeats
# ````
# The share of **pages** in what the thesis reports has an interval that holds zero. If its mean and
# spread stayed as they are, how many repeats would it take for the interval to leave zero out?
# ````{exercise-end}
# ````
#
# ````{solution-start} audit-ex-repeats
# :class: dropdown
# ````

# %%
row = thesis.decisions.set_index("decision").loc["pages"]
if thesis.repeats > 1:
    ratio = (row["high"] - row["low"]) / 2 / abs(row["share"])
    record("audit.exercise.repeats", thesis.repeats * ratio**2)

# %% [markdown]
# An interval's half width falls with the root of the number of repeats, so it takes the square of
# half width over mean times as many: {claim}`audit.exercise.repeats:.0f`. Some fewer would do,
# since Student's factor falls as well. Try it: `hfgnn sweep audit-thesis --seeds`, with that number
# behind it, makes them from nothing and writes them to `_build/sweeps/`; the record stays as it is.
# ````{solution-end}
# ````
