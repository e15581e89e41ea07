# %% [markdown]
# (chapter-patient)=
# # What would you tell one new patient?
#
# {.hf-lead}
# So far the book has judged models by crowds. Now somebody sits down in front of you, with an ECG
# page and five values. The model was trained last week and the graph is what it is. **What would
# you tell this one person, how sure would you be, and why?**
#
# ```{chapter-card} 07_patient
# ```
#
# This is the thesis's last stage. It asks more of a model than a good score. The answer must not
# depend on who else comes in that day. The chance must be one that can be taken at its word. Where
# the model cannot tell, it should say so. And whoever asks why deserves an answer that has been
# checked. This chapter will claim that
#
# - a new patient can be asked about without rebuilding the graph: the answer differs from that of
#   the whole graph by {claim}`patient.one.apart:.6f`, and the answers of all others move by
#   {claim}`patient.others.moved:.6f`;
# - of {claim}`patient.fresh.judged:,d` simulated people who are new to the model, a set that should
#   hold the truth for {const}`patient.promise:.0%` of them holds it for
#   {claim}`patient.fresh.covered:.1%`, and the calibrated chances have a slope of
#   {claim}`patient.fresh.slope:.2f`, where one is perfect;
# - with the neighbours held as they are, a clinical value hardly moves the answer, by
#   {claim}`patient.parts.values:.4f` in log odds on average. It moves it by
#   {claim}`patient.anew.values:.2f` where the neighbours are chosen anew. In this network the
#   values speak through the company that they bring.
#
# You need {ref}`the chapter on the graph <chapter-graph>` for who hears whom and
# {ref}`the one on the network <chapter-gnn>` for what is done with it. Nothing here is advice for
# anybody's health: the people are simulated, and so is what they suffer from.

# %% tags=["parameters"]
profile = "book"
seed = 2025

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from hfgnn.features.fuse import CLINICAL
from hfgnn.pipeline import open_chapter
from hfgnn.plots.graphs import network
from hfgnn.plots.style import BEST, GRID, INK, MUTED, NORMAL, PAPER, RIVAL, SICK

get, record, figure, table = open_chapter("07_patient", profile=profile, seed=seed)

# %% [markdown]
# ## Three patients of the thesis
#
# The published notebook ends with three demonstrations {cite}`bouaoune2025`. A file is named, five
# values are typed in, and the network says *Malade* or *Normal*.
#
# | | `MI(100)` | `Normal(90)` | `Normal(248)` |
# |---|---|---|---|
# | EF, a fraction | {lit}`thesis.demo.ef_a` | {lit}`thesis.demo.ef_b` | {lit}`thesis.demo.ef_c` |
# | BNP, pg/mL | {lit}`thesis.demo.bnp_a` | {lit}`thesis.demo.bnp_b` | {lit}`thesis.demo.bnp_c` |
# | NYHA class | {lit}`thesis.demo.nyha_a` | {lit}`thesis.demo.nyha_b` | {lit}`thesis.demo.nyha_c` |
# | SBP, mmHg | {lit}`thesis.demo.sbp_a` | {lit}`thesis.demo.sbp_b` | {lit}`thesis.demo.sbp_c` |
# | age, years | {lit}`thesis.demo.age_a` | {lit}`thesis.demo.age_b` | {lit}`thesis.demo.age_c` |
# | said | sick | normal | normal |
#
# All three are right, and three are too few to say more. How they are asked is worth a look. Every
# demonstration prints the name of the first file. The scaler, the encoder of the labels and the
# network are loaded from the folder of another run than the features beside them. And the patient
# is put into a graph of {lit}`thesis.read_val` files that is built again from nothing, with edges
# that run from a patient to those whom it chose. In that direction a newcomer hears those who chose
# *it*, and that is often nobody at all; {ref}`the chapter on the graph <chapter-graph>` counts how
# often. What looks like the use of a graph is then a network that looks at one patient alone.
#
# We do it the other way round. A newcomer hears its own five nearest among the training people, and
# nobody hears the newcomer. The graph of the others stays as it is.
#
# ## One patient
#
# The people of {ref}`the chapter before <chapter-gnn>`, each there once and with values measured on
# a heart, are dealt into three parts. {claim}`patient.people.train` train the network,
# {claim}`patient.people.validation` say when to stop, and {claim}`patient.people.own` are kept to
# calibrate: the network has not learned from them. One of these shall be our patient, and so that
# nobody can choose a pretty one, by a rule: the one with the median chance, whom the model finds
# less suspicious than one half of them and more so than the other. First the page that this person
# brings.

