"""The process engine: BPMN 2.0.2 in the Camunda 7 dialect, run by SpiffWorkflow. README.md here is the guide.

    findings   = lint(files, dictionary)                                   # files of one package: {path: bytes}
    definition = ProcessDefinition.compile(files, process_id)              # DefinitionError carries the findings
    instance, step = Instance.start(definition, environment, now, start_event=None, variables=None)
    instance   = Instance.restore(definition, state, environment)
    step       = instance.complete(item_id, values, now)
    step       = instance.wake(now)
    step       = instance.deliver(message, key, payload, now)              # EngineError "nobody_waits"
    step       = instance.broadcast(signal, payload, now)
    step       = instance.finish_job(job_id, result, now)                  # a mapping, or an EngineError
    step       = instance.variables_changed(names, now)
    step       = instance.start_optional(element_id, now)
    step       = instance.retry(incident_id, now)
    step       = instance.skip(token_or_incident_id, now)
    step       = instance.restart_before(element_id, now, instead_of=None)
    step       = instance.cancel(now)
    moved      = instance.transplant(definition, mapping, now)              # (instance, step), or Blocked(reasons)
    state      = instance.state()                                          # bytes

Every call first fires the timers that are due at `now`. A call about something that is not there raises EngineError
(`item_gone`, `job_gone`, `incident_gone`, `nobody_waits`, `not_startable`, `element_unknown`, `name_undeclared`)
before anything changes.
"""

from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.instance import Instance
from app.engine.bpmn.lint import lint

__all__ = ["Instance", "ProcessDefinition", "lint"]
