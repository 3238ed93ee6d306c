"""Multi-instance and standard loops (BPMN 2.0.2, 13.3.6 and 13.3.7).

Corrections of SpiffWorkflow 3.2.0: items do not merge their data over each other, each has a scope of its own; an item
may be called like a variable that exists; results are gathered in the order of the items; a finished item leaves the
state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.diagram import Loop
from app.engine.bpmn.expressions import Expression
from app.engine.bpmn.specs.base import SKIPPED, Activity
from app.engine.bpmn.specs.frames import SCOPE
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import Token

BODY = "body"
MAX_ITEMS = 10_000


class LoopActivity(Activity):
    """The activity as a whole; its items stand at the spec `item_name`.

    `internal_data`: n (instances, absent for a standard loop), begun, done, items (those of a sequential loop),
    out (gathered values, by index).
    """

    loop: Loop
    item_name = ""
    collection: Expression | None = None
    cardinality: Expression | None = None
    completion: Expression | None = None
    output_element: Expression | None = None

    def begin(self, token: Token, run: Execution) -> bool:
        data = token.internal_data
        if "done" in data:
            token._set_state(TaskState.STARTED)
            return self.next(token, run)
        data["begun"] = data["done"] = 0
        token._set_state(TaskState.STARTED)
        if self.loop.kind == "standard":
            if self.loop.test_before and not self.again(token, run):
                return True
            self.start_item(token, run, None)
            return False
        try:
            items = self.items(token, run)
        except EngineError:
            del data["begun"], data["done"]
            raise
        data["n"] = len(items)
        if not items:
            return True
        if self.loop.kind == "parallel":
            for item in items:
                self.start_item(token, run, item)
        else:
            data["items"] = items
            self.start_item(token, run, items[0])
        return False

    def items(self, token: Token, run: Execution) -> list[object]:
        if self.collection is not None:
            given = run.plain_value(run.evaluate(self.collection, token))
            if not isinstance(given, list):
                text = self.loop.collection.text if self.loop.collection is not None else ""
                raise EngineError("collection_is_no_list", text=text)
            value: list[object] = given
        else:
            count = run.whole(self.cardinality, token)
            if count is None or count < 0:
                raise EngineError("cardinality_is_no_number")
            if count > MAX_ITEMS:
                raise EngineError("too_many_items", limit=MAX_ITEMS)
            value = [*range(count)]
        if len(value) > MAX_ITEMS:
            raise EngineError("too_many_items", limit=MAX_ITEMS)
        return value

    def start_item(self, token: Token, run: Execution, item: object) -> None:
        data = token.internal_data
        index = data["begun"]
        data["begun"] += 1
        child = run.spawn(token.workflow, self.item_name)
        child.internal_data.update({BODY: token.key, "index": index})
        if self.loop.kind == "standard":
            return
        child.internal_data[SCOPE] = 1
        local: dict[str, object] = {"loopCounter": index}
        if self.loop.element_variable and self.collection is not None:
            local[self.loop.element_variable] = item
        run.write_local(child, local)

    def again(self, token: Token, run: Execution) -> bool:
        """Standard loop: is there another turn?"""
        if self.loop.maximum is not None and token.internal_data["begun"] >= self.loop.maximum:
            return False
        return self.completion is None or run.holds(self.completion, token)

    def judge(self, body: Token, item: Token, run: Execution) -> None:
        """Before an item completes: gather its result and see whether the whole is complete."""
        data = body.internal_data
        gathered: object = None
        if self.output_element is not None and SKIPPED not in item.internal_data:
            gathered = run.plain_value(run.evaluate(self.output_element, item))
        complete = False
        if self.loop.kind != "standard" and self.completion is not None:
            data["done"] += 1
            try:
                complete = run.holds(self.completion, item)
            finally:
                data["done"] -= 1
        if self.output_element is not None:
            data.setdefault("out", {})[str(item.internal_data["index"])] = gathered
        if complete:
            data["complete"] = 1

    def item_done(self, body: Token, run: Execution) -> None:
        body.internal_data["done"] += 1
        if self.next(body, run):
            run.proceed(body)

    def next(self, body: Token, run: Execution) -> bool:
        """Start what comes next; True when the whole is complete."""
        data = body.internal_data
        if data.get("complete"):
            run.cancel_items(body)
            return True
        if self.loop.kind == "standard":
            if not self.again(body, run):
                return True
            self.start_item(body, run, None)
            return False
        if data["done"] >= data["n"]:
            return True
        if self.loop.kind == "sequential" and data["begun"] == data["done"]:
            self.start_item(body, run, data["items"][data["begun"]])
        return False

    def execute(self, token: Token, run: Execution) -> bool:
        if self.loop.output_collection and self.output_element is not None:
            gathered = token.internal_data.get("out", {})
            run.write(token, {self.loop.output_collection: [gathered[key] for key in sorted(gathered, key=int)]})
        return True
