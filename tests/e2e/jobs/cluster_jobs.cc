// Jobs for cluster_test.py: one that does not end, one that crashes, a program with several.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "weir/weir.h"

namespace {

// Slow enough that a job of many numbers does not end while it is looked at, fast enough that cancelling is.
int64_t Slow(int64_t value) {
  if (value % 1024 == 0) {
    timespec pause{.tv_sec = 0, .tv_nsec = 2'000'000};
    nanosleep(&pause, nullptr);
  }
  return value;
}

int64_t CrashAt3000(int64_t value) {
  if (value == 3000) {
    std::fputs("about to crash\n", stderr);
    std::raise(SIGSEGV);
  }
  return value;
}

// A process that its worker forgets.
int64_t LeaveProcessBehind(int64_t) {
  const pid_t pid = fork();
  if (pid == 0) execl("/bin/sleep", "sleep", "600", nullptr);
  return pid;
}

bool IsMultipleOf(int64_t divisor, int64_t value) { return value % divisor == 0; }

// A MiB that is really there, for each number.
int64_t TakeMemory(int64_t value) {
  static auto* const taken = new std::vector<std::string>();
  taken->emplace_back(size_t{1} << 20, 'x');
  return value;
}

// In place of what a program says to `weir`, on the descriptor between them.
int Babble(const std::string& bytes) {
  const ssize_t written = write(3, bytes.data(), bytes.size());
  return written < 0 ? 1 : pause();
}

// A field of a Protobuf message that is a message or text itself.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

// A first message, in a frame, as a program built with an older release sends it: its hello is field 1 of field `number`.
std::string OldHello(int number) {
  const std::string hello = std::string("\x08\x01", 2) + Field(2, "0.0.9") + Field(3, "elsewhere:1");
  const std::string message = Field(number, Field(1, hello));
  return std::string{static_cast<char>(message.size()), 0, 0, 0} + message;
}

// Submits a job as it does, and says what it is answered: a ProgramReply with a status, whose text is the last thing in it.
int SubmitAsOldClient() {
  const std::string request = OldHello(3);  // ProgramRequest's submit
  if (write(3, request.data(), request.size()) < 0) return 1;
  char reply[4096];
  const ssize_t length = read(3, reply, sizeof(reply));
  const std::string text(reply, length < 0 ? 0 : static_cast<size_t>(length));
  const size_t begin = text.find("the job program");
  std::fprintf(stderr, "%s\n", begin == std::string::npos ? "no answer" : text.c_str() + begin);
  return 1;
}

std::string FirstLineOf(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return "nothing";
  char line[256] = "";
  const bool has_line = std::fgets(line, sizeof(line), file) != nullptr;
  std::fclose(file);
  std::string text = has_line ? line : "";
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Ships a file by itself.
int RunShipping(weir::StreamExecutionEnvironment& env) {
  const std::string path = env.ShipFile(env.Parameters().Get("file", "", "a file that travels with the job"));
  env.FromSequence(1, 1).Map([path](int64_t) { return FirstLineOf(path) + " from " + path; }).Print();
  return env.Execute("ships").ExitCode();
}

// The first line of rules.txt, which was given to --ship.
class ReadShipped : public weir::ProcessFunction<int64_t, std::string> {
 public:
  void Open(weir::RuntimeContext& context) { line_ = FirstLineOf(context.ShippedFile("rules.txt")); }
  void ProcessElement(const int64_t&, Context&, weir::Collector<std::string>& out) { out.Collect(line_); }

 private:
  std::string line_;
};

// Submits as it should, and says hello as an older release does where it is a worker.
int RunWithOldWorker(weir::StreamExecutionEnvironment& env) {
  if (std::getenv("WEIR_TEST_SUBMITTER") == nullptr) return Babble(OldHello(1));  // FromWorker's ready
  env.FromSequence(1, 10).Print();
  return env.Execute("old worker").ExitCode();
}

int RunForks(weir::StreamExecutionEnvironment& env, const std::string& which) {
  if (which == "stays") {
    // Leaves a process behind that has its descriptors.
    if (fork() == 0) _exit(static_cast<int>(sleep(60)));
    env.FromSequence(1, 1).Print();
    return env.Execute("stays").ExitCode();
  }
  env.FromSequence(1, 1).Map(LeaveProcessBehind).Print();
  return env.Execute("forks").ExitCode();
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string which =
      env.Parameters().Get("which", "endless",
                           "endless, crash, forks, stays, exit, several, ships, hungry, waits, garbage, "
                           "endless-frame, old-client, old-worker, prints or differs");
  constexpr int64_t kMany = int64_t{1} << 60;
  if (which == "endless") {
    env.FromSequence(1, kMany).Map(Slow).Filter([](int64_t value) { return IsMultipleOf(kMany, value); }).Print();
    return env.Execute("endless").ExitCode();
  }
  if (which == "crash") {
    env.FromSequence(1, kMany)
        .Map(CrashAt3000)
        .Filter([](int64_t value) { return IsMultipleOf(kMany, value); })
        .Print();
    return env.Execute("crash").ExitCode();
  }
  if (which == "forks" || which == "stays") return RunForks(env, which);
  // Comes to no Execute().
  if (which == "waits") return pause();
  // Frames begin with their length, little-endian.
  if (which == "garbage") return Babble(std::string("\4\0\0\0\xff\xff\xff\xff", 8));
  if (which == "endless-frame") return Babble(std::string("\xff\xff\xff\xff", 4));
  if (which == "old-client") return SubmitAsOldClient();
  if (which == "old-worker") return RunWithOldWorker(env);
  if (which == "prints") {
    for (int line = 0; line < 20'000; ++line) std::printf("\x01\x02 line %d of what is no plan {[\n", line);
    env.FromSequence(1, 1).Print();
    return env.Execute("prints").ExitCode();
  }
  if (which == "hungry") {
    env.FromSequence(1, kMany).Map(TakeMemory).Filter([](int64_t value) { return IsMultipleOf(kMany, value); }).Print();
    return env.Execute("hungry").ExitCode();
  }
  if (which == "ships") return RunShipping(env);
  if (which == "reads-shipped") {
    env.FromSequence(1, 1).Process<ReadShipped>().Print();
    return env.Execute("reads-shipped").ExitCode();
  }
  if (which == "several") {
    for (int job = 1; job <= 3; ++job) {
      env.FromSequence(1, job).Print();
      const weir::JobExecutionResult result = env.Execute("job " + std::to_string(job));
      if (!result.ok()) return result.ExitCode();
      std::printf("after %s\n", result.job_name().c_str());
    }
    return 0;
  }
  if (which == "differs" && std::getenv("WEIR_TEST_SUBMITTER") != nullptr) {
    env.FromSequence(1, 10).Uid("of the submitter").Print();
    return env.Execute("differs").ExitCode();
  }
  if (which == "differs") {
    env.FromSequence(1, 10).Uid("of the worker").Print();
    return env.Execute("differs").ExitCode();
  }
  return 0;
}
