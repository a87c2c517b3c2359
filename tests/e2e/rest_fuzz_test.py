#!/usr/bin/env python3
"""Requests that schemathesis makes up from Flink's description of its REST API, with a fixed seed: none may end in an internal error.

Run as rest_fuzz_test.py <folder of examples>. Exit code 77, which ctest shows as skipped: schemathesis is not installed (tools/install_packages.sh does it).
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import job_test_case
from job_test_case import ROOT
from rest_test_case import RestTestCase

SKIPPED = 77
SEED = 20261122
EXAMPLES = 4
PLACE = ROOT / "build/schemathesis"
SHAPES = json.loads((pathlib.Path(__file__).parent / "data/flink_rest_shapes.json").read_text())
# They end the job, or are off and say so with 503.
LEFT_OUT = {"PATCH /jobs/{jobid}", "POST /jobs/{jobid}/stop", "POST /jobs/{jobid}/savepoints", "DELETE /cluster",
            "PATCH /jobs/{jobid}/rescaling", "GET /jobs/{jobid}/rescaling/{triggerid}", "GET /jobs/{jobid}/resource-requirements",
            "PUT /jobs/{jobid}/resource-requirements"}


def runner():
    """The command that runs schemathesis, and its environment; None: it is not installed."""
    command = [sys.executable, "-m", "schemathesis.cli"]
    environment = {"PYTHONPATH": str(PLACE)}
    found = subprocess.run([*command, "--version"], env=environment, capture_output=True, check=False)
    if found.returncode != 0:
        print("skipped: schemathesis is not installed; tools/install_packages.sh does it")
        return None
    return command, environment


def description(ids):
    """The operations as an OpenAPI document whose paths are sometimes about what is there, and sometimes about anything."""
    paths = {}
    for operation in SHAPES["operations"]:
        if f"{operation['method']} {operation['path']}" in LEFT_OUT:
            continue
        parameters = [{"name": name, "in": "path", "required": True,
                       "schema": {"anyOf": [{"enum": [ids[name]]}, {"type": "string", "minLength": 1}]} if name in ids
                       else {"type": "string", "minLength": 1}}
                      for name in re.findall(r"\{(\w+)\}", operation["path"])]
        parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("get", "agg", "subtasks", "maxExceptions")]
        entry = {"parameters": parameters, "responses": {"default": {"description": "any"}}}
        if operation["method"] in ("POST", "PUT", "PATCH"):
            entry["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
        paths.setdefault(operation["path"], {})[operation["method"].lower()] = entry
    return {"openapi": "3.0.1", "info": {"title": "REST", "version": "1"}, "paths": paths}


class Fuzz(RestTestCase):
    def test_no_request_ends_in_an_internal_error(self):
        command, environment = found
        # Every path is tried with every method: the job is not to be cancelled by that.
        with self.job("-p", "2", "-Dweb.cancel.enable=false"):
            document = self.scratch_file("openapi.json", json.dumps(description(self.ids)))
            done = subprocess.run(
                [*command, "run", str(document), "--url", f"http://127.0.0.1:{self.port}", "--seed", str(SEED), "--max-examples", str(EXAMPLES),
                 "--checks", "not_a_server_error", "--phases", "coverage,fuzzing", "--no-color"],
                cwd=self.scratch, env=environment, capture_output=True, text=True, check=False, timeout=200)
            self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr[-1000:])
            self.assertEqual(self.call("GET", "/overview")[0], 200)


if __name__ == "__main__":
    found = runner()
    if found is None:
        sys.exit(SKIPPED)
    job_test_case.folder_of_executables = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
