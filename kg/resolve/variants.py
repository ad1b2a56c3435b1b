r"""Families of models and benchmarks: what a name says of size, version and tuning, and whose variant it is.

A grammar takes one part after another off the end of a name, `Qwen2.5-VL-7B-Instruct`, `Qwen2.5-VL-7B`,
`Qwen2.5-VL`, `Qwen-VL`, `Qwen`: each part is a typed value, and the nearest shorter name that an entity of
the graph bears is what the entity is a variant of. No node is made for a name that no paper writes.

The grammar reads names alone, so it knows neither lineage (`Dr. GRPO` extends GRPO) nor likeness (`CLIP-Seg`
is no CLIP). `docs/variants.md` says how each choice was made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from kg.model import Entity, EntityType
from kg.names import normal_form
from ontology import known_entities

RuleName = Literal[
    "size", "version", "tuning", "quantisation", "snapshot", "line", "edition", "part", "backbone"
]
"""What a step takes off: see `docs/variants.md`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of the grammar.

    `pattern` matches a whole name; the groups `stem` and, where there is one, `tail` make the shorter name,
    `value` is what goes. `confidence` is how often such a step is right, between 0 and 1.
    """

    name: RuleName
    confidence: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a name to a shorter one, `parent`, that takes `value` off by `rule`."""

    parent: str
    rule: RuleName
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Values:
    """What a name says of its bearer.

    Attributes:
        size: Number of parameters; None where the size is a word, a letter or a depth.
        size_written: The size as the name writes it: `7B`, `235B-A22B`, `mini`, `B/16`, `50`.
        version: Version, year or series: `2.5`, `2024`, `R1`.
        tuning: How the base was trained on: `Instruct`, `Distill-Qwen`, `Thinking`.
        quantisation: How the weights are stored: `AWQ`, `Int4`.
        snapshot: Date or stage of a release as written: `2024-08-06`, `0528`, `preview`.
        part: Which part of a benchmark: `500`, `Bridge`, `1K`.
    """

    size: Decimal | None = None
    size_written: str | None = None
    version: str | None = None
    tuning: str | None = None
    quantisation: str | None = None
    snapshot: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """What the grammar says of an entity: its values and, where there is one, what it is a variant of."""

    slug: str
    values: Values
    parent: str | None = None
    rule: RuleName | None = None
    confidence: float = 0.0


_COUNT: Final = r"\d{1,4}(?:\.\d{1,3})?"
_NUMBER: Final = r"\d(?:\.\d){0,2}"
_TUNED_BASE: Final = r"(?:Qwen|Llama|DeepSeek|Gemma|Mistral|Yi|GLM|InternLM|OLMo|Falcon|Nemotron|Granite)"
# Families whose members are numbered from 0 or 1, or whose name is too short for the general rule.
_NUMBERED: Final = (
    r"GPT|ChatGPT|Phi|Grok|Kosmos|Jurassic|Claude|Gemini|Gemma|Llama|Qwen|DALL-E|Yi|SD|Stable Diffusion|π"
    r"|Inflection|Nemotron|FLUX|Seedance|Seedream"
)
_QWEN_LINES: Final = r"VL|Coder|Math|Audio|Omni|Embedding|Reranker|ASR|TTS|Max|Next|Guard"
_DEPTH: Final = (
    r"(?:\w+-)?(?:ResNet|ResNeXt|DenseNet|VGG|WRN|WideResNet|LeNet|HRNet|RegNet|ResNeSt|Res2Net|EfficientNet)"
)
_LETTERED: Final = r"(?:\w+ )?(?:ViT|DeiT|Swin|SwinV2|DiT|SiT|BEiT|ConvNeXt|MViT|MViTv2|CaiT|XCiT|EVA)"
_SIZE_WORD: Final = (
    r"nano|mini|tiny|small|medium|large|huge|giant|XL|XXL|Lite|Flash(?:[- ]Lite)?|Turbo|Pro|Ultra|Air"
    r"|Haiku|Sonnet|Opus|Instant|Maverick|Scout"
)
_QUANTISED: Final = r"AWQ|GPTQ|GGUF|Int-?[48]|W\dA\d{1,2}|FP[48]|NVFP4|MXFP4|[48]-?bit|bnb-4bit|AQLM|NF4"
_MONTH_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SNAPSHOT: Final = (
    rf"20[12]\d-?(?:0[1-9]|1[0-2])-?[0-3]\d|{_MONTH_DAY}|2[3-9](?:0[1-9]|1[0-2])|preview|exp|latest"
)


