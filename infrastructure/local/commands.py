"""What each `packshot` command does; false is a failure that has been explained already."""

import contextlib
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console
from rich.markup import escape

from infrastructure.local import backgrounds, engines, invocation
from infrastructure.local.cloud import Cloud, NoCloud, attach, start, stop
from infrastructure.local.executions import Executions
from infrastructure.local.follow import Board, Journey, Lines, follow
from infrastructure.local.keys import make_key
from infrastructure.local.places import ENVIRONMENT, EVENTS, PHOTOS, ROOT, Refused
from infrastructure.local.recording import recordings
from infrastructure.local.rehearsal import Rehearsal
from infrastructure.local.reports import catalogue_table, fault_text, photo_report, trace_table
from infrastructure.local.shop import DroppedPhoto, PhotoFile, drop
from infrastructure.synth import SynthesisFailed, synth
from layers.build import Target
from packshot.adapters.catalogue import DynamoCatalogue
from packshot.errors import RejectedPhoto
from packshot.generation.connection import NOWHERE
from packshot.settings import EngineName
from packshot.storefront.addresses import PhotoAddress

FOLLOW_S = 300.0
PAGE = 50
SAMPLES = (".jpg", ".jpeg")


def photo_files(photo: Path | None, *, sku: str | None, details: Mapping[str, str]) -> tuple[PhotoFile, ...]:
    """Return the photo that was named, or the sample photos when none was; `Refused` if it is not there."""
    if photo is None:
        samples = sorted(path for path in PHOTOS.glob("*") if path.suffix in SAMPLES)
        return tuple(PhotoFile(path, path.stem, details) for path in samples)
    if not photo.is_file():
        raise Refused(f"There is no file {photo}")
    return (PhotoFile(photo, sku or sku_of(photo), details),)


def sku_of(photo: Path) -> str:
    """Return a SKU made of the file's name."""
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", photo.stem).strip("-._")
    return words[:64] or "photo"


def attached(state: Path) -> Cloud:
    """Return the running cloud; `Refused` says how to start one."""
    try:
        return attach(state)
    except NoCloud:
        raise Refused("No local cloud is running. Start one in another shell: packshot up") from None


def executions_of(cloud: Cloud) -> Executions:
    """Return the executions of the workflow that enhances photos."""
    return Executions(cloud.client("stepfunctions"), cloud.outputs["EnhancePhotoArn"])


def catalogue_of(cloud: Cloud) -> DynamoCatalogue:
    """Return the records of photos and products."""
    return DynamoCatalogue(cloud.outputs["CatalogueTable"], cloud.client("dynamodb"))


def up(state: Path, *, detach: bool, engine: EngineName | None, console: Console) -> None:
    """Start the cloud, say how to use it, and stay until Ctrl-C unless detached."""
    cloud = stand_up(state, detach=detach, engine=engine, console=console)
    try:
        console.print(welcome(cloud, detached=detach), soft_wrap=True)
        while not detach and alive(cloud.pid):
            time.sleep(0.5)
    except KeyboardInterrupt:
        console.print("\nending the cloud …", style="dim")
    else:
        if not detach:
            raise Refused(f"The cloud ended by itself; its last words are in {cloud.logs / 'server.log'}")
    finally:
        if not detach:
            stop(state)


def stand_up(state: Path, *, detach: bool, engine: EngineName | None, console: Console) -> Cloud:
    """Synthesize the template (cached) and stand it up, telling what happens."""
    began = time.monotonic()
    # Before the status line: a download draws a bar of its own.
    engines.provide(engine, tell=lambda step: console.print(step, markup=False, style="dim"))
    with console.status("Starting …") as status:

        def tell(step: str) -> None:
            status.update(escape(step))
            if not console.is_terminal:
                console.print(step, markup=False, style="dim")

        try:
            assembly = synth(ENVIRONMENT.name, target=Target.LOCAL, engine=engine, tell=tell)
        except SynthesisFailed as error:
            raise Refused(f"The template could not be made:\n{error}") from error
        cloud = start(assembly, state=state, detached=detach, progress=tell)
    console.print(f"The cloud stands ({time.monotonic() - began:.1f} s).", style="dim")
    return cloud


def alive(pid: int) -> bool:
    """Say whether the process is there; of a child that ended nothing is but its status."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def welcome(cloud: Cloud, *, detached: bool) -> str:
    """Return what a person needs to use the cloud from another shell, as markup."""
    uploads = cloud.outputs["UploadsBucket"]
    end = "packshot down" if detached else "Ctrl-C"
    return f"""
[bold]Upload bucket[/]  {uploads}
[bold]Endpoint[/]       {cloud.endpoint}
[bold]Storefront[/]     {cloud.api_url}
[bold]API key[/]        {cloud.api_key}
[bold]Logs[/]           {cloud.logs}

[dim]# from another shell[/]
packshot add tests/photos/mug.jpg --sku mug
packshot status mug
packshot trace mug

