"""Where Piccolo looks (PICCOLO_CONF=backend.piccolo_conf): engine and areas that own rows."""

from importlib.util import find_spec

from piccolo.conf.apps import AppRegistry

from infra.engine import DB

__all__ = ["APP_REGISTRY", "DB"]

_AREAS = [
    "infra",
    "media_pipeline",
    "backend.limits",
    "backend.accounts",
    "backend.accounts.factors",
    "backend.accounts.federation",
    "backend.identity",
    "backend.notices",
    "backend.organisations",
    "backend.organisations.assignments",
    "backend.organisations.prints",
    "backend.certification_bodies",
    "backend.class_sessions",
    "backend.curriculum",
    "backend.lectures",
    "backend.progress",
    "backend.plans",
    "backend.assessment",
    "backend.assessment.marking",
    "backend.records",
    "backend.checking",
    "backend.oversight",
    "backend.privacy",
]

APP_REGISTRY = AppRegistry(
    apps=[f"{area}.piccolo_app" for area in _AREAS if find_spec(f"{area}.piccolo_app")]
)