def _rule(name: RuleName, confidence: float, pattern: str) -> Rule:
    return Rule(name, confidence, re.compile(pattern, re.IGNORECASE))


_SIZES: Final = (
    _rule("version", 0.95, r"(?P<stem>ESM)-(?P<value>1[bv])"),
    _rule(
        "size",
        0.98,
        rf"(?!.*\d[BM][-_ ].*[BM])(?P<stem>.*\w.*?)[-_ ](?P<value>(?:\d+x)?{_COUNT}[BM](?:-\d+E)?)",
    ),
    _rule("size", 0.98, rf"(?P<stem>.*\w.*?)[-_ ](?P<value>{_COUNT}B[-_ ]?A{_COUNT}B)"),
    _rule("size", 0.97, r"(?P<stem>Gemma[- ]?3n)[- ](?P<value>E[24]B)"),
)
_VERSIONS: Final = (
    _rule("version", 0.95, r"(?P<stem>.*[^\W\d].*?)[-_ ]?v(?P<value>\d{1,2}(?:\.\d{1,2})*)"),
    _rule("version", 0.95, r"(?P<stem>GPT|ChatGPT)[- ]?(?P<value>\d(?:\.\d)?o)"),
    _rule("version", 0.95, r"(?P<stem>Gemma)[- ]?(?P<value>3n)"),
    _rule("version", 0.95, rf"(?P<stem>{_NUMBERED})[- ]?(?P<value>{_NUMBER})"),
    _rule("version", 0.9, r"(?P<stem>YOLO)[- ]?(?P<value>\d{1,2})"),
    _rule("version", 0.93, r"(?P<stem>.*[^\W\d]{2}.*?)(?<!\d)[- ](?P<value>\d\.\d)"),
    _rule("version", 0.93, r"(?P<stem>.*[^\W\d]{2})(?P<value>\d\.\d)"),
    _rule("version", 0.85, r"(?P<stem>.*[^\W\d]{3}.*?)(?<!\d)[- ](?P<value>0?[2-9])"),
    _rule("version", 0.85, r"(?P<stem>.*[^\W\d]{3})(?P<value>[2-9])"),
    _rule("version", 0.85, r"(?P<stem>.*[^\W\d]{3}.*?)[- ](?P<value>II|III|IV)(?-i:(?<=[IV]))"),
)
_MODEL: Final = (
    _rule("quantisation", 0.98, rf"(?P<stem>.+?)[-_ ](?P<value>{_QUANTISED})"),
    _rule("snapshot", 0.95, rf"(?P<stem>.*\d.*?)[-_ ](?P<value>{_SNAPSHOT})"),
    _rule("tuning", 0.97, r"(?P<stem>.*\w.*?)[-_ ](?P<value>Instruct(?:-1M)?|Chat)"),
    _rule(
        "tuning",
        0.95,
        r"(?P<stem>.*(?:\d[A-Z]?|\bFlash|\bPro|\bmini))[-_ ]"
        r"(?P<value>it|pt|hf|SFT|RLHF|DPO|RL|RLVR|Thinking|Think|reasoning(?:-plus)?|Zero)",
    ),
    _rule("tuning", 0.97, r"(?P<stem>.*[-_ ](?:\d+x)?\d+(?:\.\d+)?[BM](?:-A\d+B)?)[-_ ](?P<value>Base)"),
    _rule("tuning", 0.97, rf"(?P<stem>{_TUNED_BASE}.*\d)[-_ ](?P<value>Base)"),
    _rule("tuning", 0.95, r"(?P<stem>.+?)[-_ ](?P<value>Distill(?:ed)?(?:[- ](?:Qwen|Llama)(?:[\d.]+)?)?)"),
    _rule("size", 0.97, r"(?P<stem>YOLO(?:v|-)?\d{1,2})-?(?P<value>[nsmlx])"),
    *_SIZES,
    _rule("size", 0.97, rf"(?P<stem>{_LETTERED})[- ](?P<value>(?:Ti|T|S|B|L|H|g|XL|SO400M)[-/]?\d{{1,2}})"),
    _rule("size", 0.97, rf"(?P<stem>{_LETTERED})[- ](?P<value>Ti|T|S|B|L|H|g|XL|SO400M)"),
    _rule("size", 0.97, rf"(?P<stem>{_DEPTH})[- ]?(?P<value>[BW]?\d{{1,3}}(?:-\d{{1,2}})?)"),
    _rule("backbone", 0.9, r"(?P<stem>(?:Open|EVA-|Meta)?CLIP|SigLIP|DINO(?:v[23])?|MAE)[- ](?P<value>ViT)"),
    _rule("size", 0.97, rf"(?P<stem>Claude)[- ](?P<value>Haiku|Sonnet|Opus)(?P<tail>[- ]{_NUMBER})"),
    _rule("size", 0.95, rf"(?P<stem>Gemini)[- ](?P<value>Pro|Flash|Ultra|Nano)(?P<tail>[- ]{_NUMBER})"),
    _rule("size", 0.9, rf"(?P<stem>.*\w.*?)[-_ ](?P<value>{_SIZE_WORD}|Base)"),
    _rule(
        "version", 0.95, r"(?P<stem>GR00T|Kimi|DeepSeek|MiniMax|Falcon)[- ](?P<value>[A-UW-Z]\d+(?:\.\d+)?)"
    ),
    _rule("line", 0.95, r"(?P<stem>Qwen.*-?Math)[- ](?P<value>PRM|RM)"),
    _rule("version", 0.95, rf"(?P<stem>Qwen)[- ]?(?P<value>{_NUMBER})[- ]?(?P<tail>{_QWEN_LINES})"),
    _rule("line", 0.95, rf"(?P<stem>Qwen)[- ]?(?P<value>{_QWEN_LINES}|Plus)"),
    _rule("line", 0.95, r"(?P<stem>DeepSeek)[- ](?P<value>VL|Coder|Math|LLM|MoE|OCR|Prover)"),
    _rule("line", 0.95, r"(?P<stem>(?:GPT|ChatGLM|GLM)-?\d(?:\.\d)?)(?P<value>V)"),
    _rule("line", 0.95, r"(?P<stem>GPT-?\d(?:\.\d)?)[- ](?P<value>Codex|Vision)"),
    _rule("line", 0.95, r"(?P<stem>GPT)-(?P<value>oss)"),
    _rule("line", 0.95, r"(?P<stem>Phi-?\d(?:\.\d)?)[- ](?P<value>Vision|Multimodal|MoE)"),
    _rule("line", 0.95, r"(?P<stem>(?:Meta-)?Llama.*\d.*)[- ](?P<value>Vision)"),
    _rule("line", 0.95, r"(?P<stem>GLM-?\d(?:\.\d)?)[- ](?P<value>Voice)"),
    _rule("line", 0.95, r"(?P<stem>Kimi)[- ](?P<value>VL|Audio)"),
    _rule("line", 0.95, r"(?P<stem>MiMo|Yi|InternLM|Granite)[- ](?P<value>VL|Audio|Coder|Code|Math|Vision)"),
    _rule("line", 0.95, r"(?P<stem>Mistral)[- ](?P<value>Nemo)"),
    _rule("line", 0.9, r"(?P<stem>LLaVA)[- ](?P<value>NeXT|OneVision)"),
    _rule("line", 0.95, r"(?P<stem>π0)[- ](?P<value>FAST)"),
    *_VERSIONS,
)
_METHOD: Final = (*_SIZES, *_VERSIONS)