# %%
from hfgnn.train.patient import PatientParams, ask, chances, in_words, raw_of, strange

model, people, one = get("patient.shipped"), get("thesis.pages"), get("patient.worked")
person, page = people.table.loc[one.row], people.seen["ecg"][one.row]
own, train = len(model.own), len(model.people)
record("patient.people.train", train)
record("patient.people.validation", len(people.table) - own - train)
record("patient.people.own", own)
fig, ax = plt.subplots(figsize=(5.4, 3.85))
ax.imshow(one.sheet, interpolation="none")
ax.axis("off")
about = "The page that our patient brings."
seen = "A printed ECG page: ruled paper, a letterhead, rows of traces from side to side."
figure(fig, "patient.sheet", caption=about, alt=seen)

# %% [markdown]
# And here is the whole answer, in one call. Of all people {claim}`patient.people.sick:.0%` are
# sick, and the rule has picked somebody from the middle, so we expect neither a yes nor a no.

# %%
answer = ask(model, page, person[list(CLINICAL)].to_numpy(float))
words = in_words(answer)
record("patient.people.sick", people.table["sick"].mean())
record("patient.one.raw", answer.raw)
record("patient.one.chance", answer.chance)
record("patient.one.set", words["set"])
record("patient.one.class", person["class"])
near = answer.neighbours.assign(filed=answer.neighbours["class"])
near.index = pd.Index(["nearest", "second", "third", "fourth", "fifth"], name="neighbour")
shown = near[["filed", "age", "ef", "bnp", "nyha", "sbp", "distance", "page"]]
formats = {"ef": ".2f", "bnp": ".0f", "sbp": ".0f", "distance": ".2f", "page": ".0%"}
about = "The five people whom our patient hears; `page` is its share of the squared distance."
table(shown, "patient.neighbours", caption=about, formats=formats)

# %% [markdown]
# The network's own chance is {claim}`patient.one.raw:.2f`; calibrated, it is
# {claim}`patient.one.chance:.2f`. The set of answers that is made to hold the truth for nine of ten
# people holds: **{claim}`patient.one.set`**. The page was filed under
# {claim}`patient.one.class`, which the model did not know. How chance and set were made honest is
# told further down; the command at the end of the chapter answers with the same model.
#
# {numref}`tab-patient-neighbours` tells who is near and why. Distance has two parts, one from the
# page and one from the values, and both were given
# {ref}`equal say <chapter-graph>`. Where the page's share is large, the two ECGs are what keeps the
# two people apart, and their values are alike; where it is small, it is the other way round. The
# drawing shows the same five, and behind them the people whom they hear in their turn.

# %%
speaks, hears = answer.graph.edges
ring = speaks[hears == 0]
at, turn = {0: (0.0, 0.0)}, 2 * np.pi * np.arange(len(ring)) / len(ring)
for angle, node, far in zip(turn, ring, near["distance"], strict=True):
    at[node] = (far * np.cos(angle), far * np.sin(angle))
for angle, node in zip(turn, ring, strict=True):
    others = [other for other in speaks[hears == node] if other not in at]
    for step, other in enumerate(others):
        bent = angle + (step - (len(others) - 1) / 2) * 0.22
        at[other] = (1.9 * np.cos(bent), 1.9 * np.sin(bent))

# %%
number = {node: place for place, node in enumerate(at)}
kept = [(number[s], number[h]) for s, h in zip(speaks, hears, strict=True) if h in {0, *ring}]
sick = np.asarray(answer.graph.y)[list(at)] | (np.arange(len(at)) == 0)
fig, ax = plt.subplots(figsize=(5.4, 4.2))
network(ax, list(at.values()), np.array(kept).T, sick, marked=np.arange(len(at)) == 0)
plt.setp(ax.lines, color=MUTED, linewidth=0.9)
plt.setp(ax.collections, sizes=[70])
ax.plot(0, 0, "D", color=BEST, markersize=13)
ax.text(0, -0.3, "newcomer", color=INK, ha="center", weight="semibold")
ax.legend(loc="upper left", bbox_to_anchor=(0.95, 1))
about = "The newcomer, the five who are heard, as far away as they are, and whom these hear."
seen = "A diamond in the middle, five nodes around it, and an outer ring of more, of both labels."
figure(fig, "patient.graph", caption=about, alt=seen)

