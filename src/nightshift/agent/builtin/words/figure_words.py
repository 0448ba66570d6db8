"""The words for what is measured: of which quantity, over time, the most of it, who uses it up, and of which disk."""

from __future__ import annotations

from collections.abc import Mapping

FIGURE_WORDS: Mapping[str, str] = {
    "CPU": "cpu|processor|core usage|compute|cpu load|cpu usage|processor load",
    "MEMORY": "memory|ram|mem|memory usage|ram usage",
    "DISK": "disk size|size of disk|disk usage|disk use|filesystem usage|disk fill|disk space used|disk",
    "NETIN": (
        "network|network traffic|traffic|bandwidth|network in|received|download|inbound|throughput|network usage"
    ),
    "NETOUT": "network out|sent|upload|outbound|transmit",
    "DISKREAD": "disk read|read rate|disk reader|read the most|reads most|most reads|reads from disk",
    "DISKWRITE": (
        "io|i/o|disk write|write rate|disk io|disk i/o|written|hammer the disk|disk activity|most io|thrash|write load|"
        "disk writer|write the most|write most|most writes|write to disk|wear out the most"
    ),
    "SWAP": "swapping",
    "IOWAIT": "iowait|io wait|i/o wait|io delay",
    "LOAD": "load average|load avg|load|system load",
    "UPTIME": (
        "up the shortest|up the longest|running for the least time|running the longest|running the shortest|uptime|"
        "up time|up since|how long has|how long up|been up|been running|without interruption"
    ),
    "OVERTIME": (
        "creeping|creeping up|climbing|rising|on the rise|over|trend|history|graph|chart|average|avg|mean|peak|maximum|"
        "p95|spike|curve|development|grew|growth|plot|timeline|highest value"
    ),
    "TREND": (
        "trend|on the rise|falling|climb|creep|creeping up|growing|grew|growth|rise|development|getting more|"
        "getting less|going up|going down|steady|stable|flat"
    ),
    "MOST": (
        "up the longest|running the longest|most|highest|top|biggest|largest|hungriest|busiest|heaviest|max|hog|eating|"
        "worst|greedy|greediest|consume most|more than|consumer|longest|use the most|fullest|hammering|pull the most|"
        "burn the most|rank|ranking|sorted|league table|hogging resource|eating resource"
    ),
    "LEAST": (
        "up the shortest|running for the least time|running the shortest|empty|least|shortest|lowest|smallest|idle|"
        "idlest|fewest|lazy|bored|headroom|most headroom|most room|freshest|youngest|coolest|coldest|quietest|lightest|"
        "tiniest"
    ),
    "EATS": (
        "belong to nobody|belong to no one|belong to no guest|without owner|eating|take up|fill up|using up|use up|"
        "hogging|occupy|take space|take the space|use the space|using the space|take most space|where did the space|"
        "where does the space|where is the space|biggest volume|largest volume|volume|consuming|space go|space gone|"
        "orphaned|leftover|left over|unused disk|what is filling|who is filling|what fill|who fill|gobble|devour|"
        "all the room|all my space|all the space|unused|nobody use|ate|eaten"
    ),
    "PHYSICAL": (
        "smart|smart value|smart status|physical disk|hard disk|hard drive|hdd|ssd|nvme|spinning rust|disk health|"
        "drive health|disk temperature|drive temperature|wearout|wear out|bad sector|pending sector|reallocated|vdev|"
        "which disk|which drive|what disk|failed disk|dying disk|bad disk|faulty disk|broken disk|failing drive|"
        "bad drive|dead disk|dead drive|faulted disk|how old are my disk|how old are the disk|age of my disk|worn|"
        "worn out|serial|serial number|smart error|health of my disk|health of the disk|zpool|zpool status|zfs pool|"
        "zfs health|raid|raidz|mirror|zfs status|drive|about to fail"
    ),
    "HEAT": "thermometer|degree|degrees|celsius|hot|heat|temperature|warm|too hot|too warm|overheat",
    "PULL": "pull|swap out|replace|exchange|swap the disk|change the disk",
    "COMPARE": "compare|comparison|versus|vs|side by side|difference",
}
