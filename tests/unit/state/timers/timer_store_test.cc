#include "weir/state/timers/timer_store.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

constexpr TimeDomain kEvent = TimeDomain::kEvent;
constexpr TimeDomain kProcessing = TimeDomain::kProcessing;

// A keyed operator with timers and one state, over keys that are numbers or their text.
class TimedOperator final : public TimerSink {
 public:
  using Fired = std::tuple<TimeDomain, int64_t, std::string>;

  explicit TimedOperator(KeyForm form) : form_(form) {
    std::vector<StateDeclaration> states = function_.keyed_states();
    states.push_back(TimerStore::Declaration());
    rows_ = NewStateBackend("hashmap")
                .value()
                ->CreateKeyedRows({.states = states, .key_form = form, .key_groups = {0, 127}, .max_parallelism = 128})
                .value();
    function_.BindStates(*rows_);
    timers_ = std::make_unique<TimerStore>(*rows_, form, 1);
  }

  // Calls f() with the key's row at hand, as an element would.
  void At(int64_t key, const std::function<void()>& f) {
    const std::string text = Text(key);
    const std::string_view view = text;
    const uint64_t hash = form_ == KeyForm::kInteger ? Hash64(static_cast<uint64_t>(key)) : HashBytes(text);
    rows_->Prepare({&key, &view}, &hash, 1, &function_.key_context().row);
    timers_->SetKey(function_.key_context().row);
    f();
    rows_->Finish();
  }
  void Register(int64_t key, TimeDomain domain, int64_t time) {
    At(key, [&] { timers_->Register(domain, time); });
  }
  void Delete(int64_t key, TimeDomain domain, int64_t time) {
    At(key, [&] { timers_->Delete(domain, time); });
  }
  std::vector<Fired> Advance(TimeDomain domain, int64_t up_to, uint32_t budget = 7) {
    fired_.clear();
    while (timers_->FireDue(domain, up_to, budget, *this)) {
    }
    return fired_;
  }
  void OnTimer(TimeDomain domain, int64_t time, char* row) override {
    function_.key_context().row = row;
    const StoredKey key = rows_->KeyOf(row);
    fired_.emplace_back(domain, time,
                        form_ == KeyForm::kInteger ? std::to_string(key.integer) : std::string(key.bytes));
    if (on_timer) on_timer(time);
  }
  std::string Write() const {
    ByteWriter out;
    rows_->Write(0, 127, out);
    return std::move(out).Take();
  }
  Status Restore(const std::string& bytes) {
    ByteReader in(bytes, "rows");
    WEIR_RETURN_IF_ERROR(rows_->Read(in));
    timers_->Rebuild();
    return OkStatus();
  }
  static std::string Text(int64_t key) { return std::to_string(key); }

  KeyedRows& rows() { return *rows_; }
  TimerStore& timers() { return *timers_; }
  ValueState<int64_t>& count() { return function_.count; }
  std::function<void(int64_t time)> on_timer;

 private:
  struct Function : StatefulFunction {
    ValueState<int64_t> count{this, "count"};
  };
  const KeyForm form_;
  Function function_;
  std::unique_ptr<KeyedRows> rows_;
  std::unique_ptr<TimerStore> timers_;
  std::vector<Fired> fired_;
};

using Fired = TimedOperator::Fired;

class TimerStoreTest : public testing::TestWithParam<KeyForm> {
 protected:
  TimedOperator op_{GetParam()};
};

TEST_P(TimerStoreTest, FiresInOrderOfTimeWhatIsDue) {
  op_.Register(1, kEvent, 50);
  op_.Register(2, kEvent, 20);
  op_.Register(1, kProcessing, 10);
  op_.Register(3, kEvent, 51);
  EXPECT_EQ(op_.Advance(kEvent, 50), (std::vector<Fired>{{kEvent, 20, "2"}, {kEvent, 50, "1"}}));
  EXPECT_EQ(op_.Advance(kProcessing, 10), (std::vector<Fired>{{kProcessing, 10, "1"}}));
  EXPECT_EQ(op_.timers().NextTime(kEvent), 51);
}

TEST_P(TimerStoreTest, KeepsOneTimerPerKeyAndTime) {
  for (int i = 0; i < 3; ++i) op_.Register(1, kEvent, 5);
  op_.Register(2, kEvent, 5);
  EXPECT_EQ(op_.Advance(kEvent, 5).size(), 2u);
}

TEST_P(TimerStoreTest, DoesNotFireWhatWasDeleted) {
  op_.Register(1, kEvent, 5);
  op_.Register(1, kEvent, 6);
  op_.Delete(1, kEvent, 5);
  op_.Delete(1, kEvent, 99);
  EXPECT_EQ(op_.Advance(kEvent, 10), (std::vector<Fired>{{kEvent, 6, "1"}}));
}