# %% [markdown]
# A network of two layers passes messages over two steps, so the answer depends on the people in
# {numref}`fig-patient-graph` and on nobody else, except that a message is divided by how many its
# sender hears. That is why asking is quick: the package runs the network on this handful and leaves
# the rest of the graph alone. It should be the same answer as that of the whole graph
# with the newcomer in it. And nobody else's answer should move. Both are easily checked.

# %%
from hfgnn.graph.attach import attach

raw = raw_of(people, "ecg")[[one.row]]
record("patient.one.apart", float(abs(chances(model, raw)[0] - answer.raw)))
z = (raw - model.scales["mean"]) / model.scales["sd"]
arrives = attach(model.near, (raw - model.scales["mean"]) / model.scales["reach"])
before = model.network.predict_proba(model.x, model.edges)
after = model.network.predict_proba(np.vstack([model.x, z]), np.hstack([model.edges, arrives]))
record("patient.others.moved", float(abs(after[:-1] - before).max()))

# %% [markdown]
# The two ways of asking differ by {claim}`patient.one.apart:.6f`, and the largest change of another
# person's chance is {claim}`patient.others.moved:.6f`. In the thesis's rebuilt graph a newcomer
# pushes itself between others and can change what is said of them.
#
# ## What moved the answer?
#
# There are two honest ways to ask. The first holds the graph fixed and divides the answer among its
# inputs. **Integrated gradients** {cite}`sundararajan2017` start at an average person to whom
# nobody speaks (the divisors stay as they are), walk in a straight line to our patient, and give
# each input the slope that it meets on the way:
#
# $$
# a_i = x_i \int_0^1 \frac{\partial f(t x)}{\partial x_i} \, dt ,
# $$
#
# with $f$ the logarithm of the odds of being sick, and the edges treated as inputs, too. The parts
# add up to the whole change of $f$; on the people below they miss it by
# {claim}`patient.deletion.short:.3f` at most, because the integral is a sum of finitely many steps.
# We add up what belongs together: each of the five values, the page as a whole, each neighbour with
# all that it brings, and the people farther away.
#
# The second way asks again. Replace a value by that of an average person, let the neighbours be
# chosen anew, and see how the answer changes. We expect the two ways to disagree, since only the
# second one notices that a value also decides who sits next to whom.

# %%
told = one.moved.set_index("part")[::-1]
fig, axes = plt.subplots(2, 1, figsize=(5.4, 5.6), height_ratios=(2, 1), sharex=True)
for ax, name in zip(axes, ("moved", "anew"), strict=True):
    by = told[name].dropna()
    ax.barh(by.index, by, color=np.where(by > 0, SICK, NORMAL))
    ax.axvline(0, color=MUTED, linewidth=0.8)
axes[0].set_title("With the neighbours as they are")
axes[1].set_title("Asked again, neighbours chosen anew")
axes[1].set_xlabel("change of the log odds; to the right: towards sick")
about = "What moved our patient's answer, in two ways of asking."
seen = (
    "Above, bars for neighbours and none to speak of for values. Below, bars for values and page."
)
figure(fig, "patient.moved", caption=about, alt=seen)

# %% [markdown]
# They disagree indeed ({numref}`fig-patient-moved`). In the upper panel the five values have no
# bar that an eye could see, and the page a small one; nearly all of the answer comes from the five
# neighbours and from those behind them. In the lower panel every value has a bar, some longer than
# the page's, because each changes the company. Is that our patient, or the network? The
# same two questions, put to {claim}`patient.deletion.people` people who did not train it, give the
# average sizes.

