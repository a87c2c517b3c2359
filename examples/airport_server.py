#!/usr/bin/env python3
"""An HTTP server that knows airports, for examples/async_enrichment.cc.

usage: examples/airport_server.py [--port N] [--airports FILE] [--delay-ms N] [--fail-every N]

GET /airports/ORD answers the airport's name as plain text, or 404. GET /busiest answers how many requests were under way at once, at most. With
--delay-ms every answer takes so long; with --fail-every N each Nth request is answered with status 503. The first line on stdout says where it listens.
"""

import argparse
import csv
import http.server
import itertools
import pathlib
import threading
import time


class AirportServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, names, delay_ms, fail_every):
        super().__init__(("127.0.0.1", port), AirportHandler)
        self.names = names
        self.delay_ms = delay_ms
        self.fail_every = fail_every
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.under_way = 0
        self.busiest = 0

    def enter(self):
        """The number of this request."""
        with self.lock:
            self.under_way += 1
            self.busiest = max(self.busiest, self.under_way)
            return next(self.numbers)

    def leave(self):
        with self.lock:
            self.under_way -= 1


class AirportHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/busiest":
            return self.answer(200, str(self.server.busiest))
        number = self.server.enter()
        time.sleep(self.server.delay_ms / 1000)
        code, text = self.look_up(number)
        self.server.leave()
        self.answer(code, text)

    def look_up(self, number):
        if self.server.fail_every and number % self.server.fail_every == 0:
            return 503, "busy"
        name = self.server.names.get(self.path.removeprefix("/airports/"))
        return (200, name) if name else (404, "no such airport")

    def answer(self, code, text):
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000, help="0: any free one")
    parser.add_argument("--airports", default=pathlib.Path(__file__).resolve().parent / "data/airports.csv")
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--fail-every", type=int, default=0)
    arguments = parser.parse_args()
    with open(arguments.airports, newline="", encoding="utf-8") as file:
        names = {row["iata"]: row["name"] for row in csv.DictReader(file)}
    server = AirportServer(arguments.port, names, arguments.delay_ms, arguments.fail_every)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
