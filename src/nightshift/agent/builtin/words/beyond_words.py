"""Words of what no system here records: people, money, weather, what lies inside of a service."""

from __future__ import annotations

BEYOND_WORDS = (
    "who is streaming|who accessed|who visited|driveway|doorbell|who is on call|who is on duty|on call|on duty|"
    "on shift|logged into|log into|logging into|syslog|journal|journald|journalctl|dmesg|access log|error log|app log|"
    "application log|container log|docker log|film|movie|song|episode|tv show|listening to|is watching|are watching|"
    "was watching|watch a|watch on|kids watch|who watch|playing|play|person|neighbour|neighbor|visitor|log in|"
    "logged in|login|logon|signed in|hack|hacked|hacker|attacker|intruder|how many photo|how many picture|"
    "how many song|how many mail|how many email|how many document|how many book|how many file|how many recipe|unread|"
    "inbox|mailbox|message|file|folder|inside the|content of|contents of|won the|sport|weather|rain|sunny|joke|poem|"
    "pizza|capital of|president|football|translate|news today|electricity|euro|dollar|cost|price|bill|watt|kwh|"
    "power draw|power consumption|energy|how much power|public ip|internet speed|fast is my internet|"
    "fast is the internet|internet connection|isp|wan|azure|aws|google cloud|esxi|vmware|hyper-v|living room|bedroom|"
    "kitchen|garden|outside today|outside now|it outside|cold outside|warm outside|"
    "better than|recommend|opinion|tv|haiku|cook pasta|cook a|my house|at home|order new|"
    "order a|order me|buy me|bitcoin|stock market|garage door|write me a|write us a|compose|limerick|rhyme|riddle|sing|"
    "essay|fairy tale|wine|dinner|supper|umbrella|world cup|fuel|petrol|refuel|my car|hosting contract|"
    "terminate my contract|letter|invest|stock|nvidia|in spanish|homework|reservation|meeting room|capital city|"
    "termination|recipe for a|laugh|funny"
)