# %%
deletion = get("patient.deletion")
fixed, anew = deletion.parts.abs().mean(), deletion.anew.abs().mean()
record("patient.deletion.people", len(deletion.parts))
record("patient.deletion.short", deletion.short)
record("patient.parts.values", fixed[list(CLINICAL)].mean())
record("patient.parts.page", fixed["page"])
together = deletion.parts.filter(like="neighbour").sum(axis=1)
record("patient.parts.neighbours", together.abs().mean())
record("patient.parts.rest", fixed["farther away"])
record("patient.anew.values", anew[list(CLINICAL)].mean())
record("patient.anew.page", anew["page"])
still = deletion.anew["bnp"].abs() < 0.01
record("patient.anew.still", still.mean(), n=len(still))

# %% [markdown]
# With the graph held fixed a clinical value moves the log odds by {claim}`patient.parts.values:.4f`
# on average, the page by {claim}`patient.parts.page:.2f`, and the five neighbours together by
# {claim}`patient.parts.neighbours:.2f`, those behind them by {claim}`patient.parts.rest:.2f`. Asked
# again, a value moves them by {claim}`patient.anew.values:.2f` and the page by
# {claim}`patient.anew.page:.2f`. That is an average of nothing and of a lot: for
# {claim}`patient.anew.still:.0%` of the people another BNP moves them by less than a hundredth.
#
# The reason lies in the arithmetic of the layer. It divides a patient's own numbers by six, as it
# does those of each neighbour, and it does so twice; beside {const}`gnn.numbers` numbers of a page
# five values weigh little to begin with. In the *distance*, though, the five have as much say as
# the whole page. So this network listens to the values mostly by way of whom they seat beside the
# patient. Somebody who looked at the first picture alone would conclude that ejection fraction does
# not matter. That would be a wrong story about a right calculation.
#
# For the page we can ask where. Cover one cell of it after the other with blank paper, read it
# again and ask again. A cell that matters should lie on a trace.

# %%
fig, ax = plt.subplots(figsize=(5.4, 3.9))
(height, width), most = one.sheet.shape[:2], abs(one.cover).max()
ax.imshow(one.sheet.mean(axis=2), cmap="gray", alpha=0.55, interpolation="none")
colours = sns.blend_palette([NORMAL, PAPER, SICK], as_cmap=True)
drawn = {"cmap": colours, "vmin": -most, "vmax": most, "alpha": 0.45}
ax.imshow(one.cover, extent=(0, width, height, 0), interpolation="nearest", **drawn)
ax.axis("off")
record("patient.cover.most", one.cover.max())
record("patient.cover.least", one.cover.min())
record("patient.cover.corner", one.cover[0, -1])
about = "What each cell of the page does to the answer: red moves it towards sick, blue away."
seen = "The page in grey under a coarse chequer; strong cells lie on traces and on empty paper."
figure(fig, "patient.cover", caption=about, alt=seen)

# %% [markdown]
# The largest change towards sick that any cell of {numref}`fig-patient-cover` holds is
# {claim}`patient.cover.most:.2f`, the largest away from it {claim}`patient.cover.least:.2f`. The
# expectation fails: the upper right corner, which no trace enters, moves the answer by
# {claim}`patient.cover.corner:.2f`. Many cells share the same few changes, since covering anything
# can exchange the same neighbour for another, and a covered cell is a kind of page that the
# backbone has never met. The picture shows how easily the company changes, and hardly where a
# doctor would look.
#
# ## Does the explanation hold?
#
# A picture of importance convinces everybody and proves nothing. The check is to take away what is
# said to matter. If the parts that moved the answer most are removed, values and page replaced by
# the average, edges cut, the answer should move further than when as many random parts are removed.
# There is a harder rival, too: the parts that matter most *for another patient*. Who beats random
# parts may only know that neighbours matter in general; who beats another's has read this patient.

# %%
mean = deletion.people.groupby(["taken", "by"])["change"].mean().unstack()
gains = deletion.gains.pivot(index="taken", columns="against", values=["low", "high"])
for rival in ("another's", "random"):
    mean[f"ahead of {rival}, low"] = gains["low", rival]
    mean[f"ahead of {rival}, high"] = gains["high", rival]
best = deletion.gains[deletion.gains["against"] == "random"].iloc[-1]
hard = deletion.gains[deletion.gains["against"] == "another's"].iloc[-1]
record("patient.deletion.gain", best["mean"], interval=best[["low", "high"]])
record("patient.deletion.harder", hard["mean"], interval=hard[["low", "high"]])
mean.index = pd.Index(["one", "two", "three"], name="parts taken")
about = "Mean change of the log odds when parts are taken, and intervals of paired differences."
table(mean, "patient.deletion", caption=about, formats=dict.fromkeys(mean, ".2f"))

