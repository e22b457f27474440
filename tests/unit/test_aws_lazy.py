"""Importing our modules loads neither boto3 nor botocore: the window is painted before anything talks to AWS."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import app.aws.clients, app.aws.guard, app.aws.operations, app.aws.pacing, app.aws.rows, app.aws.translate
import app.directory.users, app.pool.password, app.pool.probe, app.pool.snapshot
heavy = sorted({name.partition(".")[0] for name in sys.modules} & {"boto3", "botocore", "urllib3", "moto", "psycopg"})
print(",".join(heavy))
"""


def test_importing_the_services_loads_no_aws_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == ""
