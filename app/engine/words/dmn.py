"""code: (Chinese, English). The sentences of decisions: reading, checking, running and explaining them."""

MESSAGES: dict[str, tuple[str, str]] = {
    # reading a file
    "xml_too_large": ("文件超过 {limit_mb} MB，不予读取", "the file is larger than {limit_mb} MB and is not read"),
    "xml_doctype": (
        "文件带有文档类型声明（DOCTYPE），为安全起见不予读取；请删去这一行",
        "the file has a document type declaration (DOCTYPE), which is refused for safety; remove that line",
    ),
    "xml_broken": ("不是完好的 XML：{reason}", "not well-formed XML: {reason}"),
    "xml_too_deep": ("表达式嵌套超过 {limit} 层", "expressions are nested more than {limit} deep"),
    "dmn_not_a_model": (
        "不是 DMN 1.1 至 1.5 的文件：根元素是 {element}，命名空间是“{namespace}”",
        "not a file of DMN 1.1 to 1.5: the root element is {element} in the namespace “{namespace}”",
    ),
    "dmn_duplicate_id": ("标识与“{other}”重复", "the id is also used by “{other}”"),
    "dmn_name_missing": ("{kind} 没有名称", "this {kind} has no name"),
    "dmn_more_than_one_expression": (
        "这里有一个以上的表达式，只能有一个",
        "there is more than one expression here; there can be only one",
    ),
    "dmn_import_missing": (
        "找不到引入的文件“{name}”（命名空间 {namespace}）",
        "the imported file “{name}” (namespace {namespace}) cannot be found",
    ),
    "dmn_import_cycle": ("文件“{name}”被循环引入", "the file “{name}” is imported in a circle"),
    "table_policy_unknown": (
        "不认识命中策略“{policy}”{aggregation}；可用 UNIQUE、FIRST、PRIORITY、ANY、COLLECT、RULE ORDER、OUTPUT ORDER",
        "unknown hit policy “{policy}” {aggregation}; use UNIQUE, FIRST, PRIORITY, ANY, COLLECT, RULE ORDER or "
        "OUTPUT ORDER",
    ),
    "table_too_large": (
        "决策表有 {rows} 行，太大；最多 {limit} 行、{cells} 格",
        "the table has {rows} rows and is too large; at most {limit} rows and {cells} cells",
    ),
    "table_no_output": ("决策表没有输出列", "the table has no output"),
    "table_row_width": (
        "第 {row} 行有 {inputs} 个输入格、{outputs} 个输出格，应为 {of_inputs} 个和 {of_outputs} 个",
        "row {row} has {inputs} input and {outputs} output cells instead of {of_inputs} and {of_outputs}",
    ),
    # compiling
    "dmn_language_unknown": (
        "表达式语言“{language}”不受支持；请改用 FEEL",
        "the expression language “{language}” is not supported; use FEEL",
    ),
    "dmn_expression_broken": ("{where_zh}{reason_zh}", "{where_en}{reason_en}"),
    "dmn_type_unknown": (
        "没有名为“{type}”的类型，此处不检查类型",
        "there is no type “{type}”; values are not checked here",
    ),
    "dmn_function_kind": (
        "{kind} 函数不会执行，结果为空；请改用 FEEL 函数",
        "{kind} functions are not run and give null; use a FEEL function",
    ),
    "dmn_reference_missing": (
        "引用的元素“{reference}”不存在",
        "the required element “{reference}” does not exist",
    ),
    "dmn_type_circle": ("类型“{type}”绕回自身", "the type “{type}” is defined by itself"),
    "table_no_order": (
        "{policy} 需要在输出列写明取值的先后，现在没有",
        "{policy} needs an output column that lists its values in order, and there is none",
    ),
    # checking
    "dmn_more_of_a_kind": ("同类问题还有 {count} 处（{code}）", "{count} more of the same kind ({code})"),
    "dmn_duplicate_name": ("名称“{name}”重复", "the name “{name}” is used twice"),
    "dmn_no_logic": ("决策“{name}”没有内容，结果总是空", "the decision “{name}” has no logic and always gives null"),
    "dmn_english_missing": (
        "“{name}”没有英文名称（扩展属性 name.en）",
        "“{name}” has no English name (extension property name.en)",
    ),
    "dmn_cycle": ("“{name}”的依赖绕回自身", "“{name}” requires itself"),
    "dmn_name_unknown": ("数据字典中没有“{name}”{hint_zh}", "“{name}” is not in the dictionary{hint_en}"),
    "dmn_name_unknown_in": (
        "“{text}”用到的“{name}”不在数据字典中{hint_zh}",
        "“{name}” in “{text}” is not in the dictionary{hint_en}",
    ),
    "dmn_name_not_required": (
        "“{text}”用到的“{name}”没有画成依赖",
        "“{name}” in “{text}” is not drawn as a requirement",
    ),
    "table_empty": ("决策表“{table}”一行也没有", "the table “{table}” has no rows"),
    "table_input_empty": (
        "决策表“{table}”第 {input} 个输入没有表达式",
        "input {input} of the table “{table}” has no expression",
    ),
    "table_input_declared_otherwise": (
        "输入“{input}”写作{type_word}类型，数据字典中是{declared_word}",
        "the input “{input}” is typed {type}, but the dictionary says {declared}",
    ),
    "table_cell_null": (
        "第 {row} 行“{input}”的格子“{text}”没有意义（例如不存在的日期），不会命中",
        "row {row}: the cell “{text}” of “{input}” stands for nothing, like a day that does not exist, and never holds",
    ),
    "table_cell_type": (
        "第 {row} 行“{input}”的格子“{text}”是{found_word}，应为{type_word}，永远不会命中",
        "row {row}: the cell “{text}” of “{input}” is a {found} instead of a {type} and never holds",
    ),
    "table_output_cell_type": (
        "第 {row} 行输出“{output}”的值 {value} 不是{type_word}类型",
        "row {row}: the value {value} of the output “{output}” is not a {type}",
    ),
    "table_output_outside": (
        "第 {row} 行输出“{output}”的值 {value} 不在允许的取值之内（{allowed}）",
        "row {row}: the value {value} of the output “{output}” is not one of its allowed values ({allowed})",
    ),
    "table_aggregation_several": (
        "决策表“{table}”有几个输出，{aggregation} 会分别汇总每个输出",
        "the table “{table}” has several outputs; {aggregation} aggregates each of them by itself",
    ),
    "table_row_never": (
        "第 {row} 行永远不会命中：“{input}”没有符合条件的取值",
        "row {row} can never hit: no value of “{input_en}” satisfies it",
    ),
    "table_rows_overlap": (
        "第 {rows} 行会同时命中，例如：{example}",
        "rows {rows} hit together, for example: {example_en}",
    ),
    "table_overlap_more": (
        "决策表“{table}”还有 {count} 对行会同时命中",
        "{count} more pairs of rows of the table “{table}” hit together",
    ),
    "table_overlap_undecided": (
        "第 {rows} 行的条件取决于其他数据，会不会与别的行同时命中未能判定",
        "whether rows {rows} hit together with others depends on other data and is not decided",
    ),
    "table_rows_contradict": (
        "第 {rows} 行会同时命中而结果不同，例如：{example}",
        "rows {rows} hit together with different outputs, for example: {example_en}",
    ),
    "table_contradict_more": (
        "决策表“{table}”还有 {count} 对行同时命中而结果不同",
        "{count} more pairs of rows of the table “{table}” hit together with different outputs",
    ),
    "table_contradict_undecided": (
        "第 {rows} 行同时命中时结果是否一致取决于其他数据，未能判定",
        "whether rows {rows} agree when they hit together depends on other data and is not decided",
    ),
    "table_row_hidden": (
        "第 {row} 行永远轮不到：符合它的情形都先被第 {rows} 行占去",
        "row {row} is never reached: whatever satisfies it is taken by row {rows} before",
    ),
    "table_hidden_undecided": (
        "第 {rows} 行是否轮得到，在 {limit} 步的限度内未能判定",
        "whether rows {rows} can be reached was not decided within the limit of {limit} boxes",
    ),
    "table_gap": (
        "决策表“{table}”有遗漏：没有一行适用于 {example}",
        "the table “{table}” has a gap: no row applies to {example_en}",
    ),
    "table_gap_undecided": (
        "决策表“{table}”有没有遗漏取决于第 {rows} 行，未能判定",
        "whether the table “{table}” has a gap depends on rows {rows} and is not decided",
    ),
    "table_check_limit": (
        "决策表“{table}”太大，行与行是否重叠、有没有遗漏在 {limit} 步的限度内未能判定",
        "the table “{table}” is too large: overlaps and gaps were not decided within the limit of {limit} steps",
    ),
    "table_output_name": (
        "决策表“{table}”有几个输出时，每个都要有自己的名称（“{output}”）",
        "each of the several outputs of the table “{table}” needs a name of its own (“{output}”)",
    ),
    "table_gap_limit": (
        "决策表“{table}”有没有遗漏，在 {limit} 步的限度内未能判定",
        "whether the table “{table}” has a gap was not decided within the limit of {limit} boxes",
    ),
    "example_other": ("{label} 为其他值", "{label} is any other value"),
    "example_anything": ("任何情形", "any input"),
    # deciding
    "decision_unknown": ("没有名为“{reference}”的决策（{file}）", "there is no decision “{reference}” ({file})"),
    "decision_input_missing": ("没有给出“{name}”的值", "no value is given for “{name}”"),
    "decision_type": (
        "“{name}”的值 {value} 不是{type_word}类型",
        "the value {value} of “{name}” is not of the type {type}",
    ),
    "decision_cycle": ("决策“{name}”绕回自身", "the decision “{name}” requires itself"),
    "decision_too_deep": ("“{name}”调用过深", "“{name}” calls too deep"),
    "decision_expression_failed": (
        "“{element}”（文件第 {line} 行）算不出结果：{reason_zh}",
        "“{element}” (line {line} of the file) failed: {reason_en}",
    ),
    "decision_expression_broken": (
        "“{element}”（文件第 {line} 行）的“{text}”读不懂，无法计算",
        "“{text}” of “{element}” (line {line} of the file) cannot be read, and so not be evaluated",
    ),
    "table_overlap": (
        "决策表“{table}”要求只命中一行，现在同时命中第 {rows} 行",
        "the table “{table}” allows one row to hit, but rows {rows} hit together",
    ),
    "table_contradiction": (
        "决策表“{table}”同时命中的第 {rows} 行结果不一致",
        "rows {rows} of the table “{table}” hit together with different outputs",
    ),
    "table_input_type": (
        "输入“{input}”的值 {value} 不是{type_word}类型",
        "the value {value} of the input “{input}” is not of the type {type}",
    ),
    "table_input_not_allowed": (
        "输入“{input}”的值 {value} 不在允许的取值之内",
        "the value {value} of the input “{input}” is not one of its allowed values",
    ),
    "table_output_type": (
        "输出“{output}”的值 {value} 不是{type_word}类型",
        "the value {value} of the output “{output}” is not of the type {type}",
    ),
    "table_output_not_allowed": (
        "输出“{output}”的值 {value} 不在允许的取值之内",
        "the value {value} of the output “{output}” is not one of its allowed values",
    ),
    "table_aggregation_kind": (
        "决策表“{table}”命中的结果不能做 {aggregation} 汇总",
        "the outputs hit in the table “{table}” cannot be aggregated by {aggregation}",
    ),
    "where_row": ("第 {number} 行", "row {number}"),
    "where_input": ("第 {number} 个输入", "input {number}"),
    "where_output": ("第 {number} 个输出", "output {number}"),
    # explaining
    "trace_row": ("第 {row} 行命中：{conditions}", "Row {row} hit: {conditions}"),
    "trace_row_free": ("第 {row} 行命中（不设条件）", "Row {row} hit (no condition)"),
    "trace_no_row": ("没有命中任何一行", "No row hit"),
    "trace_defaulted": ("没有命中任何一行，取默认结果", "No row hit, default outputs taken"),
    "trace_value": ("{name} = {value}", "{name} = {value}"),
    "trace_failed": ("{name} 没有得出结果", "{name} gave no result"),
    "trace_of": ("{name}：", "{name}: "),
    "condition_other": ("{name} 满足 {text}", "{name} satisfies {text}"),
    "condition_not": ("并非 {condition}", "not: {condition}"),
    "condition_one_of": ("{name} 为 {values} 之一", "{name} is one of {values}"),
    "condition_none_of": ("{name} 不是 {values} 中任何一个", "{name} is none of {values}"),
    "condition_empty": ("{name} 未填", "{name} is not given"),
    "condition_given": ("{name} 已填", "{name} is given"),
    "condition_or_empty": ("{condition}（或未填）", "{condition} (or not given)"),
    "condition_and_given": ("{condition}（且已填）", "{condition} (and given)"),
    "condition_mentions": ("{name} 提到：{words}", "{name} mentions one of: {words}"),
    "words_and_more": ("{words} 等，另有 {count} 个词", "{words} and {count} more"),
    "cell_not": ("不是 {values}", "not {values}"),
    "cell_empty": ("未填", "not given"),
    "cell_given": ("已填", "given"),
    "cell_mentions": ("提到：{words}", "mentions one of: {words}"),
    "cell_between": ("{low} 且 {high}", "{low} and {high}"),
    "or": (" 或 ", " or "),
    "value_null": ("（空）", "(none)"),
    "value_true": ("是", "yes"),
    "value_false": ("否", "no"),
}
