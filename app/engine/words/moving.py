"""Sentences about instances that are moved to another release. code: (Chinese, English).

`element` and `other` are names in Chinese, `name` and `next` the same in English.
"""

MESSAGES: dict[str, tuple[str, str]] = {
    "move_missing": (
        "流程正停在“{element}”（{id}），新版本里没有它。请把它对应到新版本中的同类步骤，或等这一步办完再迁移",
        "The process stands at “{name}” ({id}), which the new version does not have. Map it to an element of the"
        " same kind, or move it once this step is done",
    ),
    "move_mapping_unknown": (
        "“{element}”（{id}）被对应到“{wanted}”，新版本的同一层里没有它。请另选一个",
        "“{name}” ({id}) is mapped to “{wanted}”, which the new version does not have at this place. Choose another",
    ),
    "move_elsewhere": (
        "“{element}”（{id}）在新版本里移进或移出了子流程，正在办理的不能跟着移动。请对应到同一层的步骤，或等这一步办完",
        "“{name}” ({id}) now lies inside or outside of another sub-process; what runs there cannot follow. Map it to"
        " an element at the same level, or wait until this step is done",
    ),
    "move_other_kind": (
        "“{element}”（{id}）原是{was_word}，新版本里是{now_word}。请对应到一个{was_word}，或等这一步办完",
        "“{name}” ({id}) is of another kind in the new version ({was} before, {now} there). Map it to one of the"
        " same kind, or wait until this step is done",
    ),
    "move_other_subprocess": (
        "“{element}”（{id}）正在运行，原是{was_word}，新版本里变成了{now_word}。请对应到一个{was_word}，或等它结束",
        "“{name}” ({id}) is running and is of another kind in the new version ({was} before, {now} there). Map it to"
        " one of the same kind, or wait until it ends",
    ),
    "move_called_missing": (
        "“{element}”（{id}）正在运行被调用的流程“{process}”，新版本不再有这个流程。请把它对应到新版本的流程，或等它结束",
        "“{name}” ({id}) is running the process “{process}”, which the new version does not have. Map the process to"
        " another one, or wait until it ends",
    ),
    "move_call_scope": (
        "“{element}”（{id}）正在运行，新版本改变了它是否有自己的变量（传入、传出）。请等它结束再迁移",
        "“{name}” ({id}) is running, and the new version changes whether it has variables of its own (in and out"
        " mappings). Move it once it has ended",
    ),
    "move_loop_changed": (
        "“{element}”（{id}）的多实例或循环正在办理，新版本改了它的设置。请等全部办完，或在新版本里保留原来的设置",
        "“{name}” ({id}) is being repeated now, and the new version repeats it otherwise. Wait until all of its"
        " items are done, or keep its settings in the new version",
    ),
    "move_join_half": (
        "有的分支已经到了“{element}”（{id}），其余分支还没到，而新版本改动了这些分支。请等各分支汇合后再迁移",
        "Some branches have arrived at “{name}” ({id}) and others have not, while the new version changes these"
        " branches. Move it once they have joined",
    ),
    "move_join_starves": (
        "新版本里“{element}”（{id}）要等一条分支，而正在办理的步骤走不到那条分支，流程会一直停在那里。请等现在的步骤办完，"
        "或对应到汇合之后的步骤",
        "In the new version “{name}” ({id}) waits for a branch that what runs now can never walk: it would wait for"
        " ever. Move it once the present step is done, or map the step to one behind the join",
    ),
    "move_behind": (
        "“{element}”（{id}）和“{other}”现在同时在办，新版本里“{other}”排在“{element}”之后，会办两次。请先办完其中一个再迁移",
        "“{name}” ({id}) and “{next}” are being done side by side; in the new version “{next}” comes after"
        " “{name}” and would be done twice. Finish one of them first",
    ),
    "move_undo_lost": (
        "“{element}”（{id}）已经办过，需要时可以撤销；新版本里没有它或没有它的补偿办法。请在新版本里保留，或作对应",
        "“{name}” ({id}) was done and can be compensated; the new version does not have it, or nothing that"
        " compensates it. Keep it in the new version, or map it",
    ),
    "move_fails": (
        "“{element}”（{id}）在新版本里现在不能计算：{cause}。请改正新版本，或先补上缺少的数据",
        "“{name}” ({id}) of the new version cannot be worked out for this instance: {cause_en}. Correct the new"
        " version, or enter the missing data first",
    ),
    "move_process_missing": (
        "新版本里没有流程“{element}”。请把它对应到新版本的一个流程",
        "The new version does not have the process “{name}”. Map it to a process of the new version",
    ),
}

KINDS: dict[str, str] = {
    "user task": "用户任务",
    "manual task": "手工任务",
    "script task": "脚本任务",
    "business rule task": "规则任务",
    "service task": "服务任务",
    "send task": "发送任务",
    "receive task": "接收任务",
    "sub-process": "子流程",
    "event sub-process": "事件子流程",
    "ad-hoc sub-process": "自由子流程",
    "transaction": "事务子流程",
    "call activity": "调用活动",
    "start event": "开始事件",
    "end event": "结束事件",
    "boundary event": "边界事件",
    "catch event": "捕获事件",
    "throw event": "抛出事件",
    "exclusive gateway": "排他网关",
    "parallel gateway": "并行网关",
    "inclusive gateway": "包容网关",
    "event gateway": "事件网关",
    "task": "任务",
    "catch event (timer)": "定时捕获事件",
    "catch event (message)": "消息捕获事件",
    "catch event (signal)": "信号捕获事件",
    "catch event (conditional)": "条件捕获事件",
    "receive task (message)": "接收任务",
}
