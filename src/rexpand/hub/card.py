"""The model card: README.md with metadata that the hub reads, and tables for people."""

from collections.abc import Mapping

from huggingface_hub import EvalResult, ModelCardData

from rexpand.cost import conventions, cost_of
from rexpand.hub.publication import ONNX, Publication
from rexpand.models import run_weightless
from rexpand.recipe import recipe_to_toml
from rexpand.recipe.distillation import Distillation
from rexpand.records import Passport, sample_std
from rexpand.spec import HUB_FILE, Source
from rexpand.trace import trace

# Data sets that the hub has under a name of its own.
_DATASETS = {"cifar10": "uoft-cs/cifar10", "cifar100": "uoft-cs/cifar100"}


def card(publication: Publication) -> str:
    """The text of README.md: metadata in YAML, how to use it, what it is, how it was made.

    Nothing is said that the checkpoint does not know.
    """
    parts = [
        f"---\n{_metadata(publication)}\n---\n",
        f"# {publication.repository.partition('/')[2]}\n",
        f"{_summary(publication)}\n",
        f"## Use\n\n{_use(publication)}",
        f"## Network\n\n{_network(publication)}",
        f"## Cost\n\n{_cost(publication)}",
        f"## Images\n\n{publication.contract or 'Not recorded.'}\n",
        f"## Training\n\n{_training(publication)}",
    ]
    return "\n".join(parts)


def _metadata(publication: Publication) -> str:
    passport, spec = publication.passport, publication.spec
    tags = ["rexpand", "image-classification", spec.family]
    data = ModelCardData(
        license=publication.license,
        library_name="rexpand",
        pipeline_tag="image-classification",
        tags=list(dict.fromkeys(tags)),
        datasets=_datasets(passport),
        metrics=["accuracy"] if passport else None,
        model_name=publication.repository.partition("/")[2],
        eval_results=[_result(passport)] if passport else None,
    )
    return str(data.to_yaml())


def _datasets(passport: Passport | None) -> list[str] | None:
    known = _DATASETS.get(passport.data) if passport else None
    return None if known is None else [known]


def _result(passport: Passport) -> EvalResult:
    return EvalResult(
        task_type="image-classification",
        dataset_type=_DATASETS.get(passport.data, passport.data),
        dataset_name=passport.data,
        dataset_split=passport.evaluated_on,
        metric_type="accuracy",
        metric_name="top-1 accuracy, percent",
        metric_value=round(passport.accuracy, 4),
    )


def _summary(publication: Publication) -> str:
    spec, passport = publication.spec, publication.passport
    what = (
        f"`{spec.name}`, a network of {cost_of(spec).params:,} parameters for images of "
        f"{spec.size.height} x {spec.size.width} pixels and {spec.num_classes:,} classes"
    )
    if passport is None:
        return f"{what}. How it was trained is not recorded."
    count = passport.evaluated_images
    images = f"{'' if count is None else f'{count:,} '}{passport.evaluated_on} images"
    told = (
        f"{what}, trained on {passport.data} by rexpand: {passport.accuracy:.2f} % "
        f"top-1 on {images}."
    )
    std = sample_std(publication.accuracies)
    if std is None:
        return told
    accuracies = publication.accuracies
    return (
        f"{told} {len(accuracies)} seeds that were trained alike reached "
        f"{sum(accuracies) / len(accuracies):.2f} ± {std:.2f} % (mean and the sample's "
        f"standard deviation); this is seed {passport.seed}."
    )


def _use(publication: Publication) -> str:
    name = publication.repository
    lines = [
        "```python",
        "from rexpand import Source",
        "from rexpand.models import open_source",
        f'network = open_source(Source.parse("hf:{name}")).module.eval()',
        "```\n",
        "In timm, with the mean, standard deviation and crop that it expects:\n",
        "```python",
        "import timm",
        "import rexpand.timm",
        f'network = timm.create_model("rexpand", spec="hf:{name}").eval()',
        "```\n",
    ]
    if publication.onnx is not None:
        lines += [
            "With ONNX Runtime:\n",
            "```python",
            "import onnxruntime",
            "from huggingface_hub import hf_hub_download",
            f'file = hf_hub_download("{name}", "{ONNX}")',
            "network = onnxruntime.InferenceSession(file)",
            "```\n",
        ]
    lines += [
        "From the command line:\n",
        "```bash",
        f"rexpand predict hf:{name} image.jpg",
        "```\n",
        f"`{HUB_FILE}` holds the weights, and in its header (`rexpand explain`) the",
        "network and its training.\n",
    ]
    return "\n".join(lines)


def _network(publication: Publication) -> str:
    spec = publication.spec
    return _table(
        ("", ""),
        {
            "name": f"{spec.name}, of the family {spec.family}",
            "channels of the blocks": "-".join(map(str, spec.channels)),
            "input": " x ".join(map(str, spec.image)),
            "classes": f"{spec.num_classes:,}",
        },
    )


def _cost(publication: Publication) -> str:
    """The closed form, and what each convention counts in one pass."""
    cost = cost_of(publication.spec)
    source = Source(kind="checkpoint", name=str(publication.weights))
    seen, _ = run_weightless(source, trace)
    rows = {
        "parameters": f"{cost.params:,}",
        "multiply-accumulates per image": f"{cost.macs:,}",
        "activations": f"{cost.activations:,}",
        "memory access, elements": f"{cost.memory_access:,}",
    }
    for counted in conventions(seen.layers)[1:]:  # the first are the macs again
        rows[f"by the convention `{counted.name}`"] = f"{counted.count:,}"
    return _table(("", "one image"), rows)


def _training(publication: Publication) -> str:
    passport = publication.passport
    if passport is None:
        return "Not recorded.\n"
    best = passport.best_epoch
    kept = "" if best is None else f"; number {best + 1} was the best and is kept"
    rows = {
        "data": passport.data,
        "fingerprint of the data": f"`{passport.data_fingerprint}`",
        "training images": f"{passport.images:,}",
        "epochs": f"{passport.epochs}{kept}",
        "seed": str(passport.seed),
        "began with": passport.started_from or "fresh weights",
        "accuracy": f"{passport.accuracy:.2f} % top-1 on {passport.evaluated_on} images",
        "loss": f"{passport.loss:.4f}",
        "commit of rexpand": passport.commit or "not recorded",
        "libraries": ", ".join(f"{n} {v}" for n, v in passport.versions.items()),
    }
    if passport.distillation is not None:
        rows["taught by"] = _taught(passport.distillation)
    recipe = recipe_to_toml(passport.recipe)
    return (
        f"{_table(('', ''), rows)}\nThe recipe, as a file that `rexpand train --recipe` "
        f"takes:\n\n```toml\n{recipe}```\n"
    )


def _taught(wanted: Distillation) -> str:
    return (
        f"{wanted.teacher}, whose scores at temperature {wanted.temperature:g} are "
        f"{100 * wanted.weight:g} % of the loss"
    )


def _table(header: tuple[str, str], rows: Mapping[str, str]) -> str:
    lines = [header, ("---", "---"), *rows.items()]
    return "".join(f"| {name} | {value} |\n" for name, value in lines)
