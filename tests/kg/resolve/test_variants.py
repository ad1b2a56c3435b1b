"""The grammar of names: names of the corpus and of `known.tsv`, each looked at by itself."""

from __future__ import annotations

from decimal import Decimal

from kg.model import Entity, EntityType
from kg.names import normal_form, slug
from kg.resolve.variants import RULES, Values, Variant, chain, find_variants, in_family, parameters, values
from ontology import known_entities

# name → its nearest shorter name in `known.tsv`, and what the name says
MODELS: dict[str, tuple[str, dict[str, str]]] = {
    "Qwen2.5-VL-7B-Instruct": (
        "Qwen2.5-VL-7B",
        {"size_written": "7B", "version": "2.5", "tuning": "Instruct"},
    ),
    "Qwen2.5-VL-7B": ("Qwen2.5-VL", {"size_written": "7B", "version": "2.5"}),
    "Qwen2.5-VL": ("Qwen-VL", {"version": "2.5"}),
    "Qwen-VL": ("Qwen", {}),
    "Qwen2.5-VL-32B-Instruct": (
        "Qwen2.5-VL-32B",
        {"size_written": "32B", "version": "2.5", "tuning": "Instruct"},
    ),
    "Qwen2.5-7B-Base": ("Qwen2.5-7B", {"size_written": "7B", "version": "2.5", "tuning": "Base"}),
    "Qwen2.5-7B-Instruct-1M": (
        "Qwen2.5-7B",
        {"size_written": "7B", "version": "2.5", "tuning": "Instruct-1M"},
    ),
    "Qwen2.5-Instruct": ("Qwen2.5", {"version": "2.5", "tuning": "Instruct"}),
    "Qwen2.5-Max": ("Qwen-Max", {"version": "2.5"}),
    "Qwen2.5-Math-PRM-72B": ("Qwen2.5-Math-PRM", {"size_written": "72B", "version": "2.5"}),
    "Qwen2.5-Math-PRM": ("Qwen2.5-Math", {"version": "2.5"}),
    "Qwen2.5-Omni-7B": ("Qwen2.5-Omni", {"size_written": "7B", "version": "2.5"}),
    "Qwen2.5-0.5B": ("Qwen2.5", {"size_written": "0.5B", "version": "2.5"}),
    "Qwen2.5-72B-SFT": ("Qwen2.5-72B", {"size_written": "72B", "version": "2.5", "tuning": "SFT"}),
    "Qwen3-235B-A22B": ("Qwen3", {"size_written": "235B-A22B", "version": "3"}),
    "Qwen3-235B-A22B-FP8": (
        "Qwen3-235B-A22B",
        {"size_written": "235B-A22B", "version": "3", "quantisation": "FP8"},
    ),
    "Qwen3-30B-A3B-Instruct-2507": (
        "Qwen3-30B-A3B",
        {"size_written": "30B-A3B", "version": "3", "tuning": "Instruct", "snapshot": "2507"},
    ),
    "Qwen3-VL-8B-Thinking": (
        "Qwen3-VL-8B",
        {"size_written": "8B", "version": "3", "tuning": "Thinking"},
    ),
    "Qwen3-8B-Base": ("Qwen3-8B", {"size_written": "8B", "version": "3", "tuning": "Base"}),
    "Qwen3-ASR-1.7B": ("Qwen3-ASR", {"size_written": "1.7B", "version": "3"}),
    "Qwen1.5-7B": ("Qwen1.5", {"size_written": "7B", "version": "1.5"}),
    "Qwen-7B": ("Qwen", {"size_written": "7B"}),
    "Qwen2-Audio": ("Qwen-Audio", {"version": "2"}),
    "QwQ-32B-Preview": ("QwQ-32B", {"size_written": "32B", "snapshot": "Preview"}),
    "Llama-3.1-8B": ("Llama 3.1", {"size_written": "8B", "version": "3.1"}),
    "Llama-3.1-8B-Instruct": (
        "Llama-3.1-8B",
        {"size_written": "8B", "version": "3.1", "tuning": "Instruct"},
    ),
    "Llama 3.1": ("LLaMA", {"version": "3.1"}),
    "LLaMA 2 7B Chat": ("Llama-2-7B", {"size_written": "7B", "version": "2", "tuning": "Chat"}),
    "Llama-2-70B": ("LLaMA-2", {"size_written": "70B", "version": "2"}),
    "LLaMA-65B": ("LLaMA", {"size_written": "65B"}),
    "Meta-Llama-3-70B": ("LLaMA-3", {"size_written": "70B", "version": "3"}),
    "Llama-3.2-11B-Vision": ("Llama 3.2", {"size_written": "11B", "version": "3.2"}),
    "Llama-4-Maverick-17B-128E": ("Llama 4 Maverick", {"size_written": "17B-128E", "version": "4"}),
    "Llama 4 Scout": ("Llama 4", {"size_written": "Scout", "version": "4"}),
    "Llama-Guard-3-8B": ("Llama Guard 3", {"size_written": "8B", "version": "3"}),
    "Gemma-2-9b-it": ("Gemma 2", {"size_written": "9b", "version": "2", "tuning": "it"}),
    "Gemma-3-1B-PT": ("Gemma 3", {"size_written": "1B", "version": "3", "tuning": "PT"}),
    "Gemma 3n": ("Gemma", {"version": "3n"}),
    "PaliGemma 2": ("PaliGemma", {"version": "2"}),
    "Mistral-7B-v0.1": ("Mistral-7B", {"size_written": "7B", "version": "0.1"}),
    "Mistral-7B-Instruct-v0.3": (
        "Mistral-7B-Instruct",
        {"size_written": "7B", "version": "0.3", "tuning": "Instruct"},
    ),
    "Mistral Small 3.1": ("Mistral Small", {"size_written": "Small", "version": "3.1"}),
    "Mistral-Nemo": ("Mistral", {}),
    "Mixtral-8x7B": ("Mixtral", {"size_written": "8x7B"}),
    "Mixtral-8x22B-Instruct": ("Mixtral-8x22B", {"size_written": "8x22B", "tuning": "Instruct"}),
    "DeepSeek-R1": ("DeepSeek", {"version": "R1"}),
    "DeepSeek-R1-Zero": ("DeepSeek-R1", {"version": "R1", "tuning": "Zero"}),
    "DeepSeek-R1-0528": ("DeepSeek-R1", {"version": "R1", "snapshot": "0528"}),
    "DeepSeek-R1-671B": ("DeepSeek-R1", {"size_written": "671B", "version": "R1"}),
    "DeepSeek-R1-Distill-Qwen-7B": (
        "DeepSeek-R1",
        {"size_written": "7B", "version": "R1", "tuning": "Distill-Qwen"},
    ),
    "DeepSeek-R1-Distill-Llama-70B": (
        "DeepSeek-R1",
        {"size_written": "70B", "version": "R1", "tuning": "Distill-Llama"},
    ),
    "DeepSeek-V3": ("DeepSeek", {"version": "3"}),
    "DeepSeek-V3-0324": ("DeepSeek-V3", {"version": "3", "snapshot": "0324"}),
    "DeepSeek-V3-Base": ("DeepSeek-V3", {"version": "3", "tuning": "Base"}),
    "DeepSeek-V3.2-Exp": ("DeepSeek-V3.2", {"version": "3.2", "snapshot": "Exp"}),
    "DeepSeek-V2-Lite": ("DeepSeek-V2", {"size_written": "Lite", "version": "2"}),
    "DeepSeek-Coder-V2": ("DeepSeek-Coder", {"version": "2"}),
    "DeepSeek-Coder": ("DeepSeek", {}),
    "DeepSeek-Prover-V2-7B": ("DeepSeek-Prover-V2", {"size_written": "7B", "version": "2"}),
    "GPT-4o": ("GPT", {"version": "4o"}),
    "GPT-4o-mini": ("GPT-4o", {"size_written": "mini", "version": "4o"}),
    "GPT-4o-2024-08-06": ("GPT-4o", {"version": "4o", "snapshot": "2024-08-06"}),
    "GPT-4-0613": ("GPT-4", {"version": "4", "snapshot": "0613"}),
    "GPT-4V": ("GPT-4", {"version": "4"}),
    "GPT-4 Turbo": ("GPT-4", {"size_written": "Turbo", "version": "4"}),
    "GPT-3.5-Turbo": ("GPT-3.5", {"size_written": "Turbo", "version": "3.5"}),
    "GPT-2 XL": ("GPT-2", {"size_written": "XL", "version": "2"}),
    "GPT-5-Codex": ("GPT-5", {"version": "5"}),
    "GPT-J-6B": ("GPT-J", {"size_written": "6B"}),
    "gpt-oss-120b": ("gpt-oss", {"size_written": "120b"}),
    "o3-mini": ("o3", {"size_written": "mini"}),
    "o1-preview": ("o1", {"snapshot": "preview"}),
    "ChatGPT-4o": ("ChatGPT", {"version": "4o"}),
    "Claude 3 Opus": ("Claude 3", {"size_written": "Opus", "version": "3"}),
    "Claude 3.5 Sonnet": ("Claude", {"size_written": "Sonnet", "version": "3.5"}),
    "Claude Opus 4": ("Claude 4", {"size_written": "Opus", "version": "4"}),
    "Gemini 2.5 Pro": ("Gemini 2.5", {"size_written": "Pro", "version": "2.5"}),
    "Gemini 2.5": ("Gemini", {"version": "2.5"}),
    "Gemini 2.5 Flash-Lite": ("Gemini 2.5 Flash", {"size_written": "Lite", "version": "2.5"}),
    "Gemini-2.5-Pro-Preview": (
        "Gemini 2.5 Pro",
        {"size_written": "Pro", "version": "2.5", "snapshot": "Preview"},
    ),
    "Phi-4-mini": ("Phi-4", {"size_written": "mini", "version": "4"}),
    "Phi-4-reasoning-plus": ("Phi-4", {"version": "4", "tuning": "reasoning-plus"}),
    "Phi-3-Vision": ("Phi-3", {"version": "3"}),
    "InternVL3-38B": ("InternVL3", {"size_written": "38B", "version": "3"}),
    "InternVL3.0-38B": ("InternVL3", {"size_written": "38B", "version": "3.0"}),
    "InternVL3.5-241B-A28B": ("InternVL3.5", {"size_written": "241B-A28B", "version": "3.5"}),
    "InternVL2.5": ("InternVL", {"version": "2.5"}),
    "π0-FAST": ("π0", {"version": "0"}),
    "GR00T N1.5": ("GR00T", {"version": "N1.5"}),
    "Kimi K2 Thinking": ("Kimi K2", {"version": "K2", "tuning": "Thinking"}),
    "GLM-4.5-Air": ("GLM-4.5", {"size_written": "Air", "version": "4.5"}),
    "GLM-4.5V": ("GLM-4.5", {"version": "4.5"}),
    "OpenVLA-7B": ("OpenVLA", {"size_written": "7B"}),
    "LLaVA-1.5-13B": ("LLaVA-1.5", {"size_written": "13B", "version": "1.5"}),
    "LLaVA-OneVision-7B": ("LLaVA-OneVision", {"size_written": "7B"}),
    "Janus-Pro": ("Janus", {"size_written": "Pro"}),
    "ViT-B/16": ("ViT", {"size_written": "B/16"}),
    "ViT-H/14": ("ViT", {"size_written": "H/14"}),
    "ViT-22B": ("ViT", {"size_written": "22B"}),
    "CLIP ViT-L/14": ("CLIP", {"size_written": "L/14"}),
    "DINOv2 ViT-S/14": ("DINOv2", {"size_written": "S/14", "version": "2"}),
    "ResNet-50": ("ResNet", {"size_written": "50"}),
    "ResNet101": ("ResNet", {"size_written": "101"}),
    "WRN-28-10": ("WideResNet", {"size_written": "28-10"}),
    "EfficientNet-B0": ("EfficientNet", {"size_written": "B0"}),
    "Swin-T": ("Swin Transformer", {"size_written": "T"}),
    "DiT-XL/2": ("DiT", {"size_written": "XL/2"}),
    "BERT-large": ("BERT", {"size_written": "large"}),
    "T5-XXL": ("T5", {"size_written": "XXL"}),
    "Flan-T5-XL": ("Flan-T5", {"size_written": "XL"}),
    "YOLOv8": ("YOLO", {"version": "8"}),
    "YOLOv8n": ("YOLOv8", {"size_written": "n", "version": "8"}),
    "DINOv3": ("DINO", {"version": "3"}),
    "SAM 2": ("SAM", {"version": "2"}),
    "Stable Diffusion 1.5": ("Stable Diffusion", {"version": "1.5"}),
    "SDXL-Turbo": ("SDXL", {"size_written": "Turbo"}),
    "wav2vec 2.0": ("wav2vec", {"version": "2.0"}),
    "Pythia-160m": ("Pythia", {"size_written": "160m"}),
    "OPT-350M": ("OPT", {"size_written": "350M"}),
    "Falcon-180B-Chat": ("Falcon-180B", {"size_written": "180B", "tuning": "Chat"}),
    "Vicuna-7B-v1.5": ("Vicuna-7B", {"size_written": "7B", "version": "1.5"}),
    "Vicuna-13B-AWQ": ("Vicuna-13B", {"size_written": "13B", "quantisation": "AWQ"}),
    "Qwen2-7B-Instruct-GPTQ-Int4": (
        "Qwen2-7B-Instruct",
        {"size_written": "7B", "version": "2", "tuning": "Instruct", "quantisation": "Int4"},
    ),
}
BENCHMARKS: dict[str, tuple[str, dict[str, str]]] = {
    "MATH500": ("MATH", {"part": "500"}),
    "MATH-500": ("MATH", {"part": "500"}),
    "AIME 2024": ("AIME", {"version": "2024"}),
    "AIME2025": ("AIME", {"version": "2025"}),
    "AIME26": ("AIME", {"version": "2026"}),
    "AIME25-II": ("AIME 2025", {"version": "2025", "part": "II"}),
    "AMC 2023": ("AMC", {"version": "2023"}),
    "HMMT Feb 2024": ("HMMT", {"version": "Feb 2024"}),
    "WMT23": ("WMT", {"version": "2023"}),
    "WMT24++": ("WMT24", {"version": "++"}),
    "SemEval-2025 Task 8": ("SemEval", {"version": "2025", "part": "Task 8"}),
    "COCO2017": ("COCO", {"version": "2017"}),
    "KITTI 2015": ("KITTI", {"version": "2015"}),
    "BraTS-21": ("BraTS", {"version": "2021"}),
    "SimplerEnv Bridge": ("SimplerEnv", {"part": "Bridge"}),
    "SimplerEnv-WidowX": ("SimplerEnv", {"part": "WidowX"}),
    "SimplerEnv Fractal": ("SimplerEnv", {"part": "Fractal"}),
    "LIBERO-Long": ("LIBERO", {"part": "Long"}),
    "LIBERO-90": ("LIBERO", {"part": "90"}),
    "LIBERO Franka": ("LIBERO", {"part": "Franka"}),
    "LIBERO-Plus": ("LIBERO", {"version": "Plus"}),
    "Meta-World MT50": ("Meta-World", {"part": "MT50"}),
    "ImageNet-21K": ("ImageNet", {"part": "21K"}),
    "ImageNet-C": ("ImageNet", {"part": "C"}),
    "ImageNet-V2": ("ImageNet", {"version": "2"}),
    "Tiny ImageNet": ("ImageNet", {"part": "Tiny"}),
    "CIFAR-10-C": ("CIFAR-10", {"part": "C"}),
    "CIFAR-10": ("CIFAR", {"part": "10"}),
    "CIFAR-100": ("CIFAR", {"part": "100"}),
    "Split CIFAR-100": ("CIFAR-100", {"part": "Split"}),
    "MMLU-Pro": ("MMLU", {"version": "Pro"}),
    "MMLU-Redux": ("MMLU", {"version": "Redux"}),
    "MMMU-Pro": ("MMMU", {"version": "Pro"}),
    "HumanEval+": ("HumanEval", {"version": "+"}),
    "MBPP+": ("MBPP", {"version": "+"}),
    "T2I-CompBench++": ("T2I-CompBench", {"version": "++"}),
    "GPQA Diamond": ("GPQA", {"part": "Diamond"}),
    "ARC-Challenge": ("ARC", {"part": "Challenge"}),
    "ARC-AGI-2": ("ARC-AGI", {"version": "2"}),
    "SWE-bench Verified": ("SWE-bench", {"version": "Verified"}),
    "SWE-bench Lite": ("SWE-bench", {"part": "Lite"}),
    "Kinetics-600": ("Kinetics", {"part": "600"}),
    "LAION-5B": ("LAION", {"part": "5B"}),
    "OCRBench v2": ("OCRBench", {"version": "2"}),
    "BFCL-v3": ("BFCL", {"version": "3"}),
    "Habitat 3.0": ("Habitat", {"version": "3.0"}),
    "ManiSkill3": ("ManiSkill", {"version": "3"}),
    "Mind2Web 2": ("Mind2Web", {"version": "2"}),
    "AlpacaEval 2.0": ("AlpacaEval", {"version": "2.0"}),
    "LiveCodeBench v6": ("LiveCodeBench", {"version": "6"}),
    "SMACv2": ("SMAC", {"version": "2"}),
    "COCO-Stuff": ("COCO", {"part": "Stuff"}),
}
METHODS: dict[str, tuple[str, dict[str, str]]] = {
    "DreamerV3": ("Dreamer", {"version": "3"}),
    "TD-MPC2": ("TD-MPC", {"version": "2"}),
    "FlashAttention-2": ("FlashAttention", {"version": "2"}),
    "EAGLE-3": ("EAGLE", {"version": "3"}),
    "ORB-SLAM3": ("ORB-SLAM", {"version": "3"}),
    "MoCo v3": ("MoCo", {"version": "3"}),
    "P-Tuning v2": ("P-Tuning", {"version": "2"}),
}
NO_VARIANTS: list[tuple[str, EntityType]] = [
    ("GPT-Image", "Model"),
    ("GPT-NeoX", "Model"),
    ("CLIP-Seg", "Model"),
    ("CLIP4Clip", "Model"),
    ("MetaCLIP", "Model"),
    ("DINO-R1", "Model"),
    ("Video-R1", "Model"),
    ("Vision-R1", "Model"),
    ("SAM-Med2D", "Model"),
    ("SAM 3D", "Model"),
    ("ViT5", "Model"),
    ("ByT5", "Model"),
    ("BERT4Rec", "Model"),
    ("ModernBERT", "Model"),
    ("TinyLlama", "Model"),
    ("Code Llama", "Model"),
    ("MiniGPT-4", "Model"),
    ("Transformer-XL", "Model"),
    ("Evo-1", "Model"),
    ("ACT-1", "Model"),
    ("Eagle 2.5", "Model"),
    ("Dream-7B", "Model"),
    ("T-Rex2", "Model"),
    ("Nano Banana Pro", "Model"),
    ("RT-1-X", "Model"),
    ("GPT-5 97.8", "Model"),
    ("CLIP 16.12", "Model"),
    ("Qwen2.5-3", "Model"),
    ("π0.5", "Model"),
    ("NLLB-200", "Model"),
    ("Dr. GRPO", "Method"),
    ("GRPO-D", "Method"),
    ("G^2RPO", "Method"),
    ("Flow-GRPO", "Method"),
    ("Diffusion-DPO", "Method"),
    ("TD3+BC", "Method"),
    ("QLoRA", "Method"),
    ("LoRA-Pro", "Method"),
    ("MATH-Vision", "Benchmark"),
    ("MathV360K", "Benchmark"),
    ("Meta-World", "Benchmark"),
    ("Meta-Dataset", "Benchmark"),
    ("MT-Bench-101", "Benchmark"),
    ("GTA5", "Benchmark"),
    ("ARC-1", "Benchmark"),
    ("VQAv2 (test)", "Benchmark"),
    ("MuJoCo Playground", "Benchmark"),
    ("Matterport3D Simulator", "Benchmark"),
    ("PASCAL VOC", "Benchmark"),
    ("D4RL", "Benchmark"),
    ("Set14", "Benchmark"),
    ("AIME24/25", "Benchmark"),
    ("GSM8K", "Benchmark"),
    ("OSWorld 15", "Benchmark"),
    ("DAPO-17k", "Benchmark"),
]


