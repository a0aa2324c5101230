"""What comes back: a prediction that has ended becomes a plate, or a reason, and everybody hears of it."""

from dataclasses import dataclass

from packshot.backgrounds.answering import Answers
from packshot.errors import GenerationFailed, MissingObject, UnsafeDownload
from packshot.events import Generation, ImageRef, Job, Plate, Prediction, Settlement
from packshot.generation.books import in_dollars
from packshot.generation.models import model_named
from packshot.generation.predictions import is_billed, is_moderated
from packshot.imaging.arrays import Bytes
from packshot.imaging.arrivals import fitted, open_picture, require_empty, require_shape
from packshot.imaging.encoding import MEDIA_TYPE, encode_png
from packshot.ports import Clock, Downloads, JobBook, ObjectStore, Segmenter


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Settles jobs. Any step may be repeated: what is written twice is the same, and one outcome counts."""

    jobs: JobBook
    answers: Answers
    downloads: Downloads
    objects: ObjectStore
    segmenter: Segmenter
    bucket: str
    memory: int
    now: Clock

    def receive(self, recipe: str, prediction: Prediction) -> bool:
        """Take a callback; False for one of a job that nobody has, or of another prediction than its own."""
        job = self.jobs.read(recipe, at=self.now())
        if job is None or job.prediction not in {"", prediction.id}:
            return False
        self.settle(job, prediction)
        return True

    def settle(self, job: Job, prediction: Prediction) -> None:
        """Bring a job to its end if the prediction has ended, and answer who waits."""
        if job.is_settled:
            if not job.answered:
                self.answers.give(job)
            return
        if not prediction.has_ended:
            return
        settled = self.jobs.settle(job, self._outcome(job, prediction), at=self.now())
        if settled is not None:
            self.answers.give(settled)

    def give_up(self, job: Job, prediction: Prediction, *, reason: str) -> None:
        """End a job of which nothing will come; what it may have cost is counted as spent."""
        settlement = Settlement(prediction=prediction, reason=reason, spent=job.price)
        settled = self.jobs.settle(job, settlement, at=self.now())
        if settled is not None:
            self.answers.give(settled)

    def _outcome(self, job: Job, prediction: Prediction) -> Settlement:
        spent = job.price if is_billed(prediction) else 0
        if prediction.status != "succeeded":
            return Settlement(prediction=prediction, reason=_why(prediction), spent=spent)
        try:
            picture = self._picture(job, prediction)
        except (GenerationFailed, MissingObject, UnsafeDownload) as error:
            return Settlement(prediction=prediction, reason=str(error), spent=spent)
        return Settlement(
            prediction=prediction, plate=self._kept(job, prediction, picture, spent), spent=spent
        )

    def _picture(self, job: Job, prediction: Prediction) -> Bytes:
        order = job.order
        if not prediction.outputs:
            raise GenerationFailed("The generator says that it succeeded and shows nothing.")
        file = self.downloads.fetch(prediction.outputs[0])
        least = min(model_named(order.model).shortest_side, order.width, order.height)
        picture = open_picture(file, shortest_side=least, memory=self.memory)
        require_shape(picture, width=order.width, height=order.height)
        if order.strategy == "plate":
            require_empty(picture, segmenter=self.segmenter)
        return fitted(picture, width=order.width, height=order.height)

    def _kept(self, job: Job, prediction: Prediction, picture: Bytes, spent: int) -> Plate:
        order = job.order
        stored = self.objects.write(
            encode_png(picture, grainy=True),
            bucket=self.bucket,
            key=f"plates/{job.recipe}.png",
            media_type=MEDIA_TYPE,
        )
        return Plate(
            image=ImageRef(object=stored, width=order.width, height=order.height),
            generator="flux",
            floor=job.floor,
            recipe=job.recipe,
            price_usd=in_dollars(spent),
            generation=Generation(
                model=order.model,
                strategy=order.strategy,
                prompt=order.prompt,
                prompt_version=order.prompt_version,
                seed=order.seed,
                prediction=prediction.id,
                seconds=prediction.seconds,
            ),
        )


def _why(prediction: Prediction) -> str:
    if is_moderated(prediction):
        return "The generator's moderation refused the picture."
    words = {
        "failed": "The generator failed",
        "canceled": "The generator was stopped while it drew",
        "aborted": "The generator did not begin in time",
    }[prediction.status]
    return f"{words}: {prediction.error}" if prediction.error else f"{words}."
