"""What the statistics refuse, one class per reason, each with a sentence that says what to change."""


class SamplingError(ValueError):
    """Anything that `sampling` refuses to calculate."""


class AllocationImpossible(SamplingError):
    """No allocation satisfies the total, the minimum and the limits together."""


class BadFrame(SamplingError):
    """A frame entry cannot be written in the canonical form (empty id, control character, size < 0)."""


class DuplicateId(BadFrame):
    """The same id stands twice in the frame (重复编号): its owner would have two lots."""


class BadSeed(SamplingError):
    """Seed or salt is empty, padded with blanks or holds a control character."""


class SampleLargerThanStratum(SamplingError):
    """More entries are asked for (main and reserve together) than the stratum has."""


class UnknownStratum(SamplingError):
    """Sizes name a stratum that the frame does not have, or the frame has one without a size."""


class UncoveredStratum(SamplingError):
    """A stratum with people but without sample has no design weight: nobody speaks for it."""


class BadScale(SamplingError):
    """An option scale (选项量表) contradicts itself."""


class UnknownOption(SamplingError):
    """A ballot or a count holds an option that the scale does not have."""


class NobodyJudged(SamplingError):
    """No answer in the base of the figure: neither a score nor a rate exists."""


class ShapeMismatch(SamplingError):
    """Arrays that belong together have different lengths or the wrong number of axes."""


class BadWeight(SamplingError):
    """A weight is negative, infinite or not a number."""


class BadCount(SamplingError):
    """A count is negative, or more answers are counted than sheets carry the item."""


class LonelyStratum(SamplingError):
    """A stratum with one primary sampling unit (PSU) shows no variation: its error needs a declared rule."""


class BadProportion(SamplingError):
    """A rate outside 0..1, or a confidence level outside 0..1."""


class NotExact(SamplingError):
    """A binary float, infinity or NaN where exact numbers are ranked or rounded."""


class BadSize(SamplingError):
    """A measure of size, variance, margin or rate that no sample size or probability can be made from."""


class MustIncludeTooMany(SamplingError):
    """More entries must be included (必查, 必选) than are to be drawn, or one that the frame does not have."""


class BadMargin(SamplingError):
    """A calibration margin (校准总数) contradicts the sample or another margin."""


class EmptyMargin(BadMargin):
    """A margin cell with people has no weight in the sample: nobody can stand for it; join it with another."""


class NotConverged(SamplingError):
    """Raking, trimming or calibration did not reach its margins within the iterations allowed."""


class NonPositiveWeight(BadWeight):
    """A weight is zero or negative where every sheet must speak for somebody."""


class BadValue(SamplingError):
    """A measured value is infinite or not a number: missing answers are a domain, not a number."""


class BadCovariance(SamplingError):
    """A covariance matrix is not symmetric, not finite or has a negative variance."""


class BadReplicates(SamplingError):
    """Replicate weights do not fit the sample, or cannot be formed from it."""
