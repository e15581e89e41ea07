# %% [markdown]
# (chapter-graph)=
# # Who does a patient listen to?
#
# {.hf-lead}
# The thesis ties every patient to the five who look most alike and lets a network pass messages
# along the ties. Before any network learns, a graph can be looked at by itself. **To whom is each
# patient tied, which way do the messages run, and why are the ties so often between patients of
# the same label?**
#
# ```{chapter-card} 05_graph
# ```
#
# A graph of patients is a claim about them: that those who resemble each other have something to
# tell each other. It is made of four decisions, and each can be made in more than one way. *What is
# a node?* A file of the thesis's folders, where copies of one page lie side by side, or a person.
# *What is known of it?* Clinical values drawn from the label, or measured on a heart. *What is
# near?* A distance that lets chance weigh the page against the values, or one that weighs them
# alike. *Who hears whom?* The patients whom I chose, or those who chose me. The thesis made each
# decision, some of them perhaps without noticing {cite}`bouaoune2025`. We make them again, as
# published and as they should be, and switch them one by one.
#
# This chapter will claim that
#
# - in the graph as published {claim}`graph.homophily.published:.0%` of the ties join patients of
#   one label, and with an untrained network, by whose pages alone people agree with their
#   neighbours no more than by chance, {claim}`graph.homophily.untrained:.0%`: most of this
#   agreement comes from the label itself, by way of the clinical values, and needs no ECG;
# - among people who are there once, with values from their hearts, it is
#   {claim}`graph.homophily.sound:.0%`, where chance alone gives {claim}`graph.chance.sound:.0%`;
# - the messages run against what was meant: a patient misses {claim}`graph.lost.published:.0%` of
#   its own neighbours, and some patients hear nobody.
#
# Whether hearing anybody helps is another question, and not this chapter's. A graph can help only
# if neighbours share what is to be learned *and* the patient's own numbers do not say it already.
# The first can be measured here. The second is for the chapter on the networks.

# %% tags=["parameters"]
profile = "book"
seed = 2025

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from hfgnn.pipeline import open_chapter
from hfgnn.plots.graphs import arrows, network
from hfgnn.plots.style import BEST, INK, MUTED, REPORTED, RIVAL, SICK

get, record, figure, table = open_chapter("05_graph", profile=profile, seed=seed)

# %% [markdown]
# ## What near means
#
# Each node has {lit}`thesis.inputs` numbers: the page's, as a network without its last layer puts
# them out, and the five clinical values behind them. The distance between two patients is Euclid's,
#
# $$
# d(i, j)^2 = \underbrace{\sum_{c\,\in\,\text{page}} (x_{ic} - x_{jc})^2}_{\text{the pages}}
#           + \underbrace{\sum_{c\,\in\,\text{values}} (x_{ic} - x_{jc})^2}_{\text{the values}},
# $$
#
# and the $k$ nearest others of a patient are its neighbours; the thesis takes
# $k = $ {lit}`thesis.neighbours`. Being near is not mutual. A patient at the edge of a crowd
# chooses people in the crowd, and they choose each other.
#
# Notice that the distance *adds squares*. Between two patients drawn at random, a column adds
# twice its variance on average. So nobody has to decide how page and values are weighed against
# each other: the sums of their variances decide. The thesis scales the five values, so that each
# has a variance of one. It does not scale the page. Then the values weigh five, and the page weighs
# whatever its network happens to put out. A network that speaks loudly drowns the values; a quiet
# one leaves them the word.
#
# *As it should be*, both are scaled until each modality varies by one in sum, by means and spreads
# of the training people only. That is a choice as well, but one that is made and stated.
#
# We use two networks: this book's own, which has learned to read rate, axis and rhythm on the pages
# of other simulated people and never saw a label, and an untrained one, whose weights are dice. A
# third, torchvision's, has learned from photographs; it cannot be fetched where this page was made,
# so for it there is no number here. For both we ask how far the spreads differ, and of the five
# neighbours of a patient, how many are those that it would have by page alone, or by values alone.
# We expect the louder modality to choose.

# %%
anatomy = get("graph.anatomy")
wide = anatomy.weights.set_index(["backbone", "distance", "modality"]).unstack()
weights = wide["spread"].add_suffix(", variance").join(wide["near"].add_suffix(", chosen by"))
share = weights["values, variance"] / weights.filter(like="variance").sum(axis=1)
weights.insert(2, "share of the values", share)
weights.index = pd.Index([f"{b}, {d}" for b, d in weights.index], name="network and distance")
about = (
    "What weighs how much: variance in sum, and the share of a patient's neighbours that each "
    "modality would have chosen alone. The training people, each once, with values from the heart."
)
formats = {c: ".2f" if "variance" in c else ".1%" for c in weights}
table(weights, "graph.weights", caption=about, formats=formats)

