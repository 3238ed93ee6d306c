"""The words of every notice in Chinese and English, filled from its parameters.

What a party reads never speaks of risk, of safety measures or of other people's private matters.
"""

from collections.abc import Mapping
from typing import NamedTuple

from app.core.days import kept_in_full
from app.core.translations import LOCALES


class Words(NamedTuple):
    title_zh: str
    body_zh: str
    title_en: str
    body_en: str


_GENERAL = Words(
    "纠纷 {code} 有新进展",
    "您的纠纷 {code} 有新的进展，详情请查看办理情况，或与{office}联系。",
    "News of case {code}",
    "There is news of your case {code}. Please see how it stands, or ask {office}.",
)

WORDS: dict[str, Words] = {
    "leave_deputy": Words(
        "{name}请假，由您代理",
        "{name}于 {from} 至 {to} 请假，期间由您代为办理其待办。",
        "You stand in for {name}",
        "{name} is on leave from {from} to {to}; meanwhile you may do their tasks.",
    ),
    "work_inherited": Words(
        "{name}离岗，其工作由您接手",
        "{name}已离岗，由您接手：待办 {tasks} 项，调解的纠纷 {cases} 件。",
        "You take over from {name}",
        "{name} has left. Yours are now: open tasks {tasks}, cases to mediate {cases}.",
    ),
    "acceptance": Words(
        "您的纠纷已受理",
        "纠纷 {code} 已由{office}受理，调解期限至{mediation_deadline}。人民调解不收费；参加调解完全自愿，"
        "您可以随时要求终止。",
        "Your matter was accepted",
        "Case {code} was accepted by {office}, to be mediated by {mediation_deadline}. People's mediation is free of "
        "charge; taking part is voluntary and you may end it at any time.",
    ),
    "refusal": Words(
        "您的申请未予受理",
        "纠纷 {code} 不属于人民调解的受理范围，告知书已制作。您可以通过其他途径解决：{other_remedies}",
        "Your matter was not accepted",
        "Case {code} cannot be taken for people's mediation; the notice was made. Other ways: {other_remedies}",
    ),
    "answer": Words(
        "您反映的事项已答复",
        "您反映的事项（{code}）已答复：{answer_text}",
        "Your question was answered",
        "What you raised ({code}) was answered: {answer_text}",
    ),
    "material_missing": Words(
        "请补充材料",
        "办理纠纷 {code} 还需要：{material_missing}。请在{deadline}前补交，也可以拍照或请调解员上门收取。",
        "Something is missing",
        "For case {code} we still need, by {deadline}: {material_missing}. A photo will do, or the mediator will come "
        "for it.",
    ),
    "material_not_supplied": Words(
        "未收到补充材料",
        "纠纷 {code} 所需材料（{material_missing}）在期限内未收到，请与{office}联系。",
        "The papers did not arrive",
        "The papers for case {code} ({material_missing}) did not arrive in time. Please ask {office}.",
    ),
    "consent_refused": Words(
        "未能进入调解",
        "纠纷 {code} 有一方不同意调解。您仍可以通过协商、仲裁、行政处理或者诉讼等途径维护自己的权利。",
        "The matter does not go to mediation",
        "One side of case {code} does not agree to mediation. Negotiation, arbitration, the administration and the "
        "court remain open to you.",
    ),
    "not_reached": Words(
        "多次联系未果",
        "纠纷 {code} 三次联系，仍有当事人没有联系上，暂不能调解。能联系上时可以再次申请，"
        "也可以通过仲裁、行政处理或者诉讼等途径解决。",
        "Not everybody was reached",
        "In case {code} somebody could not be reached in three attempts, so there is no mediation for now. It may be "
        "brought again; arbitration, the administration and the court remain open.",
    ),
    "whereabouts_unknown": Words(
        "对方下落不明",
        "纠纷 {code} 的对方下落不明，无法组织调解。您可以向人民法院起诉，由法院公告送达。",
        "The other side cannot be found",
        "The other side of case {code} cannot be found. You may go to court, which serves them by public notice.",
    ),
    "mediator_assigned": Words(
        "已确定调解员",
        "纠纷 {code} 由{mediator_name}调解。调解员与本纠纷有利害关系的，您可以要求更换。",
        "The mediator is named",
        "{mediator_name} mediates case {code}. If the mediator has an interest in the matter, you may ask for another.",
    ),
    "session_invitation": Words(
        "请参加调解",
        "纠纷 {code} 定于{session_at}在{session_place}进行调解。请带好身份证明和有关材料；不能到场请提前告知。",
        "Invitation to a session",
        "Case {code} is mediated on {session_at} at {session_place}. Bring proof of identity and your papers; tell us "
        "if you cannot come.",
    ),
    "agreement_effective": Words(
        "调解协议已生效",
        "纠纷 {code} 的调解协议已生效，请按约定履行。自生效之日起三十日内，双方可以依法共同申请司法确认。",
        "The agreement is in effect",
        "The agreement of case {code} is in effect. Within thirty days both sides may, where the law allows it, "
        "jointly ask the court to confirm it.",
    ),
    "partial_remedies": Words(
        "部分事项未达成一致",
        "纠纷 {code} 仍有事项未达成一致。未决部分您可以另行协商，或者通过仲裁、行政、司法等途径解决。",
        "Part of the matter remains open",
        "Part of case {code} was not settled. Negotiation, arbitration, the administration and the court remain open.",
    ),
    "performance_due": Words(
        "请按约定履行",
        "纠纷 {code} 约定的履行期限将至（{perform_by}），请按调解协议履行。有困难请及时与{office}联系。",
        "Performance is due",
        "What was agreed in case {code} is due ({perform_by}). If there is a difficulty, please talk to {office}.",
    ),
    "withdrawn": Words(
        "申请已撤回",
        "纠纷 {code} 已按当事人的要求终止调解。今后仍可以再次申请，也可以通过其他途径解决。",
        "The matter was withdrawn",
        "Case {code} was ended at the party's wish. It may be brought again, or solved in another way.",
    ),
    "settled_themselves": Words(
        "双方已自行和解",
        "纠纷 {code} 双方已自行和解，调解结束。",
        "Settled among yourselves",
        "The two sides of case {code} have settled; the mediation is over.",
    ),
    "handed_over": Words(
        "您的纠纷已移交",
        "纠纷 {code} 已移交{receiver}办理，收到回执后将告知您。",
        "Your matter was handed over",
        "Case {code} was handed over to {receiver}. We tell you when they confirm.",
    ),
    "limit_near": Words(
        "调解期限将至",
        "纠纷 {code}（{title}）的调解期限至{mediation_deadline}。需要延长的，请征得各方同意并留存记录。",
        "The time limit is near",
        "The time limit of case {code} ({title}) is {mediation_deadline}. An extension needs the parties' "
        "recorded consent.",
    ),
    "task_late": Words(
        "有任务逾期未办",
        "纠纷 {code}（{title}）有一项任务已过办理期限，请尽快办理。",
        "A task is late",
        "A task of case {code} ({title}) is past its time. Please do it soon.",
    ),
    "supervision_overdue": Words(
        "督办事项逾期未答复",
        "纠纷 {code}（{title}）的督办事项已过答复期限，请关注。",
        "A supervision order is overdue",
        "The answer to the supervision order on case {code} ({title}) is overdue.",
    ),
    "safety_keeper": Words(
        "您是稳控责任人",
        "纠纷 {code}（{title}）由您负责稳控，请每日核查并记录。",
        "You are the keeper",
        "You keep watch over case {code} ({title}): please check every day and record it.",
    ),
    "police_receipt_late": Words(
        "公安机关回执未到",
        "纠纷 {code}（{title}）报警后尚未收到回执，请督促。",
        "The receipt of the police is late",
        "The police have not confirmed the report on case {code} ({title}).",
    ),
    "safety_worse": Words(
        "情况恶化",
        "纠纷 {code}（{title}）核查发现情况恶化，请立即研判。",
        "It has become worse",
        "The daily check of case {code} ({title}) found that it has become worse. Please act at once.",
    ),
    "publication_asked": Words(
        "请审批流程发布",
        "{name}申请发布流程包 {package}：{note}。请查看变更后批准或退回。",
        "A release waits for your approval",
        "{name} asks to publish the package {package}: {note}. Please look at the changes and approve or decline.",
    ),
    "publication_published": Words(
        "流程包已发布",
        "流程包 {package} 的变更已生效：{note}",
        "Your change is published",
        "The change of the package {package} is in effect: {note}",
    ),
    "publication_scheduled": Words(
        "流程包发布已批准",
        "{name}已批准流程包 {package} 的变更，将于{day}生效。",
        "Your change was approved",
        "{name} approved the change of the package {package}; it takes effect on {day}.",
    ),
    "publication_declined": Words(
        "流程包发布被退回",
        "{name}退回了流程包 {package} 的发布申请：{reason}。草稿都还在。",
        "Your change was declined",
        "{name} declined to publish the package {package}: {reason}. The drafts are still there.",
    ),
    "publication_failed": Words(
        "流程包未能按期发布",
        "流程包 {package} 未能在{day}发布：{reason}。草稿都还在，请修改后重新申请。",
        "The change could not be published",
        "The package {package} could not be published on {day}: {reason}. The drafts are still there; mend them and "
        "ask again.",
    ),
    "task_handed_over": Words(
        "{by}转办给您一项待办",
        "{by}把“{step}”（{code}）转办给您。理由：{reason}",
        "{by} handed a task over to you",
        "{by} handed “{step_en}” ({code}) over to you. Why: {reason}",
    ),
    "task_offered_to_pool": Words(
        "{by}转来一项待领任务",
        "{by}把“{step}”（{code}）转给您所在的岗位，请及时领取。理由：{reason}",
        "{by} sent a task to your group",
        "{by} sent “{step_en}” ({code}) to your group; please claim it. Why: {reason}",
    ),
    "task_taken_away": Words(
        "您的一项待办已改由他人办理",
        "您不在岗期间，{by}把“{step}”（{code}）转给了他人办理。理由：{reason}",
        "One of your tasks went to somebody else",
        "While you were away {by} gave “{step_en}” ({code}) to somebody else. Why: {reason}",
    ),
    "task_delegated": Words(
        "{by}请您代办一项待办",
        "{by}请您代办“{step}”（{code}），办好后请交回，由{by}确认办结。理由：{reason}",
        "{by} asks you to do a task",
        "{by} asks you to do “{step_en}” ({code}) for them. Hand it back when it is done; they complete it. "
        "Why: {reason}",
    ),
    "task_handed_back": Words(
        "{by}已代办完毕，请您办结",
        "您请{by}代办的“{step}”（{code}）已交回，请查看后办结。说明：{reason}",
        "{by} has done what you asked for",
        "{by} hands “{step_en}” ({code}) back to you. Please look at it and complete it. Note: {reason}",
    ),
    "task_returned": Words(
        "{by}退回了一项待办",
        "{by}退回了“{step}”（{code}）。理由：{reason}",
        "{by} returned a task",
        "{by} returned “{step_en}” ({code}). Why: {reason}",
    ),
    "task_recalled": Words(
        "{by}收回了一项待办",
        "{by}收回了“{step}”（{code}），您不用再办理。理由：{reason}",
        "{by} took a task back",
        "{by} took “{step_en}” ({code}) back; there is nothing left for you to do. Why: {reason}",
    ),
    "task_urged": Words(
        "{by}催办",
        "{by}催办“{step}”（{code}），请尽快办理。{reason}",
        "{by} urges you",
        "{by} asks you to see to “{step_en}” ({code}) soon. {reason}",
    ),
    "co_worker_added": Words(
        "{by}请您协办",
        "{by}请您协办“{step}”（{code}）。您可以查看纠纷、填写和留言；办结后权限自动收回。理由：{reason}",
        "{by} asks you to help",
        "{by} asks you to help with “{step_en}” ({code}). You may read the matter, fill in the form and comment until "
        "the task is completed. Why: {reason}",
    ),
    "co_worker_answered": Words(
        "{by}已协助填写",
        "{by}协助填写了“{step}”（{code}），填写内容见该待办的表单，您自己填写的不受影响，请查看后办结。",
        "{by} has filled in the form",
        "{by} filled in the form of “{step_en}” ({code}); you find it beside what you typed yourself. Please look at "
        "it, then complete the task.",
    ),
    "mentioned": Words(
        "{by}在留言中提到您",
        "{by}在纠纷 {code} 的留言中提到您：{text}",
        "{by} mentioned you",
        "{by} mentioned you in a comment on case {code}: {text}",
    ),
    "task_copied": Words(
        "{by}抄送给您",
        "{by}把“{step}”（{code}）抄送给您，请知悉。理由：{reason}",
        "{by} sends you a copy",
        "{by} sends you a copy of “{step_en}” ({code}). Why: {reason}",
    ),
}


def worded(template: str, params: Mapping[str, object], language: str) -> tuple[str, str]:
    """(title, body) of a notice in "zh" or "en". What is not known is a dash; an unknown template is told generally.

    In English `x_en` stands for `x` where it is given.
    """
    words = WORDS.get(template, _GENERAL)
    title, body = (words.title_en, words.body_en) if language == "en" else (words.title_zh, words.body_zh)
    chosen = {name: (language == "en" and params.get(f"{name}_en")) or value for name, value in params.items()}
    told = {name: kept_in_full(value, LOCALES[language]) for name, value in chosen.items()}
    filled = _Filled({name: "—" if value in (None, "") else str(value) for name, value in told.items()})
    return title.format_map(filled), body.format_map(filled)


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"
