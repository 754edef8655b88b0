"""What every origin answers in JSON besides its subjects: a refusal, health, readiness."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from wallet_service.platform.schema import Answer, RefusalCode


class FieldProblem(Answer):
    """One field of a request that breaks a rule; never its value, which may be personal."""

    field: str = Field(description="The field's path in the body, its parts joined by dots.")
    rule: str = Field(description="The broken rule, as pydantic names it: `missing`, `greater_than` ...")


class Problem(BaseModel):
    """A refusal: RFC 9457 problem details, with our `code`, `values` and `correlation_id`."""

    type: str = Field(description="Where the code is explained: the service's own page of refusals.")
    title: str = Field(description="The code again (RFC 9457, 3.1.4: it does not change with the case).")
    status: int = Field(ge=400, lt=600, description="The HTTP status.")
    code: RefusalCode
    detail: str = Field(
        description="For people, in the language of the cookie `alba_language`, else of Accept-Language."
    )
    instance: str = Field(description="This very refusal: `urn:alba:request:` and the correlation id.")
    correlation_id: str = Field(description="What the service's log line of this request carries.")
    values: dict[str, str | int] = Field(
        description="What the sentence was made of; names end in their unit (`limit_cents`, `retry_after_s`)."
    )
    errors: list[FieldProblem] = Field(default=[], description="Only with `request.invalid`.")


class Health(Answer):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Answer):
    """Whether all that the service depends on answers; `checks` by name."""

    ready: bool
    checks: dict[str, bool]
