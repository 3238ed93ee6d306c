"""code: (Chinese, English). About a package as a whole."""

MESSAGES: dict[str, tuple[str, str]] = {
    "settings_refused": ("{file} 无法读取：{reason}", "{file} cannot be read: {reason}"),
    "package_without_process": ("流程包里没有流程图（*.bpmn）", "The package holds no diagram (*.bpmn)"),
    "package_main_missing": (
        "package.toml 的 main 指定的流程“{process}”不在任何流程图里",
        "No diagram holds the process “{process}” that package.toml names as main",
    ),
    "package_form_missing": (
        "package.toml 的动作使用了不存在的表单“{form}”",
        "An action in package.toml uses the form “{form}”, which is not there",
    ),
    "page_name_unknown": (
        "package.toml 在纠纷页面上放了未声明的名称“{name}”",
        "package.toml puts the name “{name}” on the page of a case, which is not declared",
    ),
    "page_name_private": (
        "“{name}”属于不公开的数据，不能放在人人可见的纠纷页面上",
        "“{name}” is private and has no place on the page of a case, which everybody in it reads",
    ),
    "page_value_unknown": (
        "package.toml 的纠纷页面设置使用了“{name}”没有的取值“{value}”",
        "package.toml chooses what stands on the page of a case by “{value}”, which “{name}” cannot be",
    ),
    "page_tab_twice": (
        "package.toml 里标签页“{tab}”出现了两次",
        "The tab “{tab}” stands in package.toml twice",
    ),
    "form_unreadable": ("表单“{form}”不是有效的 JSON 文件", "The form “{form}” is no valid JSON file"),
    "group_foreign": (
        "本平台没有“{group}”这种角色。发布前请改成平台的角色",
        "There is no role “{group}” here. Before it is published, name a role of this platform",
    ),
    "file_unreadable": ("文件无法读取：{reason}", "The file cannot be read: {reason}"),
    "cmmn_refused": (
        "这是 CMMN 案例图，不支持。请画成 BPMN 流程（可用自选子流程）",
        "This is a CMMN case, which is not run. Draw it as a BPMN process (an ad-hoc sub-process fits)",
    ),
    "file_not_text": ("不是 UTF-8 文本文件", "it is no UTF-8 text"),
    "file_no_bpmn": ("不是 BPMN 2.0 流程图文件", "it is no BPMN 2.0 diagram"),
    "file_no_dmn": ("不是 DMN 决策表文件", "it is no DMN decision file"),
    "file_no_form": ("不是表单（form-js JSON）文件", "it is no form (form-js JSON)"),
    "archive_broken": ("不是完好的 ZIP 文件", "it is no sound ZIP file"),
    "archive_too_large": ("超过 {limit_mb} MB", "it is larger than {limit_mb} MB"),
    "archive_too_many": ("文件超过 {limit} 个", "it holds more than {limit} files"),
    "archive_bomb": ("解压后超过 {limit_mb} MB", "unpacked it is larger than {limit_mb} MB"),
    "archive_entry": ("其中的“{file}”不该出现在流程包里", "its entry “{file}” has no place in a package"),
    "archive_twice": ("“{file}”出现了两次", "“{file}” stands there twice"),
    "archive_empty": (
        "里面没有流程包的文件（processes/<流程包>/…、forms/<流程包>/…、documents/<流程包>/…）",
        "it holds no file of a package (processes/<package>/…, forms/<package>/…, documents/<package>/…)",
    ),
    "archive_several": (
        "里面有几个流程包：{packages}，请一个一个导入",
        "it holds several packages: {packages}; bring them in one by one",
    ),
    "reference_missing": ("用到了不存在的文件“{file}”", "“{file}” is used and is not there"),
    "package_role_unknown": (
        "package.toml 允许的角色“{role}”在本平台不存在",
        "package.toml allows the role “{role}”, which does not exist here",
    ),
    "package_topic_unserved": (
        "package.toml 允许的服务任务“{topic}”没有程序办理",
        "package.toml allows the service task “{topic}”, which nothing here serves",
    ),
    "package_name_differs": (
        "package.toml 的 name 是“{name}”，流程包的名称却是“{package}”",
        "package.toml says name “{name}”, the package is called “{package}”",
    ),
    "decision_still_needed": (
        "第 {releases} 版上还有 {count} 个在办流程要用规则“{decision}”，不能去掉",
        "{count} running processes of release {releases} still ask for the decision “{decision}”: it must stay",
    ),
    "release_unknown": ("没有编号为“{version}”的发布版本", "There is no release numbered “{version}”"),
    "topic_refused": ("服务任务“{topic}”未执行：{reason_zh}", "The service task “{topic}” was not done: {reason}"),
    "topic_failed": ("服务任务“{topic}”执行出错：{reason}", "The service task “{topic}” failed: {reason}"),
    "topic_outside": (
        "服务任务“{topic}”要与外部系统打交道，请在图上勾选“之前异步”（asyncBefore）",
        "The service task “{topic}” reaches outside: mark it “asynchronous before” (asyncBefore) in the diagram",
    ),
    "topic_input_wrong": (
        "服务任务“{topic}”的输入“{name}”缺失或类型不对，应为{type_word}",
        "The input “{name}” of the service task “{topic}” is missing or of a wrong type: {type} is expected",
    ),
    "topic_output_wrong": (
        "服务任务“{topic}”的输出“{name}”类型不对，应为{type_word}",
        "The output “{name}” of the service task “{topic}” is of a wrong type: {type} is expected",
    ),
}