# Benchmarks that come out each year, and so write two digits for it.
_YEARLY: Final = (
    r"AIME|AMC|HMMT|BRUMO|CMIMC|USAMO|IMO|WMT|IWSLT|CASP|VOC|DAVIS|CoNLL|SemEval|MOT|BraTS|COCO|TREC|ICEWS"
)
_PARTS: Final = (
    r"(?P<stem>LIBERO)[- ](?P<value>Long|Spatial|Object|Goal|10|90|100)",
    r"(?P<stem>Simpler[- ]?Env)[- ](?P<value>Bridge(?:Data)?(?: ?V2)?|Fractal|WidowX|Google[- ]Robot)",
    r"(?P<stem>Meta-?World)[- ](?P<value>M[LT]\d{1,2})",
    r"(?P<stem>(?:Image|Tiny-?Image)Net)-(?P<value>C|R|A|S|O|W|P|LT|D|Sketch|Real|Hard|ReaL)",
    r"(?P<stem>CIFAR-?100?)-(?P<value>C|LT|N)",
    r"(?P<stem>ARC)-(?P<value>C|E|Challenge|Easy)",
    r"(?P<stem>PeMS)-?(?P<value>0[3478]|BAY|D[478])",
    r"(?P<stem>TREC)-(?P<value>6|50)",
    r"(?P<stem>MATH|Kinetics|CIFAR|Caltech|Atari|ImageNet)[- ]?(?P<value>\d{2,4}K?)",
    r"(?P<stem>SemEval[- ]20\d\d)[- ](?P<value>Task[- ]\d{1,2})",
    r"(?P<stem>GPQA)[- ](?P<value>Diamond|Main|Extended)",
    r"(?P<stem>MMBench)-(?P<value>EN|CN)",
    r"(?P<stem>COCO)[- ](?P<value>Stuff|Captions|20i?|WholeBody)",
    r"(?P<stem>ETT)(?P<value>[hm][12])",
    r"(?P<value>Tiny|Mini|tiered)[- ]?(?P<stem>ImageNet)",
    r"(?P<value>Split|Permuted|Rotated) (?P<stem>CIFAR-?100?|MNIST|Fashion-?MNIST|(?:Tiny-?)?ImageNet)",
)
# Words that, behind the name of a benchmark, make no part of it.
_NO_PART: Final = (
    r"(?!(?:[Dd]ata ?[Ss]ets?|[Bb]ench(?:marks?)?|Playground|Simulator|Simulation|Challenge|Leaderboard"
    r"|Games?|Environments?|Suite|Corpus|Tasks?|Competition|Arena|Platform|Toolkit|Gym|Lab|Research|Learning"
    r"|Instructions|Models?|Score|Framework|Pipeline|Preview|L[LM]Ms?|VLMs?|Agents?|Baselines?|Paper|FID|EM"
    r"|F1|Top|SSL|OOD|Code|Implementation|Technical|Shared)\b)"
)
_BENCHMARK: Final = (
    *(_rule("part", 0.97, pattern) for pattern in _PARTS),
    _rule("part", 0.95, rf"(?P<stem>(?:{_YEARLY}) ?\d{{2,4}})[- ]?(?-i:(?P<value>II|I))"),
    _rule("edition", 0.97, r"(?P<stem>HMMT)[- ](?P<value>(?:Feb(?:ruary)?|Nov(?:ember)?)\.?[- ]?20\d\d)"),
    _rule("edition", 0.97, r"(?P<stem>.*[^\W\d]{3}.*?)(?<!\d)[- ']?(?P<value>(?:19[89]|20[0-3])\d)"),
    _rule("edition", 0.97, rf"(?P<stem>{_YEARLY})[- ']*(?P<value>(?:0|1|2)\d)"),
    _rule("version", 0.95, r"(?P<stem>.*[^\W\d]{3}.*?)[-_ ]?v(?P<value>\d{1,2}(?:\.\d{1,2})*)"),
    _rule("version", 0.95, r"(?P<stem>(?:HumanEval|MBPP|T2I-CompBench|WMT\d\d|V-?Bench))(?P<value>\+{1,2})"),
    _rule("version", 0.93, r"(?P<stem>.*[^\W\d]{3}.*?)(?<!\d)[- ](?P<value>\d\.\d)"),
    _rule("version", 0.9, r"(?P<stem>.*[^\W\d]{3}.*?)(?<!\d)[- ](?P<value>[1-9])"),
    _rule("version", 0.85, r"(?P<stem>.*[^\W\d]{4})(?P<value>[1-4])"),
    _rule("version", 0.9, r"(?P<stem>.*[^\W\d]{4})[- ](?-i:(?P<value>II|III|IV))"),
    _rule("part", 0.88, r"(?P<stem>.*[^\W\d]{4}.*?)-?(?P<value>\d{1,3}(?:\.\d)?[KMB])"),
    _rule("part", 0.88, r"(?P<stem>.*[^\W\d]{4}.*?)(?<![\d\s])-?(?P<value>\d{2,4})"),
    _rule("version", 0.9, r"(?P<stem>.*[^\W\d]{3}.*?)[- ](?P<value>Pro|Plus|Verified|Redux)"),
    _rule(
        "part", 0.9, r"(?P<stem>.*[^\W\d]{3}.*?)[- ](?P<value>Lite|Hard|Mini|Easy|Multilingual|Multimodal)"
    ),
    _rule(
        "part",
        0.75,
        rf"(?P<stem>[^\W\d_][\w-]{{4,}}) {_NO_PART}(?-i:(?P<value>[A-Z][\w-]*(?: [A-Z][\w-]*)?))",
    ),
)