# %% [markdown]
# As they come, the values' share of the squared distance is
# {claim}`graph.weights/ecg, as they come/share of the values` with this book's network and
# {claim}`graph.weights/random, as they come/share of the values` with the untrained one
# ({numref}`tab-graph-weights`). {ref}`The chapter on fusion <chapter-fusion>` met the same accident
# of scale. Nobody decided either share. With the first network, the five values choose next
# to none of the neighbours: {claim}`graph.weights/ecg, as they come/page, chosen by` are those of
# the page alone, {claim}`graph.weights/ecg, as they come/values, chosen by` those of the values
# alone. With equal say, both have a hand in the choice, and most neighbours are near enough in both
# to be first in neither.
#
# ## Which way a message runs
#
# Three people are enough to see the next decision. Ada and Ben have almost the same ejection
# fraction, and Cem a much lower one. Each chooses one neighbour: Ada chooses Ben, Ben chooses Ada,
# and Cem, for want of anybody nearer, chooses Ben.
#
# Now the ties become edges, and an edge has a direction. In PyTorch Geometric an edge $i \to j$
# carries a message *from* $i$ *to* $j$, unless one asks for the opposite {cite}`fey2019`. The
# published code writes down an edge from each patient to each of its neighbours. It looks like "my
# neighbours", and it says "I speak to my neighbours". So a patient hears those who chose it, and a
# patient whom nobody chose hears nobody. Meant was, surely, the reverse.

# %%
from hfgnn.graph.direction import hears_choosers, hears_neighbours
from hfgnn.graph.knn import neighbours

names, ef = ["Ada", "Ben", "Cem"], np.array([0.60, 0.58, 0.40])
near = neighbours(ef[:, None], k=1)
ways = {"as published": hears_choosers(near), "as it should be": hears_neighbours(near)}

# %%
fig, axes = plt.subplots(1, 2, figsize=(5.4, 2.5))
for ax, (way, edges) in zip(axes, ways.items(), strict=True):
    arrows(ax, [[0, 1], [1, 0.6], [0.45, -0.2]], edges, names)
    ax.set_title(way)
about = "Three people and one neighbour each: arrows run from who speaks to who hears."
seen = "Ada and Ben point at each other in both. Left, Cem points at Ben; right, Ben points at Cem."
figure(fig, "graph.three_drawn", caption=about, alt=seen)

# %% [markdown]
# Let everybody replace the own ejection fraction by the mean of it and of what is heard. A graph
# convolution does the same with other weights and learned features; who hears whom is the same. We
# expect Cem to be left alone on the left of {numref}`fig-graph-three-drawn`, and Ben to be told by
# Cem, whom he never chose.

# %%
rows = {}
for way, edges in ways.items():
    for i, name in enumerate(names):
        who = edges[0][edges[1] == i]
        told = " and ".join(names[j] for j in who) or "nobody"
        mean = ef[[i, *who]].mean()
        rows[f"{name}, {way}"] = {"hears": told, "own value": ef[i], "after one round": mean}
about = "One round of messages among three people, in either direction."
formats = {"own value": ".2f", "after one round": ".2f"}
three = pd.DataFrame(rows).T.rename_axis("who").astype(dict.fromkeys(formats, float))
table(three, "graph.three", caption=about, formats=formats)

# %% [markdown]
# With the published edges Cem hears {claim}`graph.three/Cem, as published/hears` and stays at
# {claim}`graph.three/Cem, as published/after one round`, while Ben, who was well off beside Ada, is
# pulled down to {claim}`graph.three/Ben, as published/after one round` by somebody far away. The
# other way round, each hears the one who is nearest, and nobody is left out.
#
# What does the direction do to graphs of hundreds? Below are the thesis's two folders as published,
# with this book's network, and the graph of training people as it should be, each with its edges in
# the published direction, in the opposite one, and in both. Whoever is tested as it should be is
# attached to the training people; we come to that.

# %%
chosen = anatomy.graphs.query("backbone == 'ecg' and graph != 'attached'")
kind = {"test": "test files", "train": "training files"}
who = chosen["graph"].map(kind).where(chosen["recipe"] == "as published", "training people")
ways = chosen.set_index(who + ", hear " + chosen["hears"].replace("both", "both ways"))
cells = ways[["nodes", "edges", "unheard", "most", "homophily"]].rename_axis("graph")
cells = cells.rename(columns={"unheard": "hear nobody", "most": "most heard"})
about = "The same ties in three directions: files as published, people as they should be."
formats = {"nodes": ",d", "edges": ",d", "hear nobody": ".1%", "homophily": ".3f"}
table(cells, "graph.ways", caption=about, formats=formats)

