"""`What's the fix for it?`, `how is that mended?`, `is there a howto?` after an answer: what mends what it told of.

Such a question names nothing but the wish for steps, so that it is known by its form and never looked for in the
runbooks by its own words.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.orders.aims import ITSELF
from nightshift.agent.builtin.questions.question import Question, Topic

_THAT = (
    r"(?:it|that|this|them|those|these|such a thing|"
    r"(?:the|that|this) (?:job|thing|problem|issue|error|failure|fault|alert|matter|mess|trouble|backup|disk|drive)s?)"
    r"(?: one| again| right| back(?: in order)?| up| out)?"
)
_TOLD_HOW = r"(?:runbooks?|procedures?|how-?tos?|guides?|instructions?|recipes?|docs?|documentation|notes?|handbook)"
_MEND = (
    r"(?:fix|repair|solv|mend|cur|resolv|remed(?:y|i)|correct|rectif(?:y|i)|undo|handl|tackl|address|approach|"
    r"sort|put|get|chang|clear|exchang|replac|swap|do)(?:e|s|ed|ing|ne|ting|ping|ied)?"
)
_WE = r"(?:i|we|you|one)"
_DO = r"(?:do|try|type|click|enter|run|press)(?: or (?:type|click|run))?"
_ADVISES = r"(?:say|tell|advise|suggest|recommend)"
_ALSO = (
    r"(?:,? (?:please|then|now|next|step (?:by|for) step|in steps|one (?:after|by) (?:the )?(?:other|one)|exactly))*"
)
_LEADS = r"(?:(?:and|so|ok|now|then|please|tell me|show me|give me|can you tell me|but)[ ,]+)*"
_ABOUT = rf"(?: (?:about|against|for|in|on|to|with) (?:{_MEND} )?(?:{_THAT}|(?:such|this|that) (?:a )?case))?"
_FORMS = (
    # what's the fix for it?
    rf"what (?:is|would be|are) (?:the|its|a|my) (?:best )?(?:fix|remedy|solution|cure|drill|steps?|way out){_ABOUT}",
    rf"what (?:is|would be) (?:the|a) (?:best |right )?way to {_MEND} {_THAT}",
    # steps to repair it; the runbook for that
    (
        rf"(?:the |a |step-by-step |{_TOLD_HOW} )*(?:steps?|step[- ](?:by|for)[- ]step|{_TOLD_HOW}|fix|remedy)"
        rf"(?: (?:to|for))?(?: {_MEND})? {_THAT}"
    ),
    # how is that mended? how would I go about it?
    (
        rf"how (?:is|are|was|can|could|does|would|should|must|might) (?:{_THAT}|one) (?:to )?(?:be )?(?:get )?{_MEND}"
        rf"(?: {_THAT})?"
    ),
    rf"how (?:do|can|could|should|would|must|might) {_WE} (?:have to )?(?:go about|{_MEND}) {_THAT}",
    rf"how to {_MEND} {_THAT}|how (?:do|can|should|would) {_WE} proceed",
    # what must be done against it? what do I have to type?
    rf"what (?:is|has|must|should|shall|can|could|needs)(?: there| now)? (?:to )?(?:be )?done{_ABOUT}",
    (
        rf"what (?:(?:do|should|shall|must|can|could|would) {_WE}|{_WE} (?:should|must)) (?:have to |need to )?{_DO}"
        rf"{_ABOUT}(?: (?:so that|to (?:get|make|{_MEND}))\b.*)?"
    ),
    # is there a howto? have we something written about this?
    rf"(?:is|are) there (?:a|an|any|some) (?:{_TOLD_HOW}|way){_ABOUT}(?: and which)?",
    rf"(?:have|do) {_WE} (?:have |got )?(?:something|anything) (?:written|noted|documented)(?: down)?{_ABOUT}",
    rf"(?:walk|talk|guide|take) me through (?:{_MEND} )?{_THAT}",
    # what does the handbook advise for such a case?
    rf"what (?:do|does) (?:the |our |my )?{_TOLD_HOW} {_ADVISES}(?: me)?(?: to do)?{_ABOUT}",
)
_REMEDY = re.compile(rf"^{_LEADS}(?:{'|'.join(_FORMS)}){_ALSO}\W*$")


def remedy(question: Question, topic: Topic, text: str) -> Question | None:
    """The question as one for the steps against what the answer before told of; None when it is none."""
    if topic.action or topic.intent == "runbook" or not _REMEDY.match(text):
        return None
    steps = question.about("runbook", topic.about, question.concepts | {"RUNBOOK"})
    return replace(steps, action="", aim=ITSELF, content=(), subject=topic.subject)