RULES: Final[Mapping[EntityType, tuple[Rule, ...]]] = {
    "Model": _MODEL,
    "Method": _METHOD,
    "Benchmark": _BENCHMARK,
}
"""The grammar of each type of entity: the first rule that matches makes the step."""

# Names that look like a variant and are none, each checked; by normal form.
_NO_VARIANT: Final = frozenset(
    normal_form(name)
    for name in (
        "MT-Bench-101",  # other authors, other tasks than MT-Bench
        "ARC-1",  # of ARC-AGI, which is no ARC
        "ARC-2",
        "GTA5",  # a game, not the benchmark GTA
        "ViT5",  # a Vietnamese T5
        "Nano Banana Pro",  # of Gemini 3, while Nano Banana is of Gemini 2.5
        "Transformer-XL",  # XL is for extra long, not for a size
    )
)
# Words that papers use for things of any kind: nothing is a variant of them.
_GENERIC: Final = frozenset({
    "agent", "audio", "bench", "benchmark", "benchmarking", "data", "dataset", "diffusion", "gan", "game",
    "image", "llm", "lstm", "mllm", "model", "network", "policy", "rl", "robot", "text", "transformer",
    "unet", "vae", "video", "vision", "vla", "vlm", "vqa", "world",
})  # fmt: skip
_VENDOR: Final = re.compile(
    r"(?:Meta|OpenAI|Google|Anthropic|Microsoft|NVIDIA|Mistral AI)[- ](?=\w)", re.IGNORECASE
)
_SKIPPED: Final = re.compile(r"[(),&;:]|\band\b|\bvs\b|\d/\d\d")
_MULTIPLIER: Final = {"B": Decimal(10) ** 9, "M": Decimal(10) ** 6}
_PARAMETERS: Final = re.compile(r"(?:(\d+)x)?(\d+(?:\.\d+)?)([BM])(?:[-_ ]?A.*)?", re.IGNORECASE)
# What the last characters of a name must hold for any rule to match: most names end here.
_MODEL_ENDING: Final = re.compile(
    rf"\d[A-Z]?$|[-_ ](?:{_SIZE_WORD}|{_QUANTISED}|{_QWEN_LINES}|Ti|T|S|B|L|H|g|SO400M|preview|exp|latest"
    r"|base|Instruct(?:-1M)?|chat|it|pt|hf|SFT|RLHF|DPO|RL|RLVR|Think(?:ing)?|reasoning(?:-plus)?|zero|ViT|RM|PRM"
    r"|Plus|MoE|LLM|OCR|Prover|Codex|Vision|oss|Multimodal|Voice|Code|Nemo|NeXT|OneVision|FAST|II|III|IV"
    rf"|Distill(?:ed)?(?:[- ](?:Qwen|Llama))?)$|\d(?:{_QWEN_LINES})$",
    re.IGNORECASE,
)
_ENDINGS: Final[Mapping[EntityType, re.Pattern[str]]] = {
    "Model": _MODEL_ENDING,
    "Method": re.compile(r"\d[A-Za-z]?$|[- ]I[IV]{1,2}$"),
    "Benchmark": re.compile(r"\d|[-_ +]"),
}


