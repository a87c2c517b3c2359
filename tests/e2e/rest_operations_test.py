#!/usr/bin/env python3
"""Every operation of Flink's REST API on a running job: as it should be asked, about what is not there, malformed, and with another method.

Answers are compared with the shapes in data/flink_rest_shapes.json. The report, one line per operation, is also left in build/rest_operations.txt.
"""

import collections
import json
import pathlib

import job_test_case
from job_test_case import ROOT
from rest_test_case import RestTestCase

SHAPES = json.loads((pathlib.Path(__file__).parent / "data/flink_rest_shapes.json").read_text())

# Operations whose feature is off or absent, and the status with which they say so.
OFF = {
    "GET /applications/{applicationid}": 404, "POST /applications/{applicationid}/cancel": 404,
    "GET /applications/{applicationid}/exceptions": 404,
    "GET /applications/{applicationid}/jobmanager/config": 404,
    "DELETE /cluster": 405, "GET /datasets/delete/{triggerid}": 404, "DELETE /datasets/{datasetid}": 404,
    "GET /jars": 404, "POST /jars/upload": 404, "DELETE /jars/{jarid}": 404, "POST /jars/{jarid}/plan": 404,
    "POST /jars/{jarid}/run": 404, "POST /jars/{jarid}/run-application": 404,
    "GET /jobs/{jobid}/checkpoints/{triggerid}": 404,
    "GET /jobs/{jobid}/jobmanager/log-url": 404, "GET /jobs/{jobid}/taskmanagers/{taskmanagerid}/log-url": 404,
    "GET /jobs/{jobid}/rescales/config": 404, "GET /jobs/{jobid}/rescales/details/{rescaleuuid}": 404,
    "GET /jobs/{jobid}/rescales/history": 404, "GET /jobs/{jobid}/rescales/overview": 404,
    "GET /jobs/{jobid}/rescales/summary": 404, "PATCH /jobs/{jobid}/rescaling": 503,
    "GET /jobs/{jobid}/rescaling/{triggerid}": 503, "GET /jobs/{jobid}/resource-requirements": 503,
    "PUT /jobs/{jobid}/resource-requirements": 503,
    "GET /jobs/{jobid}/savepoints/{triggerid}": 404, "GET /savepoint-disposal/{triggerid}": 404,
}
# Savepoints that fail: the job goes on.
BODIES = {"POST /savepoint-disposal": {"savepoint-path": "/proc/nowhere"},
          "POST /jobs/{jobid}/savepoints": {"target-directory": "/proc/nowhere"},
          "POST /jobs/{jobid}/stop": {"targetDirectory": "/proc/nowhere"}}
# Fields that Flink declares and leaves out, or that are about the JVM.
OPTIONAL = {"application-id", "stream-graph", "other-concurrent-attempts", "data", "inputs", "caching",
            "local_strategy"}
# Flink's own answers differ from its description: bare arrays, and names of its hand-written serializer.
SHAPE_DIFFERS = {"MetricCollectionResponseBody", "AggregatedMetricsResponseBody", "JobConfigInfo", "ProcessingMode"}
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}


def flaws(value, schema, where):
    """What in `value` is not as the schema has it."""
    if schema is None or value is None:
        return
    if "ref" in schema:
        if schema["ref"] not in SHAPE_DIFFERS and not schema["ref"].endswith(("ID", "Id")):
            yield from flaws(value, SHAPES["schemas"][schema["ref"]], where)
        return
    kind = TYPES.get(schema.get("type"))
    if kind is not None and not isinstance(value, kind):
        yield f"{where}: {value!r} is no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    for name, field in schema.get("properties", {}).items():
        if name in value:
            yield from flaws(value[name], field, f"{where}.{name}")
        elif name not in OPTIONAL:
            yield f"{where}.{name} is missing"
    for element in value if isinstance(value, list) else ():
        yield from flaws(element, schema["items"], f"{where}[]")
# Parameters of paths whose values have a form, and a value that has not.
MALFORMED = {"jobid": "12", "vertexid": "x" * 32, "subtaskindex": "first", "attempt": "-1", "checkpointid": "last"}
# Values of the right form for what is not there.
ABSENT = {"jobid": "f" * 32, "vertexid": "f" * 32, "subtaskindex": "99", "attempt": "99", "checkpointid": "999999"}


