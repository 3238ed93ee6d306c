"""Sentences about compensation and transactions. code: (Chinese, English)."""

MESSAGES: dict[str, tuple[str, str]] = {
    "compensation_without_handler": (
        "补偿边界事件没有连到补偿活动。请用关联（虚线）连到一个标为“用于补偿”的任务或子流程",
        "The compensation boundary event has no handler. Draw an association to a task or sub-process for compensation",
    ),
    "compensation_handler_unmarked": (
        "补偿边界事件连到这里，但它没有标为“用于补偿”。请在属性面板勾选（isForCompensation）",
        "A compensation boundary event leads here, but it is not marked isForCompensation. Mark it",
    ),
    "compensation_handler_alone": (
        "标为“用于补偿”，但没有补偿边界事件连到它，永远不会执行。请连上，或取消勾选",
        "It is for compensation, but no compensation boundary event leads to it: it would never run. Tie it to one",
    ),
    "compensation_handler_has_flows": (
        "用于补偿的活动不能有流程连线。要做几步，请放进一个用于补偿的子流程",
        "A compensation handler has no sequence flows. For several steps use a sub-process for compensation",
    ),
    "compensation_leads_on": (
        "补偿边界事件不能有流程连线，只用关联（虚线）连到补偿活动",
        "A compensation boundary event has no sequence flow: draw an association (dotted) to its handler",
    ),
    "compensation_twice": (
        "同一活动有两种补偿办法。只保留一个补偿边界事件，或只用补偿事件子流程",
        "The activity is compensated in two ways. Keep one boundary event, or the compensation event sub-process alone",
    ),
    "compensation_of_handler": (
        "用于补偿的活动本身不再被补偿。请删除这个补偿边界事件",
        "A compensation handler is not compensated itself. Remove this compensation boundary event",
    ),
    "compensation_target_unknown": (
        "要补偿的“{activity}”不在这个范围内。补偿事件只能补偿同一层的活动；请改选，或放到同一子流程里",
        "“{activity}” is not in this scope. A compensation event reaches activities beside it: choose one of them",
    ),
    "compensation_of_nothing": (
        "这里没有可补偿的活动，补偿事件不会做任何事。请给活动加上补偿边界事件",
        "Nothing here can be compensated: the event does nothing. Give the activity a compensation boundary event",
    ),
    "compensation_start_place": (
        "补偿事件子流程只能放在子流程里面，不能直接放在流程里",
        "A compensation event sub-process stands inside a sub-process, not directly in a process",
    ),
    "error_compensates": (
        "错误从这里离开子流程时，里面已完成的活动先被补偿（BPMN 2.0.2，10.7.3；Camunda 7 不会）。"
        "不要补偿，请在子流程里加错误事件子流程",
        "When this error leaves the sub-process, what was completed in it is compensated first (BPMN 2.0.2, 10.7.3; "
        "Camunda 7 does not). If you do not want that, catch it by an error event sub-process inside",
    ),
    "cancel_place": (
        "取消事件只用于事务：取消结束事件直接放在事务里，取消边界事件附着在事务上",
        "Cancel events belong to transactions: the end event stands directly inside, the boundary event on its edge",
    ),
    "cancel_twice": (
        "事务上有两个取消边界事件，只会走第一个。请只保留一个",
        "The transaction has two cancel boundary events, but it is left by one. Keep that alone",
    ),
    "cancel_without_boundary": (
        "事务里有取消结束事件，但事务上没有取消边界事件。请加上并连到下一步",
        "A cancel end event stands in the transaction, but no cancel boundary event on it. Add one that leads on",
    ),
    "transaction_method": (
        "事务方式“{method}”不支持，只支持补偿（##Compensate）。请改选",
        "The transaction method “{method}” is not run, only ##Compensate is. Choose that",
    ),
    "too_much_to_compensate": (
        "可补偿的活动超过 {limit} 项，可能是死循环。请早些结束循环，或在循环里补偿",
        "More than {limit} completions could be compensated: this looks like an endless loop. End it earlier",
    ),
}