@lru_cache(maxsize=65536)
def chain(name: str, entity_type: EntityType = "Model") -> tuple[Step, ...]:
    """Return the steps from a name to ever shorter names of its family; empty for a name without such parts.

    Args:
        name: The name of an entity, as displayed.
        entity_type: Its type; only models, methods and benchmarks have a grammar.

    >>> [step.parent for step in chain("Qwen2.5-VL-7B-Instruct")]
    ['Qwen2.5-VL-7B', 'Qwen2.5-VL', 'Qwen-VL', 'Qwen']
    >>> [(step.rule, step.value) for step in chain("DeepSeek-R1-Distill-Qwen-7B")]
    [('size', '7B'), ('tuning', 'Distill-Qwen'), ('version', 'R1')]
    >>> [step.parent for step in chain("MATH500", "Benchmark")], chain("Dr. GRPO", "Method")
    (['MATH'], ())
    """
    steps: list[Step] = []
    step = _step(name, entity_type)
    while step is not None:
        steps.append(step)
        step = _step(step.parent, entity_type)
    return tuple(steps)


def _step(name: str, entity_type: EntityType) -> Step | None:
    ending = _ENDINGS.get(entity_type)
    if ending is None or not ending.search(name, max(0, len(name) - 24)):
        return None
    if _SKIPPED.search(name) or normal_form(name) in _NO_VARIANT:
        return None
    for rule in RULES.get(entity_type, ()):
        match = rule.pattern.fullmatch(name)
        if match is None:
            continue
        groups = match.groupdict()
        tail = groups.get("tail") or ""
        parent = groups["stem"].strip(" -_") + (tail if tail[:1] in ("", "-", " ") else f"-{tail}")
        if normal_form(parent) in _GENERIC or not any(c.isalpha() for c in parent):
            return None
        return Step(parent, rule.name, groups["value"], rule.confidence)
    return None