def entity(name: str, entity_type: EntityType, *aliases: str) -> Entity:
    return Entity(slug(name), name, entity_type, None, aliases, 1)


def known() -> dict[str, Entity]:
    types = {name: name for name in RULES}
    return {
        row.slug: Entity(row.slug, row.name, types[row.type], None, row.aliases, 1)
        for row in known_entities()
        if row.type in types
    }


LISTED: list[tuple[str, EntityType, str, dict[str, str]]] = [
    *((name, "Model", parent, said) for name, (parent, said) in MODELS.items()),
    *((name, "Benchmark", parent, said) for name, (parent, said) in BENCHMARKS.items()),
    *((name, "Method", parent, said) for name, (parent, said) in METHODS.items()),
]


def test_the_list_is_long_enough() -> None:
    assert len(LISTED) >= 120 and len(NO_VARIANTS) >= 40
    assert len({name for name, *_ in LISTED}) == len(LISTED)


def with_known(names: list[tuple[str, EntityType]]) -> tuple[dict[str, Variant], dict[str, Entity]]:
    entities = {entity(name, entity_type).slug: entity(name, entity_type) for name, entity_type in names}
    entities |= known()
    return {v.slug: v for v in find_variants(entities.values())}, entities


def test_each_listed_name_leads_to_its_parent_and_says_its_values() -> None:
    # Those that known.tsv has not come one at a time: none is another's parent.
    variants, entities = with_known([])
    wrong = []
    for name, entity_type, parent, said in LISTED:
        own = slug(name)
        here = variants
        if own not in entities:
            relatives = [*family(name, entity_type, entities), entity(name, entity_type)]
            here = {v.slug: v for v in find_variants(relatives)}
        variant = here.get(own)
        got = entities[variant.parent].name if variant and variant.parent else None
        told = {} if variant is None else told_by(variant.values)
        if (got, told) != (parent, said):
            wrong.append((name, got, told))
    assert not wrong, wrong


