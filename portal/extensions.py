"""The Flask extensions: made here, bound to the app in `create_app()`."""

from __future__ import annotations

from flask_babel import Babel
from flask_login import LoginManager
from flask_sock import Sock
from flask_wtf.csrf import CSRFProtect

login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
sock = Sock()