def values(name: str, entity_type: EntityType = "Model", *, steps: int | None = None) -> Values:
    """Return what a name says of its bearer, of its first `steps` steps (all of them if None).

    >>> found = values("Qwen2.5-VL-7B-Instruct")
    >>> found.size, found.size_written, found.version, found.tuning
    (Decimal('7000000000'), '7B', '2.5', 'Instruct')
    >>> values("Mixtral-8x7B").size, values("GPT-4o-mini").size_written, values("AIME24", "Benchmark").version
    (None, 'mini', '2024')
    """
    found: dict[str, str] = {}
    for step in chain(name, entity_type)[:steps]:
        key = {"edition": "version", "size": "size_written"}.get(step.rule, step.rule)
        value = _year(step.value) if step.rule == "edition" else step.value
        if key in Values.__dataclass_fields__:
            found.setdefault(key, value)
    return Values(size=parameters(found.get("size_written", "")), **found)


def parameters(written: str) -> Decimal | None:
    """Return the number of parameters that a size says; None for words, and for mixtures of experts.

    `8x7B` is no product: experts share parameters, and the name does not say how many.

    >>> parameters("1.5B"), parameters("235B-A22B"), parameters("0.5M"), parameters("8x7B"), parameters("XL")
    (Decimal('1500000000'), Decimal('235000000000'), Decimal('500000'), None, None)
    """
    match = _PARAMETERS.fullmatch(written)
    if match is None or match[1]:
        return None
    number = Decimal(match[2]) * _MULTIPLIER[match[3].upper()]
    return number.quantize(Decimal(1))


