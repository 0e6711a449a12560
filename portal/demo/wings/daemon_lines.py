"""What Wings itself writes into a server's console."""
from __future__ import annotations

CHECKING_DISK = "Checking server disk space usage, this could take a few seconds..."
UPDATING_FILES = "Updating process configuration files..."
CHECKING_PERMISSIONS = "Ensuring file permissions are set correctly, this could take a few seconds..."
PULLING = "Pulling Docker container image, this could take a few minutes to complete..."
PULLED = "Finished pulling Docker container image"
THROTTLED = "Server is outputting console data too quickly -- throttling..."
DISK_EXCEEDED = "Server is exceeding the assigned disk space limit, stopping process now."
INSTALLING = "Starting installation process, this could take a few minutes..."
CRASH_SECONDS = 60


def decorated(app_name: str, text: str) -> str:
    """Yellow and bold name, default colour, reset at the end."""
    return f"\x1b[33m\x1b[1m[{app_name} Daemon]:\x1b[39m {text}\x1b[0m"


def before_start(*, has_disk_limit: bool) -> list[str]:
    """Written while the server is still offline."""
    return [*([CHECKING_DISK] if has_disk_limit else []), UPDATING_FILES, CHECKING_PERMISSIONS]


def crash_block(exit_code: int, *, out_of_memory: bool, is_again: bool) -> list[str]:
    """`is_again`: within a minute of the last one, so nothing is started."""
    aborting = f"Aborting automatic restart, last crash occurred less than {CRASH_SECONDS} seconds ago."
    return [
        "---------- Detected server process in a crashed state! ----------",
        f"Exit code: {exit_code}",
        f"Out of memory: {str(out_of_memory).lower()}",
        *([aborting] if is_again else []),
    ]