# %% [markdown]
# Taking the three parts that are ranked first moves the log odds further than three random ones do,
# by {claim}`patient.deletion.gain:.2f` on average, in {claim}`patient.deletion.gain!interval:.2f`
# (ninety-five percent, the same people). That rival is an easy one, since the values among the
# parts do next to nothing here. {numref}`tab-patient-deletion` shows the harder rival as well: with
# three parts taken the explanation is ahead of another patient's by
# {claim}`patient.deletion.harder:.2f`, in {claim}`patient.deletion.harder!interval:.2f`. So it says
# something true of this network and this patient. It does not say that the network is right.
#
# ## Can the chance be taken at its word?
#
# A network's own chances are seldom honest, and those of one that was stopped early are not either.
# **Platt's line** {cite}`platt1999` mends them: the log odds are multiplied by a slope and moved by
# an intercept, and the two numbers are chosen to fit people whom the network has not learned from.
#
# A **conformal set** {cite}`vovk2022` makes another promise. It holds every answer that is not
# stranger than a limit, and the limit is chosen so that for
# {const}`patient.promise:.0%` of the people the true answer is in the set. Sets may hold both
# answers: the model cannot tell. They could hold none. We set one limit for the normal and one for
# the sick, so that the promise is kept *within each class*, also where one of them is rare. A
# single limit would keep the promise on average by being lavish to the larger class. The promise
# needs one thing only: that the new people come from where the calibration people came from.
#
# Both promises speak of many people, so they are tested on many: {claim}`patient.fresh.people:,d`
# newly simulated people, whom no part of the book has met. To print their pages takes a quarter of
# an hour, so what the model said of them was recorded once, with date and device, by
# `hfgnn record patient`; the numbers of this section come from: {claim}`patient.fresh.source`. Each
# build prints {claim}`patient.fresh.again` of them again. The largest difference of their chances
# from the recorded ones is {claim}`patient.fresh.apart:.6f`.
#
# Of the new people, {claim}`patient.fresh.calibrate:,d` calibrate and
# {claim}`patient.fresh.judged:,d` are judged. The answers of this chapter and of the command use
# that calibration. Beside it stands what the model had on its own, the
# {claim}`patient.people.own` people of its calibration part. We expect both to be near the promise,
# the few with more luck, good or bad.

# %%
fresh = get("patient.fresh")
judged = fresh.people["judged"]
record("patient.fresh.source", "a record" if fresh.how else "a sample made just now, no record")
record("patient.fresh.people", len(judged))
record("patient.fresh.judged", int(judged.sum()))
record("patient.fresh.calibrate", int((~judged).sum()))
record("patient.fresh.again", fresh.again)
if fresh.apart is not None:
    record("patient.fresh.apart", fresh.apart)
named = fresh.coverage["calibrated"] + ", " + fresh.coverage["group"]
sets = fresh.coverage.set_index(pd.Index(named, name="calibrated on, judged on"))
sets = sets[["covered", "low", "high", "size", "both", "none", "n"]]
about = "How often the sets hold the truth, with exact intervals; how large and how vague they are."
formats = dict.fromkeys(("covered", "low", "high", "both", "none"), ".1%")
table(sets, "patient.coverage", caption=about, formats=formats | {"size": ".2f", "n": ",.0f"})

# %%
record("patient.fresh.redrawn", len(fresh.luck))
lines, miss = fresh.calibration.set_index("calibrated"), PatientParams(seed).miss
whole = sets.loc["fresh people, all"]
record("patient.fresh.covered", whole["covered"], interval=whole[["low", "high"]])
record("patient.fresh.vague", whole["both"])
apart = (sets.loc[["fresh people, normal", "fresh people, sick"], "covered"] + miss - 1).abs()
record("patient.fresh.worst", apart.max())
record("patient.fresh.slope", lines.loc["fresh people", "slope"])
record("patient.fresh.intercept", lines.loc["fresh people", "intercept"])
for name, column in (("slopes", "slope"), ("shares", "covered")):
    drawn = fresh.luck[column]
    record(f"patient.fresh.{name}", drawn.mean(), interval=drawn.quantile([0.025, 0.975]))