def _year(written: str) -> str:
    digits = re.sub(r"\D", "", written)
    return written if len(digits) > 2 else ("20" if int(digits) < 80 else "19") + digits


def find_variants(entities: Iterable[Entity]) -> tuple[Variant, ...]:
    """Return what the grammar says of the entities of a graph, by slug; of some it says nothing.

    The parent is the entity of the nearest shorter name: one that bears it as its name, else the only one
    that bears it as an alias; a Model and a Method may be of one family, a Benchmark and a Model not. A
    version counts as a value only where the family is known, in the graph or in `ontology/known.tsv`.
    """
    members = [e for e in entities if e.type in RULES]
    chains = {e.slug: steps for e in members if (steps := chain(e.name, e.type))}
    bearers = _bearers(members, chains)
    families = _known_families()
    found: list[Variant] = []
    for entity in sorted((e for e in members if e.slug in chains), key=lambda e: e.slug):
        steps = chains[entity.slug]
        depth, parent = _nearest(entity, steps, bearers)
        known = [i for i, step in enumerate(steps, 1) if _is_known(step, entity.type, families)]
        certain = max([depth, *known], default=0)
        said = values(entity.name, entity.type, steps=certain)
        if not certain and entity.type != "Benchmark":
            said = _without_version(values(entity.name, entity.type))
        if parent is not None:
            taken = steps[:depth]
            sure = min(step.confidence for step in taken)
            found.append(Variant(entity.slug, said, parent, taken[0].rule, sure))
        elif said != Values():
            found.append(Variant(entity.slug, said))
    return tuple(found)


def forms_of(entity: Entity) -> list[str]:
    """Return the normal forms that decide whose variant another entity is: of its names and of a homonym's.

    >>> forms_of(Entity("x", "AIME (Action Inference)", "Benchmark", None, ("AIME",), 1))
    ['aime', 'aimeactioninference']
    """
    if entity.type not in RULES:
        return []
    bare = {entity.name.partition(" (")[0]} if entity.name.endswith(")") else set()
    return sorted({normal_form(name) for name in {entity.name, *entity.aliases, *bare}} - {""})


def steps_of(entity: Entity) -> list[str]:
    """Return the normal forms of the shorter names that an entity's name leads to.

    >>> steps_of(Entity("x", "Qwen2.5-7B", "Model", None, (), 1))
    ['qwen', 'qwen25']
    """
    steps = chain(entity.name, entity.type) if entity.type in RULES else ()
    return sorted({normal_form(spelling) for step in steps for spelling in _spellings(step.parent)})


