// Key selectors: a function of the record, or pointers to its members.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

// Selects one member.
template <class T, class M>
struct MemberSelector {
  M T::* member;
  const M& operator()(const T& record) const { return record.*member; }
};

// Selects several members: their values together are the key.
template <class T, class... M>
struct MembersSelector {
  std::tuple<M T::*...> members;
  std::tuple<M...> operator()(const T& record) const {
    return std::apply([&record](auto... member) { return std::tuple<M...>(record.*member...); }, members);
  }
};

template <class F>
  requires(!std::is_member_object_pointer_v<F>)
F MakeSelector(F function) {
  return function;
}
template <class T, class M>
MemberSelector<T, M> MakeSelector(M T::* member) {
  return {member};
}
template <class T, class M1, class M2, class... M>
MembersSelector<T, M1, M2, M...> MakeSelector(M1 T::* first, M2 T::* second, M T::*... rest) {
  return {{first, second, rest...}};
}

}  // namespace weir