about = "Calibration, judged on the same people; slope one and intercept zero are perfect."
table(lines, "patient.calibration", caption=about, formats=dict.fromkeys(lines, ".3f"))

# %% [markdown]
# Calibrated on the fresh people, the sets hold the truth for {claim}`patient.fresh.covered:.1%`, in
# {claim}`patient.fresh.covered!interval:.1%`, of those who are judged, for
# {claim}`patient.coverage/fresh people, normal/covered:.1%` of the normal and for
# {claim}`patient.coverage/fresh people, sick/covered:.1%` of the sick. With its own few people the
# model covers {claim}`patient.coverage/own people, normal/covered:.1%` and
# {claim}`patient.coverage/own people, sick/covered:.1%`: limits that hang on
# {claim}`patient.people.own` people carry these people's luck to everyone who comes after. The
# intervals count the luck of who is judged, not of who calibrates. What the promise costs is in the
# column `both`: of {claim}`patient.fresh.vague:.0%` of the people the model says that it cannot
# tell. That is no fault of the sets. It is how much page and values leave open.
#
# The slope of the calibrated chances is {claim}`patient.fresh.slope:.2f` and their intercept
# {claim}`patient.fresh.intercept:.2f`. The network's own slope was
# {claim}`patient.calibration/not at all/slope:.2f`, nearer to one: what the line has mended is the
# intercept, which was {claim}`patient.calibration/not at all/intercept:.2f`. A slope that is fitted
# on {claim}`patient.fresh.calibrate:,d` people hangs on their luck. Had others of these people
# calibrated, drawn anew {claim}`patient.fresh.redrawn` times, it would in ninety-five of a hundred
# draws have been in {claim}`patient.fresh.slopes!interval:.2f`, and the share covered in
# {claim}`patient.fresh.shares!interval:.1%`.

# %%
bins = fresh.reliability
fig, ax = plt.subplots(figsize=(5.4, 4.2))
ax.plot([0, 1], [0, 1], color=GRID, linewidth=1.2)
ax.vlines(bins["chance"], bins["low"], bins["high"], color=RIVAL)
ax.plot(bins["chance"], bins["share"], "o", color=RIVAL)
ax.set(xlabel="calibrated chance of being sick", ylabel="share who are sick")
ax.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1], xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
about = (
    "Reliability on new people, ten groups of equal size; bars are ninety-five percent intervals."
)
seen = "Ten dots with short bars climb along the diagonal; some lie a little beside it."
figure(fig, "patient.reliability", caption=about, alt=seen)

# %% [markdown]
# In {numref}`fig-patient-reliability` the groups follow the diagonal and leave it a little.
# Somebody who is told a chance of nine in ten should hear "about nine in ten", with a few points of
# doubt, and not a second decimal.
#
# One more safeguard. If the true labels reached the training by a side door, by the loss, by the
# early stop or by a neighbour, a model trained on *shuffled* labels would still do better than a
# coin. A single shuffle can look clever by luck: when it happens to call old people sick, it scores
# above one half. So each of twenty shuffles is trained twice, the second time with sick and normal
# exchanged, in the labels and in the network's last layer. Without a side door the second is the
# first in a mirror, and the two scores add up to one, but for rounding; with one, both rise.
# Whether the test would see anything is tried, too: in some shuffles we leave
# {const}`patient.leaks:.0%` of the people their true label. The test is blind to a label that hides
# among the inputs.

# %%
by = fresh.shuffled.assign(leak=fresh.shuffled["planted"] > 0)
pairs = by.groupby(["leak", "shuffle"])["AUROC"].mean()
plain = by.query("not leak and not mirrored")["AUROC"]
record("patient.shuffled.mean", pairs[False].mean(), n=len(pairs[False]))
record("patient.shuffled.planted", pairs[True].mean(), n=len(pairs[True]))
record("patient.shuffled.plain", plain.mean(), n=len(plain))
record("patient.shuffled.spread", plain.std())
record("patient.shuffled.error", plain.std() / np.sqrt(len(plain)))

