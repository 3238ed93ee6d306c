"""What checks of forms say. code: (Chinese, English)."""

MESSAGES: dict[str, tuple[str, str]] = {
    "form_no_components": (
        "这不是表单文件：缺少 components。请用表单设计器（form-js）另存。",
        "This is no form: components is missing. Save it with the form designer (form-js).",
    ),
    "form_type_refused": (
        "组件类型“{type}”不能使用。可用：文本、数字、日期、选择、附件、说明、分组、动态列表、表格等；"
        "按钮由页面提供，不允许 HTML。",
        "The component type “{type}” is not shown here. Use text, number, date, choice, file, prose, group, dynamic "
        "list or table; buttons belong to the page, HTML is not allowed.",
    ),
    "form_key_missing": ("组件（{type}）没有 key，填写的内容无处存放。", "The {type} has no key: nowhere to keep it."),
    "form_key_twice": ("“{key}”在同一层出现两次。", "“{key}” stands twice at the same level."),
    "form_name_undeclared": (
        "数据字典（data.toml）里没有“{key}”。请先登记，或改用已有的名称。",
        "The data dictionary (data.toml) has no “{key}”. Declare it or use a declared name.",
    ),
    "form_name_not_writable": (
        "“{key}”不允许表单填写（data.toml 中 form = true 才可以），或把组件设为只读。",
        "Forms may not write “{key}” (data.toml needs form = true), or make the component read-only.",
    ),
    "form_type_mismatch": (
        "“{key}”在数据字典里是 {declared}，{type} 组件填不出这种值。",
        "“{key}” is declared as {declared}; a {type} cannot give that.",
    ),
    "form_label_missing": ("“{key}”没有中文名称。", "“{key}” has no label."),
    "form_english_missing": ("“{text}”没有英文。", "“{text}” has no English wording."),
    "form_pattern_wrong": (
        "正则表达式不能使用：{pattern}（不支持回溯引用和环视）。",
        "The pattern cannot be used: {pattern} (no back references, no look-around).",
    ),
    "form_limit_wrong": ("“{limit}”不是数，不能作为上下限。", "“{limit}” is no number, so no limit."),
    "form_check_unknown": ("没有“{check}”这种校验。可用：{known}。", "There is no check “{check}”. Known: {known}."),
    "form_choices_missing": (
        "“{key}”没有可选项：在表单或数据字典里列出 values。",
        "“{key}” offers nothing: list values in the form or in the data dictionary.",
    ),
    "form_choice_undeclared": (
        "“{key}”的选项“{value}”不在数据字典中。",
        "The choice “{value}” of “{key}” is not in the data dictionary.",
    ),
    "form_expression_wrong": (
        "表达式写错了：{expression}。{reason:zh}",
        "The expression is wrong: {expression}. {reason:en}",
    ),
    "form_expression_name": (
        "表达式 {expression} 用了未登记的名称“{name}”。",
        "The expression {expression} uses the undeclared name “{name}”.",
    ),
}
