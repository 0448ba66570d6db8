"""The words of questions about metrics themselves, and about what only metrics tell."""

from __future__ import annotations

from collections.abc import Mapping

DISCOVERY_WORDS: Mapping[str, str] = {
    "DISCOVER": (
        "exporter give|exporter provide|exporter expose|exporter offer|exporter tell|how many metric|number of metric|"
        "how many series|how many time series|which metric|what metric|metric name|name of metric|name of the metric|"
        "series name|name of series|name of the series|time series name|is there a metric|any metric|metric exist|"
        "metric about|metric for|metric on|metric called|metric of|what is the metric|what is the series|series called|"
        "series exist|what can i graph|what can i chart|what can i plot|what can we graph|what could i graph|"
        "what can be graphed|like to chart|like to graph|like to plot|want to graph|want to chart|want to plot|"
        "build a panel|panel for|dashboard for|setting up a panel|make a panel|make a dashboard|build a dashboard|"
        "a dashboard about|do we record|do you record|do i record|is recorded|we collect|do we track|do we measure|"
        "do we scrape|do you scrape|do you track|scraped at all|that being scraped|it being scraped|being measured|"
        "being collected|being recorded|gets scraped|exposed|exposes|exported|does something count|does anything count|"
        "something measure|anything measure|something record|anything record|anything that count|anything that measure|"
        "anything that record|metric search|search metric|find metric|list metric|list the metric|show metric|"
        "what time series|which time series|which series|what series|any series|any time series|got any series|"
        "what do we collect|what gets collected|what is collected|what is measured|data source for"
    ),
    "METERED": (
        "dns lookup|queries|request|lookup|blocked|response time|answer time|latency|takes to answer|take to respond|"
        "take to load|how fast do|load time|voltage|runtime|battery charge|battery level|battery runtime|juice|"
        "humidity|arc|commit|clients connected|status code|packet|dropped packet|hold out|round trip|how warm is it|"
        "how cold is it|room temperature|power draw|ups load|loaded is the ups|load on the ups|load of the ups|"
        "how many connection|number of connection|open connection|database connection|connections to"
    ),
}
