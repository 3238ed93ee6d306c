"""Sentences about processes that run, and about path tests. code: (Chinese, English)."""

RUNNING: dict[str, tuple[str, str]] = {
    "no_condition_true": (
        "所有条件都不成立，也没有默认连线，无法决定下一步",
        "No condition holds and there is no default flow, so the next step cannot be told",
    ),
    "condition_is_no_boolean": (
        "条件的结果不是“是/否”，而是“{value}”",
        "The condition is neither true nor false but “{value}”",
    ),
    "timer_without_value": ("定时的时间没有值", "The time of the timer has no value"),
    "result_needs_a_name": (
        "结果“{value}”没有名称可存。请填写结果变量",
        "The result “{value}” has no name. Give it a result variable",
    ),
    "result_does_not_map": (
        "决策结果有 {rows} 项，不符合映射方式“{mapping}”",
        "The decision gave {rows} values, which “{mapping}” does not take",
    ),
    "topic_unknown": ("系统中没有办理“{topic}”的服务", "No service is registered for “{topic}”"),
    "service_failed": ("服务办理失败：{reason}", "The service failed: {reason}"),
    "decision_unknown": ("没有名为“{name}”的决策", "There is no decision named “{name}”"),
    "called_process_missing": ("没有编号为“{process}”的流程可调用", "There is no process “{process}” to call"),
    "bpmn_error": ("业务错误“{error_code}”：{message}", "Business error “{error_code}”: {message}"),
    "error_uncaught": ("没有事件接住错误“{error_code}”", "No event catches the error “{error_code}”"),
    "collection_is_no_list": ("“{text}”不是列表，无法逐一办理", "“{text}” is no list, there is nothing to go through"),
    "cardinality_is_no_number": ("多实例的次数不是数字", "The number of instances is not a number"),
    "too_many_items": ("多实例超过 {limit} 项", "A multi-instance has more than {limit} items"),
    "too_many_turns": (
        "连续自动执行超过 {limit} 步，可能是死循环，已停止",
        "More than {limit} automatic moves in one go: this looks like an endless loop and was stopped",
    ),
    "value_not_storable": ("这种值不能保存：{type}", "A value of this kind cannot be stored: {type}"),
    "python_refused": ("不运行 Python", "Python is not run"),
    "start_event_needed": (
        "流程“{process}”没有普通开始事件，只能由消息、信号或定时启动。请指明开始事件",
        "The process “{process}” has no plain start event: messages, signals or timers start it. Name the start event",
    ),
    "item_gone": ("这项待办已经办结或撤销", "This task has been completed or withdrawn already"),
    "job_gone": ("这项后台任务已经结束", "This job has ended already"),
    "scope_gone": ("这部分流程已经结束", "This part of the process has ended"),
    "person_unknown": (
        "没有编号为“{person}”的在岗人员",
        "Nobody who works here has the number “{person}”",
    ),
    "person_without_case_role": (
        "{name}没有办理纠纷的角色",
        "{name_en} holds no role that works on cases",
    ),
    "incident_gone": ("这个故障已经处理", "This incident has been dealt with already"),
    "nobody_waits": ("没有流程在等待消息“{message}”", "Nobody waits for the message “{message}”"),
    "not_startable": ("现在不能发起“{element}”", "“{element}” cannot be started now"),
    "element_unknown": ("正在运行的流程中没有“{element}”", "There is no “{element}” in what is running"),
    "state_unreadable": (
        "流程状态无法读取（格式 {format}）",
        "The state of the process cannot be read (format {format})",
    ),
    "state_does_not_fit": (
        "流程状态与流程版本不符：没有“{element}”",
        "The state does not fit this version of the process: there is no “{element}”",
    ),
}

PATH_TESTS: dict[str, tuple[str, str]] = {
    "path_test_broken": ("路径测试文件有误：{reason}", "The path test cannot be read: {reason}"),
    "script_no_such_task": (
        "第 {move} 步：没有打开的任务“{element}”。现在打开的有：{open}",
        "Step {move}: no task “{element}” is open. Open now: {open}",
    ),
    "script_wrong_role": (
        "第 {move} 步：“{element}”不由“{by}”办理，而由：{groups}",
        "Step {move}: “{element}” is not for “{by}” but for: {groups}",
    ),
    "script_move_refused": ("第 {move} 步不能执行：{detail}", "Step {move} cannot be done: {detail}"),
    "expected_visit": ("应经过“{element}”，实际没有", "It should have passed “{element}”, but did not"),
    "expected_order": ("经过“{element}”的先后顺序不符", "It passed “{element}”, but in another order"),
    "unexpected_visit": ("不应经过“{element}”，实际经过了", "It should not have passed “{element}”, but did"),
    "expected_value": ("“{name}”应为 {expected}，实际为 {found}", "“{name}” should be {expected} but is {found}"),
    "expected_value_missing": (
        "“{name}”应为 {expected}，实际没有值",
        "“{name}” should be {expected} but was never set",
    ),
    "expected_end": ("应结束于“{expected}”，实际为“{found}”", "It should end at “{expected}” but ended at “{found}”"),
    "expected_open": (
        "应打开的任务：{expected}；实际：{found}",
        "These tasks should be open: {expected}; open are: {found}",
    ),
    "expected_finished": (
        "流程应已结束，实际没有。打开的任务：{open}",
        "It should have finished but did not. Open: {open}",
    ),
    "unexpected_finished": ("流程不应结束，实际已结束", "It should not have finished, but did"),
    "expected_incident": (
        "“{element}”应出现故障，实际没有",
        "There should be an incident at “{element}”, but there is none",
    ),
    "unexpected_incident": ("“{element}”出现故障：{cause}", "Incident at “{element}”: {cause_en}"),
}

MESSAGES: dict[str, tuple[str, str]] = {**RUNNING, **PATH_TESTS}
