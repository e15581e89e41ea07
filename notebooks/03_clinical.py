# %% [markdown]
# (chapter-clinical)=
# # Five numbers that know the answer
#
# {.hf-lead}
# Before any network looks at an ECG, the thesis writes five clinical numbers beside each page: how
# well the heart pumps, how hard its muscle is stretched, how short of breath the patient is, the
# blood pressure and the age. This chapter asks one question of them. **If we had only these five
# numbers and no ECG at all, how well could we tell the sick from the normal?**
#
# One word must be clear before all others. **Sick does not mean heart failure here.** The pages of
# the thesis carry the labels infarction, abnormal, history of infarction, and normal; the first
# three are joined into one class against the fourth {cite}`bouaoune2025`. That class is what we
# call sick. Whether anyone in it had or developed heart failure, the published files do not say:
# there is no such outcome in them. The five variables are those a clinician looks at for heart
# failure; the labels are not.
#
# ```{chapter-card} 03_clinical
# ```
#
# The question has an exact answer, because the numbers were not measured. The ECG pages seem to
# come from a public collection {cite}`khan_ecg_images`: their file names match, and more than that
# we could not check. The clinical values are in no collection. The published code makes them: it
# looks at each page's label and draws five values from distributions chosen for that label
# {cite}`bouaoune2025`. Whoever knows the distributions can work out the best score that anyone,
# with any method, can reach on them.
#
# This chapter will claim that
#
# - the best possible classifier on the five variables has an AUROC of {claim}`clinical.best.auroc`
#   and, on a test with the thesis's proportions, an accuracy of {claim}`clinical.best.accuracy`;
# - the reported accuracy of {lit}`thesis.accuracy:.0%` lies below that, by more than the luck of a
#   single test explains;
# - therefore the reported accuracy cannot show that the ECG, or the graph, contributed anything. It
#   does not show that they contributed nothing, either.
#
# You need no more than the idea of a probability to follow. The words AUROC, sensitivity and
# specificity are in the {ref}`glossary`, the symbols in the {ref}`notation`.

# %% tags=["parameters"]
profile = "book"
seed = 2025

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from hfgnn.pipeline import open_chapter
from hfgnn.plots.laws import two_bars, two_laws
from hfgnn.plots.runs import runs
from hfgnn.plots.style import BEST, INK, NORMAL, REPORTED, RIVAL, SICK

get, record, figure, table = open_chapter("03_clinical", profile=profile, seed=seed)

# %% [markdown]
# ## The variables, exactly as published
#
# The thesis draws each variable in three steps. Take a value from the law that belongs to the
# patient's label. Move it to the nearest bound if it falls outside the allowed range; this is the
# clip. Round it. In symbols, for a patient with label $y$,
#
# $$
# x = \operatorname{round}\bigl(\operatorname{clip}(u, a, b)\bigr), \qquad u \sim F_y .
# $$
#
# The laws and the clips are in the code that the thesis published. The rounding is not stated
# anywhere. We infer it from the three patients that the thesis prints as examples: ejection
# fraction with three decimals, BNP and blood pressure with one, age in whole years. Whether the
# ages were rounded or cut off cannot be told from them; nothing below depends on it in a digit that
# we print.
#
# One package module, `hfgnn.world.clinical`, holds these laws, and the table is printed from it
# rather than typed.

# %%
from hfgnn.world.clinical import PUBLISHED
from hfgnn.world.clinical import REPORTED as THESIS

laws = pd.DataFrame({v.name: vars(v) for v in PUBLISHED}).T.rename_axis("variable")
laws["clip"] = [f"{v.low:g} to {v.high:g}" for v in PUBLISHED]
laws = laws.astype({"normal": str, "sick": str, "decimals": int})
about = "The five clinical variables as the thesis draws them, given the label."
table(laws[["unit", "normal", "sick", "clip", "decimals"]], "clinical.laws", caption=about)

