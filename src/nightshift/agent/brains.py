"""The two brains: a chat model behind an OpenAI-compatible API, and the rule-driven one that needs nothing.

Both are chat models to the graph. The model's client library takes two seconds to import, so that happens at the first
question that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from nightshift.agent.run import Meter
from nightshift.facts.snapshot import Snapshot

if TYPE_CHECKING:
    import httpx
    from langchain_core.language_models import BaseChatModel

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_TIMEOUT_S = 5.0
BUILTIN_NAME = "built-in"

BuiltinFactory = Callable[[Snapshot, datetime, tzinfo], "BaseChatModel"]

current_meter: ContextVar[Meter | None] = ContextVar("current_meter", default=None)
"""Where the bytes of the question under way are counted; questions run side by side."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """An OpenAI-compatible chat model. A base URL alone (Ollama, vLLM, llama.cpp, LM Studio) needs no key."""

    model: str
    base_url: str | None = None
    api_key: SecretStr | None = None
    timeout_s: float = 60.0

    @property
    def url(self) -> str:
        return self.base_url or OPENAI_URL

    @property
    def host(self) -> str:
        """The server's name for messages; user and password in the URL are left out."""
        parts = urlsplit(self.url)
        try:
            port = parts.port
        except ValueError:
            port = None
        return f"{parts.hostname or 'the model server'}{f':{port}' if port else ''}"


def builtin_brain(snapshot: Snapshot, now: datetime, zone: tzinfo) -> BaseChatModel:
    """The built-in brain for one question."""
    from nightshift.agent.builtin.brain import BuiltinBrain

    return BuiltinBrain(snapshot=snapshot, now=now, zone=zone)


class OutsideModel:
    """A chat model somewhere else: the client, and what its failures mean in words."""

    def __init__(self, settings: ModelSettings) -> None:
        import httpx
        from langchain_openai import ChatOpenAI

        self.settings = settings
        timeout = httpx.Timeout(settings.timeout_s, connect=CONNECT_TIMEOUT_S)
        self._http = httpx.AsyncClient(timeout=timeout, event_hooks={"request": [_count_bytes]})
        self.chat: BaseChatModel = ChatOpenAI(
            model=settings.model,
            base_url=settings.url,
            api_key=settings.api_key or SecretStr("none"),  # the client insists on one; such servers ignore it
            timeout=settings.timeout_s,
            max_retries=1,
            streaming=True,
            stream_usage=True,
            use_responses_api=False,
            http_async_client=self._http,
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What a call can raise when the server is at fault. Servers that break the protocol surface as the parsing
        errors of the client library, which is why those are here: this is used around one model call and nothing
        else."""
        import httpx
        import openai

        return openai.OpenAIError, httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, IndexError

    def reason(self, error: Exception) -> str:
        """Why a call failed, as one sentence without secrets: nothing that the server wrote is repeated."""
        import httpx
        import openai

        who = f"The model {self.settings.model} at {self.settings.host}"
        if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
            return f"{who} did not answer in time."
        broke_off = any(isinstance(cause, httpx.RemoteProtocolError | httpx.ReadError) for cause in _causes(error))
        if isinstance(error, openai.APIConnectionError) and not broke_off:
            return f"{who} could not be reached."
        if isinstance(error, httpx.HTTPError) or broke_off:
            return f"{who} broke off the connection before its answer was complete."
        if isinstance(error, openai.APIStatusError):
            return f"{who} {_status_words(error.status_code)}."
        return f"{who} sent something that is not a valid answer."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it: the client library wraps what the connection raised, more than once."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


_STATUS_WORDS = {
    400: "rejected the request",
    401: "did not accept the API key",
    403: "refused access with this API key",
    404: "does not exist: check OPENAI_MODEL and OPENAI_BASE_URL",
    413: "found the request too large",
    429: "is over its rate limit or quota",
}


def _status_words(status: int) -> str:
    words = _STATUS_WORDS.get(status, "failed" if status >= 500 else "rejected the request")
    return f"{words} (HTTP {status})"


async def _count_bytes(request: httpx.Request) -> None:
    meter = current_meter.get()
    if meter is not None:
        meter.bytes_sent += len(request.content)
