#!/usr/bin/env python3
"""Computes the known answers of the examples in plain Python, without any part of Weir.

usage: tools/make_answers.py [--flights FILE] [--text FILE] [--out FOLDER]

Writes <example>.csv for each example with a known answer, with a header line, sorted. The repository's copies are in tests/golden/examples/; compare results
with tools/compare_rows.py.
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


def flights_top_origins(flights, places):
    """Rows (day, rank, origin, flights): the origins with most departures of each day; of equal ones the first by name."""
    counts = collections.defaultdict(collections.Counter)
    for flight in flights:
        counts[flight["departure"][:10]][flight["origin"]] += 1
    return sorted((day, str(rank), origin, str(count)) for day, origins in counts.items() for rank, (origin, count)
                  in enumerate(sorted(origins.items(), key=lambda item: (-item[1], item[0]))[:places], start=1))


def flights_moving_delay(flights, size, slide):
    """Rows (origin, last_flight, flights, delay) at every `slide`-th flight of an origin: the delay of its last `size`."""
    delays = collections.defaultdict(list)
    rows = []
    for flight in flights:
        known = delays[flight["origin"]]
        known.append(int(flight["delay"]))
        if len(known) % slide == 0:
            last = known[-size:]
            rows.append((flight["origin"], flight["id"], str(len(last)), str(sum(last))))
    return sorted(rows, key=lambda row: (row[0], int(row[1])))


def flights_delay_alerts(flights, minutes):
    """Rows (origin, day, flights, delay) whenever the delays of an origin's day have reached another multiple of `minutes`."""
    days = collections.defaultdict(lambda: [0, 0, 0])  # flights, delay, alerts
    rows = []
    for flight in flights:
        day = flight["departure"][:10] + " 00:00:00"
        progress = days[flight["origin"], day]
        progress[0] += 1
        progress[1] += int(flight["delay"])
        if progress[1] >= (progress[2] + 1) * minutes:
            progress[2] = progress[1] // minutes
            rows.append((flight["origin"], day, str(progress[0]), str(progress[1])))
    return sorted(rows, key=lambda row: (row[0], row[1], int(row[2])))


def in_arrival_order(flights, seed, bound, per_mille, low, high):
    """The flights as they would arrive up to `bound` minutes late, and `per_mille` of them between `low` and `high`."""
    mask = (1 << 64) - 1

    def chance(seed, number):  # SplitMix64: output `number` of the generator with this seed
        z = (seed + number * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def arrival(flight):
        number = int(flight["id"])
        late = chance(seed, number) % (bound + 1)
        if chance(seed + 1, number) % 1000 < per_mille:
            late = low + chance(seed + 2, number) % (high - low + 1)
        return datetime.datetime.strptime(flight["departure"], TIME) + datetime.timedelta(minutes=late), number

    return sorted(flights, key=arrival)


def flights_late(flights, bound, lateness):
    """Rows (id, origin, departure) of the flights that come when the hour of their departure is over by `lateness` minutes.

    The flights are in order of arrival; the watermark is the latest departure - `bound` minutes - 1 ms, after each.
    """
    rows, latest = [], None
    for flight in flights:
        departure = datetime.datetime.strptime(flight["departure"], TIME)
        gone = departure.replace(minute=0) + datetime.timedelta(minutes=60 + lateness)
        if latest is not None and gone <= latest - datetime.timedelta(minutes=bound):
            rows.append((flight["id"], flight["origin"], flight["departure"]))
        latest = departure if latest is None else max(latest, departure)
    return rows


def broadcast_rules(flights, rules):
    """Rows (flight, origin, departure, delay, rule): flights that are later than the rule allows that is in force for their origin."""
    rows = []
    for flight in flights:
        known = [rule for rule in rules if rule["origin"] == flight["origin"] and rule["since"] <= flight["departure"]]
        rule = max(known, key=lambda rule: rule["since"], default=None)
        if rule and int(flight["delay"]) > int(rule["limit"]):
            rows.append((flight["id"], flight["origin"], flight["departure"], flight["delay"], rule["id"]))
    return sorted(rows)


def async_enrichment(flights, airports, late):
    """Rows (id, departure, delay, origin, airport) of the flights that are at least `late` minutes late."""
    names = {airport["iata"]: airport["name"] for airport in airports}
    return sorted((flight["id"], flight["departure"], flight["delay"], flight["origin"], names[flight["origin"]])
                  for flight in flights if int(flight["delay"]) >= late)


def records_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def flights_connections(flights, last_id):
    """Rows (first_id, second_id, origin, via, destination, first_departure, second_departure) of pairs of flights with ids up to `last_id`: the second
    leaves from where the first went to, from one hour after the first departed to three hours after."""
    flights = [flight for flight in flights if int(flight["id"]) <= last_id]
    by_origin = collections.defaultdict(list)
    for flight in flights:
        by_origin[flight["origin"]].append((datetime.datetime.strptime(flight["departure"], TIME), flight))
    rows = []
    for first in flights:
        departure = datetime.datetime.strptime(first["departure"], TIME)
        for time, second in by_origin[first["destination"]]:
            if datetime.timedelta(hours=1) <= time - departure <= datetime.timedelta(hours=3):
                rows.append((first["id"], second["id"], first["origin"], second["origin"], second["destination"],
                             first["departure"], second["departure"]))
    return sorted(rows)


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flights", default=ROOT / "examples/data/flights_20k.csv")
    parser.add_argument("--rules", default=ROOT / "examples/data/rules.csv")
    parser.add_argument("--airports", default=ROOT / "examples/data/airports.csv")
    parser.add_argument("--text", default=ROOT / "examples/data/moby_dick.txt")
    parser.add_argument("--last-id", type=int, default=200, help="of the flights that flights_connections joins")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "tests/golden/examples")
    arguments = parser.parse_args()
    flights = records_of(arguments.flights)
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
    write(out / "flights_connections.csv",
          ("first_id", "second_id", "origin", "via", "destination", "first_departure", "second_departure"),
          flights_connections(flights, arguments.last_id))
    write(out / "busy_user.csv", ("user", "since", "clicks"), busy_user(flights, 10))
    write(out / "flights_top_origins.csv", ("day", "rank", "origin", "flights"), flights_top_origins(flights, 3))
    write(out / "flights_moving_delay.csv", ("origin", "last_flight", "flights", "delay"),
          flights_moving_delay(flights, 50, 10))
    write(out / "flights_delay_alerts.csv", ("origin", "day", "flights", "delay"), flights_delay_alerts(flights, 500))
    arrived = in_arrival_order(flights, 1, 45, 10, 60, 600)
    for lateness in (0, 60):
        write(out / f"flights_late_{lateness}.csv", ("id", "origin", "departure"), flights_late(arrived, 45, lateness))
    write(out / "broadcast_rules.csv", ("flight", "origin", "departure", "delay", "rule"),
          broadcast_rules(flights, records_of(arguments.rules)))
    write(out / "async_enrichment.csv", ("id", "departure", "delay", "origin", "airport"),
          async_enrichment(flights, records_of(arguments.airports), 120))


if __name__ == "__main__":
    main()
