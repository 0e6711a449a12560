"""Starts the demo panel, the portal and its worker on loopback, with everything made anew in a temporary folder."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bin import demo_prices  # noqa: E402

PASSWORD = "roost-demo"
PEOPLE = ("owner", "subuser", "stranger", "admin")


class Stop(Exception):
    """SIGINT or SIGTERM."""


def main() -> int:
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    folder = Path(tempfile.mkdtemp(prefix="roost-demo-"))
    started: list[subprocess.Popen[bytes]] = []
    try:
        run(options, folder, started)
    except Stop:
        return 0
    except RuntimeError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        end(started)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def run(options: argparse.Namespace, folder: Path, started: list[subprocess.Popen[bytes]]) -> None:
    portal_port, panel_port = free(options.port, "portal"), free(options.panel_port, "panel")
    portal, panel = f"http://127.0.0.1:{portal_port}", f"http://127.0.0.1:{panel_port}"
    world_file = folder / "world.json"
    command = [sys.executable, "-m", "portal.demo", "--port", str(panel_port), "--world", str(world_file)]
    clock_file = folder / "clock"
    command += ["--mailbox", "--clock-file", str(clock_file)]
    if options.latency_ms:
        command += ["--latency-ms", str(options.latency_ms)]
    if options.backup_disk:
        command += ["--backup-disk", options.backup_disk]
    started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True))
    instance = folder / "instance"
    environment = os.environ | {"ROOST_INSTANCE": str(instance), "PYTHONPATH": str(ROOT)}
    environment["ROOST_DEMO_CLOCK"] = str(clock_file)

    from portal.store import schema

    schema.upgrade(instance / "roost.db")
    world = wait_for_world(world_file, started[0])
    keys, people = world["keys"], world["vars"]
    (instance / "config.toml").touch(mode=0o600)
    (instance / "config.toml").write_text(config(portal, panel, world, service=options.service_key))
    bind = f"127.0.0.1:{portal_port}"
    app = "bin.on_demo_clock:app"
    web = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--bind", bind, app]
    worker = [sys.executable, "-m", "flask", "--app", app, "worker"]
    quiet = {"ROOST_LOG_LEVEL": os.environ.get("ROOST_LOG_LEVEL", "WARNING")}
    started.append(subprocess.Popen(web, cwd=ROOT, env=environment | quiet, start_new_session=True))
    make_accounts(instance, keys, people, service=options.service_key)
    demo_prices.set_up(instance, f"{panel}/_demo")
    started.append(subprocess.Popen(worker, cwd=ROOT, env=environment | quiet, start_new_session=True))
    wait_for_portal(portal, started)
    logins = {name: {"email": f"{name}@example.com", "password": PASSWORD} for name in PEOPLE}
    if options.json:
        line = json.dumps({"portal": portal, "panel": panel, "control": f"{panel}/_demo",
                           "desk": f"{panel}/_demo/desk", "logins": logins})
        sys.stdout.write(f"{line}\n")
    else:
        sys.stdout.write(f"\nRoost runs at {portal} beside a demo panel at {panel}.\n")
        sys.stdout.writelines(f"  {name:9} {one['email']:22} {one['password']}\n" for name, one in logins.items())
        sys.stdout.write(f"Move its clock and read its mail at {panel}/_demo/desk. Stop it with Ctrl+C.\n")
    sys.stdout.flush()
    watch(started)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/demo", description="Roost beside a demo panel, on this machine only.")
    parser.add_argument("--port", type=int, default=8000, help="port of the portal (8000; 0 takes any free one)")
    parser.add_argument("--panel-port", type=int, default=8001, help="port of the demo panel (8001; 0: any free one)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON once everything answers")
    parser.add_argument("--service-key", action="store_true", help="customers have no keys; the service key acts")
    parser.add_argument("--latency-ms", type=int, default=0, help="let the demo panel take this long for each answer")
    parser.add_argument("--backup-disk", choices=("wings", "s3"), help="where the demo panel's backups lie (wings)")
    return parser.parse_args()


def free(port: int, what: str) -> int:
    """A port that can be bound now. Raises RuntimeError with one sentence when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            option = "--port" if what == "portal" else "--panel-port"
            raise RuntimeError(f"Port {port} is taken: choose another one for the {what} with {option}.") from None
        return int(probe.getsockname()[1])


def config(portal: str, panel: str, world: dict[str, Any], *, service: bool) -> str:
    keys = world["keys"]
    lines: dict[str, str | int] = {
        "panel_url": panel,
        "portal_url": portal,
        "application_key": keys["application"],
        "host_name": "Roost demo",
        "support_url": "https://example.com/support",
        "terms_url": "https://example.com/terms",
        "billing": "on",
        "time_zone": "Europe/Berlin",
        "how_to_pay": "Send what you like by bank transfer; it is here the same day.",
        "pay_url": "https://example.com/pay",
        "smtp_host": "127.0.0.1",
        "smtp_port": world["mailbox"],
        "smtp_security": "none",
        "mail_from": "Roost demo <help@example.com>",
    }
    if service:
        lines["service_key"] = keys["service"]
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    return text + (f"use_service_key = {'true' if service else 'false'}\n")


def make_accounts(instance: Path, keys: dict[str, str], people: dict[str, Any], *, service: bool) -> None:
    from portal import create_app
    from portal.auth import service as accounts
    from portal.auth.service import PanelUser
    from portal.config import load
    from portal.credentials import service as credentials

    app = create_app(load({"ROOST_INSTANCE": str(instance), "ROOST_LOG_LEVEL": "ERROR"}))
    with app.app_context():
        for name in PEOPLE:
            email = f"{name}@example.com"
            linked = PanelUser(people[f"{name}_id"], name, email)
            account_id = accounts.create(email, panel_user=linked, is_admin=name == "admin")
            accounts.set_password(account_id, PASSWORD)
            if name != "admin" and not service:
                credentials.set_key(accounts.find(email), keys[name])


def wait_for_world(path: Path, panel: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.exists():
            return dict(json.loads(path.read_text()))
        if panel.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError("The demo panel did not start.")


def wait_for_portal(portal: str, started: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{portal}/login", timeout=2):
                return
        except urllib.error.HTTPError as wrong:
            wrong.close()
            break
        except OSError:
            time.sleep(0.05)
        if any(one.poll() is not None for one in started):
            break
    raise RuntimeError("The portal did not start.")


def watch(started: list[subprocess.Popen[bytes]]) -> None:
    """Until told to stop. The demo may have its parts taken away by hand; without the portal it is over."""
    while started[1].poll() is None:
        time.sleep(0.2)
    raise RuntimeError("The portal ended by itself.")


def end(started: list[subprocess.Popen[bytes]]) -> None:
    for one in started:
        if one.poll() is None:
            one.terminate()
    deadline = time.monotonic() + 8
    for one in started:
        try:
            one.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()


def stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop


if __name__ == "__main__":
    sys.exit(main())
