"""Words that tell what a name is or what a paper does with it, written by hand from the annotation rules."""

from __future__ import annotations

from typing import Final

METHOD_NOUNS: Final = frozenset(
    "method methods framework frameworks algorithm algorithms approach approaches technique techniques pipeline"
    " pipelines system systems toolkit strategy strategies scheme paradigm procedure mechanism module modules loss"
    " objective optimizer optimization library methodology workflow plugin plug-in codebase software package"
    " regularization regularizer solution protocol tool sampler scheduler attack defense extension estimator"
    " representation formulation recipe interface platform adapter".split()
)
MODEL_NOUNS: Final = frozenset(
    "model models network networks architecture architectures llm llms vlm vlms mllm mllms vla vlas transformer"
    " encoder decoder tokenizer backbone family series generator detector chatbot assistant classifier autoencoder"
    " agent agents policy gan vae cnn lm lms lvlm lvlms baseline lrm lrms checkpoint".split()
)
BENCHMARK_NOUNS: Final = frozenset("benchmark benchmarks suite leaderboard challenge testbed track test".split())
DATASET_NOUNS: Final = frozenset(
    "dataset datasets corpus corpora data collection treebank database set repository annotations images"
    " questions videos".split()
)
ENVIRONMENT_NOUNS: Final = frozenset(
    "environment environments simulator simulators simulation game games gym domain domains playground sandbox".split()
)
ORGANIZATION_NOUNS: Final = frozenset(
    "university institute laboratory lab company inc team group community association organization".split()
)
NOUN_CLASS: Final = {
    noun: label
    for label, nouns in (
        ("org", ORGANIZATION_NOUNS),
        ("env", ENVIRONMENT_NOUNS),
        ("data", DATASET_NOUNS),
        ("bench", BENCHMARK_NOUNS),
        ("model", MODEL_NOUNS),
        ("method", METHOD_NOUNS),
    )
    for noun in nouns
}
INTRODUCE: Final = frozenset(
    "propose proposes proposed introduce introduces introduced present presents presented develop develops developed"
    " release releases released call called named dubbed termed coin describe describes design designed build built"
    " create created construct constructed contribute curate curated unveil establish devise formulate announce"
    " offer provide term name introducing presenting proposing denoted".split()
)
COMPARE: Final = frozenset(
    "outperform outperforms outperforming outperformed surpass surpasses surpassing surpassed exceed exceeds exceeding"
    " beat beats beating compared comparison versus vs than baseline baselines unlike against over rival rivaling"
    " match matches matching comparable competitive".split()
)
EVALUATE: Final = frozenset(
    "evaluate evaluated evaluates evaluation evaluations evaluating experiments experiment test tested tests"
    " testing validate validated results benchmarked achieves achieve achieved achieving demonstrate demonstrates"
    " performance accuracy improves improvement improvements score scores across on".split()
)
USE: Final = frozenset(
    "use uses used using utilize utilizes utilizing leverage leverages leveraging employ employs employing based"
    " built builds upon adopt adopts adopting apply applies applied applying via integrate integrates integrating"
    " combine combines combining incorporate incorporates incorporating with backbone initialized"
    " powered through from pretrained pre-trained fine-tune fine-tuned fine-tuning finetune trained train".split()
)
VERB_CLASS: Final = {
    verb: label
    for label, verbs in (("use", USE), ("eval", EVALUATE), ("cmp", COMPARE), ("intro", INTRODUCE))
    for verb in verbs
}
EXTEND: Final = frozenset(
    "extend extends extending extension extensions variant variants improve improves improved improving"
    " generalize generalizes generalizing generalization enhance enhances modification modified version".split()
)
