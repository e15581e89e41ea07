# %% [markdown]
# (chapter-fusion)=
# # What a network sees on a page
#
# {.hf-lead}
# The thesis shows each ECG page to a network that was trained on photographs, keeps the numbers of
# its last layer but one, and writes five clinical values beside them. Everything that comes later,
# the graph and its network, sees those numbers and never the page. So this chapter asks: **What
# does a network that never saw a label know about an ECG page?**
#
# ```{chapter-card} 04_fusion
# ```
#
# The question decides more than it seems to. If the numbers hold nothing about the heart, no graph
# can bring it back; if they hold a lot, a good score may owe nothing to the graph. We can ask it
# more exactly than a clinic could, because we drew the ECGs ourselves and know what each page
# shows. The chapter will claim that
#
# - from the numbers of a network of our own, trained on other people's pages and never told a
#   label, a weighted sum tells the heart rate of unseen people with an $R^2$ of
#   {claim}`fusion.rate`, the axis with at least {claim}`fusion.axis`, a wide QRS with an AUROC of
#   {claim}`fusion.wide` and atrial fibrillation with {claim}`fusion.af`;
# - sick and normal pages can be told apart from its numbers with an AUROC of {claim}`fusion.sick`;
#   where both learn from the same, fewer people, it is {claim}`fusion.ahead` ahead of an untrained
#   network;
# - where people differ by less than a pixel of the picture that it sees, little comes through: for
#   the height of P the $R^2$ is {claim}`fusion.probes/height of P/ecg:.2f`, and the same probe on
#   the signal has {claim}`fusion.probes/height of P/signal:.2f`;
# - put beside five clinical values as the thesis does it, the page makes up
#   {claim}`fusion.weights/ecg/share of the page:.0%` of the squared distance between two people;
#   those whom the five alone would call near are hardly ever among the nearest.
#
# You need to know what a correlation is. The words are in the {ref}`glossary`.

# %% tags=["parameters"]
profile = "book"
seed = 2025

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from hfgnn.pipeline import open_chapter
from hfgnn.plots.style import GRID, INK, MUTED, RIVAL

get, record, figure, table = open_chapter("04_fusion", profile=profile, seed=seed)

# %% [markdown]
# ## From a page to a row of numbers
#
# ResNet18 is a {term}`convolutional network` for photographs {cite}`he2016`. Its last layer turns
# $512$ numbers into a guess at a thousand kinds of things; the thesis takes that layer away and
# keeps the $512$ {cite}`bouaoune2025`. Before that, the page must become what the network expects:
# the whole sheet is squeezed to a square of $224 \times 224$ pixels, whatever its shape, and its
# colours are shifted and scaled by the means and spreads of the photographs. We do the same, in the
# module `hfgnn.features.resnet`. Three sets of weights fit into this network.
#
# **`imagenet`**, the thesis's choice: torchvision's weights, trained on a million photographs. The
# book does not bring them along, because they are somebody else's file, and it fetches nothing from
# the network unasked. Whoever wants them allows it once, after which the file is checked by its
# digest and kept:
#
# ```python
# from hfgnn.features.resnet import backbone
#
# backbone("imagenet", download=True)
# ```
#
# Without that permission the same call ends with an error that names the missing file, the folder
# in which to put it and the address from which it comes. The machine that built this book had no
# way to that address, so whatever needs these weights is **not run here**. No number of this
# chapter is about them, and none was guessed. The `paper` profile has a place for them.
#
# **`random`**: weights that nobody trained, from a seed. It is less foolish than it sounds. A
# random network still mixes the pixels in the same way for every page, so pages that look alike get
# like numbers. It shows what the mere shape of the network is worth.
#
# **`ecg`**: weights that this project made, and that come with it. Wherever the book speaks of the
# page's numbers without further ado, they are these.
#
# ## How the third one learned to read
#
# Nobody needs labels to learn to read ECGs. We simulated people whom no chapter meets, from other
# seeds and rich in disease, printed a page of each, and trained the network to say what a
# cardiologist would read off: rate, axis, how wide QRS is, how high each wave stands in each lead,
# whether the atria fibrillate. It was never told whether somebody is sick, nor any class; of the
# hidden heart it was told only the rhythm, which the page shows. At the end the layer that names
# the attributes was cut off.
#
# That training is not repeated when the book is built. Its record lies in the repository, and the
# next cell reads it.

