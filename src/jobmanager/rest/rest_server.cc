#include "weir/jobmanager/rest/rest_server.h"

#include <httplib.h>

#include <atomic>
#include <charconv>
#include <thread>
#include <utility>

#include "weir/base/execution/thread.h"
#include "weir/base/logging.h"
#include "weir/base/net/tcp_socket.h"
#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/rest/http_exchange.h"
#include "weir/jobmanager/rest/rest_security.h"
#include "weir/jobmanager/rest/rest_threads.h"
#include "weir/jobmanager/rest/web_assets.h"

namespace weir {

namespace {

// The library's own limit of 5 makes a page that polls connect anew all the time.
constexpr size_t kRequestsPerConnection = 1000;
// Parts of a multipart upload other than the file, and bodies of a megabyte when uploads are smaller.
constexpr size_t kUploadOverheadBytes = size_t{1} << 20;

StatusOr<int> ParsePort(std::string_view text, const std::string& whole) {
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 0 || port > 65535) {
    return InvalidArgumentError(
        "rest.port is \"" + whole +
        "\"; expected a port from 0 to 65535, a range like 50100-50200, or several with commas");
  }
  return port;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Answers with a file of the web UI; false: the path is the API's.
bool AnswerWithPage(const httplib::Request& request, httplib::Response& response, const WebAssets& pages) {
  if (!pages.Serves(request.path) || (request.method != "GET" && request.method != "HEAD")) return false;
  const std::string known = request.get_header_value("If-None-Match");
  const bool accepts_gzip = request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos;
  const WebAnswer answer = pages.Answer(request.path, {.accepts_gzip = accepts_gzip, .known_etag = known});
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    response.headers.erase(name);
    response.set_header(name, value);
  }
  if (answer.status == 304) return true;
  // A provider's content is neither copied nor compressed again. It lives as long as the server.
  const char* const body = answer.body.data();
  response.set_content_provider(answer.body.size(), std::string(answer.content_type),
                                [body](size_t offset, size_t length, httplib::DataSink& sink) {
                                  sink.write(body + offset, length);
                                  return true;
                                });
  return true;
}

// The pages; a folder that cannot be read costs the UI and not the API.
WebAssets LoadPages() {
  LocalFileSystem files;
  const StatusOr<std::string> folder = InstalledWebFolder();
  StatusOr<WebAssets> pages = folder.ok() ? WebAssets::Load(files, *folder) : folder.status();
  if (pages.ok()) return std::move(pages).value();
  WEIR_LOG(kWarning, "the web UI is not served: {}", pages.status().message());
  return {};
}

void SetHeaders(httplib::Server& server, const Configuration& configuration) {
  httplib::Headers headers = {{"X-Content-Type-Options", "nosniff"},
                              {"X-Frame-Options", "DENY"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cache-Control", "no-store"}};
  const std::string origin = configuration.Get(kAllowedOrigin);
  if (!origin.empty()) {
    headers.emplace("Access-Control-Allow-Origin", origin);
    headers.emplace("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    headers.emplace("Access-Control-Allow-Headers", "Authorization, Content-Type");
  }
  server.set_default_headers(std::move(headers));
}

}  // namespace

StatusOr<std::vector<int>> ParsePorts(const std::string& text) {
  std::vector<int> ports;
  std::string_view rest = text;
  while (true) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = Trimmed(rest.substr(0, comma));
    const size_t dash = part.find('-');
    WEIR_ASSIGN_OR_RETURN(const int first, ParsePort(Trimmed(part.substr(0, dash)), text));
    int last = first;
    if (dash != std::string_view::npos) {
      WEIR_ASSIGN_OR_RETURN(last, ParsePort(Trimmed(part.substr(dash + 1)), text));
    }
    for (int port = first; port <= last; ++port) ports.push_back(port);
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  return ports;
}

struct RestServer::Parts {
  explicit Parts(RestContextOptions options) : context(std::move(options)) {}

  // Token, TLS and limits.
  Status Configure();
  // Binds the first free port.
  Status Listen(const std::string& host);
  void Route();

  const RestContext context;
  const WebAssets pages = LoadPages();
  HttpExchangeOptions exchange;
  std::unique_ptr<httplib::Server> server;
  std::string host;
  int port = 0;
  std::atomic<bool> has_ended{false};  // written by the thread, read by Start
  std::unique_ptr<Thread> thread;
};

Status RestServer::Parts::Configure() {
  const Configuration& configuration = context.configuration();
  exchange.context = &context;
  if (context.is_history_server()) exchange.routes = HistoryRoutes();
  WEIR_ASSIGN_OR_RETURN(exchange.token, LoadRestToken(configuration));
  if (configuration.Get(kRestSslEnabled)) {
    const std::string certificate = configuration.Get(kRestSslCertificate);
    const std::string key = configuration.Get(kRestSslPrivateKey);
    server = std::make_unique<httplib::SSLServer>(certificate.c_str(), key.c_str());
    exchange.scheme = "https";
    if (!server->is_valid()) {
      return FailedPreconditionError(
          "security.ssl.rest.enabled is true, and no certificate could be loaded: expected PEM files in "
          "security.ssl.rest.certificate (\"" +
          certificate + "\") and security.ssl.rest.private-key (\"" + key + "\") that belong to each other");
    }
  } else {
    server = std::make_unique<httplib::Server>();
  }
  server->new_task_queue = &NewRestThreads;
  // The library would let two JobManagers share a port, and each request reach one of them.
  server->set_socket_options(&AllowPortOfTheDead);
  server->set_keep_alive_max_count(kRequestsPerConnection);
  // Head and body of an answer are written apart: the second would wait up to 40 ms for the client to confirm the first.
  server->set_tcp_nodelay(true);
  server->set_payload_max_length(static_cast<size_t>(configuration.Get(kRestMaxContentLength).bytes()) +
                                 kUploadOverheadBytes);
  SetHeaders(*server, configuration);
  return OkStatus();
}

void RestServer::Parts::Route() {
  const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
    if (!AnswerWithPage(request, response, pages)) AnswerHttp(request, nullptr, response, exchange);
  };
  const auto answer_with_body = [this](const httplib::Request& request, httplib::Response& response,
                                       const httplib::ContentReader& reader) {
    AnswerHttp(request, &reader, response, exchange);
  };
  server->Get(".*", answer).Post(".*", answer).Put(".*", answer).Patch(".*", answer).Delete(".*", answer);
  server->Post(".*", answer_with_body).Put(".*", answer_with_body);
  server->Patch(".*", answer_with_body).Delete(".*", answer_with_body);
  // What a browser asks before a page of another origin may call.
  server->Options(".*", [](const httplib::Request&, httplib::Response& response) { response.status = 204; });
  server->set_error_handler([](const httplib::Request&, httplib::Response& response) {
    // Of the library itself: a request line that it cannot read, a body beyond the limit.
    if (!response.body.empty() || response.content_length_ > 0 || response.status == 416) return;
    const bool is_too_long = response.status == 413;
    const RestResponse error = ErrorResponse(
        response.status, is_too_long ? "Bad request: the body is longer than rest.server.max-content-length"
                                     : "Bad request: this is no HTTP request that can be answered");
    response.set_content(error.body, error.content_type);
  });
}

Status RestServer::Parts::Listen(const std::string& address) {
  const std::string text = context.configuration().Get(kRestPort);
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> ports, ParsePorts(text));
  host = address;
  for (const int candidate : ports) {
    if (candidate == 0) {
      port = server->bind_to_any_port(host);
      if (port > 0) return OkStatus();
    } else if (server->bind_to_port(host, candidate)) {
      port = candidate;
      return OkStatus();
    }
  }
  return UnavailableError("the REST server cannot listen on " + host + ", port " + text +
                          ": it is in use, or the address is not of this machine. Set rest.port to another port or a "
                          "range (8081-8090), or rest.bind-address");
}

RestServer::RestServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StatusOr<std::unique_ptr<RestServer>> RestServer::Start(RestContextOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  Parts* const p = parts.get();
  WEIR_RETURN_IF_ERROR(p->Configure());
  p->Route();
  WEIR_RETURN_IF_ERROR(p->Listen(p->context.configuration().Get(kRestBindAddress)));
  p->thread = std::make_unique<Thread>("weir-rest", [p] {
    p->server->listen_after_bind();
    p->has_ended.store(true, std::memory_order_release);
  });
  // Before it runs it could not be told to stop.
  while (!p->server->is_running() && !p->has_ended.load(std::memory_order_acquire)) std::this_thread::yield();
  auto server = std::unique_ptr<RestServer>(new RestServer(std::move(parts)));
  WarnIfOpen(p->host, !p->exchange.token.empty(), p->context.is_history_server());
  WEIR_LOG(kInfo, "REST API at {}", server->url());
  return server;
}

RestServer::~RestServer() {
  parts_->server->stop();
  parts_->thread.reset();
}

const RestContext& RestServer::context() const { return parts_->context; }

int RestServer::port() const { return parts_->port; }

std::string RestServer::url() const {
  const std::string host = parts_->context.configuration().Find(kRestAddress).value_or(parts_->host);
  return parts_->exchange.scheme + "://" + host + ":" + std::to_string(parts_->port);
}

}  // namespace weir
