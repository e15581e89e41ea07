# %% [markdown]
# (chapter-data)=
# # People whose hearts we know
#
# {.hf-lead}
# A model can only be as right as the data that judge it. In a hospital nobody knows the truth: a
# label is an opinion, a measurement has an error, and a folder of pages says nothing of whose they
# are. So this book first makes people of its own, each with a heart that is known, and looks at
# them as a clinic would. **What must we know about our patients before a score on them means
# anything?**
#
# ```{chapter-card} 01_data
# ```
#
# We found three answers, and the chapter follows them. One must know how well anybody *could* do,
# or a score has no yardstick. One must know in what respect the patients resemble real ones, and in
# what they do not. And one must know whether a patient is there twice: this is the humble part, the
# first of the thesis's seven stages, in which files are looked at before anything learns from them.
# The chapter will claim that
#
# - whoever could see into the simulated hearts would tell sick from normal with an AUROC of
#   {claim}`data.ceiling.sick.heart` and no better, because a reader who errs has named the classes;
#   whoever sees the ECG alone could reach about {claim}`data.ceiling.sick.ecg`;
# - of what can be measured on the simulated normal ECGs, {claim}`data.realism.norm:.1%` lies where
#   real ones lie, and a perfect simulator would score {claim}`data.realism.norm_perfect:.1%`; of
#   the rarest kind that can be compared it is {claim}`data.realism/CLBBB/in range`, and we say
#   what gives it away;
# - of {claim}`data.folder.planted` faults that were planted in a folder of pages, the check finds
#   {claim}`data.folder.found`, and of good files it accuses {claim}`data.folder.spurious`;
# - copies make fools of us: with them, a method that knows nothing of ECGs scores
#   {claim}`data.copies.published:.1%` on simulated folders like the thesis's, and without them
#   {claim}`data.copies.sound:.1%`.
#
# No knowledge of ECGs is needed. What a picture shows is said beside it, and the words are in the
# {ref}`glossary`.

# %% tags=["parameters"]
profile = "book"
seed = 2025

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from hfgnn.cohort import FS
from hfgnn.pipeline import open_chapter
from hfgnn.plots.style import BEST, MUTED, NORMAL, RIVAL, SICK

get, record, figure, table = open_chapter("01_data", profile=profile, seed=seed)

# %% [markdown]
# ## The hidden heart
#
# Everything that is true of a simulated person stands in one record, the *hidden heart*: sex, age
# and size of the body; what wears a heart, such as high blood pressure, diabetes, a scar after an
# infarct or a disease of the muscle; how heavy and how wide the left ventricle is and what share of
# its blood a beat sends out; how the current spreads through it, and in which rhythm. Nobody ever
# sees this record. Clinics, readers and networks see pictures and numbers that were *caused* by it.
#
# The variables cause one another. Age raises the blood pressure, pressure thickens the muscle, a
# thick muscle slows the current and stretches the atria until they fibrillate. We wrote this down
# as arrows, and the arrows are not an illustration: each variable's equation is handed exactly
# those causes that point at it, and nothing else.

# %%
groups = {
    "person": ("sex", "age", "bsa"),
    "wear": ("diabetes", "hypertension", "infarct", "infarct_size", "acute", "cardiomyopathy"),
    "load": ("pressure",),
    "muscle": ("edv", "ef", "esv", "mass"),
    "current": ("conduction", "af"),
    "last": ("filling", "rate", "ischaemia", "strain", "low_voltage"),
}
names = {"bsa": "body", "hypertension": "high BP", "cardiomyopathy": "myopathy"}
names |= {"infarct_size": "scar", "low_voltage": "low voltage"}
names |= {short: short.upper() for short in ("edv", "esv", "ef", "af")}

# %%
from hfgnn.plots.causes import causes
from hfgnn.world.arrows import ARROWS

fig, ax = plt.subplots()
arrows = [(arrow.cause, arrow.effect) for arrow in ARROWS]
causes(ax, groups, arrows, noted=groups["person"], names=names)
about = "The causes in a hidden heart. Every arrow is a term of an equation."
seen = (
    "A diagram that is read downwards: sex, age and body on top; diabetes, high blood pressure, "
    "infarct, scar and muscle disease below; then the volumes, the ejection fraction and the mass "
    "of the ventricle; conduction and rhythm; filling pressure, strain, ischaemia and heart rate."
)
figure(fig, "data.causes", caption=about, alt=seen)

# %% [markdown]
# An equation has one of a few forms. Let $\varepsilon$ be a number drawn for this variable and
# this person alone, from the standard normal distribution. Then a measure such as the mass of the
# ventricle is
#
# $$
# \log(\text{mass}) = \text{sum of its causes' terms} + \sigma \varepsilon .
# $$
#
# Other measures are such sums themselves, or their logits are. A fact that is either so or not so,
# such as diabetes, is so when the sum of its terms and $\varepsilon$ is positive, and the kind of a
# conduction block is drawn with odds whose logarithms are such sums; constants and spreads stand in
# `hfgnn/world/law.py`. So a person is no more than a list of random numbers and the arrows. Whoever
# wants to know what a scar *does* can keep the numbers, change the scar by hand, and follow the
# arrows downwards; an exercise below does that, and no clinic could.
#
# Words below a name in {numref}`fig-data-causes` are arrows, too: sex, age and body size reach so
# much that drawing theirs would hide the rest. EDV and ESV are the volumes of the ventricle before
# and after a beat, and EF, the ejection fraction, is what lies between.
#
# Three tables give every arrow with its term and its source. In brackets stand men and women, or
# the four kinds of block in the order left bundle, right bundle, left anterior, non-specific. We
# begin with what people bring along and what wears the heart.


# %%
def named(keys):
    """Write keys of the references as name and year."""
    spoken = keys.str.replace("vanderende", "van der ende")
    apart = spoken.str.replace(r"(?=\d{4})", " ", regex=True).str.title()
    return apart.str.replace("Van Der", "van der")


# %%
def arrows_into(*effects):
    """Tabulate the arrows that point at these variables."""
    chosen = [arrow for arrow in ARROWS if arrow.effect in effects]
    names = [f"{a.cause} to {a.effect}".replace("_", " ") for a in chosen]
    columns = {"term": [a.equation for a in chosen], "source": [a.source for a in chosen]}
    frame = pd.DataFrame(columns, index=pd.Index(names, name="arrow"))
    frame["source"] = named(frame["source"])
    return frame


about = "What wears the heart: each arrow's term, and where it comes from."
table(arrows_into("bsa", *groups["wear"], "pressure"), "data.arrows.wear", caption=about)

