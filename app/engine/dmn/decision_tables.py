"""Decision tables (DMN 1.5, chapter 8): compiled once, evaluated by index, every outcome explained."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.dmn.compiler import Compiler, broken, evaluated, failed
from app.engine.dmn.errors import DecisionError
from app.engine.dmn.evaluation import Evaluation, Scope, joined
from app.engine.dmn.geometry import bits
from app.engine.dmn.hit_policies import Row, aggregate, in_output_order, outcome_of_one
from app.engine.dmn.metamodel import DecisionTable, HitPolicy, InputClause, OutputClause, Rule, Text
from app.engine.dmn.output_values import Ranking, ranking_of
from app.engine.dmn.table_index import Cell, ColumnIndex
from app.engine.dmn.trace import InputTrace, OutputTrace, RowTrace, TableTrace
from app.engine.feel import Expression, FeelError, UnaryTests
from app.engine.feel.syntax import Name
from app.engine.feel.types import FeelType
from app.engine.feel.values import native

EMPTY_CELLS = frozenset({"", "-"})
_LISTS = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})
_RANKED = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})


class Column:
    """An input of a table with its cells."""

    def __init__(self, clause: InputClause, cells: list[Cell], free: int, compiler: Compiler, scope: frozenset[str],
                 cell_scope: frozenset[str]) -> None:  # fmt: skip
        self.clause = clause
        self.cells = cells
        self.free = free
        self.expression: Expression | None = None
        if clause.expression.text:
            self.expression = compiler.expression(clause.expression, scope, input=clause.number)
        self.name = ""
        if self.expression is not None and isinstance(self.expression.tree, Name):
            self.name = self.expression.tree.name
        self.type: FeelType | None = compiler.type(clause.type_ref, clause.place)
        self.allowed: UnaryTests | None = None
        if clause.allowed_values is not None:
            self.allowed = compiler.tests(clause.allowed_values, cell_scope, input=clause.number)
        self._index: ColumnIndex | None = None

    @property
    def index(self) -> ColumnIndex:
        """Made when the table is first evaluated; two threads that make it at once make the same."""
        if self._index is None:
            self._index = ColumnIndex(self.cells, self.free)
        return self._index

    def value(self, scope: Scope, evaluation: Evaluation) -> object:
        """The input's value, checked against its type and allowed values."""
        if self.name and self.name in scope:
            value = native(scope[self.name])
        elif not self.clause.expression.text:
            value = None
        else:
            value = evaluated(self.expression, self.clause.expression, scope, evaluation)
        if value is None:
            return None
        if self.type is not None:
            fitting = self.type.converted(value)
            if fitting is None and evaluation.strict:
                raise DecisionError(
                    "table_input_type", place=self.clause.place, input=self.label, type=self.clause.type_ref,
                    value=shown(value),
                )  # fmt: skip
            value = fitting
        return value

    def permits(self, value: object, scope: Scope, evaluation: Evaluation) -> bool:
        """Whether the value is among the input's allowed values.

        :raises DecisionError: in strict mode, when it is not.
        """
        if self.allowed is None or value is None or self.allowed.matches_within(value, scope, evaluation.run):
            return True
        if evaluation.strict:
            raise DecisionError(
                "table_input_not_allowed", place=self.clause.place, input=self.label, value=shown(value)
            )
        return False

    @property
    def label(self) -> str:
        return self.clause.label or self.clause.expression.text or str(self.clause.number)


class Output:
    """An output column of a table."""

    def __init__(self, clause: OutputClause, compiler: Compiler, scope: frozenset[str]) -> None:
        self.clause = clause
        self.name = clause.name or clause.label or f"output {clause.number}"
        self.type: FeelType | None = compiler.type(clause.type_ref, clause.place)
        self.default: Expression | None = None
        if clause.default is not None:
            self.default = compiler.expression(clause.default, scope, output=clause.number)
        self.allowed: UnaryTests | None = None
        if clause.allowed_values is not None:
            self.allowed = compiler.tests(clause.allowed_values, scope, output=clause.number)

    def checked(self, value: object, scope: Scope, evaluation: Evaluation, text: Text) -> object:
        """The value as the column's type; outside it null, or in strict mode an error."""
        if value is None:
            return None
        fitting = self.type.converted(value) if self.type is not None else value
        if fitting is None and evaluation.strict:
            raise DecisionError(
                "table_output_type", place=text.place, output=self.name, type=self.clause.type_ref, value=shown(value)
            )
        if (
            evaluation.strict
            and self.allowed is not None
            and fitting is not None
            and not self.allowed.matches_within(fitting, scope, evaluation.run)
        ):
            raise DecisionError("table_output_not_allowed", place=text.place, output=self.name, value=shown(fitting))
        return fitting