def family(name: str, entity_type: EntityType, entities: dict[str, Entity]) -> list[Entity]:
    """Return the entities that bear one of a name's shorter names."""
    shorter = [step.parent for step in chain(name, entity_type)]
    forms = {normal_form(s) for name in shorter for s in (name, name.removeprefix("Meta-"))}
    return [e for e in entities.values() if forms & {normal_form(n) for n in (e.name, *e.aliases)}]


def told_by(said: Values) -> dict[str, str]:
    keys = ("size_written", "version", "tuning", "quantisation", "snapshot", "part")
    return {key: value for key in keys if (value := getattr(said, key)) is not None}


def test_likeness_makes_no_variant() -> None:
    variants, entities = with_known(NO_VARIANTS)
    wrong = []
    for name, _ in NO_VARIANTS:
        variant = variants.get(slug(name))
        if variant is not None and variant.parent is not None:
            wrong.append((name, entities[variant.parent].name))
    assert not wrong, wrong


def test_the_chain_of_the_issue() -> None:
    steps = chain("Qwen2.5-VL-7B-Instruct")
    assert [step.parent for step in steps] == ["Qwen2.5-VL-7B", "Qwen2.5-VL", "Qwen-VL", "Qwen"]
    assert [step.rule for step in steps] == ["tuning", "size", "version", "line"]


