"""The arrows of the causal model as data: what a reader sees drawn is what wires the equations."""

from dataclasses import asdict, dataclass, replace

from hfgnn.world.law import LAW


@dataclass(frozen=True)
class Arrow:
    """One cause of one effect: its term in the effect's equation, and where that comes from."""

    cause: str
    effect: str
    equation: str  # with the community's coefficients; (men, women), or (LBBB, RBBB, LAFB, IVCD)
    source: str  # a key of the book's references, "chosen", or "definition"


def causes(effect: str) -> tuple[str, ...]:
    """Return what points at a variable."""
    return tuple(arrow.cause for arrow in ARROWS if arrow.effect == effect)


_TERMS = (  # a coefficient is written as the law calls it
    Arrow("sex", "bsa", "mean {bsa} m2", "petersen2017"),
    Arrow("age", "diabetes", "{diabetes_age} (age - 50)", "chosen"),
    Arrow("sex", "diabetes", "{diabetes_woman} woman", "chosen"),
    Arrow("age", "hypertension", "{hypertension_age} (age - 50)", "mills2016"),
    Arrow("sex", "hypertension", "{hypertension_woman} woman", "chosen"),
    Arrow("diabetes", "hypertension", "{hypertension_diabetes} diabetes", "chosen"),
    Arrow("age", "infarct", "{infarct_age} (age - 50)", "anand2008"),
    Arrow("sex", "infarct", "{infarct_woman} woman", "anand2008"),
    Arrow("hypertension", "infarct", "{infarct_hypertension} hypertension", "anand2008"),
    Arrow("diabetes", "infarct", "{infarct_diabetes} diabetes", "anand2008"),
    Arrow("infarct", "infarct_size", "logit median {size} by territory", "stone2016"),
    Arrow("sex", "infarct_size", "{size_woman} woman", "nordlund2019"),
    Arrow("infarct", "acute", "[infarct] [{acute} + z > 0]", "chosen"),
    Arrow("age", "pressure", "{pressure_age} (age - 50)", "chosen"),
    Arrow("sex", "pressure", "{pressure_woman} woman", "chosen"),
    Arrow("hypertension", "pressure", "{pressure_hypertension} hypertension", "chosen"),
    Arrow("infarct_size", "pressure", "{pressure_infarct} infarct size", "chosen"),
    Arrow("cardiomyopathy", "pressure", "{pressure_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("age", "edv", "{edv_age} (age - 60)", "petersen2017"),
    Arrow("sex", "edv", "log EDV {edv}", "petersen2017"),
    Arrow("bsa", "edv", "{edv_bsa} log(BSA / mean)", "petersen2017"),
    Arrow("infarct_size", "edv", "{edv_size} infarct size", "wu2008"),
    Arrow("cardiomyopathy", "edv", "{edv_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("sex", "ef", "logit {ef}", "petersen2017"),
    Arrow("infarct_size", "ef", "{ef_size} infarct size", "wu2008"),
    Arrow("acute", "ef", "{ef_acute} acute", "wu2008"),
    Arrow("cardiomyopathy", "ef", "{ef_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("edv", "esv", "EDV (1 - EF)", "definition"),
    Arrow("ef", "esv", "EDV (1 - EF)", "definition"),
    Arrow("age", "mass", "{mass_hypertension} hypertension (age - 45)+", "chosen"),
    Arrow("sex", "mass", "log mass {mass}", "petersen2017"),
    Arrow("bsa", "mass", "{mass_bsa} log(BSA / mean)", "petersen2017"),
    Arrow("hypertension", "mass", "{mass_hypertension} hypertension (age - 45)+", "chosen"),
    Arrow("pressure", "mass", "{mass_pressure} (pressure - 125)", "chosen"),
    Arrow("edv", "mass", "{mass_edv} log(EDV / reference)", "chosen"),
    Arrow("age", "conduction", "{block_age} (age - 50)", "haataja2013"),
    Arrow("sex", "conduction", "{block_woman} woman", "haataja2013"),
    Arrow("bsa", "conduction", "{block_mass} (log mass index / limit)+", "definition"),
    Arrow("infarct_size", "conduction", "{block_size} infarct size", "chosen"),
    Arrow("cardiomyopathy", "conduction", "{block_cardiomyopathy} cardiomyopathy", "lund2013"),
    Arrow("ef", "conduction", "{block_weak} w^2 / (1 + w^2), w = (0.55 - EF)+ / 0.10", "lund2013"),
    Arrow("mass", "conduction", "{block_mass} (log mass index / limit)+", "chosen"),
    Arrow("age", "af", "{af_age} (age - 50)", "vanderende2017"),
    Arrow("sex", "af", "{af_woman} woman", "berge2018"),
    Arrow("bsa", "af", "{af_mass} (log mass index / limit)+", "definition"),
    Arrow("hypertension", "af", "{af_hypertension} hypertension", "berge2018"),
    Arrow("ef", "af", "{af_weak} w^2 / (1 + w^2), w = (0.55 - EF)+ / 0.10", "berge2018"),
    Arrow("mass", "af", "{af_mass} (log mass index / limit)+", "chosen"),
    Arrow("age", "filling", "{filling_age} (age - 50)", "redfield2003"),
    Arrow("sex", "filling", "limit of the mass index", "definition"),
    Arrow("bsa", "filling", "{filling_mass} log(mass index / limit)", "definition"),
    Arrow("hypertension", "filling", "{filling_hypertension} hypertension", "redfield2003"),
    Arrow("ef", "filling", "{filling_weak} (0.55 - EF)+ / 0.10", "redfield2003"),
    Arrow("mass", "filling", "{filling_mass} log(mass index / limit)", "chosen"),
    Arrow("af", "filling", "{filling_af} AF", "chosen"),
    Arrow("sex", "rate", "log(rate - {rate_floor}) {rate}", "wagner2020"),
    Arrow("ef", "rate", "{rate_weak} (0.55 - EF)+ / 0.10", "chosen"),
    Arrow("filling", "rate", "{rate_filling} (filling - 9)", "chosen"),
    Arrow("af", "rate", "{rate_af} AF", "wagner2020"),
    Arrow("age", "ischaemia", "{ischaemia_age} (age - 50)", "chosen"),
    Arrow("hypertension", "ischaemia", "{ischaemia_hypertension} hypertension", "chosen"),
    Arrow("diabetes", "ischaemia", "{ischaemia_diabetes} diabetes", "chosen"),
    Arrow("infarct", "ischaemia", "{ischaemia_infarct} any infarct", "chosen"),
    Arrow("cardiomyopathy", "ischaemia", "{ischaemia_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("sex", "strain", "limit of the mass index", "definition"),
    Arrow("bsa", "strain", "{strain_mass} log(mass index / limit)", "definition"),
    Arrow("mass", "strain", "{strain_mass} log(mass index / limit)", "wagner2020"),
    Arrow("bsa", "low_voltage", "{low_voltage_bsa} (BSA - 1.83)", "chosen"),
)
_COEFFICIENTS = asdict(LAW)
ARROWS = tuple(replace(term, equation=term.equation.format(**_COEFFICIENTS)) for term in _TERMS)