# %%
fig, ax = plt.subplots(figsize=(5.4, 2.2))
for height, leak in enumerate((True, False)):
    each = by.loc[by["leak"] == leak, "AUROC"]
    ax.plot(each, np.full(len(each), height), "|", color=RIVAL, markersize=22)
    ax.plot(pairs[leak].mean(), height, "D", color=BEST, markersize=8)
ax.axvline(0.5, color=GRID, zorder=0)
ax.set(yticks=[0, 1], yticklabels=["leak planted", "shuffled"], ylim=(-0.6, 1.6), xlim=(0, 1))
ax.set(xticks=[0, 0.5, 1], xlabel="AUROC on new people after training on shuffled labels")
about = "Models of shuffled labels on new people: each one (ticks) and the mean of the pairs."
seen = "Two rows of ticks; the diamond of the upper one stands at one half, the lower one's higher."
figure(fig, "patient.shuffled", caption=about, alt=seen)

# %% [markdown]
# The mean over the pairs is {claim}`patient.shuffled.mean:.3f`; with the planted leak it is
# {claim}`patient.shuffled.planted:.3f`. The side doors are shut. Without mirrors the same test
# would say little: single shuffles spread by {claim}`patient.shuffled.spread:.2f`
# ({numref}`fig-patient-shuffled`), so that the plain mean of twenty,
# {claim}`patient.shuffled.plain:.3f`, is known to {claim}`patient.shuffled.error:.3f` only.
#
# ## The same, as a command
#
# All of this is one command. It needs a picture of a page and the five values:
#
# ```bash
# hfgnn predict --page page.jpg --ef .35 --bnp 400 --nyha 3 --sbp 110 --age 70
# ```
#
# It says the chance as one would say it to a person, of ten people like this one so many are sick;
# the set in words; the five nearest with what is known of them; what moved the answer most, in
# both ways of asking; and that none of this is a medical device. `--json` gives the same to a
# program. Before anything is loaded the input is checked, and all faults are told at once.

# %%
from hfgnn.data.intake import taken

typed = {"ef": "35", "bnp": "many", "nyha": "2.5", "sbp": "14.5", "age": ""}
faults = [fault.removeprefix("--") for fault in taken("holiday.jpg", typed).faults]
told = pd.DataFrame({"told": faults}, index=[*typed, "page"]).rename_axis("given")
table(told, "patient.faults", caption="What the command says of six faults in one call.")

# %% [markdown]
# The last check is whether the picture shows an ECG page at all. It is tempting to ask the network:
# a strange picture should give strange numbers. It need not. A network that has seen nothing but
# ECGs may see them in everything. So the check looks at the picture: is it mostly light paper, and
# how many thin dark lines does an average column cross? A page with three rows and a rhythm strip
# has four, whatever its size and light.
#
# ## What we saw, and its limits
#
# - A newcomer can be attached to a graph that stays as it is. The answer is that of the whole graph
#   and nobody else's moves.
# - After calibration the chances are close to what they say, and in each class the share of sets
#   that hold the truth is within {claim}`patient.fresh.worst:.1%` of the promise, on people from
#   the same simulator. For {claim}`patient.fresh.vague:.0%` of them the set holds both answers.
# - The explanation passes its check. It also shows that this network hears the five values mostly
#   through the neighbours that they choose, so that two ways of asking "what mattered?" give two
#   answers, and both are needed.
#
# The limits weigh more than usual, because a person is addressed. Promises of calibration and of
# coverage are made to people who come from where the calibration people came from: here, from one
# simulator, by one door, with a share of sick people that no clinic has. A real page is none of
# these, and on real pages nothing was calibrated. The model is one network from one split; another
# start would give another chance, and no interval around a single chance is shown. The neighbours
# are near in what the backbone reads and in five numbers, which need not be what makes two patients
# alike to a doctor. *Sick* is what a simulated reader filed the page under; it is not heart
# failure. The check of the picture accepts a page that stands on its head and anything else that is
# drawn in several long thin lines, and now and then a photograph. And an explanation tells what a
# model did, never what is wrong with a heart.
#
# ## Exercises
#
# ````{exercise-start} Change the ejection fraction
# :label: patient-ex-ef
# ````
# Keep our patient's page and the other four values and let the ejection fraction run from very weak
# to very strong. Before you look: will the chance fall smoothly?
# ````{exercise-end}
# ````
#
# ````{solution-start} patient-ex-ef
# :class: dropdown
# ````