# %%
run = get("fusion.run")
for name in ("people", "check", "steps", "batch", "attributes", "early", "early_steps", "device"):
    record(f"fusion.run.{name}", run.facts[name])
record("fusion.run.minutes", round(60 * run.facts["hours"]))
lines = {"rate": ("heart rate", 0.03), "axis_sin": ("axis", -0.03), "qrs": ("width of QRS", 0)}
lines |= {"P_II": ("height of P", 0), "pr": ("PR interval", 0)}

# %% [markdown]
# By that record the network saw the pages of {claim}`fusion.run.people` people, one each, and was
# asked for {claim}`fusion.run.attributes` attributes. It took {claim}`fusion.run.steps` steps of
# {claim}`fusion.run.batch` pages, {claim}`fusion.run.minutes` minutes on a machine that describes
# itself as {claim}`fusion.run.device`; it has no graphics card. To save work, the first
# {claim}`fusion.run.early_steps` steps were made with pages of only {claim}`fusion.run.early`
# pixels a side. Another {claim}`fusion.run.check` people, from yet another seed, were never learned
# from, and every so often the network was asked about them at full size. The recipe is
# `hfgnn train backbone`; another processor gives other bits and about the same scores.
#
# The score here is $R^2$: one minus the mean squared error, divided by the variance. One is
# perfect, zero is what the mean alone would do, and below zero is worse than the mean. We expect
# the large marks on the paper to be learned first, and fine ones late or never.

# %%
step = run.curve["step"].to_numpy()
fig, ax = plt.subplots(figsize=(5.4, 3.6))
for name, (words, up) in lines.items():
    marks = run.curve[name].clip(lower=-0.25)
    (line,) = ax.plot(step, marks, marker="o", markersize=4)
    ax.text(step[-1] + 25, marks.iloc[-1] + up, words, color=line.get_color(), va="center")
ax.axvline(run.facts["early_steps"], color=MUTED, linestyle=":", linewidth=1.4)
ax.text(run.facts["early_steps"] - 25, 0.93, "smaller\npages", color=MUTED, ha="right", va="top")
ax.axhline(0, color=GRID, zorder=0)
ax.set(xlim=(0, 2420), ylim=(-0.28, 1.02), xticks=[0, 600, 1200, 1800], yticks=[0, 0.5, 1])
ax.set(xlabel="steps of training", ylabel="$R^2$")
about = "What the backbone reads on people who are not learned from, as its training was recorded."
seen = "Five lines. Up to a dotted line they jump about and end below zero; after it heart rate, "
seen += "axis and width of QRS climb high, height of P and PR interval stay low."
figure(fig, "fusion.curve", caption=about, alt=seen)

# %% [markdown]
# {numref}`fig-fusion-curve` keeps the promise, with one surprise. While the network learns on
# smaller pages its scores jump about and then drop. It has probably learned a good deal by then,
# for the next mark is high already; but the averages that it keeps of its own numbers are those of
# small pages, and it is asked about large ones. Steps at full size set them right. At the end heart
# rate, axis and the width of QRS are read well. The height of P and the PR interval are not, and
# the last marks add little.
#
# Those scores were made with the layer that names the attributes, and on a crowd in which rare
# rhythms and blocks are common. That flatters some of them: where many people have no P at all, to
# see that much already explains a good part of how high P is. What matters here are the $512$
# numbers below that layer, and people as the thesis's pages have them.
#
# ## Asking the numbers
#
# So we ask them. A **linear probe** {cite}`alain2016` is the plainest question one can put: can
# this attribute be written as a weighted sum of the $512$ numbers? Ridge regression finds the
# weights for a number, logistic regression for a yes or no. The strength of both is chosen on the
# people learned from. A probe that succeeds shows that the attribute lies open in the numbers. One
# that fails shows only that it does not lie open: it may be hidden in a bend.
#
# The people are those of the thesis-shaped population that chapters on the graph share, with as
# many of each class as the public collection has, in proportion. The cohort deals about three
# fifths of them to the learners; the probes are judged on all the others. Interval ends come from
# drawing the people judged anew, a thousand times; of other learners they say nothing.
#
# How much could a probe have found? The page was printed from a signal, so we put **the same probe
# to the signal**. It must not be handed the answer: a program that measures rate and width would
# give the probe a column called rate. So nothing is measured. We take the twelve median beats as
# they are, and how much the recording resembles itself after each delay, which holds the rhythm;
# both weigh alike, and their $512$ principal components, found on the learners, stand in for the
# page's $512$ numbers. Same number of inputs, same probe, same people.
#
# The untrained network has read only as many pages as the collection has, so its probes learn from
# fewer people. Where it is compared with ours by a difference, ours is trained on the same few.
#
# We expect `ecg` to come near the signal where the mark is large, and to lose where it is fine. For
# sick and normal we dare no guess: nobody ever told the network that there is such a thing.