# %%
for name, side in (("published", "test"), ("sound", "train")):
    recipe = "as published" if side == "test" else "as it should be"
    sizes = chosen.query("recipe == @recipe and graph == @side").set_index("hears")["edges"]
    mutual = 2 - sizes["both"] / sizes["those who chose it"]
    record(f"graph.lost.{name}", 1 - mutual, n=sizes["those who chose it"])

# %% [markdown]
# In {numref}`tab-graph-ways` the published direction leaves
# {claim}`graph.ways/test files, hear those who chose it/hear nobody` of the thesis's test files
# without anybody to hear, and gives the most popular file
# {claim}`graph.ways/test files, hear those who chose it/most heard` voices. That is milder than one
# might fear. The larger damage is quieter: only ties that are mutual are right whichever way they
# point, and {claim}`graph.lost.published:.0%` are not. So on average a file misses that share
# of the neighbours it was meant to hear, and hears as many others on whom it never had a say. Among
# people it is {claim}`graph.lost.sound:.0%`.
#
# One column does not move between the first two directions: the last one. Whether a tie joins two
# of a label does not depend on which of them speaks. This is one reason why such a reversal is not
# noticed. Another is that nothing crashes.
#
# ## Homophily, and what it owes to chance
#
# That last column is the **homophily** of the graph, the share of edges between two patients of
# one label {cite}`zhu2020`; the label is sick or normal here. It wants a yardstick. If labels were
# dealt to the nodes like cards, an edge would still join two of one label with the chance
#
# $$
# h_0 = \sum_{c} \frac{n_c\,(n_c - 1)}{n\,(n - 1)},
# $$
#
# where $n_c$ counts the nodes of label $c$. Three quarters of the thesis's test files are sick, so
# $h_0$ is well above one half: {claim}`graph.chance.published:.3f`. Only what lies above it is the
# graph's.
#
# Now the ingredients, one by one. Nodes: people, or the files of the test folder, or those of the
# training folder, where copies are more. Values: from the heart, or from the label. Distance: as
# they come, with equal say, or by one modality alone. For each we deal the folders and draw the
# values several times over and take the mean. What would you expect of an honest graph? And which
# of the ingredients can raise homophily without knowing anything about anybody's heart?

# %%
keys = ["backbone", "who", "values", "distance"]
by = anatomy.parts.replace({"who": {"train files": "training files"}}).groupby(keys)
means = by[["homophily", "by_chance", "copies"]].mean()
record("graph.parts.spread", by["homophily"].std().max(), n=anatomy.parts["deal"].nunique())
parts = means["homophily"].unstack()
parts["by chance"] = means["by_chance"].unstack().max(axis=1)
parts["copies"] = means["copies"].unstack()["as they come"]
shown = parts.loc["ecg"].copy()
shown.index = pd.Index([f"{n}, {v}" for n, v in shown.index], name="nodes and values")
about = (
    "Homophily by ingredients, with this book's network: the mean over deals of folders and draws "
    "of values. Copies: the share of edges within one person, at the distance as they come."
)
formats = dict.fromkeys(shown, ".3f") | {"copies": ".1%"}
table(shown, "graph.parts", caption=about, formats=formats)

# %% [markdown]
# The same in a picture, with the untrained network beside ours. What lies on the bar owes nothing
# to the graph. What lies far to its right owes it to whatever that row switched on.

# %%
looks = {"as they come": (REPORTED, "s"), "equal say": (RIVAL, "o"), "page alone": (BEST, "D")}
looks["by chance"] = (INK, "|")


def switched(ax: plt.Axes, some: pd.DataFrame, title: str) -> None:
    """Draw one row for each kind of node and of values, a mark for each distance."""
    rows = np.arange(len(some))
    for way, (colour, mark) in looks.items():
        ax.plot(some[way], rows, mark, ms=10, mfc="none", mec=colour, mew=2, label=way)
    ax.set_yticks(rows, [f"{who},\n{values}" for who, values in some.index])
    ax.set(title=title, xlim=(0.5, 1.01), ylim=(-0.6, len(some) - 0.4))


# %%
fig, axes = plt.subplots(2, 1, figsize=(5.4, 8.2), sharex=True)
switched(axes[0], parts.loc["ecg"][::-1], "This book's network")
switched(axes[1], parts.loc["random"][::-1], "An untrained network")
axes[1].set_xlabel("homophily: share of edges between two of one label")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
about = "Homophily as its ingredients are switched; the bar is what chance gives."
seen = (
    "Values from the label: all but page alone lie far right, with either network. From the heart: "
    "people lie little to the right of their bar, files further. Below, pages of people lie at it."
)
figure(fig, "graph.parts_drawn", caption=about, alt=seen)