# %% [markdown]
# Here N is the normal distribution with mean and standard deviation, and logN is its exponential,
# whose two parameters belong to the logarithm. The four probabilities of the NYHA class are those
# of its four grades, from no limits to breathlessness at rest. The directions are those of heart
# failure as a clinician knows it: weaker pumping, more BNP, more limits, lower pressure, higher
# age. The labels, though, are about infarction and abnormal pages, and many people with those have
# a strong pump and a quiet BNP; to give the whole class the values of heart failure was the
# thesis's choice. Nor does any clinic offer such a distance between two groups. In a ward the same
# ejection fraction is found in the sick and in the well, BNP rises with age and with failing
# kidneys, and the five values depend on one another. Here they are drawn apart from each other,
# which will matter in a moment.
#
# We expect ejection fraction and BNP to separate the classes almost alone, and the other three to
# overlap widely. Because each value is clipped and rounded, it can take only finitely many values,
# and each has an exact probability. The lumps of probability that the clips pile up on the bounds
# are part of that: they stand as pins in the picture.

# %%
fig, axes = plt.subplots(5, 1, figsize=(5.4, 8.6))
bins = {"EF": np.arange(0.2, 0.76, 0.0125), "BNP": np.geomspace(10, 2000, 41)}
bins |= {"SBP": np.arange(80, 181, 2.5), "age": np.arange(19.5, 91, 2)}
for ax, variable in zip(axes, PUBLISHED, strict=True):
    name, cells = variable.name, variable.cells()
    shares = (cells.values, cells.normal, cells.sick)
    two_laws(ax, *shares, bins[name], log=name == "BNP") if name in bins else two_bars(ax, *shares)
    ax.set_title(f"{name}, {variable.unit}")
about = "The laws of the five variables. Pins: the share of a class that a clip moves."
seen = (
    "Five panels. EF and BNP: two humps that barely overlap. NYHA, blood pressure and age: two "
    "humps that overlap widely. Small pins stand on some bounds."
)
figure(fig, "clinical.distributions", caption=about, alt=seen)

# %% [markdown]
# The first two panels of {numref}`fig-clinical-distributions` hold almost the whole story. The
# humps of ejection fraction and of BNP touch only at their feet; an eye can draw the line between
# them. Notice the pins: of the sick, {claim}`clinical.clip.ef` get the lowest ejection fraction
# that is allowed, because the law would have placed them lower still. A patient on that pin is
# certainly sick for any practical purpose, and an honest calculation must treat the pin as the lump
# it is and not as a density.
#
# ## One variable at a time
#
# The AUROC of a variable is the chance that it ranks a sick patient above a normal one, when one of
# each is picked at random. With the cells at hand it is a finite sum over pairs of values, ties
# counting one half:
#
# $$
# \operatorname{AUROC} = \sum_{i} f_1(x_i) \Bigl[\, \sum_{j<i} f_0(x_j) + \tfrac12 f_0(x_i) \Bigr].
# $$
#
# No patients are drawn and no chance is involved. From the picture we expect two variables far to
# the right, close to one, and three between a coin and a good test. We set the score of all five
# together beside them, although how it is found is explained only below.

# %%
best = get("clinical.ceiling")
alone = best.variables["as it is"]
for name, value in alone.items():
    record(f"clinical.alone.{name.lower()}", value)
gain = (best.variables["by likelihood ratio"] - alone).max()
record("clinical.alone.gain", round(gain, 9))  # what is left is noise of the sums
record("clinical.clip.ef", best.variables.loc["EF", "sick at low clip"])

# %%
fig, ax = plt.subplots(figsize=(5.4, 3.2))
shown = pd.concat([alone.sort_values(), pd.Series({"all five": best.auroc})])
for row, (name, value) in enumerate(shown.items()):
    colour, mark = (BEST, "D") if name == "all five" else (RIVAL, "o")
    ax.plot([0.5, value], [row, row], color=colour)
    ax.plot(value, row, mark, color=colour, markersize=8)
    ax.text(value - 0.015, row + 0.14, f"{value:.3f}", ha="right", color=INK)
ax.set_yticks(range(len(shown)), list(shown.index))
ax.set(xlim=(0.5, 1.01), xticks=[0.5, 0.75, 1], xlabel="AUROC, from a coin to a perfect ranking")
about = "The AUROC of each variable alone, and of the best possible use of all five."
seen = (
    "Six lines of growing length: blood pressure, NYHA and age end near three quarters; BNP, EF "
    "and all five together close to one."
)
figure(fig, "clinical.alone", caption=about, alt=seen)

