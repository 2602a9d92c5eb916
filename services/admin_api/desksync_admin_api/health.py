"""Whether the program is alive and ready. For probes and proxies, which need not sign in. The numbers are told elsewhere."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from desksync.ops.health import Report
from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)


class HealthAnswer(BaseModel):
    """What a probe is told: what is wrong, by name, with a sentence; and the names of what is well."""

    status: str
    wrong: dict[str, str]
    well: list[str]


@router.get("/healthz", response_model=HealthAnswer)
def healthz(_caller: Anybody, web: TheWeb) -> Response:
    """Say whether the loops turn."""
    return _told(web.health.liveness())


@router.get("/readyz", response_model=HealthAnswer)
def readyz(_caller: Anybody, web: TheWeb) -> Response:
    """Say whether everything is there that is needed."""
    return _told(web.health.readiness())


def _told(report: Report) -> JSONResponse:
    answer = HealthAnswer(status="ok" if report.is_good else "wrong", wrong=report.wrong, well=list(report.well))
    return JSONResponse(answer.model_dump(), status_code=200 if report.is_good else 503)