[dim]# or with any S3 and HTTP client[/]
export AWS_ENDPOINT_URL={cloud.endpoint} AWS_REGION={cloud.region}
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
aws s3 cp shoe.jpg s3://{uploads}/uploads/runner-7/shoe.jpg --metadata category=shoes,price=129
curl -H 'x-api-key: {cloud.api_key}' '{cloud.api_url}/v1/products'

[dim]{end} ends it and leaves nothing behind.[/]"""


def down(state: Path, *, console: Console) -> None:
    """End the cloud, if one runs."""
    try:
        attach(state)
    except NoCloud:
        console.print("No local cloud is running.")
        return
    stop(state)
    console.print("The cloud has ended.")


def add(photos: Sequence[PhotoFile], *, state: Path, wait: bool, console: Console) -> bool:
    """Drop photos; when waiting, follow them and say what came out."""
    for photo in photos:
        check_address(photo)
    cloud = attached(state)
    dropped = drop_all(photos, cloud=cloud, console=console)
    if not wait:
        return True
    journeys = watch(dropped, cloud=cloud, console=console)
    for journey in journeys:
        explain(journey, cloud=cloud, console=console)
    return all(journey.published for journey in journeys)


def check_address(photo: PhotoFile) -> None:
    """Refuse what the cloud would only reject."""
    try:
        PhotoAddress.parse(photo.key)
    except RejectedPhoto as rejection:
        raise Refused(rejection.reason) from rejection


def drop_all(photos: Sequence[PhotoFile], *, cloud: Cloud, console: Console) -> list[DroppedPhoto]:
    """Upload every photo with a plain S3 client."""
    s3, bucket = cloud.client("s3"), cloud.outputs["UploadsBucket"]
    dropped = [drop(photo, s3=s3, bucket=bucket) for photo in photos]
    for photo in dropped:
        console.print(f"dropped s3://{bucket}/{photo.key}", style="dim", markup=False, soft_wrap=True)
    return dropped


def watch(photos: Sequence[DroppedPhoto], *, cloud: Cloud, console: Console) -> tuple[Journey, ...]:
    """Follow photos, drawn on a terminal and line by line elsewhere."""
    executions = executions_of(cloud)
    if not console.is_terminal:
        return follow(photos, executions=executions, screen=Lines.on(console), timeout_s=FOLLOW_S)
    with Board(console) as board:
        return follow(photos, executions=executions, screen=board, timeout_s=FOLLOW_S)


def explain(journey: Journey, *, cloud: Cloud, console: Console) -> None:
    """Say what came of a photo: its images, or the reason why there are none."""
    if not journey.ended:
        console.print(f"{journey.photo.label} is not done yet: packshot status {journey.photo.sku}")
    elif journey.trace is None:
        console.print(
            f"{journey.photo.label}: no execution began; see {cloud.logs / 'server.log'}", style="red"
        )
    elif journey.trace.failed:
        console.print(fault_text(journey.trace), style="red", markup=False, soft_wrap=True)
        console.print(f"packshot trace {journey.photo.sku} shows where.", style="dim")
    else:
        for photo in catalogue_of(cloud).photos(journey.photo.sku):
            if photo.name == journey.photo.name:
                console.print(photo_report(photo))


def status(sku: str | None, *, state: Path, console: Console) -> None:
    """Show the catalogue, or what there is of one product."""
    cloud = attached(state)
    records = catalogue_of(cloud)
    if sku is None:
        console.print(catalogue_table(records.products(limit=PAGE)))
        return
    photos = records.photos(sku)
    if not photos:
        raise Refused(f"There is no product {sku!r}. `packshot status` lists what there is.")
    for photo in photos:
        console.print(photo_report(photo))
    console.print(f"{cloud.api_url}/v1/products/{sku}", style="dim", markup=False, soft_wrap=True)


def trace(sku: str, *, state: Path, console: Console) -> None:
    """Show every state of the product's newest execution."""
    executions = executions_of(attached(state))
    newest = executions.of_product(sku)
    if newest is None:
        raise Refused(f"No execution worked on {sku!r} yet. Drop a photo: packshot add PHOTO --sku {sku}")
    found = executions.trace(newest.arn)
    console.print(f"{newest.key}\n{newest.arn}", style="dim", markup=False, soft_wrap=True)
    console.print(trace_table(found))
    if found.failed:
        console.print(fault_text(found), style="red", markup=False, soft_wrap=True)


def invoke(function: str, *, case: str | None, state: Path, console: Console) -> bool:
    """Call a function with a sample event and print its answer, or list the events there are."""
    folder = invocation.known(function)
    if case is None:
        list_cases(folder, console=console)
        return True
    event = invocation.sample(folder, case)
    cloud = attached(state)
    answer = call(folder, rehearsal_in(cloud, console=console).prepare(event), cloud=cloud)
    console.print_json(json.dumps(answer.payload))
    console.print(answer.log, style="dim", markup=False, soft_wrap=True)
    if answer.error:
        console.print(f"{folder} ended with {answer.fault}", style="red", markup=False, soft_wrap=True)
    if answer.fault.startswith("MissingObject"):
        console.print(
            "Drop the event's photo first, under its SKU: packshot add PHOTO --sku SKU", style="dim"
        )
    return not answer.error