# %% [markdown]
# {numref}`fig-clinical-alone` keeps the promise: ejection fraction alone ranks
# {claim}`clinical.alone.ef:.1%` of the pairs correctly, BNP {claim}`clinical.alone.bnp:.1%`, age
# {claim}`clinical.alone.age:.1%`, NYHA class {claim}`clinical.alone.nyha:.1%` and blood pressure
# {claim}`clinical.alone.sbp:.1%`.
#
# Could a cleverer use of a single variable do better, say by calling both very low and very high
# values suspicious? The best use of any measurement is to replace it by its likelihood ratio
# $\Lambda(x) = f_1(x)/f_0(x)$, the number of times more probable that value is among the sick. We
# computed the AUROC of each variable's own likelihood ratio as well. The largest gain was
# {claim}`clinical.alone.gain:.4f`, none at all: inside the clips every ratio rises or falls
# steadily with the variable, so the plain value is already the best score. That saves us a worry
# and loses nothing.
#
# ## The best possible classifier
#
# What is the best that can be done with all five? Neyman and Pearson settled this: no score ranks
# patients better than the likelihood ratio of everything that is known about them. For variables
# that are drawn apart from each other given the label, it is a product, and its logarithm is a
# plain sum of five tabulated numbers, one for each variable:
#
# $$
# S(x) = \log \Lambda(x) = \sum_{v=1}^{5} \log \frac{f_{1,v}(x_v)}{f_{0,v}(x_v)} .
# $$
#
# So the best classifier is a lookup table and an addition. It needs no training, has no settings,
# and no neural network, graph or transformer that sees the same five numbers can beat it. A
# clinician will recognise a risk score with points for each finding, except that here the points
# are exactly right.
#
# To know how it scores we need the distribution of $S$ in each class. The sum of independent parts
# has the convolution of their distributions. We place each variable's log ratio on a fine grid,
# convolve the five, and keep account of the rounding: each part moves by at most half a grid step,
# so $S$ moves by at most five halves, and only patients that close to a threshold, or pairs that
# close to each other, can change sides. Adding up their probability gives a bound
# of about {claim}`clinical.best.error`. It holds for the best AUROC and, at the two thresholds that
# follow, for sensitivity, specificity and accuracy. Numbers made from these further down inherit it
# and may magnify it, so we print them only as far as it does not reach; in the pictures a bar may
# have lost a little to its neighbour, and no eye would see it. Two solutions at the end use other
# thresholds or variables and state bounds of their own.
#
# Expect two hills, well apart, with a little traffic in the valley. Where to cut depends on how
# many sick patients come. The most accurate rule calls a patient sick when the posterior odds
# favour it, that is, when $S$ exceeds $\log\frac{1-\pi}{\pi}$, where $\pi$ is the share of the
# sick. With equal shares the threshold is zero. In the thesis's test folder {lit}`thesis.test_sick`
# of {lit}`thesis.test_pages` pages are sick, so benefit of the doubt goes to sickness and the
# threshold moves left.

# %%
law, cuts = best.scores.to_numpy().T, best.points["threshold"]
fig, axes = plt.subplots(2, 1, figsize=(5.4, 5.2))
for ax in axes:
    two_laws(ax, *law, law[0])
axes[0].set(xlim=(-22, 26), title="Two hills")
axes[1].set(xlim=(-6, 6), ylim=(0, 0.012), title="The valley between them, enlarged")
axes[1].set_xlabel("S, the logarithm of the likelihood ratio")
for name, side, line, shift in (("test", "right", "-", -0.12), ("equal", "left", ":", 0.12)):
    axes[1].axvline(cuts[name], color=INK, linestyle=line, linewidth=1.4)
    axes[1].text(cuts[name] + shift, 0.0105, name, ha=side, color=INK)
about = "The exact law of the best possible score, and the two most accurate thresholds."
seen = "Two hills, far apart. Enlarged, their feet cross near zero, beside two thresholds."
figure(fig, "clinical.scores", caption=about, alt=seen)

# %% [markdown]
# The valley in {numref}`fig-clinical-scores` is where every mistake is made, and it is nearly
# empty. Two numbers and one table say how nearly.