class CompiledTable:
    """A decision table ready to run. Thread-safe: nothing changes after the first evaluation."""

    def __init__(self, table: DecisionTable, compiler: Compiler, scope: frozenset[str]) -> None:
        """Compile `table`; what is wrong with it is left as findings in `compiler`."""
        self.table = table
        self.name = table.place.element_name or table.place.element_id
        variables = frozenset(clause.variable for clause in table.inputs if clause.variable)
        cell_scope = scope | variables
        self.broken: dict[int, Text] = {}
        self.columns = self._columns(compiler, scope, cell_scope)
        self.broken_rows = sum(1 << row for row in self.broken)
        self.outputs = [Output(clause, compiler, scope) for clause in table.outputs]
        self.results = self._results(table.rules, compiler, cell_scope)
        self.all_rows = (1 << len(table.rules)) - 1
        self.type = compiler.type(table.type_ref, table.place)
        self.single = len(self.outputs) == 1
        self.variables = bool(variables)
        self.ranking: Ranking | None = None
        if table.hit_policy in _RANKED:
            self.ranking = ranking_of(table, compiler)
        compiler.tables.append(self)
        self._output_traces = tuple(
            OutputTrace(output.name, output.clause.label, output.clause.label_en) for output in self.outputs
        )

    def _columns(self, compiler: Compiler, scope: frozenset[str], cell_scope: frozenset[str]) -> list[Column]:
        columns = []
        for position, clause in enumerate(self.table.inputs):
            cells: dict[str, Cell] = {}
            free = 0
            for row, rule in enumerate(self.table.rules):
                text = rule.tests[position]
                if text.text in EMPTY_CELLS:
                    free |= 1 << row
                    continue
                cell = cells.get(text.text)
                if cell is not None and not text.language:
                    cell.rows |= 1 << row
                    continue
                tests = compiler.tests(text, cell_scope, row=rule.number, input=clause.number)
                if tests is None:
                    self.broken.setdefault(row, text)
                    free |= 1 << row
                elif cell is not None:
                    cell.rows |= 1 << row
                else:
                    cells[text.text] = Cell(tests, 1 << row)
            columns.append(Column(clause, list(cells.values()), free, compiler, scope, cell_scope))
        return columns

    @staticmethod
    def _results(
        rules: Sequence[Rule], compiler: Compiler, scope: frozenset[str]
    ) -> list[tuple[Expression | None, ...]]:
        return [
            tuple(
                compiler.expression(text, scope, row=rule.number, output=number) if text.text else None
                for number, text in enumerate(rule.outputs, start=1)
            )
            for rule in rules
        ]

    # -- evaluation

    def evaluate(self, scope: Scope, evaluation: Evaluation) -> object:
        """The table's outcome under its hit policy.

        :raises DecisionError: overlap under UNIQUE, contradiction under ANY, a failing expression, in strict mode
            values outside their types or allowed values.
        """
        evaluation.run.charge()
        values = [column.value(scope, evaluation) for column in self.columns]
        if self.variables:
            given = {
                column.clause.variable: value
                for column, value in zip(self.columns, values, strict=True)
                if column.clause.variable
            }
            scope = joined(scope, given)
        permitted = all(
            column.permits(value, scope, evaluation) for column, value in zip(self.columns, values, strict=True)
        )
        if not permitted:
            evaluation.keep(self._trace(values, [], False))
            return None
        hits = self._hits(values, scope, evaluation)
        rows = [(index + 1, self._outputs(index, scope, evaluation)) for index in hits]
        result, chosen, defaulted = self._outcome(rows, scope, evaluation)
        if self.type is not None and result is not None:
            fitting = self.type.converted(result)
            if fitting is None and evaluation.strict:
                raise DecisionError(
                    "decision_type", place=self.table.place, name=self.name, type=self.table.type_ref,
                    value=shown(result),
                )  # fmt: skip
            result = fitting
        evaluation.keep(self._trace(values, chosen, defaulted))
        return result

    def _hits(self, values: list[object], scope: Scope, evaluation: Evaluation) -> list[int]:
        """The rows that hold, from 0, in the order of the table; under FIRST at most one."""
        alive = self.all_rows
        depending: list[int] = []
        for position, column in enumerate(self.columns):
            index = column.index
            alive &= index.rows(values[position], evaluation)
            if not alive:
                return []
            if index.depending:
                depending.append(position)
        if alive & self.broken_rows:
            raise broken(self.broken[next(iter(bits(alive & self.broken_rows)))])
        first_only = self.table.hit_policy is HitPolicy.FIRST
        if not depending:
            return [next(iter(bits(alive)))] if first_only else list(bits(alive))
        known: dict[tuple[int, int], bool] = {}
        hits = []
        for row in bits(alive):
            if self._depending_hold(row, depending, values, scope, evaluation, known):
                hits.append(row)
                if first_only:
                    break
        return hits

    def _depending_hold(
        self,
        row: int,
        depending: list[int],
        values: list[object],
        scope: Scope,
        evaluation: Evaluation,
        known: dict[tuple[int, int], bool],
    ) -> bool:
        bit = 1 << row
        for position in depending:
            for number, cell in enumerate(self.columns[position].index.depending):
                if not cell.rows & bit:
                    continue
                holds = known.get((position, number))
                if holds is None:
                    evaluation.run.charge()
                    try:
                        holds = cell.tests.matches_within(values[position], scope, evaluation.run)
                    except FeelError as error:
                        raise failed(error, self.table.rules[row].tests[position]) from None
                    known[position, number] = holds
                if not holds:
                    return False
        return True

    def _outputs(self, index: int, scope: Scope, evaluation: Evaluation) -> object:
        texts = self.table.rules[index].outputs
        values: list[object] = []
        for output, expression, text in zip(self.outputs, self.results[index], texts, strict=True):
            if expression is None:
                if text.text:
                    raise broken(text)
                values.append(None)
                continue
            value = evaluated(expression, text, scope, evaluation)
            values.append(output.checked(value, scope, evaluation, text))
        return self._as_value(values)

    def _as_value(self, values: list[object]) -> object:
        if self.single:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _outcome(self, rows: list[Row], scope: Scope, evaluation: Evaluation) -> tuple[object, list[Row], bool]:
        """The result, the rows behind it, and whether it is the default."""
        table = self.table
        if not rows:
            if any(output.clause.default is not None for output in self.outputs):
                return self._defaults(scope, evaluation), [], True
            return None, [], False
        ranks: list[tuple[int, ...]] = []
        if self.ranking is not None:
            if self.ranking.is_empty and len(rows) > 1:
                raise DecisionError("table_no_order", place=table.place, policy=table.hit_policy.value)
            ranks = [self.ranking.rank(value if not self.single else {self.outputs[0].name: value})
                     for _, value in rows]  # fmt: skip
        if table.hit_policy not in _LISTS:
            row = outcome_of_one(table.hit_policy, rows, ranks, evaluation.run, self.name, table.place)
            return row[1], rows if table.hit_policy is HitPolicy.ANY else [row], False
        if table.hit_policy is HitPolicy.OUTPUT_ORDER:
            rows = in_output_order(rows, ranks)
        values = [value for _, value in rows]
        if table.aggregation is None:
            return values, rows, False
        if self.single:
            return aggregate(table.aggregation, values, self.name, table.place), rows, False
        by_output = {
            output.name: aggregate(
                table.aggregation,
                [value[output.name] for value in values if isinstance(value, dict)],
                self.name,
                table.place,
            )
            for output in self.outputs
        }
        return by_output, rows, False

    def _defaults(self, scope: Scope, evaluation: Evaluation) -> object:
        values: list[object] = []
        for output in self.outputs:
            text = output.clause.default
            if text is None:
                values.append(None)
            else:
                value = evaluated(output.default, text, scope, evaluation)
                values.append(output.checked(value, scope, evaluation, text))
        return self._as_value(values)

    def _trace(self, values: list[object], rows: list[Row], defaulted: bool) -> TableTrace:
        table = self.table
        return TableTrace(
            table.place.element_id,
            self.name,
            table.hit_policy.value,
            table.aggregation.value if table.aggregation is not None else "",
            tuple(
                InputTrace(column.clause.expression.text, column.clause.label, column.clause.label_en, value)
                for column, value in zip(self.columns, values, strict=True)
            ),
            self._output_traces,
            tuple(self._row_trace(number, value) for number, value in rows),
            defaulted,
        )

    def _row_trace(self, number: int, value: object) -> RowTrace:
        rule = self.table.rules[number - 1]
        outputs = (value,) if self.single else tuple(value.values()) if isinstance(value, dict) else ()
        return RowTrace(
            number,
            rule.place.element_id,
            rule.annotations,
            rule.annotation_en,
            tuple(text.text for text in rule.tests),
            outputs,
        )


def shown(value: object, most: int = 60) -> str:
    """A value for a sentence."""
    text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"


__all__ = ["EMPTY_CELLS", "Column", "CompiledTable", "Output", "shown"]