def test_only_names_that_entities_bear_are_parents() -> None:
    names = ("Qwen2.5-VL-7B-Instruct", "Qwen2.5-VL-3B", "Qwen")
    variants = {v.slug: v.parent for v in find_variants([entity(n, "Model") for n in names])}
    assert variants == {"qwen2.5-vl-7b-instruct": "qwen", "qwen2.5-vl-3b": "qwen"}


def test_a_model_is_no_variant_of_a_benchmark() -> None:
    math = entity("MATH", "Benchmark")
    assert find_variants([math, entity("MATH-7B", "Model")])[0].parent is None


def test_a_model_and_a_method_may_be_one_family() -> None:
    (variant,) = find_variants([entity("YOLO", "Method"), entity("YOLOv8", "Model")])
    assert variant.parent == "yolo"


def test_a_homonym_takes_only_certain_variants() -> None:
    contest, sense = entity("AIME", "Benchmark"), "AIME (Action Inference by Maximising Evidence)"
    other = Entity("aime-action", sense, "Benchmark", None, ("AIME",), 1)
    names = ("AIME-v2", "AIME 2024")
    variants = {v.slug: v for v in find_variants([contest, other, *(entity(n, "Benchmark") for n in names)])}
    assert variants["aime-2024"].parent == "aime"
    assert variants["aime-v2"].parent is None