# %%
sound, published = parts.loc[("ecg", "people")], parts.loc[("ecg", "test files")]
untrained, trained = parts.loc["random"], parts.loc["ecg"]
record("graph.homophily.sound", sound.loc["from the heart", "equal say"])
record("graph.homophily.published", published.loc["from the label", "as they come"])
record("graph.homophily.untrained", untrained.loc[("test files", "from the label"), "as they come"])
record("graph.chance.sound", sound.loc["from the heart", "by chance"])
record("graph.chance.published", published.loc["from the label", "by chance"])
record("graph.page.untrained", untrained.loc[("people", "from the heart"), "page alone"])
once = ("people", "from the label")
record("graph.louder", [untrained.loc[once, "as they come"], trained.loc[once, "as they come"]])
folder = trained.loc[("training files", "from the heart")]
others = max(1 - folder["copies"], 1e-9)  # edges that join two people: none in the smallest profile
record("graph.copies.left", 1 - (1 - folder["as they come"]) / others)

# %% [markdown]
# Read {numref}`tab-graph-parts` from the top and {numref}`fig-graph-parts-drawn` row by row. The
# largest standard deviation over deals is {claim}`graph.parts.spread:.3f`. That is the luck of
# dealing and drawing only; other people would move all rows, so a difference of a hundredth or two
# among honest graphs is not worth a story.
#
# **People, from the heart.** The honest graph has a homophily of
# {claim}`graph.parts/people, from the heart/equal say` with equal say, against
# {claim}`graph.chance.sound:.3f` by chance. Neighbours do resemble each other, and modestly. The
# page alone gives {claim}`graph.parts/people, from the heart/page alone`, the five values alone
# {claim}`graph.parts/people, from the heart/values alone`. Putting both into one distance does not
# add what each of them knows; a distance is an average, not an argument. Nor does equal say raise
# homophily: as they come gives {claim}`graph.parts/people, from the heart/as they come`. What it
# buys is that the weights are ours, and not the network's loudness.
#
# **People, from the label.** Nothing was changed but the source of the five values, and homophily
# jumps to {claim}`graph.parts/people, from the label/as they come`, with equal say to
# {claim}`graph.parts/people, from the label/equal say`. Patients of one label now resemble each
# other because the label made them so. {ref}`The chapter on the five values <chapter-clinical>`
# showed how well these values know the label; a graph that is built on them hands that knowledge to
# the neighbours.
#
# **The untrained network.** Its pages alone give {claim}`graph.page.untrained:.3f`, which is no
# better than chance: whom it finds alike are not alike in their label. Yet with values from the
# label its graph is *more* homophilous than that of the network which can read an ECG; the two
# stand {claim}`graph.louder`. The reason is in {numref}`tab-graph-weights`: it is quieter, so the
# values are better heard. A high homophily does not show that a network sees anything.
#
# **Copies.** In the training folder, with honest values, homophily rises to
# {claim}`graph.parts/training files, from the heart/as they come`. There
# {claim}`graph.parts/training files, from the heart/copies` of the edges run between copies of one
# person, and a person agrees with oneself. Of the other edges {claim}`graph.copies.left:.3f` agree,
# about as many as among people. The test folder holds fewer copies of each page; they make
# {claim}`graph.parts/test files, from the heart/copies` of its edges, and it gains less. Part of
# what is gained there is the yardstick: the folders have relatively more of the sick than the
# collection has, and chance rises, too.
#
# So there are two ways to a homophilous graph that need no ECG: write the label into the features,
# or put the same patient in twice. As published, both are taken.
#
# The whole anatomy, of either network, each in the direction that belongs to it:

# %%
mine = (anatomy.graphs["recipe"] == "as published") == (
    anatomy.graphs["hears"] == "those who chose it"
)
own = anatomy.graphs[mine & (anatomy.graphs["hears"] != "both")]
kind = own["graph"].where(own["recipe"] != "as published", own["graph"] + " files")
kind = kind.replace({"train": "training people", "attached": "and tested ones attached"})
cells = own.drop(columns=["recipe", "graph", "hears"]).set_index(
    pd.Index(kind.str.replace("train ", "training ") + ", " + own["backbone"], name="graph")
)
names = {"by_chance": "by chance", "unheard": "hear nobody", "most": "most heard"}
formats = dict.fromkeys(("homophily", "by chance"), ".3f") | {"nodes": ",d", "edges": ",d"}
formats |= {"hear nobody": ".1%", "copies": ".1%", "hubness": ".2f"}
about = "One deal of each graph. Files: as published; people: as it should be."
cells = cells.drop(columns="backbone").rename(columns=names)
table(cells, "graph.anatomy", caption=about, formats=formats)

