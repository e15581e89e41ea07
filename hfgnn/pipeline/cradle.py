"""A chapter's kernel, forked from a process that has already imported what most chapters import.

A kernel that starts by itself imports for seconds. So the process of a chapter first forks a
cradle, while nothing in it has threads or sockets yet; it sleeps until Jupyter wants a kernel, and
then is one. Jupyter asks for it by the name that pyproject.toml gives to `Forked`.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

NAME_VARIABLE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
NAME = "hfgnn-forked"  # in pyproject.toml


class Cradle:
    """A sleeping fork of this process: a kernel to be, and to Jupyter what `Popen` returns."""

    stdin = stdout = stderr = None
    waiting: "list[Cradle]" = []  # noqa: RUF012 - of the whole process, like its children

    def __init__(self) -> None:
        asleep, self._wake = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.close(self._wake)
            _be_a_kernel(asleep)
        os.close(asleep)
        self.waiting.append(self)

    def start(self, command: list[str], *, env: dict[str, str], cwd: str) -> None:
        """Wake it up to be the kernel of this command."""
        self.waiting.remove(self)
        with os.fdopen(self._wake, "w", encoding="utf-8") as wake:
            json.dump({"file": command[command.index("-f") + 1], "env": env, "cwd": cwd}, wake)

    def close(self) -> None:
        """Let it end without ever having been a kernel."""
        if self in self.waiting:
            self.waiting.remove(self)
            os.close(self._wake)
            self.wait()

    def poll(self) -> int | None:
        """Return its exit code, or None while it lives."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int | None:
        """Return its exit code when it ends."""
        return self._ended(0)

    def _ended(self, how: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def _be_a_kernel(asleep: int) -> None:
    """Sleep, then be a kernel until the end of this process."""
    code = 1
    try:
        with os.fdopen(asleep, encoding="utf-8") as told:
            said = told.read()
        if said:
            _run(json.loads(said))
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        os._exit(code)


def _run(asked: dict[str, Any]) -> None:
    os.setsid()  # Jupyter ends a kernel and what it started by its process group
    sys.argv = ["ipykernel_launcher", "-f", asked["file"]]
    del sys.path[0]  # the folder that a `python -m` was started in
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody waits for the end of what it prints there
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(parent_handle=os.getppid())  # without its chapter it ends


class Forked(LocalProvisioner):
    """Jupyter's own way to start a kernel, except that a sleeping one is woken if there is one."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Start a kernel for this command."""
        if not Cradle.waiting:
            return await super().launch_kernel(cmd, **options)
        cradle, self.cwd = Cradle.waiting[0], options.get("cwd") or Path.cwd()
        cradle.start(cmd, env=dict(options.get("env") or os.environ), cwd=str(self.cwd))
        self.process = cradle  # type: ignore[assignment]
        self.pid = self.pgid = cradle.pid
        return self.connection_info
