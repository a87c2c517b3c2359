#!/usr/bin/env python3
"""Every example gives its known answer, whatever the parallelism and, where that may not matter, the input's order."""

import itertools

import job_test_case
from job_test_case import DATA, JobTestCase

PARALLELISMS = (1, 2, 3)


class WordCount(JobTestCase):
    def test_final_counts_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("word_count", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "word_count.csv")

    def test_the_order_of_lines_does_not_matter(self):
        out = self.scratch / "out"
        self.succeed("word_count", "--input", self.shuffled("moby_dick.txt", 1, header=0), "--output", out, "-p", 2)
        self.assert_rows(out, "word_count.csv")

    def test_running_counts_end_with_the_final_ones(self):
        # "(whale,7)", for a pair.
        rows = [tuple(line.strip("()").split(",")) for line in self.succeed("word_count").stdout.splitlines()]
        self.assert_same_rows(list({row[0]: row for row in rows}.values()), "word_count.csv")

    def test_a_folder_is_read_as_all_of_its_files(self):
        text = (DATA / "moby_dick.txt").read_text(encoding="utf-8").splitlines(keepends=True)
        folder = self.scratch / "parts"
        folder.mkdir()
        for part in range(3):
            (folder / f"part{part}.txt").write_text("".join(text[part::3]), encoding="utf-8")
        out = self.scratch / "out"
        self.succeed("word_count", "--input", folder, "--output", out, "-p", 2)
        self.assert_rows(out, "word_count.csv")


class FlightsHourly(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_hourly", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_hourly.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=45)
            self.succeed("flights_hourly", "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "flights_hourly.csv")

    def test_no_operator_need_be_chained(self):
        out = self.scratch / "out"
        self.succeed("flights_hourly", "--output", out, "-p", 2, "-Dpipeline.operator-chaining.enabled=false")
        self.assert_rows(out, "flights_hourly.csv")

    def test_rows_go_to_the_terminal_without_output(self):
        rows = self.succeed("flights_hourly", "-p", 2).stdout.splitlines()
        with open(job_test_case.GOLDEN / "flights_hourly.csv", encoding="utf-8") as golden:
            self.assertEqual(len(rows), len(golden.readlines()) - 1)


class FlightsSliding(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_sliding", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_sliding.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=30)
            self.succeed("flights_sliding", "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "flights_sliding.csv")


class FlightsSessions(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_sessions", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_sessions.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=30)
            self.succeed("flights_sessions", "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "flights_sessions.csv")


class FlightsMovingDelay(JobTestCase):
    # The order of flights decides which are the last fifty, so it is not shuffled here.
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_moving_delay", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_moving_delay.csv")


class FlightsDelayAlerts(JobTestCase):
    # Nor here, where it decides after which flight there is an alert.
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_delay_alerts", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_delay_alerts.csv")


class FlightsConnections(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_connections", "--last-id", 200, "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_connections.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=45)
            self.succeed("flights_connections", "--last-id", 200, "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "flights_connections.csv")


class FlightsDistinctDestinations(JobTestCase):
    # The order of flights decides which one is first, so it is not shuffled here.
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_distinct_destinations", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_distinct_destinations.csv")


class BusyUser(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("busy_user", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "busy_user.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=30)
            self.succeed("busy_user", "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "busy_user.csv")


class FlightsTopOrigins(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("flights_top_origins", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "flights_top_origins.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=30)
            self.succeed("flights_top_origins", "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "flights_top_origins.csv")


class FlightsLate(JobTestCase):
    def test_just_the_flights_that_come_too_late_are_dropped_and_the_others_counted(self):
        file, flights = self.late_flights()
        for parallelism, lateness in itertools.product((1, 3), (0, 60)):
            out = self.scratch / f"out{parallelism}_{lateness}"
            self.succeed("flights_late", "--input", file, "--lateness", lateness, "-p", parallelism,
                         "--output", out / "hours", "--dropped", out / "dropped")
            self.assert_rows(out / "dropped", f"flights_late_{lateness}.csv")
            self.assert_last_counts(out / "hours", flights, out / "dropped")

    def assert_last_counts(self, hours, flights, dropped):
        """The last row of each origin and hour counts all flights but the dropped ones."""
        too_late = {row[0] for row in job_test_case.compare_rows.rows_of(dropped)[0]}
        in_time = [flight for flight in flights if flight["id"] not in too_late]
        rows, problems = job_test_case.compare_rows.rows_of(hours)
        self.assertEqual(problems, [])
        self.assertEqual(sorted({row[:3]: row for row in rows}.values()), job_test_case.make_answers.flights_hourly(in_time))


class BroadcastRules(JobTestCase):
    def test_rows_are_right_at_every_parallelism(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("broadcast_rules", "--output", out, "--parallelism", parallelism)
            self.assert_rows(out, "broadcast_rules.csv")

    def test_disorder_that_the_strategy_allows_does_not_matter(self):
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            flights = self.disordered_flights(parallelism, minutes=30)
            self.succeed("broadcast_rules", "--input", flights, "--output", out, "-p", parallelism)
            self.assert_rows(out, "broadcast_rules.csv")


class CustomSource(JobTestCase):
    def test_every_number_is_read_once_at_every_parallelism(self):
        limit = 5_000
        expected = [(str(n), str(next((d for d in range(2, n) if n % d == 0), max(n, 2)))) for n in range(1, limit + 1)]
        for parallelism in PARALLELISMS:
            out = self.scratch / f"out{parallelism}"
            self.succeed("custom_source", "--input", limit, "--output", out, "--parallelism", parallelism)
            rows, problems = job_test_case.compare_rows.rows_of(out)
            self.assertEqual(problems, [])
            self.assertEqual(sorted(rows), sorted(expected))


class Help(JobTestCase):
    def test_every_example_lists_its_options_and_ends_well(self):
        for job in ("word_count", "flights_hourly", "flights_distinct_destinations", "socket_word_count",
                    "custom_source", "busy_user", "flights_sliding", "flights_sessions", "flights_late",
                    "flights_top_origins", "broadcast_rules", "async_enrichment",
                    "flights_connections", "flights_moving_delay", "flights_delay_alerts"):
            text = self.succeed(job, "--help").stdout
            self.assertIn(f"usage: {job} [options]", text)
            for option in ("--input", "--output", "--parallelism", "-Dkey=value", "--help"):
                self.assertIn(option, text)


if __name__ == "__main__":
    job_test_case.main()
