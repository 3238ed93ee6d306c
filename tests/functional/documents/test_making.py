"""Papers of the dispute package, made from a real case."""

import io

import pikepdf
import pytest
from flask import Flask

from app.audit.queries import entries
from app.cases.services.cases import seal_case
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.documents import queries
from app.documents.errors import DocumentBroken, TemplateMissing
from app.documents.facts import paper_facts
from app.documents.models import Document
from app.engine.findings import EngineError
from app.files.queries import file_by_id
from app.files.services import store
from tests.functional.documents.conftest import LATER, MEDIATOR, NOW, VALUES, Dispute

TEMPLATES = (
    "acceptance",
    "refusal",
    "registration",
    "rights",
    "mediation_record",
    "agreement",
    "oral_agreement",
    "termination",
    "visit_record",
    "dossier_cover",
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_paper_is_printed_and_stands_in_the_file(app: Flask, dispute: Dispute, template: str) -> None:
    made = dispute.ask("documents.make", template=template)
    document = db.session.get(Document, (dispute.county_id, int(made["document"])))
    assert document is not None
    file = file_by_id(dispute.county_id, document.file_id)
    with pikepdf.open(io.BytesIO(store().read(file.hash))) as pdf:
        assert len(pdf.pages) == document.pages >= 1
    kind = "cover" if template == "dossier_cover" else template
    assert [item.kind for item in queries.dossier(dispute.case)] == [kind]
    told = entries(dispute.stream)[0]
    assert told.event == "document.made"
    assert told.payload["sha256"] == file.hash


def test_a_paper_is_printed_even_when_nothing_is_known_yet(app: Flask, dispute: Dispute) -> None:
    for template in TEMPLATES:
        dispute.ask("documents.make", {}, template=template)


def test_a_template_never_learns_what_was_said_in_confidence(app: Flask, dispute: Dispute) -> None:
    from app.definitions.queries import active_release, contents

    dictionary = contents(active_release(dispute.county_id, "dispute")).dictionary
    facts = paper_facts(dispute.case, variables=VALUES, dictionary=dictionary, party_id=None, now=NOW)
    assert "private_note" not in facts["values"]
    assert "risk_colour" not in facts["values"]
    assert facts["values"]["perform_by"] == "2026-04-01"
    assert facts["values"]["amount"] == "300"
    assert facts["labels"]["dispute_type"] == "邻里"
    assert [party["name"] for party in facts["parties"]] == ["张三", "李四"]
    assert facts["case"]["committee"].endswith("村人民调解委员会")
    assert facts["document"]["qr_svg"].startswith("<svg")


def test_a_newer_agreement_takes_the_place_of_the_older_one_and_records_gather(app: Flask, dispute: Dispute) -> None:
    for template in ("agreement", "mediation_record", "agreement", "mediation_record"):
        dispute.ask("documents.make", template=template)
    made = [one for one in queries.every_document(dispute.case) if one.replaced_at is None]
    assert [(one.kind, one.version) for one in made] == [
        ("mediation_record", 1),
        ("agreement", 2),
        ("mediation_record", 2),
    ]
    assert [item.kind for item in queries.dossier(dispute.case)] == [
        "mediation_record",
        "mediation_record",
        "agreement",
    ]


def test_what_is_missing_is_told_in_the_order_of_the_file(app: Flask, dispute: Dispute) -> None:
    dispute.ask("documents.make", template="agreement")
    required = ["agreement", "visit_record", "identity", "registration", "identity"]
    assert dispute.ask("archive.check", required=required)["missing"] == ["registration", "identity", "visit_record"]
    assert dispute.ask("documents.present")["documents_present"] == ["agreement"]


def test_an_unknown_template_and_a_broken_one_are_told(
    app: Flask, dispute: Dispute, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TemplateMissing, match="certificate"):
        dispute.ask("documents.make", template="certificate")
    monkeypatch.setattr("app.documents.services.templates_of", lambda release: {"agreement": "= 协议\n#nobody"})
    with pytest.raises(DocumentBroken, match="nobody"):
        dispute.ask("documents.make", template="agreement")
    assert queries.dossier(dispute.case) == []
    with pytest.raises(EngineError):
        dispute.ask("documents.make")


def test_a_sealed_case_gets_no_new_paper(app: Flask, dispute: Dispute) -> None:
    run_unit(lambda: seal_case(dispute.case, actor=MEDIATOR, now=LATER))
    with pytest.raises(Exception, match="sealed"):
        dispute.ask("documents.make", template="agreement")