# %%
for name, row in {"accuracy": "test", "accuracy_equal": "equal"}.items():
    record(f"clinical.best.{name}", best.points.loc[row, "accuracy"])
record("clinical.best.auroc", best.auroc)
record("clinical.best.error", best.error)
points = best.points.rename_axis("proportions").drop(columns="error")
about = "The best possible classifier at its most accurate threshold."
table(
    points,
    "clinical.points",
    caption=about,
    formats=dict.fromkeys(points, ".4f") | {"threshold": ".2f"},
)

# %% [markdown]
# Its AUROC is {claim}`clinical.best.auroc`. At the test's proportions it is right in
# {claim}`clinical.best.accuracy` of all cases, at equal proportions in
# {claim}`clinical.best.accuracy_equal`. Its sensitivity at the first threshold is
# {claim}`clinical.points/test/sensitivity:.1%` and its specificity
# {claim}`clinical.points/test/specificity:.1%`: because the sick are more common in that test, the
# most accurate rule lets a few more of the normal be called sick.
#
# ## Two checks by other roads
#
# A result that rests on one calculation rests on one chance to be wrong. The first check draws
# patients, clips and rounds them, adds up the five log ratios of each, and counts. It shares the
# laws and the lookup table with the calculation above, but no convolution and no grid. We expect
# every exact value inside the interval of the drawn one, or just outside in one case of twenty.

# %%
drawn = get("clinical.sampled")
many = drawn.many.rename_axis("quantity")
many.insert(0, "exact", [best.auroc, *best.points["accuracy"]])
apart = ((many["estimate"] - many["exact"]).abs() / (many["high"] - many["low"])).max() * 3.92
record("clinical.sampled.apart", apart)
record(
    "clinical.one.auroc",
    drawn.one_auroc,
    n=THESIS.pages,
    interval=drawn.one_interval,
)
about = (
    "The exact values beside those counted on drawn patients, with ninety-five percent intervals."
)
table(many, "clinical.sampled", caption=about, formats=dict.fromkeys(many, ".4f"))

# %% [markdown]
# The largest distance in {numref}`tab-clinical-sampled` is {claim}`clinical.sampled.apart:.1f`
# standard errors. Nothing in it speaks against the convolution.
#
# A single test is a different matter. On one drawn test of the thesis's size the best possible
# classifier scored an AUROC of {claim}`clinical.one.auroc`, with a bootstrap interval of
# {claim}`clinical.one.auroc!interval`. Keep this width in mind when a paper reports one number from
# one test.
#
# The second check shares less: of the calculation above it keeps only the drawn patients. It comes
# from learners that know nothing of the laws and must find the rule from examples. All see the five
# variables only:
#
# - **logistic regression** on the standardised values, the simplest thing one would try;
# - **logistic regression with the logarithm of BNP and with squares**, which comes close to the
#   true form of $S$;
# - **gradient boosting**, trees that assume no form at all.
#
# Each is trained on {lit}`thesis.train_class` patients of either class, the size of the thesis's
# balanced training set, and tested on a fresh test of the thesis's size; all of that many times
# over, so that the spread over tests can be seen. Every learner is told the proportions of the
# test, so that none loses for want of that. Once, each also learns from a large sample and is
# tested on another; that one has as many normal as sick, so its accuracy belongs beside the ceiling
# for equal proportions, {claim}`clinical.best.accuracy_equal:.4f`, and not beside the means. We
# expect the second to touch the ceiling and the others to come close, below it on average: a
# ceiling that a learner passes, beyond chance, would be a wrong ceiling.

# %%
rivals = get("clinical.rivals")
by = rivals.runs.groupby("rival")[["AUROC", "accuracy"]]
large = rivals.large.add_suffix(", large and equal")
parts = [by.mean(), by.std().add_suffix(", spread"), large]
scores = pd.concat(parts, axis=1).sort_index(axis=1).loc[large.index]
about = (
    "Learners that see no ECG: mean and spread over repeated tests at the proportions of the "
    "thesis, and one large test with as many normal as sick."
)
table(
    scores.rename_axis("classifier"),
    "clinical.learners",
    caption=about,
    formats=dict.fromkeys(scores, ".4f"),
)

