"""The paid way of a photo on the local cloud: real functions, a real callback, a fake on a socket."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from infrastructure.functions import blueprint
from infrastructure.local import backgrounds
from infrastructure.local.cloud import Cloud, running_cloud
from infrastructure.local.commands import catalogue_of, executions_of
from infrastructure.local.follow import follow
from infrastructure.local.places import ENVIRONMENT
from infrastructure.local.shop import DroppedPhoto, address_of
from packshot.adapters.jobs import DynamoJobs
from packshot.errors import BudgetExhausted, RetryLater
from packshot.events import MICROS, Candidate, Caps, PhotoRecord
from packshot.generation.books import day_of, in_dollars
from packshot.testing.replicate import FakeReplicate, Mishap, Pace
from packshot.testing.replicate.service import TOKEN, WEBHOOK_SECRET
from tests.contracts.test_jobs import job
from tests.infrastructure.assemblies import synthesize_with
from tests.local.conftest import Quiet
from tests.local.shots import jpeg, vase

PATIENCE_S = 150
AROUND = {"strategy": "fill", "models": ["flux-fill-pro"], "variants": 8}
FAR = datetime(2031, 5, 1, tzinfo=UTC)
"""A day on which nothing else is bought."""


@dataclass(frozen=True, slots=True)
class Studio:
    """A cloud that buys its trend scenes from a fake."""

    cloud: Cloud
    fake: FakeReplicate

    def send(
        self,
        sku: str,
        *mishaps: Mishap,
        category: str = "other",
        meanwhile: Callable[[], None] | None = None,
    ) -> PhotoRecord:
        """Send a photo whose plates go wrong like this, and return its record.

        Plates of the photos before are forgotten: seeds follow from S3's versions, so which of them would be
        shared is chance.
        """
        self._forget_plates()
        self.fake.service.plan(*mishaps)
        bucket, key = self.cloud.outputs["UploadsBucket"], f"uploads/{sku}/front.jpg"
        stored = self.cloud.client("s3").put_object(
            Bucket=bucket, Key=key, Body=jpeg(vase(3)), Metadata={"category": category}
        )
        address = address_of(key)
        dropped = DroppedPhoto(address.sku, address.name, key, stored["VersionId"])
        helper = threading.Thread(target=meanwhile, daemon=True) if meanwhile else None
        if helper:
            helper.start()
        (journey,) = follow(
            [dropped], executions=executions_of(self.cloud), screen=Quiet(), timeout_s=PATIENCE_S
        )
        assert journey.published, journey
        return catalogue_of(self.cloud).photos(sku)[0]

    def _forget_plates(self) -> None:
        dynamo, table = self.cloud.client("dynamodb"), self.cloud.outputs["GenerationTable"]
        for item in dynamo.scan(TableName=table, ProjectionExpression="pk, sk")["Items"]:
            if item["pk"]["S"].startswith("JOB#"):
                dynamo.delete_item(TableName=table, Key=item)

    def sweep(self) -> dict[str, int]:
        """Let the sweep come round."""
        name = blueprint("sweep_backgrounds").name_in(ENVIRONMENT)
        answer = self.cloud.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        found: dict[str, int] = json.load(answer["Payload"])
        return found

    def sweep_when_due(self, creates: int) -> None:
        """Sweep as soon as so many pictures were started and the newest is done."""
        while len(self.fake.service.created) < creates:
            time.sleep(0.1)
        time.sleep(1.5)
        self.sweep()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Keep a cloud with a fake for all tests here; it lets a model draw around bottles."""
    folder = tmp_path_factory.mktemp("photography")
    done = synthesize_with({"categories": {"bottles": {"backgrounds": AROUND}}}, folder=folder)
    assert done.returncode == 0, done.stderr
    with (
        running_cloud(folder / "assembly", state=tmp_path_factory.mktemp("bought")) as cloud,
        backgrounds.fake_generator(cloud, pace=Pace(latency=0.5)) as fake,
    ):
        yield Studio(cloud, fake)


def trend(record: PhotoRecord) -> Candidate:
    """Return the photo's trend scene."""
    return next(each for each in record.candidates if each.scene.name == "trend")


def test_a_plate_is_bought_and_everything_about_it_is_kept(studio: Studio) -> None:
    """From the put to the record: model, prompt, seed, price, and not one product pixel changed."""
    record = studio.send("vase-bought")
    plate = trend(record).composite.plate
    assert (plate.generator, plate.price_usd, plate.fallback) == ("flux", 0.003, "")
    assert plate.generation is not None
    assert plate.generation.prediction in studio.fake.service.created
    assert plate.generation.prompt == studio.fake.service.inputs[-1]["prompt"]
    assert (record.price_usd, record.fidelity) == (0.003, 0)
    trained = [image for image in record.images if image.scene == "trend"]
    assert {image.source_type.rpartition("/")[2] for image in trained} == {
        "compositeWithTrainedAlgorithmicMedia"
    }
    shown = httpx.get(
        f"{studio.cloud.api_url}/v1/products/vase-bought", headers={"x-api-key": studio.cloud.api_key}
    ).json()
    (scene,) = (each for each in shown["photos"][0]["scenes"] if each["name"] == "trend")
    assert scene["generation"]["model"] == "flux-schnell"
    assert (scene["price_usd"], shown["price_usd"]) == (0.003, 0.003)


