"""A second emulator of AWS, with signatures and IAM policies: ministack, in an environment and a process of its own.

Installed once under build/, pinned. It ends with the process that started it, whatever becomes of that one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.aws.clients import Clients
from app.connections import AccessKeys

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

VERSION = "1.5.33"
REGION = "us-east-1"
ROOT_KEYS = AccessKeys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
_BUILD = Path(__file__).parents[2] / "build"
_ENVIRONMENT = _BUILD / f"ministack-{VERSION}"
_INSTALLING = 240  # seconds
_STARTING = 60  # seconds; half a second where nothing else runs
# It ends when the pipe does: at our close, and at our death.
_RUN = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
sys.argv = ["ministack"]
runpy.run_module("ministack", run_name="__main__")
"""


class NotInstallable(Exception):
    """Why there is no ministack on this computer."""


class Ministack:
    """The running emulator. Pools are made through `admin`, which is boto3's own client with all rights."""

    def __init__(self, endpoint: str) -> None:
        import boto3
        from botocore.config import Config

        self.endpoint = endpoint
        self.clients = Clients()
        self._session = boto3.Session(ROOT_KEYS.access_key_id, ROOT_KEYS.secret_access_key, region_name=REGION)
        config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
        self.admin: CognitoIdentityProviderClient = self._session.client(
            "cognito-idp", endpoint_url=endpoint, config=config
        )
        self.iam = self._session.client("iam", endpoint_url=endpoint, config=config)

    def client(self, keys: AccessKeys = ROOT_KEYS) -> CognitoIdentityProviderClient:
        """The Desk's client with these keys."""
        return self.clients.cognito(REGION, endpoint=self.endpoint, keys=keys)

    @contextmanager
    def pool(self, **settings: Any) -> Iterator[str]:
        """The id of a pool of its own; deleted at the end."""
        made = self.admin.create_user_pool(PoolName=f"test-{uuid.uuid4().hex[:8]}", **settings)["UserPool"]["Id"]
        try:
            yield made
        finally:
            self.admin.delete_user_pool(UserPoolId=made)

    def clerk(self) -> Clerk:
        """Somebody with a policy, that is: with none at first."""
        name = f"clerk-{uuid.uuid4().hex[:8]}"
        self.iam.create_user(UserName=name)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return Clerk(self, name, AccessKeys(key["AccessKeyId"], key["SecretAccessKey"], None))

    def close(self) -> None:
        """Close the connections; the process is ended by `running`."""
        self.clients.reset()
        self.admin.close()
        self.iam.close()


class Clerk:
    """An IAM user whose policy the test writes."""

    def __init__(self, ministack: Ministack, name: str, keys: AccessKeys) -> None:
        self._ministack = ministack
        self._name = name
        self.client = ministack.client(keys)

    def may(self, operations: Iterable[str]) -> None:
        """From now on exactly these operations of Cognito, on every pool."""
        statement = {"Effect": "Allow", "Action": [f"cognito-idp:{each}" for each in operations], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._ministack.iam.put_user_policy(UserName=self._name, PolicyName="desk", PolicyDocument=policy)


@contextmanager
def running(folder: Path) -> Iterator[Ministack]:
    """Start it on a free loopback port, with its state in `folder`. NotInstallable where it cannot be had."""
    fresh = _install()
    try:
        process, endpoint = _start(folder)
    except RuntimeError:
        if not fresh and not _usable():  # an environment of another day may have lost its Python
            shutil.rmtree(_ENVIRONMENT)
            _install()
        process, endpoint = _start(folder)  # the port may have been taken meanwhile
    try:
        ministack = Ministack(endpoint)
        try:
            yield ministack
        finally:
            ministack.close()
    finally:
        _end(process)


def _python(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _usable() -> bool:
    try:
        _command([str(_python(_ENVIRONMENT)), "-c", "import ministack.app"])
    except NotInstallable:
        return False
    return True


def _install() -> bool:
    """Make the environment, unless it is there; whether it was made just now."""
    if _python(_ENVIRONMENT).exists():
        return False
    _BUILD.mkdir(exist_ok=True)
    unfinished = _BUILD / f"{_ENVIRONMENT.name}-{uuid.uuid4().hex[:8]}"
    try:
        _command([sys.executable, "-m", "venv", str(unfinished)])
        pip = [str(_python(unfinished)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        _command([*pip, f"ministack=={VERSION}"])
        with contextlib.suppress(OSError):  # another session of tests was quicker
            unfinished.rename(_ENVIRONMENT)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return True


def _command(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALLING, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstallable(type(error).__name__) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NotInstallable(lines[-1] if lines else f"exit code {done.returncode}")


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = ("PATH", "SYSTEMROOT", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": "cognito-idp,iam,sts",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "false",
        "SFTP_ENABLED": "false",
        "LOG_LEVEL": "ERROR",
        "DOCKER_HOST": f"unix://{folder}/none",
        "AWS_ACCESS_KEY_ID": ROOT_KEYS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEYS.secret_access_key,
    }
    log = folder / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(_python(_ENVIRONMENT)), "-c", _RUN],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    endpoint = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + _STARTING
    while time.monotonic() < deadline and process.poll() is None:
        if _healthy(endpoint):
            return process, endpoint
        time.sleep(0.1)
    _end(process)
    raise RuntimeError(f"ministack did not start: {log.read_text(errors='replace')[-2000:]}")


def _healthy(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5) as answer:
            return bool(json.load(answer).get("auth") == "enabled")
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def skip(reason: NotInstallable) -> None:
    """Leave the tests out that need it, and say why."""
    pytest.skip(f"The second emulator (ministack {VERSION}) cannot be installed here: {reason}")
