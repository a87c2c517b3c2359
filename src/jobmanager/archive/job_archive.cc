#include "weir/jobmanager/archive/job_archive.h"

#include <nlohmann/json.hpp>

namespace weir {

namespace {

using nlohmann::json;

// A field of an object; empty: it is not there, or no text.
std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string EncodeJobArchive(const std::vector<ArchivedAnswer>& answers) {
  json entries = json::array();
  for (const ArchivedAnswer& answer : answers) entries.push_back({{"path", answer.path}, {"json", answer.json}});
  json whole = json::object();
  whole["archive"] = std::move(entries);
  // A name that is not UTF-8 must not cost the archive.
  return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

StatusOr<JobArchive> DecodeJobArchive(std::string_view text) {
  const json whole = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (whole.is_discarded()) return DataLossError("it is no JSON, or is cut short");
  const auto entries = whole.is_object() ? whole.find("archive") : whole.end();
  if (entries == whole.end() || !entries->is_array()) return DataLossError("it has no list \"archive\"");
  JobArchive archive;
  for (const json& entry : *entries) {
    const std::string path = entry.is_object() ? TextOf(entry, "path") : "";
    const std::string answer = entry.is_object() ? TextOf(entry, "json") : "";
    if (path.empty() || answer.empty()) {
      return DataLossError("element " + std::to_string(archive.size()) + " of \"archive\" is no pair of path and json");
    }
    archive.insert_or_assign(path, answer);
  }
  return archive;
}

StatusOr<ArchivedOverview> OverviewIn(const JobArchive& archive) {
  const auto found = archive.find(kArchivedOverviewPath);
  if (found == archive.end()) return DataLossError(std::string("it has no ") + kArchivedOverviewPath);
  const json overview = json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  const auto jobs = overview.is_object() ? overview.find("jobs") : overview.end();
  const bool has_one = jobs != overview.end() && jobs->is_array() && jobs->size() == 1 && jobs->front().is_object();
  const json job = has_one ? jobs->front() : json::object();
  ArchivedOverview line{.job_id = TextOf(job, "jid"), .state = TextOf(job, "state"), .json = job.dump()};
  if (line.job_id.empty() || line.state.empty()) {
    return DataLossError(std::string("its ") + kArchivedOverviewPath + " does not name one job and its state");
  }
  const auto end = job.find("end-time");
  if (end != job.end() && end->is_number_integer()) line.end_time = end->get<int64_t>();
  return line;
}

}  // namespace weir