def in_family(name: str, entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities whose names lead through `name`, by slug, whether or not an entity bears it.

    >>> sizes = [Entity(f"qwen2.5-vl-{n}b", f"Qwen2.5-VL-{n}B", "Model", None, (), 1) for n in (3, 7)]
    >>> [e.name for e in in_family("Qwen2.5 VL", [*sizes, Entity("gpt", "GPT", "Model", None, (), 1)])]
    ['Qwen2.5-VL-3B', 'Qwen2.5-VL-7B']
    """
    form = normal_form(name)
    return tuple(
        entity
        for entity in sorted(entities, key=lambda e: e.slug)
        if any(normal_form(step.parent) == form for step in chain(entity.name, entity.type))
    )


def _is_known(step: Step, entity_type: EntityType, families: frozenset[Key]) -> bool:
    return (step.rule == "version" and step.confidence >= 0.95) or any(
        _key(name, entity_type) in families for name in _spellings(step.parent)
    )


def _spellings(name: str) -> tuple[str, str]:
    """Return a name as it is, and without the maker's name before it."""
    return name, _VENDOR.sub("", name, count=1)


Key = tuple[str, bool]
"""Normal form of a name, and whether it names a benchmark."""


def _key(name: str, entity_type: EntityType) -> Key:
    return normal_form(name), entity_type == "Benchmark"


@dataclass(frozen=True, slots=True)
class _Bearer:
    """The only entity that bears a name.

    `by_alias` where no entity has it as its first name, `shared` where it has other senses too.
    """

    slug: str
    spellings: frozenset[str]
    by_alias: bool
    shared: bool = False


def _bearers(members: Sequence[Entity], chains: Mapping[str, tuple[Step, ...]]) -> dict[Key, _Bearer]:
    """Return who bears each shorter name: the entity of that name, else the only one that has it as an alias.

    An alias that is a shorter name of its own entity is a family's name (`RDT` for RDT-1B): nobody's.
    """
    named: defaultdict[Key, dict[str, _Bearer]] = defaultdict(dict)
    aliased: defaultdict[Key, dict[str, _Bearer]] = defaultdict(dict)
    wanted = {
        _key(spelling, entity.type)
        for entity in members
        for step in chains.get(entity.slug, ())
        for spelling in _spellings(step.parent)
    }
    # A sense of a homonym is named `AIME (Action Inference by Maximising Evidence)`.
    senses = {normal_form(e.name.partition(" (")[0]) for e in members if e.name.endswith(")")}
    for entity in members:
        key = _key(entity.name, entity.type)
        own = {_key(step.parent, entity.type) for step in chains.get(entity.slug, ())}
        aliases = ({_key(alias, entity.type) for alias in entity.aliases} & wanted) - own
        if not aliases and key not in wanted:
            continue
        spellings = frozenset((entity.name, *entity.aliases))
        named[key][entity.slug] = _Bearer(entity.slug, spellings, False, key[0] in senses)
        for alias in aliases:
            aliased[alias][entity.slug] = _Bearer(entity.slug, spellings, True)
    joined = {**aliased, **named}
    return {key: next(iter(found.values())) for key, found in joined.items() if key[0] and len(found) == 1}


def _nearest(
    entity: Entity, steps: tuple[Step, ...], bearers: Mapping[Key, _Bearer]
) -> tuple[int, str | None]:
    """Return how many steps lead to the nearest shorter name that another entity bears, and its slug."""
    for depth, step in enumerate(steps, 1):
        for spelling in _spellings(step.parent):
            found = bearers.get(_key(spelling, entity.type))
            if found is None or found.slug == entity.slug:
                continue
            if found.by_alias and step.confidence < SURE:
                continue
            if found.shared and step.confidence < CERTAIN:
                continue
            if spelling in found.spellings or (
                step.confidence > DOUBTFUL and _same_word(spelling, found.spellings)
            ):
                return depth, found.slug
    return 0, None


SURE: Final = 0.9
"""A step that is less sure leads only to an entity's first name, not to an alias."""

CERTAIN: Final = 0.97
"""A step that is less sure does not lead to a name that has other senses."""

DOUBTFUL: Final = 0.8
"""A step that is no surer leads only to a name that is spelled the same."""


def _same_word(written: str, spellings: Iterable[str]) -> bool:
    """Return whether a name may be the same word as one of the spellings: `Eagle` is not `EAGLE`."""
    return any(
        not _shouts(written) ^ _shouts(other) or other.islower() or written.islower()
        for other in spellings
        if normal_form(other) == normal_form(written)
    )


def _shouts(name: str) -> bool:
    letters = [c for c in name if c.isalpha()]
    return len(letters) > 2 and all(c.isupper() for c in letters)


@lru_cache(maxsize=1)
def _known_families() -> frozenset[Key]:
    return frozenset(
        (normal_form(spelling), row.type == "Benchmark")
        for row in known_entities()
        if row.type in RULES
        for spelling in (row.name, *row.aliases)
    )


def _without_version(said: Values) -> Values:
    return Values(
        said.size, said.size_written, None, said.tuning, said.quantisation, said.snapshot, said.part
    )
