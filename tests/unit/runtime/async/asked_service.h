// A service that answers when the test says so, and an asynchronous function that asks it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "weir/testing.h"
#include "weir/weir.h"

namespace weir {

// What has been asked and not been answered, in the order of asking. Outlives the function, as a service would.
struct AskedService {
  struct Request {
    int64_t record;
    ResultFuture<std::string> result;
    bool is_timeout = false;
  };
  std::vector<Request> open;
  int asked = 0;
  bool answers_at_once = false;

  Request Take(size_t index = 0) {
    Request request = std::move(open[index]);
    open.erase(open.begin() + static_cast<ptrdiff_t>(index));
    return request;
  }
  // "n!" for record n.
  void Answer(size_t index = 0) {
    const Request request = Take(index);
    request.result.Complete(std::to_string(request.record) + "!");
  }
  void Fail(size_t index = 0) { Take(index).result.Fail(UnavailableError("the service is down")); }
};

class Asking : public AsyncFunction<int64_t, std::string> {
 public:
  explicit Asking(AskedService* service) : service_(service) {}
  void AsyncInvoke(int64_t record, ResultFuture<std::string> result) {
    ++service_->asked;
    service_->open.push_back({record, std::move(result)});
    if (service_->answers_at_once) service_->Answer(service_->open.size() - 1);
  }

 protected:
  AskedService* const service_;
};

// With an answer of its own when the service gives none; the test sends it.
class AskingWithTimeout : public Asking {
 public:
  using Asking::Asking;
  void Timeout(int64_t record, ResultFuture<std::string> result) {
    service_->open.push_back({record, std::move(result), true});
  }
};

template <class F = Asking>
auto AskingHarness(AskedService& service, AsyncOptions<std::string> asking = {}, HarnessOptions options = {}) {
  return HarnessOf<int64_t>([&](auto in) { return in.template AsyncMap<F>(asking, &service); }, options);
}

}  // namespace weir