def name_of(operation):
    return f"{operation['method']} {operation['path']}"


def parameters_of(operation):
    return [part[1:-1] for part in operation["path"].split("/") if part.startswith("{")]


class Operations(RestTestCase):
    def setUp(self):
        super().setUp()
        self.report = collections.defaultdict(dict)

    def ask(self, operation, **changed):
        return self.call(operation["method"], self.path_of(operation["path"], **changed), BODIES.get(name_of(operation)))

    def check_good(self, operation):
        name = name_of(operation)
        status, body = self.ask(operation)
        self.assertEqual(status, OFF.get(name, int(next(iter(operation["responses"])))), body)
        if name in OFF:
            self.assertEqual(list(body), ["errors"])
        else:
            self.assertEqual(list(flaws(body, operation["responses"][str(status)], "body")), [])
        return status

    def check_absent(self, operation):
        """The last thing that the path names is not there."""
        named = [parameter for parameter in parameters_of(operation) if parameter in ABSENT]
        if not named:
            return "-"
        status, body = self.ask(operation, **{named[-1]: ABSENT[named[-1]]})
        self.assertEqual((status, list(body)), (404, ["errors"]), body)
        return status

    def check_malformed(self, operation):
        for parameter in parameters_of(operation):
            if parameter in MALFORMED:
                status, body = self.ask(operation, **{parameter: MALFORMED[parameter]})
                self.assertEqual((status, list(body)), (400, ["errors"]), f"{parameter}: {body}")
                self.assertIn(parameter, body["errors"][0])
        return 400 if set(parameters_of(operation)) & set(MALFORMED) else "-"

    def check_other_method(self, operation):
        own = {each["method"] for each in SHAPES["operations"] if each["path"] == operation["path"]}
        # What Flink does not describe and its page needs; and Flink's own older way to ask for a plan.
        own |= {"GET"} if operation["path"].endswith("/plan") else set()
        method = next(method for method in ("PUT", "DELETE", "POST") if method not in own)
        status, body = self.call(method, self.path_of(operation["path"]))
        self.assertEqual((status, list(body)), (405, ["errors"]), body)
        return status

    def test_every_operation_answers_whatever_it_is_asked(self):
        with self.job("-p", "2", "-Dexecution.checkpointing.interval=100ms",
                      f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}"):
            job = f"/jobs/{self.ids['jobid']}"
            self.until(lambda: self.get(f"{job}/checkpoints")["latest"]["completed"])
            last = ("PATCH /jobs/{jobid}",)  # cancels
            operations = sorted(SHAPES["operations"], key=lambda operation: name_of(operation) in last)
            for operation in operations:
                # The newest: older ones leave the history.
                checkpoint = self.get(f"{job}/checkpoints")["latest"]["completed"]["id"]
                self.ids["checkpointid"] = str(checkpoint)
                for check in (self.check_absent, self.check_malformed, self.check_other_method, self.check_good):
                    kind = check.__name__.removeprefix("check_")
                    with self.subTest(f"{name_of(operation)}, {kind}"):
                        self.report[name_of(operation)][kind] = check(operation)
        self.write_report(operations)

    def write_report(self, operations):
        kinds = ("good", "absent", "malformed", "other_method")
        lines = ["operation".ljust(85) + " ".join(kind.rjust(12) for kind in kinds)]
        right = 0
        for operation in sorted(operations, key=lambda each: (each["path"], each["method"])):
            found = self.report[name_of(operation)]
            right += all(kind in found for kind in kinds)
            shown = " ".join(str(found.get(kind, "WRONG")).rjust(12) for kind in kinds)
            lines.append(f"{name_of(operation):84} {shown}")
        lines.append(f"{right} of {len(operations)} operations answer as Flink's description of its REST API says")
        report = "\n".join(lines)
        print(f"\n{report}")
        folder = ROOT / "build"
        if folder.is_dir():
            (folder / "rest_operations.txt").write_text(report + "\n", encoding="utf-8")
        self.assertEqual(right, 80)


if __name__ == "__main__":
    job_test_case.main()