# %%
names = {"rate": "heart rate", "axis_cos": "axis, sideways", "axis_sin": "axis, downwards"}
names |= {"sokolow": "Sokolow voltage", "qrs": "width of QRS", "t_peak": "time of T"}
names |= {"P_II": "height of P", "pr": "PR interval", "wide": "QRS too wide"}
names |= {"af": "fibrillation", "sick": "sick"}
probes = get("fusion.probes")
scores = probes.scores.set_index(["attribute", "by"])

# %%
looks = {"signal": (INK, "s", -0.24), "ecg": (RIVAL, "o", 0), "random": (MUTED, "^", 0.24)}


def panel(ax, part):
    """Draw how well some attributes are told, from each side, with intervals."""
    for by, (colour, mark, shift) in looks.items():
        rows = scores.xs(by, level="by").loc[part]
        place = np.arange(len(part)) + shift
        ax.hlines(place, rows["low"], rows["high"], color=colour)
        ax.plot(rows["score"], place, mark, color=colour, label=by)
    ax.set_yticks(range(len(part)), [names[name] for name in part])
    ax.set_ylim(len(part) - 0.5, -0.5)


# %%
fig, axes = plt.subplots(2, 1, figsize=(5.4, 6.6), height_ratios=[8, 3.4])
panel(axes[0], list(names)[:8])
panel(axes[1], list(names)[8:])
axes[0].legend(ncols=3, loc="lower center", bbox_to_anchor=(0.45, 1.0))
axes[0].set(xlabel="$R^2$: zero is the mean, one is perfect", xlim=(-0.12, 1.02))
axes[1].set(xlabel="AUROC: one half is a coin", xlim=(0.24, 1.01), xticks=[0.25, 0.5, 0.75, 1])
axes[1].axvline(0.5, color=GRID, zorder=0)
about = "The same probe on the signal, on the trained network's numbers and on the untrained one's."
seen = (
    "Eight attributes by R2: for rate, axis and voltage the trained network lies right of the "
    "signal; for QRS, T, P and PR left of it. Three by AUROC: trained network and signal lie far "
    "to the right. The untrained network is low, or about as good as a coin, throughout."
)
figure(fig, "fusion.probed", caption=about, alt=seen)

# %% [markdown]
# The figure has the shape of the whole chapter, and a table gives its numbers.

# %%
wide = probes.scores.pivot(index="attribute", columns="by", values="score").loc[list(names)]
ends = scores.xs("ecg", level="by").loc[list(names), ["low", "high"]]
shown = wide[["ecg", "signal", "random"]].join(ends.set_axis(["from", "to"], axis=1))
shown.insert(0, "score", ["R²"] * 8 + ["AUROC"] * 3)
shown = shown[["score", "ecg", "from", "to", "signal", "random"]]
about = "Linear probes on unseen people; the interval is that of the network ecg."
formats = dict.fromkeys(shown.columns[1:], ".3f")
shown.index = pd.Index([names[name] for name in shown.index], name="attribute")
table(shown, "fusion.probes", caption=about, formats=formats)

