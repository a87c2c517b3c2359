#include "weir/base/process/frame_channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/base/process/child_process.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Recorder final : public FrameHandler {
 public:
  void OnFrame(std::string_view frame) override {
    MutexLock lock(mutex_);
    frames_.emplace_back(frame);
    changed_.NotifyAll();
  }
  void OnDescriptor(int descriptor) override {
    MutexLock lock(mutex_);
    descriptors_.emplace_back(descriptor, frames_.size());
  }
  // Descriptors, and how many frames had come before each. After Frames.
  std::vector<std::pair<int, size_t>> Descriptors() {
    MutexLock lock(mutex_);
    return descriptors_;
  }
  void OnClosed(Status status) override {
    MutexLock lock(mutex_);
    end_ = status;
    is_closed_ = true;
    changed_.NotifyAll();
  }
  std::vector<std::string> Frames(size_t count) {
    MutexLock lock(mutex_);
    while (frames_.size() < count && !is_closed_) changed_.Wait(mutex_);
    return frames_;
  }
  Status End() {
    MutexLock lock(mutex_);
    while (!is_closed_) changed_.Wait(mutex_);
    return end_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> frames_ WEIR_GUARDED_BY(mutex_);
  std::vector<std::pair<int, size_t>> descriptors_ WEIR_GUARDED_BY(mutex_);
  bool is_closed_ WEIR_GUARDED_BY(mutex_) = false;
  Status end_ WEIR_GUARDED_BY(mutex_);
};

struct Pair {
  Pair() { EXPECT_TRUE(MakeSocketPair(ours, theirs).ok()); }
  int ours = -1;
  int theirs = -1;
};

TEST(FrameChannel, DeliversFramesWholeAndInOrder) {
  const Pair sockets;
  Recorder near;
  Recorder far;
  FrameChannel a(sockets.ours, "a", &near);
  FrameChannel b(sockets.theirs, "b", &far);
  const std::string large(3'000'000, 'x');  // more than a socket holds
  a.Send("");
  a.Send("one");
  a.Send(large);
  a.Send("last");
  EXPECT_THAT(far.Frames(4), ElementsAre("", "one", large, "last"));
  b.Send("answer");
  EXPECT_THAT(near.Frames(1), ElementsAre("answer"));
}

TEST(FrameChannel, DescriptorsComeInOrderNotAfterTheirFrames) {
  const Pair sockets;
  Recorder near, far;
  FrameChannel a(sockets.ours, "a", &near);
  FrameChannel b(sockets.theirs, "b", &far);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  a.Send("before");
  a.Send("with the reading end", ends[0]);
  a.Send(std::string(2'000'000, 'x'));
  a.Send("with the writing end", ends[1]);
  a.Send("behind");
  const std::vector<std::string> frames = far.Frames(5);
  ASSERT_EQ(frames.size(), 5u);
  EXPECT_EQ(frames[3], "with the writing end");
  const auto descriptors = far.Descriptors();
  ASSERT_EQ(descriptors.size(), 2u);
  EXPECT_LE(descriptors[0].second, 1u);
  EXPECT_LE(descriptors[1].second, 3u);
  // They are the pipe, and the first is its reading end.
  EXPECT_EQ(write(descriptors[1].first, "!", 1), 1);
  char got = 0;
  EXPECT_EQ(read(descriptors[0].first, &got, 1), 1);
  EXPECT_EQ(got, '!');
  for (const auto& [descriptor, before] : descriptors) close(descriptor);
}

TEST(FrameChannel, FlushMeansThatNothingIsLostByClosing) {
  const Pair sockets;
  Recorder far;
  FrameChannel b(sockets.theirs, "b", &far);
  {
    Recorder near;
    FrameChannel a(sockets.ours, "a", &near);
    a.Send(std::string(1'000'000, 'y'));
    a.Flush();
  }
  EXPECT_EQ(far.Frames(1).at(0).size(), 1'000'000u);
  EXPECT_TRUE(far.End().ok());
}

TEST(FrameChannel, RefusesALengthThatIsDamage) {
  const Pair sockets;
  Recorder far;
  FrameChannel b(sockets.theirs, "b", &far);
  ASSERT_EQ(write(sockets.ours, "\xff\xff\xff\xff", 4), 4);
  EXPECT_THAT(far.End().ToString(), HasSubstr("a frame of 4294967295 bytes"));
  close(sockets.ours);
}

TEST(FrameChannel, SaysThatItsSocketWasTakenAway) {
  const Pair sockets;
  Recorder recorder;
  FrameChannel channel(sockets.ours, "ours", &recorder);
  // Another file under its number, as when a program closes it and opens its own.
  ASSERT_EQ(dup3(STDERR_FILENO, sockets.ours, O_CLOEXEC), sockets.ours);
  channel.Send("to whom?");
  EXPECT_THAT(std::string(recorder.End().message()), HasSubstr("a file descriptor of Weir's own has been closed"));
  close(sockets.theirs);
}

TEST(FrameChannelDeathTest, AProgramThatClosesEverythingDiesWithTheReason) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const Pair sockets;
        Recorder recorder;
        FrameChannel channel(sockets.ours, "ours", &recorder);
        close_range(3, ~0U, 0);
        channel.Send("to nobody");
      },
      "the program may close only those that it has opened itself");
}

TEST(ChildProcess, TellsHowAChildEnded) {
  const auto end_of = [](const std::string& script) {
    Recorder end;
    auto child =
        ChildProcess::Start({.executable = "/bin/sh", .arguments = {"sh", "-c", script}, .environment = {"A=5"}},
                            [&](ExitStatus how) { end.OnFrame(how.ToString()); });
    EXPECT_TRUE(child.ok()) << child.status().ToString();
    return end.Frames(1).at(0);
  };
  EXPECT_EQ(end_of("exit $A"), "ended with exit code 5");
  EXPECT_EQ(end_of("kill -SEGV $$"), "was killed by signal 11 (SIGSEGV, Segmentation fault)");
}

TEST(ChildProcess, NamesTheProgramThatCannotBeStarted) {
  auto child =
      ChildProcess::Start({.executable = "/no/such/program", .arguments = {"x"}, .environment = {}}, [](ExitStatus) {});
  ASSERT_FALSE(child.ok());
  EXPECT_THAT(child.status().ToString(), HasSubstr("cannot start \"/no/such/program\": No such file"));
}

TEST(ChildProcess, InheritsOneSocketAndNothingElse) {
  const Pair sockets;
  Recorder frames;
  Recorder end;
  FrameChannel channel(sockets.ours, "parent", &frames);
  auto child = ChildProcess::Start({.executable = "/bin/sh",
                                    // Length 2, "hi"; then whether anything else is open.
                                    .arguments = {"sh", "-c",
                                                  "printf '\\002\\000\\000\\000hi' >&3; n=0; for f in /proc/$$/fd/*; "
                                                  "do [ -e $f ] && n=$((n + 1)); done; exit $n"},
                                    .environment = {"PATH=/usr/bin:/bin"},
                                    .inherited_fd = sockets.theirs},
                                   [&](ExitStatus how) { end.OnFrame(how.ToString()); });
  close(sockets.theirs);
  ASSERT_TRUE(child.ok());
  EXPECT_THAT(frames.Frames(1), ElementsAre("hi"));
  EXPECT_THAT(end.Frames(1), ElementsAre("ended with exit code 4"));
  EXPECT_TRUE(frames.End().ok());
}

}  // namespace
}  // namespace weir