def list_cases(function: str, *, console: Console) -> None:
    """Print a command for each sample event; `Refused` if there is none."""
    found = invocation.cases(function)
    if not found:
        raise Refused(f"events/{function}/ holds no sample event; name a JSON file instead.")
    for name in found:
        console.print(f"packshot invoke {function} {name}", markup=False)


def call(function: str, event: JsonValue, *, cloud: Cloud) -> invocation.Answer:
    """Call a function of the cloud."""
    return invocation.call(function, event, client=cloud.client("lambda"), log=cloud.log_of(function))


def rehearsal_in(cloud: Cloud, *, console: Console) -> Rehearsal:
    """Return what brings sample events into this cloud: it may call functions and drop sample photos."""

    def answer(function: str, question: JsonValue) -> JsonValue:
        found = call(function, question, cloud=cloud)
        if found.error:
            raise Refused(
                f"The event needs an answer of {function}, which ended with an error: {found.payload}"
            )
        return found.payload

    def drop_sample(key: str) -> bool:
        photo = sample_for(key)
        if photo is None:
            return False
        console.print("The event's photo is not here yet; sending the sample first.", style="dim")
        (journey,) = watch(drop_all([photo], cloud=cloud, console=console), cloud=cloud, console=console)
        return journey.published

    def owner_of(key: str) -> str:
        return next((run.arn for run in executions_of(cloud).newest() if run.key == key), "")

    return Rehearsal(
        s3=cloud.client("s3"),
        outputs=cloud.outputs,
        api_key=cloud.api_key,
        call=answer,
        drop=drop_sample,
        owner=owner_of,
    )


def sample_for(key: str) -> PhotoFile | None:
    """Return the sample photo that an upload key of a sample event stands for: MUG-1 is the mug."""
    _, _, rest = key.partition("uploads/")
    sku, _, file = rest.partition("/")
    found = [photo for photo in photo_files(None, sku=None, details={}) if photo.path.stem in sku.lower()]
    return replace(found[0], sku=sku, file=file) if found and file else None


def logs(function: str, *, lines: int, state: Path, console: Console) -> None:
    """Print the end of a function's log."""
    cloud = attached(state)
    log = cloud.logs / "server.log" if function == "server" else cloud.log_of(invocation.known(function))
    text = invocation.tail_of(log, lines=lines)
    console.print(text or f"{function} has written nothing yet.", markup=False, soft_wrap=True)


def record(sku: str, *, case: str, state: Path, console: Console) -> None:
    """Keep what the product's newest execution asked each function as sample events."""
    cloud = attached(state)
    executions = executions_of(cloud)
    found = executions.of_product(sku)
    if found is None:
        raise Refused(f"No execution worked on {sku!r} yet. Drop a photo: packshot add PHOTO --sku {sku}")
    for recording in recordings(executions.history(found.arn), case=case, outputs=cloud.outputs):
        console.print(recording.write(EVENTS).relative_to(ROOT).as_posix(), markup=False)


def add_key(name: str, *, state: Path, console: Console) -> None:
    """Make an API key, keep its hash, and print it: it cannot be shown again."""
    cloud = attached(state)
    key = make_key(name, client=cloud.client("secretsmanager"), secret=cloud.outputs["ApiKeysSecretArn"])
    console.print(f"{key}", markup=False)
    console.print(
        f"Valid for {name} within a minute. It is not stored; keep it now.", style="dim", markup=False
    )


def set_secret(*, arn: str | None, callbacks: str | None, state: Path, console: Console) -> None:
    """Connect Replicate: check its token, fetch what its callbacks are signed with, keep both."""
    cloud = None if arn else attached(state)
    where = backgrounds.where_called_back(callbacks, cloud=cloud)
    token = backgrounds.read_token("Token of replicate.com (it is not shown): ")
    connection = backgrounds.make_connection(token, callbacks=where)
    if cloud is None:
        backgrounds.put_on_aws(connection, arn=str(arn))
    else:
        backgrounds.connect(cloud, connection)
    console.print("Flux is connected; functions that run already notice within a minute.")
    if cloud is not None and where == NOWHERE:
        console.print(
            "Replicate cannot call this machine back: pictures are looked for every five minutes. "
            f"A tunnel to {cloud.endpoint} makes it quick: --callbacks https://….",
            style="dim",
        )


def remove_secret(*, state: Path, console: Console) -> None:
    """Disconnect the generator: the studio makes every background."""
    backgrounds.connect(attached(state), None)
    console.print("Flux is disconnected; the studio makes every background within a minute.")