# %% [markdown]
# How common high blood pressure is follows {cite:t}`mills2016`; the risks of an infarct follow
# {cite:t}`anand2008`, its size {cite:t}`stone2016`, and that it is smaller in women
# {cite:t}`nordlund2019`. "Chosen" means what it says: we found no number that fits, took one that
# gives sensible people, and wrote it down where it can be changed. A definition is an identity.

# %%
about = "The muscle: volumes in millilitres, mass in grams, and what they do to the ECG."
table(arrows_into(*groups["muscle"], "strain", "low_voltage"), "data.arrows.muscle", caption=about)

# %% [markdown]
# Volumes, mass and ejection fraction, with their spread and their difference between men and women,
# are those of healthy people in UK Biobank {cite}`petersen2017`; what an infarct takes from the
# ejection fraction follows {cite:t}`wu2008`.

# %%
current = ("conduction", "af", "filling", "rate", "ischaemia")
about = "Current, rhythm, and the pressure at which the ventricle fills."
table(arrows_into(*current), "data.arrows.current", caption=about)

# %% [markdown]
# Blocks are as common as {cite:t}`haataja2013` found them and follow a weak pump as in
# {cite:t}`lund2013`; atrial fibrillation follows {cite:t}`vanderende2017` and {cite:t}`berge2018`,
# stiff filling {cite:t}`redfield2003`, and heart rates the normal records of {cite:t}`wagner2020`.
#
# ## Its views
#
# A heart shows itself in several ways, and each is drawn from the heart alone, with randomness of
# its own. Two views of one person agree where the heart makes them agree, and for no other reason.
#
# **The ECG** comes first. The current in a heart can be thought of as one arrow in space that turns
# and grows and shrinks; each lead sees its shadow from one side {cite}`sameni2007`. A beat is a sum
# of smooth bumps in time along such arrows, one for the atria, one for the ventricles, one for
# their recovery. How large the bumps are, when they come and how the leads see them differs from
# person to person as it does in real records {cite}`wagner2020`, of which we keep statistics, and
# no record. Then the heart speaks: a scar takes R away and leaves Q, a block widens QRS, a heavy
# muscle raises the voltage a little, and fibrillating atria write no P and set no beat. Beats
# follow each other with the breath and the blood pressure in their rhythm, as in
# {cite:t}`mcsharry2003`. At last the recording adds what recordings add: a wandering baseline,
# mains hum, trembling muscles.
#
# Five people follow, chosen by a rule: of those who show a kind plainly, each is the one whose
# measured waves lie closest to the medians of real records of that kind. So they are more typical
# than most; the second exercise draws one who was not chosen. The paper is ruled as usual, so that
# a large square is a fifth of a second wide and half a millivolt high. We begin with a normal
# heart. Expect a small P before every QRS, a narrow QRS that grows from V1 to V5, and an upright T.

# %%
from hfgnn.plots.ecg import twelve_leads

album = get("data.album")
shown = list(album.table["shown"])


def ecg_of(kind):
    """Draw the ECG of the album's person of this kind."""
    fig, ax = plt.subplots(figsize=(5.4, 3.1))
    twelve_leads(ax, album.ecg[shown.index(kind)], FS)
    return fig


# %%
about = "A normal ECG of a simulated person."
seen = "Twelve leads: narrow spikes at even distances, a small bump before and a larger one after."
figure(ecg_of("normal"), "data.ecg.normal", caption=about, alt=seen)

# %% [markdown]
# Next, a block of the left bundle. The left ventricle gets its current late, by way of the muscle
# itself, and so QRS must be wide: three small squares or more. V1 should point down, deep and
# broad, I and V6 up, and T should point against QRS.

# %%
about = "Left bundle branch block: wide QRS, down in V1, up in I and aVL, T against it there."
seen = "Wide beats: broad and deep in V1 to V3, broad and tall in I and aVL with T upside down."
figure(ecg_of("left bundle branch block"), "data.ecg.lbbb", caption=about, alt=seen)

# %% [markdown]
# An infarct of the front wall leaves scar, which is silent. Where the chest leads should see a
# growing R, they see the far wall's current leaving: a Q, or an R that does not grow.

# %%
about = "An old anterior infarct: Q waves, and an R that is lost, from V1 to V3."
seen = "The chest leads V1 to V3 begin each beat downwards and have hardly a spike upwards."
figure(ecg_of("anterior infarct"), "data.ecg.anterior", caption=about, alt=seen)

# %% [markdown]
# In atrial fibrillation the atria quiver. Look at the long strip at the bottom: there is no P, the
# line between the beats trembles, and no two distances are alike.

# %%
about = "Atrial fibrillation: no P waves, and beats at uneven distances."
seen = "In the long strip the spikes come at uneven distances, and the line between them trembles."
figure(ecg_of("atrial fibrillation"), "data.ecg.af", caption=about, alt=seen)

# %% [markdown]
# A thick ventricle pushes more current to the left: a tall R in V5 and V6 and a deep S in V1 and
# V2. In many such hearts the muscle also recovers late, so that ST and T sink where R is tall; the
# textbooks call it strain. Voltage is a poor witness, though, and we shall see below how poor.

# %%
about = "Left ventricular hypertrophy: tall R in V5 and V6, deep S in V1 and V2."
seen = "Very tall spikes in V4 to V6 and deep ones in V1 and V2, reaching into other rows."
figure(ecg_of("hypertrophy"), "data.ecg.lvh", caption=about, alt=seen)

# %% [markdown]
# **The page** is what the thesis's network sees: not numbers but a photograph of ruled paper, from
# one of several invented hospitals, with the tilt, the shade and the dust of a careless moment. It
# is drawn to scale from the same ten seconds. Here is the first person again.

# %%
fig, ax = plt.subplots(figsize=(5.4, 3.85))
ax.imshow(album.page[0], interpolation="none")
ax.axis("off")
ax.set_title("The page of the normal heart")
about = "The page as a model of pictures gets it, with the faults of its camera."
seen = "A photograph of a printed page: a letterhead, ruled paper, twelve short traces, one long."
figure(fig, "data.page", caption=about, alt=seen)

# %% [markdown]
# **The picture** is of the heart itself: magnetic resonance, in slices across its long axis, where
# blood is bright and muscle dark. It is what is dear to have, and the third work learns from it. We
# draw it from volumes, mass and motion. The ring in the middle is the left ventricle's wall; the
# crescent at its left is the right ventricle; the walls thicken and move inwards, and what they
# enclose shrinks from the end of filling to the end of the beat. Where an infarct has left scar the
# wall moves less, by as much as is scar, and a block of the left bundle makes the septum late.
# Models get three moments of the middle slice. Expect what the ring encloses to shrink much in the
# first person, less in the others, and in the second to shrink least from the top.