# %%
levels, said = np.linspace(0.15, 0.75, 61), []
for level in levels:
    values = person[list(CLINICAL)].to_numpy(float)
    values[CLINICAL.index("ef")] = level
    said.append(ask(model, page, values).chance)
record("patient.exercise.highest", max(said))
record("patient.exercise.lowest", min(said))
fig, ax = plt.subplots(figsize=(5.4, 2.8))
ax.plot(levels, said, color=RIVAL, drawstyle="steps-mid")
ax.set(xlabel="ejection fraction", ylabel="chance", ylim=(0, 1.02), xticks=[0.2, 0.4, 0.6])
about = "The calibrated chance of our patient with other ejection fractions."
seen = "A line of flat pieces with jumps between them."
figure(fig, "patient.exercise", caption=about, alt=seen)

# %%
rises = np.diff(said)
record("patient.exercise.rises", int((rises > 0.01).sum()))
record("patient.exercise.falls", int((rises < -0.01).sum()))

# %% [markdown]
# It moves between {claim}`patient.exercise.lowest:.2f` and {claim}`patient.exercise.highest:.2f`,
# and it does so in jumps ({numref}`fig-patient-exercise`). Along a flat piece the neighbours are
# the same five and the value itself does next to nothing; at a jump one neighbour, or two, has been
# exchanged for another. Of the steps by more than a hundredth {claim}`patient.exercise.falls` go
# down, and {claim}`patient.exercise.rises` go up where the heart grows stronger. A doctor would
# find it hard to accept that a hundredth of ejection fraction can do nothing or a great deal. This
# is what a graph of hard choices does to a smooth quantity.
# ````{solution-end}
# ````
#
# ````{exercise-start} A more modest promise
# :label: patient-ex-level
# ````
# Let the sets miss one person in five instead of one in ten. How many people then get a set that
# holds both answers? Is it worth it?
# ````{exercise-end}
# ````
#
# ````{solution-start} patient-ex-level
# :class: dropdown
# ````

# %%
from hfgnn.evaluate.conformal import conformal_by_class, coverage

some, new = fresh.people[~judged], fresh.people[judged]
modest = conformal_by_class(some["sick"], some["chance"].astype(float), alpha=0.2)
held = coverage(new["sick"], modest(new["chance"].astype(float))).loc["all"]
record("patient.exercise.covered", held["covered"])
record("patient.exercise.vague", held["both"])
record("patient.exercise.none", held["none"])

# %% [markdown]
# The sets now hold the truth for {claim}`patient.exercise.covered:.1%`, where four of five were
# meant, and {claim}`patient.exercise.vague:.0%` of the people get both answers, where before it
# were {claim}`patient.fresh.vague:.0%`; {claim}`patient.exercise.none:.1%` get none. Fewer people
# are left without an answer and more get a wrong one. Which is better depends on what a wrong
# answer costs, and that is no question of statistics.
# ````{solution-end}
# ````
#
# ````{exercise-start} A patient like nobody
# :label: patient-ex-nobody
# ````
# Give our patient a heart that hardly pumps, a very high BNP, no breathlessness, a very high
# pressure and thirty years. Nobody is like that. Does the model notice?
# ````{exercise-end}
# ````
#
# ````{solution-start} patient-ex-nobody
# :class: dropdown
# ````

# %%
odd = [0.10, 4000, 1, 230, 30]
alien = ask(model, page, odd)
record("patient.exercise.alien", alien.chance)
record("patient.exercise.alien_set", in_words(alien)["set"])
record("patient.exercise.lonelier", alien.lonelier)
record("patient.exercise.warnings", len(strange(model, alien, odd)))

# %% [markdown]
# The chance is {claim}`patient.exercise.alien:.2f` and the set says
# {claim}`patient.exercise.alien_set`, as calmly as ever. Neither number knows that this patient is
# impossible: a softmax has no word for "I have not seen that", and the promise of the set is made
# to people like those who were calibrated on. What notices is the distance. The share of training
# people who have their nearest neighbour farther away is
# {claim}`patient.exercise.lonelier:.1%`, and the command adds
# {claim}`patient.exercise.warnings` warnings to its answer.
# ````{solution-end}
# ````