def test_what_is_drawn_around_a_product_leaves_it_alone(studio: Studio) -> None:
    """By `fill` the model sees the photo in its frame, and gives back what is not one product pixel."""
    record = studio.send("vase-around", category="bottles")
    plate = trend(record).composite.plate
    assert plate.generator == "flux", plate.fallback
    assert plate.generation is not None
    assert (plate.generation.model, plate.generation.strategy) == ("flux-fill-pro", "fill")
    assert {"image", "mask", "prompt"} <= studio.fake.service.inputs[-1].keys()
    assert (record.price_usd, record.fidelity) == (0.05, 0)


def test_a_blank_picture_is_followed_by_another_seed(studio: Studio) -> None:
    """Both were paid, and the record says what happened."""
    record = studio.send("vase-blank", Mishap(outcome="black"))
    plate = trend(record).composite.plate
    assert plate.generator == "flux"
    assert "blank" in plate.fallback
    assert trend(record).spent_usd == 0.003
    assert record.price_usd == 0.006


def test_three_bad_pictures_end_in_the_studio(studio: Studio) -> None:
    """Another seed, another model, then the one that always answers; the price of the failures is kept."""
    record = studio.send("vase-unlucky", *[Mishap(outcome="garbage")] * 3)
    plate = trend(record).composite.plate
    assert plate.generator == "studio"
    assert plate.fallback.endswith("The studio made this background.")
    assert record.price_usd == pytest.approx(0.003 + 0.003 + 0.03)


def test_something_in_the_picture_is_seen(studio: Studio) -> None:
    """The network finds the pot that nobody ordered, and another seed is taken."""
    record = studio.send("vase-pot", Mishap(outcome="object"))
    assert "Something stands" in trend(record).composite.plate.fallback


def test_an_account_without_credit_ends_in_the_studio(studio: Studio) -> None:
    """Nothing is repeated, nothing is paid, and the reason is clear."""
    creates = len(studio.fake.service.created)
    record = studio.send("vase-poor", Mishap(create="402"))
    plate = trend(record).composite.plate
    assert (plate.generator, record.price_usd) == ("studio", 0)
    assert "no credit" in plate.fallback
    assert len(studio.fake.service.created) == creates


def test_a_callback_that_never_comes_is_made_up_for(studio: Studio) -> None:
    """The sweep finds the picture, and the state goes on with it."""
    creates = len(studio.fake.service.created) + 1
    record = studio.send(
        "vase-lost", Mishap(webhook="lost"), meanwhile=lambda: studio.sweep_when_due(creates)
    )
    plate = trend(record).composite.plate
    assert plate.generator == "flux", plate.fallback


def test_a_lost_answer_is_not_paid_twice(studio: Studio) -> None:
    """The call was taken and its answer never came: the callback finds the job by its address."""
    creates = len(studio.fake.service.created)
    record = studio.send("vase-unheard", Mishap(create="lost"))
    plate = trend(record).composite.plate
    assert plate.generator == "flux", plate.fallback
    assert len(studio.fake.service.created) == creates + 1


def test_a_forger_learns_nothing(studio: Studio) -> None:
    """Without the signature the open door answers 401, whatever is said."""
    address = f"{backgrounds.callbacks_of(studio.cloud)}/{'0' * 32}"
    answer = httpx.post(address, json={"id": "p", "status": "succeeded"}, headers={"webhook-id": "m"})
    assert (answer.status_code, answer.text) == (401, "")
    assert httpx.get(address).status_code == 404


def test_no_secret_is_written_anywhere(studio: Studio) -> None:
    """Neither a log nor a record nor the history of an execution holds the token or the webhook secret."""
    secrets = (TOKEN, WEBHOOK_SECRET, WEBHOOK_SECRET.removeprefix("whsec_"))
    written = [log.read_text("utf-8", errors="replace") for log in studio.cloud.logs.glob("packshot-*.log")]
    written += [each.model_dump_json() for each in catalogue_of(studio.cloud).photos("vase-bought")]
    dynamo = studio.cloud.client("dynamodb")
    written.append(json.dumps(dynamo.scan(TableName=studio.cloud.outputs["GenerationTable"])["Items"]))
    assert len(written) > 5
    assert not [text for text in written if any(secret in text for secret in secrets)]


def test_the_books_are_the_invoice(studio: Studio) -> None:
    """After all of this the ledger adds up to what the generator bills, to the cent's thousandth."""
    jobs = DynamoJobs(studio.cloud.outputs["GenerationTable"], studio.cloud.client("dynamodb"))
    day = day_of(datetime.now(UTC))
    spent = in_dollars(sum(entry.spent for entry in jobs.entries(day)))
    assert spent == pytest.approx(studio.fake.service.invoice())
    assert in_dollars(jobs.spent(day)) == pytest.approx(spent)


def test_a_thousand_reservations_at_once_never_pass_the_cap(studio: Studio) -> None:
    """On the table itself, from 32 clients: exactly as many are taken as the day's money holds."""
    table = studio.cloud.outputs["GenerationTable"]
    jobs = DynamoJobs(table, studio.cloud.client("dynamodb"))
    caps = Caps(daily=100 * 3000, product=100 * MICROS, calls_per_second=100_000)

    def reserve(number: int) -> str:
        for _ in range(200):
            try:
                found = job(f"{number:032x}", sku=f"SKU-{number % 50}", opened_at=FAR)
                jobs.open(found, caps=caps, at=FAR)
            except RetryLater:
                continue
            except BudgetExhausted:
                return "over"
            return "taken"
        return "contended"

    with ThreadPoolExecutor(32) as pool:
        told = Counter(pool.map(reserve, range(1000)))
    assert told == {"taken": 100, "over": 900}
    assert jobs.spent("2031-05-01") == 100 * 3000