# %%
from hfgnn.seeding import rng
from hfgnn.world.cmr import draw, stack
from hfgnn.world.population import heart_of
from hfgnn.world.walls import DENSITY

heart = heart_of(album.table)
pictures = draw(heart, rng(seed, "album", "pictures"))
kinds = ("normal", "anterior infarct", "left bundle branch block")
fig, axes = plt.subplots(3, 3, figsize=(5.4, 5.6))
for line, kind in zip(axes, kinds, strict=True):
    for ax, picture in zip(line, pictures[shown.index(kind)], strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="none")
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(kind)

# %%
for ax, moment in zip(axes[0], ("filled", "mid-systole", "emptied"), strict=True):
    ax.set_title(moment)
about = "Three hearts across their long axis at three moments: blood is bright, the wall dark."
seen = "Nine grey squares, each with a dark ring around a bright disc that shrinks to the right."
figure(fig, "data.mri", caption=about, alt=seen)

# %% [markdown]
# What is drawn in {numref}`fig-data-mri` must hold what was asked of it, and should not be believed
# unchecked. Of a whole heart, slice by slice at the end of filling and of the beat, we know of each
# voxel how much of it is blood and how much is muscle, before noise is added. So we add these up:
# blood gives the ejection fraction, muscle the mass, and both should be the hidden heart's. How
# well anybody finds the walls in the noise is another question.

# %%
rows = {}
for person, kind in enumerate(shown):
    found = stack(heart.take(np.array([person])), rng(seed, "album", kind))
    blood, muscle, _ = found.volumes.T
    ef, mass = 1 - blood[1] / blood[0], DENSITY * muscle[0]
    rows[kind] = (heart.ef[person], ef, heart.mass[person], mass)
columns = ["EF, true", "EF, added up", "mass, true", "mass, added up"]
read = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("shown")
record("data.mri.ef", (read["EF, added up"] - read["EF, true"]).abs().max(), n=len(read))
record("data.mri.mass", (read["mass, added up"] / read["mass, true"] - 1).abs().max(), n=len(read))
about = "What the voxels of whole hearts add up to, beside the truth; mass in grams."
formats = dict.fromkeys(columns[:2], ".3f") | dict.fromkeys(columns[2:], ".1f")
table(read, "data.mri.read", caption=about, formats=formats)

# %% [markdown]
# Both are the hidden heart's, or nearly: over these people the ejection fraction is off by
# {claim}`data.mri.ef:.4f` at most, the mass by {claim}`data.mri.mass:.2%`
# ({numref}`tab-data-mri-read`). That is no proof that they are like patients' hearts. For that
# we hold three groups against the public cases of the ACDC collection {cite}`bernard2018`, whose
# volumes we measured by their masks: once all people of a simulated community who fit a group's
# rules, with a mass index in the place of the wall's thickness, and once those of them who are like
# people in a hospital. Those have an ejection fraction where the group's patients have it and, if
# they are ill, a widened chamber. That their ejection fraction then agrees is no merit, since it
# chose them, and a widened left chamber brings the ratio of the volumes nearer, too. The right
# ventricle's ejection fraction chose nobody; it and the right volume follow laws of their own, and
# those can be wrong.

# %%
from hfgnn.world.patients import ACDC

names, groups = ["EF", "right by left", "right EF"], get("data.patients").groups
rows = {}
for group in ACDC.index:
    rows[f"{group}, all"] = groups.loc[(group, "all"), names]
    rows[f"{group}, alike"] = groups.loc[(group, "alike"), names]
    rows[f"{group}, ACDC"] = ACDC.loc[group, names]
beside = pd.DataFrame(rows).T.astype(float).rename_axis("group")
about = "Three groups of hearts: EF, the right volume by the left one, and the right one's EF."
table(beside, "data.mri.groups", caption=about, formats=dict.fromkeys(names, ".2f"))
record("data.mri.people", int(groups["people"].xs("alike", level="who").sum()))

# %% [markdown]
# The {claim}`data.mri.people` people who are like patients have the means of patients, or nearly
# ({numref}`tab-data-mri-groups`): after an infarct the right ventricle holds
# {claim}`data.mri.groups/after an infarct, alike/right by left` of what the left one holds, in the
# patients {claim}`data.mri.groups/after an infarct, ACDC/right by left`. In all who fit the rules
# it is {claim}`data.mri.groups/after an infarct, all/right by left`. So an infarct widens the
# chamber of our people less often than that of people who were sent to a scanner because they were
# ill; whoever needs patients has to choose them.

# %% [markdown]
# **The report** is what a reader writes: codes with a likelihood, and from these a sentence or two.
# The reader is unsure where a sign of the heart is weak, and sometimes misses what is there or sees
# what is not. Three statements, extra beats, a long PR and an incomplete block, come up by chance
# alone: our reader does not look at the strip for them. **The bedside** gives the five values of
# the thesis, measured with
# the errors of their instruments: an echo whose ejection fraction is off by several points
# {cite}`akil2024`, a BNP that depends on the filling pressure {cite}`iwanaga2006`, on age and sex
# {cite}`redfield2002` and on much else, a grade of breathlessness, a cuff that meets a nervous arm
# {cite}`muntner2011`. In the two tables stand the five people, and three more.

# %%
people = album.table.set_index("shown").rename_axis("shown")
values = {"age": "age", "EF, true": "heart_ef", "EF, by echo": "ef", "BNP": "bnp", "NYHA": "nyha"}
values |= {"SBP, true": "heart_pressure", "SBP, by cuff": "sbp", "filed under": "class"}
about = "A few people: the hidden heart beside what is measured at the bedside."
formats = {"age": ".0f", "EF, true": ".2f", "EF, by echo": ".2f", "BNP": ".0f"}
formats |= {"SBP, true": ".0f", "SBP, by cuff": ".0f"}
bedside = people[list(values.values())].set_axis(list(values), axis=1)
table(bedside, "data.people", caption=about, formats=formats)

# %%
reports = pd.DataFrame({"report": list(album.report)}, index=people.index)
about = "The same people in the words of their reader."
table(reports, "data.reports", caption=about)