# %% [markdown]
# {numref}`tab-graph-anatomy` repeats with one deal what the means said, for either network, and
# adds a column of which we have not spoken, the last.
#
# ## Hubs
#
# A node that is everybody's neighbour is called a hub. In the published direction a hub hears a
# crowd; in the other one a crowd hears the hub. Both ways, one patient's numbers are in many
# mouths. Hubs are to be feared where there are many dimensions: there, all distances grow alike,
# and whoever lies a little nearer to the middle is a little nearer to everyone. How skewed the
# counts of being chosen are is called hubness {cite}`radovanovic2010`; it is zero where they lie
# evenly about their mean, and in hundreds of independent dimensions it becomes large.
#
# Our pages have hundreds of columns. Do they have hundreds of dimensions? We set pure noise beside
# them, as wide as the page and as wide as the five values, for as many people. If the columns of
# the page were independent, its row would resemble the row of the wide noise.

# %%
from hfgnn.graph.measures import hubness, unheard
from hfgnn.seeding import rng

wanted = "backbone == 'ecg' and who == 'people' and values == 'from the heart' and deal == 0"
some = anatomy.parts.query(wanted).set_index("distance")
noise = rng(seed, "noise").normal(size=(some["nodes"].iloc[0], 512))
rows = some.loc[["values alone", "page alone", "equal say"], ["hubness", "unheard", "most"]]
for name, x in (("noise, as wide as the values", noise[:, :5]), ("as wide as the page", noise)):
    near = neighbours(x)
    top = np.bincount(near.ravel()).max()
    rows.loc[name] = [hubness(near, len(x)), unheard(hears_choosers(near), len(x)), top]
rows = rows.rename(columns={"unheard": "never chosen", "most": "most often"})
formats = {"hubness": ".2f", "never chosen": ".1%", "most often": ".0f"}
about = "Hubness of people by what is near, beside noise of the same shape."
table(rows.rename_axis("near by"), "graph.hubs", caption=about, formats=formats)

# %% [markdown]
# It does not. Noise as wide as the page leaves {claim}`graph.hubs/as wide as the page/never chosen`
# of the people unchosen and makes somebody the neighbour of
# {claim}`graph.hubs/as wide as the page/most often` others, with a hubness of
# {claim}`graph.hubs/as wide as the page/hubness`. The page alone has
# {claim}`graph.hubs/page alone/hubness`, and {claim}`graph.hubs/page alone/never chosen` unchosen
# ({numref}`tab-graph-hubs`). Its columns repeat each other; for the network, one page differs from
# another in far fewer ways than the vector has places. That is the luck of the published direction:
# had the pages used their width, many more patients would have heard nobody.
#
# How often is each node chosen? The mean is five by construction, and only the shape can differ.

# %%
drawn = get("graph.layout")
two = {name: some.reset_index(drop=True) for name, some in drawn.nodes.groupby("recipe")}
heard = {name: e[["speaks", "hears"]].to_numpy().T for name, e in drawn.edges.groupby("recipe")}
fig, axes = plt.subplots(2, 1, figsize=(5.4, 4.6), sharex=True)
for ax, name in zip(axes, ("as published", "as it should be"), strict=True):
    asked = np.flatnonzero(two[name]["side"] == two[name]["side"].iloc[0])
    chooser, choice = heard[name] if name == "as published" else heard[name][::-1]
    often = np.bincount(choice[np.isin(chooser, asked)], minlength=len(asked))
    times = np.bincount(often, minlength=28) / len(often)
    ax.bar(np.arange(len(times)), times, color=[SICK, *[MUTED] * (len(times) - 1)])
    ax.set(title=f"{name}: share of nodes", yticks=[0, 0.1])
axes[1].set_xlabel("how often a node is chosen")
about = "How often nodes are chosen; in the published direction, how many they hear."
seen = "Two humps over counts from zero, highest near three, with tails to about twenty."
figure(fig, "graph.chosen", caption=about, alt=seen)

# %% [markdown]
# Both humps in {numref}`fig-graph-chosen` have most of their mass at five or below, and a tail to
# the right: a few popular nodes take what many lack. The first bar, in the colour of alarm, are
# those whom nobody chooses. Published, they hear nobody; as it should be, they hear their five like
# everyone and are merely never heard.
#
# ## Which classes mix
#
# The four classes of the collection are three kinds of sick, and normal. The label of the thesis
# knows only two. If the graph saw hearts, it should confuse what looks alike on an ECG: an infarct
# and its history leave the same scar. If it saw the label, it should part normal from all others,
# and not care which kind of sick somebody is. We expect a bit of both in the graph as published.

# %%
from hfgnn.graph.measures import mixing

short = {"MI": "infarct", "History_MI": "history", "Abnormal": "abnormal", "Normal": "normal"}
order, mixed = list(short.values()), {}
recipes = {"as published": "published", "as it should be": "sound"}
for name, key in recipes.items():
    label = two[name]["class"].map(short)
    shares = mixing(heard[name], label).reindex(index=order, columns=order)
    shares.loc["anybody"] = label.value_counts(normalize=True)
    mixed[name] = shares
    record(f"graph.mixing.{key}", shares.loc["normal", "normal"])
    record(f"graph.mixing.anybody_{key}", shares.loc["anybody", "normal"])
    scars = shares[["infarct", "history"]].sum(axis=1)
    record(f"graph.mixing.scar_{key}", scars["infarct"])
    record(f"graph.mixing.scars_{key}", scars["anybody"])

