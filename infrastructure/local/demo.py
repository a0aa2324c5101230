"""The demonstration: a cloud for as long as it takes to send photos through it and look at the result."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console

from infrastructure.local import backgrounds, commands, engines, trends
from infrastructure.local.backgrounds import Flux
from infrastructure.local.cloud import Cloud, NoCloud, attach, stop
from infrastructure.local.follow import Journey
from infrastructure.local.gallery import Gallery, entry_of
from infrastructure.local.places import Refused
from infrastructure.local.reports import fault_text, outcome_table, photo_report, steps_table
from infrastructure.local.sheet import Mark, Sheet, render
from infrastructure.local.shop import PhotoFile
from packshot.adapters.objects import S3Objects
from packshot.events import PhotoRecord
from packshot.settings import EngineName
from packshot.testing.replicate import FakeReplicate


def demo(  # noqa: PLR0913 - what a person may choose
    photos: Sequence[PhotoFile],
    *,
    out: Path,
    state: Path,
    engine: EngineName | None,
    flux: Flux | None = None,
    console: Console,
) -> bool:
    """Send photos through a cloud and fetch what comes out; false if nothing does."""
    if not photos:
        raise Refused("There are no sample photos here; name one of your own: packshot demo --photo my.jpg")
    for photo in photos:
        commands.check_address(photo)
    began = time.monotonic()
    with borrowed(state, engine=engine, console=console) as cloud, drawn_by(flux, cloud=cloud) as fake:
        listen(cloud, console=console)
        if fake is not None:
            console.print("A fake Replicate draws the trend scenes: no key, no payment.", style="yellow")
        journeys = commands.watch(
            commands.drop_all(photos, cloud=cloud, console=console), cloud=cloud, console=console
        )
        records = records_of(journeys, cloud=cloud)
        tell(journeys, records, console=console)
        with console.status("Fetching the images from the storefront …"):
            sheet = contact_sheet(journeys, records, cloud=cloud, out=out, began=began)
        (out / "index.html").write_text(render(sheet), encoding="utf-8")
        console.print(engines.say_which(records), style="dim", markup=False, soft_wrap=True)
        who = backgrounds.say_who(
            records, cloud=cloud, fake=fake, connection=None if fake else backgrounds.connected(cloud)
        )
        console.print(who, style="yellow" if fake else "dim", markup=False, soft_wrap=True)
        say_where(cloud, records, out=out, console=console)
    console.print(f"Done in {time.monotonic() - began:.1f} s.", style="dim")
    return any(record.images for record in records)


def listen(cloud: Cloud, *, console: Console) -> None:
    """Refresh the trends, so that scenes follow what the sample posts want."""
    with console.status("Listening to shoppers …"):
        trends.refresh(cloud, console=console)


@contextmanager
def borrowed(state: Path, *, engine: EngineName | None, console: Console) -> Iterator[Cloud]:
    """Give the cloud that runs already and leave it running, or one that ends with the block."""
    try:
        cloud = attach(state)
    except NoCloud:
        cloud = commands.stand_up(state, detach=False, engine=engine, console=console)
        try:
            yield cloud
        finally:
            stop(state)
    else:
        engines.require(engine, cloud=cloud)
        yield cloud


@contextmanager
def drawn_by(flux: Flux | None, *, cloud: Cloud) -> Iterator[FakeReplicate | None]:
    """Let the fake draw if a person asked for it, else whoever is connected, else the studio."""
    if flux is None:
        yield None
        return
    with backgrounds.fake_generator(cloud) as fake:
        yield fake


def records_of(journeys: Sequence[Journey], *, cloud: Cloud) -> tuple[PhotoRecord, ...]:
    """Return the record of each photo that has one, in the photos' order."""
    catalogue = commands.catalogue_of(cloud)
    found = {
        (record.sku, record.name): record
        for sku in dict.fromkeys(journey.photo.sku for journey in journeys)
        for record in catalogue.photos(sku)
    }
    places = [(journey.photo.sku, journey.photo.name) for journey in journeys]
    return tuple(found[place] for place in places if place in found)


def tell(journeys: Sequence[Journey], records: Sequence[PhotoRecord], *, console: Console) -> None:
    """Print what came of the photos, and why where nothing did."""
    console.print()
    console.print(outcome_table(journeys, records=records))
    console.print()
    console.print(steps_table(journeys))
    console.print()
    for record in records:
        if record.reason:
            console.print(photo_report(record.model_copy(update={"images": (), "candidates": ()})))
    for journey in journeys:
        if journey.trace is not None and journey.trace.failed:
            console.print(fault_text(journey.trace), style="red", markup=False, soft_wrap=True)


def contact_sheet(
    journeys: Sequence[Journey], records: Sequence[PhotoRecord], *, cloud: Cloud, out: Path, began: float
) -> Sheet:
    """Fetch all pictures and return the page that shows them."""
    out.mkdir(parents=True, exist_ok=True)
    by_photo = {(journey.photo.sku, journey.photo.name): journey for journey in journeys}
    with httpx.Client(base_url=cloud.api_url, headers={"x-api-key": cloud.api_key}, timeout=30) as api:
        gallery = Gallery(out, api, S3Objects(cloud.client("s3")))
        entries = tuple(
            entry_of(record, journey=by_photo[record.sku, record.name], gallery=gallery) for record in records
        )
    return Sheet(datetime.now(UTC), summary(records, seconds=time.monotonic() - began), entries)


def summary(records: Sequence[PhotoRecord], *, seconds: float) -> tuple[Mark, ...]:
    """Return the figures of the whole page."""
    differences = [record.fidelity for record in records if record.fidelity is not None]
    return (
        Mark("photos", str(len(records))),
        Mark("images", str(sum(len(record.images) for record in records))),
        Mark("largest difference", f"{max(differences):g}" if differences else "–"),
        Mark("spent", f"${sum(record.price_usd for record in records):.4f}"),
        Mark("start to sheet", f"{seconds:.1f} s"),
    )


def say_where(cloud: Cloud, records: Sequence[PhotoRecord], *, out: Path, console: Console) -> None:
    """Say where the result is and how a storefront would ask for it."""
    sku = next((record.sku for record in records if record.images), "SKU")
    console.print(f"Contact sheet  {(out / 'index.html').resolve().as_uri()}", markup=False, soft_wrap=True)
    console.print(f"Storefront     {cloud.api_url}/v1/products", markup=False, soft_wrap=True)
    console.print(
        f"  curl -H 'x-api-key: …' '{cloud.api_url}/v1/products/{sku}'",
        style="dim",
        markup=False,
        soft_wrap=True,
    )
    console.print("The storefront ends with the demo; `make up` keeps one running.", style="dim")
