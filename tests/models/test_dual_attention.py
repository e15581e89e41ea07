"""The dual attention network: its sizes, its loop over leads, its masks, its maps, its faults."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from hfgnn.models.attention import BATCH, Attention, BatchwiseDropout, positions
from hfgnn.models.dual_attention import (
    CODED,
    PUBLISHED,
    SMALL,
    SOUND,
    Decoder,
    Encoder,
    Faults,
    RiskHead,
    Sizes,
    masked,
)
from hfgnn.seeding import seed_torch
from tests.plain_dual import (
    Layer,
    PlainDecoder,
    PlainEncoder,
    decoder_like,
    encoder_like,
    layer_like,
    plain_like,
)

SURE = Sizes(dropout=0)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        seed_torch(1, "test")
        yield


def size(*parts: nn.Module) -> int:
    return sum(parameter.numel() for part in parts for parameter in part.parameters())


def shaken(net: nn.Module) -> nn.Module:
    """Return the network with no weight left at nought or one, where a mistake might hide."""
    for name, parameter in net.named_parameters():
        nn.init.normal_(parameter, mean=float("norm" in name or "scale" in name) / 2, std=0.2)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.3)
            layer.running_var.uniform_(0.5, 2)
    return net


def beats(n: int, sizes: Sizes = PUBLISHED) -> torch.Tensor:
    return torch.randn(n, sizes.leads, sizes.samples)


def test_every_part_has_as_many_parameters_as_the_published_one():
    encoder, decoder, head = Encoder(), Decoder(), RiskHead()
    assert size(encoder.stem, encoder.blocks) == 23_416
    assert size(encoder.time) == 39_360
    assert size(encoder.lead) == 1_112_944
    assert size(encoder.mean, encoder.largest) == 98_816
    assert size(encoder) == 1_274_536
    assert size(decoder) == 110_570
    assert size(head) == 2_573
    assert size(encoder, decoder, head) == 1_387_679
    assert size(Encoder(time=False)) == 1_274_536 - 39_360
    assert size(Encoder(lead=False)) == 1_274_536 - 1_112_944
    assert size(Encoder(time=False, lead=False)) == 23_416 + 98_816
    assert size(Encoder(SMALL)) == 354_184
    for part in (encoder, decoder, head):
        assert f"{size(part):,} parameters" in type(part).__doc__
    plain = PlainEncoder()
    assert (size(plain), size(PlainDecoder())) == (1_274_536, 110_570)
    assert [size(layer) for layer in plain.time] == [39_360 // 12] * 12


def test_the_published_sizes():
    shape = Sizes(
        leads=12, samples=608, channels=(4, 8, 16, 16, 16, 16), heads=8, features=512, dropout=0.2,
        risk_width=3, risk_dropout=0.25,
    )  # fmt: skip
    assert shape == PUBLISHED
    assert (PUBLISHED.moments, SMALL.moments) == (19, 19)
    assert Faults(positions=True, moments=True, leads=True) == CODED


@pytest.mark.parametrize("sizes", [PUBLISHED, SMALL])
def test_what_goes_in_and_what_comes_out(sizes):
    encoder, x = Encoder(sizes).eval(), beats(3, sizes)
    features = encoder(x)
    assert features.shape == (3, 512)
    assert Decoder(sizes)(features).shape == x.shape
    assert RiskHead(sizes)(features).shape == (3,)


@pytest.mark.parametrize("sizes", [PUBLISHED, SMALL])
@pytest.mark.parametrize("faults", [CODED, SOUND])
def test_the_leads_at_once_are_a_plain_loop_over_leads(sizes, faults):
    encoder = shaken(Encoder(sizes, faults=faults)).eval()
    plain, x = plain_like(encoder, sound=faults == SOUND).eval(), beats(5, sizes)
    with torch.no_grad():
        found, expected = encoder(x), plain(x)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 * expected.abs().max().item())


@pytest.mark.parametrize("faults", [CODED, SOUND])
def test_so_are_their_gradients_in_training(faults):
    """In double precision: in single, a relu or a maximum near a tie may tip either way."""
    encoder = shaken(Encoder(SURE, faults=faults)).double()
    plain, x = plain_like(encoder, sound=faults == SOUND), beats(4).double()
    weights = torch.randn(4, 512).double()
    (encoder(x) * weights).sum().backward()
    (plain(x) * weights).sum().backward()
    with torch.no_grad():
        torch.testing.assert_close(encoder(x), plain(x), rtol=1e-9, atol=1e-9)
    found = encoder_like({name: p.grad for name, p in encoder.named_parameters()}, 12)
    for name, parameter in plain.named_parameters():
        largest = parameter.grad.abs().max().item()
        torch.testing.assert_close(found[name], parameter.grad, rtol=0, atol=1e-9 * (1 + largest))


def test_twelve_attentions_at_once_are_twelve_layers_in_single_precision_too():
    stack = shaken(Attention(12, 16, heads=8, p=0, inside=(BATCH,)))
    x = torch.randn(12, 5, 19, 16)
    stack(x).square().mean().backward()
    weights = dict(stack.named_parameters())
    slopes = {name: parameter.grad for name, parameter in weights.items()}
    for lead in range(12):
        layer = Layer(16, SURE, nn.Identity())
        layer.load_state_dict(layer_like(weights, lead))
        torch.testing.assert_close(stack(x)[lead], layer(x[lead]), rtol=1e-5, atol=1e-5)
        (layer(x[lead]).square().sum() / x.numel()).backward()
        for name, slope in layer_like(slopes, lead).items():
            expected = layer.get_parameter(name).grad
            torch.testing.assert_close(slope, expected, rtol=1e-5, atol=1e-5, msg=name)


@pytest.mark.parametrize("sizes", [PUBLISHED, SMALL])
def test_the_decoder_is_its_description(sizes):
    decoder, plain = shaken(Decoder(sizes)).double(), PlainDecoder(sizes).double()
    plain.load_state_dict(decoder_like(decoder.state_dict()))
    features, target = torch.randn(3, 512).double(), beats(3, sizes).double()
    torch.testing.assert_close(decoder(features), plain(features), rtol=0, atol=1e-10)
    for net in (decoder, plain):
        (net(features) - target).square().mean().backward()
    found = decoder_like({name: p.grad for name, p in decoder.named_parameters()})
    for name, parameter in plain.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad, rtol=0, atol=1e-10)


def test_a_dropout_mask_is_the_same_for_the_whole_batch():
    drop, x = BatchwiseDropout(0.25), torch.randn(7, 4000)
    share = (drop(x) == 0).double().mean(dim=0)
    assert set(share.tolist()) == {0, 1}
    assert share.mean().item() == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 4000) ** 0.5)
    kept = drop(x) != 0
    assert not torch.equal(kept, drop(x) != 0)  # the next one is another
    torch.testing.assert_close(drop(x).abs().amax(0).max(), x.abs().max() / 0.75)
    assert drop.eval()(x) is x
    assert torch.equal(BatchwiseDropout(0)(x), x)


@pytest.mark.parametrize("shared", [(), (0,), (1,), (2,), (0, 2)])
def test_a_mask_is_shared_along_the_axes_that_are_named_and_no_other(shared):
    kept = BatchwiseDropout(0.5, shared)(torch.ones(6, 7, 8, 9)) > 0
    for axis in range(4):
        alike = (kept == kept.narrow(axis, 0, 1)).all()
        assert alike == (axis in shared)


def fallen(mask: nn.Module, *shape: int) -> tuple[bool, bool, bool]:
    """Return whether a mask is one for all leads, all people and all tokens."""
    kept = mask(torch.ones(shape)) > 0
    return tuple(bool((kept == kept.narrow(axis, 0, 1)).all()) for axis in range(3))


def test_each_fault_is_switched_by_itself():
    for field, where in (("moments", "time"), ("leads", "lead")):
        coded, sound = Encoder(), Encoder(faults=replace(CODED, **{field: False}))
        other = "lead" if where == "time" else "time"
        shape = {"time": (12, 6, 19, 64), "lead": (1, 6, 12, 1216)}
        expected = {"time": (False, False, True), "lead": (True, False, False)}
        for name in (where, other):
            assert fallen(getattr(coded, name).mask, *shape[name]) == expected[name]
        assert fallen(getattr(sound, other).mask, *shape[other]) == expected[other]
        assert fallen(getattr(sound, where).mask, *shape[where]) == (where == "lead", True, False)
        for name in (where, other):  # what attention says loses the same of all people, always
            wide = (*shape[name][:3], {"time": 16, "lead": 304}[name])
            assert fallen(getattr(coded, name).drop, *wide) == (name == "lead", True, False)
        assert coded.faults.positions
        assert sound.faults.positions


@pytest.mark.parametrize("faults", [CODED, SOUND, replace(CODED, positions=False)])
def test_in_the_published_code_a_person_s_numbers_depend_on_the_place_in_the_batch(faults):
    encoder, one = Encoder(faults=faults).eval(), beats(1)
    with torch.no_grad():
        several = encoder(one.expand(4, -1, -1))
        alone = encoder(one)
    torch.testing.assert_close(several[:1], alone, rtol=0, atol=1e-5)
    apart = (several[1:] - alone).abs().amax(1)
    assert (apart > 0.01).all() if faults.positions else (apart < 1e-5).all()


@pytest.mark.parametrize("faults", [CODED, SOUND])
def test_without_positions_of_their_own_the_moments_have_no_order(faults):
    encoder, h = Encoder(faults=faults).eval(), torch.randn(12, 2, 19, 16)
    order = torch.randperm(19)
    with torch.no_grad():
        told = encoder.time(encoder._placed(h))[:, :, order]
        asked = encoder.time(encoder._placed(h[:, :, order]))
    assert torch.allclose(told, asked, atol=1e-5) == faults.positions


def test_positions_are_sines_and_cosines():
    found = positions(30, 304)
    for place, i in ((0, 0), (1, 0), (29, 302), (7, 100)):
        angle = place / 10000 ** (i / 304)
        assert found[place, i].item() == pytest.approx(math.sin(angle), abs=1e-6)
        assert found[place, i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


@pytest.mark.parametrize("faults", [CODED, SOUND])
def test_maps_are_the_weights_of_torch_s_own_attention(faults):
    encoder, x = shaken(Encoder(faults=faults)).eval(), beats(3)
    plain = plain_like(encoder, sound=faults == SOUND).eval()
    seen = []

    def watch(layer, given, options):
        normed = given[0]
        seen.append(nn.MultiheadAttention.forward(layer, normed, normed, normed)[1])

    for layer in (*plain.time, plain.lead):
        layer.attention.register_forward_pre_hook(watch, with_kwargs=True)
    with torch.no_grad():
        plain(x)
    over_leads, over_time = encoder.attention(x)
    assert over_leads.shape == (3, 12, 12)
    assert over_time.shape == (3, 12, 19, 19)
    torch.testing.assert_close(over_leads, seen[12], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(over_time, torch.stack(seen[:12], 1), rtol=1e-4, atol=1e-5)
    for rows in (over_leads.sum(2), over_time.sum(3)):
        torch.testing.assert_close(rows, torch.ones_like(rows))
    assert over_leads.std(dim=2).min() > 1e-4  # these say something


def test_a_branch_left_out_has_no_map_and_no_say():
    x, whole = beats(2), shaken(Encoder()).eval()
    made = {}
    for name, branches in (("time", {"lead": False}), ("lead", {"time": False}), ("", None)):
        given = branches or {"time": False, "lead": False}
        made[name] = Encoder(**given).eval()
        made[name].load_state_dict(
            {n: w for n, w in whole.state_dict().items() if n in made[name].state_dict()}
        )
    with torch.no_grad():
        only_time, only_lead, none = (made[name](x) for name in ("time", "lead", ""))
        both, h = whole(x), whole.tokens(x)[0]
        halves = only_time[:, :256] + only_lead[:, :256] - whole.mean.bias  # the mean is linear
        torch.testing.assert_close(both[:, :256], halves, rtol=1e-4, atol=1e-4)
        fused = whole.mean(h.mean(dim=2).flatten(1))
        torch.testing.assert_close(none[:, :256], fused, rtol=1e-4, atol=1e-4)
        assert not torch.allclose(only_time, only_lead, atol=0.01)
    assert [found is None for found in made["time"].attention(x)] == [True, False]
    assert [found is None for found in made["lead"].attention(x)] == [False, True]
    assert made[""].attention(x) == (None, None)


def test_maps_are_refused_in_training():
    with pytest.raises(ValueError, match=r"in training has no maps to show; call eval\(\) first"):
        Encoder(SMALL).attention(beats(2, SMALL))


def test_behind_the_stem_a_lead_has_heard_all_others():
    encoder = Encoder(SMALL, faults=SOUND).eval()
    x = beats(1, SMALL).requires_grad_()
    for lead in (0, 7):
        slope = torch.autograd.grad(encoder.tokens(x)[0][:, lead].sum(), x)[0]
        assert (slope.abs().amax(dim=2) > 0).all()


def test_a_sound_network_judges_each_person_alone():
    parts = Encoder(SMALL, faults=SOUND), Decoder(SMALL), RiskHead(SMALL)
    encoder, decoder, head = (shaken(part).eval() for part in parts)
    x = beats(6, SMALL)
    with torch.no_grad():
        for tail in (nn.Identity(), decoder, head):
            whole = tail(encoder(x))
            torch.testing.assert_close(tail(encoder(x.flip(0))).flip(0), whole, rtol=0, atol=1e-4)
            torch.testing.assert_close(tail(encoder(x[2:4])), whole[2:4], rtol=0, atol=1e-4)


def test_two_alike_have_one_risk_while_masks_fall():
    """What the shared mask is for: a risk set compares people under one and the same network."""
    encoder, head = Encoder(SMALL, faults=SOUND), RiskHead(SMALL)
    for layer in (*encoder.modules(), *head.modules()):
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.eval()
    x = beats(1, SMALL).repeat(5, 1, 1)
    first, second = head(encoder(x)), head(encoder(x))
    torch.testing.assert_close(first, first[:1].expand(5), rtol=0, atol=1e-5)
    assert (first - second).abs().max() > 1e-4  # another mask
    coded = Encoder(SMALL, faults=replace(SOUND, leads=True))
    assert coded(x).std(dim=0).max() > 0.01


def test_masked_leads_are_all_zeros_and_the_others_untouched():
    x, stream = beats(400, SMALL), torch.Generator().manual_seed(5)
    found = masked(x, stream)
    kept = found.ne(0).any(dim=2)
    torch.testing.assert_close(found, x * kept[:, :, None], rtol=0, atol=0)
    assert kept.double().mean().item() == pytest.approx(0.5, abs=4 * 0.5 / 4800**0.5)
    assert kept.any(dim=0).all()
    assert not kept.all(dim=0).any()
    assert torch.equal(found, masked(x, torch.Generator().manual_seed(5)))
    assert not torch.equal(found, masked(x, stream))
    assert torch.equal(masked(x, stream, share=0), x)
    assert not masked(x, stream, share=1).any()


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"samples": 600}, r"600 samples and 16 .* halve 5 times"),
        ({"heads": 5}, "16 channels .* that 5 heads can share"),
    ],
)
def test_sizes_that_cannot_be_are_refused(wrong, rule):
    with pytest.raises(ValueError, match=rule):
        Sizes(**wrong)


@pytest.mark.parametrize("shape", [(2, 12, 600), (2, 608, 12), (12, 608)])
def test_other_beats_are_refused(shape):
    with pytest.raises(ValueError, match=r"not \[n, 12, 608\]; choose other Sizes"):
        Encoder()(torch.zeros(shape))


def test_every_parameter_gets_a_finite_gradient():
    encoder, decoder, head = Encoder(SMALL), Decoder(SMALL), RiskHead(SMALL)
    features = encoder(beats(16, SMALL))
    (decoder(features) - 1).square().mean().add(head(features).square().mean()).backward()
    for part in (encoder, decoder, head):
        for name, parameter in part.named_parameters():
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().max() > 0, name


def test_the_same_seed_trains_the_same_network_to_the_last_bit():
    def trained() -> torch.Tensor:
        with torch.random.fork_rng():
            seed_torch(3, "test")
            encoder, decoder, x = Encoder(SMALL), Decoder(SMALL), beats(6, SMALL)
            adam = torch.optim.AdamW([*encoder.parameters(), *decoder.parameters()])
            for _ in range(2):
                adam.zero_grad()
                (decoder(encoder(x)) - x).square().mean().backward()
                adam.step()
            return encoder.eval()(x)

    assert torch.equal(trained(), trained())


def test_a_small_network_learns_eight_beats_and_whose_they_are():
    sizes = replace(SMALL, dropout=0, risk_dropout=0)
    encoder, decoder, head = Encoder(sizes, faults=SOUND), Decoder(sizes), RiskHead(sizes)
    t = torch.linspace(0, 6, sizes.samples)
    x = torch.stack([torch.sin((1 + i) * t + torch.arange(12)[:, None]) for i in range(8)])
    wanted = torch.arange(8.0) - 3.5
    parameters = [p for part in (encoder, decoder, head) for p in part.parameters()]
    adam, lost = torch.optim.AdamW(parameters, lr=3e-3), []
    for _ in range(40):
        adam.zero_grad()
        features = encoder(x)
        signal = (decoder(features) - x).square().mean()
        risk = (head(features) - wanted).square().mean()
        (signal + 0.1 * risk).backward()
        adam.step()
        lost.append((signal.item(), risk.item()))
    assert lost[-1][0] < 0.6 * lost[0][0]
    assert lost[-1][1] < 0.4 * lost[0][1]


def test_a_copy_is_as_good():
    encoder = Encoder(SMALL).eval()
    x = beats(2, SMALL)
    with torch.no_grad():
        assert torch.equal(copy.deepcopy(encoder)(x), encoder(x))