# %%
fig, axes = plt.subplots(1, 2, figsize=(5.4, 3.7), sharey=True)
for ax, (name, shares) in zip(axes, mixed.items(), strict=True):
    (row, column), values = np.indices(shares.shape).reshape(2, -1), shares.to_numpy().ravel()
    share = np.nan_to_num(values) * 0.6
    ax.scatter(column, row, 1050, BEST, marker="s", alpha=share, linewidths=0)
    for x, y, value in zip(column, row, values, strict=True):
        ax.text(x, y, f"{value:.0%}", ha="center", va="center", color=INK)
    ax.set(title=name, xlim=(-0.6, 3.6), ylim=(4.6, -0.6), xlabel="who is heard")
    ax.set_xticks(range(4), order, rotation=40, ha="right")
    ax.set_yticks(range(5), shares.index)
about = "Of all whom a class hears, the share of each class; last row: among all nodes."
seen = "Shares in squares. Left, only the normal hear many normal. Right, every class does."
figure(fig, "graph.mixing_drawn", caption=about, alt=seen)

# %% [markdown]
# In {numref}`fig-graph-mixing-drawn`, as published, {claim}`graph.mixing.published:.0%` of those
# whom normal files hear are normal, of all files {claim}`graph.mixing.anybody_published:.0%`. Among
# people the same two shares are {claim}`graph.mixing.sound:.0%` and
# {claim}`graph.mixing.anybody_sound:.0%`. What an infarct hears is in
# {claim}`graph.mixing.scar_published:.0%` and {claim}`graph.mixing.scar_sound:.0%` of the cases an
# infarct or a history of one, of all nodes in {claim}`graph.mixing.scars_published:.0%` and
# {claim}`graph.mixing.scars_sound:.0%`: scars do find each other, in either graph, if among files
# some of them are one scar met twice. What is gone in the second is the wall around the normal.
#
# ## Two graphs to look at
#
# A layout is not an argument, yet it may show what numbers hide. Each node is drawn near those to
# whom it is tied, as far as a plane allows; the method starts from the features and follows the
# edges, and it knows no label. Above, the thesis's test folder as published; nodes that hear a copy
# of themselves, or are heard by one, have a dark rim. Below, everybody once: the training people
# tied among each other, the tested ones tied to these. Look for clumps, and for colours that keep
# to themselves.

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.4, 9.8))
for ax, (name, key) in zip(axes, recipes.items(), strict=True):
    some, edges, at = two[name], heard[name], two[name][["x", "y"]].to_numpy()
    rim = np.isin(some.index, edges[:, np.equal(*some["person"].to_numpy()[edges])])
    network(ax, at, edges, some["class"] != "Normal", marked=rim)
    ax.set_title(name)
    gap = np.hypot(*(at[:, None] - at).T)  # between any two nodes
    record(f"graph.near.{key}", gap[tuple(edges)].mean() / gap.mean(), n=len(at))
    if rim.any():
        record("graph.rim", rim.mean(), n=len(rim))
axes[0].legend()
about = "Nodes near to whom they are tied to. Dark rims: tied to a copy of the same person."
seen = "Above: small dark-rimmed clumps. Below: none; squares among discs, more on one side."
figure(fig, "graph.layout", caption=about, alt=seen)

# %% [markdown]
# Most clumps above in {numref}`fig-graph-layout` are people who met themselves:
# {claim}`graph.rim:.0%` of the files are tied to a copy. Below there is nobody twice, and the cloud
# is more even. Sick and normal share it, more of one here, more of the other there. That is what a
# homophily a little above chance looks like. Where a single node lies means little, and on another
# machine it may lie elsewhere. That the tied are drawn near each other can be measured: on average
# a tie is {claim}`graph.near.published:.0%` as long as the way between any two nodes above, and
# {claim}`graph.near.sound:.0%` below.
#
# ## A new patient comes
#
# The last step of the thesis is the one for which a clinic would want all this: one new patient.
# There, the patient's numbers are appended to those of {lit}`thesis.read_val` known files, the
# graph is built again with one node more, and the network reads off its answer. Such a graph is
# *transductive*: whoever is judged is part of what is judged by. The new patient pushes in between
# old neighbours, and two new patients who arrive together would change each other's answer. And in
# the published direction, the patient hears those who now choose the newcomer, and not those to
# whom the newcomer is near.
#
# *Inductive* attachment leaves the known graph as it is. The new patient hears the nearest of the
# training people, as many as always, and is heard by nobody. Who else arrives makes no difference.
#
# Let newcomers come one at a time. Four graphs wait for them, all rebuilt in the published
# direction: as many training files as the thesis's graph has; the whole training folder, where each
# page lies several times; the same folder with honest values and equal say, so that nothing but the
# copies is left to blame; and the training people, each once. To each graph come those of the test
# side, who among files are mostly copies of somebody who is there already, and then strangers:
# people who are not in the collection at all. Reading the code one fears that most newcomers hear
# nobody. Reason says less: a newcomer that is like the rest is chosen as often as the rest, five
# times on average. But is a stranger like the rest, where the rest are copies of each other?

