"""What a diagram may ask of the paper shop: the topics `documents.*` and `archive.*`."""

from collections.abc import Mapping

from app.cases.models import Case
from app.cases.topics import Outputs, serve
from app.core import clock
from app.definitions import queries as definitions
from app.documents.queries import kinds_present, release_of_instance
from app.documents.rules import missing_kinds
from app.documents.sealing import seal
from app.documents.services import make_document
from app.files.services import sweep
from app.scheduling import timetable
from app.workflow.topics import Parameter, TopicCall

TEXT, LIST = Parameter("text"), Parameter("list")


def register_topics() -> None:
    """Serve every topic of this room."""
    serve(
        "documents.make",
        make,
        {"template": Parameter("text", required=True), "party": Parameter()},
        {"document": TEXT},
    )
    serve("documents.present", present, {}, {"documents_present": LIST})
    serve("archive.check", check, {"required": Parameter("list", required=True)}, {"missing": LIST})
    serve("archive.seal", seal_file, {"volume": TEXT}, {"manifest": TEXT, "sealed": Parameter("boolean")})


def register_sweep() -> None:
    """Each night, remove the bytes that no file names any more."""
    timetable.register("sweep files", "43 3 * * *", _sweep)


def _sweep() -> None:
    sweep(now=clock.now())


def make(case: Case, call: TopicCall) -> Outputs:
    release_id = release_of_instance(call.county_id, call.instance_id)
    if release_id is None:
        release = definitions.active_release(call.county_id, call.package)
    else:
        release = definitions.release(call.county_id, release_id)
    document = make_document(
        case,
        str(call.inputs["template"]),
        release=release,
        variables=call.variables,
        party_id=_party_id(call.inputs.get("party")),
        actor=call.actor,
        now=call.now,
    )
    return {"document": str(document.id)}


def present(case: Case, call: TopicCall) -> Outputs:
    return {"documents_present": kinds_present(case)}


def check(case: Case, call: TopicCall) -> Outputs:
    required = call.inputs["required"]
    return {"missing": missing_kinds(required if isinstance(required, list) else [], kinds_present(case))}


def seal_file(case: Case, call: TopicCall) -> Outputs:
    archive = seal(case, title=str(call.inputs.get("volume") or ""), actor=call.actor, now=call.now)
    return {"manifest": str(archive.manifest_file_id), "sealed": True}


def _party_id(party: object) -> int | None:
    """A party as a diagram names it: the context, its id, or nothing."""
    found = party.get("id") if isinstance(party, Mapping) else party
    return int(str(found)) if found and str(found).isdigit() else None