# %%
paired = rivals.runs.pivot(index="repeat", columns="rival", values="accuracy")
record("clinical.rivals.worst", scores["accuracy"].min())
best_mean, form_mean = paired[["best possible", "logistic, log and squares"]].mean()
record("clinical.rivals.short", best_mean - form_mean)
ties = large.loc["best possible"] - large.loc["logistic, log and squares"]
record("clinical.rivals.tie", ties.abs().max())
learned = scores.drop("best possible")
record("clinical.rivals.below_auroc", [best.auroc, learned["AUROC"].max()])
record(
    "clinical.rivals.below_accuracy",
    [best.points.loc["test", "accuracy"], learned["accuracy"].max()],
)
record("clinical.rivals.above", [learned["accuracy"].min(), THESIS.right / THESIS.pages])

# %%
reported, tops = THESIS.right / THESIS.pages, [best.auroc, best.points["accuracy"]["test"]]
fig, axes = plt.subplots(2, 1, figsize=(5.4, 5.0))
for ax, metric, top in zip(axes, by.mean(), tops, strict=True):
    runs(ax, {name: by.get_group(name)[metric].to_numpy() for name in scores.index}, ceiling=top)
    ax.set_title(metric)
axes[1].axvline(reported, color=REPORTED, linestyle="--")
axes[1].text(reported - 0.0008, 1.5, "reported,\nwith ECG", color=INK, ha="right", va="center")
axes[1].set_xlim(0.956, 1.001)
about = "Learners without ECG. Ticks: single tests; marks: means; solid line: the ceiling."
seen = (
    "Four means lie at the ceiling or left of it, that of gradient boosting the furthest; the "
    "reported accuracy lies further left still."
)
figure(fig, "clinical.rivals", caption=about, alt=seen)

# %% [markdown]
# No learner's mean in {numref}`fig-clinical-rivals` passes the ceiling. The ceiling and the highest
# mean stand {claim}`clinical.rivals.below_auroc` in AUROC and
# {claim}`clinical.rivals.below_accuracy` in accuracy. The two regressions come close to it: with
# the right form one gives away {claim}`clinical.rivals.short:.2%` of accuracy on average, and on
# the large sample in {numref}`tab-clinical-learners` it differs from the best by no more than
# {claim}`clinical.rivals.tie` in either measure. Boosting, which must find the form as well, is
# right in {claim}`clinical.learners/gradient boosting/accuracy:.1%` of the cases on average; the
# weakest of the three reaches {claim}`clinical.rivals.worst:.1%`. The regressions ask for no more
# than a table of patients and an afternoon.
#
# ## What the reported accuracy can show
#
# The thesis prints, for its test, a recall of {lit}`thesis.recall_sick` for the sick,
# {lit}`thesis.recall_normal` for the normal, and an accuracy of {lit}`thesis.accuracy`
# {cite}`bouaoune2025`. Only two pairs of whole numbers agree with all that it prints:
# {const}`thesis.right` right answers in all, or {const}`thesis.right_low`. We use the kinder
# reading. First the operating point: where do these two recalls lie among all thresholds of the
# best possible classifier?

# %%
roc = best.scores[["normal", "sick"]][::-1].cumsum()
sensitivity, specificity = THESIS.sick_right / THESIS.sick, THESIS.normal_right / THESIS.normal
fig, ax = plt.subplots(figsize=(5.4, 4.2))
ax.plot(roc["normal"], roc["sick"], color=BEST)
ax.text(0.045, 1.003, "best possible, no ECG", color=BEST, weight="semibold")
ax.plot(1 - specificity, sensitivity, "s", color=REPORTED, markersize=9)
ax.text(1.004 - specificity, sensitivity, "reported, with ECG", color=INK, va="center")
ax.set(xlim=(0, 0.15), ylim=(0.85, 1.01), xticks=[0, 0.05, 0.1, 0.15], yticks=[0.85, 0.9, 0.95, 1])
ax.set(xlabel="share of the normal called sick", ylabel="share of the sick called sick")
ax.grid(visible=True)
about = "The upper left corner of the ROC plane, with the operating point that is reported."
seen = "A curve climbs the left edge and bends into the top; the reported point lies below it."
figure(fig, "clinical.roc", caption=about, alt=seen)