# %%
from hfgnn.evaluate.intervals import clopper_pearson

arrivals = get("graph.newcomers").arrivals
by = arrivals.groupby(["graph", "known", "newcomer"], sort=False)["heard"]
cells = by.agg(newcomers="size", nobody=lambda h: (h == 0).mean(), mean="mean", most="max")
cells = cells.reset_index("known").rename(columns={"known": "nodes", "nobody": "hear nobody"})
who = {"elsewhere": "strangers", "test": "the tested"}
cells.index = pd.Index([f"{who[side]}, {graph}" for graph, side in cells.index], name="newcomers")
formats = {"hear nobody": ".1%", "mean": ".1f", "nodes": ",d", "newcomers": ",d"}
about = "One newcomer at a time in a graph rebuilt as published: how many does it hear?"
table(cells, "graph.newcomers", caption=about, formats=formats)

# %%
keys = {
    "as many files as the thesis": "some",
    "all training files": "all",
    "all training files, honest": "honest",
    "training people": "once",
}
for graph, key in keys.items():
    n, share = cells.loc[f"strangers, {graph}", ["newcomers", "hear nobody"]]
    ends = clopper_pearson(round(n * share), int(n))
    record(f"graph.strangers.{key}", share, n=int(n), interval=ends)

# %% [markdown]
# Where everybody is there once, {claim}`graph.strangers.once:.1%` of the strangers hear nobody, in
# {claim}`graph.strangers.once!interval:.1%`. In a graph of as many files as the thesis's it is
# {claim}`graph.strangers.some:.1%`, in {claim}`graph.strangers.some!interval:.1%`, and in the whole
# training folder {claim}`graph.strangers.all:.1%`, in {claim}`graph.strangers.all!interval:.1%`.
# Honest values and equal say do not mend it; there it is {claim}`graph.strangers.honest:.1%`, since
# copies then are the same in every number, where values drawn anew for each file had kept them a
# little apart. These are intervals over strangers, for one deal of the folders. Copies fill each
# other's neighbourhoods, and nobody from outside comes nearer ({numref}`tab-graph-newcomers`). For
# a patient who hears nobody the graph is no graph; the network sees that patient alone. The files
# of the test folder fare the other way: of those that come to the whole training folder,
# {claim}`graph.newcomers/the tested, all training files/hear nobody` hear nobody. So who tests on
# copies does not see what happens to new patients.
#
# Our fear from reading the code was still too dark: most newcomers hear somebody. Each time one
# does, somebody else pays: whoever chooses the newcomer drops an old neighbour. Attached instead,
# each newcomer hears five, always, and nobody drops anyone. That needs no experiment; it is so by
# construction, and a test of the package holds it so.
#
# ## What we saw, and its limits
#
# - As published, {claim}`graph.homophily.published:.0%` of the ties join one label, and
#   {claim}`graph.homophily.untrained:.0%` with an untrained network. Values drawn from the label
#   are enough for it; copies add to it without any value.
# - Among people with values from their hearts homophily is {claim}`graph.homophily.sound:.3f`,
#   chance gives {claim}`graph.chance.sound:.3f`.
# - Unscaled, page and values are weighed by how loudly the network speaks. Equal say raises nothing
#   by itself; it takes the decision away from chance.
# - In the published direction a node misses {claim}`graph.lost.published:.0%` of its own
#   neighbours. Few nodes hear nobody. Of strangers who come to the whole training folder
#   {claim}`graph.strangers.all:.0%` do, where the test's copies nearly all hear somebody.
#
# The limits. All of this is one population of simulated people, drawn once, and one pair of
# networks; the thesis's own network had learned from photographs, and its spread, and with it the
# weights, may be another. The folders are as large as the thesis counts them; that they hold copies
# is an inference. We took the files that the folders hold and left out what the thesis made of them
# by augmentation, which would add more copies of a kind. The thesis's demonstration also scaled its
# new patients with numbers from another run, which we did not copy; such a patient may lie farther
# from everybody, and hear nobody more often. Homophily of edges weighs popular nodes more. Above
# all, a homophilous graph need not help, and one with a modest homophily need not be useless:
# whether messages add to what a patient's own numbers say is measured with networks, on the same
# people, with the graph and without it.
#
# ## Exercises
#
# ````{exercise-start} Change this number
# :label: graph-ex-k
# ````
# Three times as many neighbours: take fifteen in the graph of the training people. What becomes of
# homophily, of those whom nobody chooses, and of hubness? Guess a direction for each.
# ````{exercise-end}
# ````
#
# ````{solution-start} graph-ex-k
# :class: dropdown
# ````

