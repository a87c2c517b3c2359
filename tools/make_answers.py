#!/usr/bin/env python3
"""Computes the known answers of the examples in plain Python, without any part of Weir.

usage: tools/make_answers.py [--flights FILE] [--text FILE] [--out FOLDER]

Writes word_count.csv, flights_hourly.csv, flights_sliding.csv, flights_sessions.csv, flights_distinct_destinations.csv and busy_user.csv with a header line, sorted. The
repository's copies are in tests/golden/examples/; compare results with tools/compare_rows.py.
"""

import argparse
import collections
import csv
import datetime
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIME = "%Y-%m-%d %H:%M:%S"


def word_count(text):
    """Rows (word, count). Words are runs of [a-z0-9_] after A-Z became lower case; all other bytes separate."""
    counts = collections.Counter(re.findall(rb"[a-z0-9_]+", text.lower()))
    return sorted((word.decode(), str(count)) for word, count in counts.items())


def flights_hourly(flights):
    """Rows (origin, window_start, window_end, flights, delay_sum, mean_delay), per origin and hour of departure."""
    cells = collections.defaultdict(lambda: [0, 0])
    for flight in flights:
        hour = datetime.datetime.strptime(flight["departure"], TIME).replace(minute=0, second=0)
        cell = cells[flight["origin"], hour]
        cell[0] += 1
        cell[1] += int(flight["delay"])
    rows = []
    for (origin, hour), (count, delay) in cells.items():
        end = hour + datetime.timedelta(hours=1)
        rows.append((origin, hour.strftime(TIME), end.strftime(TIME), str(count), str(delay), f"{delay / count:.6f}"))
    return sorted(rows)


def flights_sliding(flights):
    """Rows (origin, window_start, window_end, flights), per origin and six hours, every hour, where there are flights."""
    counts = collections.Counter()
    for flight in flights:
        hour = datetime.datetime.strptime(flight["departure"], TIME).replace(minute=0, second=0)
        for back in range(6):
            counts[flight["origin"], hour - datetime.timedelta(hours=back)] += 1
    return sorted((origin, start.strftime(TIME), (start + datetime.timedelta(hours=6)).strftime(TIME), str(count))
                  for (origin, start), count in counts.items())


def flights_sessions(flights):
    """Rows (origin, session_start, session_end, flights, length_min): bursts of an origin's flights at most half an hour apart."""
    gap = datetime.timedelta(minutes=30)
    departures = collections.defaultdict(list)
    for flight in flights:
        departures[flight["origin"]].append(datetime.datetime.strptime(flight["departure"], TIME))
    rows = []
    for origin, times in departures.items():
        bursts = []
        for time in sorted(times):
            if bursts and time - bursts[-1][-1] <= gap:
                bursts[-1].append(time)
            else:
                bursts.append([time])
        for burst in bursts:
            length = int((burst[-1] - burst[0]).total_seconds()) // 60
            rows.append((origin, burst[0].strftime(TIME), (burst[-1] + gap).strftime(TIME), str(len(burst)), str(length)))
    return sorted(rows)


def flights_distinct_destinations(flights):
    """Rows (origin, count so far, destination, departure, id): one per first flight from an origin to a destination."""
    seen = collections.defaultdict(set)
    rows = []
    for flight in flights:
        known = seen[flight["origin"]]
        if flight["destination"] not in known:
            known.add(flight["destination"])
            rows.append((flight["origin"], str(len(known)), flight["destination"], flight["departure"], flight["id"]))
    return sorted(rows, key=lambda row: (row[0], int(row[1])))


def busy_user(flights, limit):
    """Rows (origin, since, count) of the hours with more than `limit` departures; an hour begins with the first departure after the last one."""
    departures = collections.defaultdict(list)
    for flight in flights:
        departures[flight["origin"]].append(datetime.datetime.strptime(flight["departure"], TIME))
    rows = []
    for origin, times in departures.items():
        times.sort()
        while times:
            end = times[0] + datetime.timedelta(hours=1)
            count = sum(time < end for time in times)
            if count > limit:
                rows.append((origin, times[0].strftime(TIME), str(count)))
            times = times[count:]
    return sorted(rows)


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flights", default=ROOT / "examples/data/flights_20k.csv")
    parser.add_argument("--text", default=ROOT / "examples/data/moby_dick.txt")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "tests/golden/examples")
    arguments = parser.parse_args()
    with open(arguments.flights, newline="", encoding="utf-8") as file:
        flights = list(csv.DictReader(file))
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    write(out / "word_count.csv", ("word", "count"), word_count(pathlib.Path(arguments.text).read_bytes()))
    write(out / "flights_hourly.csv",
          ("origin", "window_start", "window_end", "flights", "delay_sum", "mean_delay"), flights_hourly(flights))
    write(out / "flights_sliding.csv", ("origin", "window_start", "window_end", "flights"), flights_sliding(flights))
    write(out / "flights_sessions.csv",
          ("origin", "session_start", "session_end", "flights", "length_min"), flights_sessions(flights))
    write(out / "flights_distinct_destinations.csv",
          ("origin", "destinations", "destination", "departure", "id"), flights_distinct_destinations(flights))
    write(out / "busy_user.csv", ("user", "since", "clicks"), busy_user(flights, 10))


if __name__ == "__main__":
    main()
