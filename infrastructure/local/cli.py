"""The `packshot` command."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias, get_args

import httpx
from botocore.exceptions import ConnectionError as EndpointError
from botocore.exceptions import HTTPClientError
from rich.console import Console

from infrastructure.local import commands, demo, trends
from infrastructure.local.backgrounds import Flux
from infrastructure.local.cloud import CloudError
from infrastructure.local.places import STATE, Refused
from packshot.events import Category
from packshot.settings import EngineName, SourceKind

DONE, FAILED, MISUSED = 0, 1, 2

EXAMPLES = """\
examples:
  packshot demo                                   all sample photos, from upload to contact sheet
  packshot up                                     keep a cloud on this machine until Ctrl-C
  packshot add shoe.jpg --sku runner-7 --category shoes --title "Runner 7" --price 129
  packshot status runner-7                        what came out
  packshot trends show --plot trends.svg          what shoppers want, and how it went
  packshot preferences demo                       purchases in, a trained predictor out, and whom it foresees
  packshot trace runner-7                         every state, with times and payloads
  packshot invoke mask_product                    the sample events of a function
  packshot invoke mask_product mug                call it with one of them
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it is done, 1 when it failed, 2 when it was not understood."""
    options = parser().parse_args(arguments)
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return FAILED if options.run(options, console) is False else DONE
    except (Refused, CloudError) as error:
        Console(stderr=True, highlight=False).print(f"packshot: {error}", style="red", markup=False)
        return FAILED
    except (httpx.TransportError, HTTPClientError, EndpointError) as error:
        told = (
            f"packshot: the cloud does not answer ({error}); its last words are in {options.state / 'logs'}"
        )
        Console(stderr=True, highlight=False).print(told, style="red", markup=False, soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        Console(stderr=True).print("interrupted", style="dim")
        return FAILED
    except BrokenPipeError:
        return DONE


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    """End like Ctrl-C does, so that what was started is ended too."""
    raise KeyboardInterrupt


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="packshot",
        description="Drop a product photo into a bucket; get back images of it, ready for the shop.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument(
        "--state", type=Path, default=STATE, metavar="DIR", help="where the local cloud keeps its state"
    )
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _demo,
        _up,
        _down,
        _add,
        _status,
        _trace,
        _invoke,
        _record,
        _logs,
        _keys,
        _secret,
        _trends,
        _preferences,
    ):
        add(verbs)
    return top


Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name


def _demo(verbs: Verbs) -> None:
    verb = verbs.add_parser("demo", help="photos in, images out, and a contact sheet")
    verb.add_argument("--photo", type=Path, help="one of your own (default: the sample photos)")
    _describe_product(verb)
    verb.add_argument(
        "--out", type=Path, default=Path("out"), help="where images and sheet go (default: out)"
    )
    _choose_engine(verb)
    verb.add_argument(
        "--flux", choices=get_args(Flux), help="let a fake of the paid generator draw the trend scenes"
    )
    verb.set_defaults(
        run=lambda options, console: demo.demo(
            commands.photo_files(options.photo, sku=options.sku, details=_details(options)),
            out=options.out,
            state=options.state,
            engine=options.engine,
            flux=options.flux,
            console=console,
        )
    )


def _up(verbs: Verbs) -> None:
    verb = verbs.add_parser("up", help="keep the cloud on this machine until Ctrl-C")
    how = verb.add_mutually_exclusive_group()
    how.add_argument("--detach", action="store_true", help="return at once; `packshot down` ends it")
    how.add_argument("--foreground", action="store_false", dest="detach", help="stay (the default)")
    _choose_engine(verb)
    verb.set_defaults(
        run=lambda options, console: commands.up(
            options.state, detach=options.detach, engine=options.engine, console=console
        )
    )


def _down(verbs: Verbs) -> None:
    verb = verbs.add_parser("down", help="end a cloud that runs elsewhere")
    verb.set_defaults(run=lambda options, console: commands.down(options.state, console=console))


def _add(verbs: Verbs) -> None:
    verb = verbs.add_parser("add", help="drop a photo and follow it")
    verb.add_argument("photo", type=Path)
    _describe_product(verb)
    verb.add_argument("--no-wait", action="store_false", dest="wait", help="return when it is uploaded")
    verb.set_defaults(
        run=lambda options, console: commands.add(
            commands.photo_files(options.photo, sku=options.sku, details=_details(options)),
            state=options.state,
            wait=options.wait,
            console=console,
        )
    )


def _status(verbs: Verbs) -> None:
    verb = verbs.add_parser("status", help="the catalogue, or one product's images")
    verb.add_argument("sku", nargs="?")
    verb.set_defaults(
        run=lambda options, console: commands.status(options.sku, state=options.state, console=console)
    )


def _trace(verbs: Verbs) -> None:
    verb = verbs.add_parser("trace", help="every state of a product's newest execution")
    verb.add_argument("sku")
    verb.set_defaults(
        run=lambda options, console: commands.trace(options.sku, state=options.state, console=console)
    )


def _invoke(verbs: Verbs) -> None:
    verb = verbs.add_parser("invoke", help="call one function with a sample event")
    verb.add_argument("function", help="a folder of functions/, such as mask_product")
    verb.add_argument("case", nargs="?", help="a case of events/<function>/, or a JSON file; none lists them")
    verb.set_defaults(
        run=lambda options, console: commands.invoke(
            options.function, case=options.case, state=options.state, console=console
        )
    )


def _record(verbs: Verbs) -> None:
    verb = verbs.add_parser("record", help="keep what an execution asked each function as sample events")
    verb.add_argument("sku")
    verb.add_argument("--case", default="recorded", help="what to call it (default: recorded)")
    verb.set_defaults(
        run=lambda options, console: commands.record(
            options.sku, case=options.case, state=options.state, console=console
        )
    )


def _logs(verbs: Verbs) -> None:
    verb = verbs.add_parser("logs", help="what a function wrote")
    verb.add_argument("function", help="a folder of functions/, or `server` for the cloud itself")
    verb.add_argument("--lines", type=int, default=100, help="how many from the end (default: 100)")
    verb.set_defaults(
        run=lambda options, console: commands.logs(
            options.function, lines=options.lines, state=options.state, console=console
        )
    )


def _keys(verbs: Verbs) -> None:
    verb = verbs.add_parser("keys", help="API keys; only their hashes are kept")
    actions = verb.add_subparsers(title="actions", metavar="ACTION", required=True)
    new = actions.add_parser("add", help="make a key and print it, once")
    new.add_argument("name", help="whose it is, such as storefront")
    new.set_defaults(
        run=lambda options, console: commands.add_key(options.name, state=options.state, console=console)
    )


def _trends(verbs: Verbs) -> None:
    verb = verbs.add_parser("trends", help="what shoppers want: refresh it, show it, forget a source")
    actions = verb.add_subparsers(title="actions", metavar="ACTION", required=True)
    again = actions.add_parser("refresh", help="read the sources now, as the schedule does every six hours")
    again.set_defaults(
        run=lambda options, console: trends.refresh(commands.attached(options.state), console=console)
    )
    shown = actions.add_parser("show", help="the report that scenes are planned by")
    shown.add_argument("--category", choices=get_args(Category), metavar="NAME")
    shown.add_argument("--plot", type=Path, metavar="FILE", help="draw the weights over time, as SVG")
    shown.set_defaults(
        run=lambda options, console: trends.show(
            commands.attached(options.state),
            category=options.category,
            plot=options.plot,
            console=console,
        )
    )
    purged = actions.add_parser("purge", help="remove all that came from a source, from the reports too")
    purged.add_argument("source", choices=get_args(SourceKind))
    purged.set_defaults(
        run=lambda options, console: trends.purge(
            options.source, cloud=commands.attached(options.state), console=console
        )
    )


def _preferences(verbs: Verbs) -> None:
    verb = verbs.add_parser("preferences", help="what customers buy next: train, show, go back, demonstrate")
    actions = verb.add_subparsers(title="actions", metavar="ACTION", required=True)
    shown = actions.add_parser("demo", help="a simulated shop: recorded, trained on, served, asked")
    shown.add_argument("--customers", type=_several, default=400, help="of the shop (default: 400)")
    shown.set_defaults(run=_demonstrate)
    trained = actions.add_parser("train", help="train and judge a model now, as the schedule does each week")
    trained.add_argument("--quick", action="store_true", help="in seconds, and a little worse")
    trained.add_argument(
        "--archive", default="", metavar="KEY", help="judge this one, trained by hand: candidates/….tar.gz"
    )
    trained.set_defaults(run=_train)
    current = actions.add_parser("show", help="which model serves, and what is expected to be bought")
    current.set_defaults(run=_show_preferences)
    gone = actions.add_parser("retire", help="let the model before serve again")
    gone.add_argument("reason", help="why, for the record")
    gone.set_defaults(run=_retire)


def _several(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than one")
    return number


def _demonstrate(options: argparse.Namespace, console: Console) -> bool:
    from infrastructure.local import preferences

    with demo.borrowed(options.state, engine=None, console=console) as cloud:
        return preferences.demonstrate(cloud, customers=options.customers, console=console)


def _train(options: argparse.Namespace, console: Console) -> bool:
    from infrastructure.local import preferences

    cloud = commands.attached(options.state)
    return preferences.train(cloud, quick=options.quick, archive=options.archive, console=console)


def _show_preferences(options: argparse.Namespace, console: Console) -> None:
    from infrastructure.local import preferences

    preferences.show(commands.attached(options.state), console=console)


def _retire(options: argparse.Namespace, console: Console) -> bool:
    from infrastructure.local import preferences

    return preferences.retire(options.reason, cloud=commands.attached(options.state), console=console)


def _secret(verbs: Verbs) -> None:
    verb = verbs.add_parser("secret", help="tokens of services outside; they are asked for, never typed here")
    actions = verb.add_subparsers(title="actions", metavar="ACTION", required=True)
    put = actions.add_parser("set", help="connect a service (its token is read from the terminal or a pipe)")
    put.add_argument("service", choices=["replicate"])
    put.add_argument("--arn", help="the secret of a deployment on AWS (default: the local cloud's)")
    put.add_argument("--callbacks", help="https address of a tunnel to the local cloud")
    put.set_defaults(
        run=lambda options, console: commands.set_secret(
            arn=options.arn, callbacks=options.callbacks, state=options.state, console=console
        )
    )
    gone = actions.add_parser("remove", help="disconnect a service")
    gone.add_argument("service", choices=["replicate"])
    gone.set_defaults(
        run=lambda options, console: commands.remove_secret(state=options.state, console=console)
    )


def _choose_engine(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--engine",
        choices=get_args(EngineName),
        help="what masks products (default: standard if its weights are here, else lite); "
        "standard fetches them, 176 MB, once",
    )


def _describe_product(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--sku", help="the product's number (default: the file's name)")
    verb.add_argument(
        "--category", choices=get_args(Category), metavar="NAME", help=", ".join(get_args(Category))
    )
    verb.add_argument("--brand")
    verb.add_argument("--range", help="products of one range are photographed alike")
    verb.add_argument("--title")
    verb.add_argument("--price", type=float, help="in the shop's currency")


def _details(options: argparse.Namespace) -> dict[str, str]:
    """Return what was said about the product, as object metadata."""
    said = {name: getattr(options, name) for name in ("category", "brand", "range", "title", "price")}
    return {name: str(value) for name, value in said.items() if value is not None}


if __name__ == "__main__":
    sys.exit(main())
