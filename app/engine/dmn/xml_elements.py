"""The parts that DMN elements have in common, read from XML: texts, types, references, labels."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from app.engine.dmn.metamodel import Import, InformationItem, Place, Reference, Text
from app.engine.dmn.safe_xml import line_of, place_of, refused, tidy
from app.engine.findings import Finding, Severity

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
_EXPRESSIONS = frozenset(
    {
        "literalExpression",
        "decisionTable",
        "context",
        "invocation",
        "functionDefinition",
        "list",
        "relation",
        "conditional",
        "filter",
        "for",
        "some",
        "every",
    }
)


class ElementReader:
    """The steps that every kind of DMN element shares."""

    def __init__(self, root: etree._Element, file: str) -> None:
        self.root = root
        self.file = file
        self.findings: list[Finding] = []
        qname = etree.QName(root)
        namespace = qname.namespace or ""
        if namespace not in NAMESPACES or qname.localname != "definitions":
            raise refused(file, "dmn_not_a_model", line=line_of(root), element=qname.localname, namespace=namespace)
        self.ns = "{" + namespace + "}"
        self.expressions = {self.ns + name: name for name in _EXPRESSIONS}
        self.text_tag = self.ns + "text"
        self.language = root.get("expressionLanguage") or ""
        self.namespace = root.get("namespace") or ""
        self.imports = tuple(
            Import(
                tidy(child.get("name")),
                child.get("namespace") or "",
                child.get("importType") or "",
                child.get("locationURI") or "",
                place_of(child),
            )
            for child in self.children(root, "import")
        )

    def children(self, element: etree._Element, name: str) -> Iterable[etree._Element]:
        return element.iterchildren(self.ns + name)

    def child(self, element: etree._Element, name: str) -> etree._Element | None:
        return element.find(self.ns + name)

    def error(self, code: str, place: Place, **params: object) -> None:
        self.findings.append(
            Finding(Severity.ERROR, code, self.file, place.line, place.element_id, place.element_name, params)
        )

    def text(self, element: etree._Element | None, place: Place | None = None) -> Text | None:
        """The FEEL inside `element/text`; None when the element is missing or says nothing."""
        if element is None:
            return None
        inner = element.find(self.text_tag)
        content = (inner.text or "").strip() if inner is not None else ""
        if not content:
            return None
        return Text(content, place or place_of(element), element.get("expressionLanguage") or self.language)

    def type_ref(self, raw: str | None, element: etree._Element) -> str:
        """A type reference without its XML prefix; an imported type as `import.type`."""
        ref = (raw or "").strip()
        if ":" not in ref:
            return ref
        if ref.startswith("{"):
            return ref.partition("}")[2].lstrip(":")
        prefix, _, local = ref.partition(":")
        namespace = element.nsmap.get(prefix, "")
        for imported in self.imports:
            if imported.namespace == namespace and namespace and namespace != self.namespace:
                return f"{imported.name}.{local}"
        return local

    def item(self, element: etree._Element | None, fallback: str = "") -> InformationItem:
        if element is None:
            return InformationItem(fallback)
        return InformationItem(tidy(element.get("name")) or fallback, self.type_ref(element.get("typeRef"), element))

    def references(self, element: etree._Element, requirement: str, *targets: str) -> tuple[Reference, ...]:
        found: list[Reference] = []
        for child in self.children(element, requirement):
            for target in targets:
                inner = self.child(child, target)
                if inner is not None:
                    found.append(self.reference(inner))
        return tuple(found)

    def reference(self, element: etree._Element) -> Reference:
        namespace, mark, local = (element.get("href") or "").strip().partition("#")
        if not mark:
            namespace, local = "", namespace
        return Reference("" if namespace == self.namespace else namespace, local)

    def english(self, element: etree._Element) -> str:
        """The English label: extension property `name.en`, which Camunda Modeler keeps on save."""
        return self.properties(element).get("name.en", "")

    def properties(self, element: etree._Element) -> dict[str, str]:
        extension = self.child(element, "extensionElements")
        if extension is None:
            return {}
        return {
            inner.get("name") or "": inner.get("value") or ""
            for inner in extension.iter("{*}property")
            if inner.get("name")
        }