# %% [markdown]
# Read a row of {numref}`tab-data-people` against the row of {numref}`tab-data-reports`, and the
# drawing. Mostly they tell one story. Where they do not, nobody made a mistake in the program:
# somebody made a mistake in the story, a reader or an instrument, as somebody always does.
#
# ## The population
#
# The people of the tables above were drawn from the community and then chosen by who gets an ECG in
# a hospital: the groups have the shares that the first records of a large public collection have
# {cite}`wagner2020`. A group is named after the sign that a reader would see first, bundle blocks
# before rhythm, rhythm before infarct, infarct before hypertrophy. We expect the groups to differ
# in what the group's name does not say, because the same arrows reach everything: a block should
# come with age and a weak pump.

# %%
population = get("data.population").table
known = pd.DataFrame(
    {
        "women": population["heart_sex"],
        "age": population["heart_age"],
        "EF": population["heart_ef"],
        "EF below 0.40": population["heart_ef"] < 0.40,
        "BNP": population["bnp"],
        "filed as sick": population["sick"],
    }
).groupby(population["group"])
who = known.mean().assign(age=known["age"].median(), BNP=known["BNP"].median())
who.insert(0, "people", known.size())

# %%
order = who["people"].sort_values(ascending=False).index
about = "The population by group: medians of age and BNP, means and shares of the rest."
formats = {"women": ".0%", "age": ".0f", "EF": ".2f", "EF below 0.40": ".0%", "BNP": ".0f"}
formats |= {"filed as sick": ".0%"}
table(who.loc[order], "data.population", caption=about, formats=formats)
record("data.people.n", len(population))
record("data.people.weak", (population["heart_ef"] < 0.40).mean(), n=len(population))

# %% [markdown]
# Of {claim}`data.people.n` people, those with a left bundle branch block have a median age of
# {claim}`data.population/CLBBB/age` and a mean ejection fraction of
# {claim}`data.population/CLBBB/EF`, the normal group {claim}`data.population/NORM/age` and
# {claim}`data.population/NORM/EF`. Nothing in the group's rule asks for age or pump. In all,
# {claim}`data.people.weak:.1%` have an ejection fraction so low that cardiologists call it reduced
# without further words; the task of reduced pump function, below, sets its threshold higher.
#
# The last column deserves a second look. Of the normal group,
# {claim}`data.population/NORM/filed as sick:.0%` are filed as sick all the same, and of those with
# atrial fibrillation not everybody. A label is not the heart. How it comes about is the next
# question.
#
# ## Tasks, and how well anybody could do
#
# A label here is never a plain function of the heart. It is drawn with a chance that depends on the
# heart, so that two people with the same heart may be given different labels, as in life. That is
# why no score reaches one, and why the best that can be reached, the *ceiling*, is a number worth
# knowing.
#
# **Sick or normal, and the four classes.** The thesis sorts pages into four folders. We let a
# fallible reader do the sorting. Each finding $v_j$ on the page adds to the evidence $e_q$ for a
# folder $q$, and the page goes there with the probability $p_q$:
#
# $$
# \begin{aligned}
# e_q &= \sum_j w_{qj} v_j , \qquad e_{\text{Normal}} = 0 , \\
# p_q &= \exp e_q \Big/ \sum_r \exp e_r .
# \end{aligned}
# $$
#
# The weights are logarithms of odds against the normal folder. All are chosen.

# %%
from hfgnn.world.tasks import CLASSES, EVIDENCE, RECORD, filed

evidence = pd.DataFrame(EVIDENCE, index=CLASSES[:3]).T.rename_axis("finding")
about = "What a finding adds to the evidence for a folder, against the folder of the normal."
table(evidence, "data.evidence", caption=about, formats=dict.fromkeys(CLASSES[:3], ".1f"))

# %% [markdown]
# Sick means any folder but the normal one. Two more tasks come from the diagnoses in a person's
# record. **Infarction** has the small prevalence that the published weights of
# {cite:t}`girlanda2024` imply, {lit}`mmssl.infarction:.2%`. Its chance is a logistic function of
# what is in the history, $\operatorname{logit} p = \sum_j w_j v_j$: most scars are known, many are
# silent, and some records name an infarct of which no scar is left.

# %%
history = pd.DataFrame({"adds to the log odds": RECORD}).rename_axis("history")
about = "What adds to the log odds that an infarct stands in a person's record."
table(history, "data.history", caption=about, formats={"adds to the log odds": ".1f"})

# %% [markdown]
# **Reduced pump function** is what an echo says that falls below a threshold of
# {const}`echo.threshold`, with an error of {const}`echo.error`, so that $p =
# \Phi\bigl((\text{threshold} - \text{EF}) / \text{error}\bigr)$.
#
# With the chances known, the ceiling needs no model and no labels. Score everybody by their own
# chance $p_i$; no score ranks better. Its AUROC is a sum over pairs of people,
#
# $$
# \operatorname{AUROC} = \frac{\sum_{i \ne j} p_i (1 - p_j) \, [s_i > s_j]}
# {\sum_{i \ne j} p_i (1 - p_j)} ,
# $$
#
# with $s = p$, where a bracket is one if it is true, zero if not, and one half for a tie: exact for
# these people, and uncertain only in so far as other people would be drawn. A single view allows
# less. The best score from a view $x$ is $\operatorname{E}[p \mid x]$, the mean chance of those who
# look alike in it. That mean we cannot write down, so we let a learner, a regression whose score is
# then bent by gradient boosting, learn it from half of a fresh population: from the chances
# themselves, which are free of the luck of labels. Then we ask it about the other half. In place of
# the signal it is given a few dozen clean numbers, read off what the signal is drawn from: the
# rhythm, the times of the waves, and how far their shapes lie along the directions that tell one
# kind of heart from another. The noise of the recording is left out. So what it reaches errs
# upwards by what noise would hide, and downwards where a shape tells more than these numbers, or
# where the learner is not strong enough. How strong it is shows in the last column: what it would
# lose if it had seen half as many people tells how much more there is to learn. The column before
# it is the error of drawing people. We expect the heart to be far above
# its views.

# %%
from hfgnn.world.tasks import TASKS

limits = get("data.ceilings").table
ranked = limits.query("statistic == 'AUROC'").set_index(["question", "view"])
views = {"hidden heart": "heart", "both": "ECG and bedside", "ECG": "ECG", "clinical": "bedside"}
best, error = ranked["ceiling"].unstack("view"), ranked["error"].unstack("view")
lost = (ranked["ceiling"] - ranked["from half"]).unstack("view")
tasks = pd.DataFrame({task.name: {"asked among": task.population} for task in TASKS}).T
tasks["prevalence"] = ranked["prevalence"].xs("hidden heart", level="view")
tasks = tasks.join(best[list(views)].rename(columns=views)).rename_axis("task")
tasks["error"], tasks["more to learn"] = error.max(axis=1), lost.max(axis=1)
formats = dict.fromkeys([*views.values(), "error", "more to learn"], ".3f")
about = "The tasks, and the best possible AUROC by what is seen: the heart, or a view of it."
table(tasks, "data.tasks", caption=about, formats=formats | {"prevalence": ".1%"})

