"""Making the application: settings, extensions, blueprints, error pages, commands. Nothing else grows here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Request, url_for
from sqlalchemy import URL

from portal import cli, extensions, secrets_file, store
from portal.account.routes import bp as account
from portal.activity.routes import bp as activity
from portal.admin.notices import notices
from portal.admin.routes import bp as admin
from portal.auth import sessions
from portal.auth.routes import bp as auth
from portal.backup import starting
from portal.billing import bills
from portal.billing.payment_reference import reference_of
from portal.billing.routes import bp as billing
from portal.billing.words import bill_words, later_words, length, per, time_words
from portal.config import ROOT, Settings, load
from portal.console import browser
from portal.console.routes import bp as console
from portal.console.socket import bp as console_socket
from portal.credit.routes import bp as credit
from portal.databases.routes import bp as databases
from portal.doctor.routes import bp as doctor
from portal.egg_features.routes import bp as egg_features
from portal.files.routes import bp as files
from portal.health.routes import bp as health
from portal.network.routes import bp as network
from portal.operator.notices import notices as billing_notices
from portal.operator.routes import bp as operator
from portal.schedules.routes import bp as schedules
from portal.server_backups.routes import bp as server_backups
from portal.server_settings.routes import bp as server_settings
from portal.servers import asides
from portal.servers.routes import bp as servers
from portal.servers.words import problem_words, signal_words, words
from portal.startup.routes import bp as startup
from portal.subusers.routes import bp as subusers
from portal.web import errors, formatting, headers, log
from portal.web.access import HashidConverter, IdentifierConverter, NumberConverter, SignalConverter, UuidConverter
from portal.web.proxy import TrustedProxy
from portal.web.site import bp as site

BODY_LIMIT = 64 * 1024


class FormRequest(Request):
    """A request as this portal reads it: forms only. JSON would reach them too, nested as deep as somebody likes."""

    is_json = False


def create_app(settings: Settings | None = None, config: Mapping[str, Any] | None = None) -> Flask:
    """The portal's WSGI application. Raises BadSetting or BadStore with one sentence when it cannot start."""
    settings = settings or load()
    app = Flask(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.request_class = FormRequest
    app.config.from_mapping(
        ROOST=settings,
        ROOST_MASTER_KEY=secrets_file.load_or_make(settings.instance / "master_key"),
        SECRET_KEY=secrets_file.load_or_make(settings.instance / "secret_key"),
        SQLALCHEMY_DATABASE_URI=URL.create("sqlite", database=str(settings.database)),
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 10, "max_overflow": 150, "pool_timeout": 5},
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        SESSION_COOKIE_NAME="roost",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.stay_signed_in_days),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SOCK_SERVER_OPTIONS=browser.OPTIONS,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
    )
    app.config.from_mapping(config or {})
    app.url_map.converters.update(
        server=IdentifierConverter, signal=SignalConverter, number=NumberConverter, uuid=UuidConverter,
        hashid=HashidConverter,
    )  # fmt: skip
    log.register(app, settings.log_level, settings.log_format)
    _bind_extensions(app)
    _set_up_templates(app, settings)
    errors.register(app)
    headers.register(app)
    for blueprint in (auth, servers, console, console_socket, egg_features, files, server_backups, databases, schedules,
                      network, subusers, startup, server_settings, activity, site, health, doctor, admin, account,
                      billing, operator, credit):  # fmt: skip
        app.register_blueprint(blueprint)
    asides.use(app, bills.SPEAKER)
    cli.register(app)
    if settings.trusted_proxy is not None:
        app.wsgi_app = TrustedProxy(app.wsgi_app, settings.trusted_proxy)  # type: ignore[method-assign]
    return app


def serve() -> Flask:
    """The application for a web server: like `create_app`, and the store must be there and of this release."""
    settings = load()
    starting.check(settings.database, closely=True)
    return create_app(settings)


def _bind_extensions(app: Flask) -> None:
    store.db.init_app(app)
    with app.app_context():
        store.bind(store.db.engine)
    extensions.login_manager.init_app(app)
    extensions.login_manager.user_loader(sessions.load)
    extensions.csrf.init_app(app)
    extensions.babel.init_app(app)
    extensions.sock.init_app(app)


def _set_up_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    formatting.register(app)
    versions = {
        str(path.relative_to(ROOT / "static")): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in Path(ROOT / "static").rglob("*")
        if path.is_file()
    }

    def asset(name: str) -> str:
        """The address of a static file, with its version in it, so that it may be cached for a year."""
        return url_for("static", filename=name, v=versions[name])

    app.jinja_env.globals.update(
        asset=asset,
        host=settings,
        words=words,
        problem_words=problem_words,
        admin_notices=lambda: [*notices(), *billing_notices()],
        signal_words=signal_words,
        bill_words=bill_words,
        time_words=time_words,
        later_words=later_words,
        per=per,
        length=length,
        pay_reference=reference_of,
    )
