#include "weir/connectors/generator/sequence_source.h"

#include "weir/connectors/generator/generator_source.h"

namespace weir {

namespace {

struct Identity {
  int64_t operator()(int64_t number) const { return number; }
};

}  // namespace

StatusOr<std::unique_ptr<SplitEnumerator<NumberRange, std::vector<NumberRange>>>> SequenceSource::CreateEnumerator(
    const std::vector<NumberRange>* restored) const {
  return NewRangeEnumerator(numbers_, restored);
}

StatusOr<std::unique_ptr<SourceReader<int64_t, NumberRange>>> SequenceSource::CreateReader(
    const RuntimeContext& context) const {
  return std::make_unique<GeneratorReader<int64_t, Identity>>(Identity{}, 0, context.clock());
}

}  // namespace weir