# %%
from hfgnn.world import ceilings
from hfgnn.world.population import heart_of

for task in TASKS:
    for view, told in {"hidden heart": "heart", "ECG": "ecg", "clinical": "bedside"}.items():
        record(f"data.ceiling.{task.name}.{told}", best.loc[task.name, view])
chances = filed(heart_of(population))
record("data.ceiling.classes", ceilings.accuracy(chances, chances), n=len(population))
record("data.prevalence.sick", population["sick"].mean(), n=len(population))

# %%
fig, ax = plt.subplots(figsize=(5.4, 2.9))
marks = dict(zip(views, (("D", BEST), ("s", RIVAL), ("o", NORMAL), ("^", SICK)), strict=True))
for row, task in enumerate(tasks.index[::-1]):
    ax.plot([0.5, 1], [row, row], color=MUTED, linewidth=0.6)
    for view, (mark, colour) in marks.items():
        told = None if row else views[view]
        ax.plot(best.loc[task, view], row, mark, color=colour, markersize=8, label=told)
ax.set_yticks(range(len(tasks)), list(tasks.index[::-1]))
ax.set(xlim=(0.5, 1.01), ylim=(-0.5, 2.5), xticks=[0.5, 0.75, 1], xlabel="best possible AUROC")
ax.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.4, 1))
about = "How much each view of the heart allows, task by task."
seen = "A row for each task; the mark of the heart is furthest right, those of its views behind it."
figure(fig, "data.ceilings", caption=about, alt=seen)

# %% [markdown]
# The order in {numref}`fig-data-ceilings` is the order of causes. Sick and normal are read off a
# page, so the ECG comes close to the heart there: {claim}`data.ceiling.sick.ecg` against
# {claim}`data.ceiling.sick.heart`, while the bedside values reach
# {claim}`data.ceiling.sick.bedside`. Pump function turns this round, with
# {claim}`data.ceiling.pump.bedside` from the bedside and {claim}`data.ceiling.pump.ecg` from the
# ECG, because an echo is among the five values. Of the four folders, whoever sees the heart names
# the right one in {claim}`data.ceiling.classes:.1%` of the cases. In this population
# {claim}`data.prevalence.sick:.0%` are filed as sick; the other two tasks are asked in the general
# study of the next section, with the prevalences of {numref}`tab-data-tasks`. Whenever a model of a
# later chapter appears, these marks stand beside it, and a model that passes its mark has seen
# something it should not have.
#
# ## Time to heart failure
#
# The second work asks *when* heart failure comes {cite}`chen2025`. Everybody here, in whatever
# study, runs the same risk by the same law. It is Weibull's, with hazards in proportion:
#
# $$
# \begin{aligned}
# S(t \mid \text{heart}) &= \exp\bigl(-\lambda\, t^{\nu} e^{\eta}\bigr) , \\
# \eta &= \sum_j \beta_j \, (v_j - c_j) / u_j ,
# \end{aligned}
# $$
#
# and a time is drawn by turning the law around {cite}`bender2005`. The causes $v_j$, centred at
# $c_j$ and counted in units of $u_j$, have the weights $\beta_j$ of the next table, which are, to
# about a hundredth, the logarithms of hazard ratios that studies found, where we could find one, or
# smaller. Some are smaller by far: a study's ratio holds for a cause with all that goes with it,
# and here what goes with it, such as the filling pressure that a weak or a heavy ventricle needs,
# stands in a row of its own.

# %%
from hfgnn.world.survival import TERMS

terms = pd.DataFrame(map(vars, TERMS)).set_index("name").rename_axis("cause")
terms.insert(3, "hazard ratio", np.exp(terms["weight"]))
terms = terms.astype({"centre": float, "unit": float}).assign(source=named(terms["source"]))
about = "The causes of heart failure: weights, and hazard ratios of one unit, here and published."
formats = {"centre": ".3g", "unit": ".3g", "hazard ratio": ".2f", "published": ".2f"}
table(terms, "data.hazard", caption=about, formats=formats)

# %% [markdown]
# The published ratios are not all of one kind. That of age {cite}`schnabel2013` was found in people
# with atrial fibrillation and without an infarct; that of high blood pressure {cite}`silverman2016`
# is of failure with a good ejection fraction; that of a non-specific delay {cite}`zhang2015` is of
# all blocks of that width but a lone right one. Ejection fraction {cite}`yeboah2012`, mass
# {cite}`bluemke2008`, where we took least, and diabetes {cite}`chahal2015` are as one would wish.
# For the filling pressure in millimetres of mercury we know of none; {cite:t}`kane2011` found
# {lit}`kane.dysfunction:.2f` for diastolic dysfunction against none. The weights were set so that
# nobody could do better than the C-index of the next table.
#
# Studies differ only in whom they admit and for how long they follow them. The general one has the
# shape of UK Biobank's imaging visits. Two are the cohorts of {cite:t}`chen2025`: people with high
# blood pressure, {lit}`dual.hyp_people` of whom {lit}`dual.hyp_events` fell ill, and people after
# an infarct. The last one is the book's own: older people with some mark of disease, followed for
# long, so that there are enough events to learn from.
#
# For survival the ceiling is a C-index, the share of pairs in which the person with the higher
# score falls ill first. The score $\eta$ itself gives the best, and the limit over many outcomes is
# an integral of known functions; a view's ceiling is learned as before. We expect about the same
# oracle everywhere, since the hazard is the same, and far less from an ECG.

# %%
studies = get("data.studies").table.rename_axis("study")
followed = limits[limits["question"] == "heart failure"]
timed = followed.pivot(index="population", columns="view", values="ceiling").rename(columns=views)
seen = ["heart", "ECG", "bedside"]
cohorts = studies[["people", "events", "median"]].join(timed[seen])
cohorts = cohorts.rename(columns={"median": "median months"})
about = "The studies: people, events, and the best possible C-index by what is seen."
formats = dict.fromkeys(seen, ".3f") | {"people": ".0f", "events": ".0f", "median months": ".0f"}
table(cohorts, "data.studies", caption=about, formats=formats)
record("data.studies.oracle", [timed["heart"].min(), timed["heart"].max()])
record("data.studies.ecg", [timed["ECG"].min(), timed["ECG"].max()])