# %%
axis = scores.xs("ecg", level="by").loc[["axis_cos", "axis_sin"], "score"].idxmin()
asked = {"rate": "rate", "axis": axis, "wide": "wide", "af": "af", "sick": "sick"}
for name, attribute in asked.items():
    row = scores.loc[(attribute, "ecg")]
    record(f"fusion.{name}", row["score"], n=int(row["people"]), interval=row[["low", "high"]])
row = scores.loc[("sick", "random")]
record("fusion.random", row["score"], n=int(row["people"]), interval=row[["low", "high"]])
for name, by in {"ahead": "random", "ahead_signal": "signal"}.items():
    row = probes.margins.set_index("by").loc[by]
    record(f"fusion.{name}", row["score"], n=int(row["people"]), interval=row[["low", "high"]])

# %% [markdown]
# We had fixed four aims before measuring. Heart rate: an $R^2$ of {const}`fusion.aim.rate`, found
# {claim}`fusion.rate`, in {claim}`fusion.rate!interval` on {claim}`fusion.rate!n` people. Axis,
# which is an angle and is therefore asked as sine and cosine: {const}`fusion.aim.axis`, found
# {claim}`fusion.axis` for the worse of the two, in {claim}`fusion.axis!interval`. A QRS of a
# hundred and twenty milliseconds or more: an AUROC of {const}`fusion.aim.wide`, found
# {claim}`fusion.wide`, in {claim}`fusion.wide!interval`. Atrial fibrillation:
# {const}`fusion.aim.af`, found {claim}`fusion.af`, in {claim}`fusion.af!interval`. Do not read the
# last as a triumph: few of the people judged fibrillate, fibrillation is drawn by one recipe in our
# world, and a real waiting room has flutter, paced beats and trembling hands.
#
# And the label that nobody told? Sick and normal come apart with an AUROC of {claim}`fusion.sick`,
# in {claim}`fusion.sick!interval`. The untrained network reaches {claim}`fusion.random`, in
# {claim}`fusion.random!interval`, which a coin may do as well. On the same {claim}`fusion.ahead!n`
# people the difference is {claim}`fusion.ahead`, with an interval of
# {claim}`fusion.ahead!interval:+.3f` that leaves out zero. The knowledge is the training's and not
# that of the network's shape. Against the probe on the signal the difference is
# {claim}`fusion.ahead_signal`, in {claim}`fusion.ahead_signal!interval:+.3f`: to a linear probe,
# and as far as these people can tell, the page as the network reads it is worth about as much for
# this label as the signal itself.
#
# A first look at {numref}`fig-fusion-probed` may puzzle. For the rate and the axis the page beats
# the signal, of which it is a poor copy. It does not know more; it says it more plainly. An axis is
# an angle, a ratio of heights, and no weighted sum of samples is a ratio. The network has already
# done the bending. So the signal's row is a yardstick for what lies open in the recording, and no
# ceiling; what printing and squeezing cost, reading may have made up for.
#
# ## What a small square cannot hold
#
# Why is P read so badly? Ask how large it is. The sheet is printed at twenty-five millimetres a
# second and ten millimetres a millivolt, and all of it goes into $224$ pixels each way. If the
# sheet is $w$ millimetres wide and $h$ high, one pixel is
#
# $$
# \frac{w}{25 \cdot 224} \text{ seconds wide and } \frac{h}{10 \cdot 224} \text{ millivolts high.}
# $$
#
# The cell puts in the sheet's sides, and then asks how much people differ in each attribute, in
# such pixels. To tell people apart, their differences must be seen, not the wave alone.

# %%
from hfgnn.features.resnet import SIDE
from hfgnn.world.layout import GAIN, SHEET, SPEED

ms, mv = 1000 * SHEET[0] / SPEED / SIDE, SHEET[1] / GAIN / SIDE
record("fusion.pixel.ms", ms)
record("fusion.pixel.mv", mv)
read = get("thesis.pages").shown
spread = {"rate": (60_000 / np.exp(read["rate"])).std(), "sokolow": read["sokolow"].std()}
spread |= {"qrs": np.exp(read["qrs"]).std(), "t_peak": 1000 * np.exp(read["t_peak"]).std()}
spread |= {"pr": 1000 * read["pr"].std(), "P_II": read["P_II"].std()}
size = pd.DataFrame({"spread": pd.Series(spread)}).assign(unit="ms", pixel=ms)
size.loc[["sokolow", "P_II"], ["unit", "pixel"]] = ["mV", mv]
size["in pixels"] = size["spread"] / size.pop("pixel")
size = size.join(wide[["ecg", "signal"]]).sort_values("in pixels", ascending=False)

