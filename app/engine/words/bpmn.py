"""Sentences of the check of diagrams. code: (Chinese, English)."""

MESSAGES: dict[str, tuple[str, str]] = {
    # the file
    "no_process": (
        "文件中没有流程。请保存为 BPMN 2.0 的流程图，而不是协作图或空白图",
        "There is no process in this file. Save it as a BPMN 2.0 process, not as an empty diagram",
    ),
    "camunda_8_refused": (
        "这是 Camunda 8 的流程图，写法与 Camunda 7 不同，不能运行。请在 Camunda Modeler 中按 Camunda 7 重新建模",
        "This is a diagram for Camunda 8, which writes tasks, forms and expressions another way. Draw it for Camunda 7 "
        "in Camunda Modeler",
    ),
    "not_a_diagram": (
        "这不是 BPMN 2.0 流程图（根元素是“{root}”）",
        "This is no BPMN 2.0 diagram (its root element is “{root}”)",
    ),
    "settings_unread": (
        "其他系统的设置（{namespace}）不起作用，请检查办理人、表单和条件",
        "Settings of another system ({namespace}) are not read. Look at who does each task, the forms and conditions",
    ),
    "process_missing": ("没有编号为“{process}”的流程", "There is no process with the id “{process}”"),
    "process_twice": (
        "流程编号与文件“{other}”重复。请修改其中一个的编号",
        "The process id is also used in “{other}”. Change one of the two ids",
    ),
    "process_not_executable": (
        "流程未勾选“可执行”，只作图示，不会运行。要运行请在属性面板勾选",
        "The process is not marked executable: it is a drawing and will not run. To run it, tick “executable”",
    ),
    "process_name_en_missing": (
        "流程缺少英文名称（属性 name.en）",
        "The process has no English name (property name.en)",
    ),
    "nested_too_deep": (
        "子流程嵌套超过 {limit} 层。请拆成几个流程互相调用",
        "Sub-processes are nested more than {limit} deep. Split them into processes that call each other",
    ),
    "diagram_too_large": (
        "一个文件里超过 {limit} 个元素。请拆成几个流程",
        "There are more than {limit} elements in one file. Split it into several processes",
    ),
    "id_too_long": (
        "编号或事件名称超过 {limit} 个字符。请改短",
        "The id, or the name of its event, is longer than {limit} characters. Shorten it",
    ),
    "id_twice": (
        "元素编号在本文件中重复。请改用不同的编号",
        "The element id occurs twice in this file. Give it another id",
    ),
    "element_not_run": (
        "不支持“{type}”这种元素。请改用任务、网关、事件或子流程",
        "Elements of the kind “{type}” are not run. Use a task, gateway, event or sub-process instead",
    ),
    "names_not_checked": (
        "流程包没有数据字典，未检查变量名",
        "The package has no data dictionary: variable names were not checked",
    ),
    # flows
    "body_empty": ("里面什么都没有。请画出步骤或删除它", "There is nothing inside. Draw its steps or remove it"),
    "start_missing": (
        "缺少开始事件。请添加一个并连到第一个步骤",
        "There is no start event. Add one and connect it to the first step",
    ),
    "several_plain_starts": (
        "有多个普通开始事件。只保留一个，其余改为消息、信号或定时开始事件",
        "There are several plain start events. Keep one and turn the others into message, signal or timer starts",
    ),
    "flow_loose": (
        "连线“{flow}”的一端“{element}”不存在。请重新连接或删除",
        "One end of the flow “{flow}” (“{element}”) does not exist. Connect it again or remove it",
    ),
    "node_unreached": (
        "没有任何路径通到这里，它和只从它出发的步骤永远不会执行，待办里也不会出现。如果需要执行，请连线；否则可以删除",
        "No path leads here: it, and what only it leads to, will never run, and no task of it will ever appear. "
        "Connect it if it is meant to run, or remove it",
    ),
    "join_never_full": (
        "这里要等所有进入的连线，但“{element}”永远不会执行，流程会永远停在这里。请删除这条连线，或让“{element}”可以到达",
        "It waits for all its incoming flows, but “{element}” never runs, so the process would stop here for ever. "
        "Remove the flow, or connect “{element}”",
    ),
    "node_without_exit": (
        "没有后续连线，流程走到这里就结束。请连到下一步或结束事件",
        "No flow leads on, the path ends here. Connect it to the next step or to an end event",
    ),
    "start_has_incoming": (
        "开始事件不能有进入的连线。请连到它后面的步骤",
        "A flow leads into a start event. Connect it to the step behind it",
    ),
    "end_has_outgoing": (
        "结束事件不能有离开的连线。请改用中间事件",
        "A flow leaves an end event. Use an intermediate event instead",
    ),
    "boundary_has_incoming": (
        "边界事件不能有进入的连线。请改连到任务",
        "A flow leads into a boundary event. Connect it to a task instead",
    ),
    "boundary_without_host": (
        "边界事件没有附着在任务或子流程上。请拖到任务边缘",
        "The boundary event is not attached to a task or sub-process. Drag it onto one",
    ),
    "boundary_on_event_subprocess": (
        "事件子流程上不能附着边界事件。请在其内部处理",
        "An event sub-process cannot carry boundary events. Handle the event inside it",
    ),
    "default_unknown": (
        "默认连线“{flow}”不从这里出发。请重新设置默认连线",
        "The default flow “{flow}” does not leave from here. Set the default flow again",
    ),
    "default_missing": (
        "没有默认连线：如果所有条件都不成立，流程会停在这里等待处理。建议设置一条默认连线",
        "There is no default flow: when no condition holds, the case stops here with an incident. Set a default flow",
    ),
    "default_has_condition": (
        "默认连线“{flow}”上的条件不起作用，请删除",
        "The condition on the default flow “{flow}” has no effect; remove it",
    ),
    "condition_missing": (
        "连线“{flow}”缺少条件。请写条件，或设为默认连线",
        "The flow “{flow}” has no condition. Write one, or make it the default flow",
    ),
    "flow_is_default": (
        "连线“{flow}”没有条件，其他条件都不成立时走这里。请把它设为默认连线",
        "The flow “{flow}” has no condition: it is taken when no other one holds. Better make it the default flow",
    ),
    "flow_always_taken": (
        "连线“{flow}”没有条件，每次都会走。只在有些时候走，请写条件",
        "The flow “{flow}” has no condition: it is taken every time. If it is not always meant, write a condition",
    ),
    "condition_not_asked": (
        "这种网关不判断条件，连线“{flow}”的条件不起作用。请改用排他网关或包容网关，或删除条件",
        "This gateway asks no conditions; the one on “{flow}” would be ignored. Use an exclusive or inclusive gateway, "
        "or remove the condition",
    ),
    "complex_gateway": (
        "不支持复杂网关。请改用包容网关，或多实例加完成条件",
        "Complex gateways are not run. Use an inclusive gateway, or a multi-instance with a completion condition",
    ),
    "instantiate_refused": (
        "不支持由此发起流程（instantiate）。请改用消息开始事件",
        "A process cannot begin here (instantiate). Use a message start event instead",
    ),
    "event_gateway_alone": (
        "事件网关后面至少要有两个事件。只等一个时请直接用中间事件",
        "An event gateway needs at least two events behind it. To wait for one, use the event alone",
    ),
    "event_gateway_target": (
        "事件网关后面只能直接连接等待的中间事件或接收任务，“{element}”不是",
        "Behind an event gateway only catching events and receive tasks may stand; “{element}” is none",
    ),
    "event_gateway_shared": (
        "事件网关后面的事件还有别的进入连线。请为那条路径另画一个事件",
        "An event behind an event gateway has another incoming flow. Draw an event of its own for that path",
    ),
    # events
    "several_events": (
        "一个事件只能有一种触发方式。请拆成几个事件",
        "An event may have one definition only. Split it into several events",
    ),
    "event_without_kind": (
        "没有说明等待什么。请设为消息、定时、信号或条件事件",
        "It does not say what it waits for. Make it a message, timer, signal or conditional event",
    ),
    "event_without_name": (
        "没有选择名称（{kind}）。请在属性面板中选择或新建",
        "No {kind} is chosen. Choose or create one in the properties panel",
    ),
    "event_without_code": (
        "没有代码（{kind}）。请在属性面板中选择并填写代码",
        "The {kind} has no code. Choose one and give it a code",
    ),
    "start_timer_reads": (
        "流程开始前还没有“{name}”的值，定时开始事件不能用它。请改写为固定的日期、时长或周期，或用 today()、now()",
        "Before the process begins “{name}” has no value. Use a fixed date, duration or cycle, or today() and now()",
    ),
    "event_kind_refused": (
        "这个位置不支持“{kind}”事件。请改用消息、定时、信号或条件事件",
        "A “{kind}” event is not run in this place. Use a message, timer, signal or conditional event",
    ),
    "start_kind_refused": (
        "流程不能由“{kind}”事件开始。请改用普通、消息、信号或定时开始事件",
        "A process cannot begin with a “{kind}” event. Use a plain, message, signal or timer start event",
    ),
    "error_interrupts": (
        "错误事件必定中断所在的任务。请改为中断型，或改用升级事件",
        "An error event always interrupts. Make it interrupting, or use an escalation event",
    ),
    "condition_of_event_missing": ("条件事件没有条件", "The conditional event has no condition"),
    "timer_without_time": (
        "定时事件没有时间。请填写日期、时长或周期",
        "The timer has no time. Give it a date, a duration or a cycle",
    ),
    "timer_not_understood": (
        "看不懂时间“{text}”。日期写 2026-03-01T09:00，时长写 P3D 或 PT2H，周期写 R/P1D（不支持 cron 写法），"
        "也可以写“= FEEL 表达式”",
        "The time “{text}” is not understood. Write a date as 2026-03-01T09:00, a duration as P3D or PT2H, a cycle as "
        "R/P1D (cron is not read), or “= FEEL”",
    ),
    "timer_out_of_reach": ("时间“{text}”太远", "The time “{text}” is too far away"),
    "timer_too_fast": ("周期“{text}”太短，至少一秒", "The cycle “{text}” is too short; one second is the least"),
    "keep_without_message": (
        "属性 keep 只对等待消息的元素有效，此处不起作用",
        "The property keep has no effect here: it belongs to an element that waits for a message",
    ),
    "keep_not_understood": (
        "看不懂保留时间“{text}”（属性 keep）。请写时长，例如 P7D",
        "The time “{text}” in the property keep is not understood. Write a duration, for example P7D",
    ),
    "event_subprocess_start": (
        "事件子流程必须有且只有一个带触发方式的开始事件",
        "An event sub-process needs exactly one start event, and it must say what starts it",
    ),
    "event_subprocess_has_flows": (
        "事件子流程不能有连线，它由自己的事件启动。请删除连线，或改为普通子流程",
        "An event sub-process has no flows, its event starts it. Remove them, or make it a plain sub-process",
    ),
    "event_subprocess_loops": (
        "事件子流程不能设为多实例。非中断的开始事件本来就可以多次启动",
        "An event sub-process cannot be multi-instance. A non-interrupting start may start it any number of times",
    ),
    "link_without_target": ("找不到名为“{link}”的链接接收事件", "There is no link catch event named “{link}”"),
    "link_twice": ("名为“{link}”的链接接收事件有两个", "There are two link catch events named “{link}”"),
    # tasks
    "form_missing": ("任务没有表单", "The task has no form"),
    "form_unknown": ("表单“{form}”不存在", "The form “{form}” does not exist"),
    "nobody_named": (
        "没有说明由谁办理。请填写候选组、候选人或办理人",
        "It does not say who does it. Name candidate groups, candidate users or an assignee",
    ),
    "role_unknown": ("候选组“{role}”不在流程包的角色清单中", "The group “{role}” is not among the package's roles"),
    "topic_missing": (
        "服务任务没有说明做什么。请设为“外部任务”并填写主题",
        "The service task does not say what to do. Make it “external” and give it a topic",
    ),
    "topic_not_known": ("主题“{topic}”不在流程包的主题清单中", "The topic “{topic}” is not among the package's topics"),
    "java_refused": (
        "不运行 Java 类和方法。请设为“外部任务”并填写主题",
        "Java classes and methods are not run. Make it “external” and give it a topic",
    ),
    "java_becomes_topic": (
        "不运行 Java，只有系统中登记了“{topic}”这一服务时才能执行",
        "Java is not run: this works only where a service is registered for “{topic}”",
    ),
    "connector_refused": (
        "连接器没有编号，不知道要做什么。请设为“外部任务”并填写主题",
        "The connector has no id, so it does not say what to do. Make it “external” and give it a topic",
    ),
    "case_refused": (
        "调用的是 CMMN 案例“{case}”，不支持。请改画成流程（可用自选子流程），再调用该流程",
        "It calls the CMMN case “{case}”, which is not run. Draw it as a process (an ad-hoc sub-process fits) and call "
        "that",
    ),
    "script_resource_refused": (
        "脚本在外部文件“{resource}”中，不支持。请写成以“=”开头的 FEEL，或改用外部任务",
        "The script lies in the file “{resource}”, which is not run. Write it as FEEL, beginning with “=”, or use an "
        "external task",
    ),
    "script_discarded": (
        "没有填写结果变量，脚本的值不会保存",
        "There is no result variable: the script's value is not kept",
    ),
    "variable_mapping_refused": (
        "用 Java 类传递变量，不支持。请改用 camunda:in 和 camunda:out",
        "Variables are passed by a Java class, which is not run. Use camunda:in and camunda:out",
    ),
    "extension_ignored": (
        "Camunda 的扩展“{name}”在这里不起作用",
        "Camunda's extension “{name}” has no effect here",
    ),
    "caught_twice": (
        "同一处有两个事件接住同一个代码“{name}”。请合并或改用不同的代码",
        "Two events catch the same code “{name}” here. Make them one, or give them different codes",
    ),
    "receive_by_id": (
        "没有选择消息，因此等待以本任务编号“{message}”为名的消息",
        "No message is chosen: it waits for a message with the task's own id, “{message}”",
    ),
    "form_foreign": (
        "表单“{form}”是为其他系统做的。如果流程包中有同名的 .form 表单就用它，否则显示图中的表单字段或普通办理页",
        "The form “{form}” is made for another system. A .form of the same name in the package is shown instead, else "
        "the diagram's own fields or a plain page",
    ),
    "form_field_without_id": ("表单字段“{field}”没有编号", "The form field “{field}” has no id"),
    "form_field_twice": ("表单字段“{field}”出现两次", "The form field “{field}” occurs twice"),
    "form_field_type": (
        "表单字段“{field}”的类型“{type}”未知，按文本填写",
        "The form field “{field}” has the unknown type “{type}”; it is asked as a text",
    ),
    "form_field_no_choices": ("表单字段“{field}”没有选项", "The form field “{field}” has no values to choose from"),
    "form_constraint_ignored": (
        "表单字段“{field}”的校验“{constraint}”不起作用",
        "The check “{constraint}” of the form field “{field}” has no effect",
    ),
    "listeners_ignored": ("{count} 个监听器不起作用", "{count} listeners have no effect"),
    "data_association_ignored": (
        "与数据对象的连线只作图示，不传递数据",
        "The association with a data object is drawn only; it carries no data",
    ),
    "mapping_ignored": ("此处的输出映射不起作用", "Output mappings have no effect here"),
    "script_missing": ("脚本任务没有脚本", "The script task has no script"),
    "script_writes_nothing": (
        "脚本的结果无处存放。请填写结果变量，或写成 = {{名称: 值}}",
        "The script's result goes nowhere. Give it a result variable, or write = {{name: value}}",
    ),
    "language_refused": (
        "不支持“{language}”语言的表达式“{text}”。请用 FEEL：以“=”开头",
        "Expressions in “{language}” are not run (“{text}”). Use FEEL: begin with “=”",
    ),
    "decision_missing": ("规则任务没有指定决策表", "The business rule task names no decision"),
    "decision_not_known": ("决策表“{decision}”不存在", "The decision “{decision}” does not exist"),
    "binding_unknown": (
        "版本绑定方式“{binding}”不支持。请用 latest、deployment 或 version",
        "The binding “{binding}” is not known. Use latest, deployment or version",
    ),
    "binding_without_version": ("按版本绑定时要填写版本", "Binding by version needs a version"),
    "decision_mapping_unknown": ("结果映射方式“{mapping}”不支持", "The result mapping “{mapping}” is not known"),
    "called_missing": ("没有说明调用哪个流程", "It does not say which process to call"),
    "called_unknown": (
        "要调用的流程“{process}”不在流程包中",
        "The process “{process}” that it calls is not in this package",
    ),
    "called_refused": (
        "要调用的流程“{process}”（{file}）不能运行，请先改正它",
        "The process “{process}” that it calls ({file}) is refused: mend that one first",
    ),
    "called_without_start": (
        "要调用的流程“{process}”没有普通开始事件。请为它添加一个",
        "The process “{process}” that it calls has no plain start event. Give it one",
    ),
    "transfer_without_source": ("传入或传出的变量没有来源", "A variable passed in or out has no source"),
    "transfer_without_target": ("传入或传出的变量没有目标名称", "A variable passed in or out has no target name"),
    "parameter_without_name": ("输入参数没有名称", "An input parameter has no name"),
    "ad_hoc_has_events": (
        "自选子流程里不能有开始或结束事件。请直接放任务",
        "An ad-hoc sub-process has no start or end events. Put its tasks there directly",
    ),
    "ad_hoc_never_ends": (
        "有连线的自选子流程需要完成条件。请填写，或删除连线使其成为可选操作",
        "An ad-hoc sub-process with flows needs a completion condition. Write one, or remove the flows to make it the "
        "optional actions",
    ),
    "loop_endless": ("循环没有条件也没有最多次数", "The loop has neither a condition nor a maximum"),
    "collection_missing": (
        "多实例没有说明对谁逐一办理。请填写集合或次数",
        "The multi-instance does not say over what. Give it a collection or a number",
    ),
    "output_incomplete": (
        "outputCollection 和 outputElement 两个属性要同时填写",
        "The properties outputCollection and outputElement belong together",
    ),
    "name_missing": ("没有名称。请写出办理人看得懂的名称", "It has no name. Give it one that people understand"),
    "name_en_missing": ("缺少英文名称（属性 name.en）", "It has no English name (property name.en)"),
    "title_en_missing": ("缺少英文标题（属性 title.en）", "It has no English title (property title.en)"),
    "name_undeclared": (
        "变量“{name}”不在数据字典中。请改正名称，或在数据字典中登记",
        "The name “{name}” is not in the data dictionary. Correct it, or declare it there",
    ),
}