# %% [markdown]
# Knowing everything about a heart, one ranks {claim}`data.studies.oracle:.2f` of the pairs
# correctly, not more, because two equal hearts fail at different times. From the ECG alone it is
# {claim}`data.studies.ecg:.2f`. A published C-index of {lit}`dual.cindex_hyp` or
# {lit}`dual.cindex_mi` looks modest beside one, and respectable beside this.
#
# ## Do they look real?
#
# A cardiologist should not laugh. But looks can be measured, too. The same program that measures a
# real ECG, rate, axis, widths, and the height of each wave in each lead, measured
# {claim}`data.realism.people` simulated ones. Real records we use as quantiles only: these are
# statistics of {claim}`data.realism.records` records {cite}`wagner2020`, and they come with the
# book. A feature is *in range* in a group when its median lies within half a real standard
# deviation of the real one, and its spread within a factor of two of the real spread.
#
# Small groups are noisy judges. Had the real records been drawn a second time from the same
# hospital, they would not be all in range of the first. So beside each share we set what a perfect
# simulator would score, which is real records against real records drawn anew from among them. We
# expect the normal group, which has the most records, to do best. Right bundle branch block has too
# few records to be a judge at all, and is left out.

# %%
realism = get("data.realism")
shares = realism.shares.rename_axis("group")
about = "Features in range by group, beside what a perfect simulator would score at that size."
formats = {"real": ".0f", "simulated": ".0f", "in range": ".1%", "perfect": ".1%"}
table(shares, "data.realism", caption=about, formats=formats)
record("data.realism.people", len(realism.features))
record("data.realism.norm", shares.loc["NORM", "in range"])
record("data.realism.norm_perfect", shares.loc["NORM", "perfect"])
plain = ~shares.index.str.contains(" ")
record("data.realism.records", int(shares.loc[plain, "real"].sum()))

# %% [markdown]
# Of the normal group {claim}`data.realism.norm:.1%` of the features are in range; a perfect
# simulator would have {claim}`data.realism.norm_perfect:.1%`. In some groups of
# {numref}`tab-data-realism` the share lies above its yardstick, which is no feat: our statistics
# were learned from the same records by which we are judged, and a simulator may follow a small
# group more closely than chance would have let that group be drawn again. Left bundle branch block,
# with {claim}`data.realism/CLBBB/real` records, is in range in {claim}`data.realism/CLBBB/in range`
# and should reach {claim}`data.realism/CLBBB/perfect`: so few records cannot teach what a block
# looks like in all its forms.
#
# Shares hide shapes. So here are some features of the normal women: the quantiles of real records,
# and below them those of simulated people. Brackets stand where limits were published for healthy
# women {cite}`rautaharju2013`: heart rates in {lit}`whi.hr`, and QRS in {lit}`whi.qrs`
# milliseconds.

# %%
from hfgnn.evaluate.realism import HEALTHY_WOMEN, quantiles
from hfgnn.plots.realism import quantile_bands

names = {"hr": "heart rate", "rr_cv": "unevenness", "qrs": "QRS width", "axis": "axis"}
names |= {f"{wave}_{lead}": f"{wave} in {lead}" for wave, lead in (("P", "II"), ("R", "V1"))}
names |= {f"{wave}_{lead}": f"{wave} in {lead}" for wave, lead in (("S", "V1"), ("R", "V3"))}
names |= {"R_V5": "R in V5", "T_V5": "T in V5", "ST_V2": "ST in V2", "sokolow": "Sokolow"}
women = realism.features.query("group == 'NORM' and sex == 1")
made = quantiles(women[list(names)], women["group"]).loc["NORM"]

# %%
fig, ax = plt.subplots(figsize=(5.4, 0.38 * len(names) + 0.8))
quantile_bands(ax, realism.real.loc["NORM women"], made, names, reference=HEALTHY_WOMEN)
about = "Normal women, real above, simulated below: median, middle half, all but four percent."
seen = "A dozen rows with two bars each; bars of a pair lie under each other and are about as long."
figure(fig, "data.distributions", caption=about, alt=seen)

# %% [markdown]
# The pairs of {numref}`fig-data-distributions` lie close together. A network, however, does not
# look at one feature at a time, and a physician looks for signs. So we ask for the signs by name:
# does a left bundle branch block widen QRS and turn T over in V6, is the voltage higher in
# hypertrophy, is there a Q in III after an inferior infarct, is R lost in V3 after an anterior one,
# and is fibrillation uneven?

# %%
signs = {"QRS width, CLBBB": "qrs", "T in V6, CLBBB": "T_V6", "axis, LAFB": "axis"}
signs |= {"unevenness, AFIB": "rr_cv", "Sokolow, LVH": "sokolow", "Cornell, LVH": "cornell"}
signs |= {"Q in III, IMI": "Q_III", "R in V3, AMI": "R_V3"}
where = [(sign.split(", ")[1], feature) for sign, feature in signs.items()]
found = realism.features.groupby("group").median(numeric_only=True)
medians = {
    "real": [realism.real.loc[at, "q50"] for at in where],
    "simulated": [found.loc[at] for at in where],
    "simulated, normal": [found.loc["NORM", feature] for feature in signs.values()],
}
about = "Signs by their names: medians, real and simulated, beside the simulated normal."
medians = pd.DataFrame(medians, index=pd.Index(signs, name="sign"))
table(medians, "data.signs", caption=about, formats=dict.fromkeys(medians, ".2f"))

# %% [markdown]
# The signs of {numref}`tab-data-signs` point where they should. Not every size is right: the
# block's QRS has a median of {claim}`data.signs/QRS width, CLBBB/simulated:.0f` milliseconds,
# against {claim}`data.signs/QRS width, CLBBB/real:.0f` in the few real records.
#
# Other relations were published and can be checked. Voltage knows little of mass: with the true
# mass of the ventricle, the voltage sums of Sokolow and of Cornell correlate at
# {claim}`data.facts.mass_sokolow:.2f` and {claim}`data.facts.mass_cornell:.2f` here. Of those with
# a reduced ejection fraction {claim}`data.facts.wide_among_weak:.0%` have a wide QRS, where a
# national registry of heart failure has {lit}`lund.wide:.0%`. BNP falls as the ejection fraction
# rises, with a rank correlation of {claim}`data.facts.bnp_ef:.2f`, where {cite:t}`kruger2002` found
# {lit}`kruger.bnp_ef:.2f`. And the limb leads obey Einthoven's law, by which lead II is the sum of
# I and III, to {claim}`data.facts.einthoven:.1f` millionths of a millivolt.

