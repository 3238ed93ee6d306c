"""code: (Chinese, English)."""

MESSAGES: dict[str, tuple[str, str]] = {
    "feel_unknown_name": (
        "表达式“{text}”第 {line} 行第 {column} 列：没有名为“{name}”的变量",
        "“{text}”, line {line}, column {column}: there is no variable called “{name}”",
    ),
    "feel_unknown_function": (
        "表达式“{text}”第 {line} 行第 {column} 列：没有名为“{name}”的函数",
        "“{text}”, line {line}, column {column}: there is no function called “{name}”",
    ),
    "feel_unknown_name_full_width": (
        "表达式“{text}”第 {line} 行第 {column} 列：没有名为“{name}”的变量；其中有全角符号，运算符和引号请用半角",
        "“{text}”, line {line}, column {column}: there is no variable called “{name}”; it holds full-width symbols, "
        "where operators and quotes must be half-width",
    ),
    "feel_full_width": (
        "表达式“{text}”第 {line} 行第 {column} 列：“{found}”是全角符号，运算符和引号请用半角",
        "“{text}”, line {line}, column {column}: “{found}” is a full-width symbol; "
        "operators and quotes must be half-width",
    ),
    "feel_expected": (
        "表达式“{text}”第 {line} 行第 {column} 列：此处应为“{expected}”，实为“{found}”",
        "“{text}”, line {line}, column {column}: expected “{expected}”, found “{found}”",
    ),
    "feel_unexpected": (
        "表达式“{text}”第 {line} 行第 {column} 列：此处不应出现“{found}”",
        "“{text}”, line {line}, column {column}: “{found}” does not belong here",
    ),
    "feel_unexpected_end": (
        "表达式“{text}”在第 {line} 行第 {column} 列处不完整",
        "“{text}” is not complete at line {line}, column {column}",
    ),
    "feel_name_expected": (
        "表达式“{text}”第 {line} 行第 {column} 列：此处应为名称，实为“{found}”",
        "“{text}”, line {line}, column {column}: expected a name, found “{found}”",
    ),
    "feel_key_expected": (
        "表达式“{text}”第 {line} 行第 {column} 列：此处应为“键: 值”，实为“{found}”",
        "“{text}”, line {line}, column {column}: expected “key: value”, found “{found}”",
    ),
    "feel_argument_twice": (
        "表达式“{text}”第 {line} 行第 {column} 列：参数“{name}”重复",
        "“{text}”, line {line}, column {column}: the argument “{name}” is given twice",
    ),
    "feel_arguments_mixed": (
        "表达式“{text}”第 {line} 行第 {column} 列：参数要么全部写名称，要么全部按位置写",
        "“{text}”, line {line}, column {column}: give all arguments by name or all by position",
    ),
    "feel_string_not_closed": (
        "表达式“{text}”第 {line} 行第 {column} 列：字符串缺少结尾的引号",
        "“{text}”, line {line}, column {column}: the string has no closing quote",
    ),
    "feel_comment_not_closed": (
        "表达式“{text}”第 {line} 行第 {column} 列：注释缺少结尾的 */",
        "“{text}”, line {line}, column {column}: the comment has no closing */",
    ),
    "feel_expression_too_long": (
        "表达式过长，最多 {limit} 个字符",
        "The expression is too long; at most {limit} characters are allowed",
    ),
    "feel_nested_too_deeply": (
        "表达式“{text}”第 {line} 行第 {column} 列：嵌套过深，最多 {limit} 层",
        "“{text}”, line {line}, column {column}: nested too deeply, at most {limit} levels are allowed",
    ),
    "feel_too_many_steps": (
        "表达式“{text}”第 {line} 行第 {column} 列：计算量过大，已超过 {limit} 步",
        "“{text}”, line {line}, column {column}: too much work, more than {limit} steps",
    ),
    "feel_too_much_time": (
        "表达式“{text}”第 {line} 行第 {column} 列：计算超过 {limit} 秒，已停止",
        "“{text}”, line {line}, column {column}: stopped after {limit} seconds",
    ),
    "feel_list_too_long": (
        "表达式“{text}”第 {line} 行第 {column} 列：列表过长，最多 {limit} 项",
        "“{text}”, line {line}, column {column}: the list is too long, at most {limit} items are allowed",
    ),
    "feel_string_too_long": (
        "表达式“{text}”第 {line} 行第 {column} 列：文本过长，最多 {limit} 个字符",
        "“{text}”, line {line}, column {column}: the text is too long, at most {limit} characters are allowed",
    ),
    "feel_recursion_too_deep": (
        "表达式“{text}”第 {line} 行第 {column} 列：函数相互调用超过 {limit} 层",
        "“{text}”, line {line}, column {column}: functions call each other more than {limit} levels deep",
    ),
    "feel_number_too_large": (
        "表达式“{text}”第 {line} 行第 {column} 列：数字过大",
        "“{text}”, line {line}, column {column}: the number is too large",
    ),
    "feel_pattern_refused": (
        "表达式“{text}”第 {line} 行第 {column} 列：不支持正则表达式“{pattern}”",
        "“{text}”, line {line}, column {column}: the regular expression “{pattern}” is not supported",
    ),
    "feel_external_function": (
        "表达式“{text}”第 {line} 行第 {column} 列：不支持外部（Java）函数",
        "“{text}”, line {line}, column {column}: external (Java) functions are not supported",
    ),
    "feel_no_calendar": (
        "表达式“{text}”第 {line} 行第 {column} 列：未提供工作日历，无法计算工作日",
        "“{text}”, line {line}, column {column}: working days need a working calendar, and none is given",
    ),
    "feel_foreign_value": (
        "变量的类型“{type_word}”不能用于表达式",
        "A variable of the type “{type}” cannot be used in expressions",
    ),
    "feel_value_too_large": (
        "数据嵌套过深或过大，无法保存",
        "The value is too deep or too large to be stored",
    ),
    "feel_value_not_storable": (
        "“{kind_word}”类型的值不能保存为变量",
        "A value of the type “{kind}” cannot be stored in a variable",
    ),
    "juel_call_refused": (
        "表达式“{text}”第 {line} 行第 {column} 列：不支持方法“{name}”，请改用以 = 开头的 FEEL 表达式，"
        "或由前面的外部任务算好并存入变量",
        "“{text}”, line {line}, column {column}: the method “{name}” is not run. Write it in FEEL, beginning with =, "
        "or let an external task before it put the value into a variable",
    ),
    "juel_object_refused": (
        "表达式“{text}”第 {line} 行第 {column} 列：“{name}”是 Camunda 的内部对象，不是变量，请改用变量",
        "“{text}”, line {line}, column {column}: “{name}” is an object of Camunda, not a variable; use a variable",
    ),
    "juel_not_a": (
        "表达式“{text}”第 {line} 行第 {column} 列：“{value}”不能当作{type_word}",
        "“{text}”, line {line}, column {column}: “{value}” cannot be taken as a {type}",
    ),
    "juel_method_unfit": (
        "表达式“{text}”第 {line} 行第 {column} 列：“{value}”没有方法“{name}”",
        "“{text}”, line {line}, column {column}: “{value}” has no method “{name}”",
    ),
}
