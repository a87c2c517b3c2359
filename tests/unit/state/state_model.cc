#include "tests/unit/state/state_model.h"

#include <algorithm>
#include <span>

namespace weir {

void StateModel::Split(int parallelism) {
  subtasks_.clear();
  for (int i = 0; i < parallelism; ++i) {
    Subtask subtask;
    subtask.function = std::make_unique<ModelFunction>(states_);
    subtask.groups = KeyGroupRangeOf(i, parallelism, max_parallelism_);
    subtask.rows = NewRows(*subtask.function, form_, subtask.groups, max_parallelism_, backend_);
    subtask.function->BindStates(*subtask.rows);
    subtasks_.push_back(std::move(subtask));
  }
}

void StateModel::Restart(const std::vector<std::string>& rows, const std::vector<std::vector<NativeKeyedState>>& states,
                         Content content) {
  ReadAll(rows, static_cast<int>(states.size()));
  for (size_t i = 0; i < states.size(); ++i) {
    for (const NativeKeyedState& state : states[i]) ASSERT_EQ(subtasks_[i].rows->ReadNative(state), OkStatus());
  }
  model_ = std::move(content);
}

std::string StateModel::KeyText(uint64_t number) const {
  std::string text = std::to_string(number);
  // Lengths around the 8 bytes of a word and the 15 that fit into a slot.
  if (form_ == KeyForm::kBytes && number != 0) text.append(number % 23, 'x');
  return number == 0 && form_ == KeyForm::kBytes ? std::string() : text;
}

size_t StateModel::SubtaskOf(uint64_t number) const {
  return SubtaskForKeyGroup(KeyGroupForHash(HashOf(number), max_parallelism_), static_cast<int>(subtasks_.size()),
                            max_parallelism_);
}

void StateModel::ChangeBatch(uint64_t keys, uint32_t batch) {
  std::vector<std::vector<uint64_t>> numbers(subtasks_.size());
  for (uint32_t i = 0; i < batch; ++i) {
    const uint64_t number = random_.Uniform(keys);
    numbers[SubtaskOf(number)].push_back(number);
  }
  for (size_t i = 0; i < subtasks_.size(); ++i) ChangeIn(subtasks_[i], numbers[i]);
}

void StateModel::ChangeIn(Subtask& subtask, const std::vector<uint64_t>& numbers) {
  std::vector<int64_t> integers;
  std::vector<std::string> texts;
  std::vector<uint64_t> hashes;
  for (uint64_t number : numbers) {
    integers.push_back(static_cast<int64_t>(number));
    texts.push_back(KeyText(number));
    hashes.push_back(HashOf(number));
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<char*> rows(numbers.size());
  subtask.rows->Prepare({integers.data(), views.data()}, hashes.data(), static_cast<uint32_t>(numbers.size()),
                        rows.data());
  for (size_t i = 0; i < numbers.size(); ++i) {
    const StoredKey key = subtask.rows->KeyOf(rows[i]);
    if (form_ == KeyForm::kInteger) {
      ASSERT_EQ(key.integer, integers[i]);
    } else {
      ASSERT_EQ(key.bytes, texts[i]);
    }
    subtask.function->key_context().row = rows[i];
    ChangeRow(*subtask.function, numbers[i]);
  }
  subtask.rows->Finish();
}

void StateModel::ChangeRow(ModelFunction& function, uint64_t number) {
  const std::string key = KeyText(number);
  const int64_t value = static_cast<int64_t>(random_.Uniform(1000)) + 1;
  uint64_t change = random_.Uniform(10);
  if (states_ == ModelStates::kOneNumber && change >= 2) change = change < 6 ? 1 : 5;
  switch (change) {
    case 0:  // only looked at
      function.number.Has();
      break;
    case 1:
      function.number.Update(value);
      model_[key].number = value;
      break;
    case 2:
      function.text->Update(std::to_string(value));
      model_[key].text = std::to_string(value);
      break;
    case 3:
      PutEntries(function, number, value);
      break;
    case 4:
      RemoveEntries(function, number, value);
      break;
    case 6:
      AddElements(function, number, value);
      break;
    case 7:
      ReplaceElements(function, number, value);
      break;
    case 5:
      function.number.Clear();
      if (model_.count(key) > 0) model_[key].number = 0;
      break;
    default:
      function.number.Clear();
      function.text->Clear();
      function.map->Clear();
      function.list->Clear();
      model_.erase(key);
  }
  if (model_.count(key) > 0 && model_[key] == ModelRow()) model_.erase(key);
}

void StateModel::PutEntries(ModelFunction& function, uint64_t number, int64_t value) {
  std::map<int64_t, int64_t>& model = model_[KeyText(number)].map;
  for (uint64_t left = HasLargeMap(number) ? 300 : 1; left > 0; --left) {
    const int64_t entry = HasLargeMap(number) ? static_cast<int64_t>(random_.Uniform(1500)) : value % 20;
    function.map->Put(entry, value);
    model[entry] = value;
  }
}

void StateModel::RemoveEntries(ModelFunction& function, uint64_t number, int64_t value) {
  const auto row = model_.find(KeyText(number));
  for (uint64_t left = HasLargeMap(number) ? random_.Uniform(1000) : 1; left > 0; --left) {
    const int64_t entry = HasLargeMap(number) ? static_cast<int64_t>(random_.Uniform(1500)) : value % 20;
    const bool was_there = row != model_.end() && row->second.map.erase(entry) > 0;
    EXPECT_EQ(function.map->Remove(entry), was_there);
  }
}

void StateModel::AddElements(ModelFunction& function, uint64_t number, int64_t value) {
  std::vector<int64_t>& model = model_[KeyText(number)].list;
  function.list->Add(value);
  model.push_back(value);
  if (!HasLargeList(number)) return;
  const std::vector<int64_t> more(random_.Uniform(1000), value);
  function.list->AddAll(more);
  model.insert(model.end(), more.begin(), more.end());
}

void StateModel::ReplaceElements(ModelFunction& function, uint64_t number, int64_t value) {
  std::vector<int64_t> elements(HasLargeList(number) ? random_.Uniform(1500) : random_.Uniform(3), value);
  function.list->Update(elements);
  const auto row = model_.find(KeyText(number));
  if (row != model_.end() || !elements.empty()) model_[KeyText(number)].list = std::move(elements);
}

ModelRow StateModel::RowOf(ModelFunction& function, char* row) const {
  function.key_context().row = row;
  ModelRow result;
  result.number = function.number.ValueOr(0);
  if (states_ == ModelStates::kOneNumber) return result;
  result.text = function.text->ValueOr("");
  for (auto [key, value] : *function.map) result.map[key] = value;
  const std::span<const int64_t> elements = function.list->Get();
  result.list.assign(elements.begin(), elements.end());
  EXPECT_EQ(function.list->size(), elements.size());
  return result;
}

void StateModel::ExpectAgreement() {
  std::map<std::string, ModelRow> found;
  uint64_t rows_counted = 0;
  for (Subtask& subtask : subtasks_) {
    char* rows[100];
    uint64_t walked = 0;
    for (RowCursor cursor; !cursor.done;) {
      const uint32_t count = subtask.rows->Walk(cursor, 100, rows);
      walked += count;
      for (uint32_t i = 0; i < count; ++i) {
        const StoredKey key = subtask.rows->KeyOf(rows[i]);
        const std::string text = form_ == KeyForm::kInteger ? std::to_string(key.integer) : std::string(key.bytes);
        EXPECT_TRUE(found.emplace(text, RowOf(*subtask.function, rows[i])).second) << text << " is there twice";
      }
    }
    EXPECT_EQ(walked, subtask.rows->row_count());
    rows_counted += walked;
  }
  EXPECT_EQ(rows_counted, model_.size());
  EXPECT_TRUE(found == model_) << found.size() << " keys were found, " << model_.size() << " expected";
}

void StateModel::Rescale(int parallelism) {
  std::vector<std::string> written;
  for (Subtask& subtask : subtasks_) {
    for (KeyedRows* const rows : {subtask.rows.get(), subtask.rows->pieces()}) {
      if (rows == nullptr) continue;
      ByteWriter out;
      rows->Write(static_cast<uint32_t>(subtask.groups.first), static_cast<uint32_t>(subtask.groups.last), out);
      written.push_back(std::move(out).Take());
    }
  }
  ReadAll(written, parallelism);
}

void StateModel::ReadAll(const std::vector<std::string>& written, int parallelism) {
  Split(parallelism);
  for (Subtask& subtask : subtasks_) {
    for (const std::string& bytes : written) {
      ByteReader in(bytes, "rows");
      ASSERT_EQ(subtask.rows->Read(in), OkStatus());
      ASSERT_EQ(in.Finish(), OkStatus());
    }
  }
}

void StateModel::ExpectRestored(const std::vector<std::string>& written, const std::vector<NativeKeyedState>& native,
                                const Content& content, int parallelism) {
  StateModel restored(backend_, form_, max_parallelism_, parallelism, /*seed=*/1, states_);
  restored.model_ = content;
  restored.ReadAll(written, parallelism);
  for (Subtask& subtask : restored.subtasks_) {
    for (NativeKeyedState state : native) {
      // As the coordinator deals it out.
      state.key_groups = {std::max(state.key_groups.first, subtask.groups.first),
                          std::min(state.key_groups.last, subtask.groups.last)};
      if (state.key_groups.size() <= 0) continue;
      ASSERT_EQ(subtask.rows->ReadNative(state), OkStatus());
    }
  }
  restored.ExpectAgreement();
}

void StateModel::ClearAll() {
  for (Subtask& subtask : subtasks_) subtask.rows->Clear();
  model_.clear();
}

}  // namespace weir