# %%
facts = realism.facts
for name in ("mass_sokolow", "mass_cornell", "bnp_ef"):
    record(f"data.facts.{name}", facts[name])
record("data.facts.wide_among_weak", facts["wide_among_weak"], n=int(facts["weak"]))
record("data.facts.einthoven", 1e6 * facts["einthoven"])

# %% [markdown]
# ### What gives it away
#
# A forger should know his weak points. We list the features in which the groups with most records
# stray furthest, in real standard deviations. A letter and a lead are a wave's height; N is the
# whole depth of QRS below the line.

# %%
large = shares.index[(shares["real"] >= 15) & plain]
far = realism.verdicts.loc[large]
far = far.iloc[far["gap"].abs().argsort()[::-1][:8]].reset_index()
index = pd.Index(far["feature"].str.replace("_", " in ") + ", " + far["group"], name="feature")
far = far.set_index(index)[["gap", "ratio"]]
about = "Where the larger groups stray furthest: distance of medians, and ratio of spreads."
table(far, "data.far", caption=about, formats={"gap": "+.2f", "ratio": ".2f"})

# %% [markdown]
# A machine may find what no list names. Where real records lie on the disk, the book trains one to
# tell real normal ECGs from simulated ones by everything that is measured, and as a yardstick to
# tell one half of the real ones from the other. The results are recorded ones, "not run here" on a
# machine without the records.

# %%
tell = get("data.tell")
if tell.found:
    for name in ("auroc", "floor"):
        record(f"data.tell.{name}", tell.numbers[name])
    families = tell.features.rename_axis("family")
    about = "How well real and simulated normal ECGs can be told apart by one family of features."
    table(families, "data.tell", caption=about, formats={"AUROC": ".2f"})

# %% [markdown]
# It tells them apart with an AUROC of {claim}`data.tell.auroc:.2f`, where the two real halves give
# {claim}`data.tell.floor:.2f`. So a forger's work it is, and a fair one. To this one must add what
# nobody measured here. A heart is not a single turning arrow: three of them, one for each wave,
# describe real beats closely and still not wholly. Our people do not move and wear no pacemakers,
# their beats are alike where real ones vary, and their faults of recording come from a short list.
#
# ## The folder
#
# From here on we do what anybody can do with any folder of pages: look at the files. The thesis
# removed pictures that were too small, and lost none. We printed pages of a few simulated people
# into class folders and planted faults among them: files without a byte and files cut short, noise
# and notes that call themselves pictures, a film, pictures too small to read or so large that
# opening them would fill the memory, files in the wrong place, and copies, plain ones and such as
# were saved anew, scaled, lit or turned. The check reads everything once and gives a reason for
# each file that it would not use. Kinds of fault that not every system can hold, such as links that
# lead out of the folder or names that take over a terminal, it knows as well; they are left to its
# tests, so that the counts below come out the same on your machine.

# %%
audit = get("data.folder")
planted = audit.planted.set_index("kind").rename_axis("planted")
about = "What was planted in a folder of good pages, and how many of these the check found."
table(planted, "data.folder.planted_kinds", caption=about)
record("data.folder.planted", int(planted["files"].sum()))
record("data.folder.found", int(planted["found"].sum()))
record("data.folder.spurious", audit.summary["spurious"])

# %%
reasons = audit.found.set_index("reason").rename_axis("reason")
about = "The report of the check: each reason with the number of files, and one example."
table(reasons, "data.folder.reasons", caption=about)

# %% [markdown]
# Of {claim}`data.folder.planted` planted files {claim}`data.folder.found` were found, and of the
# good ones {claim}`data.folder.spurious` were accused. A copy is not rejected: it is put into a
# group with its original, and what follows shows why that matters. The same check is a command,
# `hfgnn data check FOLDER`; it changes nothing.
#
# ## The same page twice
#
# Nothing in a good file says that it is there a second time. Copies with equal bytes are found by
# their digest. A copy that was saved anew or made smaller has other bytes, and is found by a
# fingerprint of what it shows, a *perceptual hash*. What harm do copies do? Split the files at
# random into training and test, and many a test page was seen in training. It need not be
# understood then. It is enough to remember it.
#
# The thesis's folders seem to hold such copies: they have several times as many files as the public
# collection that we take for their source {cite}`khan_ecg_images`. We built both worlds from the
# same simulated people. *As published*, every page is copied until the folders hold as many files
# as the thesis's, and files are dealt at random. *As it should be*, every person is there once, on
# one side. The method is the simplest that can be: find the training page with the most similar
# pixels, and say its label. It knows nothing of ECGs. We expect it to shine in the first world.

# %%
copies = get("data.copies")
about = "The same people as files: as the thesis's folders hold them, and once each."
table(copies.files, "data.copies.files", caption=about, formats={"seen": ".1%"})
scores = copies.scores.set_index(["variant", "question"])
named = [f"{question}, {variant}" for variant, question in scores.index]
pixels = scores.set_axis(pd.Index(named, name="question"))
about = "Right answers of the nearest page in raw pixels, beside always naming the largest class."
table(pixels, "data.copies.scores", caption=about, formats=dict.fromkeys(pixels, ".1%"))
for name, variant in (("published", "as published"), ("sound", "as it should be")):
    value = scores.loc[(variant, "sick or normal"), "nearest neighbour"]
    record(f"data.copies.{name}", value)

# %% [markdown]
# With copies, {claim}`data.copies.files/as published/seen:.1%` of the test files show a page that
# is also in training, and the nearest page is right in {claim}`data.copies.published:.1%` of them.
# With the same people once each it is right in {claim}`data.copies.sound:.1%`, where naming the
# largest class would give
# {claim}`data.copies.scores/sick or normal, as it should be/largest class:.1%`. The difference
# measures nothing but memory.
#
# Is this a straw man? The public collection can be looked at, where one has it. These entries are
# recorded: whoever builds the book without those pages sees "not run here" in their place, and with
# `HFGNN_DATA` set to a folder that holds them they are computed again. We counted
# {claim}`data.public.files` files in the folders as they circulate, and {claim}`data.public.unique`
# different pages. Split by file at random, the nearest page in raw pixels is right in
# {claim}`data.public.nn_files` of the four-class questions. Among different pages, each there once,
# it is right in {claim}`data.public.nn_unique`, and naming the largest class would be right in
# {claim}`data.public.largest`.

# %%
public = get("data.public")
for name in ("files", "unique", "nn_files", "nn_unique", "largest"):
    if public.found:
        value = public.numbers[name]
        record(f"data.public.{name}", int(value) if name in ("files", "unique") else value)