# %% [markdown]
# The point lies below the curve in {numref}`fig-clinical-roc`. With as many false alarms, the best
# rule without an ECG would find more of the sick; finding as many of the sick, it would raise fewer
# false alarms. But the curve is exact and the point is one test. Could bad luck have moved it?
#
# The number of right answers on a test is a sum of coin tosses with known odds, so chance can be
# written down exactly. We expect the best classifier's count to vary by a handful of patients from
# test to test.

# %%
from hfgnn.evaluate.intervals import clopper_pearson, right_answers

n, right, sizes = THESIS.pages, THESIS.right, (THESIS.sick, THESIS.normal)
shares = best.points[["sensitivity", "specificity"]]
chance = right_answers(shares.loc["test"], sizes)
total = chance.cumsum()
usual = [int(np.searchsorted(total, share)) for share in (0.025, 0.975)]
record("clinical.chance.usual", usual, n=n)
record("clinical.chance.below", total[right])
record("clinical.reported.accuracy", right / n, n=n, interval=clopper_pearson(right, n))
record("clinical.reported.below", [best.points.loc["test", "accuracy"], right / n])

# %%
counts, tall = np.arange(868, n + 1), chance.max()
fig, ax = plt.subplots(figsize=(5.4, 3.2))
ax.bar(counts, chance[counts], color=BEST, width=0.75)
ax.text(
    usual[0] - 1, tall * 0.75, "best possible,\nno ECG", color=BEST, ha="right", weight="semibold"
)
ax.plot([right, right], [0, tall * 0.3], color=REPORTED, linestyle="--")
ax.plot(right, tall * 0.3, "s", color=REPORTED, markersize=9)
ax.text(right, tall * 0.36, "reported,\nwith ECG", color=INK, ha="center")
ax.set(yticks=[], xticks=[870, 880, 890, 900], xlabel=f"right answers of {n}")
about = "How often chance gives the best possible classifier each number of right answers."
seen = (
    "A narrow hill of bars; the reported number stands far to its left, where bars have no height."
)
figure(fig, "clinical.chance", caption=about, alt=seen)

# %% [markdown]
# In nineteen tests of twenty the best classifier's number of right answers lies in
# {claim}`clinical.chance.usual` ({numref}`fig-clinical-chance`). As few as the thesis reports, or
# fewer, would come up with a probability of {claim}`clinical.chance.below`. Turned around, the
# reported count is compatible with a true accuracy in {claim}`clinical.reported.accuracy!interval`
# (Clopper and Pearson's interval, ninety-five percent), and the ceiling without an ECG is not in
# there.
#
# Is the comparison fair? The best rule was told how many of the test are sick, and so were our
# learners. The thesis's network learned, as far as its outputs tell, from as many normal as sick,
# and nobody told it that its test would be different. So let us deny the rule that knowledge, too.

# %%
record("clinical.best.accuracy_untold", shares.loc["equal"] @ np.array(sizes) / n)
record("clinical.chance.below_untold", right_answers(shares.loc["equal"], sizes)[: right + 1].sum())

# %% [markdown]
# With its threshold at zero, as for equal shares, the best rule would be right in
# {claim}`clinical.best.accuracy_untold` of such a test, and as few right answers as reported, or
# fewer, would come up with a probability of {claim}`clinical.chance.below_untold`. That is more
# often than before, and still far too seldom to be luck. The conclusion stands.
#
# It is worth saying slowly what follows, and what does not.
#
# **It does not follow that the ECG is useless.** Pages may well carry information about these
# labels; that is what the chapters on pages and on fusion have to find out.
#
# **It does not follow that anything was reported wrongly.** We take the numbers as printed.
#
# **It follows that the reported accuracy is no evidence for the ECG or the graph.** A model that
# ignores both can reach more, and simple ones do: the weakest learner's mean accuracy and the
# reported one stand {claim}`clinical.rivals.above`. To show a contribution one would have to show
# that adding the page raises the score above what the five numbers give, on the same patients. No
# such comparison is reported, and with these numbers there is little room for one: the ceiling
# leaves {claim}`clinical.best.room` of accuracy to gain.
#
# **It suggests that something was lost on the way.** The network had the five numbers among its
# inputs and ended below them. Where that happened, whether in a distance dominated by many page
# features, in averaging over neighbours or in training, is a question for later chapters.
#
# Above all, the labels came first and the numbers second. In a clinic an ejection fraction is
# evidence about a disease; here it is an echo of the label. A model that reads it well has learned
# how the table was written.

