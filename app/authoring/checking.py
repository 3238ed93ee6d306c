"""Is a package, as drafted, fit to be published? Findings by file, path tests in pieces, and what it newly reaches."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.authoring import queries
from app.authoring.references import References, references_of
from app.definitions import queries as definitions
from app.definitions.checks import check_package, play_path_test
from app.definitions.compiled import Contents, inside
from app.definitions.errors import SettingsRefused
from app.definitions.models import FileKind
from app.definitions.queries import Kept
from app.definitions.rules import SETTINGS_FILE, PackageSettings
from app.definitions.services import manifest_hash
from app.directory.rules import ROLES
from app.engine.bpmn.path_tests import PathTestResult
from app.engine.findings import DefinitionError, Finding, Severity
from app.workflow import topics


@dataclass(frozen=True, slots=True)
class Checks:
    """Every finding about a package, and by file."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        return sum(one.severity is Severity.ERROR for one in self.findings)

    def of(self, path: str) -> list[Finding]:
        return [one for one in self.findings if path_of(one) == path]


_checked: Kept[str, Checks] = Kept(64)
_played: Kept[tuple[str, str], PathTestResult] = Kept(2_000)
_references: Kept[str, References] = Kept(64)


def path_of(finding: Finding) -> str:
    """The path inside the package of the file that a finding is about."""
    file = finding.file
    if not file or file.startswith(("processes/", "forms/", "documents/")):
        return file
    return f"processes/{file}"


def check(held: Contents) -> Checks:
    """Every remark about the package, worst first; the same content is checked once."""
    name = manifest_hash(held.package, held.hashes)
    kept = _checked.get(name)
    if kept is not None:
        return kept
    ranks = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    findings = sorted(_findings(held), key=lambda one: (ranks[one.severity], one.file, one.line))
    return _checked.keep(name, Checks(tuple(findings)))


def references(held: Contents) -> References:
    name = manifest_hash(held.package, held.hashes)
    kept = _references.get(name)
    return kept if kept is not None else _references.keep(name, references_of(held))


def _findings(held: Contents) -> list[Finding]:
    try:
        findings = list(check_package(held))
    except SettingsRefused as refusal:
        return [Finding(Severity.ERROR, "settings_refused", str(refusal.params["file"]), params=refusal.params)]
    except DefinitionError as error:
        return list(error.findings)
    return findings + _missing(held, findings) + _settings(held.package, held.settings)


def _missing(held: Contents, known: Sequence[Finding]) -> list[Finding]:
    """Papers and forms that an element names and that are not there, where no other check has told of it."""
    told = {one.element_id for one in known if one.severity is Severity.ERROR}
    return [
        Finding(
            Severity.ERROR,
            "reference_missing",
            inside(one.path),
            element_id=one.element_id,
            element_name=one.element_name,
            params={"file": one.target},
        )
        for one in references(held).uses
        if one.target.startswith(("documents/", "forms/"))
        and one.target not in held.files
        and not (one.element_id and one.element_id in told)
    ]


def _settings(package: str, settings: PackageSettings) -> list[Finding]:
    file = inside(SETTINGS_FILE)
    findings = []
    if settings.name != package:
        findings.append(
            Finding(Severity.ERROR, "package_name_differs", file, params={"name": settings.name, "package": package})
        )
    for role in settings.roles:
        if role.split("@")[0] not in ROLES:
            findings.append(Finding(Severity.ERROR, "package_role_unknown", file, params={"role": role}))
    for topic in settings.topics:
        if topics.registered(topic) is None:
            findings.append(Finding(Severity.WARNING, "package_topic_unserved", file, params={"topic": topic}))
    return findings


def still_needed(county_id: int, held: Contents) -> list[Finding]:
    """Decisions that running cases of older releases ask the active release for, and that `held` does not hold."""
    there = {name for names in references(held).decisions.values() for name in names}
    missing: dict[str, dict[int, int]] = {}
    for release, count in queries.running_by_release(county_id, held.package):
        for name in references(definitions.contents(release)).needed_decisions:
            if name not in there and not name.startswith(("=", "${", "#{")):
                missing.setdefault(name, {})[release.number] = count
    return [
        Finding(
            Severity.ERROR,
            "decision_still_needed",
            params={
                "decision": name,
                "count": sum(counts.values()),
                "releases": ", ".join(str(number) for number in sorted(counts)),
            },
        )
        for name, counts in sorted(missing.items())
    ]


def outside_topics(held: Contents) -> frozenset[str]:
    """Topics that reach outside the house and that this package uses or may use."""
    named = set(references(held).topics)
    with suppress(SettingsRefused):
        named |= set(held.settings.topics)
    return frozenset(name for name in named if sends_out(name))


def sends_out(name: str) -> bool:
    topic = topics.registered(name)
    return topic is not None and topic.outside


@dataclass(frozen=True, slots=True)
class PlayedTest:
    path: str
    result: PathTestResult
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """A stretch of the path tests of a package: where to go on, None at the end."""

    played: Sequence[PlayedTest]
    next: int | None
    total: int


def play(held: Contents, *, begin: int = 0, budget: float = 0.7) -> Progress:
    """Play path tests from number `begin` on for about `budget` seconds; what was played before costs nothing."""
    tests = sorted(held.of_kind(FileKind.PATH_TEST).items())
    name = manifest_hash(held.package, held.hashes)
    started = time.monotonic()
    played = []
    position = begin
    for path, content in tests[begin:]:
        before = time.monotonic()
        result = _played.get((name, path))
        if result is None:
            result = _played.keep((name, path), play_path_test(held, inside(path).removeprefix("tests/"), content))
        position += 1
        played.append(PlayedTest(path, result, time.monotonic() - before))
        if time.monotonic() - started > budget:
            break
    return Progress(played, position if position < len(tests) else None, len(tests))