TEST_P(TimerStoreTest, FiresOnceWhatWasDeletedAndRegisteredAgain) {
  for (int i = 0; i < 5; ++i) {
    op_.Register(1, kEvent, 5);
    if (i < 4) op_.Delete(1, kEvent, 5);
  }
  EXPECT_EQ(op_.Advance(kEvent, 10).size(), 1u);
}

TEST_P(TimerStoreTest, KeepsARowOnlyWhileATimerIsPending) {
  op_.Register(1, kEvent, 5);
  EXPECT_EQ(op_.rows().row_count(), 1u);
  op_.Advance(kEvent, 5);
  EXPECT_EQ(op_.rows().row_count(), 0u);
}

TEST_P(TimerStoreTest, FiresInTurnWhatATimerRegistersForAnEarlierTimeThanTheNext) {
  op_.Register(1, kEvent, 10);
  op_.Register(2, kEvent, 30);
  op_.on_timer = [this](int64_t time) {
    if (time == 10) op_.timers().Register(kEvent, 20);
  };
  EXPECT_EQ(op_.Advance(kEvent, 30), (std::vector<Fired>{{kEvent, 10, "1"}, {kEvent, 20, "1"}, {kEvent, 30, "2"}}));
}

TEST_P(TimerStoreTest, ReturnsFromTimersThatRegisterTimersForThePast) {
  op_.Register(1, kEvent, 0);
  op_.Register(2, kEvent, 1000);
  int64_t fired = 0;
  op_.on_timer = [&](int64_t time) {
    if (++fired < 500 && time < 1000) op_.timers().Register(kEvent, time - 1);
  };
  EXPECT_TRUE(op_.timers().FireDue(kEvent, 1000, 10, op_));
  EXPECT_LE(fired, 20);
  op_.Advance(kEvent, 1000);
  EXPECT_EQ(fired, 501);
}

TEST_P(TimerStoreTest, ForgetsTheEntriesOfDeletedTimers) {
  for (int64_t i = 0; i < 30000; ++i) {
    op_.Register(i % 10, kEvent, 5000 + i % 3);
    if (i % 10 != 0) op_.Delete(i % 10, kEvent, 5000 + i % 3);
    op_.timers().Tidy();
  }
  EXPECT_EQ(op_.Advance(kEvent, 6000),
            (std::vector<Fired>{{kEvent, 5000, "0"}, {kEvent, 5001, "0"}, {kEvent, 5002, "0"}}));
}

TEST_P(TimerStoreTest, ComesBackWithTheRows) {
  op_.Register(1, kEvent, 5);
  op_.Register(1, kProcessing, 6);
  op_.Register(2, kEvent, 4);
  TimedOperator restored(GetParam());
  ASSERT_EQ(restored.Restore(op_.Write()), OkStatus());
  EXPECT_EQ(restored.Advance(kEvent, 5), (std::vector<Fired>{{kEvent, 4, "2"}, {kEvent, 5, "1"}}));
  EXPECT_EQ(restored.Advance(kProcessing, 6).size(), 1u);
}

TEST_P(TimerStoreTest, AgreesWithASetUnderRandomUse) {
  SeededRandom random(11);
  std::set<std::tuple<int64_t, std::string>> model;  // event time
  auto op = std::make_unique<TimedOperator>(GetParam());
  int64_t watermark = 0;
  for (int step = 0; step < 3000; ++step) {
    for (int i = 0; i < 20; ++i) {
      const int64_t key = static_cast<int64_t>(random.Uniform(200));
      const int64_t time = watermark - 20 + static_cast<int64_t>(random.Uniform(uint64_t{1} << random.Uniform(18)));
      if (random.Chance(0.7)) {
        op->Register(key, kEvent, time);
        model.emplace(time, TimedOperator::Text(key));
      } else if (!model.empty()) {
        const auto near = model.lower_bound({time, ""});
        if (near == model.end()) continue;
        op->Delete(std::stoll(std::get<1>(*near)), kEvent, std::get<0>(*near));
        model.erase(near);
      }
    }
    watermark += static_cast<int64_t>(random.Uniform(3000));
    std::multiset<std::tuple<int64_t, std::string>> expected, fired;
    while (!model.empty() && std::get<0>(*model.begin()) <= watermark)
      expected.insert(model.extract(model.begin()).value());
    int64_t last = std::numeric_limits<int64_t>::min();
    for (const auto& [domain, time, key] : op->Advance(kEvent, watermark, 16)) {
      ASSERT_LE(last, time) << "step " << step;
      last = time;
      fired.emplace(time, key);
    }
    ASSERT_TRUE(fired == expected) << "step " << step << ": " << fired.size() << " fired, " << expected.size()
                                   << " expected";
    if (step % 500 == 499) {
      auto restored = std::make_unique<TimedOperator>(GetParam());
      ASSERT_EQ(restored->Restore(op->Write()), OkStatus());
      op = std::move(restored);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(KeyForms, TimerStoreTest, testing::Values(KeyForm::kInteger, KeyForm::kBytes));

}  // namespace
}  // namespace weir
