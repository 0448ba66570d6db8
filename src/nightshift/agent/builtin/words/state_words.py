"""The words for how things are: why, what is wrong or down, what is fine, whether there is power, and how all of it
is."""

from __future__ import annotations

from collections.abc import Mapping

_CHECKS = "morning check|daily check|evening check|routine check|sanity check|system check"
STATE_WORDS: Mapping[str, str] = {
    "WHY": (
        "one common cause|common cause|same cause|single cause|because of what|because of whom|due to what|the cause|"
        "cause please|cause for|what fill|what kill them|what took them|root of all|root of this|root of it|"
        "what turned|what is stopping|what stop me|what keep me|what makes|by whom or what|how did it get|"
        "what has happen to|what have happen to|trigger for this|what is to blame|guilty thing|one culprit|"
        "single culprit|how does it come|how is it that|why|how come|what cause|cause of|reason|root cause|explain|"
        "what happened to|what is causing|diagnose|what took|what brought|what knocked|who took|who knocked|"
        "what pulled|troubleshoot|debug|investigate|what made|behind|how did that happen"
    ),
    "WRONG": (
        "undo something|undo|be undone|left over from|leftover from|take back|left behind|leftover to undo|"
        "one deviation|deviation|one thing off|thing off|to-do|to-do list|action item|item for me|give out|looming|"
        "risk while|go wrong while|to deal with|ought to see to|see to something|lose its mind|keep me awake|"
        "keep you awake|keep us awake|lose sleep|outstanding|acceptance test|what first|what second|do first|"
        "should i worry|should i be worried|moan|overheating|too hot|too warm|out of order|not in order|not green|"
        "fault|faulty|defect|defective|busted|bust|breakage|emergency|panic|mess|glitch|repair at first|repair first|"
        "to fix|start with fix|start fix|fix list|to-fix|fix at first|tackle first|tackle at first|action needed|"
        "action required|need action|take action|need to act|must i act|have to act|act on|intervention|intervene|"
        "blow up|bite me|bite us|bite you|need anything of me|want anything of me|want something from me|"
        "want anything from me|waiting for me|surprise|still open|open point|loose end|not right|not well|"
        "nothing burning|anything burning|no fire|fire to fight|put out tonight|fires to put out|kaput|borked|screwed|"
        "play up|play crazy|go crazy|going crazy|gone crazy|go mad|going mad|act mad|act crazy|act funny|act strange|"
        "behave like this|behave strange|out of whack|on the blink|bit funny|off the rail|look funny|seem funny|"
        "anything for me to do|something for me to do|for me to do|not happy|isnt happy|cause any trouble|"
        "cause any problem|cause harm|cry for help|need my hand|need me|need help|biggest risk|out of the ordinary|"
        "should be repaired|to be repaired|how bad is it|odd|problem with the network|network problem|network issue|"
        "trouble with the network|something is off|something off|thing are off|it is off|get up|not load|"
        "nothing load|nothing working|"
        "not open|nothing open|time out|worried|headache|ignore|any trouble|any problem|any issue|look at first|"
        "look into|out of bed|seem off|feel off|bad|matter|what is up with|complain|complaint|wrong|problem|issue|"
        "trouble|broken|break|broke|attention|unhealthy|sick|anomaly|worry|concern|incident|not working|does not work|"
        "acting up|misbehave|urgent|critical|warning|bother|on fire|hiccup|weird|stuck|suffer|hurt|need fixing|"
        "degraded|damage|pear-shaped|smell|fishy|suspicious|take care of|bottom line|prob|nasty|ugly|grumpy|unhappy|"
        "dodgy|flaky|disconnect|haywire|amiss|red|do today|fix first|fix today|do anything|need to do|have to do|"
        "anything to do|to do list|need doing|ail|ails|smoke|keep you up at night|finding|findings|bugging|what cook|"
        "what is cooking|anything alarming|symptom|deserve|single thing|only one thing|just one thing|spend it on|"
        "spend my time on|worth my time|have against|got against|hold against|sort out|one cause|common cause|"
        "same cause|what is going on|what go on|affected|impacted|abnormal|unusual|irregular|casualty|casualties|sev|"
        "sev1|sev2|calamity|disaster|wtf|wth|halp|post mortem|post-mortem|postmortem|rca|drama|time bomb|ticking bomb"
    ),
    "FAIL": (
        "frozen|freeze|froze|stand still|stood still|hang|hung|keep dropping|keep break off|cut off|drop me|"
        "kick me out|throw me out|conk out|give up the ghost|stopped answering|stopped serving|stop responding|"
        "stop working|answer with 500|answer 500|return 500|give 500|throw 500|http 500|502|503|504|bad gateway|"
        "internal server error|error message|fail|failure|error|crash|abort|die|dying|dead|keep restarting|"
        "restart loop|restarting|flap|oom|go wrong|went wrong"
    ),
    "DOWN": (
        "full outage|total outage|complete outage|"
        "no light on|without light|not answer|do not answer|does not answer|no answer|not get at|gave up work|"
        "quit work|stopped in that time|not get online|went missing|go missing|gone missing|not load|downtime|drop out|"
        "fell over|fall over|fell out|no internet|internet out|not go any more|pack up|cease|ceased|down|offline|"
        "unreachable|not reachable|not responding|not up|outage|unavailable|gone|can not reach|could not reach|vanish|"
        "disappear|lost contact|dead|go down|went down|going down|go away|goes away|went away|blink out|drop off"
    ),
    "FINE": (
        "health_ok|all alive|in business|all work|everything working|on all front|all is quiet|all is well|all is ok|"
        "all is okay|all is fine|all is good|all is calm|all calm|all quiet|can i already be calm|can i be calm|"
        "may i quit fret|quit fret|can i relax|stay in bed|can i stay in bed|may i relax|can i let go|can i rest|"
        "in one piece|unharmed|all-clear|survive it|did survive|we survive|calm|hit the hay|hit the sack|go sleep|"
        "going sleep|bedtime|in peace|sign off|sign-off|peaceful|no news|nothing to report|all clear|"
        "can i stop worrying|may i stop worrying|stop worry|humming|hum along|purr|purring|tick over|off to sleep|"
        "off to bed|let me sleep|can i sleep|to sleep|wait until morning|wait till morning|wait until tomorrow|"
        "wait till tomorrow|call it a night|turn in|before bed|cope|coping|keep up|getting by|managing|back to sleep|"
        "go back to bed|succeed|success|successful|went through|nominal|up to scratch|as expected|ok|okay|fine|good|"
        "healthy|health|well|alright|all right|in order|green|as it should|in good shape|safe and sound|quiet|"
        "system go|happy|stable|hold up|functional|sane|sound|working order|in the clear|go to bed|red or green|"
        "green or red|traffic light|thumb up|thumb down|amber"
    ),
    "ANYTHING": (
        f"all alive|in business|{_CHECKS}|whole thing|we doing|computer stuff|computer thing|server stuff|"
        "the virtualization|virtualization|virtualisation|on all front|all is quiet|all is well|all is ok|all is okay|"
        "all is fine|all is good|all is calm|all calm|all quiet|the house|at home|status update|status report|"
        "report for the boss|incident report|our it|setup|environment|any trouble|any problem|any issue|house|anything|"
        "everything|something|overall|rack|cupboard|closet|cabinet|fleet|estate|server room|whole|all system|"
        "all my system|my lab|the lab|homelab|home lab|my system|the cluster|infrastructure|my stuff|thing"
    ),
    "STATE": (
        f"outcome|in plain language|in plain english|in plain words|in simple words|{_CHECKS}|tl dr|tldr|do i write|"
        "do i report|do i tell them|tell the management|tell my boss|tell the boss|do we stand|ticket update|"
        "update the ticket|status in the ticket|into the ticket|in the ticket|for the ticket|for my ticket|"
        "on the ticket|status update|status report|report for the boss|incident report|condition of|one-line|one line|"
        "one-liner|in a word|in one word|version of how|second version|minute version|short version|quick version|"
        "brief version|version of event|what is up|health check|verdict|bad news|good news|news for me|"
        "tell me everything|everything about|all about|status|state|how is|how are|doing|condition|situation|overview|"
        "summary|summarise|summarize|sitrep|tell me about|describe|detail|info|information|look at|look like|check on|"
        "check up|checkup|shape|report|brief|know about|how does|story|deal with|feel|spec|vital|how many core|"
        "how many cpu|how many processor|number of core|what do you know|overcommit|overcommitted|overprovision|"
        "oversubscribe|vmid|id|hostname|operating system|os|disk size|description|notes|config|configuration|rundown|"
        "run-down|debrief|briefing|catch me up|fill me in|up to speed|heads up|heads-up|it goes with|how it goes|"
        "hardware|sign of life|heartbeat|heard from|hear from|last contact|you found|did you find|"
        "tell the day shift|handover|shift change|pulse|triage"
    ),
    "POWER": (
        "with the electricity|fuse box|without current|circuit breaker|juice out|juice is out|juice gone|"
        "electricity go|electricity went|electricity fail|did the electricity|mains fail|power out|power go out|"
        "is the power|power cut|power fail|power outage|blackout|battery|ups|power back|apc|mains|line power|"
        "utility power|go dark|goes dark|went dark|lights out|lights go out|lights went out|light flicker|no power|"
        "power gone|power went|electricity out|electricity gone|save juice|brownout"
    ),
}