def test_an_ambiguous_alias_is_nobodys_name() -> None:
    one, two = entity("Zorb One", "Model", "Zorb"), entity("Zorb Two", "Model", "Zorb")
    assert find_variants([one, two, entity("Zorb-7B", "Model")])[0].parent is None
    assert find_variants([one, entity("Zorb-7B", "Model")])[0].parent == "zorb-one"


def test_a_sized_sibling_is_no_parent() -> None:
    assert all(
        v.parent is None for v in find_variants([entity("RDT-1B", "Model", "RDT"), entity("RDT2", "Model")])
    )


def test_sizes_are_numbers() -> None:
    assert values("Qwen2.5-0.5B").size == Decimal("500000000")
    assert values("Qwen3-235B-A22B").size == Decimal("235000000000")
    assert values("Pythia-160m").size == Decimal("160000000")
    assert values("Mixtral-8x7B").size is None and parameters("17B-128E") is None


def test_a_family_without_a_node_has_members() -> None:
    members = [entity(n, "Model") for n in ("Qwen2.5-VL-7B", "Qwen2.5-VL-3B-Instruct", "Qwen2.5-7B")]
    names = [e.name for e in in_family("Qwen2.5-VL", members)]
    assert names == ["Qwen2.5-VL-3B-Instruct", "Qwen2.5-VL-7B"]


def test_order_changes_nothing() -> None:
    entities = list(known().values())
    assert find_variants(entities) == find_variants(reversed(entities))


def test_no_circles() -> None:
    parents = {v.slug: v.parent for v in find_variants(known().values())}
    for start in parents:
        seen, here = {start}, parents[start]
        while here is not None:
            assert here not in seen, start
            seen.add(here)
            here = parents.get(here)
