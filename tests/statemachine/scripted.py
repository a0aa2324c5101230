"""Every function of the workflow, played from a script: the photo's file name says what happens.

It stands as `handler.py` in each function's place, so the machine, its payloads and its errors are real.
Each question is parsed by the very model that the real function parses it by.
"""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from packshot import events
from packshot.errors import BudgetExhausted, GeneratorUnavailable, RejectedPhoto, RetryLater
from packshot.events import Event, ImageRef, ObjectRef

FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "").partition("-")[2].partition("-")[2]
_seen: set[str] = set()


def handler(payload: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer as the script of the photo says."""
    question, answer = PARTS[FUNCTION]
    return answer(question.model_validate(payload)).model_dump(mode="json")


def analyze(upload: events.Upload) -> Event:
    """Claim the photo, or reject, fail, die."""
    match script(upload.key):
        case "duplicate":
            return events.AnalyzedPhoto(duplicate=True)
        case "unusable" | "unrecordable":
            raise RejectedPhoto("Take the lens cap off.", code="blank")
        case "unanalyzable":
            raise ZeroDivisionError("a defect")
        case "enormous":
            os.kill(os.getpid(), signal.SIGKILL)
        case _:
            pass
    source = ObjectRef(bucket=upload.bucket, key=upload.key, version=upload.version)
    backdrop = events.Backdrop(kind="flat", colour="#ffffff", spread=0)
    return events.AnalyzedPhoto(
        duplicate=False,
        photo=events.Photo(sku="MUG-1", name="front", source=source, sequencer=upload.sequencer),
        working=image("working"),
        analysis=events.Analysis(
            width=9, height=9, sharpness=1, exposure=0.5, clipped=0, light_side="left", backdrop=backdrop
        ),
    )


def mask(request: events.MaskRequest) -> Event:
    """Cut out, or reject, fail."""
    if script(request.photo.source.key) == "productless":
        raise RejectedPhoto("Put the product in front of the camera.", code="no_product")
    if script(request.photo.source.key) == "unmaskable":
        raise ZeroDivisionError("a defect")
    return events.Matte(
        image=image("matte"),
        cutout=image("cutout"),
        box=events.Box(x=0, y=0, width=9, height=9),
        area=0.5,
        confidence=1,
        engine="script",
    )


def correct(request: events.CorrectRequest) -> Event:
    """Leave the photo as it is."""
    return events.CorrectedPhoto(
        working=request.working, matte=request.matte, correction=events.Correction(reasons=("Good.",))
    )


def plan(request: events.PlanRequest) -> Event:
    """Plan three scenes; the trend's generator and the patience stand in the script."""
    chosen = script(request.photo.source.key)
    if chosen == "busy" and request.photo.source.key not in _seen:
        _seen.add(request.photo.source.key)
        raise RetryLater("in a moment")
    generator: events.Generator = "flux" if chosen.startswith("paid") else "studio"
    scenes = (scene("white", "studio"), scene("trend", generator), scene("alternative", "studio"))
    return events.ScenePlan(scenes=scenes, settings_version="s", trends_version="t")


def scene(name: Any, generator: events.Generator) -> events.Scene:  # noqa: ANN401 - one of three words
    """Return a scene of this name."""
    return events.Scene(
        name=name,
        generator=generator,
        set="white_cove",
        palette=events.Palette(name="p", wall="#ffffff", floor="#ffffff", accent="#000000"),
        light=events.Light(side="left", softness=0.5, elevation=45),
        shadow=events.Shadow(contact=0.5, cast=0.5),
        anchor="stand",
        fill=0.85,
        camera="eye level",
        width=1600,
        height=1600,
        seed=2**32 - 1,
        models=("a", "b") if generator == "flux" else (),
        settings_version="s",
        trends_version="t",
    )


def render(request: events.RenderRequest) -> Event:
    """Return a plate that tells its seed and its fallback."""
    return events.Plate(
        image=image(f"plate-{request.scene.seed}"),
        generator="studio",
        floor=0.8,
        recipe=f"{request.scene.name}-{request.scene.seed}",
        fallback=request.fallback,
    )


def request(question: events.BackgroundRequest) -> Event:
    """Answer the token as the script says: at once, with an error, at the second rung, or never."""
    chosen, token = script(question.photo.source.key), question.token
    match chosen:
        case "paid-off":
            raise GeneratorUnavailable("No image generator is connected.")
        case "paid-poor":
            raise BudgetExhausted("The day's budget for backgrounds is spent.")
        case "paid-defect":
            raise ZeroDivisionError("a defect")
        case "paid-busy" if question.photo.source.key not in _seen:
            _seen.add(question.photo.source.key)
            raise RetryLater("in a moment")
        case "paid-never":
            _fail(token, question)
        case "paid-third" if question.rung < 2:
            _fail(token, question)
        case _:
            _succeed(token, question)
    return events.BackgroundNotice(recipe="r", status="asked")


def _succeed(token: str, question: events.BackgroundRequest) -> None:
    plate = events.Plate(
        image=image(f"plate-{question.rung}"),
        generator="flux",
        floor=0.8,
        recipe=f"flux-{question.attempt}-{question.rung}",
        price_usd=0.003,
    )
    _states().send_task_success(taskToken=token, output=plate.model_dump_json())


def _fail(token: str, question: events.BackgroundRequest) -> None:
    cause = json.dumps({"reason": f"Picture {question.rung} is blank.", "spent_usd": 0.003})
    _states().send_task_failure(taskToken=token, error="GenerationFailed", cause=cause)


def _states() -> Any:  # noqa: ANN401 - boto3 makes clients at run time
    import boto3

    return boto3.client("stepfunctions")


def compose(request: events.ComposeRequest) -> Event:
    """Return a composite, or reject from inside the Map."""
    if script(request.photo.source.key) == "uncomposable":
        raise RejectedPhoto("Take the photo again from further away.", code="cut_off")
    if script(request.photo.source.key) == "defective-scene":
        raise ZeroDivisionError("a defect")
    placement = events.Placement(box=events.Box(x=0, y=0, width=9, height=9), scale=1)
    return events.Composite(image=image("composite"), placement=placement, plate=request.plate)


def assess(request: events.AssessRequest) -> Event:
    """Judge the trend scene by the script; the others always pass."""
    chosen = script(request.photo.source.key)
    again = request.scene.name == "trend" and (
        chosen == "never-good" or (chosen in {"second-seed", "paid-twice"} and request.attempt == 0)
    )
    verdict: Any = "retry" if again else "pass"
    return events.QualityReport(passed=not again, verdict=verdict, attempt=request.attempt, scores=())


def publish(request: events.PublishRequest) -> Event:
    """Say what the machine handed over: scene, attempt, seed and fallback of each candidate."""
    told = tuple(
        f"{each.scene.name} {each.quality.attempt} {each.scene.seed} {each.composite.plate.fallback}".strip()
        for each in request.candidates
    )
    plates = (each.composite.plate.price_usd + each.spent_usd for each in request.candidates)
    return events.PublishedPhoto(
        sku=request.photo.sku,
        name=request.photo.name,
        status="published",
        images=told,
        price_usd=round(sum(plates), 6),
    )


def reject(request: events.RejectRequest) -> Event:
    """Hand back what the machine told of the rejection; a scripted defect fails here too."""
    if "unrecordable" in request.upload.key:
        raise ZeroDivisionError("a defect")
    source = ObjectRef(bucket=request.upload.bucket, key=request.upload.key)
    return events.RejectionNotice(
        sku="MUG-1", name="front", code=request.error, reason=request.cause, source=source
    )


def script(key: str) -> str:
    """Return the photo's file name without its ending."""
    return key.rpartition("/")[2].partition(".")[0]


def image(name: str) -> ImageRef:
    """Return a reference that nobody follows."""
    return ImageRef(object=ObjectRef(bucket="work", key=f"{name}.png"), width=9, height=9)


PARTS: dict[str, tuple[type[Event], Callable[[Any], Event]]] = {
    "analyze-photo": (events.Upload, analyze),
    "mask-product": (events.MaskRequest, mask),
    "correct-photo": (events.CorrectRequest, correct),
    "plan-scenes": (events.PlanRequest, plan),
    "request-background": (events.BackgroundRequest, request),
    "render-studio": (events.RenderRequest, render),
    "compose-image": (events.ComposeRequest, compose),
    "assess-quality": (events.AssessRequest, assess),
    "publish-images": (events.PublishRequest, publish),
    "reject-photo": (events.RejectRequest, reject),
}