# %%
record("clinical.best.room", 1 - best.points.loc["test", "accuracy"])

# %% [markdown]
# ## The same five numbers, from a heart
#
# The remedy is to turn the arrow round. {ref}`The chapter on the data <chapter-data>` makes people
# whose heart is known. The heart draws the ECG and the five values, each with the error of its
# instrument, and a fallible reader, who has seen the page and not the values, decides the label.
# Nothing is copied from the label any more: value and label resemble each other only as far as the
# same heart causes both.
#
# So we take the people of that chapter and write the five values beside each of them twice: drawn
# from the label as published, and measured on the heart. The learners are those of above, with the
# same settings. They learn from {claim}`clinical.hidden.people` people and are asked about
# {claim}`clinical.hidden.heart!n` others, the same for every row, so that rows can be compared. For
# the values from the label the best possible rule is known; for those from the heart we set beside
# them what somebody would score who sees the heart itself. We expect the first rows to repeat this
# chapter, and the others to look like a clinic.

# %%
hidden = get("clinical.hidden")
scores = hidden.scores.sort_values("drawn", ascending=False, kind="stable")
scores = scores.set_index(["drawn", "by"])
named = pd.Index([f"{by}, {drawn}" for drawn, by in scores.index], name="score")
about = "AUROC of the five values by where they came from, with ninety-five percent intervals."
formats = dict.fromkeys(("AUROC", "low", "high"), ".3f")
table(scores.set_index(named), "clinical.hidden", caption=about, formats=formats)
for name, drawn in (("label", "from the label"), ("heart", "from the heart")):
    row = scores.loc[(drawn, "logistic, log and squares")]
    record(f"clinical.hidden.{name}", row["AUROC"], n=hidden.test, interval=row[["low", "high"]])
record("clinical.hidden.top", scores.loc[("from the heart", "the heart itself"), "AUROC"])
record("clinical.hidden.people", hidden.train)

# %%
fig, ax = plt.subplots(figsize=(5.4, 3.6))
for row, (name, value) in enumerate(scores.set_index(named)[::-1].iterrows()):
    colour, mark = (SICK, "s") if "label" in name else (NORMAL, "o")
    ax.plot(value[["low", "high"]], [row, row], color=colour)
    ax.plot(value["AUROC"], row, mark, color=colour, markersize=8)
ax.set_yticks(range(len(scores)), list(named[::-1]))
ax.set(xlim=(0.5, 1.01), xticks=[0.5, 0.75, 1], xlabel="AUROC")
about = "The five values drawn from the label and measured on the heart; bars are intervals."
seen = "The rows from the label end close to one; five values from the heart lie far left."
figure(fig, "clinical.hidden_drawn", caption=about, alt=seen)

# %% [markdown]
# With the values drawn from the label a regression reaches {claim}`clinical.hidden.label:.3f`, as
# it should. With the same five values measured on the heart, the same regression on the same people
# reaches {claim}`clinical.hidden.heart:.3f`, in {claim}`clinical.hidden.heart!interval:.3f`. That
# is what five honest bedside values know about how a page will be filed: more than a little,
# because age, a weak pump and a scar go together, and far from all, because a bundle block need not
# show in any of them. Who sees the heart itself reaches {claim}`clinical.hidden.top:.3f`, and the
# distance between the two is the room in which an ECG could show what it is worth. With values
# drawn from the label there was none.
#
# ## What we saw, and its limits
#
# - Two of the five invented variables separate the classes nearly alone; all five together do so
#   with an AUROC of {claim}`clinical.best.auroc` and an accuracy of
#   {claim}`clinical.best.accuracy`.
# - Both are exact up to a stated error, agree with drawn patients, and are approached from below by
#   ordinary learners.
# - The reported accuracy lies below the best, so it is not evidence that the ECG or the graph
#   helped.
# - Measured on a simulated heart instead of drawn from the label, the five values reach an AUROC of
#   {claim}`clinical.hidden.heart:.2f` only, and leave room for an ECG.
#
# The limits are as plain. The chapter depends on the published code being the code that made the
# reported run; the thesis's own outputs suggest that some files came from earlier runs. The
# rounding is inferred. The test's pages probably hold repeated copies: that, too, is an inference,
# for the folders hold several times as many files as the collection that we take for their source,
# and we have not seen the pages themselves. The clinical values were drawn for each file
# separately, so the count of coin tosses stands either way. The two readings of the confusion
# matrix differ by one patient. How much the five values know when a heart is behind them depends on
# that heart's equations, most of which were chosen. And everything here concerns numbers that were
# drawn by a computer. Nothing in this chapter is clinical evidence about ejection fraction, BNP or
# anything else.
#
# ## Exercises
#
# ````{exercise-start} Change this number
# :label: clinical-ex-prevalence
# ````
# A screening clinic sees far fewer sick people than the thesis's test folder. Take one in twenty.
# What is the best possible accuracy now, and what would always saying "normal" score? Change the
# two counts and see when accuracy stops being worth reporting.
# ````{exercise-end}
# ````
#
# ````{solution-start} clinical-ex-prevalence
# :class: dropdown
# ````

