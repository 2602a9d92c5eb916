"""The web application. Knows the store and the health of the program, and no calendar."""

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from desksync.ops.health import Health, Report
from desksync.ops.metrics import CONTENT_TYPE, Metrics


class HealthAnswer(BaseModel):
    """What a probe is told: what is wrong, by name, with a sentence; and the names of what is well."""

    status: str
    wrong: dict[str, str]
    well: list[str]


def web_app(health: Health, metrics: Metrics) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="DeskSync", docs_url=None, redoc_url=None)

    @app.get("/healthz", response_model=HealthAnswer)
    def healthz() -> Response:
        return _told(health.liveness())

    @app.get("/readyz", response_model=HealthAnswer)
    def readyz() -> Response:
        return _told(health.readiness())

    @app.get("/metrics")
    def numbers() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)

    return app


def _told(report: Report) -> JSONResponse:
    answer = HealthAnswer(status="ok" if report.is_good else "wrong", wrong=report.wrong, well=list(report.well))
    return JSONResponse(answer.model_dump(), status_code=200 if report.is_good else 503)