# %%
size.index = [names[n] if n != "rate" else "time between beats" for n in size.index]
about = "How much people differ, in pixels of the squeezed page, and how well probes tell that."
formats = {"spread": ".3g", "in pixels": ".1f", "ecg": ".2f", "signal": ".2f"}
table(size.rename_axis("attribute"), "fusion.pixels", caption=about, formats=formats)

# %% [markdown]
# A pixel is {claim}`fusion.pixel.ms` milliseconds wide and {claim}`fusion.pixel.mv` millivolts
# high. In {numref}`tab-fusion-pixels` the attributes in which people differ by several pixels are
# read well, and most of those in which they differ by less than one are read badly, or not at all.
# PR intervals differ by {claim}`fusion.pixels/PR interval/in pixels` of a pixel. It is no wonder
# that an $R^2$ of {claim}`fusion.pixels/PR interval/ecg` is all that comes of it.
#
# Two rows teach caution. The width of QRS differs by less than a pixel as well, and still something
# comes through: a line that is thinner than a pixel leaves it paler, and QRS is drawn in twelve
# leads and many beats. And for PR the probe on the signal does not shine, either, because a
# weighted sum is a poor way to find where a wave begins. What we cannot part is how much the pixels
# withhold and how much the network, after little more than half an hour of training, has not
# learned to see. A clinician would say it more simply: nobody would read PR on a page of this size.
#
# ## Which pages are near
#
# The graph of the thesis joins pages that are near to each other in these numbers. So before any
# graph is built, let us look at some. We take the first sick and the first normal person of the
# population, not chosen by eye, and the four pages nearest to each, among everybody else's. We
# expect to see hearts alike, and hope not to see paper alike: layouts, colours and creases say
# nothing about a heart.