# %%
from hfgnn.world.truth import CeilingParams, ceiling

sick, normal = 5, 95
clinic = ceiling(CeilingParams(sick=sick, normal=normal)).points.loc["test"]
record("clinical.exercise.lazy", normal / (sick + normal))
record("clinical.exercise.prevalence", clinic["accuracy"])
record("clinical.exercise.sensitivity", clinic["sensitivity"])
record("clinical.exercise.prevalence_error", clinic["error"])

# %% [markdown]
# The accuracy rises to {claim}`clinical.exercise.prevalence`, although the patients are no easier
# to tell apart: {claim}`clinical.exercise.lazy` would come from never calling anyone sick. The
# sensitivity tells the truth about the change: it is {claim}`clinical.exercise.sensitivity` now,
# since the most accurate rule has grown reluctant to call anyone sick. The grid can have moved
# either of the two by about {claim}`clinical.exercise.prevalence_error` at most. The AUROC has not
# moved, because it does not depend on the proportions.
# ````{solution-end}
# ````
#
# ````{exercise-start} Without the two strong ones
# :label: clinical-ex-weak
# ````
# Suppose ejection fraction and BNP had not been measured. How well can NYHA class, blood pressure
# and age do together, at best? Guess from {numref}`fig-clinical-alone` before you compute it.
# ````{exercise-end}
# ````
#
# ````{solution-start} clinical-ex-weak
# :class: dropdown
# ````

# %%
from hfgnn.world.truth import area, score_law

weak = score_law([v for v in PUBLISHED if v.name not in ("EF", "BNP")], step=1e-4)
record("clinical.exercise.weak", area(weak.normal, weak.sick))
record("clinical.exercise.weak_error", weak.auroc_error())

# %% [markdown]
# Together they reach an AUROC of {claim}`clinical.exercise.weak`, exact to about
# {claim}`clinical.exercise.weak_error`, and well above the {claim}`clinical.alone.age:.3f` of the
# best of them alone: three independent weak opinions make a fairly strong one. In real patients
# they would not be independent, and the gain could be smaller or larger: opinions that err together
# add little to each other, opinions that err in opposite directions add more.
# ````{solution-end}
# ````
#
# ````{exercise-start} A better network?
# :label: clinical-ex-luck
# ````
# A new network, fed with ECG pages and the five variables, gets {claim}`clinical.exercise.right`
# answers right on a test of the thesis's size. Has the ECG helped? Work out how often the best
# classifier *without* ECG does as well by chance.
# ````{exercise-end}
# ````
#
# ````{solution-start} clinical-ex-luck
# :class: dropdown
# ````

# %%
good = 898  # a little more than the best classifier without an ECG expects
record("clinical.exercise.right", good, n=n)
record("clinical.exercise.luck", chance[good:].sum())

# %% [markdown]
# It does so in {claim}`clinical.exercise.luck:.0%` of all tests, so the result is no surprise
# without any help from the ECG. The remedy is a larger test, or better, a paired comparison: both
# models on the same patients, where luck with the patients cancels.
# ````{solution-end}
# ````
