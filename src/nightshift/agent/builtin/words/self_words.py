"""What is said to Nightshift about itself: what it can do and sees, whether it may be trusted, a greeting, thanks."""

from __future__ import annotations

from collections.abc import Mapping

SELF_WORDS: Mapping[str, str] = {
    "HELP": (
        "what you can do|thing can you do|abilities|ability|use you for|what you can tell me|which llm|which ai|"
        "version of nightshift|nightshift version|are you running on|do you run on|are you made|are you built|"
        "model are you|model do you|kind of ai|your version|are you an ai|are you a robot|are you human|help|"
        "what can you do|who are you|what are you|what can i ask|can i ask you|what do you know|capability|"
        "how do you work|what can you answer|what are you able|what do you do|you there|you awake|what can you tell|"
        "what could you tell"
    ),
    "GREET": "hi|hello|hey|good morning|good evening|good afternoon|moin",
    "THANKS": (
        "never mind|nevermind|forget it|got it|lol|haha|cool|no problem|you rock|good job|well done|awesome|brilliant|"
        "nice job|thank|cheers|great|perfect|nice|bye|goodbye|good night"
    ),
    "RELY": "trustworthy|dependable|reliable|depend on the backup|depend on the copy|bet on|rely on|count on|trust",
    "SOURCES": (
        "no view of|not look at|you not look|you not check|your sight|unable to look|you unable to|no access to|"
        "you not reach|system were query|system were ask|system consult|basis of which system|on whose word|"
        "system you ask|what was checked|system do you mean|did you ask|did you look at|did you check|"
        "where did you look|missing from your picture|missing in your picture|gap in your picture|blind spot|"
        "can you look into|not look into|what are you blind|privilege|permission|you have access|you access|you read|"
        "you lack|you miss|you do not know|allowed to see|your data|you monitor|what are you connected|connected|"
        "source|what can you see|what do you see|systems do you|watched|configured system|backend|connection|blind|"
        "not see|can you see|do you see|can not you see|you can not see"
    ),
}
