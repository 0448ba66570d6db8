"""Every error that Nightshift raises on purpose, named by who must act.

    NightshiftError
    ├── ConfigError            the operator: a setting is missing or wrong (names the variable, never its value)
    ├── SourceError            the backend: a watched system did not give what was asked
    │   ├── SourceUnreachable  no connection: refused, no route, DNS, TLS, wrong port
    │   ├── SourceUnauthorized the token or password was not accepted (401)
    │   ├── SourceForbidden    the token is valid, a privilege is missing (403)
    │   ├── SourceTimedOut     no answer within the time allowed
    │   ├── SourceMalformed    an answer that is not what the API promises: HTML, half a JSON, wrong types
    │   ├── SourceTooLarge     an answer above the size limit of its endpoint
    │   ├── SourceUnsupported  the endpoint does not exist in this version (404, 501)
    │   └── SourceFailed       the backend says that it failed (5xx), or rejected the request (400, 422)
    ├── ToolInputError         the model or the user: a tool was called with arguments that cannot be served
    ├── BrainError             the language model: unreachable, out of budget, or no usable answer
    ├── BudgetExceeded         a run hit its bound of calls or time
    ├── EmbedderError          the embedding model: not there, unreachable, or no usable answer
    └── StoreError             the disk: the data folder or database cannot be read or written

Every SourceError knows the kind of Gap that it leaves behind (`facts.gap.GapKind`), so that a failure reaches the
answer as something unknown and never as "OK".
"""

from __future__ import annotations

from typing import ClassVar, Literal

GapKind = Literal[
    "unreachable",
    "unauthorized",
    "forbidden",
    "timed_out",
    "malformed",
    "truncated",
    "unsupported",
    "not_configured",
]


class NightshiftError(Exception):
    """The root of everything that Nightshift raises on purpose."""


class ConfigError(NightshiftError):
    """A setting is missing or wrong; the operator mends it.

    The message names the variable, what is wrong and an example. It never contains the value.
    """

    def __init__(self, variable: str, problem: str, example: str | None = None) -> None:
        self.variable = variable
        self.problem = problem
        self.example = example
        hint = f" Example: {variable}={example}" if example else ""
        super().__init__(
            f"{variable}: {problem}.{hint}" if not problem.endswith(".") else f"{variable}: {problem}{hint}"
        )


class SourceError(NightshiftError):
    """A watched system did not give what was asked of it.

    `source` is the source id (`pve`, `pbs`, `prometheus`, `grafana`, …), `request` the method and path without
    credentials, `detail` one sentence for the operator, `fix` what to set or grant, if that is known.
    """

    gap_kind: ClassVar[GapKind] = "malformed"

    def __init__(self, source: str, request: str, detail: str, *, fix: str | None = None) -> None:
        self.source = source
        self.request = request
        self.detail = detail
        self.fix = fix
        super().__init__(f"{source}: {detail} ({request})" + (f" {fix}" if fix else ""))


class SourceUnreachable(SourceError):
    gap_kind: ClassVar[GapKind] = "unreachable"


class SourceUnauthorized(SourceError):
    gap_kind: ClassVar[GapKind] = "unauthorized"


class SourceForbidden(SourceError):
    """The token lacks a privilege. `privilege` names it when the backend said which, e.g. `Sys.Audit on /`."""

    gap_kind: ClassVar[GapKind] = "forbidden"

    def __init__(
        self, source: str, request: str, detail: str, *, fix: str | None = None, privilege: str | None = None
    ) -> None:
        super().__init__(source, request, detail, fix=fix)
        self.privilege = privilege


class SourceTimedOut(SourceError):
    gap_kind: ClassVar[GapKind] = "timed_out"


class SourceMalformed(SourceError):
    gap_kind: ClassVar[GapKind] = "malformed"


class SourceTooLarge(SourceError):
    gap_kind: ClassVar[GapKind] = "truncated"


class SourceUnsupported(SourceError):
    gap_kind: ClassVar[GapKind] = "unsupported"


class SourceFailed(SourceError):
    """The backend answered that it failed. `status` is the HTTP status; `rejected` is true when it refused the
    request itself (a PromQL error, an unknown parameter), so that trying again is of no use."""

    gap_kind: ClassVar[GapKind] = "unreachable"

    def __init__(
        self,
        source: str,
        request: str,
        detail: str,
        *,
        fix: str | None = None,
        status: int,
        rejected: bool = False,
    ) -> None:
        super().__init__(source, request, detail, fix=fix)
        self.status = status
        self.rejected = rejected


class ToolInputError(NightshiftError):
    """A tool was called with arguments that cannot be served. `hint` says how to call it right."""

    def __init__(self, problem: str, hint: str | None = None) -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(f"{problem} {hint}" if hint else problem)


class BrainError(NightshiftError):
    """The language model could not be used: unreachable, key refused, or no usable answer."""


class BudgetExceeded(NightshiftError):
    """A run hit its bound of calls or of time."""


class EmbedderError(NightshiftError):
    """Texts could not be embedded. `fix` says what the operator can do, if that is known."""

    def __init__(self, problem: str, fix: str | None = None, *, gap_kind: GapKind = "unreachable") -> None:
        self.problem = problem
        self.fix = fix
        self.gap_kind = gap_kind
        super().__init__(f"{problem} {fix}" if fix else problem)


class StoreError(NightshiftError):
    """The data folder or the database cannot be read or written."""
