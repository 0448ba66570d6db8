"""Words of what no system here records: people, money, weather, what lies inside of a service."""

from __future__ import annotations

BEYOND_WORDS = (
    "who visited|driveway|doorbell|who is on call|who is on duty|on call|on duty|on shift|logged into|syslog|journal|"
    "journald|journalctl|dmesg|access log|error log|application log|container log|docker log|film|movie|song|episode|"
    "tv show|playing|play|person|neighbour|neighbor|visitor|log in|logged in|login|logon|signed in|hack|hacked|"
    "attacker|intruder|unread|inbox|mailbox|message|file|folder|inside the|content of|contents of|won the|sport|"
    "weather|rain|sunny|joke|riddle|poem|pizza|capital of|president|football|translate|news today|electricity|euro|"
    "dollar|cost|price|bill|watt|kwh|power draw|power consumption|energy|how much power|public ip|internet speed|"
    "internet connection|isp|wan|azure|aws|google cloud|esxi|vmware|hyper-v|living room|bedroom|kitchen|garden|"
    "it outside|better than|recommend|opinion|tv|haiku|my house|at home|order a|order me|bitcoin|stock market|"
    "garage door|compose|limerick|sing|wine|dinner|supper|umbrella|world cup|fuel|petrol|refuel|my car|"
    "terminate my contract|letter|invest|stock|nvidia|in spanish|homework|reservation|meeting room|capital city|"
    "recipe for a|laugh|funny|order new|who is streaming|who accessed|listening to|is watching|are watching|"
    "was watching|kids watch|who watch|cook a|cook pasta|essay|rhyme|fairy tale|buy me|app log|cold outside|"
    "warm outside|outside today|outside now|fast is my internet|fast is the internet|hosting contract|termination|"
    "i cook|to cook|cooked|dishwasher|washing machine|tumble dryer|fridge|solve for|grammar|meaning of life|"
    "spanish for|french for|german for|italian for|latin for|capital|github|gitlab.com|speedtest|plans for"
)