# %%
from hfgnn.graph.measures import homophily
from hfgnn.train.graphs import SOUND, nodes

people = get("thesis.pages")
some = nodes(people, SOUND, rng(seed, "graph"), "ecg").on("train")
for k in (5, 15):
    near = neighbours(some.x, k)
    record(f"graph.exercise.homophily_{k}", homophily(hears_neighbours(near), some.sick))
    record(f"graph.exercise.never_{k}", unheard(hears_choosers(near), len(near)))
    record(f"graph.exercise.hubness_{k}", hubness(near, len(near)))

# %% [markdown]
# Homophily goes from {claim}`graph.exercise.homophily_5:.3f` to
# {claim}`graph.exercise.homophily_15:.3f`: neighbours farther away resemble one less, though here
# the loss is small, because the nearest were not very much alike either. The share of those whom
# nobody chooses goes from {claim}`graph.exercise.never_5:.1%` to
# {claim}`graph.exercise.never_15:.1%`, since there are more votes to be had, and hubness from
# {claim}`graph.exercise.hubness_5:.2f` to {claim}`graph.exercise.hubness_15:.2f`. More neighbours
# would have hidden the reversed direction even better.
# ````{solution-end}
# ````
#
# ````{exercise-start} Angles for distances
# :label: graph-ex-cosine
# ````
# Many people compare embeddings by the cosine of the angle between them. Make Euclid's neighbours
# into those of the cosine by dividing each row by its length. Does the graph become more
# homophilous? Whose neighbours change most, and why would that be?
# ````{exercise-end}
# ````
#
# ````{solution-start} graph-ex-cosine
# :class: dropdown
# ````

# %%
from hfgnn.train.graphs import shared

length = np.linalg.norm(some.x, axis=1, keepdims=True)
near, turned = neighbours(some.x), neighbours(some.x / length)
record("graph.exercise.cosine", homophily(hears_neighbours(turned), some.sick))
record("graph.exercise.cosine_hubness", hubness(turned, len(turned)))
record("graph.exercise.cosine_shared", shared(near, turned))
rank = length.ravel().argsort()
third = len(rank) // 3
for name, who in (("middle", rank[:third]), ("edge", rank[-third:])):
    record(f"graph.exercise.cosine_{name}", shared(near[who], turned[who]))

# %% [markdown]
# For rows of length one, the squared distance is two minus twice the cosine, so the nearest are
# those at the smallest angle. They are the same as before in
# {claim}`graph.exercise.cosine_shared:.0%` of the cases. Homophily is
# {claim}`graph.exercise.cosine:.3f` against {claim}`graph.exercise.homophily_5:.3f`, and hubness
# {claim}`graph.exercise.cosine_hubness:.2f` against {claim}`graph.exercise.hubness_5:.2f`. The
# third of the people nearest to the middle keep {claim}`graph.exercise.cosine_middle:.0%` of their
# neighbours, the third farthest from it {claim}`graph.exercise.cosine_edge:.0%`. Because both
# modalities were centred, the length of a row says how unusual somebody is. Near the middle a small
# step turns the angle far, so there it changes most. And the cosine forgets the length,
# so a slightly unusual person can hear a very unusual one of the same kind, where Euclid ties the
# slightly unusual to each other.
# ````{solution-end}
# ````
#
# ````{exercise-start} Men hear men, women hear women
# :label: graph-ex-sex
# ````
# ECGs of men and women differ. Let everybody hear the nearest people of the same sex only. Would
# you expect homophily to rise or to fall?
# ````{exercise-end}
# ````
#
# ````{solution-start} graph-ex-sex
# :class: dropdown
# ````

# %%
woman = people.table["heart_sex"].to_numpy()[some.person] > 0
same = np.empty((len(woman), 5), dtype=int)
for who in (woman, ~woman):
    rows = np.flatnonzero(who)
    same[rows] = rows[neighbours(some.x[rows])]
record("graph.exercise.sex_before", (woman[near] == woman[:, None]).mean())
record("graph.exercise.sex", homophily(hears_neighbours(same), some.sick))

# %% [markdown]
# Even without the rule, {claim}`graph.exercise.sex_before:.0%` of the neighbours are of the same
# sex. With it, homophily is {claim}`graph.exercise.sex:.3f`, beside
# {claim}`graph.exercise.homophily_5:.3f` without. Two things pull against each other: a difference
# that has nothing to do with sickness is taken out of the distance, and everybody has only about
# half as many people to choose from, who are on average farther away.
# ````{solution-end}
# ````
