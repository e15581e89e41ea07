"""The arrows of the causal model as data: what is drawn, and what wires the equations."""

from dataclasses import asdict, dataclass

from hfgnn.world.law import LAW


@dataclass(frozen=True)
class Arrow:
    """One cause of one effect: its term in the effect's equation, and where that comes from."""

    cause: str
    effect: str
    equation: str  # a coefficient is written {name}, as the law calls it, and shown as its value
    source: str

    def __str__(self) -> str:
        return (
            f"{self.cause} -> {self.effect}: {self.equation.format(**asdict(LAW))} [{self.source}]"
        )


def causes(effect: str) -> tuple[str, ...]:
    """Return what points at a variable."""
    return tuple(arrow.cause for arrow in ARROWS if arrow.effect == effect)


ARROWS = (
    Arrow("sex", "bsa", "bsa_mean by sex", "petersen2017"),
    Arrow("age", "diabetes", "{diabetes_age} (age - 50)", "chosen"),
    Arrow("sex", "diabetes", "{diabetes_woman} woman", "chosen"),
    Arrow("age", "hypertension", "{hypertension_age} (age - 50)", "chosen"),
    Arrow("sex", "hypertension", "{hypertension_woman} woman", "chosen"),
    Arrow("diabetes", "hypertension", "{hypertension_diabetes} diabetes", "chosen"),
    Arrow("age", "infarct", "{infarct_age} (age - 50)", "chosen"),
    Arrow("sex", "infarct", "{infarct_woman} woman", "chosen"),
    Arrow("hypertension", "infarct", "{infarct_hypertension} hypertension", "chosen"),
    Arrow("diabetes", "infarct", "{infarct_diabetes} diabetes", "chosen"),
    Arrow("infarct", "infarct_size", "logit of the median share: {size} by territory", "chosen"),
    Arrow("infarct", "acute", "only with an infarct", "chosen"),
    Arrow("age", "pressure", "{pressure_age} (age - 50)", "chosen"),
    Arrow("sex", "pressure", "{pressure_woman} woman", "chosen"),
    Arrow("hypertension", "pressure", "{pressure_hypertension} hypertension", "chosen"),
    Arrow("cardiomyopathy", "pressure", "{pressure_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("infarct_size", "pressure", "{pressure_infarct} infarct size", "chosen"),
    Arrow("age", "edv", "{edv_age} (age - 60)", "petersen2017"),
    Arrow("sex", "edv", "{edv} by sex", "petersen2017"),
    Arrow("bsa", "edv", "{edv_bsa} log(BSA / mean)", "petersen2017"),
    Arrow("infarct_size", "edv", "{edv_size} infarct size", "chosen"),
    Arrow("cardiomyopathy", "edv", "{edv_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("sex", "ef", "{ef} by sex", "petersen2017"),
    Arrow("infarct_size", "ef", "{ef_size} infarct size", "chosen"),
    Arrow("acute", "ef", "{ef_acute} acute", "chosen"),
    Arrow("cardiomyopathy", "ef", "{ef_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("edv", "esv", "EDV (1 - EF)", "definition"),
    Arrow("ef", "esv", "EDV (1 - EF)", "definition"),
    Arrow("sex", "mass", "{mass} by sex", "petersen2017"),
    Arrow("bsa", "mass", "{mass_bsa} log(BSA / mean)", "petersen2017"),
    Arrow("pressure", "mass", "{mass_pressure} (pressure - 125)", "chosen"),
    Arrow("edv", "mass", "{mass_edv} log(EDV / reference)", "chosen"),
    Arrow("age", "conduction", "{block_age} (age - 50)", "chosen"),
    Arrow("sex", "conduction", "{block_woman} woman", "chosen"),
    Arrow("ef", "conduction", "{block_weak} weakness", "chosen"),
    Arrow("infarct", "conduction", "{block_anterior} anterior", "chosen"),
    Arrow("cardiomyopathy", "conduction", "{block_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("mass", "conduction", "{block_mass} excess of mass", "chosen"),
    Arrow("bsa", "conduction", "excess of mass: mass index", "definition"),
    Arrow("age", "af", "{af_age} (age - 50)", "chosen"),
    Arrow("sex", "af", "{af_woman} woman", "chosen"),
    Arrow("hypertension", "af", "{af_hypertension} hypertension", "chosen"),
    Arrow("ef", "af", "{af_weak} weakness", "chosen"),
    Arrow("mass", "af", "{af_mass} excess of mass", "chosen"),
    Arrow("bsa", "af", "excess of mass: mass index", "definition"),
    Arrow("age", "filling", "{filling_age} (age - 50)", "chosen"),
    Arrow("sex", "filling", "limit of mass index by sex", "chosen"),
    Arrow("hypertension", "filling", "{filling_hypertension} hypertension", "chosen"),
    Arrow("ef", "filling", "{filling_weak} weakness", "chosen"),
    Arrow("mass", "filling", "{filling_mass} excess of mass", "chosen"),
    Arrow("bsa", "filling", "excess of mass: mass index", "definition"),
    Arrow("af", "filling", "{filling_af} AF", "chosen"),
    Arrow("sex", "rate", "{rate} by sex", "chosen"),
    Arrow("ef", "rate", "{rate_weak} weakness", "chosen"),
    Arrow("filling", "rate", "{rate_filling} (filling - 9)", "chosen"),
    Arrow("af", "rate", "{rate_af} AF", "chosen"),
    Arrow("age", "ischaemia", "{ischaemia_age} (age - 50)", "chosen"),
    Arrow("hypertension", "ischaemia", "{ischaemia_hypertension} hypertension", "chosen"),
    Arrow("diabetes", "ischaemia", "{ischaemia_diabetes} diabetes", "chosen"),
    Arrow("infarct", "ischaemia", "{ischaemia_infarct} any infarct", "chosen"),
    Arrow("cardiomyopathy", "ischaemia", "{ischaemia_cardiomyopathy} cardiomyopathy", "chosen"),
    Arrow("sex", "strain", "limit of mass index by sex", "chosen"),
    Arrow("mass", "strain", "{strain_mass} excess of mass", "chosen"),
    Arrow("bsa", "strain", "excess of mass: mass index", "definition"),
    Arrow("bsa", "low_voltage", "{low_voltage_bsa} (BSA - 1.83)", "chosen"),
)
