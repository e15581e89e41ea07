"""The printed page: its scale read back from its pixels, its faults measured, its refusals."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.signal import sosfiltfilt

from hfgnn.cohort import FS, LEADS
from hfgnn.seeding import rng
from hfgnn.world.camera import Faults, photograph
from hfgnn.world.layout import LAYOUTS
from hfgnn.world.page import BANDS, CLEAN, PageStyle, jpeg, page, panel_boxes, sections, styles

SMALL, LARGE = (553, 393), (2213, 1572)
TIME = np.arange(10 * FS) / FS
Array = NDArray[np.float64]


def flat(level: float = 0.0) -> NDArray[np.float32]:
    return np.full((12, TIME.size), level, dtype=np.float32)


def waves() -> NDArray[np.float32]:
    """Return a slow wave in every lead, each with its own size, pace and phase."""
    k = np.arange(12)[:, None]
    wave = (0.3 + 0.03 * k) * np.sin(2 * np.pi * (0.5 + 0.05 * k) * TIME + k)
    return wave.astype(np.float32)


def darkness(ecg: NDArray[np.float32], style: PageStyle) -> Array:
    """Return 0 for paper and grid, up to 1 for ink."""
    grey = np.asarray(page(ecg, style).convert("L"), dtype=float)
    return np.clip((160 - grey) / 140, 0, 1)


def drawn(ecg: NDArray[np.float32], style: PageStyle) -> Array:
    """Return the share of each pixel under the trace, wherever two other traces leave it bare."""
    levels = [flat(-1.3), flat(1.3), ecg]
    low, high, seen = (np.asarray(page(x, style).convert("L"), dtype=float) for x in levels)
    bare = np.maximum(low, high)
    return np.where(bare > 120, (bare - seen) / (bare - 22), 0).clip(0, 1)


def millimetre(size: tuple[int, int]) -> float:
    """Return the pixels of a millimetre: a page of 2213 pixels was scanned at 200 dots an inch."""
    return 200 / 25.4 * size[0] / 2213


def baselines(style: PageStyle) -> dict[str, float]:
    """Return the height of 0 mV in each lead, in pixels, from a page with a flat trace."""
    ink = drawn(flat(), style)
    rows = np.arange(ink.shape[0]) + 0.5
    found = {}
    for name, (x0, y0, x1, y1) in panel_boxes(style).items():
        part = ink[round(y0) : round(y1), round(x0) + 2 : round(x1) - 2].sum(axis=1)
        found[name] = float(part @ rows[round(y0) : round(y1)] / part.sum())
    return found


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("layout", ["3x4+1", "3x4+3", "6x2"])
def test_millivolts_and_seconds_are_read_back_within_a_pixel(size, layout):
    style, ecg, mm = replace(CLEAN, size=size, layout=layout), waves(), millimetre(size)
    ink, zero = drawn(ecg, style), baselines(style)
    for k, (name, (x0, y0, x1, y1)) in enumerate(panel_boxes(style).items()):
        beside = 3 if x0 > panel_boxes(style)["I"][0] else 1  # the bar hides the first pixels
        lead, columns = name.split()[-1], np.arange(int(x0) + beside, int(x1) - 3)
        if not name.startswith("rhythm"):
            assert lead == LEADS[k]
        part = ink[round(y0) : round(y1), columns]
        height = (np.arange(round(y0), round(y1)) + 0.5) @ part / part.sum(axis=0)
        start = 0.0 if name.startswith("rhythm") else TIME[-1] + 1 / FS
        start = start and 10 / LAYOUTS[layout][0] * (k // LAYOUTS[layout][1])
        seconds = start + (columns + 0.5 - x0) / (25 * mm)
        expected = zero[name] - 10 * mm * np.interp(seconds, TIME, ecg[LEADS.index(lead)])
        assert np.abs(height - expected).max() < 1
        scale = np.polyfit(expected, height, 1)[0]
        assert scale == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_spike_stands_at_its_second_with_its_height(size):
    style, mm = replace(CLEAN, size=size), millimetre(size)
    ecg = np.tile(np.float32(1.5) * np.clip(1 - np.abs(TIME % 2.5 - 1.3) / 0.04, 0, 1), (12, 1))
    ink, zero = drawn(ecg.astype(np.float32), style), baselines(style)
    for name in LEADS:
        x0, y0, x1, _ = map(round, panel_boxes(style)[name])
        above = ink[y0 : int(zero[name] - 10 * mm), x0:x1]
        rows, columns = np.nonzero(above > 0.3)
        assert zero[name] - y0 - rows.min() == pytest.approx(15 * mm, abs=1 + style.trace * mm)
        middle = np.average(columns + 0.5, weights=above[rows, columns])
        assert middle == pytest.approx(1.3 * 25 * mm, abs=1)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_calibration_pulse_is_a_millivolt_high_and_a_fifth_of_a_second_wide(size):
    style, mm = replace(CLEAN, size=size, trace=0.4), millimetre(size)
    ink, zero = darkness(flat(), style), baselines(style)
    left = panel_boxes(style)["II"][0]
    field = ink[
        int(zero["II"] - 14 * mm) : int(zero["II"] - 2 * mm), int(left - 9 * mm) : int(left)
    ]
    roof = field.sum(axis=1)
    top = int(zero["II"] - 14 * mm) + np.average(
        np.arange(roof.size) + 0.5, weights=np.where(roof > 0.7 * roof.max(), roof, 0)
    )
    assert zero["II"] - top == pytest.approx(10 * mm, abs=1)
    walls = field[int(6 * mm) :].sum(axis=0)
    half = int(np.average(np.arange(walls.size), weights=walls))
    at = [np.average(np.arange(w.size) + 0.5, weights=w) for w in (walls[:half], walls[half:])]
    assert half + at[1] - at[0] == pytest.approx(0.2 * 25 * mm, abs=1)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("sheet", ["framed", "plain"])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_grid_has_a_line_every_five_millimetres(size, sheet, axis):
    style, mm = replace(CLEAN, size=size, sheet=sheet, dotted=False), millimetre(size)
    green = np.asarray(page(flat(), style))[..., 1].astype(float)
    beside = slice(int(270 * mm), int(276 * mm)) if axis else slice(int(20 * mm), int(268 * mm))
    field = green[
        int(40 * mm) : int(192 * mm), beside
    ]  # to the right of the traces, or all of them
    profile = field.max(axis=axis)  # ink only darkens: what lines across and traces leave bare
    spectrum = np.abs(np.fft.rfft((profile - profile.mean()) * np.hanning(profile.size), 1 << 18))
    cycles = np.fft.rfftfreq(1 << 18)
    slow = (cycles > 0.1 / mm) & (cycles < 0.3 / mm)
    assert 1 / cycles[slow][spectrum[slow].argmax()] == pytest.approx(5 * mm, rel=0.005)
    if size == LARGE:
        fast = (cycles > 0.9 / mm) & (cycles < 1.1 / mm)
        assert 1 / cycles[fast][spectrum[fast].argmax()] == pytest.approx(mm, rel=0.001)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_frame_is_free_of_grid_lines(size):
    pixels, mm = np.asarray(page(flat(), replace(CLEAN, size=size))), millimetre(size)
    for columns in (slice(0, int(8.5 * mm)), slice(int(277.5 * mm) + 1, None)):
        beside = pixels[int(40 * mm) : int(190 * mm), columns]
        assert np.ptp(beside, axis=(0, 1)).max() == 0


def test_every_lead_has_its_box_its_name_and_2_5_seconds():
    boxes, mm = panel_boxes(CLEAN), millimetre(CLEAN.size)
    assert list(boxes) == [*LEADS, "rhythm II"]
    ink = darkness(flat(-1.3), CLEAN)
    for name, (x0, y0, x1, y1) in boxes.items():
        assert 0 < x0 < x1 < CLEAN.size[0]
        assert 0 < y0 < y1 < CLEAN.size[1]
        assert x1 - x0 == pytest.approx((10 if "rhythm" in name else 2.5) * 25 * mm, rel=0.001)
        zero = baselines(CLEAN)[name]
        label = ink[int(zero - 14 * mm) : int(zero - 9 * mm), int(x0 + mm / 2) : int(x0 + 9 * mm)]
        assert label.sum() > 1.5
        assert label.max() > 0.6


def test_leads_follow_one_another_in_time_and_the_strip_lies_below():
    boxes = panel_boxes(CLEAN)
    assert boxes["aVR"][0] == pytest.approx(boxes["I"][2])
    assert boxes["II"][1] == pytest.approx(boxes["I"][3])
    assert boxes["rhythm II"][0] == boxes["III"][0]
    assert list(panel_boxes(replace(CLEAN, layout="3x4+3", rhythm="V1")))[12:] == [
        "rhythm V1",
        "rhythm V5",
        "rhythm II",
    ]


def test_a_page_of_another_shape_holds_the_whole_sheet_in_the_middle():
    boxes = panel_boxes(replace(CLEAN, size=(553, 800)))
    usual = panel_boxes(CLEAN)
    assert boxes["I"][0] == pytest.approx(usual["I"][0], abs=0.5)
    assert boxes["I"][1] - usual["I"][1] == pytest.approx((800 - 393) / 2, abs=0.5)


@pytest.mark.parametrize(("band", "edges"), BANDS.items())
def test_the_printed_filter_is_the_one_that_was_applied(band, edges):
    time = np.arange(240 * FS) / FS
    for f in (*edges, 5.0):
        out = sosfiltfilt(sections(band, float(FS)), np.sin(2 * np.pi * f * time))
        gain = out[time.size // 4 : -time.size // 4].std() * np.sqrt(2)
        if f in edges:
            assert gain == pytest.approx(np.sqrt(0.5), rel=0.02)
        else:
            assert 0.95 < gain < 1
    mains = sosfiltfilt(sections(band, float(FS)), np.sin(2 * np.pi * 50 * time))
    assert mains[time.size // 4 : -time.size // 4].std() < 0.01


def test_the_filter_changes_the_trace_that_is_drawn():
    drifting = (waves() + 0.8 * np.sin(2 * np.pi * 0.1 * TIME)).astype(np.float32)
    raw, calm = (drawn(drifting, replace(CLEAN, band=band)) for band in (None, "0.67-25 Hz"))
    x0, y0, x1, y1 = map(round, panel_boxes(CLEAN)["rhythm II"])
    heights = [np.nonzero(ink[y0:y1, x0:x1].sum(axis=1) > 0.5)[0] for ink in (raw, calm)]
    assert np.ptp(heights[1]) < np.ptp(heights[0]) - 5


def test_the_caption_is_printed_above_the_leads_and_nowhere_else():
    caption = {"ID": "P000123", "Sex": "female", "Age": "63 y"}
    bare, told = (np.asarray(page(flat(), CLEAN, caption=c)) for c in (None, caption))
    rows, columns = np.nonzero((bare != told).any(axis=2))
    assert rows.size > 50
    assert rows.max() < panel_boxes(CLEAN)["I"][1]
    long = {f"field {k}": "a long value" for k in range(30)}
    squeezed = np.asarray(page(flat(), CLEAN, caption=long))
    assert (
        np.nonzero((bare != squeezed).any(axis=(0, 2)))[0].max() < panel_boxes(CLEAN)["V4"][2] + 3
    )
    assert columns.max() < CLEAN.size[0]


def test_no_fault_leaves_the_picture_as_it_is():
    image = page(waves(), CLEAN)
    assert photograph(image, Faults(), grain=5).tobytes() == image.tobytes()


def test_tilt_turns_the_page_by_so_many_degrees():
    style = replace(CLEAN, size=LARGE, faults=Faults(tilt=1.5))
    ink = darkness(flat(-1.3), style)
    x0, y0, _, _ = map(round, panel_boxes(style)["V2"])
    field = ink[y0 + 150 : y0 + 270, x0 - 40 : x0 + 40]
    rows = np.arange(len(field))
    middle = (field @ np.arange(80)) / field.sum(axis=1).clip(1e-9)
    slope = np.polyfit(rows, middle, 1)[0]
    assert np.degrees(np.arctan(slope)) == pytest.approx(-1.5, abs=0.1)


def test_perspective_makes_the_far_edge_shorter():
    white = Image.new("RGB", SMALL, "white")
    seen = np.asarray(photograph(white, Faults(lean=0.1), grain=1).convert("L")) == 255
    widths = seen.sum(axis=1)
    first = np.nonzero(widths)[0][0]
    assert widths[first + 2] == pytest.approx(0.9 * SMALL[0], abs=4)
    assert widths[-3] == pytest.approx(SMALL[0], abs=4)


def test_each_fault_does_what_it_says():
    image = page(waves(), CLEAN)

    def seen(**faults: object) -> Array:
        return np.asarray(photograph(image, Faults(**faults), grain=3), dtype=float)

    clean, white = seen(), np.asarray(image).min(axis=2) > 245
    edges = [np.square(np.diff(seen(blur=b), axis=1)).mean() for b in (0, 0.2, 0.5)]
    assert edges[0] > 1.2 * edges[1] > 1.44 * edges[2]
    assert seen(light=0.8).mean() == pytest.approx(0.8 * clean.mean(), rel=0.01)
    red, green, blue = seen(cast=(1.0, 1.0, 0.8)).mean(axis=(0, 1)) / clean.mean(axis=(0, 1))
    assert (red, green) == (1, 1)
    assert blue == pytest.approx(0.8, abs=0.01)
    rough = [seen(texture=t)[white].std() for t in (0, 0.05, 0.1)]
    assert rough[0] + 1 < rough[1] < rough[2] - 1
    dark = seen(shadow=0.5)
    ratio = dark[white][:, 1] / clean[white][:, 1]
    assert 0.45 < ratio.min() < 0.75 < 0.9 < ratio.max() <= 1.01
    assert np.abs(seen(wrinkles=3) - clean).max() > 15
    sizes = [len(jpeg(image, replace(CLEAN, faults=Faults(quality=q)))) for q in (40, 70, 92)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_light_and_creases_fall_on_the_same_place_at_every_size():
    faults = Faults(shadow=0.4, wrinkles=3, texture=0.05)
    small, large = (
        photograph(Image.new("RGB", size, "white"), faults, grain=8) for size in (SMALL, LARGE)
    )
    reduced = large.resize(SMALL, Image.Resampling.BOX)
    a, b = (np.asarray(x.convert("L"), dtype=float) for x in (small, reduced))
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.98


def test_the_same_style_gives_the_same_bytes_and_another_grain_others():
    faults = Faults(tilt=1, lean=0.01, blur=0.2, texture=0.05, shadow=0.3, wrinkles=2, quality=70)
    style = replace(CLEAN, faults=faults, grain=11)

    def made(style: PageStyle) -> bytes:
        return jpeg(page(waves(), style, caption={"ID": "1"}), style)

    first = made(style)
    for other in styles(10, rng(3, "between")):
        made(other)
    assert made(style) == first
    assert made(replace(style, grain=12)) != first
    opened = Image.open(BytesIO(first))
    assert (opened.format, opened.size, opened.mode) == ("JPEG", SMALL, "RGB")


def test_styles_vary_and_follow_their_stream():
    many = styles(300, rng(1, "styles"), size=(600, 430))
    assert many == styles(300, rng(1, "styles"), size=(600, 430))
    assert len({style.grain for style in many}) == 300
    assert {style.layout for style in many} == set(LAYOUTS)
    assert {style.size for style in many} == {(600, 430)}
    assert sum(style.faults == Faults(quality=92) for style in many) >= 40
    assert {style.sheet for style in many} == {"framed", "plain"}
    assert styles(0, rng(1, "styles")) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("sheet", ["framed", "plain"])
def test_a_huge_beat_stays_on_the_ruled_paper(layout, sheet):
    style = replace(CLEAN, layout=layout, sheet=sheet)
    changed = np.asarray(page(flat(15), style)) != np.asarray(page(flat(-15), style))
    rows = np.nonzero(changed.any(axis=(1, 2)))[0] / millimetre(style.size)
    assert rows.min() >= (36 if sheet == "framed" else 6) - 1
    assert rows.max() <= (193 if sheet == "framed" else 196) + 1


@pytest.mark.parametrize(
    ("ecg", "message"),
    [
        (flat()[:, :2000], r"shape \(12, 2000\).*2500 samples"),
        (flat()[:8], r"shape \(8, 2500\).*12 leads"),
        (flat(1200), r"1200 mV.*divide microvolts by 1000"),
        (np.where(np.arange(2500) == 17, np.nan, flat()), r"sample 17 of lead I is nan.*leave"),
        (np.where(np.arange(2500) == 17, np.inf, flat()), r"sample 17 of lead I is inf.*leave"),
    ],
)
def test_a_recording_that_cannot_be_printed_is_refused(ecg, message):
    with pytest.raises(ValueError, match=message):
        page(ecg, CLEAN)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layout": "4x3"}, r"'4x3'; choose one of 3x4\+1"),
        ({"rhythm": "VI"}, "'VI'; choose one of I, II"),
        ({"sheet": "foil"}, "'foil'; choose one of framed"),
        ({"colour": "mauve"}, "'mauve'; choose one of rose"),
        ({"band": "1-2 Hz"}, "'1-2 Hz'; choose one of 0.67-25 Hz"),
        ({"size": (100, 70)}, r"\(100, 70\); give width and height"),
        ({"size": (9000, 70)}, r"\(9000, 70\); give width and height"),
        ({"size": (553.5, 393)}, r"\(553.5, 393\); give width and height in whole pixels"),
        ({"size": (553,)}, r"\(553,\); give width and height"),
        ({"trace": 9.0}, "9.0 mm; choose it from 0.1"),
    ],
)
def test_a_style_that_cannot_be_printed_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(CLEAN, **change)


@pytest.mark.parametrize(
    "fault",
    [{"tilt": 90.0}, {"blur": -1.0}, {"quality": 100}, {"light": float("nan")}, {"cast": (1, 1)}],
)
def test_a_fault_that_no_camera_has_is_refused(fault):
    with pytest.raises(ValueError, match=rf"Faults.{next(iter(fault))} is "):
        Faults(**fault)