# %% [markdown]
# No conclusion about the thesis's own test follows. Its folders are not public, we have not seen
# their bytes, and that they hold copies is an inference from names and counts. What follows is a
# rule for everything after this chapter: pages are split by person, copies stay together, and a
# score from files that were dealt at random is not reported without the other one beside it.
#
# ## What we saw, and its limits
#
# - A heart that causes everything gives every task a ceiling: {claim}`data.ceiling.sick.heart` for
#   sick against normal if the heart were seen, {claim}`data.ceiling.sick.ecg` from the ECG.
# - Simulated normal ECGs are in range of real ones in {claim}`data.realism.norm:.1%` of what we
#   measure, and rare kinds in less.
# - Copies turned a method without any understanding from {claim}`data.copies.sound:.1%` to
#   {claim}`data.copies.published:.1%`.
#
# The limits are wide, and we would rather name them than have them found. Three turning arrows are
# not a torso: no tissue, no anatomy, no electrode that slips. Most coefficients are chosen, and
# another choice would give other ceilings; a score near a ceiling means something about methods in
# this world, and a difference of two methods may shrink or grow in another. What we know of real
# ECGs comes from {claim}`data.realism.records` people of one hospital's machines, and from a
# handful for the rare kinds. Blood tests, drugs, valves and lungs do not exist here. The reader who
# files the pages was invented. Above all, nothing in this chapter, or built upon it, is clinical
# evidence.
#
# ## Exercises
#
# ````{exercise-start} A community that fibrillates
# :label: data-ex-af
# ````
# Move the constant in the equation of atrial fibrillation up by one half, and leave all else alone.
# What happens to the share of people who fibrillate, and to their heart rate? And to the ejection
# fraction? Say what you expect before you look: follow the arrows of {numref}`fig-data-causes`.
# ````{exercise-end}
# ````
#
# ````{solution-start} data-ex-af
# :class: dropdown
# ````

# %%
from hfgnn.seeding import rng
from hfgnn.world.latent import Law, hearts

usual = hearts(20_000, rng(seed, "exercise")).table()
more = hearts(20_000, rng(seed, "exercise"), Law(af=Law().af + 0.5)).table()
both = {"as it is": usual, "more fibrillation": more}
means = {
    name: heart[["af", "rate", "filling", "ef", "mass"]].mean() for name, heart in both.items()
}
means = pd.DataFrame(means).rename_axis("mean of")
about = "The same people before and after the equation of atrial fibrillation was changed."
table(means, "data.exercise.af", caption=about, formats=dict.fromkeys(means, ".3f"))

# %% [markdown]
# The share rises from {claim}`data.exercise.af/af/as it is:.1%` to
# {claim}`data.exercise.af/af/more fibrillation:.1%`, and heart rate and filling pressure follow,
# because arrows lead from the rhythm to them. Ejection fraction and mass do not move in any digit:
# they lie upstream. In a hospital you would find weak hearts among those who fibrillate, before and
# after. That is correlation; this is what the arrows add to it.
# ````{solution-end}
# ````
#
# ````{exercise-start} A heart of your own
# :label: data-ex-own
# ````
# Take a typical man of sixty-five: every random number zero. Scar a third of his ventricle, in the
# front wall. What becomes of his ejection fraction, and of his QRS? Draw his ECG.
# ````{exercise-end}
# ````
#
# ````{solution-start} data-ex-own
# :class: dropdown
# ````

# %%
from hfgnn.evaluate.morphology import measure
from hfgnn.world import ecg
from hfgnn.world.causes import EQUATIONS
from hfgnn.world.latent import ANTERIOR, solve

zero = {name: np.zeros(1) for name in EQUATIONS}
man = {"sex": 0, "age": 65, "conduction": 0}
scar = {"infarct": ANTERIOR, "infarct_size": 1 / 3}
for name, heart in {"before": solve(zero, do=man), "after": solve(zero, do=man | scar)}.items():
    signal = ecg.draw(ecg.form(heart, rng(seed, "own")), rng(seed, "own noise"))[0]
    record(f"data.exercise.ef_{name}", float(heart.ef[0]))
    record(f"data.exercise.qrs_{name}", measure(signal, FS)["qrs"])

# %%
fig, ax = plt.subplots(figsize=(5.4, 3.1))
twelve_leads(ax, signal, FS)
about = "The typical man, after his infarct."
seen = "An ECG whose chest leads V1 to V3 have lost most of their upward spikes."
figure(fig, "data.exercise.own", caption=about, alt=seen)

# %% [markdown]
# The ejection fraction falls from {claim}`data.exercise.ef_before:.2f` to
# {claim}`data.exercise.ef_after:.2f`: the arrow from the scar to the pump is one of the strongest
# there are. QRS is {claim}`data.exercise.qrs_before:.0f` milliseconds before and
# {claim}`data.exercise.qrs_after:.0f` after. His random numbers for the shape of a beat were kept,
# but the beat of an infarct is drawn from the statistics of infarcts, so the two drawings differ in
# more than the scar. That is one of the simulator's seams.
# ````{solution-end}
# ````
#
# ````{exercise-start} A third copy
# :label: data-ex-copies
# ````
# A collection holds every page $m$ times, and one file in five is dealt to the test at random. What
# share of the test files has a copy in training, for $m$ from one to six? Find the formula first.
# ````{exercise-end}
# ````
#
# ````{solution-start} data-ex-copies
# :class: dropdown
# ````

# %%
number = np.arange(1, 7)
dice = rng(seed, "copies")
in_test = [dice.random((100_000, c)) < 0.2 for c in number]
drawn = [1 - test[test[:, 0]].all(axis=1).mean() for test in in_test]
index = pd.Index(["one", "two", "three", "four", "five", "six"], name="copies")
seen = pd.DataFrame({"formula": 1 - 0.2 ** (number - 1), "counted": drawn}, index=index)
about = "The share of test files whose page is in training as well, by copies of each page."
table(seen, "data.exercise.copies", caption=about, formats=dict.fromkeys(seen, ".1%"))

# %% [markdown]
# A test file is safe only if each of its $m - 1$ copies fell into the test as well, so with a test
# share of $\tau$ the answer is $1 - \tau^{m-1}$. Already the second copy spoils
# {claim}`data.exercise.copies/two/formula:.0%` of the test, and the third leaves next to nothing:
# {claim}`data.exercise.copies/three/formula:.0%`. More copies hardly matter. It is the first one
# that does the damage.
# ````{solution-end}
# ````
