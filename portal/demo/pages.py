"""The HTML that the panel, or the web server before it, shows to whoever does not ask for JSON."""
from __future__ import annotations

from http import HTTPStatus

# Statuses for which Laravel has a view, with the view's title.
_VIEWS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 419: "Page Expired", 429: "Too Many Requests",
          500: "Server Error", 503: "Service Unavailable"}

_VIEW = """<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">

        <title>{title}</title>

        <style>body {{ font-family: ui-sans-serif, system-ui, sans-serif; }}</style>
    </head>
    <body>
        <div>{status}</div>
        <div>{title}</div>
    </body>
</html>
"""

_FALLBACK = """<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="UTF-8" />
    <meta name="robots" content="noindex,nofollow,noarchive" />
    <title>An Error Occurred: {title}</title>
    <style>body {{ background-color: #fff; color: #222; }}</style>
</head>
<body>
<div class="container">
    <h1>Oops! An Error Occurred</h1>
    <h2>The server returned a "{status} {title}".</h2>
</div>
</body>
</html>
"""

_REDIRECT = """<!DOCTYPE html>
<html>
    <head>
        <meta charset="UTF-8" />
        <meta http-equiv="refresh" content="0;url='{url}'" />

        <title>Redirecting to {url}</title>
    </head>
    <body>
        Redirecting to <a href="{url}">{url}</a>.
    </body>
</html>"""

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
)


def error_page(status: int) -> str:
    if status in _VIEWS:
        return _VIEW.format(status=status, title=_VIEWS[status])
    return _FALLBACK.format(status=status, title=HTTPStatus(status).phrase)


def redirect_page(url: str) -> str:
    return _REDIRECT.format(url=url)