# %%
near = get("fusion.nearest")
kinds = get("thesis.pages").table["class"].to_numpy()[near.rows].ravel()
beats = np.exp(read["rate"].to_numpy())[near.rows].ravel()
plan = [["a", "a", "b", "c"], ["a", "a", "d", "e"], ["f", "f", "g", "h"], ["f", "f", "i", "j"]]
fig, axes = plt.subplot_mosaic(plan, figsize=(5.4, 6.0))
pictures = near.pictures.reshape(-1, SIDE, SIDE, 3)
for (name, ax), picture, kind, rate in zip(axes.items(), pictures, kinds, beats, strict=True):
    shrunk = picture.reshape(112, 2, 112, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    ax.imshow(picture if name in "af" else shrunk, interpolation="none")
    ax.set_title(f"{kind.replace('_', ' ')}, {rate:.0f}", fontsize=10, weight="normal")
    ax.axis("off")
about = "A sick person's page and a normal one's, each with its four nearest: class and rate."
seen = "Two large squares, each an ECG page squeezed to a square, and four smaller ones beside. "
seen += "The papers differ in colour, frame and shadow; nearly all pages have the same layout."
figure(fig, "fusion.nearest", caption=about, alt=seen)

# %% [markdown]
# {numref}`fig-fusion-nearest` shows the large pages as the network gets them, and how small that
# is; class and heart rate stand above. The nearest pages have another paper as often as not, and
# often another class. But two people are an anecdote, so the same is asked of everybody in the
# collection: of a person's four nearest pages, how many have the same class, of those who
# fibrillate, how many fibrillate, too, and how do the heart rates go together? And the paper: how
# many share the layout and the colour? Beside it stands what chance would give, when anybody else
# may be near.

# %%
words = {"class": "class", "rate": "heart rate (correlation)", "af": "fibrillation, if one has it"}
words |= {"layout": "layout of the page", "colour": "colour of the paper"}
alike = near.alike.loc[list(words)].set_axis(list(words.values()), axis=0)
alike = alike.rename_axis("in common")[["by chance", "random", "ecg"]]
about = "What a page has in common with its four nearest pages, for two networks and by chance."
table(alike, "fusion.alike", caption=about, formats=dict.fromkeys(alike, ".2f"))

# %% [markdown]
# The two networks see different things. Pages that the untrained network holds for near share the
# layout in {claim}`fusion.alike/layout of the page/random:.0%` of cases and the colour in
# {claim}`fusion.alike/colour of the paper/random:.0%`, where chance gives
# {claim}`fusion.alike/layout of the page/by chance:.0%` and
# {claim}`fusion.alike/colour of the paper/by chance:.0%`; of the heart they share next to nothing.
# It sorts stationery. For `ecg` the colour is at {claim}`fusion.alike/colour of the paper/ecg:.0%`,
# as good as forgotten, heart rates go together with a correlation of
# {claim}`fusion.alike/heart rate (correlation)/ecg`, and the nearest pages of those who fibrillate
# fibrillate in {claim}`fusion.alike/fibrillation, if one has it/ecg:.0%` of cases. The layout it
# has not forgotten, and that is fair: where a lead stands on the sheet one must know to read it.
#
# The class, which a graph for diagnosis would need, is shared in
# {claim}`fusion.alike/class/ecg:.0%` of cases against {claim}`fusion.alike/class/by chance:.0%` by
# chance. Keep this small step in mind. Near in these numbers means a like rate and rhythm before it
# means a like disease, and a graph that averages over such neighbours averages over people who are,
# for the most part, of another of the four classes. How often they agree on sick and normal, which
# is all that the thesis asks, {ref}`the next chapter <chapter-graph>` counts.
#
# ## Large pages and small ones
#
# Two small decisions about reading files remain, and both could change every number behind them.
#
# A page of the collection is a JPEG of $2213 \times 1572$ pixels, of which the network sees one in
# seventy. A JPEG can be decoded at a half, a quarter or an eighth of its size for a fraction of the
# work, and we use that: decoded to a half, then squeezed. Is it the same page? And the book prints
# its people's pages a quarter as wide and as high in the first place, because sixteen hundred
# sheets in full size would take longer than all other chapters. Is that the same page?
#
# Both are measured as the distance between two rows of numbers, divided by the length of one. For a
# yardstick we add how far another person's page is away. We expect the first to be invisible and
# the second to be small.

# %%
sizes = get("fusion.sizes")
for name in ("decode", "size", "others"):
    record(f"fusion.apart.{name}", sizes.apart[name].mean(), n=len(sizes.apart))
record("fusion.apart.decode_worst", sizes.apart["decode"].max())
record("fusion.apart.own", sizes.own)
fig, ax = plt.subplots(figsize=(5.4, 2.4))
rows = {"decode": "decoded to a half", "size": "printed small", "others": "another person"}
for row, (name, colour) in enumerate(zip(rows, (RIVAL, RIVAL, MUTED), strict=True)):
    ax.plot(sizes.apart[name], np.full(len(sizes.apart), row), "o", color=colour, alpha=0.6)
ax.set_yticks(range(3), list(rows.values()))
ax.set(xscale="log", ylim=(2.5, -0.5), xlim=(0.002, 2), xlabel="distance, in lengths of the row")
ax.set_xticks([0.01, 0.1, 1], ["one hundredth", "one tenth", "one"])
about = "How far the numbers of a page move when it is decoded to scale, or printed small."
seen = "Three rows of dots on a logarithmic axis: around one hundredth, one tenth, and near one."
figure(fig, "fusion.apart", caption=about, alt=seen)

# %% [markdown]
# Decoding to scale moves the numbers by {claim}`fusion.apart.decode:.1%` of their length on
# average, over {claim}`fusion.apart.decode!n` pages, and by {claim}`fusion.apart.decode_worst:.1%`
# in the worst case; we had hoped for at most {const}`fusion.aim.decode:.0%`, and keep it on average
# by a hair, and not on every page. Another person's page is {claim}`fusion.apart.others:.0%` away,
# so nobody will be taken for somebody else by that.
#
# Printing small is another matter. The same ECG with the same looks, on a sixteenth of the pixels,
# lies {claim}`fusion.apart.size:.0%` away from itself. That is still far nearer than other people
# are: of the small pages, {claim}`fusion.apart.own` of {claim}`fusion.apart.size!n` have their own
# large one as the nearest. But it is many times more than what decoding does: lines that are
# thinner than a pixel are drawn paler, and the dots of the millimetre paper melt into a tint. The
# lesson is plain: **do not mix pages of two sizes.** A scaler, a probe or a graph that was made on
# one has to be used on the same. All pages of the following chapters are printed at one size.
#
# ## Two kinds of numbers in one row
#
# Now the fusion itself, the stage that gives this chapter its name. The thesis writes the five
# clinical values behind the page's numbers: $512 + 5 = 517$. The five are brought to mean zero and
# variance one by a scaler; the page's numbers stay as the network puts them out. Two things can go
# wrong here. The scaler must be fitted on training rows alone, or the test has helped to prepare
# the training; `hfgnn.evaluate.leakage` has an audit that finds it out. And the row must have
# exactly that many numbers, in that order, or everything behind it reads the wrong columns;
# `hfgnn.features.fuse` refuses anything else, and says what was given and what is needed.
#
# A third thing does not go wrong, it is merely decided without anyone deciding it. Euclid's
# distance adds up squares. Two people differ, on average, by twice the variance in each column, so
# each side of the row has a say in proportion to its variance in sum. Five scaled values have five.
# The page has whatever its network happens to put out. We expect the page to outweigh the five,
# without knowing by how much.

# %%
weights = get("fusion.weights")
record("fusion.width", weights.width)
words = {"page": "variance of the page", "clinical": "variance of the five"}
words |= {"share": "share of the page", "near_page": "neighbours as by the page alone"}
words |= {"near_five": "neighbours as by the five alone"}
shares = weights.table.rename(columns=words).rename_axis("network")
about = "What either side weighs in the thesis's unscaled row, and whose neighbours remain."
formats = {c: ".1f" if c.startswith("variance") else ".2f" for c in shares}
table(shares, "fusion.weights", caption=about, formats=formats)

# %% [markdown]
# The row is {claim}`fusion.width` numbers long, as it must be. In {numref}`tab-fusion-weights` the
# page of `ecg` has a variance of {claim}`fusion.weights/ecg/variance of the page` in sum against
# {claim}`fusion.weights/ecg/variance of the five`, and so makes up
# {claim}`fusion.weights/ecg/share of the page:.0%` of the squared distance between two people. The
# five values, drawn from the label as published, would by themselves sort people almost perfectly:
# {ref}`the chapter on them <chapter-clinical>` showed it. In this row they are a whisper. Of the
# five nearest neighbours, {claim}`fusion.weights/ecg/neighbours as by the page alone:.0%` are those
# whom the page alone would name, and
# {claim}`fusion.weights/ecg/neighbours as by the five alone:.0%` those whom the five alone would
# name. The five bring in next to nobody of their own. What they do is choose between pages that are
# nearly equally far, and since the label made them, they choose by the label: a whisper, but in the
# right ear. {ref}`The next chapter <chapter-graph>` counts what it does to the graph. With the
# untrained network, whose numbers vary less, the page has
# {claim}`fusion.weights/random/share of the page:.0%`. Neither number is a finding about hearts.
# They are accidents of scale: had the network ended in numbers ten times as large, the five would
# have hardly any say. What they are with the thesis's own weights, on photographs, is not run here.
#
# What follows from that for the graph, and what a distance looks like in which each side has an
# equal say, is the business of the next chapter.
#
# ## What we saw, and its limits
#
# - A network that read generic attributes of other people's pages, and never a label, lays rate,
#   axis, voltage, rhythm and a wide QRS open in its numbers. An untrained one hardly does.
# - From the same numbers sick and normal are told apart with an AUROC of {claim}`fusion.sick:.2f`.
#   So whatever the graph will achieve has to be compared with that, and not with a coin.
# - In PR, the place of T and the height of P people differ by less than a pixel of the squeezed
#   page, and these come through badly.
# - In an unscaled row such as the thesis's, with our networks, the page outweighs the clinical
#   values several times, by accident. It does not silence them.
#
# The limits. The network learned on simulated pages and was asked about simulated pages, drawn by
# the same hand from other seeds. How well it would read a scanned page from a real ward we do not
# know. It was built for what it is asked here, rate and axis and width, so its success with those
# is what its training was for; only the label is a surprise. The thesis's own weights were not
# available, so nothing here says what photographs teach a network about ECGs. And linear probes
# find what lies open: a network behind the numbers may find more.
#
# ## Exercises
#
# ````{exercise-start} Another question
# :label: fusion-ex-pump
# ````
# Nobody told the network how strong the heart pumps, and no page shows it directly. How much of the
# ejection fraction of the hidden heart can a linear probe tell from the page? And of the age? Guess
# first, then ask, with `told` of `hfgnn.train.probes`.
# ````{exercise-end}
# ````
#
# ````{solution-start} fusion-ex-pump
# :class: dropdown
# ````

# %%
from hfgnn.train.probes import explained, learners, told

pages = get("thesis.pages")
train = learners(pages)
for name, column in {"pump": "heart_ef", "age": "age"}.items():
    answer = told(pages.seen["ecg"], pages.table[column], train)
    record(f"fusion.exercise.{name}", explained(*answer), n=len(answer[0]))

# %% [markdown]
# For the ejection fraction $R^2$ is {claim}`fusion.exercise.pump`, for the age
# {claim}`fusion.exercise.age`. Neither is drawn on the page. But in our world a scar takes R away,
# a weak pump quickens the beat, and with age the axis turns to the left; the network reads the
# traces of these, and the probe adds them up. It knows something of a weak pump without having
# heard of one. It does not *measure* it, and where a heart is weak without leaving such traces it
# is blind.
# ````{solution-end}
# ````
#
# ````{exercise-start} Fewer people to learn from
# :label: fusion-ex-half
# ````
# The collection that the thesis seems to have used has fewer people than our population. Halve
# those from whom the probe for sick and normal learns, and halve them again. Does the AUROC fall?
# What does that say about the score above?
# ````{exercise-end}
# ````
#
# ````{solution-start} fusion-ex-half
# :class: dropdown
# ````

# %%
from hfgnn.evaluate.metrics import auroc

sick = pages.table["sick"].to_numpy(float)
for name, every in {"half": 2, "quarter": 4}.items():
    kept = ~train | (np.arange(len(train)) % every == 0)
    y, said = told(pages.seen["ecg"][kept], sick[kept], train[kept])
    record(f"fusion.exercise.{name}", auroc(y, said), n=int((train & kept).sum()))

# %% [markdown]
# With {claim}`fusion.exercise.half!n` people to learn from it is {claim}`fusion.exercise.half`,
# with {claim}`fusion.exercise.quarter!n` it is {claim}`fusion.exercise.quarter`, against
# {claim}`fusion.sick` with all. The same people were judged each time. The score depends on how
# many taught the probe, so what we found is a lower bound on what lies open in the numbers: with
# many more people it would probably be higher still. Whoever compares two methods must give both
# the same people to learn from, as we did with the untrained network.
# ````{solution-end}
# ````
#
# ````{exercise-start} Scale everything
# :label: fusion-ex-scale
# ````
# Suppose someone notices the accident of scale and mends it in the obvious way: all columns, the
# page's too, are brought to variance one. Work out with a pencil what share of the distance the
# page has then. Is the matter mended?
# ````{exercise-end}
# ````
#
# ````{solution-start} fusion-ex-scale
# :class: dropdown
# ````

# %%
from hfgnn.features.fuse import Scaler

scaled = Scaler.fit(pages.seen["ecg"][train])(pages.seen["ecg"])
page = scaled[train].var(axis=0).sum()
record("fusion.exercise.share", page / (page + 5))

# %% [markdown]
# The page then has $512 / 517$, that is {claim}`fusion.exercise.share:.1%`: it weighs more than
# before. To scale each column alike gives each *column* an equal say, and one side has a hundred
# times as many of them. What is wanted is an equal say for each *side*, and that takes a decision
# which no scaler makes by itself.
# ````{solution-end}
# ````
