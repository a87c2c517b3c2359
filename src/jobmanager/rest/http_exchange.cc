#include "weir/jobmanager/rest/http_exchange.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/rest/jar_service.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_message.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/rest_router.h"
#include "weir/jobmanager/rest/rest_security.h"

namespace weir {

namespace {

// No operation but an upload takes more than a few fields.
constexpr size_t kMostBodyBytes = size_t{1} << 20;
constexpr size_t kFilePieceBytes = size_t{256} << 10;
constexpr const char* kJson = "application/json";
constexpr const char* kUploadPath = "/jars/upload";

void Send(const RestResponse& answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  response.set_content(answer.body, answer.content_type);
}

// Reads what comes and forgets it.
void Drain(const httplib::ContentReader& reader) {
  reader([](const char*, size_t) { return true; });
}

// The body, or the error that it is too long.
StatusOr<std::string> ReadBody(const httplib::ContentReader& reader) {
  std::string body;
  size_t length = 0;
  const bool is_whole = reader([&](const char* bytes, size_t count) {
    length += count;
    if (length <= kMostBodyBytes) body.append(bytes, count);
    return true;
  });
  if (!is_whole) return InvalidArgumentError("Bad request: the body ended early");
  if (length > kMostBodyBytes) return OutOfRangeError("Bad request: the body is longer than 1 MB");
  return body;
}

// Takes the one file of a multipart upload.
class UploadTaker {
 public:
  UploadTaker(const RestRequest& request, const RestContext& context) : request_(request), context_(context) {}

  RestResponse Take(const httplib::ContentReader& reader) {
    const bool is_whole = reader([this](const httplib::MultipartFormData& part) { return BeginPart(part); },
                                 [this](const char* bytes, size_t count) { return Append({bytes, count}); });
    if (!is_whole && status_.ok()) status_ = InvalidArgumentError("Bad request: the upload ended early");
    if (status_.ok() && upload_ == nullptr) status_ = InvalidArgumentError("Exactly 1 file must be sent, received 0.");
    if (!status_.ok()) return Refusal();
    const StatusOr<JarInfo> jar = upload_->Finish();
    return jar.ok() ? UploadedJar(*jar) : ErrorResponse(jar.status());
  }

 private:
  bool BeginPart(const httplib::MultipartFormData& part) {
    if (!status_.ok()) return true;
    is_file_ = !part.filename.empty();
    if (!is_file_) return true;
    if (upload_ != nullptr) {
      status_ = InvalidArgumentError("Exactly 1 file must be sent, received more.");
      return true;
    }
    StatusOr<std::unique_ptr<JarUpload>> upload = BeginJarUpload(request_, part.filename, context_);
    if (upload.ok()) {
      upload_ = *std::move(upload);
    } else {
      status_ = upload.status();
    }
    return true;
  }
  bool Append(std::string_view bytes) {
    if (status_.ok() && is_file_ && upload_ != nullptr) status_ = upload_->Append(bytes);
    return true;
  }
  RestResponse Refusal() const {
    return status_.code() == StatusCode::kOutOfRange ? ErrorResponse(413, status_.message()) : ErrorResponse(status_);
  }

  const RestRequest& request_;
  const RestContext& context_;
  std::unique_ptr<JarUpload> upload_;
  bool is_file_ = false;
  Status status_;
};

// The library has read no more because of the server's limit.
bool IsTooLong(const httplib::Request& request, const RestContext& context) {
  const std::string length = request.get_header_value("Content-Length");
  const auto most = static_cast<uint64_t>(context.configuration().Get(kRestMaxContentLength).bytes());
  uint64_t announced = 0;
  std::from_chars(length.data(), length.data() + length.size(), announced);
  return announced > most + kMostBodyBytes;
}

RestResponse AnswerRequest(const httplib::Request& request, const httplib::ContentReader* reader, RestRequest asked,
                           const HttpExchangeOptions& options) {
  const RestContext& context = *options.context;
  if (reader != nullptr && IsTooLong(request, context)) {
    Drain(*reader);
    return ErrorResponse(413, "Bad request: the body is longer than rest.server.max-content-length");
  }
  const bool is_upload =
      asked.method == "POST" && (asked.path == kUploadPath || asked.path == std::string("/v1") + kUploadPath);
  if (reader != nullptr && is_upload && !context.is_history_server() && request.is_multipart_form_data()) {
    return UploadTaker(asked, context).Take(*reader);
  }
  if (reader != nullptr) {
    StatusOr<std::string> body = ReadBody(*reader);
    if (!body.ok()) {
      return body.status().code() == StatusCode::kOutOfRange ? ErrorResponse(413, body.status().message())
                                                             : ErrorResponse(body.status());
    }
    asked.body = *std::move(body);
  }
  return AnswerRest(options.routes, std::move(asked), context);
}

// Sends the file of an answer from the first byte that the client asks for, piece by piece.
void SendFile(const std::shared_ptr<const RestFile>& file, const httplib::Request& request, RestResponse answer,
              httplib::Response& response) {
  const bool is_beyond = !request.ranges.empty() && request.ranges.front().first >= 0 &&
                         static_cast<uint64_t>(request.ranges.front().first) >= file->size;
  if (is_beyond) {
    // Nothing new yet: whoever follows the file asks again.
    answer.status = 416;
    answer.body.clear();
    answer.headers.emplace_back("Content-Range", "bytes */" + std::to_string(file->size));
    return Send(answer, response);
  }
  if (file->size == 0) {
    answer.body.clear();
    return Send(answer, response);
  }
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  response.set_content_provider(
      file->size, answer.content_type, [file](size_t offset, size_t length, httplib::DataSink& sink) {
        const StatusOr<std::string> piece = file->read(offset, std::min(length, kFilePieceBytes));
        if (!piece.ok() || piece->empty()) return false;
        return sink.write(piece->data(), piece->size());
      });
}

}  // namespace

void AnswerHttp(const httplib::Request& request, const httplib::ContentReader* reader, httplib::Response& response,
                const HttpExchangeOptions& options) {
  if (!options.token.empty() && !IsAuthorized(request.get_header_value("Authorization"), options.token)) {
    if (reader != nullptr) Drain(*reader);
    RestResponse refusal =
        ErrorResponse(401, "This server asks for a token: send the header Authorization: Bearer <token>");
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return Send(refusal, response);
  }
  const std::string fetch_site = request.get_header_value("Sec-Fetch-Site");
  const std::string origin = request.get_header_value("Origin");
  if (IsForeignAction(request.method, request.path, {.fetch_site = fetch_site, .origin = origin},
                      options.context->configuration().Get(kAllowedOrigin))) {
    if (reader != nullptr) Drain(*reader);
    return Send(ErrorResponse(403,
                              "A page of another origin may not act here, unless web.access-control-allow-origin "
                              "names it"),
                response);
  }
  RestRequest asked{.method = request.method, .path = request.path};
  asked.origin = options.scheme + "://" + request.get_header_value("Host");
  for (const auto& [name, value] : request.params) asked.query.emplace_back(name, value);
  RestResponse answer = AnswerRequest(request, reader, std::move(asked), options);
  if (answer.file != nullptr) {
    const std::shared_ptr<const RestFile> file = answer.file;
    return SendFile(file, request, std::move(answer), response);
  }
  // The library compresses what is plainly JSON, and takes no parameter behind the type; JSON is UTF-8 in any case.
  const bool is_json = answer.content_type.starts_with(kJson);
  if (is_json && request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos)
    answer.content_type = kJson;
  Send(answer, response);
}

}  // namespace weir
